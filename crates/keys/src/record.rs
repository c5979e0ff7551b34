//! The key record: one person's keys, one per lifetime, wrapped under an epoch key.
//!
//! A person has two records: `person` with the keys of every lifetime and the trace key,
//! and `evidence` with what outlives erasure. Erasing is writing one record less, whatever
//! the volume of data that hangs on it.

use std::sync::Arc;

use model::{EntryId, LifetimeName, SubjectId};
use zeroize::Zeroizing;

use crate::bytes::{Reader, length_prefixed, push_short_text};
use crate::key::{COMMITMENT_BYTES, KEY_BYTES, Key};
use crate::keyring::EpochKey;
use crate::primitives::{NONCE_BYTES, TAG_BYTES, gcm_open, gcm_seal, random};
use crate::replay::ReplayKey;
use crate::sealed::sealed_version;
use crate::subkey::{FieldClass, Subkey};

const FORMAT: u8 = 1;
const HEADER_BYTES: usize = 1 + 4 + NONCE_BYTES;
/// Name, version, key and commitment of one entry at their longest.
const ENTRY_BYTES_MAX: usize = 1 + u8::MAX as usize + 2 + KEY_BYTES + COMMITMENT_BYTES;
/// The trace key stands under the empty name, which no lifetime can have.
const TRACE: &str = "";

/// Which of a person's two key records this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordPart {
    /// The keys of the lifetimes and the trace key; gone at erasure.
    Person,
    /// The keys of the evidence; kept for the term that law or manifest declares.
    Evidence,
}

impl RecordPart {
    /// The word that stands in the store and in the associated data.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Evidence => "evidence",
        }
    }
}

/// A key record as it is stored, with the epoch it hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedRecord {
    /// The number of the epoch whose key wraps it.
    pub epoch: u32,
    /// `format u8 ‖ epoch u32 ‖ nonce 12 ‖ ciphertext ‖ tag 16`.
    pub body: Vec<u8>,
}

/// Why a key record or a key in it is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not a key record of a format that this build knows.
    #[error("the key record has an unknown format")]
    UnknownFormat,
    /// The key folder has no key for this epoch: it is over, or the folder is an old copy.
    #[error("the key record hangs on epoch {0}, whose key is not in the key folder")]
    UnknownEpoch(u32),
    /// Changed, moved from another person or part, or wrapped under another key.
    #[error("the key record is not authentic for this person")]
    NotAuthentic,
    /// A key in it is not the one that its commitment names.
    #[error("a key of the key record does not fit its commitment")]
    Commitment,
    /// The person has no key for this lifetime, or not any more.
    #[error("there is no key for the lifetime `{0}`")]
    NoKey(LifetimeName),
    /// The record has no trace key.
    #[error("there is no trace key")]
    NoTraceKey,
    /// The record has used all 65,535 versions.
    #[error("the key record has no version left")]
    NoVersionLeft,
}

struct Entry {
    /// The lifetime's name; empty for the trace key.
    name: Box<str>,
    version: u16,
    key: Key,
}

/// The opened keys of one record, zeroed on drop. Hold them for 60 seconds at most.
pub struct PersonKeys {
    subject: SubjectId,
    part: RecordPart,
    /// INVARIANT(version-once): a version number is given to one key of a record and never
    /// again, so that a value sealed under a destroyed key is told from a damaged one.
    next_version: u16,
    /// INVARIANT(one-key): at most one entry per name.
    entries: Vec<Entry>,
    /// Of the epoch under which the record was opened or made.
    replay: Arc<ReplayKey>,
}

