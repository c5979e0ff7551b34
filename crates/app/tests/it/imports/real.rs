//! The two real sources of the shared data, and the whole way of a customer of each.

use std::path::{Path, PathBuf};

use app::AppError;
use app::access::{Asker, Mode, Question, What, decide_one};
use app::exports::{ExportKind, ExportRequest, export};
use app::identity::SubjectRef;
use app::imports::{Rejection, Skip};
use app::retention::erase;
use app::vault::{Correct, Read, correct, read};
use connect::Source;
use model::{Act, Action, Actor, Answer, CategoryName, Personal, Secret, SubjectId};
use store::MIGRATIONS;
use testkit::{Engine, PostgresSource, TestDb, shared_data, sqlite_from_script};

use super::people::erasure;
use super::{counts, csv, import, rejected, request, rows_of, total, who};
use crate::consent::act;
use crate::support::{World, ask, given, on_both, purpose, service, whole};

/// Chinook as a SQLite file.
fn chinook(db: &TestDb, folder: &Path) -> PathBuf {
    let file = db.folder().join("chinook.db");
    sqlite_from_script(&folder.join("Chinook_Sqlite.sql"), &file);
    file
}

fn sqlite(file: &Path, table: &str) -> Source {
    Source::Sqlite { file: file.to_owned(), table: table.to_owned() }
}

#[test]
fn chinook_comes_in_from_sqlite_and_a_second_run_changes_nothing() {
    let Some(folder) = shared_data("chinook") else { return };
    on_both(async |db| {
        let world = World::open(db).await;
        let file = chinook(db, &folder);
        let take =
            async |table| counts(&import(&world, request("chinook", table, sqlite(&file, table))).await);
        assert_eq!(take("Customer").await, [59, 59, 0, 0, 0]);
        assert_eq!(take("Invoice").await, [412, 412, 0, 0, 0]);
        assert_eq!((total(db, "subject"), total(db, "record")), (59, 412));
        let before = testkit::dump::people(db);
        assert_eq!(take("Customer").await, [59, 0, 59, 0, 0]);
        assert_eq!(take("Invoice").await, [412, 0, 412, 0, 0]);
        for table in ["identifier", "profile_value", "record", "key_record", "standing"] {
            assert_eq!(table_of(&before, table), table_of(&testkit::dump::people(db), table), "{table}");
        }
    });
}

fn table_of<'d>(dump: &'d testkit::dump::People, table: &str) -> Vec<&'d String> {
    let prefix = format!("{table}|");
    dump.values().flatten().filter(|row| row.starts_with(&prefix)).collect()
}

#[test]
fn invoices_before_their_customers_make_people_whom_the_customers_then_meet() {
    let Some(folder) = shared_data("chinook") else { return };
    on_both(async |db| {
        let world = World::open(db).await;
        let file = chinook(db, &folder);
        let invoices = import(&world, request("chinook", "Invoice", sqlite(&file, "Invoice"))).await;
        assert_eq!((counts(&invoices), invoices.tally.people_created), ([412, 412, 0, 0, 0], 59));
        let customers = import(&world, request("chinook", "Customer", sqlite(&file, "Customer"))).await;
        assert_eq!((counts(&customers), customers.tally.people_created), ([59, 59, 0, 0, 0], 0));
        assert_eq!(total(db, "subject"), 59);
    });
}

#[test]
fn chinook_from_postgresql_meets_the_people_that_came_from_sqlite() {
    let Some(folder) = shared_data("chinook") else { return };
    let Some(shop) = PostgresSource::from_script(&folder.join("Chinook_PostgreSql.sql")) else { return };
    let source = |table: &str| Source::Postgres {
        login: Secret::new(shop.dsn.clone()),
        table: format!("{}.{table}", shop.schema),
    };
    on_both(async |db| {
        let world = World::open(db).await;
        let take = async |table| import(&world, request("chinook-postgres", table, source(table))).await;
        let first = take("customer").await;
        assert_eq!((counts(&first), first.tally.people_created), ([59, 59, 0, 0, 0], 59));
        assert_eq!(counts(&take("invoice").await), [412, 412, 0, 0, 0]);
        assert_eq!(counts(&take("customer").await), [59, 0, 59, 0, 0]);
        assert_eq!(counts(&take("invoice").await), [412, 0, 412, 0, 0]);
        let file = chinook(db, &folder);
        let other = import(&world, request("chinook", "Customer", sqlite(&file, "Customer"))).await;
        assert_eq!((counts(&other), other.tally.people_created), ([59, 59, 0, 0, 0], 0));
    });
}

