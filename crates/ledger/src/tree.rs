//! The Merkle tree of RFC 6962: hashes, roots, and proofs made and verified.

use crate::hash::Hash;

/// Why a proof could not be made or does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The entry or the smaller tree does not lie within the tree.
    #[error("{index} lies beyond a tree of {size} entries")]
    Beyond {
        /// The index of the entry, or the size of the smaller tree.
        index: u64,
        /// The number of entries in the tree.
        size: u64,
    },
    /// A proof has too many or too few hashes for its tree.
    #[error("the proof has the wrong number of hashes")]
    Length,
    /// The hashes of a proof lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// A complete subtree: the leaves `index << height .. (index + 1) << height`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// 0 for a leaf.
    pub(crate) height: u32,
    /// Counted from 0 among the nodes of this height.
    pub(crate) index: u64,
}

/// The hash of a leaf: SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], entry])
}

/// The hash of a node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of_parts(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without entries: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    Hash::of(&[])
}

/// The root of the tree over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root(left), &root(right))
        }
    }
}

/// Proves that the leaf at `index` lies in the tree over `leaves`: the hashes
/// from the leaf's sibling up to the root's child (RFC 6962, section 2.1.1).
pub fn prove_inclusion(leaves: &[Hash], index: u64) -> Result<Vec<Hash>, TreeError> {
    inclusion_from(index, leaves.len() as u64, &mut |node| node_of(leaves, node))
}

/// Proves that the tree over the first `old_size` of `leaves` was only appended
/// to (RFC 6962, section 2.1.2).
pub fn prove_consistency(leaves: &[Hash], old_size: u64) -> Result<Vec<Hash>, TreeError> {
    consistency_from(old_size, leaves.len() as u64, &mut |node| node_of(leaves, node))
}

/// Checks a proof of inclusion (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: &Hash,
) -> Result<(), TreeError> {
    if index >= size {
        return Err(TreeError::Beyond { index, size });
    }
    let (mut position, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(TreeError::Length);
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(TreeError::Length);
    }
    same_root(&hash, root)
}

/// Checks a proof of consistency between two trees (RFC 9162, section 2.1.4.2).
pub fn verify_consistency(
    old_size: u64,
    new_size: u64,
    old_root: &Hash,
    new_root: &Hash,
    path: &[Hash],
) -> Result<(), TreeError> {
    if old_size > new_size {
        return Err(TreeError::Beyond { index: old_size, size: new_size });
    }
    if old_size == 0 || old_size == new_size {
        if !path.is_empty() {
            return Err(TreeError::Length);
        }
        let expected = if old_size == 0 { &empty_root() } else { new_root };
        return same_root(old_root, expected);
    }
    let (mut position, mut last) = (old_size - 1, new_size - 1);
    while position & 1 == 1 {
        position >>= 1;
        last >>= 1;
    }
    let (start, rest) = if old_size.is_power_of_two() {
        (old_root, path)
    } else {
        path.split_first().ok_or(TreeError::Length)?
    };
    let (mut old, mut new) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return Err(TreeError::Length);
        }
        if position & 1 == 1 || position == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(TreeError::Length);
    }
    same_root(&old, old_root)?;
    same_root(&new, new_root)
}

/// The proof of inclusion, from whatever knows the hashes of complete subtrees.
pub(crate) fn inclusion_from<E: From<TreeError>>(
    index: u64,
    size: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if index >= size {
        return Err(TreeError::Beyond { index, size }.into());
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_from(middle, end, node)?);
            end = middle;
        } else {
            path.push(range_from(start, middle, node)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof of consistency, from whatever knows the hashes of complete subtrees.
pub(crate) fn consistency_from<E: From<TreeError>>(
    old_size: u64,
    size: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if old_size > size {
        return Err(TreeError::Beyond { index: old_size, size }.into());
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while old_size != 0 && old_size != end {
        let middle = start + split(end - start);
        if old_size <= middle {
            path.push(range_from(middle, end, node)?);
            end = middle;
        } else {
            path.push(range_from(start, middle, node)?);
            start = middle;
        }
    }
    // The whole old tree is known to whoever verifies; a part of it is not.
    if start > 0 {
        path.push(range_from(start, end, node)?);
    }
    path.reverse();
    Ok(path)
}

/// The hash over the leaves `start..end`, which are not empty and start at a
/// multiple of the next power of two of their number.
pub(crate) fn range_from<E>(
    start: u64,
    end: u64,
    node: &mut impl FnMut(Node) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let length = end - start;
    if length.is_power_of_two() {
        let height = length.trailing_zeros();
        return node(Node { height, index: start >> height });
    }
    let middle = start + split(length);
    let left = range_from(start, middle, node)?;
    let right = range_from(middle, end, node)?;
    Ok(node_hash(&left, &right))
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (63 - (length - 1).leading_zeros())
}

fn node_of(leaves: &[Hash], node: Node) -> Result<Hash, TreeError> {
    let start = node.index << node.height;
    let end = start + (1 << node.height);
    match leaves.get(start as usize..end as usize) {
        Some(range) => Ok(root(range)),
        None => Err(TreeError::Beyond { index: end, size: leaves.len() as u64 }),
    }
}

fn same_root(computed: &Hash, expected: &Hash) -> Result<(), TreeError> {
    if computed == expected { Ok(()) } else { Err(TreeError::Root) }
}