impl PersonKeys {
    /// New keys for a person: one per lifetime, and the trace key in the `person` part.
    /// `epoch` is the one under which they will be wrapped.
    ///
    /// # Errors
    /// [`RecordError::NoVersionLeft`] with more than 65,534 lifetimes.
    pub fn create<'a>(
        epoch: &EpochKey,
        subject: SubjectId,
        part: RecordPart,
        lifetimes: impl IntoIterator<Item = &'a LifetimeName>,
    ) -> Result<Self, RecordError> {
        let replay = Arc::clone(epoch.replay());
        let mut keys = Self { subject, part, next_version: 1, entries: Vec::new(), replay };
        if part == RecordPart::Person {
            keys.add(TRACE)?;
        }
        for lifetime in lifetimes {
            keys.ensure_lifetime(lifetime)?;
        }
        Ok(keys)
    }

    /// Whose keys they are.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Which of the person's records this is.
    #[must_use]
    pub const fn part(&self) -> RecordPart {
        self.part
    }

    /// The names of the lifetimes that have a key.
    pub fn lifetimes(&self) -> impl Iterator<Item = LifetimeName> + '_ {
        self.entries.iter().filter_map(|entry| LifetimeName::new(&entry.name).ok())
    }

    /// Whether a value sealed in this lifetime of the person lies under a key that was destroyed:
    /// the lifetime has no key, or a later one (INVARIANT(version-once)).
    #[must_use]
    pub fn has_ended(&self, lifetime: &LifetimeName, sealed: &[u8]) -> bool {
        match (self.entry(lifetime.as_str()), sealed_version(sealed)) {
            (None, _) => true,
            (Some(entry), Some(version)) => version < entry.version,
            (Some(_), None) => false,
        }
    }

    /// Whether no key is left, so that the record can be deleted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives the lifetime a new random key if it has none, and says whether it did; then
    /// the record has to be stored again.
    ///
    /// # Errors
    /// [`RecordError::NoVersionLeft`].
    pub fn ensure_lifetime(&mut self, lifetime: &LifetimeName) -> Result<bool, RecordError> {
        if self.entry(lifetime.as_str()).is_some() {
            return Ok(false);
        }
        self.add(lifetime.as_str()).map(|()| true)
    }

    /// Destroys the lifetime's key and says whether there was one. It takes effect when the
    /// record is stored in place of the old one.
    pub fn end_lifetime(&mut self, lifetime: &LifetimeName) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| &*entry.name != lifetime.as_str());
        self.entries.len() < before
    }

    /// Destroys every key, the trace key included, but those of the lifetimes that must
    /// stay (`duty` kinds, `case`), and returns the names of the lifetimes that ended.
    pub fn end_all_but(&mut self, kept: &[LifetimeName]) -> Vec<LifetimeName> {
        let stays = |entry: &Entry| kept.iter().any(|name| name.as_str() == &*entry.name);
        let ended = self.entries.iter().filter(|entry| !stays(entry));
        let ended = ended.filter_map(|entry| LifetimeName::new(&entry.name).ok()).collect();
        self.entries.retain(stays);
        ended
    }

    /// The subkey of a lifetime for one field class.
    ///
    /// # Errors
    /// [`RecordError::NoKey`] when the lifetime has ended or never began.
    pub fn subkey(&self, lifetime: &LifetimeName, class: FieldClass) -> Result<Subkey, RecordError> {
        let entry = self.entry(lifetime.as_str()).ok_or_else(|| RecordError::NoKey(lifetime.clone()))?;
        Ok(self.derive(entry, class))
    }

    /// The key of a lifetime, for subkeys that are made as they are needed.
    ///
    /// # Errors
    /// As [`PersonKeys::subkey`].
    pub fn lifetime_key(&self, lifetime: &LifetimeName) -> Result<LifetimeKey, RecordError> {
        let entry = self.entry(lifetime.as_str()).ok_or_else(|| RecordError::NoKey(lifetime.clone()))?;
        let (key, name) = (Key::from_bytes(entry.key.expose()), entry.name.clone());
        Ok(LifetimeKey { key, subject: self.subject, name, version: entry.version })
    }

    /// The trace key, for the ledger's `r = HMAC(trace key, entry or set id)`.
    ///
    /// # Errors
    /// [`RecordError::NoTraceKey`] in the evidence part and after erasure.
    pub fn trace_key(&self) -> Result<&Key, RecordError> {
        self.entry(TRACE).map(|entry| &entry.key).ok_or(RecordError::NoTraceKey)
    }

    /// The subkey of the trace key for one field class, for sealed details of entries.
    ///
    /// # Errors
    /// As [`PersonKeys::trace_key`].
    pub fn trace_subkey(&self, class: FieldClass) -> Result<Subkey, RecordError> {
        self.entry(TRACE).map(|entry| self.derive(entry, class)).ok_or(RecordError::NoTraceKey)
    }

    /// The replay handle of an entry about this person: the subject id sealed under the
    /// epoch's replay key, for [`crate::KeyRing::open_replay`]. It needs no key of the
    /// person's own, so the entry of an erasure has one too.
    ///
    /// `algorithm u8 = 1 ‖ epoch u32 ‖ nonce 12 ‖ ciphertext 16 ‖ tag 16`; two handles of one
    /// person have nothing in common but algorithm and epoch.
    #[must_use]
    pub fn replay_handle(&self, entry: EntryId) -> Vec<u8> {
        self.replay.seal(entry, self.subject)
    }

    /// Wraps the record under an epoch key, with a fresh random nonce.
    #[must_use]
    pub fn wrap(&self, epoch: &EpochKey) -> WrappedRecord {
        self.wrap_with_nonce(epoch, random())
    }

    /// Opens a stored record of this person and part.
    ///
    /// # Errors
    /// [`RecordError::UnknownFormat`], [`RecordError::UnknownEpoch`] when it hangs on
    /// another epoch, [`RecordError::NotAuthentic`] or [`RecordError::Commitment`].
    pub fn open(
        epoch: &EpochKey,
        subject: SubjectId,
        part: RecordPart,
        body: &[u8],
    ) -> Result<Self, RecordError> {
        let opened = unwrapped(epoch, subject, part, body)?;
        Self::parse(epoch, subject, part, &opened)
    }

    pub(crate) fn wrap_with_nonce(&self, epoch: &EpochKey, nonce: [u8; NONCE_BYTES]) -> WrappedRecord {
        let length = 2 + self.entries.len() * ENTRY_BYTES_MAX;
        wrapped(epoch, self.subject, self.part, nonce, length, |body| {
            body.extend_from_slice(&self.next_version.to_be_bytes());
            for entry in &self.entries {
                push_short_text(body, &entry.name);
                body.extend_from_slice(&entry.version.to_be_bytes());
                body.extend_from_slice(entry.key.expose());
                body.extend_from_slice(&entry.key.commitment());
            }
        })
    }

    fn parse(
        epoch: &EpochKey,
        subject: SubjectId,
        part: RecordPart,
        opened: &Zeroizing<Vec<u8>>,
    ) -> Result<Self, RecordError> {
        let mut reader = Reader::new(opened);
        let next_version = reader.u16().ok_or(RecordError::UnknownFormat)?;
        let mut entries = Vec::new();
        while !reader.is_empty() {
            let name = reader.short_text().ok_or(RecordError::UnknownFormat)?;
            let version = reader.u16().ok_or(RecordError::UnknownFormat)?;
            let key = reader.array().ok_or(RecordError::UnknownFormat)?;
            let commitment = reader.array().ok_or(RecordError::UnknownFormat)?;
            let key = Key::committed(key, commitment).ok_or(RecordError::Commitment)?;
            entries.push(Entry { name: name.into(), version, key });
        }
        Ok(Self { subject, part, next_version, entries, replay: Arc::clone(epoch.replay()) })
    }

    fn add(&mut self, name: &str) -> Result<(), RecordError> {
        let version = self.next_version;
        self.next_version = version.checked_add(1).ok_or(RecordError::NoVersionLeft)?;
        self.entries.push(Entry { name: name.into(), version, key: Key::random() });
        Ok(())
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| &*entry.name == name)
    }

    fn derive(&self, entry: &Entry, class: FieldClass) -> Subkey {
        Subkey::derive(&entry.key, self.subject, &entry.name, entry.version, class)
    }
}

