//! Erasure: what a person has erased is gone at once and for good, what a law keeps is
//! named, and nobody else notices.

use std::collections::BTreeSet;

use app::consent::{NewEvent, RecordConsent};
use app::identity::SubjectRef;
use app::jobs::{LEASE_SECONDS, run_due};
use app::retention::{Erase, Erased, Extent, Kept, SWEEP_AGAIN_SECONDS, erase, plan};
use app::vault::{Collected, Read, collect, read};
use app::{AppError, Controller};
use gate::StaffReason;
use keys::RecordPart;
use model::{
    Act, Actor, CategoryName, Channel, LifetimeName, Origin, PurposeName, ReasonCode, RoleName, SubjectId,
    SystemName,
};
use store::key_record::{self, KeyPart};
use testkit::{Dump, TestDb};

use crate::support::{World, collect_request, customer, on_both, record_shop_number, service};

const ADA: &[(&str, &str)] = &[
    ("FirstName", "Ada"),
    ("LastName", "Lovelace"),
    ("Email", "ada@example.org"),
    ("Phone", "+44 20 7946 0000"),
    ("City", "London"),
];
const GRACE: &[(&str, &str)] =
    &[("FirstName", "Grace"), ("Email", "grace@example.org"), ("City", "New York")];

fn person_asks(subject: SubjectId, extent: Extent) -> Erase {
    Erase { subject, extent, actor: Actor::Customer, reason: None, request: None, idempotency: None }
}

fn lifetime(name: &str) -> LifetimeName {
    LifetimeName::new(name).expect("a name")
}

async fn erase_whole(world: &World, subject: SubjectId) -> Erased {
    erase(&world.controller, person_asks(subject, Extent::Person))
        .await
        .expect("a person may erase themselves")
}

/// Takes in one invoice of a customer, which tax law wants kept.
async fn invoice(world: &World, number: u32, invoice: u32) -> Collected {
    let row = [
        ("InvoiceId", invoice.to_string()),
        ("CustomerId", number.to_string()),
        ("InvoiceDate", "2026-11-01T00:00:00Z".to_owned()),
        ("BillingCity", "London".to_owned()),
        ("Total", "9.90".to_owned()),
    ];
    let row = row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    collect(&world.controller, collect_request("Invoice", row)).await.expect("an invoice is taken in")
}

/// Takes in one order line of a customer.
async fn order(world: &World, number: u32, invoice: u32) -> Collected {
    let row = [
        ("InvoiceNo", invoice.to_string()),
        ("StockCode", "85123A".to_owned()),
        ("Description", "White hanging heart".to_owned()),
        ("Quantity", "6".to_owned()),
        ("CustomerID", number.to_string()),
    ];
    let row = row.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut request = collect_request("lines", row);
    request.system = SystemName::new("online-retail").expect("a name");
    // The gift shop has numbers of its own; whose this is, the record shop's says.
    request.identifiers.push(record_shop_number(number));
    collect(&world.controller, request).await.expect("an order is taken in")
}

async fn objects_to_marketing(world: &World, subject: SubjectId) -> app::consent::Recorded {
    let act = Act::Objected { purpose: None };
    let request = RecordConsent {
        subject: SubjectRef::Id(subject),
        create: false,
        events: vec![NewEvent::new(act, Origin::Portal)],
        actor: service("storefront"),
        request: None,
        idempotency: None,
    };
    app::consent::record(&world.controller, request).await.expect("an objection is recorded")
}

async fn look(world: &World, subject: SubjectId, category: &str) -> Result<usize, AppError> {
    let request = Read {
        subject,
        purpose: PurposeName::new("order-fulfilment").expect("a name"),
        categories: BTreeSet::from([CategoryName::new(category).expect("a name")]),
        actor: service("warehouse"),
        reason: None,
        request: None,
        with_history: true,
        with_records: true,
    };
    let seen = read(&world.controller, request).await?;
    Ok(seen.values.len() + seen.records.len())
}

