//! Whom a row leads to: nobody's history is joined by what is shared or merely claimed.

use app::AppError;
use app::identity::{Found, SubjectRef, look_up};
use app::retention::{Erase, Extent, erase};
use app::vault::{Collect, Collected, collect};
use model::{Act, Actor, Identifier, IdentifierKind, Origin, Personal, SubjectId};
use store::identity::SubjectState;

use crate::support::{World, collect_request, customer, email, on_both, service};

fn phone(number: &str) -> Identifier {
    Identifier { kind: IdentifierKind::phone(), value: Personal::new(number.to_owned()) }
}

/// A row of the customers' table that names its person by identifiers beside it.
fn row(name: &str, identifiers: Vec<Identifier>) -> Collect {
    let fields = vec![("FirstName".to_owned(), name.to_owned().into())];
    Collect { identifiers, ..collect_request("Customer", fields) }
}

async fn taken(world: &World, request: Collect) -> Collected {
    collect(&world.controller, request).await.expect("the row is taken in")
}

async fn who(world: &World, identifier: Identifier) -> Option<SubjectId> {
    match look_up(&world.controller, identifier).await.expect("a look-up") {
        Found::Person(id) => Some(id),
        Found::Nobody => None,
    }
}

async fn people(world: &World) -> i64 {
    world.controller.db.read("test.count", store::identity::count).await.expect("a count")
}

const PHONE: &str = "+44 20 7946 0000";

#[test]
fn a_family_that_shares_a_phone_stays_two_people() {
    on_both(async |db| {
        let world = World::open(db).await;
        let anna = taken(&world, row("Anna", vec![email("anna@example.org"), phone(PHONE)])).await;
        for created in [true, false] {
            let ben = taken(&world, row("Ben", vec![email("ben@example.org"), phone(PHONE)])).await;
            assert_eq!((ben.created, ben.unclaimed.len()), (created, 0));
            assert_ne!(ben.subject, anna.subject);
            assert_eq!(who(&world, email("ben@example.org")).await, Some(ben.subject));
        }
        assert_eq!(who(&world, phone(PHONE)).await, Some(anna.subject));
        let again = taken(&world, row("Anna", vec![email("anna@example.org")])).await;
        assert_eq!((again.subject, again.stored), (anna.subject, 0), "her name did not end");
    });
}

#[test]
fn an_address_that_is_merely_claimed_joins_no_new_customer_to_its_claimant() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = taken(&world, row("Ada", vec![email("ada@example.org")])).await;
        for created in [true, false] {
            let other = customer(&world, 7, &[("FirstName", "Eve"), ("Email", "ada@example.org")]).await;
            assert_eq!(other.created, created);
            assert_ne!(other.subject, ada.subject);
            assert_eq!(other.unclaimed, [IdentifierKind::email()]);
        }
        assert_eq!(who(&world, email("ada@example.org")).await, Some(ada.subject));
    });
}

#[test]
fn a_row_that_is_denied_makes_nobody_and_lifts_no_tombstone() {
    on_both(async |db| {
        let world = World::open(db).await;
        let denied = |own_act| Collect {
            actor: service("mailer"),
            own_act,
            ..row("Ada", vec![email("ada@example.org")])
        };
        let refused = collect(&world.controller, denied(false)).await;
        assert!(matches!(&refused, Err(AppError::Denied(verdict)) if verdict.entry.is_some()), "{refused:?}");
        assert_eq!(people(&world).await, 0);
        let ada = taken(&world, row("Ada", vec![email("ada@example.org")])).await;
        erased(&world, ada.subject).await;
        let refused = collect(&world.controller, denied(true)).await;
        assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
        let back = collect(&world.controller, row("Ada", vec![email("ada@example.org")])).await;
        assert!(matches!(back, Err(AppError::Conflict { code: "erased-before", .. })), "{back:?}");
        assert_eq!(people(&world).await, 0);
    });
}

async fn erased(world: &World, subject: SubjectId) {
    let request = Erase {
        subject,
        extent: Extent::Person,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    };
    erase(&world.controller, request).await.expect("erased");
}

