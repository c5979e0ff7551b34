//! The keys of one controller, opened once and held in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use model::{EntryId, IdentifierKind, LifetimeName, Personal, SubjectId};

use crate::bytes::length_prefixed;
use crate::folder::KeyFolder;
use crate::key::{COMMITMENT_BYTES, KEY_BYTES, Key};
use crate::primitives::hmac_sha256;
use crate::record::{PersonKeys, RecordError, RecordPart, WrappedRecord, record_epoch, rewrap};
use crate::replay::{ReplayKey, handle_epoch};
use crate::sealed::SealError;
use crate::subkey::{FieldClass, Subkey};

/// In whose lifetime the controller's own secrets are sealed; no manifest can declare it,
/// because no person has a key for it.
const OWN_LIFETIME: &str = "controller";
/// The version of the controller's own subkeys.
const OWN_VERSION: u16 = 1;

/// The key of one epoch: what wraps the key records of a controller's people.
#[derive(Debug)]
pub struct EpochKey {
    number: u32,
    key: Key,
    /// Derived once; the person's keys opened under this epoch share it.
    replay: Arc<ReplayKey>,
}

impl EpochKey {
    /// The epoch's number, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Binds a store to this key ([`Key::commitment`]): an epoch of one number has one key.
    #[must_use]
    pub fn commitment(&self) -> [u8; COMMITMENT_BYTES] {
        self.key.commitment()
    }

    pub(crate) fn new(number: u32, key: Key) -> Self {
        let replay = Arc::new(ReplayKey::derive(number, &key));
        Self { number, key, replay }
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) const fn replay(&self) -> &Arc<ReplayKey> {
        &self.replay
    }
}

/// Everything the key folder holds below the root key. The root key itself is needed for
/// opening only and is not kept.
#[derive(Debug)]
pub struct KeyRing {
    /// Changed by rotation, while everybody works with it.
    epochs: RwLock<Epochs>,
    index: Key,
    tombstone: Key,
    log_signing: Key,
    /// Where an epoch is looked for that another process opened.
    place: Option<KeyFolder>,
}

/// The epoch keys in memory.
#[derive(Debug)]
struct Epochs {
    /// The one with the highest number.
    current: Arc<EpochKey>,
    /// Epochs before the current one that are not closed yet, by number.
    earlier: BTreeMap<u32, Arc<EpochKey>>,
}

impl KeyRing {
    /// The new random keys of a controller, in memory only; [`crate::KeyFolder::init`]
    /// makes them last.
    #[must_use]
    pub fn generate() -> Self {
        Self::new(EpochKey::new(1, Key::random()), Vec::new(), Key::random(), Key::random(), Key::random())
    }

    pub(crate) fn new(
        current: EpochKey,
        earlier: Vec<EpochKey>,
        index: Key,
        tombstone: Key,
        log_signing: Key,
    ) -> Self {
        let earlier = earlier.into_iter().map(|epoch| (epoch.number, Arc::new(epoch))).collect();
        let epochs = RwLock::new(Epochs { current: Arc::new(current), earlier });
        Self { epochs, index, tombstone, log_signing, place: None }
    }

    /// The same, looking for epochs that it does not know in this folder.
    pub(crate) fn opened_from(self, place: KeyFolder) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The epoch under which key records are written now.
    #[must_use]
    pub fn current_epoch(&self) -> Arc<EpochKey> {
        Arc::clone(&self.read().current)
    }

    /// The epoch of this number, if its key is in memory.
    #[must_use]
    pub fn epoch(&self, number: u32) -> Option<Arc<EpochKey>> {
        let epochs = self.read();
        if number == epochs.current.number {
            return Some(Arc::clone(&epochs.current));
        }
        epochs.earlier.get(&number).cloned()
    }

    /// The numbers of the epochs in memory, in rising order.
    #[must_use]
    pub fn epochs(&self) -> Vec<u32> {
        let epochs = self.read();
        epochs.earlier.keys().copied().chain([epochs.current.number]).collect()
    }