async fn key_record(controller: &Controller, subject: SubjectId, part: KeyPart) -> Option<Vec<u8>> {
    let found = controller.db.read("test", move |tx| key_record::find(tx, &subject, part)).await;
    found.expect("the store reads").map(|(_, body)| body)
}

/// Copies the person's one record `copies` times, past our own code, so that many rows are
/// quickly there. They do not open, which no erasure looks at.
fn multiply_records(db: &TestDb, subject: SubjectId, copies: usize) {
    let columns = "categories, lifetime, source, system, recorded_us, fingerprint, sealed";
    for chunk in (0..copies).collect::<Vec<_>>().chunks(500) {
        let rows: Vec<String> =
            chunk.iter().map(|n| format!("('{}', 'copy-{n}')", model::RecordId::random())).collect();
        db.tamper(&format!(
            "INSERT INTO record (subject_id, record_id, kind, source_key, {columns}) \
             SELECT r.subject_id, n.column1, n.column2, r.source_key, {columns} \
             FROM record AS r, (VALUES {}) AS n \
             WHERE r.subject_id = '{subject}' AND r.kind = 'order-line'",
            rows.join(", ")
        ));
    }
}

#[test]
fn an_erased_person_is_gone_from_every_table_and_nobody_elses_row_changed() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let grace = customer(&world, 18, GRACE).await.subject;
        order(&world, 17, 1).await;
        order(&world, 18, 2).await;
        objects_to_marketing(&world, ada).await;
        objects_to_marketing(&world, grace).await;
        let before = db.dump();
        erase_whole(&world, ada).await;
        run_due(&world.controller).await.expect("jobs run");
        let after = db.dump();
        let ada = ada.to_string();
        for (table, row) in before.without(&after) {
            assert!(row.contains(&ada), "a row of {table} that is not hers is gone or changed");
        }
        let new: BTreeSet<String> = after.without(&before).into_iter().map(|(table, _)| table).collect();
        assert_eq!(new, tables(&["job", "ledger_entry", "subject", "tombstone"]));
        let left: BTreeSet<String> = after.holding(&ada).into_keys().collect();
        assert_eq!(left, tables(&["evidence", "job", "key_record", "subject"]), "her id stands nowhere else");
        assert_eq!(look(&world, grace, "contact.address.city").await.expect("grace stays"), 1);
    });
}

fn tables(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn from_the_commit_on_nothing_of_an_erased_person_opens() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let erased = erase_whole(&world, ada).await;
        assert_eq!(erased.ended, [lifetime("account"), lifetime("identity"), lifetime("orders")]);
        assert!(
            matches!(look(&world, ada, "contact.address.city").await, Err(AppError::Erased(id)) if id == ada)
        );
        assert_eq!(key_record(&world.controller, ada, KeyPart::Person).await, None);
        let again = erase(&world.controller, person_asks(ada, Extent::Person)).await;
        assert!(matches!(again, Err(AppError::Erased(_))), "{again:?}");
        let unknown = erase(&world.controller, person_asks(SubjectId::random(), Extent::Person)).await;
        assert!(matches!(unknown, Err(AppError::NotFound(_))));
    });
}

#[test]
fn a_copy_of_the_key_record_from_before_opens_until_its_epoch_key_is_destroyed() {
    // Why erasure is final only when the epoch is over: a backup's copy of the wrapped keys
    // opens with the epoch key, which therefore no backup holds and which dies in its turn.
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let copy = key_record(&world.controller, ada, KeyPart::Person).await.expect("her keys");
        erase_whole(&world, ada).await;
        let core = world.controller.core();
        assert!(core.keys.open(ada, RecordPart::Person, &copy).is_ok());
        assert!(keys::KeyRing::generate().open(ada, RecordPart::Person, &copy).is_err());
    });
}

