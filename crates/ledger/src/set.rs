//! Sets: one entry that names many people, and one person's proof of being named.

use crate::hash::{HASH_BYTES, Hash};
use crate::opening::Opening;
use crate::tree::{self, TreeError, leaf_hash};

/// The first bytes of a set file.
pub const SET_MAGIC: [u8; 7] = *b"STWDSET";

/// The version of the set file, the byte behind [`SET_MAGIC`].
pub const SET_VERSION: u8 = 1;

/// The most members of one set (2²⁶; a file of 2 GiB).
pub const SET_MEMBERS_MAX: usize = 1 << 26;

/// Magic, version, and the count in eight bytes.
const HEADER_BYTES: usize = SET_MAGIC.len() + 1 + 8;

/// The members of a set, as leaves that are noise to whoever has no opening.
///
/// INVARIANT(set-sorted): the leaves strictly rise, so that a set has one root
/// whatever the order its members came in, and nobody counts twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    leaves: Vec<Hash>,
}

/// One member's proof: it shows who opens it that the set named this person, and
/// nothing about the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetProof {
    /// The opening of this set for this person.
    pub opening: Opening,
    /// The person's leaf.
    pub leaf: Hash,
    /// Where the leaf stands among the sorted leaves.
    pub index: u64,
    /// The hashes from the leaf's sibling up to the root's child.
    pub path: Vec<Hash>,
}

/// Why a set, its file or a member's proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// The file does not start as a set file does.
    #[error("not a set file")]
    Magic,
    /// The file is of a version this program does not know.
    #[error("a set file of the unknown version {version}")]
    Version {
        /// The version byte.
        version: u8,
    },
    /// The file is not as long as its count asks for.
    #[error("the set file is cut or too long")]
    Length,
    /// More than [`SET_MEMBERS_MAX`] members.
    #[error("more than {SET_MEMBERS_MAX} members")]
    TooMany,
    /// Two equal leaves, or leaves out of order.
    #[error("leaf {position} does not rise above the one before it")]
    Order {
        /// Counted from 0.
        position: usize,
    },
    /// The person is not in the set.
    #[error("not a member of the set")]
    NotAMember,
    /// The leaf is not the person's.
    #[error("the leaf belongs to someone else")]
    Leaf,
    /// The path does not lead to the root of the set.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

impl Set {
    /// The set of these members, each given by [`Opening::tag`], in any order.
    ///
    /// Errors: [`SetError::Order`] if one comes twice, [`SetError::TooMany`].
    pub fn new(mut leaves: Vec<Hash>) -> Result<Self, SetError> {
        leaves.sort_unstable();
        Self::from_sorted(leaves)
    }

    fn from_sorted(leaves: Vec<Hash>) -> Result<Self, SetError> {
        if leaves.len() > SET_MEMBERS_MAX {
            return Err(SetError::TooMany);
        }
        let mut next = leaves.iter().skip(1);
        match leaves.iter().position(|leaf| next.next().is_some_and(|above| above <= leaf)) {
            Some(position) => Err(SetError::Order { position: position + 1 }),
            None => Ok(Self { leaves }),
        }
    }

    /// The number of members, as in the entry.
    pub fn count(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The sorted leaves.
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The RFC 6962 root over the sorted leaves, as in the entry.
    pub fn root(&self) -> Hash {
        tree::root(&self.hashes())
    }

    /// Proves that a person is a member.
    ///
    /// Errors: [`SetError::NotAMember`].
    pub fn prove(&self, opening: Opening, subject_id: &str) -> Result<SetProof, SetError> {
        let leaf = opening.tag(subject_id);
        let found = self.leaves.binary_search(&leaf);
        let index = found.map_err(|_| SetError::NotAMember)? as u64;
        let path = tree::prove_inclusion(&self.hashes(), index)?;
        Ok(SetProof { opening, leaf, index, path })
    }

    /// The bytes of the set file: [`SET_MAGIC`], [`SET_VERSION`], the count
    /// (8 bytes, big-endian), the leaves.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.leaves.len() * HASH_BYTES);
        bytes.extend_from_slice(&SET_MAGIC);
        bytes.push(SET_VERSION);
        bytes.extend_from_slice(&self.count().to_be_bytes());
        bytes.extend(self.leaves.iter().flat_map(|leaf| *leaf.as_bytes()));
        bytes
    }

    /// Reads a set file. Whoever has the entry compares root and count.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SetError> {
        let rest = bytes.strip_prefix(&SET_MAGIC).ok_or(SetError::Magic)?;
        let (version, rest) = rest.split_first().ok_or(SetError::Length)?;
        if *version != SET_VERSION {
            return Err(SetError::Version { version: *version });
        }
        let (count, rest) = rest.split_first_chunk::<8>().ok_or(SetError::Length)?;
        let (leaves, surplus) = rest.as_chunks::<HASH_BYTES>();
        if leaves.len() as u64 != u64::from_be_bytes(*count) || !surplus.is_empty() {
            return Err(SetError::Length);
        }
        Self::from_sorted(leaves.iter().copied().map(Hash::from_bytes).collect())
    }

    fn hashes(&self) -> Vec<Hash> {
        let leaves = self.leaves.iter();
        leaves.map(|leaf| leaf_hash(leaf.as_bytes())).collect()
    }
}

impl SetProof {
    /// Checks that the set with this root and count, both from the entry, names
    /// this person.
    pub fn verify(&self, subject_id: &str, root: &Hash, count: u64) -> Result<(), SetError> {
        if self.opening.tag(subject_id) != self.leaf {
            return Err(SetError::Leaf);
        }
        let leaf = leaf_hash(self.leaf.as_bytes());
        tree::verify_inclusion(&leaf, self.index, count, &self.path, root)?;
        Ok(())
    }
}