    /// Takes an epoch key into use; from now on records are written under the one with the
    /// highest number. A number that is in memory already stays as it is.
    pub fn add_epoch(&self, epoch: Arc<EpochKey>) {
        let mut epochs = self.epochs.write().unwrap_or_else(PoisonError::into_inner);
        if epoch.number > epochs.current.number {
            let before = std::mem::replace(&mut epochs.current, epoch);
            epochs.earlier.insert(before.number, before);
        } else if epoch.number < epochs.current.number {
            epochs.earlier.entry(epoch.number).or_insert(epoch);
        }
    }

    /// Forgets the key of an epoch that was closed; its memory is zeroed when the last
    /// transaction that uses it has ended. The current epoch is never forgotten.
    pub fn forget_epoch(&self, number: u32) {
        self.epochs.write().unwrap_or_else(PoisonError::into_inner).earlier.remove(&number);
    }

    /// New keys for a person, whose entries carry replay handles of the current epoch.
    ///
    /// # Errors
    /// As [`PersonKeys::create`].
    pub fn create<'a>(
        &self,
        subject: SubjectId,
        part: RecordPart,
        lifetimes: impl IntoIterator<Item = &'a LifetimeName>,
    ) -> Result<PersonKeys, RecordError> {
        PersonKeys::create(&self.current_epoch(), subject, part, lifetimes)
    }

    /// Wraps a person's keys under the current epoch.
    #[must_use]
    pub fn wrap(&self, keys: &PersonKeys) -> WrappedRecord {
        keys.wrap(&self.current_epoch())
    }

    /// Wraps a stored key record anew under the current epoch, whatever it holds, without
    /// looking at its keys. `None`: it hangs on the current epoch already.
    ///
    /// # Errors
    /// [`RecordError::UnknownFormat`], [`RecordError::UnknownEpoch`] or [`RecordError::NotAuthentic`].
    pub fn rewrap(
        &self,
        subject: SubjectId,
        part: RecordPart,
        body: &[u8],
    ) -> Result<Option<WrappedRecord>, RecordError> {
        let (number, current) = (record_epoch(body)?, self.current_epoch());
        if number == current.number {
            return Ok(None);
        }
        let epoch = self.epoch(number).ok_or(RecordError::UnknownEpoch(number))?;
        rewrap((&epoch, &current), subject, part, body).map(Some)
    }

    /// Opens a person's stored key record, whichever epoch it hangs on.
    ///
    /// # Errors
    /// As [`PersonKeys::open`]; [`RecordError::UnknownEpoch`] when that epoch is over.
    pub fn open(&self, subject: SubjectId, part: RecordPart, body: &[u8]) -> Result<PersonKeys, RecordError> {
        let number = record_epoch(body)?;
        let epoch = self.find_epoch(number).ok_or(RecordError::UnknownEpoch(number))?;
        PersonKeys::open(&epoch, subject, part, body)
    }

    /// The epoch of this number from memory, else from the folder: another node may have opened
    /// it a moment ago. That is looked for on the spot, so that its records are read at once.
    #[must_use]
    pub fn find_epoch(&self, number: u32) -> Option<Arc<EpochKey>> {
        self.epoch(number).or_else(|| {
            let found = Arc::new(self.place.as_ref()?.epoch(number).ok().flatten()?);
            self.add_epoch(Arc::clone(&found));
            Some(found)
        })
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Epochs> {
        self.epochs.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom the entry is about, by its replay handle ([`PersonKeys::replay_handle`]).
    ///
    /// # Errors
    /// [`SealError::UnknownEpoch`] when the handle's epoch is over, [`SealError::NotAuthentic`]
    /// when it was changed or belongs to another entry, or [`SealError::UnknownAlgorithm`].
    pub fn open_replay(&self, entry: EntryId, handle: &[u8]) -> Result<SubjectId, SealError> {
        let epoch = self.epoch(handle_epoch(handle)?).ok_or(SealError::UnknownEpoch)?;
        epoch.replay().open(entry, handle)
    }

    /// The hash under which an identifier is found:
    /// `HMAC-SHA-256(index key, length-prefixed(kind, normal-form version, identifier))`.
    /// `normal` is the normal form, made under the version named.
    #[must_use]
    pub fn blind_index(&self, kind: &IdentifierKind, version: u16, normal: &Personal<String>) -> [u8; 32] {
        keyed_identifier(&self.index, kind, version, normal)
    }

    /// The hash by which a tombstone or suppression knows an identifier: the same input as
    /// [`KeyRing::blind_index`], under a key used for nothing else.
    #[must_use]
    pub fn tombstone(&self, kind: &IdentifierKind, version: u16, normal: &Personal<String>) -> [u8; 32] {
        keyed_identifier(&self.tombstone, kind, version, normal)
    }

    /// The Ed25519 seed (RFC 8032) of the key that signs the log's checkpoints.
    #[must_use]
    pub fn log_seed(&self) -> &[u8; KEY_BYTES] {
        self.log_signing.expose()
    }

    /// A subkey of the controller's own, for secrets that belong to no customer: codes of
    /// logins, accounts of staff. Derived from the index key as a person's subkeys are from
    /// theirs, in the name of nobody and of the lifetime `controller`; what it sealed is sealed
    /// again when the index key is replaced.
    #[must_use]
    pub fn own_subkey(&self, class: FieldClass) -> Subkey {
        Subkey::derive(&self.index, SubjectId::from_bytes([0; 16]), OWN_LIFETIME, OWN_VERSION, class)
    }

    pub(crate) const fn index_key(&self) -> &Key {
        &self.index
    }

    pub(crate) const fn tombstone_key(&self) -> &Key {
        &self.tombstone
    }

    pub(crate) const fn log_signing_key(&self) -> &Key {
        &self.log_signing
    }
}

#[expect(clippy::disallowed_methods, reason = "a keyed hash, like a sealed value, shows nothing of it")]
fn keyed_identifier(key: &Key, kind: &IdentifierKind, version: u16, normal: &Personal<String>) -> [u8; 32] {
    let input =
        length_prefixed(&[kind.code().as_bytes(), &version.to_be_bytes(), normal.expose().as_bytes()]);
    hmac_sha256(key.expose(), &input)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Personal<String> {
        Personal::new(text.to_owned())
    }

    #[test]
    fn an_identifier_is_found_by_its_kind_version_and_text_together() {
        let ring = KeyRing::generate();
        let (email, phone) = (IdentifierKind::email(), IdentifierKind::phone());
        let hash = ring.blind_index(&email, 1, &address("ada@example.org"));
        assert_eq!(hash, ring.blind_index(&email, 1, &address("ada@example.org")));
        assert_ne!(hash, ring.blind_index(&phone, 1, &address("ada@example.org")));
        assert_ne!(hash, ring.blind_index(&email, 2, &address("ada@example.org")));
        assert_ne!(hash, ring.blind_index(&email, 1, &address("ada@example.or")));
    }

    #[test]
    fn a_tombstone_cannot_be_matched_with_the_index_nor_with_another_controller() {
        let (ring, other) = (KeyRing::generate(), KeyRing::generate());
        let email = IdentifierKind::email();
        let ada = address("ada@example.org");
        assert_ne!(ring.tombstone(&email, 1, &ada), ring.blind_index(&email, 1, &ada));
        assert_ne!(ring.tombstone(&email, 1, &ada), other.tombstone(&email, 1, &ada));
        assert_ne!(ring.blind_index(&email, 1, &ada), other.blind_index(&email, 1, &ada));
    }

    #[test]
    fn the_controllers_own_secrets_open_for_it_alone_and_each_for_its_class() {
        let (ring, other) = (KeyRing::generate(), KeyRing::generate());
        let (totp, code) =
            (FieldClass { room: "staff", name: "totp" }, FieldClass { room: "login", name: "code" });
        let place = crate::Place { table: 1, column: 1, value: "stf_1" };
        let sealed = ring.own_subkey(totp).seal(place, &address("secret")).expect("sealed");
        assert!(ring.own_subkey(totp).open_text(place, sealed.as_bytes()).is_ok());
        assert!(ring.own_subkey(code).open_text(place, sealed.as_bytes()).is_err());
        assert!(other.own_subkey(totp).open_text(place, sealed.as_bytes()).is_err());
    }

    #[test]
    fn a_record_of_an_earlier_epoch_opens_until_its_key_is_gone() {
        let subject = SubjectId::random();
        let earlier = EpochKey::new(1, Key::random());
        let keys = PersonKeys::create(&earlier, subject, RecordPart::Person, []).expect("new keys");
        let wrapped = keys.wrap(&earlier);
        let ring = |earlier| {
            let current = EpochKey::new(2, Key::random());
            KeyRing::new(current, earlier, Key::random(), Key::random(), Key::random())
        };
        let open = |ring: KeyRing| ring.open(subject, RecordPart::Person, &wrapped.body).map(drop);
        assert_eq!(open(ring(vec![earlier])), Ok(()));
        assert_eq!(open(ring(Vec::new())), Err(RecordError::UnknownEpoch(1)));
    }

    #[test]
    fn a_record_is_wrapped_anew_under_the_newest_epoch_and_then_needs_no_other() {
        let subject = SubjectId::random();
        let ring = KeyRing::generate();
        let keys = ring.create(subject, RecordPart::Person, []).expect("new keys");
        let before = ring.wrap(&keys);
        assert_eq!(ring.rewrap(subject, RecordPart::Person, &before.body), Ok(None), "nothing to do");
        ring.add_epoch(Arc::new(EpochKey::new(2, Key::random())));
        let after = ring.rewrap(subject, RecordPart::Person, &before.body).expect("it opens").expect("moved");
        assert_eq!((after.epoch, after.body.len()), (2, before.body.len()));
        assert!(
            ring.open(subject, RecordPart::Person, &before.body).is_ok(),
            "the earlier epoch is not closed"
        );
        ring.forget_epoch(1);
        let open =
            |body: &[u8]| ring.open(subject, RecordPart::Person, body).map(|keys| keys.trace_key().is_ok());
        assert_eq!(open(&after.body), Ok(true));
        assert_eq!(open(&before.body), Err(RecordError::UnknownEpoch(1)));
        let moved = ring.rewrap(SubjectId::random(), RecordPart::Person, &after.body);
        assert_eq!(moved, Ok(None), "it hangs on the newest epoch, whoever it belongs to");
    }

    #[test]
    fn another_persons_record_is_not_wrapped_anew() {
        let ring = KeyRing::generate();
        let (ada, bob) = (SubjectId::random(), SubjectId::random());
        let record = ring.wrap(&ring.create(ada, RecordPart::Person, []).expect("new keys"));
        ring.add_epoch(Arc::new(EpochKey::new(2, Key::random())));
        let refused = Err(RecordError::NotAuthentic);
        assert_eq!(ring.rewrap(bob, RecordPart::Person, &record.body), refused);
        assert_eq!(ring.rewrap(ada, RecordPart::Evidence, &record.body), refused);
    }

    #[test]
    fn the_current_epoch_is_the_highest_and_cannot_be_forgotten() {
        let ring = KeyRing::generate();
        ring.add_epoch(Arc::new(EpochKey::new(3, Key::random())));
        ring.add_epoch(Arc::new(EpochKey::new(2, Key::random())));
        ring.forget_epoch(3);
        assert_eq!((ring.current_epoch().number(), ring.epochs()), (3, vec![1, 2, 3]));
    }

    #[test]
    fn a_key_ring_shows_no_key_in_debug_output() {
        let text = format!("{:?}", KeyRing::generate());
        assert!(text.contains("‹key›") && !text.contains('['), "{text}");
    }
}
