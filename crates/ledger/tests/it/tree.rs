//! The Merkle tree, against the definitions of RFC 6962 written out again.

use ledger::tree::{
    TreeError, empty_root, leaf_hash, node_hash, prove_consistency, prove_inclusion, root,
    verify_consistency, verify_inclusion,
};
use ledger::{Hash, TiledTree};
use proptest::prelude::*;

use crate::support::{MemoryLog, entry};

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|index| leaf_hash(&entry(index))).collect()
}

/// PATH of RFC 6962, section 2.1.1, word for word.
fn path_of_the_rfc(m: usize, d: &[Hash]) -> Vec<Hash> {
    if d.len() == 1 {
        return Vec::new();
    }
    let k = (1..).map(|e| 1 << e).find(|p| *p >= d.len()).unwrap() / 2;
    if m < k {
        let mut path = path_of_the_rfc(m, &d[..k]);
        path.push(root(&d[k..]));
        path
    } else {
        let mut path = path_of_the_rfc(m - k, &d[k..]);
        path.push(root(&d[..k]));
        path
    }
}

/// SUBPROOF of RFC 6962, section 2.1.2, word for word.
fn subproof_of_the_rfc(m: usize, d: &[Hash], complete: bool) -> Vec<Hash> {
    let n = d.len();
    if m == n {
        return if complete { Vec::new() } else { vec![root(d)] };
    }
    let k = (1..).map(|e| 1 << e).find(|p| *p >= n).unwrap() / 2;
    if m <= k {
        let mut proof = subproof_of_the_rfc(m, &d[..k], complete);
        proof.push(root(&d[k..]));
        proof
    } else {
        let mut proof = subproof_of_the_rfc(m - k, &d[k..], false);
        proof.push(root(&d[..k]));
        proof
    }
}

#[test]
fn the_known_hashes_of_the_field_come_out() {
    assert_eq!(empty_root().to_string(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    // SHA-256 of a zero byte: the leaf without content (RFC 6962 test vectors).
    let hex: String = leaf_hash(b"").as_bytes().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

#[test]
fn roots_follow_the_definition() {
    let l = leaves(5);
    let left = node_hash(&node_hash(&l[0], &l[1]), &node_hash(&l[2], &l[3]));
    assert_eq!(root(&l[..0]), empty_root());
    assert_eq!(root(&l[..1]), l[0]);
    assert_eq!(root(&l[..3]), node_hash(&node_hash(&l[0], &l[1]), &l[2]));
    assert_eq!(root(&l), node_hash(&left, &l[4]));
}

#[test]
fn every_proof_of_every_small_tree_is_the_one_of_the_rfc_and_verifies() {
    let all = leaves(40);
    for size in 1..=40 {
        let tree = &all[..size];
        for index in 0..size {
            let path = prove_inclusion(tree, index as u64).unwrap();
            assert_eq!(path, path_of_the_rfc(index, tree));
            verify_inclusion(&tree[index], index as u64, size as u64, &path, &root(tree)).unwrap();
        }
        for old in 1..=size {
            let path = prove_consistency(tree, old as u64).unwrap();
            assert_eq!(path, subproof_of_the_rfc(old, tree, true), "{old} {size}");
            let (old_root, new_root) = (root(&tree[..old]), root(tree));
            verify_consistency(old as u64, size as u64, &old_root, &new_root, &path).unwrap();
        }
    }
}

#[test]
fn every_changed_proof_of_a_small_tree_is_refused() {
    let all = leaves(24);
    let wrong = Hash::of(b"wrong");
    for size in 1..=24u64 {
        let tree = &all[..size as usize];
        let whole = root(tree);
        for index in 0..size {
            let leaf = &tree[index as usize];
            let path = prove_inclusion(tree, index).unwrap();
            for changed in changes(&path, wrong) {
                assert!(verify_inclusion(leaf, index, size, &changed, &whole).is_err());
            }
            assert!(verify_inclusion(&wrong, index, size, &path, &whole).is_err());
            assert!(verify_inclusion(leaf, size, size, &path, &whole).is_err());
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &path, &whole).is_err());
            }
        }
        for old in 1..size {
            let old_root = root(&tree[..old as usize]);
            let path = prove_consistency(tree, old).unwrap();
            for changed in changes(&path, wrong) {
                assert!(verify_consistency(old, size, &old_root, &whole, &changed).is_err());
            }
            assert!(verify_consistency(old, size, &wrong, &whole, &path).is_err());
            assert!(verify_consistency(old, size, &old_root, &wrong, &path).is_err());
        }
    }
}

/// A hash replaced, one missing, one too many.
fn changes(path: &[Hash], wrong: Hash) -> Vec<Vec<Hash>> {
    let mut changed = Vec::new();
    for position in 0..path.len() {
        let mut replaced = path.to_vec();
        replaced[position] = wrong;
        changed.push(replaced);
        let mut shorter = path.to_vec();
        shorter.remove(position);
        changed.push(shorter);
    }
    let mut longer = path.to_vec();
    longer.push(wrong);
    changed.push(longer);
    changed
}

#[test]
fn what_lies_beyond_the_tree_is_refused() {
    let l = leaves(3);
    let beyond = |index| Err(TreeError::Beyond { index, size: 3 });
    assert_eq!(prove_inclusion(&l, 3), beyond(3));
    assert_eq!(prove_consistency(&l, 4), beyond(4));
    let (old, new) = (root(&l), root(&l));
    assert!(verify_consistency(4, 3, &old, &new, &[]).is_err());
    assert_eq!(prove_consistency(&l, 0), Ok(Vec::new()));
    assert_eq!(verify_consistency(0, 3, &empty_root(), &new, &[]), Ok(()));
    assert_eq!(verify_consistency(3, 3, &old, &new, &[]), Ok(()));
}

#[test]
fn tiles_give_the_same_proofs_as_the_leaves() {
    let size = 70_000;
    let log = MemoryLog::grown(size, 9_973);
    let all = leaves(size);
    let read = log.read();
    let mut tree = TiledTree::new(size, &read);
    assert_eq!(tree.root().unwrap(), root(&all));
    assert_eq!(log.tail.root(), root(&all));
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let path = tree.prove_inclusion(index).unwrap();
        assert_eq!(path, prove_inclusion(&all, index).unwrap(), "{index}");
    }
    for old in [1, 2, 255, 256, 257, 65_536, 65_537, 69_999, 70_000] {
        let path = tree.prove_consistency(old).unwrap();
        assert_eq!(path, prove_consistency(&all, old).unwrap(), "{old}");
    }
    assert!(tree.prove_inclusion(size).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tiles_prove_any_entry_and_any_growth_of_any_log(
        size in 1u64..2_000, index in 0u64..2_000, old in 1u64..2_000, step in 1u64..700,
    ) {
        let (index, old) = (index % size, old % size + 1);
        let log = MemoryLog::grown(size, step);
        let read = log.read();
        let all = leaves(size);
        let mut tree = TiledTree::new(size, &read);
        let whole = tree.root().unwrap();
        prop_assert_eq!(whole, root(&all));
        let path = tree.prove_inclusion(index).unwrap();
        prop_assert_eq!(verify_inclusion(&all[index as usize], index, size, &path, &whole), Ok(()));
        let path = tree.prove_consistency(old).unwrap();
        let old_root = root(&all[..old as usize]);
        prop_assert_eq!(verify_consistency(old, size, &old_root, &whole, &path), Ok(()));
    }
}
