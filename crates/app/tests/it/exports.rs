//! Exports: nothing that is held about a person is missing from what they are handed.

use std::collections::BTreeSet;

use app::Idempotency;
use app::consent::{NewEvent, RecordConsent};
use app::exports::{EXPORT_USES_MAX, ExportKind, ExportRequest, Held, HeldPart, LookAtHeld, export, held};
use app::identity::SubjectRef;
use app::merges::{Merge, UndoMerge, merge, undo};
use app::retention::{Erase, Extent, erase};
use app::vault::collect;
use model::manifest::Manifest;
use model::{
    Actor, CategoryName, EntryId, Identifier, IdentifierKind, Origin, Personal, ReasonCode, RoleName, Shown,
    SubjectId, SystemName,
};
use serde_json::{Value, json};
use store::ledger::EntryRow;
use store::manifest::ManifestVersion;

use crate::support::{World, collect_request, customer, given, on_both, service, shop, start};

const ADA: &[(&str, &str)] = &[("FirstName", "Ada"), ("Email", "ada@example.org"), ("City", "London")];

async fn exported(world: &World, subject: SubjectId, kind: ExportKind, actor: Actor) -> Value {
    let reason = matches!(actor, Actor::Staff { .. }).then(|| gate::StaffReason {
        code: ReasonCode::new("customer-asked").expect("a name"),
        ticket: "T-1".to_owned(),
    });
    let request = ExportRequest { subject, kind, actor, reason, request: None, idempotency: None };
    export(&world.controller, request).await.expect("an export").document
}

async fn access(world: &World, subject: SubjectId) -> Value {
    exported(world, subject, ExportKind::Access, Actor::Customer).await
}

/// One part of every item of a list.
fn each<'d>(document: &'d Value, list: &str, part: &str) -> Vec<&'d str> {
    let items = document[list].as_array().expect("a list");
    items.iter().filter_map(|item| item[part].as_str()).collect()
}

/// Puts the next manifest in force.
async fn apply(world: &World, manifest: &Manifest) {
    let value = serde_json::to_value(manifest).expect("json");
    let body = String::from_utf8(ledger::canonical::encode(&value).expect("canonical")).expect("text");
    let (applied, entry) = (start(), EntryId::random());
    let row = ManifestVersion { version: 2, fingerprint: String::new(), body, applied, entry };
    let add = move |tx: &mut store::Tx<'_>| store::manifest::add(tx, &row);
    world.controller.db.write("test.manifest", add).await.expect("the manifest is stored");
    world.controller.reload().await.expect("it reads");
}

#[test]
fn what_the_manifest_no_longer_declares_is_still_handed_out() {
    on_both(async |db| {
        let mut manifest = shop();
        let chinook = SystemName::new("chinook").expect("a name");
        let card: IdentifierKind = "library-card".parse().expect("a kind");
        let system = manifest.systems.get_mut(&chinook).expect("the system");
        let table = system.tables.get_mut("Customer").expect("the table");
        table.fields.get_mut("Company").expect("a field").identifier = Some(card.clone());
        let world = World::with_manifest(db, &manifest).await;
        let ada = customer(&world, 17, &[ADA, &[("Company", "LC-99")]].concat()).await.subject;

        let mut narrower = shop();
        let system = narrower.systems.get_mut(&chinook).expect("the system");
        system.tables.get_mut("Customer").expect("the table").fields.retain(|name, _| name != "City");
        let city = CategoryName::new("contact.address.city").expect("a name");
        narrower.categories.remove(&city);
        for purpose in narrower.purposes.values_mut() {
            purpose.categories.remove(&city);
        }
        apply(&world, &narrower).await;

        for kind in [ExportKind::Access, ExportKind::Portability] {
            let document = exported(&world, ada, kind, Actor::Customer).await;
            assert!(each(&document, "values", "value").contains(&"London"), "{kind:?}: {document:#}");
            assert!(each(&document, "identifiers", "value").contains(&"LC-99"), "{kind:?}: {document:#}");
            assert!(each(&document, "identifiers", "kind").contains(&card.code()));
        }
    });
}

#[test]
fn the_purposes_of_an_export_are_those_of_records_too() {
    on_both(async |db| {
        let world = World::open(db).await;
        let row = [("InvoiceId", "900"), ("CustomerId", "17"), ("Total", "3.960")]
            .map(|(name, value)| (name.to_owned(), Personal::new(value.to_owned())));
        let request = collect_request("Invoice", row.into());
        let ada = collect(&world.controller, request).await.expect("an invoice is taken in").subject;
        let document = access(&world, ada).await;
        assert_eq!(document["values"], json!([]));
        assert!(each(&document, "purposes", "purpose").contains(&"accounting"), "{document:#}");
    });
}

