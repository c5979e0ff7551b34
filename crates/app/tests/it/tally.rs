//! The tally of the log against a naive count.

use std::collections::BTreeMap;

use app::consent::{NewEvent, RecordConsent};
use app::identity::SubjectRef;
use app::tally;
use model::{Actor, Origin};

use crate::support::{World, ask, customer, given, on_both};

/// Gives every entry its place, as the sequencer does.
pub(crate) async fn number(world: &World) {
    let log = world.controller.core().signer.verifier().name().to_owned();
    world
        .controller
        .db
        .write("test.number", move |tx| {
            let head = store::sequence::take_over(tx, &log)?;
            store::sequence::number(tx, &log, head.size, head.fence).map(drop)
        })
        .await
        .expect("numbered");
}

/// Counts asks by purpose and answer the slow way: from the columns of every entry.
async fn naive(world: &World) -> BTreeMap<(String, String), i64> {
    let rows = world
        .controller
        .db
        .read("test.rows", |tx| store::sequence::rows(tx, 0, i64::MAX))
        .await
        .expect("rows");
    let mut counts = BTreeMap::new();
    for row in rows {
        if let Some(answer) = row.answer.filter(|_| row.kind != "login") {
            *counts.entry((row.purpose.unwrap_or_default(), answer)).or_default() += 1;
        }
    }
    counts
}

async fn counted(world: &World) -> BTreeMap<(String, String), i64> {
    let overview = tally::overview(&world.controller, crate::support::start()).await.expect("an overview");
    let mut counts = BTreeMap::new();
    for point in overview.asks {
        *counts.entry((point.purpose, point.name)).or_default() += point.entries;
    }
    counts
}

/// A chart that counts twice, or forgets, says something untrue about the business.
#[test]
fn the_tally_is_what_a_naive_count_says_however_often_it_runs() {
    on_both(async |db| {
        let world = World::open(db).await;
        for turn in 0..3_u32 {
            let person = customer(&world, turn, &[("Email", &format!("c{turn}@example.org"))]).await.subject;
            let yes = RecordConsent {
                subject: SubjectRef::Id(person),
                create: false,
                events: vec![NewEvent::new(given("newsletter"), Origin::Portal)],
                actor: Actor::Customer,
                request: None,
                idempotency: None,
            };
            app::consent::record(&world.controller, yes).await.expect("recorded");
            for purpose in ["newsletter", "order-fulfilment", "nobody-declared-this"] {
                ask(&world, person, "mailer", purpose).await;
            }
            number(&world).await;
            tally::count(&world.controller).await.expect("counted");
            assert_eq!(tally::count(&world.controller).await.expect("counted"), 0, "nothing new");
            assert_eq!(counted(&world).await, naive(&world).await, "turn {turn}");
            world.clock.turn_days(1);
        }
        let overview =
            tally::overview(&world.controller, crate::support::start()).await.expect("an overview");
        assert_eq!(overview.behind, 0);
        assert!(overview.findings.iter().any(|point| point.name == "purpose-undeclared"), "{overview:?}");
        let yeses: i64 =
            overview.census.choices.iter().filter(|one| one.name == "given").map(|one| one.entries).sum();
        assert_eq!(yeses, 3);
        assert_eq!(overview.census.states, [("active".to_owned(), 3)]);
    });
}

/// A worker that dies in the middle must leave nothing counted twice.
#[test]
fn a_count_that_fails_halfway_begins_again_where_it_was() {
    on_both(async |db| {
        let world = World::open(db).await;
        let person = customer(&world, 1, &[("Email", "ada@example.org")]).await.subject;
        for _ in 0..5 {
            ask(&world, person, "mailer", "newsletter").await;
        }
        number(&world).await;
        // The cursor is moved as by a worker that was faster: nothing is added by the slower one.
        let log = world.controller.core().signer.verifier().name().to_owned();
        let lost = world
            .controller
            .db
            .write::<_, store::DbError, _>("test.race", move |tx| {
                let from = store::tally::cursor(tx, &log)?;
                store::tally::advance(tx, &log, from + 1, from + 7)
            })
            .await
            .expect("a write");
        assert!(!lost);
        tally::count(&world.controller).await.expect("counted");
        assert_eq!(counted(&world).await, naive(&world).await);
    });
}
