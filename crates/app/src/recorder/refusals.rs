//! What never gets into an entry, which is kept for ever and read by auditors.

use model::{Actor, Entry, EntryId, EntryKind, Timestamp};

use super::check_references;
use crate::error::AppError;

fn entry(change: impl FnOnce(&mut Entry)) -> Entry {
    let (id, at) = (EntryId::random(), Timestamp::from_micros(1_795_521_600_000_000));
    let mut entry = Entry::new(id, EntryKind::Read, at, Actor::Operator, 1);
    change(&mut entry);
    entry
}

fn staff(account: &str) -> Actor {
    Actor::Staff { account: account.to_owned(), role: "support".parse().expect("a name") }
}

#[test]
fn whatever_a_caller_words_freely_is_refused_by_its_place_and_not_quoted() {
    let long = "x".repeat(model::REFERENCE_BYTES_MAX + 1);
    for text in ["ada@example.org", "Ada Byron", "", "née", "a\nb", "+44%20", "{\"a\":1}", &long] {
        let text = || text.to_owned();
        for (refused, path) in [
            (entry(|entry| entry.ticket = Some(text())), "reason.ticket"),
            (entry(|entry| entry.request = Some(text())), "request"),
            (entry(|entry| entry.actor = Actor::Agent(text())), "by"),
            (entry(|entry| entry.actor = staff(&text())), "by"),
        ] {
            let Err(AppError::Invalid(faults)) = check_references(&refused) else {
                panic!("{path} took {:?}", text())
            };
            assert_eq!(faults.len(), 1);
            assert_eq!(faults[0].path, path);
            assert!(text().is_empty() || !faults[0].message.contains(&text()), "{faults:?}");
        }
    }
    let fine = entry(|entry| {
        entry.ticket = Some("T-17".to_owned());
        entry.request = Some("req_2026:11/24#a.b".to_owned());
        entry.actor = staff("stf_00000000000000000000000001");
    });
    assert!(check_references(&fine).is_ok());
    let all = entry(|entry| {
        entry.ticket = Some("a b".to_owned());
        entry.request = Some("c d".to_owned());
        entry.actor = staff("e f");
    });
    assert!(matches!(check_references(&all), Err(AppError::Invalid(faults)) if faults.len() == 3));
}