#[test]
fn a_choice_is_handed_out_with_what_the_person_was_shown() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let mut event = NewEvent::new(given("newsletter"), Origin::Portal);
        event.shown = Some(Shown {
            text_sha256: "a".repeat(64),
            locale: "fr".to_owned(),
            button_order: vec!["refuse".to_owned(), "accept".to_owned()],
            notice_version: Some("3".to_owned()),
            surface: "portal/switches".to_owned(),
        });
        let request = RecordConsent {
            subject: SubjectRef::Id(ada),
            create: false,
            events: vec![event, NewEvent::new(given("analytics"), Origin::Portal)],
            actor: service("storefront"),
            request: None,
            idempotency: None,
        };
        app::consent::record(&world.controller, request).await.expect("recorded");
        let document = access(&world, ada).await;
        let choices = document["choices"].as_array().expect("choices");
        assert_eq!(choices.len(), 2);
        assert_eq!(choices[0]["shown"]["locale"], "fr");
        assert_eq!(choices[0]["shown"]["button_order"], json!(["refuse", "accept"]));
        assert_eq!(choices[1]["shown"], Value::Null);
    });
}

#[test]
fn an_export_says_when_it_holds_only_the_newest_uses() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        assert_eq!(access(&world, ada).await["uses_truncated"], json!(false));
        let before = start().plus_days(-1);
        let many = move |tx: &mut store::Tx<'_>| {
            for _ in 0..EXPORT_USES_MAX {
                let row = EntryRow {
                    id: EntryId::random(),
                    recorded: before,
                    kind: "read".to_owned(),
                    actor: "customer".to_owned(),
                    purpose: None,
                    answer: None,
                    body: b"{}".to_vec(),
                    log_index: None,
                };
                store::ledger::add(tx, &row)?;
                store::ledger::add_timeline(tx, &row.id, before, None, &[ada])?;
            }
            Ok::<_, store::DbError>(())
        };
        world.controller.db.write_long("test.entries", many).await.expect("written");
        world.clock.turn_seconds(1);
        let document = access(&world, ada).await;
        let uses = document["uses"].as_array().expect("uses");
        assert_eq!((uses.len() as i64, &document["uses_truncated"]), (EXPORT_USES_MAX, &json!(true)));
        assert_eq!(uses[0]["kind"], "export", "the newest are kept, and come first");
        assert_eq!(uses.iter().filter(|used| used["kind"] == "collect").count(), 1);
    });
}

#[test]
fn an_export_by_staff_is_whole_and_shows_masked_what_the_role_does_not_name() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, &[ADA, &[("Company", "Analytical Engines")]].concat()).await.subject;
        let role = RoleName::new("support").expect("a name");
        let rules = world.controller.in_force().expect("a manifest").manifest.roles[&role].clone();
        let company = CategoryName::new("identity.company").expect("a name");
        assert!(!rules.categories.contains(&company), "the role does not name it");
        let staff = Actor::Staff { account: "acc-7".to_owned(), role };
        let by_staff = exported(&world, ada, ExportKind::Access, staff).await;
        let by_ada = access(&world, ada).await;
        let fields = |document| each(document, "values", "field").into_iter().collect::<BTreeSet<_>>();
        assert_eq!(fields(&by_staff), fields(&by_ada));
        assert!(each(&by_ada, "values", "value").contains(&"Analytical Engines"));
        assert!(!by_staff.to_string().contains("Analytical Engines"));
        assert_eq!(each(&by_staff, "identifiers", "kind"), each(&by_ada, "identifiers", "kind"));
    });
}

#[test]
fn an_identifier_that_came_beside_a_row_is_handed_out() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut request = collect_request("Customer", vec![("City".to_owned(), "London".to_owned().into())]);
        request.identifiers =
            vec![Identifier { kind: IdentifierKind::email(), value: "ada@example.org".to_owned().into() }];
        let ada = collect(&world.controller, request).await.expect("taken in").subject;
        let document = access(&world, ada).await;
        assert_eq!(each(&document, "identifiers", "value"), ["ada@example.org"]);
    });
}

/// Asks for an export with a key, as a repeat does.
async fn with_key(world: &World, subject: SubjectId) -> Result<Value, app::AppError> {
    let repeat = Idempotency { asker: "portal".to_owned(), key: "export-1".to_owned(), fingerprint: [7; 32] };
    let request = ExportRequest {
        subject,
        kind: ExportKind::Access,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: Some(repeat),
    };
    Ok(export(&world.controller, request).await?.document)
}

fn person_asks(subject: SubjectId, extent: Extent) -> Erase {
    Erase { subject, extent, actor: Actor::Customer, reason: None, request: None, idempotency: None }
}

