//! Terms: what is over of somebody who goes on ends on its day, with an entry, and nothing else does.

use std::collections::BTreeSet;

use app::consent::{NewEvent, RecordConsent};
use app::identity::SubjectRef;
use app::jobs::{run_due, upkeep};
use app::vault::{Collected, Read, collect, read};
use model::manifest::{Manifest, Retention};
use model::{Act, Actor, CategoryName, LifetimeName, Origin, SubjectId};
use testkit::TestDb;

use crate::support::{World, collect_request, customer, entries, imported, on_both, purpose, shop};

/// The sample shop, where one lifetime is kept otherwise.
fn keeping(lifetime: &str, retention: &str) -> Manifest {
    let mut manifest = shop();
    let name = LifetimeName::new(lifetime).expect("a name");
    let (keep, from) = retention.split_once(" from ").expect("a term");
    let term = serde_json::json!({ "keep": keep, "from": from });
    let term: Retention = serde_json::from_value(term).expect("a retention");
    manifest.lifetimes.get_mut(&name).expect("declared").retention = Some(term);
    manifest
}

async fn order(world: &World, number: u32, invoice: u32) -> Collected {
    let row = [
        ("InvoiceId", invoice.to_string()),
        ("CustomerId", number.to_string()),
        ("Total", "9.90".to_owned()),
    ];
    let row = row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    collect(&world.controller, collect_request("Invoice", row)).await.expect("taken in")
}

/// How many values and records the person is shown of a category.
async fn seen(world: &World, subject: SubjectId, category: &str) -> usize {
    let request = Read {
        subject,
        purpose: purpose("rights"),
        categories: BTreeSet::from([CategoryName::new(category).expect("a name")]),
        actor: Actor::Customer,
        reason: None,
        request: None,
        with_history: true,
        with_records: true,
    };
    let seen = read(&world.controller, request).await.expect("a look");
    seen.values.len() + seen.records.len()
}

/// A day of the worker.
async fn day(world: &World) {
    upkeep(&world.controller).await.expect("upkeep");
    run_due(&world.controller).await.expect("jobs run");
}

async fn ends(world: &World, subject: SubjectId) -> usize {
    let is_end =
        |row: &&store::ledger::EntryRow| String::from_utf8_lossy(&row.body).contains("job:retention");
    entries(world, subject).await.iter().filter(is_end).count()
}

fn rows(db: &TestDb, table: &str) -> usize {
    db.dump().table(table).len()
}

const ADA: &[(&str, &str)] = &[("FirstName", "Ada"), ("City", "London")];

#[test]
fn a_lifetime_ends_when_nothing_has_happened_for_its_term_and_the_rest_goes_on() {
    on_both(async |db| {
        let world = World::with_manifest(db, &keeping("orders", "90 days from last-activity")).await;
        let ada = customer(&world, 17, ADA).await.subject;
        world.clock.turn_days(60);
        let bob = customer(&world, 18, ADA).await.subject;
        world.clock.turn_days(29);
        day(&world).await;
        assert_eq!((seen(&world, ada, "contact.address.city").await, ends(&world, ada).await), (1, 0));
        world.clock.turn_days(1);
        day(&world).await;
        assert_eq!((seen(&world, ada, "contact.address.city").await, ends(&world, ada).await), (0, 1));
        assert_eq!(seen(&world, ada, "identity.first-name").await, 1, "identity goes on");
        assert_eq!((seen(&world, bob, "contact.address.city").await, ends(&world, bob).await), (1, 0));
        let left = rows(db, "profile_value");
        day(&world).await;
        world.clock.turn_days(2);
        day(&world).await;
        assert_eq!((rows(db, "profile_value"), ends(&world, ada).await), (left, 1), "once is enough");
    });
}

