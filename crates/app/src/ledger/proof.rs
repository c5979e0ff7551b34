//! Proofs that one entry stands in the log.

use ledger::disclosure::About;
use ledger::{Disclosure, Opening, Proof, TRACE_KEY_BYTES, VerifierKey};
use model::{EntryId, SubjectId};
use store::key_record::KeyPart;
use store::ledger::EntryRow;

use super::LedgerError;
use super::entry::EntryFacts;
use super::folder::LogFolder;
use crate::consent::{Look, Looked, record_look};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;

/// An entry with what opens it for one person, as [`prove_opened`] takes it.
pub struct OpenedEntry {
    /// The identity that the entry is about.
    pub subject: SubjectId,
    /// The entry.
    pub row: EntryRow,
    opening: Opening,
}

/// Finds an entry about a living person, and what opens it for them: the opening of its tag,
/// or of the set it names. Whoever asks but the person themselves leaves an entry.
///
/// # Errors
/// [`AppError::NotFound`] where the entry is not about this person, or there is none;
/// [`AppError::Erased`]; [`AppError::Denied`].
pub async fn open_entry(
    controller: &Controller,
    subject: SubjectId,
    id: EntryId,
    look: impl Into<Look>,
) -> Result<OpenedEntry, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let (look, own) = (look.into(), EntryId::random());
    let looked = controller.db.write("ledger.open_entry", move |tx| {
        let person = person::take_living(tx, &core, subject, now)?;
        let none = AppError::NotFound("entry about this person");
        let Some(row) = store::ledger::find(tx, &id)? else { return Err(none) };
        if let Looked::Refused(verdict) = record_look(tx, &in_force, &person, &look, own, now)? {
            return Ok(Looked::Refused(verdict));
        }
        for subject in person.ids() {
            if store::ledger::set_of(tx, &subject, &id)?.is_none() {
                continue;
            }
            let Some(keys) = person::open_keys(tx, &core, subject, KeyPart::Person)? else { continue };
            let opening = opening(&row, keys.trace_key()?.expose());
            return Ok(Looked::Shown(OpenedEntry { subject, row, opening }));
        }
        Err(none)
    });
    looked.await?.shown()
}

/// What opens an entry: of the set it names, else of the entry itself.
fn opening(entry: &EntryRow, trace: &[u8; TRACE_KEY_BYTES]) -> Opening {
    let set = EntryFacts::read(&entry.body).and_then(|facts| facts.set());
    let named = set.map_or_else(|| entry.id.to_string(), |set| set.id.to_string());
    Opening::of(trace, &named)
}

/// The proof of an opened entry: it shows that the entry stands in the log and is about the
/// person, and nothing about any other entry.
///
/// # Errors
/// As [`prove`].
pub fn prove_opened(log: &LogFolder, key: &VerifierKey, opened: &OpenedEntry) -> Result<Proof, LedgerError> {
    make(log, key, &opened.row, Some((&opened.subject, opened.opening)))
}

/// Whether what a disclosure opens shows that its entry is about this person: by its tag, or
/// as a member of the set it names.
#[must_use]
pub fn is_about(disclosure: &Disclosure, subject: &SubjectId) -> bool {
    let Some(facts) = EntryFacts::read(&disclosure.entry) else { return false };
    match &disclosure.about {
        None => false,
        Some(About::Tag(opening)) => facts.tag() == Some(opening.tag(&subject.to_string())),
        Some(About::Set(proof)) => {
            facts.set().is_some_and(|set| proof.verify(&subject.to_string(), &set.root, set.count).is_ok())
        }
    }
}

/// Makes the proof of a stored entry under the published checkpoint, carrying the entry. With a
/// person and their trace key it also opens the entry, or the set it names, for this person.
/// `to_string()` of it is the `.tlog-proof` file.
///
/// # Errors
/// [`LedgerError::NotYet`] before a checkpoint covers the entry, [`LedgerError::Proof`] when
/// the tiles do not give the proof, [`LedgerError::Set`] when the set does not name the person.
pub fn prove(
    log: &LogFolder,
    key: &VerifierKey,
    entry: &EntryRow,
    person: Option<(&SubjectId, &[u8; TRACE_KEY_BYTES])>,
) -> Result<Proof, LedgerError> {
    make(log, key, entry, person.map(|(subject, trace)| (subject, opening(entry, trace))))
}

fn make(
    log: &LogFolder,
    key: &VerifierKey,
    entry: &EntryRow,
    person: Option<(&SubjectId, Opening)>,
) -> Result<Proof, LedgerError> {
    let index = entry.log_index.ok_or(LedgerError::NotYet)?;
    let index = u64::try_from(index)?;
    let published = log.published(key)?.ok_or(LedgerError::NotYet)?;
    if index >= published.checkpoint.size {
        return Err(LedgerError::NotYet);
    }
    let about = person.map(|(subject, opening)| about(log, index, entry, subject, opening)).transpose()?;
    let disclosure = Disclosure { entry: entry.body.clone(), about };
    let proof = Proof::make(published.note, index, Some(&disclosure), &|path| log.read(path))?;
    // What is handed out was checked as its reader will check it.
    proof.verify_disclosed(key)?;
    Ok(proof)
}

fn about(
    log: &LogFolder,
    index: u64,
    entry: &EntryRow,
    subject: &SubjectId,
    opening: Opening,
) -> Result<About, LedgerError> {
    let facts = EntryFacts::read(&entry.body).ok_or(LedgerError::UnknownEntry { index })?;
    let Some(named) = facts.set() else {
        return Ok(About::Tag(opening));
    };
    let id = named.id;
    let set = log.set(&id)?.ok_or(LedgerError::NotYet)?;
    let proof = set.prove(opening, &subject.to_string());
    proof.map(About::Set).map_err(|source| LedgerError::Set { id, source: Some(source) })
}
