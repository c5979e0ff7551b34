//! Tags and sets: who can tell whom an entry is about, and who cannot.

use ledger::set::SetError;
use ledger::{Hash, Opening, Set};
use proptest::prelude::*;

const SET_ID: &str = "set_00000000000000000000000001";

fn subject(number: u32) -> (String, [u8; 32]) {
    let key = *Hash::of(&number.to_be_bytes()).as_bytes();
    (format!("sub_{number:026}"), key)
}

fn leaf(number: u32) -> Hash {
    let (id, key) = subject(number);
    Opening::of(&key, SET_ID).tag(&id)
}

fn set(count: u32) -> Set {
    Set::new((0..count).map(leaf).collect()).unwrap()
}

#[test]
fn two_entries_about_one_person_share_nothing() {
    let (id, key) = subject(1);
    let one = Opening::of(&key, "ent_00000000000000000000000001");
    let two = Opening::of(&key, "ent_00000000000000000000000002");
    assert_ne!(one, two);
    assert_ne!(one.tag(&id), two.tag(&id));
    assert_ne!(one.tag(&id), one.tag(&subject(2).0));
    assert_eq!(one.tag(&id), one.to_string().parse::<Opening>().unwrap().tag(&id));
    assert_eq!(format!("{one:?}"), "Opening(…)");
}

#[test]
fn a_tag_is_what_another_program_computes() {
    // python3 -c "import hmac,base64; r=hmac.digest(b'k'*32,b'ent_1','sha256');
    //             print(base64.b64encode(hmac.digest(r,b'sub_1','sha256')))"
    let tag = Opening::of(&[b'k'; 32], "ent_1").tag("sub_1");
    assert_eq!(tag.to_string(), "RtlayKeJSxA7I5CesHkL9r29uTzWnU/lqA1iyZffzXI=");
}

#[test]
fn every_member_can_prove_it_and_nobody_else_can() {
    for count in [1, 2, 3, 7, 8, 100] {
        let set = set(count);
        for number in 0..count {
            let (id, key) = subject(number);
            let proof = set.prove(Opening::of(&key, SET_ID), &id).unwrap();
            proof.verify(&id, &set.root(), set.count()).unwrap();
            let other = subject(number + 1).0;
            assert_eq!(proof.verify(&other, &set.root(), set.count()), Err(SetError::Leaf));
            assert!(proof.verify(&id, &Hash::of(b"other"), set.count()).is_err());
            assert!(proof.verify(&id, &set.root(), proof.index).is_err());
        }
        let (id, key) = subject(count);
        let stranger = set.prove(Opening::of(&key, SET_ID), &id);
        assert_eq!(stranger, Err(SetError::NotAMember));
    }
}

#[test]
fn a_member_who_changes_the_proof_is_refused() {
    let set = set(9);
    let (id, key) = subject(4);
    let proof = set.prove(Opening::of(&key, SET_ID), &id).unwrap();
    let mut moved = proof.clone();
    moved.index = (moved.index + 1) % 9;
    assert!(moved.verify(&id, &set.root(), 9).is_err());
    let mut opened = proof.clone();
    opened.opening = Opening::of(&key, "set_00000000000000000000000002");
    assert_eq!(opened.verify(&id, &set.root(), 9), Err(SetError::Leaf));
    let mut shorter = proof;
    shorter.path.pop();
    assert!(shorter.verify(&id, &set.root(), 9).is_err());
}

#[test]
fn the_order_in_which_members_came_does_not_show() {
    let mut leaves: Vec<Hash> = (0..50).map(leaf).collect();
    let one = Set::new(leaves.clone()).unwrap();
    leaves.reverse();
    let two = Set::new(leaves).unwrap();
    assert_eq!(one.to_bytes(), two.to_bytes());
    assert_eq!(one.root(), two.root());
}

#[test]
fn nobody_counts_twice() {
    let twice = Set::new(vec![leaf(1), leaf(2), leaf(1)]);
    assert!(matches!(twice, Err(SetError::Order { .. })));
}

#[test]
fn a_set_of_nobody_has_the_root_of_nothing() {
    let empty = set(0);
    assert_eq!(empty.root(), ledger::tree::empty_root());
    assert_eq!(Set::from_bytes(&empty.to_bytes()).unwrap(), empty);
}

#[test]
fn damaged_set_files_are_refused() {
    let good = set(3).to_bytes();
    assert_eq!(Set::from_bytes(&good).unwrap(), set(3));
    let change = |position: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[position] = byte;
        bytes
    };
    let swapped = [&good[..16], &good[48..80], &good[16..48], &good[80..]].concat();
    let doubled = [&good[..16], &good[16..48], &good[16..48], &good[80..]].concat();
    for (bytes, error) in [
        (Vec::new(), SetError::Magic),
        (change(0, b'X'), SetError::Magic),
        (change(7, 2), SetError::Version { version: 2 }),
        (change(15, 2), SetError::Length),
        (change(15, 4), SetError::Length),
        (change(8, 255), SetError::Length),
        (good[..good.len() - 1].to_vec(), SetError::Length),
        ([&good[..], b"x"].concat(), SetError::Length),
        (good[..12].to_vec(), SetError::Length),
        (swapped, SetError::Order { position: 1 }),
        (doubled, SetError::Order { position: 1 }),
    ] {
        assert_eq!(Set::from_bytes(&bytes), Err(error));
    }
}

proptest! {
    #[test]
    fn any_set_reads_back_as_itself(numbers in prop::collection::btree_set(any::<u32>(), 0..60)) {
        let set = Set::new(numbers.into_iter().map(leaf).collect()).unwrap();
        prop_assert_eq!(Set::from_bytes(&set.to_bytes()).unwrap(), set);
    }
}
