//! What a permit does not cover is neither read nor written, whatever the code around it does.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use app::vault::{Read, collect, read};
use app::{AppError, Controller};
use gate::{Decision, Grant, Record, Standing, Use, decide};
use keys::KeyRing;
use model::{
    Action, Actor, CategoryName, Clock, ControllerName, Entry, EntryId, PurposeName, SubjectId, SystemName,
    Timestamp, ValueId,
};
use store::{DbError, Tx, identity, vault};
use testkit::TestClock;

use crate::support::{
    World, collect_request, customer, on_both, put_manifest, record_shop_number, shop, start,
};

/// A ledger that keeps nothing: these tests are about the permit.
struct Forgetful;

impl<'c> Record<'c> for Forgetful {
    type Error = Infallible;

    fn record(&mut self, entry: &Entry) -> Result<EntryId, Infallible> {
        Ok(entry.id)
    }
}

/// What the gate grants the person themselves: to read these categories.
fn grant(world: &World, whose: SubjectId, categories: &[&str]) -> Grant {
    let rights = PurposeName::new("rights").expect("a name");
    let mut asked = Use::new(EntryId::random(), Actor::Customer, Action::Read, rights).about(whose);
    asked.categories = categories.iter().map(|name| CategoryName::new(name).expect("a name")).collect();
    let in_force = world.controller.in_force().expect("a manifest");
    match decide(&in_force.policy, &Standing::default(), &asked, start()) {
        Decision::Grant(grant) => grant,
        Decision::Denial(denial) => panic!("{:?}", denial.findings()),
    }
}

/// Runs `act` in a transaction under a fresh permit, and says what came of the transaction.
async fn under<T, F>(world: &World, grant: Grant, act: F) -> Result<T, AppError>
where
    T: Send + 'static,
    F: for<'c> Fn(&mut Tx<'c>, &gate::Permit<'c>) -> Result<T, DbError> + Send + Sync + 'static,
{
    let run = move |tx: &mut Tx<'_>| {
        let Ok(permit) = grant.record(&mut Forgetful);
        Ok::<_, AppError>(act(tx, &permit)?)
    };
    world.controller.db.write("test.permit", run).await
}

/// Says that a transaction ended because its permit does not cover what it wanted.
fn assert_refused<T: std::fmt::Debug>(what: &str, outcome: Result<T, AppError>) {
    assert!(matches!(outcome, Err(AppError::Store(DbError::NotPermitted))), "{what}: {outcome:?}");
}

const ADA: &[(&str, &str)] = &[("FirstName", "Ada"), ("Email", "ada@example.org"), ("City", "London")];

async fn invoice(world: &World, number: u32) {
    let row = [("InvoiceId", number.to_string()), ("CustomerId", "17".to_owned())];
    let row = row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    collect(&world.controller, collect_request("Invoice", row)).await.expect("an invoice is taken in");
}

async fn order(world: &World, number: u32) {
    let row = [
        ("InvoiceNo", number.to_string()),
        ("StockCode", "85123A".to_owned()),
        ("CustomerID", "17".to_owned()),
    ];
    let row = row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut request = collect_request("lines", row);
    request.system = SystemName::new("online-retail").expect("a name");
    // The gift shop has numbers of its own; whose this is, the record shop's says.
    request.identifiers.push(record_shop_number(17));
    collect(&world.controller, request).await.expect("an order is taken in");
}

#[test]
fn the_store_hands_out_only_the_categories_that_the_permit_covers() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        customer(&world, 17, &[("City", "Oxford")]).await;
        let fields = under(&world, grant(&world, ada, &["contact.address.city"]), move |tx, permit| {
            let now = vault::values(tx, permit, &ada)?;
            let ever = vault::history(tx, permit, &ada)?;
            let system = SystemName::new("chinook").expect("a name");
            let known = vault::fingerprints(tx, permit, [ada], &system)?;
            let fields =
                |rows: Vec<vault::ValueRow>| rows.into_iter().map(|row| row.field).collect::<Vec<_>>();
            Ok((fields(now), fields(ever), known.into_iter().map(|known| known.3).collect::<Vec<_>>()))
        })
        .await
        .expect("the permit covers the city");
        let city = || "Customer.City".to_owned();
        assert_eq!(fields, (vec![city()], vec![city(), city()], vec![city()]));
    });
}

#[test]
fn records_without_a_covered_category_are_passed_over_and_those_behind_them_are_found() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        for number in 1..=3 {
            invoice(&world, number).await;
            world.clock.turn_seconds(1);
        }
        order(&world, 4).await;
        let found = under(&world, grant(&world, ada, &["commercial.orders"]), move |tx, permit| {
            let first = vault::records(tx, permit, &ada, None, 1)?;
            let last = first.last().map(|row| row.id);
            Ok((first, vault::records(tx, permit, &ada, last.as_ref(), 1)?))
        })
        .await
        .expect("the permit covers orders");
        let kinds: Vec<_> = found.0.iter().map(|row| row.kind.to_string()).collect();
        assert_eq!((kinds, found.1.len()), (vec!["order-line".to_owned()], 0));
    });
}