/// Values whose key is destroyed must not live on under another key.
#[test]
fn what_ended_stands_in_no_export_that_was_kept_for_a_repeat() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let first = with_key(&world, ada).await.expect("an export");
        assert!(first.to_string().contains("London"));
        assert_eq!(with_key(&world, ada).await.expect("the same"), first);
        let orders = model::LifetimeName::new("orders").expect("a name");
        erase(&world.controller, person_asks(ada, Extent::Lifetime(orders))).await.expect("it ends");
        assert!(db.dump().table("idempotency").is_empty(), "nothing is kept of it");
        let anew = with_key(&world, ada).await.expect("an export");
        assert!(!anew.to_string().contains("London"), "{anew:#}");
        assert!(each(&anew, "values", "value").contains(&"Ada"));

        erase(&world.controller, person_asks(ada, Extent::Person)).await.expect("erased");
        assert!(db.dump().table("idempotency").is_empty(), "nothing is kept of somebody erased");
        assert!(matches!(with_key(&world, ada).await, Err(app::AppError::Erased(_))));
    });
}

#[test]
fn an_export_that_was_kept_is_made_anew_after_its_person_is_merged_or_parted() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        let other = customer(&world, 18, &[("City", "Oxford")]).await.subject;
        let role = RoleName::new("privacy-officer").expect("a name");
        let actor = Actor::Staff { account: "acc-1".to_owned(), role };
        let code = ReasonCode::new("request").expect("a name");
        let reason = Some(gate::StaffReason { code, ticket: "T-1".to_owned() });
        let (one, leader) = (ada, Some(ada));
        let (request, idempotency) = (None, None);
        let both = Merge { one, other, leader, actor, reason, request, idempotency };
        let (actor, reason) = (both.actor.clone(), both.reason.clone());
        assert!(!with_key(&world, ada).await.expect("an export").to_string().contains("Oxford"));
        let merged = merge(&world.controller, both).await.expect("staff may");
        assert!(with_key(&world, ada).await.expect("an export").to_string().contains("Oxford"));
        let parting = UndoMerge { id: merged.id, actor, reason, request: None, idempotency: None };
        undo(&world.controller, parting).await.expect("staff may");
        let parted = with_key(&world, ada).await.expect("an export").to_string();
        assert!(parted.contains("London") && !parted.contains("Oxford"), "somebody else's data");
    });
}

async fn look(world: &World, subject: SubjectId, part: HeldPart) -> Held {
    let look = LookAtHeld { subject, part, actor: Actor::Customer, reason: None };
    held(&world.controller, look).await.expect("shown")
}

/// A customer of ten years must not wait for ten years of orders, nor a reload open them all.
#[test]
fn what_is_held_is_looked_at_page_by_page_and_each_look_opens_and_names_its_own_part() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await.subject;
        for number in 0..7 {
            let row = [("InvoiceId", format!("{}", 900 + number)), ("CustomerId", "17".to_owned())]
                .map(|(name, value)| (name.to_owned(), Personal::new(value)));
            let taken = collect(&world.controller, collect_request("Invoice", row.into())).await;
            assert_eq!(taken.expect("an invoice is taken in").subject, ada);
            world.clock.turn_seconds(60);
        }
        let before = crate::support::entries(&world, ada).await.len();
        let profile = look(&world, ada, HeldPart::Profile).await;
        assert!(profile.records.is_empty() && profile.values.iter().all(|value| value.ended.is_none()));
        assert_eq!(profile.counts.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [7]);
        assert!(!profile.identifiers.is_empty());

        let (mut seen, mut before_record, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = look(&world, ada, HeldPart::Records { before: before_record, limit: 3 }).await;
            assert!(page.values.is_empty() && page.identifiers.is_empty());
            seen.extend(page.records.iter().map(|record| record.fields["Invoice.InvoiceId"].clone()));
            pages += 1;
            before_record = page.next;
            if before_record.is_none() {
                break;
            }
        }
        let newest_first: Vec<Value> = (900..907).rev().map(|number| json!(number.to_string())).collect();
        assert_eq!((seen, pages), (newest_first, 3), "each once");

        let city = profile.values.iter().find(|value| value.category.as_str() == "contact.address");
        let city = city.or(profile.values.first()).expect("a value");
        let one = look(&world, ada, HeldPart::Value(city.id.parse().expect("an id"))).await;
        assert!(one.values.iter().all(|value| value.category == city.category), "{one:?}");
        let entries = crate::support::entries(&world, ada).await;
        assert_eq!(entries.len() - before, 1 + pages + 1, "each look is one entry");

        let nobody_s = HeldPart::Value("val_00000000000000000000000000".parse().expect("an id"));
        let look = LookAtHeld { subject: ada, part: nobody_s, actor: Actor::Customer, reason: None };
        assert!(matches!(held(&world.controller, look).await, Err(app::AppError::NotFound(_))));
    });
}