/// Whether any file of the folder holds these bytes.
fn any_file_holds(folder: &std::path::Path, wanted: &[u8]) -> bool {
    let files = std::fs::read_dir(folder).expect("the folder reads");
    files.map(|file| file.expect("a file").path()).filter(|path| path.is_file()).any(|path| {
        let bytes = std::fs::read(path).expect("the file reads");
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[test]
fn after_upkeep_no_file_of_the_store_holds_the_erased_persons_key_record() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let record = key_record(&world.controller, ada, KeyPart::Person).await.expect("a key record");
        let is_file = db.engine() == testkit::Engine::Sqlite;
        assert_eq!(any_file_holds(db.folder(), &record), is_file, "a test that looks in the wrong place");
        erase_whole(&world, ada).await;
        app::jobs::upkeep(&world.controller).await.expect("upkeep");
        assert!(!any_file_holds(db.folder(), &record));
    });
}

#[test]
fn who_was_erased_comes_back_only_by_their_own_act_as_somebody_new_and_still_suppressed() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        objects_to_marketing(&world, ada).await;
        let suppressions = db.dump().table("suppression");
        assert!(!suppressions.is_empty());
        let erased = erase_whole(&world, ada).await;
        assert_eq!(erased.tombstones, 3);
        assert_eq!(db.dump().table("suppression"), suppressions);
        let back = |own_act| {
            let row = vec![
                ("CustomerId".to_owned(), "99".to_owned().into()),
                ("Email".to_owned(), " ADA@example.org".to_owned().into()),
            ];
            let mut request = collect_request("Customer", row);
            request.own_act = own_act;
            request
        };
        let import = collect(&world.controller, back(false)).await;
        assert!(matches!(import, Err(AppError::Conflict { code: "erased-before", .. })), "{import:?}");
        let new = collect(&world.controller, back(true)).await.expect("her own act").subject;
        assert_ne!(new, ada);
        let row = world.controller.db.read("test", move |tx| store::consent::standing(tx, &new)).await;
        let suppressed = row.expect("read").expect("a standing").suppressed;
        assert!(suppressed.contains(Channel::Email.code()), "{suppressed}");
        world.clock.turn_days(3 * 366);
        app::jobs::upkeep(&world.controller).await.expect("upkeep");
        let dump = db.dump();
        assert!(dump.table("tombstone").is_empty(), "a tombstone ends on its day");
        assert_eq!(dump.table("suppression"), suppressions, "a suppression's term is longer");
    });
}

#[test]
fn proof_of_choices_outlives_erasure_for_its_term_and_then_ends_with_an_entry_about_nobody() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let event = objects_to_marketing(&world, ada).await.events[0].event.to_string();
        let erased = erase_whole(&world, ada).await;
        let stays = erased.stays.iter().find(|stays| stays.what == Kept::Evidence).expect("evidence stays");
        assert_eq!(stays.citation.as_deref(), Some("GDPR 7(1)"));
        run_due(&world.controller).await.expect("jobs run");
        let proofs = || db.dump().table("evidence").iter().filter(|row| row.contains(&event)).count();
        assert_eq!(proofs(), 1);
        let sealed = key_record(&world.controller, ada, KeyPart::Evidence).await.expect("evidence keys");
        assert!(world.controller.core().keys.open(ada, RecordPart::Evidence, &sealed).is_ok());

        world.clock.turn_seconds(SWEEP_AGAIN_SECONDS);
        assert_eq!(run_due(&world.controller).await.expect("the second sweep"), 1);
        world.clock.set(stays.until.plus_seconds(-1));
        assert_eq!(run_due(&world.controller).await.expect("jobs run"), 0);
        world.clock.set(stays.until);
        let before = db.dump();
        assert_eq!(run_due(&world.controller).await.expect("jobs run"), 1);
        assert_eq!(key_record(&world.controller, ada, KeyPart::Evidence).await, None);
        assert_eq!(proofs(), 0);
        let after = db.dump();
        let left: Vec<String> = after.holding(&ada.to_string()).into_keys().collect();
        assert_eq!(left, ["subject"], "nothing but a random id is left");
        let new = after.without(&before);
        assert_eq!(new.len(), 1, "{new:?}");
        assert!(new[0].0 == "ledger_entry" && new[0].1.contains("job:evidence-end"), "{new:?}");
        assert_eq!(before.table("timeline"), after.table("timeline"), "the entry is about nobody");
    });
}