#[test]
fn a_permit_about_one_person_opens_and_changes_nothing_of_another() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let grace = customer(&world, 18, &[("City", "New York")]).await.subject;
        let city = || grant(&world, ada, &["contact.address.city"]);
        assert_refused("values", under(&world, city(), move |tx, p| vault::values(tx, p, &grace)).await);
        assert_refused("history", under(&world, city(), move |tx, p| vault::history(tx, p, &grace)).await);
        let records = under(&world, city(), move |tx, p| vault::records(tx, p, &grace, None, 10)).await;
        assert_refused("records", records);
        let identifiers = under(&world, city(), move |tx, p| identity::identifiers(tx, p, &grace)).await;
        assert_refused("identifiers", identifiers);
        let system = SystemName::new("chinook").expect("a name");
        let hashes =
            under(&world, city(), move |tx, p| vault::fingerprints(tx, p, [ada, grace], &system)).await;
        assert_refused("fingerprints", hashes);
        let wanted = [(grace, "invoice".parse().expect("a name"), [0; 32])];
        let known = under(&world, city(), move |tx, p| vault::known_records(tx, p, &wanted)).await;
        assert_refused("known records", known);
        let old = [(grace, ValueId::ordered(start()))];
        assert_refused(
            "end",
            under(&world, city(), move |tx, p| vault::end_values(tx, p, &old, start())).await,
        );
        let gone = [(grace, model::RecordId::ordered(start()))];
        assert_refused(
            "delete",
            under(&world, city(), move |tx, p| vault::delete_records(tx, p, &gone)).await,
        );
        let proof = under(&world, city(), move |tx, p| store::consent::evidence(tx, p, &grace, "evt")).await;
        assert_refused("evidence", proof);
        let account = model::LifetimeName::new("account").expect("a name");
        let over = under(&world, city(), move |tx, p| {
            store::retention::delete_before(tx, p, (&grace, &account), start(), 10)
        });
        assert_refused("what is over", over.await);
    });
}

#[test]
fn values_and_records_of_an_uncovered_category_are_not_written() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        invoice(&world, 1).await;
        let before = db.dump();
        let mails = grant(&world, ada, &["contact.email"]);
        let mail =
            under(&world, mails, move |tx, p| vault::values(tx, p, &ada)).await.expect("covered").remove(0);
        let value = vault::ValueRow { id: ValueId::ordered(start()), ..mail };
        let cities = grant(&world, ada, &["contact.address.city"]);
        let added =
            under(&world, cities, move |tx, p| vault::add_values(tx, p, &[(ada, value.clone())])).await;
        assert_refused("a value", added);
        let invoices = || grant(&world, ada, &["commercial.invoices"]);
        let held = under(&world, invoices(), move |tx, p| vault::records(tx, p, &ada, None, 1)).await;
        let record = held.expect("covered").remove(0);
        assert!(record.categories.contains(' '), "the record holds more than invoices");
        let record =
            vault::RecordRow { id: model::RecordId::ordered(start()), source_key: [7; 32], ..record };
        let added =
            under(&world, invoices(), move |tx, p| vault::add_records(tx, p, &[(ada, record.clone())])).await;
        assert_refused("a record", added);
        assert!(db.dump().without(&before).is_empty(), "nothing was written");
    });
}

#[test]
fn who_goes_on_after_a_refusal_gets_nothing_more_out_of_the_transaction() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let grace = customer(&world, 18, &[("City", "New York")]).await.subject;
        let stubborn = under(&world, grant(&world, ada, &["contact.address.city"]), move |tx, permit| {
            let refused = vault::values(tx, permit, &grace).expect_err("not Grace's permit");
            assert_eq!(refused, DbError::NotPermitted);
            let after = vault::values(tx, permit, &ada).expect_err("the transaction is over");
            assert_eq!(after, DbError::Poisoned);
            assert_eq!(identity::count(tx), Err(DbError::Poisoned));
            Ok(())
        })
        .await;
        assert_refused("the transaction", stubborn);
    });
}

/// A clock that goes on by `step` seconds each time somebody looks.
#[derive(Debug, Default)]
struct Hurried {
    now: AtomicI64,
    step: AtomicI64,
}

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        let step = self.step.load(Ordering::SeqCst);
        start().plus_seconds(self.now.fetch_add(step, Ordering::SeqCst))
    }
}

#[test]
fn a_permit_that_waited_longer_than_its_minute_opens_nothing_and_records_nothing() {
    on_both(async |db| {
        put_manifest(db, &shop()).await;
        let hurried = Arc::new(Hurried::default());
        let name = ControllerName::new("rosewood").expect("a name");
        let (keys, clock) = (KeyRing::generate(), Arc::clone(&hurried));
        let controller = Controller::open(name, (**db).clone(), keys, "test.example/rosewood/2026", clock)
            .await
            .expect("the controller opens");
        let world = World { controller, clock: TestClock::at(start()) };
        let ada = customer(&world, 17, ADA).await.subject;
        let before = db.dump();
        let request = Read {
            subject: ada,
            purpose: PurposeName::new("rights").expect("a name"),
            categories: BTreeSet::from([CategoryName::new("contact.email").expect("a name")]),
            actor: Actor::Customer,
            reason: None,
            request: None,
            with_history: false,
            with_records: true,
        };
        hurried.step.store(gate::PERMIT_SECONDS, Ordering::SeqCst);
        let seen = read(&world.controller, request.clone()).await;
        assert!(matches!(seen, Err(AppError::Busy)), "{seen:?}");
        assert!(db.dump().without(&before).is_empty(), "nothing is recorded that was not done");
        hurried.step.store(gate::PERMIT_SECONDS - 1, Ordering::SeqCst);
        let request = Read { with_records: false, ..request };
        assert_eq!(read(&world.controller, request).await.expect("in time").values.len(), 1);
    });
}
