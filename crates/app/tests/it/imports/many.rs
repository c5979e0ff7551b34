//! Chunks with many sorts of answers, and imports that meet.

use std::collections::BTreeSet;

use app::consent::{NewEvent, RecordConsent, record};
use app::identity::SubjectRef;
use app::imports::{ImportRequest, Rejection, run};
use model::{Act, AgeBand, Origin, SubjectId};
use serde_json::Value;

use super::{counts, csv, customers, import, rejected, request, total, who};
use crate::support::{World, customer, entries, given, on_both, purpose, service, shop, whole};

/// What somebody said of the newsletter, by number: 4 × 2 × 2 × 2 ways.
fn said(number: u32) -> Vec<Act> {
    let mut acts = match number % 4 {
        0 => Vec::new(),
        1 => vec![given("newsletter")],
        2 => vec![Act::Refused(whole("newsletter"))],
        _ => vec![given("newsletter"), Act::Withdrawn(whole("newsletter"))],
    };
    if number & 4 != 0 {
        acts.push(Act::AgeStated { band: AgeBand::Under13 });
    }
    if number & 8 != 0 {
        acts.push(Act::Objected { purpose: None });
    }
    if number & 16 != 0 {
        acts.push(Act::Restricted { category: None });
    }
    acts
}

async fn says(world: &World, subject: SubjectId, acts: Vec<Act>) {
    for act in acts {
        let request = RecordConsent {
            subject: SubjectRef::Id(subject),
            create: false,
            events: vec![NewEvent::new(act, Origin::Portal)],
            actor: service("storefront"),
            request: None,
            idempotency: None,
        };
        record(&world.controller, request).await.expect("a choice is recorded");
        world.clock.turn_seconds(1);
    }
}

/// Each sort of no in a chunk is an entry of its own, however many there are; only who said
/// yes and nothing against it is taken in.
#[test]
fn a_chunk_with_more_than_thirty_sorts_of_no_records_each_and_takes_in_the_yes() {
    on_both(async |db| {
        let mut manifest = shop();
        let all: BTreeSet<_> = manifest.categories.keys().cloned().collect();
        manifest.purposes.get_mut(&purpose("newsletter")).expect("it is there").categories = all;
        let world = World::with_manifest(db, &manifest).await;
        let mut people = Vec::new();
        for number in 0..32 {
            let subject = customer(&world, number, &[]).await.subject;
            says(&world, subject, said(number)).await;
            people.push(subject);
        }
        let rows: String = (0..32).map(|number| format!("{number},Name{number}\n")).collect();
        let newsletter = ImportRequest {
            purpose: Some(purpose("newsletter")),
            ..customers(db, format!("CustomerId,FirstName\n{rows}"))
        };
        let report = import(&world, newsletter).await;
        assert_eq!(counts(&report), [32, 1, 0, 0, 31]);
        assert_eq!(rejected(&report), [(Rejection::Denied, 31)]);
        let (mut noes, mut reasons) = (BTreeSet::new(), BTreeSet::new());
        for subject in people {
            let entry = entries(&world, subject).await.remove(0);
            let body: Value = serde_json::from_slice(&entry.body).expect("json");
            assert_eq!(body["request"], report.import.to_string());
            if body["answer"] == "denied" {
                assert_eq!(body["set"]["count"], 1);
                noes.insert(entry.id);
                reasons.insert(body["findings"].to_string());
            }
        }
        assert_eq!((noes.len(), reasons.len()), (31, 31), "{reasons:?}");
    });
}

/// Two files that name the same people at once: nobody is there twice, nothing is lost, and a
/// second run of either finds everything unchanged.
#[test]
fn two_imports_that_claim_the_same_identifiers_at_once_make_each_person_once() {
    on_both(async |db| {
        let world = World::open(db).await;
        const PEOPLE: usize = 60;
        let of = |name: &str, numbers: &mut dyn Iterator<Item = usize>| {
            let rows: String =
                numbers.map(|number| format!("{number},Name,name{number}@example.org\n")).collect();
            let file = db.folder().join(name);
            std::fs::write(&file, format!("CustomerId,FirstName,Email\n{rows}")).expect("a file");
            request("chinook", "Customer", csv(file))
        };
        let one = || of("one.csv", &mut (0..PEOPLE));
        let other = || of("other.csv", &mut (0..PEOPLE).rev());
        let (left, right) = tokio::join!(run(&world.controller, one()), run(&world.controller, other()));
        for report in [&left.expect("taken in"), &right.expect("taken in")] {
            let [read, imported, unchanged, skipped, rejected] = counts(report);
            assert_eq!((read, imported + unchanged, skipped, rejected), (PEOPLE as u64, PEOPLE as u64, 0, 0));
        }
        assert_eq!((total(db, "subject"), total(db, "identifier")), (PEOPLE, 2 * PEOPLE));
        assert_eq!(total(db, "profile_value"), 3 * PEOPLE);
        for file in [one(), other()] {
            assert_eq!(counts(&import(&world, file).await), [PEOPLE as u64, 0, PEOPLE as u64, 0, 0]);
        }
        let (number, address) =
            (who(&world, "record-shop-number", "7").await, who(&world, "email", "name7@example.org").await);
        assert!(number.is_some() && number == address);
    });
}
