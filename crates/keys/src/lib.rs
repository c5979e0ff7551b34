//! Keys per person and lifetime, sealing, the key folder and keyed hashes.
//!
//! The way down: a root key wraps the epoch keys and the controller's own keys in the
//! [`KeyFolder`]; an epoch key wraps each person's key record ([`PersonKeys`]); a key of
//! that record gives a [`Subkey`] per field class, and the subkey seals values at a
//! [`Place`]. Whatever stands above can be destroyed without asking what hangs on it.
//!
//! Beside `ledger` this is the only crate that names a library of ciphers and hashes.
//! It never logs, prints or clones a secret. `docs/formats/keys.md` fixes every byte.

mod bytes;
mod folder;
mod keeper;
mod key;
mod key_file;
mod keyring;
mod password;
mod primitives;
mod record;
mod replay;
mod sealed;
mod subkey;
mod token;
mod totp;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod wycheproof;

pub use folder::{FolderError, KeyFolder};
pub use keeper::{Keeper, KeeperError};
pub use key::{COMMITMENT_BYTES, KEY_BYTES, Key};
pub use key_file::KeyFileFault;
pub use keyring::{EpochKey, KeyRing};
pub use password::{hash_password, is_password};
pub use primitives::{constant_time_eq, hmac_sha256, sha256};
pub use record::{LifetimeKey, PersonKeys, RecordError, RecordPart, WrappedRecord, record_epoch};
pub use sealed::{Place, SEALED_HEAD_BYTES, SealError, Sealed};
pub use subkey::{FieldClass, Subkey};
pub use token::{api_key_hash, form_token, random_digits, random_token, session_hash};
pub use totp::{TOTP_STEP_SECONDS, totp_code, totp_secret, totp_step};