#[test]
fn what_tax_law_wants_kept_stays_for_its_term_and_is_named_with_its_ground() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        invoice(&world, 17, 1).await;
        order(&world, 17, 2).await;
        let planned = plan(&world.controller, person_asks(ada, Extent::Person)).await.expect("a plan");
        let erased = erase_whole(&world, ada).await;
        let duty = erased.stays.iter().find(|stays| stays.what == Kept::Duty).expect("a duty").clone();
        assert_eq!(duty.lifetime, Some(lifetime("duty")));
        assert_eq!(duty.citation.as_deref(), Some("Companies Act 2006 s. 388"));
        assert!(duty.until > "2037-01-01T00:00:00Z".parse().expect("a moment"), "ten years from year's end");
        let foreseen = planned.stays.iter().find(|stays| stays.what == Kept::Duty).expect("foreseen");
        assert_eq!((foreseen.items, foreseen.until), (Some(1), duty.until));
        let gone: Vec<LifetimeName> = planned.ends.iter().map(|ends| ends.lifetime.clone()).collect();
        assert_eq!(gone, erased.ended, "what was planned is what was done");

        run_due(&world.controller).await.expect("jobs run");
        assert_eq!(db.dump().table("record").len(), 1, "the order is gone, the invoice is there");
        let body = key_record(&world.controller, ada, KeyPart::Person).await.expect("the duty's key");
        let kept = world.controller.core().keys.open(ada, RecordPart::Person, &body).expect("it opens");
        assert_eq!(kept.lifetimes().collect::<Vec<_>>(), [lifetime("duty")]);
        assert!(kept.trace_key().is_err());

        world.clock.set(duty.until);
        run_due(&world.controller).await.expect("jobs run");
        assert_eq!(key_record(&world.controller, ada, KeyPart::Person).await, None);
        assert!(db.dump().table("record").is_empty());
        let entries = db.dump().table("ledger_entry");
        assert_eq!(entries.iter().filter(|row| row.contains("job:duty-end")).count(), 1);
    });
}

#[test]
fn erasing_writes_as_many_rows_for_ten_records_as_for_ten_thousand() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut written = Vec::new();
        for (number, copies) in [(1_u32, 9), (2, 9_999)] {
            let subject = customer(&world, number, &[("City", "London")]).await.subject;
            order(&world, number, 1).await;
            multiply_records(db, subject, copies);
            let before = db.dump();
            let counted =
                plan(&world.controller, person_asks(subject, Extent::Person)).await.expect("a plan");
            assert_eq!(counted.ends.iter().map(|ends| ends.items).sum::<i64>(), copies as i64 + 3);
            erase_whole(&world, subject).await;
            let after = db.dump();
            written.push((before.without(&after).len(), after.without(&before).len()));
            run_due(&world.controller).await.expect("jobs run");
            assert!(db.dump().table("record").is_empty(), "the sweep takes all of them");
        }
        assert_eq!(written[0], written[1]);
    });
}

#[test]
fn what_a_decision_about_many_wrote_about_somebody_after_their_sweep_goes_a_quarter_hour_later() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let entry = erase_whole(&world, ada).await.entry;
        run_due(&world.controller).await.expect("jobs run");
        // A batch that found her living before she was erased, and wrote after the sweep.
        let late = move |tx: &mut store::Tx<'_>| {
            store::ledger::add_timeline(tx, &entry, crate::support::start(), None, &[ada])
        };
        world.controller.db.write("test.late", late).await.expect("written");
        world.clock.turn_seconds(SWEEP_AGAIN_SECONDS - 1);
        assert_eq!(run_due(&world.controller).await.expect("jobs run"), 0);
        assert!(db.dump().table("timeline").iter().any(|row| row.contains(&ada.to_string())));
        world.clock.turn_seconds(1);
        assert_eq!(run_due(&world.controller).await.expect("jobs run"), 1);
        assert!(!db.dump().table("timeline").iter().any(|row| row.contains(&ada.to_string())));
    });
}

