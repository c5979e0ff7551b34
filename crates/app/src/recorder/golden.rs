//! The bytes of entries, compared with golden files: a change here is a new version of the format.

use ledger::canonical;
use model::{
    About, Action, Actor, Answer, Basis, CategoryName, Channel, Entry, EntryId, EntryKind, FindingCode,
    PurposeName, ReasonCode, RecipientName, RestrictionException, Timestamp,
};
use serde_json::Value;

use super::{plain_part, row};
use crate::ledger::EntryFacts;

const FULL: &[u8] = include_bytes!("../../tests/golden/entry-full-v1.json");
const LEAST: &[u8] = include_bytes!("../../tests/golden/entry-least-v1.json");

fn least() -> Entry {
    let id: EntryId = "ent_00000000000000000000000001".parse().expect("an id");
    Entry::new(id, EntryKind::Operation, Timestamp::from_micros(1_795_521_600_999_999), Actor::Operator, 3)
}

fn full() -> Entry {
    let actor = Actor::Service("shop".parse().expect("a name"));
    let set = "set_00000000000000000000000002".parse().expect("an id");
    Entry {
        kind: EntryKind::Decision,
        actor,
        via: Some(model::Via {
            service: "shop".parse().expect("a name"),
            key: "key_00000000000000000000000004".parse().expect("an id"),
        }),
        action: Some(Action::Send),
        purpose: Some("newsletter".parse::<PurposeName>().expect("a name")),
        basis: Some(Basis::Consent),
        categories: vec!["contact.email".parse::<CategoryName>().expect("a name")],
        channel: Some(Channel::Email),
        recipient: Some("mailhouse".parse::<RecipientName>().expect("a name")),
        reason: Some("ticket".parse::<ReasonCode>().expect("a code")),
        ticket: Some("T-1".into()),
        request: Some("req-1".into()),
        event: Some("evt_00000000000000000000000003".parse().expect("an id")),
        law_version: Some("2026-11".into()),
        answer: Some(Answer::Denied),
        findings: vec![FindingCode::PurposeUndeclared, FindingCode::CategoryUndeclared],
        exception: Some(RestrictionException::PersonAsks),
        about: About::Many(model::Set { id: set, root: [5; 32], count: 2 }),
        ..least()
    }
}

fn bytes(entry: &Entry) -> Vec<u8> {
    canonical::encode_entry(&Value::Object(plain_part(entry))).expect("an entry that fits")
}

#[test]
fn entries_have_the_bytes_of_their_golden_files() {
    for (entry, golden) in [(full(), FULL), (least(), LEAST)] {
        assert_eq!(String::from_utf8_lossy(&bytes(&entry)), String::from_utf8_lossy(golden));
    }
}

/// What is written here is what verification and recovery read back.
#[test]
fn the_columns_of_an_entry_follow_from_its_bytes() {
    for entry in [full(), least()] {
        let body = bytes(&entry);
        let facts = EntryFacts::read(&body).expect("an entry of ours");
        assert!(facts.agrees(&row(&entry, body.clone())));
        assert_eq!(facts.set().map(|set| set.count), matches!(entry.about, About::Many(_)).then_some(2));
    }
}