/// The key of one lifetime of a person, zeroed on drop. Hold it no longer than the record.
#[derive(Debug)]
pub struct LifetimeKey {
    key: Key,
    subject: SubjectId,
    name: Box<str>,
    version: u16,
}

impl LifetimeKey {
    /// The subkey for one field class, as [`PersonKeys::subkey`] gives it.
    #[must_use]
    pub fn subkey(&self, class: FieldClass) -> Subkey {
        Subkey::derive(&self.key, self.subject, &self.name, self.version, class)
    }
}

/// The epoch that a stored key record hangs on, read without opening it.
///
/// # Errors
/// [`RecordError::UnknownFormat`].
pub fn record_epoch(body: &[u8]) -> Result<u32, RecordError> {
    let mut reader = Reader::new(body);
    match (reader.byte(), reader.u32()) {
        (Some(FORMAT), Some(epoch)) => Ok(epoch),
        _ => Err(RecordError::UnknownFormat),
    }
}

/// Wraps what a stored record holds under another epoch's key, without looking at it: the bytes
/// are authentic, and each key keeps its commitment.
pub(crate) fn rewrap(
    (from, to): (&EpochKey, &EpochKey),
    subject: SubjectId,
    part: RecordPart,
    body: &[u8],
) -> Result<WrappedRecord, RecordError> {
    let opened = unwrapped(from, subject, part, body)?;
    Ok(wrapped(to, subject, part, random(), opened.len(), |out| out.extend_from_slice(&opened)))
}

