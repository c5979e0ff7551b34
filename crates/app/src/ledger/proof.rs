//! Proofs that one entry stands in the log.

use ledger::disclosure::About;
use ledger::{Disclosure, Opening, Proof, TRACE_KEY_BYTES, VerifierKey};
use model::SubjectId;
use store::ledger::EntryRow;

use super::LedgerError;
use super::entry::EntryFacts;
use super::folder::LogFolder;

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
    let index = entry.log_index.ok_or(LedgerError::NotYet)?;
    let index = u64::try_from(index)?;
    let published = log.published(key)?.ok_or(LedgerError::NotYet)?;
    if index >= published.checkpoint.size {
        return Err(LedgerError::NotYet);
    }
    let about = person.map(|(subject, trace)| about(log, index, entry, subject, trace)).transpose()?;
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
    trace: &[u8; TRACE_KEY_BYTES],
) -> Result<About, LedgerError> {
    let facts = EntryFacts::read(&entry.body).ok_or(LedgerError::UnknownEntry { index })?;
    let Some(named) = facts.set() else {
        return Ok(About::Tag(Opening::of(trace, &entry.id.to_string())));
    };
    let id = named.id;
    let set = log.set(&id)?.ok_or(LedgerError::NotYet)?;
    let opening = Opening::of(trace, &id.to_string());
    let proof = set.prove(opening, &subject.to_string());
    proof.map(About::Set).map_err(|source| LedgerError::Set { id, source: Some(source) })
}
