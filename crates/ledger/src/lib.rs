//! The tamper-evident log: an RFC 6962 tree in C2SP tiles, signed checkpoints,
//! sets, and proofs that anybody can check offline.
//!
//! Everything here is pure: bytes in, bytes out. The crate never knows what an
//! entry means, opens no file (it is handed a [`Read`]), knows no clock and makes
//! no randomness. Formats: `docs/formats/ledger.md`. Specifications:
//! c2sp.org/tlog-tiles, tlog-checkpoint, signed-note, tlog-proof; RFC 6962; RFC 8785.
//!
//! | module | what it is for |
//! |---|---|
//! | [`canonical`] | the bytes of an entry |
//! | [`tree`] | hashes, roots, inclusion and consistency proofs |
//! | [`tile`] | names and contents of tiles and entry bundles |
//! | [`tail`] | appending: from entries to the files that must be written |
//! | [`tiled`] | proofs made from the tiles of a log |
//! | [`note`], [`checkpoint`] | signatures, and the signed head of a log |
//! | [`opening`], [`set`] | whom an entry is about, unlinkably; many at once |
//! | [`proof`], [`disclosure`] | the `.tlog-proof` file and what it carries |
//! | [`verify`] | a whole log recomputed from its files alone |
//!
//! The whole way of an entry:
//!
//! ```
//! use std::collections::HashMap;
//! use ledger::disclosure::About;
//! use ledger::{Checkpoint, Disclosure, LogCheck, Opening, Proof, SignerKey, Tail};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SignerKey::from_seed("ledger.example/shop", &[7; 32])?;
//! let opening = Opening::of(&[1; 32], "ent_1"); // from the person's trace key
//! let value = serde_json::json!({"id": "ent_1", "tag": opening.tag("sub_1").to_string()});
//! let entry = ledger::canonical::encode_entry(&value)?;
//!
//! // The sequencer writes the files, then the signed head.
//! let step = Tail::empty().append(&[&entry])?;
//! let mut files: HashMap<String, Vec<u8>> = HashMap::new();
//! for file in step.files {
//!     files.insert(file.path.to_string(), file.bytes);
//! }
//! let head = Checkpoint::new("ledger.example/shop", step.tail.size(), step.tail.root());
//! let note = head.sign(&key)?;
//! files.insert(ledger::CHECKPOINT_PATH.to_owned(), note.to_string().into_bytes());
//! let read = |path: &str| Ok(files.get(path).cloned());
//!
//! // Anybody with the files checks all of it.
//! let check = LogCheck { read: &read, key: key.verifier(), known: &[] };
//! check.run(&mut |_index, _entry| Ok(()), &mut |_progress| {})?;
//!
//! // The person checks the one entry, offline.
//! let disclosure = Disclosure { entry, about: Some(About::Tag(opening)) };
//! let file = Proof::make(note, 0, Some(&disclosure), &read)?.to_string();
//! let (_, told) = Proof::parse(file.as_bytes())?.verify_disclosed(key.verifier())?;
//! let entry = ledger::canonical::parse_entry(&told.entry)?;
//! if let Some(About::Tag(opening)) = told.about {
//!     assert_eq!(entry["tag"], opening.tag("sub_1").to_string());
//! }
//! # Ok(())
//! # }
//! ```

pub mod canonical;
pub mod checkpoint;
pub mod disclosure;
mod encoding;
mod hash;
pub mod note;
pub mod opening;
pub mod proof;
pub mod set;
mod source;
pub mod tail;
pub mod tile;
pub mod tiled;
pub mod tree;
pub mod verify;

pub use checkpoint::Checkpoint;
pub use disclosure::Disclosure;
pub use hash::{HASH_BYTES, Hash, HashError};
pub use note::{Note, SignerKey, VerifierKey};
pub use opening::{Opening, TRACE_KEY_BYTES};
pub use proof::Proof;
pub use set::{Set, SetProof};
pub use source::{CHECKPOINT_PATH, FileError, Read, read_entry};
pub use tail::Tail;
pub use tile::{TileFile, TilePath};
pub use tiled::TiledTree;
pub use verify::LogCheck;