#[test]
fn a_customer_of_chinook_goes_the_whole_way_and_nobody_elses_rows_change() {
    let Some(folder) = shared_data("chinook") else { return };
    on_both(async |db| {
        let world = World::open(db).await;
        let file = chinook(db, &folder);
        let customers = || request("chinook", "Customer", sqlite(&file, "Customer"));
        let invoices = || request("chinook", "Invoice", sqlite(&file, "Invoice"));
        import(&world, customers()).await;
        import(&world, invoices()).await;
        let before = testkit::dump::people(db);

        let subject = who(&world, "email", "LuisG@Embraer.com.br").await.expect("the first customer");
        assert_eq!(who(&world, "record-shop-number", "1").await, Some(subject));
        the_gate_answers(&world, subject).await;
        let shown = shown(&world, subject, "contact.address.city").await;
        assert_eq!(shown.1, "São José dos Campos");
        let correction = Correct {
            subject,
            value: shown.0.parse().expect("an id"),
            new: Personal::new("Campinas".to_owned()),
            purpose: purpose("rights"),
            actor: Actor::Customer,
            reason: None,
            idempotency: None,
        };
        assert!(correct(&world.controller, correction).await.expect("corrected").changed);
        let document = exported(&world, subject).await;
        for held in ["Campinas", "São José dos Campos", "luisg@embraer.com.br", "3.98"] {
            assert!(document.contains(held), "the export names {held}");
        }
        assert!(!document.contains("Köhler"), "nobody else is in it");
        withdraws(&world, subject).await;
        the_person_goes(&world, subject).await;

        nobody_else_changed(db, &before, subject);
        assert_eq!(who(&world, "email", "luisg@embraer.com.br").await, None);
        let again = import(&world, customers()).await;
        assert_eq!((counts(&again), rejected(&again)), ([59, 0, 58, 0, 1], vec![(Rejection::Erased, 1)]));
        let again = import(&world, invoices()).await;
        assert_eq!((counts(&again), rejected(&again)), ([412, 0, 405, 0, 7], vec![(Rejection::Erased, 7)]));
    });
}

#[test]
fn a_customer_of_the_gift_shop_goes_the_whole_way_and_nobody_elses_rows_change() {
    let Some(folder) = shared_data("online-retail") else { return };
    on_both(async |db| {
        let world = World::open(db).await;
        let lines = || request("online-retail", "lines", csv(folder.join("day-2010-12-01.csv")));
        let first = import(&world, lines()).await;
        assert_eq!((counts(&first), first.tally.people_created), ([3_108, 1_968, 0, 1_140, 0], 98));
        assert_eq!(counts(&import(&world, lines()).await), [3_108, 0, 1_968, 1_140, 0]);
        let before = testkit::dump::people(db);

        let subject = who(&world, "gift-shop-number", "17850").await.expect("a customer");
        let orders = rows_of(db, "record")[&subject.to_string()];
        the_gate_answers(&world, subject).await;
        let document = exported(&world, subject).await;
        assert!(document.contains("WHITE HANGING HEART T-LIGHT HOLDER") && document.contains("85123A"));
        withdraws(&world, subject).await;
        the_person_goes(&world, subject).await;

        nobody_else_changed(db, &before, subject);
        let again = import(&world, lines()).await;
        let (kept, gone) = (1_968 - orders as u64, orders as u64);
        assert_eq!(counts(&again), [3_108, 0, kept, 1_140, gone]);
        assert_eq!(rejected(&again), [(Rejection::Erased, gone)]);
    });
}

