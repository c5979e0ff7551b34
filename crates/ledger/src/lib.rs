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