/// The entries of a stored record, in the clear.
fn unwrapped(
    epoch: &EpochKey,
    subject: SubjectId,
    part: RecordPart,
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, RecordError> {
    let number = record_epoch(body)?;
    if number != epoch.number() {
        return Err(RecordError::UnknownEpoch(number));
    }
    let mut reader = Reader::new(body.get(5..).unwrap_or_default());
    let nonce = reader.array().ok_or(RecordError::NotAuthentic)?;
    let associated = associated(subject, part, number);
    gcm_open(epoch.key().expose(), nonce, &associated, reader.rest()).ok_or(RecordError::NotAuthentic)
}

/// A record around entries that `fill` writes; they have at most `length` bytes, so that the
/// buffer never grows while it holds keys in the clear and leaves no copy behind.
#[expect(clippy::expect_used, reason = "a record of at most 65,535 keys is far below 64 GiB")]
fn wrapped(
    epoch: &EpochKey,
    subject: SubjectId,
    part: RecordPart,
    nonce: [u8; NONCE_BYTES],
    length: usize,
    fill: impl FnOnce(&mut Vec<u8>),
) -> WrappedRecord {
    let mut body = Vec::with_capacity(HEADER_BYTES + length + TAG_BYTES);
    body.push(FORMAT);
    body.extend_from_slice(&epoch.number().to_be_bytes());
    body.extend_from_slice(&nonce);
    fill(&mut body);
    let associated = associated(subject, part, epoch.number());
    gcm_seal(epoch.key().expose(), nonce, &associated, &mut body, HEADER_BYTES).expect("short enough");
    WrappedRecord { epoch: epoch.number(), body }
}

fn associated(subject: SubjectId, part: RecordPart, epoch: u32) -> Vec<u8> {
    length_prefixed(&[
        b"steward/key-record/v1",
        subject.to_string().as_bytes(),
        part.code().as_bytes(),
        &epoch.to_be_bytes(),
    ])
}

impl std::fmt::Debug for PersonKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "‹{} keys of {}›", self.entries.len(), self.subject)
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