#[test]
fn what_a_person_does_keeps_their_lifetime_alive() {
    on_both(async |db| {
        let world = World::with_manifest(db, &keeping("orders", "90 days from last-activity")).await;
        let ada = customer(&world, 17, ADA).await.subject;
        world.clock.turn_days(80);
        let request = RecordConsent {
            subject: SubjectRef::Id(ada),
            create: false,
            events: vec![NewEvent::new(Act::Objected { purpose: None }, Origin::Portal)],
            actor: Actor::Customer,
            request: None,
            idempotency: None,
        };
        app::consent::record(&world.controller, request).await.expect("recorded");
        world.clock.turn_days(80);
        day(&world).await;
        assert_eq!(seen(&world, ada, "contact.address.city").await, 1);
        world.clock.turn_days(10);
        day(&world).await;
        assert_eq!(seen(&world, ada, "contact.address.city").await, 0);
    });
}

#[test]
fn counted_from_collection_every_value_has_its_own_day_and_the_lifetime_ends_with_the_last() {
    on_both(async |db| {
        let world = World::with_manifest(db, &keeping("orders", "90 days from collection")).await;
        let ada = customer(&world, 17, &[("City", "London")]).await.subject;
        world.clock.turn_days(30);
        customer(&world, 17, &[("City", "London"), ("Country", "England")]).await;
        world.clock.turn_days(60);
        day(&world).await;
        assert_eq!(seen(&world, ada, "contact.address.city").await, 0, "ninety days old");
        assert_eq!(seen(&world, ada, "contact.address.country").await, 1, "sixty days old");
        assert_eq!(ends(&world, ada).await, 1);
        world.clock.turn_days(30);
        day(&world).await;
        assert_eq!(seen(&world, ada, "contact.address.country").await, 0);
        assert_eq!(ends(&world, ada).await, 2);
        assert_eq!(seen(&world, ada, "identity.customer-number").await, 1);
    });
}

#[test]
fn what_a_law_wants_kept_ends_by_its_years_and_not_before() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, &[]).await.subject;
        order(&world, 17, 1).await;
        world.clock.set("2036-12-30T00:00:00Z".parse().expect("a moment"));
        order(&world, 17, 2).await;
        // Ten years of at most 366 days from the end of 2026.
        for (moment, left) in [("2037-01-07T00:00:00Z", (2, 0)), ("2037-01-08T00:00:00Z", (1, 1))] {
            world.clock.set(moment.parse().expect("a moment"));
            day(&world).await;
            assert_eq!((rows(db, "record"), ends(&world, ada).await), left, "{moment}");
        }
        assert_eq!(seen(&world, ada, "commercial.invoices").await, 1);
    });
}

#[test]
fn a_round_over_many_people_goes_on_where_it_stopped_and_comes_back_a_day_later() {
    on_both(async |db| {
        let world = World::with_manifest(db, &keeping("orders", "90 days from last-activity")).await;
        let lines: String = (0..450).map(|number| format!("{number},London\n")).collect();
        imported(&world, db, "Customer", &format!("CustomerId,City\n{lines}")).await;
        day(&world).await;
        world.clock.turn_days(90);
        // A worker that is killed in the middle: another goes on when its lease is over.
        let controller = world.controller.clone();
        let worker = tokio::spawn(async move { run_due(&controller).await });
        while rows(db, "job") < 3 && !worker.is_finished() {
            tokio::task::yield_now().await;
        }
        worker.abort();
        drop(worker.await);
        world.clock.turn_seconds(app::jobs::LEASE_SECONDS + 1);
        run_due(&world.controller).await.expect("jobs run");
        let left = db.dump();
        let cities = left.table("profile_value").iter().filter(|row| row.contains("address.city")).count();
        assert_eq!(cities, 0, "everybody's is over");
        let ended = left.table("ledger_entry").iter().filter(|row| row.contains("job:retention")).count();
        assert_eq!(ended, 450, "each once");
        assert_eq!(left.table("job").len(), 1, "the round itself waits for tomorrow");
        assert_eq!(run_due(&world.controller).await.expect("jobs run"), 0);
    });
}