#[test]
fn a_sweep_that_is_killed_in_the_middle_is_ended_by_the_next_worker() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        order(&world, 17, 1).await;
        multiply_records(db, ada, 6_000);
        erase_whole(&world, ada).await;
        let controller = world.controller.clone();
        let worker = tokio::spawn(async move { run_due(&controller).await });
        let rows = |dump: &Dump| dump.table("record").len();
        // Killed as soon as it has begun; whatever it had done by then is done.
        while rows(&db.dump()) == 6_001 && !worker.is_finished() {
            tokio::task::yield_now().await;
        }
        worker.abort();
        drop(worker.await);
        assert!(run_due(&world.controller).await.is_ok(), "nobody takes a job that is under its lease");
        world.clock.turn_seconds(LEASE_SECONDS + 1);
        run_due(&world.controller).await.expect("jobs run");
        assert_eq!(rows(&db.dump()), 0);
        world.clock.turn_seconds(SWEEP_AGAIN_SECONDS);
        run_due(&world.controller).await.expect("jobs run again");
        let dump = db.dump();
        assert!(dump.table("job").is_empty(), "{:?}", dump.table("job"));
    });
}

#[test]
fn erasing_and_collecting_at_once_end_as_if_one_had_come_first() {
    on_both(async |db| {
        let world = World::open(db).await;
        for number in 1..=12 {
            let subject = customer(&world, number, &[("City", "London")]).await.subject;
            let row = vec![
                ("CustomerId".to_owned(), number.to_string().into()),
                ("City".to_owned(), "Oxford".to_owned().into()),
                ("FirstName".to_owned(), "Ada".to_owned().into()),
            ];
            let (erased, collected) = tokio::join!(
                erase(&world.controller, person_asks(subject, Extent::Person)),
                collect(&world.controller, collect_request("Customer", row)),
            );
            erased.expect("she is erased either way");
            match collected {
                Ok(collected) => assert_eq!(collected.subject, subject),
                Err(AppError::Erased(_) | AppError::Conflict { code: "erased-before", .. }) => {}
                Err(error) => panic!("{error:?}"),
            }
            assert_eq!(key_record(&world.controller, subject, KeyPart::Person).await, None);
            run_due(&world.controller).await.expect("jobs run");
            world.clock.turn_seconds(SWEEP_AGAIN_SECONDS);
            run_due(&world.controller).await.expect("jobs run again");
            let left: BTreeSet<String> = db.dump().holding(&subject.to_string()).into_keys().collect();
            assert_eq!(left, tables(&["subject"]), "round {number}");
        }
    });
}

#[test]
fn one_lifetime_ends_while_the_rest_goes_on_and_may_begin_anew() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        order(&world, 17, 1).await;
        let orders = Extent::Lifetime(lifetime("orders"));
        let planned = plan(&world.controller, person_asks(ada, orders.clone())).await.expect("a plan");
        assert_eq!(planned.ends.len(), 1);
        assert_eq!(planned.ends[0].items, 2, "the city and the order");
        let ended = erase(&world.controller, person_asks(ada, orders)).await.expect("it ends");
        assert_eq!(ended.ended, [lifetime("orders")]);
        assert_eq!(look(&world, ada, "contact.address.city").await.expect("a look"), 0);
        assert_eq!(look(&world, ada, "identity.last-name").await.expect("a look"), 1);
        customer(&world, 17, &[("City", "Oxford")]).await;
        assert_eq!(look(&world, ada, "contact.address.city").await.expect("a look"), 1);
        invoice(&world, 17, 2).await;
        for name in ["identity", "evidence", "case", "duty"] {
            let kept = erase(&world.controller, person_asks(ada, Extent::Lifetime(lifetime(name)))).await;
            assert!(matches!(kept, Err(AppError::Conflict { code: "lifetime-must-stay", .. })), "{name}");
        }
        let unknown = erase(&world.controller, person_asks(ada, Extent::Lifetime(lifetime("nothing")))).await;
        assert!(matches!(unknown, Err(AppError::NotFound(_))));
    });
}