#[test]
fn five_months_of_invoice_lines_come_in_whole_and_the_first_day_is_already_there() {
    let Some(folder) = shared_data("online-retail") else { return };
    let Some(db) = TestDb::open(Engine::Sqlite, MIGRATIONS) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let world = World::open(&db).await;
        let (mut read, mut imported, mut skipped, mut people) = (0, 0, 0, 0);
        for month in ["2010-12", "2011-01", "2011-02", "2011-03", "2011-04"] {
            let file = folder.join(format!("retail-{month}.csv.gz"));
            let tally = import(&world, request("online-retail", "lines", csv(file))).await.tally;
            assert_eq!((tally.unchanged, tally.rejected.len()), (0, 0), "{month}: {tally:?}");
            read += tally.read;
            imported += tally.imported;
            skipped += tally.skipped[&Skip::NamesNobody];
            people += tally.people_created;
        }
        assert_eq!((read, imported, skipped, people), (151_085, 104_210, 46_875, 2_290));
        let day = request("online-retail", "lines", csv(folder.join("day-2010-12-01.csv")));
        assert_eq!(counts(&import(&world, day).await), [3_108, 0, 1_968, 1_140, 0]);
        let last = || request("online-retail", "lines", csv(folder.join("retail-2011-04.csv.gz")));
        let again = counts(&import(&world, last()).await);
        assert_eq!((again[1], again[4]), (0, 0));
    });
}

#[test]
fn a_month_of_invoice_lines_comes_in_on_postgresql_too() {
    let Some(folder) = shared_data("online-retail") else { return };
    let Some(db) = TestDb::open(Engine::Postgres, MIGRATIONS) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let world = World::open(&db).await;
        let april = || request("online-retail", "lines", csv(folder.join("retail-2011-04.csv.gz")));
        let [read, imported, unchanged, skipped, gone] = counts(&import(&world, april()).await);
        assert_eq!((unchanged, gone, total(&db, "record") as u64), (0, 0, imported));
        assert_eq!(counts(&import(&world, april()).await), [read, 0, imported, skipped, 0]);
    });
}

/// Fulfilling the order needs no switch; a newsletter needs a yes.
async fn the_gate_answers(world: &World, subject: SubjectId) {
    let mut what = What::new(purpose("order-fulfilment"), Action::Read);
    what.categories.insert(CategoryName::new("contact.address.country").expect("a name"));
    let question = Question { subject: SubjectRef::Id(subject), what };
    let asker = Asker::new(service("warehouse"));
    let verdict = decide_one(&world.controller, question, asker, Mode::default()).await.expect("an answer");
    assert_eq!(verdict.answer, Answer::Granted);
    assert_eq!(ask(world, subject, "mailer", "newsletter").await.answer, Answer::Denied);
}

/// The person says yes to analytics and takes it back.
async fn withdraws(world: &World, subject: SubjectId) {
    act(world, subject, vec![given("analytics")]).await;
    assert_eq!(ask(world, subject, "storefront", "analytics").await.answer, Answer::Granted);
    act(world, subject, vec![Act::Withdrawn(whole("analytics"))]).await;
    assert_eq!(ask(world, subject, "storefront", "analytics").await.answer, Answer::Denied);
}

async fn the_person_goes(world: &World, subject: SubjectId) {
    erase(&world.controller, erasure(subject)).await.expect("erased");
    let look = read(&world.controller, look(subject, "contact.address.country")).await;
    assert!(matches!(look, Err(AppError::Erased(_))), "{look:?}");
    app::jobs::run_due(&world.controller).await.expect("the sweep");
}

fn look(subject: SubjectId, category: &str) -> Read {
    Read {
        subject,
        purpose: purpose("order-fulfilment"),
        categories: [CategoryName::new(category).expect("a name")].into(),
        actor: service("warehouse"),
        reason: None,
        request: None,
        with_history: false,
        with_records: false,
    }
}

/// The id and the text of the one value of a category.
async fn shown(world: &World, subject: SubjectId, category: &str) -> (String, String) {
    let shown = read(&world.controller, look(subject, category)).await.expect("the warehouse may look");
    assert_eq!(shown.values.len(), 1);
    (shown.values[0].id.clone(), shown.values[0].value.as_str().expect("text").to_owned())
}

async fn exported(world: &World, subject: SubjectId) -> String {
    let wish = ExportRequest {
        subject,
        kind: ExportKind::Access,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    };
    export(&world.controller, wish).await.expect("exported").document.to_string()
}

/// Compares every row of every table that is about somebody.
fn nobody_else_changed(db: &TestDb, before: &testkit::dump::People, subject: SubjectId) {
    let mut after = testkit::dump::people(db);
    let mut before = before.clone();
    let (held, left) = (before.remove(&subject.to_string()), after.remove(&subject.to_string()));
    assert_ne!(held, left, "the person's own rows did change");
    assert_eq!(before.len(), after.len());
    for (other, rows) in &before {
        assert_eq!(Some(rows), after.get(other), "the rows of {other}");
    }
}