#[test]
fn what_an_erased_person_was_known_by_comes_back_beside_nobody_else_but_by_an_own_act() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = taken(&world, row("Ada", vec![email("ada@example.org")])).await;
        erased(&world, ada.subject).await;
        let bob = customer(&world, 2, &[("FirstName", "Bob")]).await;
        let with_address = |own_act| {
            let fields = [("CustomerId", "2"), ("Email", "ada@example.org")];
            let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned().into())).into();
            Collect { own_act, ..collect_request("Customer", fields) }
        };
        let refused = collect(&world.controller, with_address(false)).await;
        assert!(matches!(refused, Err(AppError::Conflict { code: "erased-before", .. })), "{refused:?}");
        assert_eq!(who(&world, email("ada@example.org")).await, None);
        assert_eq!(taken(&world, with_address(true)).await.subject, bob.subject);
        assert_eq!(who(&world, email("ada@example.org")).await, Some(bob.subject));
    });
}

#[test]
fn two_first_requests_for_one_address_at_once_are_one_person() {
    on_both(async |db| {
        let world = World::open(db).await;
        for round in 0..10 {
            let address = format!("ada{round}@example.org");
            let first = || collect(&world.controller, row("Ada", vec![email(&address)]));
            let (a, b, c) = tokio::join!(first(), first(), first());
            let all = [a, b, c].map(|taken| taken.expect("the row is taken in"));
            assert_eq!(all.iter().filter(|taken| taken.created).count(), 1);
            assert!(all.iter().all(|taken| taken.subject == all[0].subject));
        }
        assert_eq!(people(&world).await, 10);
    });
}

#[test]
fn an_identity_that_is_parted_from_its_leader_meanwhile_is_not_written_to_under_it() {
    on_both(async |db| {
        let world = World::open(db).await;
        let leader = customer(&world, 1, &[]).await.subject;
        let alias = customer(&world, 2, &[]).await.subject;
        let set = move |tx: &mut store::Tx<'_>, follow: bool| {
            let now = crate::support::start();
            store::identity::take(tx, &leader, now)?;
            store::identity::take(tx, &alias, now)?;
            let (state, of) = match follow {
                true => (SubjectState::Alias, Some(&leader)),
                false => (SubjectState::Active, None),
            };
            store::identity::set_state(tx, &alias, state, of)
        };
        world.controller.db.write("test.merge", move |tx| set(tx, true)).await.expect("merged");
        let (locked, wait) = std::sync::mpsc::channel();
        let parting = world.controller.db.write("test.part", move |tx| {
            set(tx, false)?;
            let _ = locked.send(());
            std::thread::sleep(std::time::Duration::from_millis(400));
            Ok::<_, store::DbError>(())
        });
        let writing = async {
            let _ = tokio::task::spawn_blocking(move || wait.recv()).await;
            let events = vec![app::consent::NewEvent::new(Act::Objected { purpose: None }, Origin::Portal)];
            let request = app::consent::RecordConsent {
                subject: SubjectRef::Id(alias),
                create: false,
                events,
                actor: Actor::Customer,
                request: None,
                idempotency: None,
            };
            app::consent::record(&world.controller, request).await.expect("recorded")
        };
        let (parted, recorded) = tokio::join!(parting, writing);
        parted.expect("parted");
        assert_eq!(recorded.subject, alias);
    });
}

#[test]
fn an_identifier_beside_the_row_is_part_of_the_question() {
    on_both(async |db| {
        let world = World::open(db).await;
        let device =
            Identifier { kind: "device-id".parse().expect("a kind"), value: "d-1".to_owned().into() };
        let refused = collect(&world.controller, row("Ada", vec![email("ada@example.org"), device])).await;
        assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
        let card =
            Identifier { kind: "loyalty-card".parse().expect("a kind"), value: "c-1".to_owned().into() };
        let refused = collect(&world.controller, row("Ada", vec![email("ada@example.org"), card])).await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
        assert_eq!(people(&world).await, 0);
    });
}