#[test]
fn ending_a_lifetime_writes_as_many_rows_for_ten_records_as_for_a_hundred_thousand() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut written = Vec::new();
        for (number, copies) in [(1_u32, 9), (2, 99_999)] {
            let subject = customer(&world, number, &[("FirstName", "Ada")]).await.subject;
            order(&world, number, 1).await;
            multiply_records(db, subject, copies);
            let before = db.dump();
            let orders = person_asks(subject, Extent::Lifetime(lifetime("orders")));
            assert_eq!(erase(&world.controller, orders).await.expect("it ends").ended.len(), 1);
            let after = db.dump();
            written.push((before.without(&after).len(), after.without(&before).len()));
            assert_eq!(after.table("record").len(), copies + 1, "the request deletes nothing");
            assert_eq!(look(&world, subject, "commercial.orders").await.expect("a look"), 0);
            run_due(&world.controller).await.expect("jobs run");
            let swept = db.dump();
            assert!(swept.table("record").is_empty(), "the sweep takes all of them");
            assert!(swept.table("job").is_empty());
            assert_eq!(look(&world, subject, "identity.first-name").await.expect("a look"), 1);
        }
        assert_eq!(written[0], written[1]);
    });
}

#[test]
fn what_is_taken_in_before_the_sweep_stays_and_opens_and_what_ended_does_neither() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        order(&world, 17, 1).await;
        let orders = || person_asks(ada, Extent::Lifetime(lifetime("orders")));
        erase(&world.controller, orders()).await.expect("it ends");
        assert_eq!(look(&world, ada, "commercial.orders").await.expect("a look"), 0);
        assert_eq!(look(&world, ada, "contact.address.city").await.expect("a look"), 0);
        let planned = plan(&world.controller, orders()).await.expect("a plan");
        assert!(planned.ends.is_empty(), "nothing is left to end");
        customer(&world, 17, &[("City", "Oxford")]).await;
        order(&world, 17, 1).await;
        order(&world, 17, 2).await;
        assert_eq!(look(&world, ada, "commercial.orders").await.expect("a look"), 2);
        assert_eq!(look(&world, ada, "contact.address.city").await.expect("a look"), 1);
        assert_eq!(db.dump().table("record").len(), 3);
        run_due(&world.controller).await.expect("jobs run");
        assert_eq!(db.dump().table("record").len(), 2, "only what ended is gone");
        assert_eq!(look(&world, ada, "commercial.orders").await.expect("a look"), 2);
        assert_eq!(look(&world, ada, "contact.address.city").await.expect("a look"), 1);
        assert!(db.dump().table("job").is_empty());
    });
}

#[test]
fn who_may_not_erase_erases_nothing_and_leaves_a_denial_in_the_ledger() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let before = db.dump();
        let mut request = person_asks(ada, Extent::Person);
        request.actor = service("storefront");
        let foreseen = plan(&world.controller, request.clone()).await.expect("a plan").verdict;
        assert_eq!((foreseen.answer, foreseen.entry), (model::Answer::Denied, None));
        assert_eq!(before, db.dump(), "a plan leaves no trace");
        let denied = erase(&world.controller, request).await;
        let Err(AppError::Denied(verdict)) = denied else { panic!("{denied:?}") };
        let entry = verdict.entry.expect("a denial has its entry").to_string();
        let new: BTreeSet<String> = db
            .dump()
            .without(&before)
            .into_iter()
            .filter(|(_, row)| row.contains(&entry))
            .map(|(t, _)| t)
            .collect();
        assert_eq!(new, tables(&["ledger_entry", "timeline"]));
        let mut staff = person_asks(ada, Extent::Person);
        let role = RoleName::new("support").expect("a name");
        staff.actor = Actor::Staff { account: "acc-7".to_owned(), role };
        let without_reason = erase(&world.controller, staff.clone()).await;
        assert!(matches!(without_reason, Err(AppError::Denied(_))), "{without_reason:?}");
        let code = ReasonCode::new("customer-asked").expect("a name");
        staff.reason = Some(StaffReason { code, ticket: "T-1".to_owned() });
        erase(&world.controller, staff).await.expect("with a reason staff may");
    });
}
