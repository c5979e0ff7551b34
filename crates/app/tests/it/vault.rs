//! The vault: what is collected can be read as the permit says, corrected, exported, and no other way.

use std::collections::BTreeSet;

use app::AppError;
use app::exports::{ExportKind, ExportRequest, export};
use app::vault::{Correct, Read, collect, correct, read};
use model::manifest::Stage;
use model::{Action, Actor, CategoryName, Personal, PurposeName, RoleName, ServiceName, SubjectId};

use crate::support::{World, collect_request, customer, email, on_both, service, shop, vouching};

fn category(name: &str) -> CategoryName {
    CategoryName::new(name).expect("a name")
}

fn look(subject: SubjectId, actor: Actor, purpose: &str, categories: &[&str]) -> Read {
    Read {
        subject,
        purpose: PurposeName::new(purpose).expect("a name"),
        categories: categories.iter().map(|name| category(name)).collect::<BTreeSet<_>>(),
        actor,
        reason: None,
        request: None,
        with_history: false,
        with_records: true,
    }
}

const ADA: &[(&str, &str)] =
    &[("FirstName", "Ada"), ("LastName", "Lovelace"), ("Email", "Ada@Example.org"), ("City", "London")];

#[test]
fn what_was_collected_is_read_back_by_a_service_whose_purpose_covers_it() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        assert!(ada.created);
        assert_eq!((ada.stored, ada.unchanged), (5, 0));
        let seen = read(
            &world.controller,
            look(
                ada.subject,
                service("warehouse"),
                "order-fulfilment",
                &["contact.address.city", "identity.last-name"],
            ),
        )
        .await
        .expect("the warehouse may look");
        let shown: Vec<_> =
            seen.values.iter().map(|value| (value.field.as_str(), value.value.clone())).collect();
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert!(shown.contains(&("Customer.City", "London".into())));
        assert!(shown.contains(&("Customer.LastName", "Lovelace".into())));
    });
}

#[test]
fn the_same_row_a_second_time_changes_nothing_and_a_changed_one_keeps_its_history() {
    on_both(async |db| {
        let world = World::open(db).await;
        let first = customer(&world, 17, ADA).await;
        let second = customer(&world, 17, ADA).await;
        assert_eq!((second.subject, second.created), (first.subject, false));
        assert_eq!((second.stored, second.unchanged), (0, 5));
        let moved = customer(&world, 17, &[("City", "Oxford")]).await;
        assert_eq!((moved.stored, moved.unchanged), (1, 1));
        let mut request =
            look(first.subject, service("warehouse"), "order-fulfilment", &["contact.address.city"]);
        request.with_history = true;
        let seen = read(&world.controller, request).await.expect("a look");
        let cities: BTreeSet<_> =
            seen.values.iter().map(|value| (value.ended.is_some(), value.value.to_string())).collect();
        assert_eq!(
            cities,
            BTreeSet::from([(false, "\"Oxford\"".to_owned()), (true, "\"London\"".to_owned())])
        );
    });
}

#[test]
fn a_purpose_without_consent_opens_nothing_and_leaves_its_denial_in_the_ledger() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        let denied =
            read(&world.controller, look(ada.subject, service("mailer"), "newsletter", &["contact.email"]))
                .await;
        let Err(AppError::Denied(verdict)) = denied else { panic!("{denied:?}") };
        let entry = verdict.entry.expect("a denial has its entry");
        let row = world
            .controller
            .db
            .read("test", move |tx| store::ledger::find(tx, &entry))
            .await
            .expect("the store reads")
            .expect("the entry is there");
        assert_eq!(row.answer.as_deref(), Some("denied"));
        let about = world
            .controller
            .db
            .read("test", move |tx| store::ledger::set_of(tx, &ada.subject, &entry))
            .await
            .expect("the store reads");
        assert_eq!(about, Some(None), "the denial stands in the person's timeline");
    });
}

#[test]
fn two_customers_never_share_an_identifier_and_one_row_never_names_two() {
    on_both(async |db| {
        let world = World::with_manifest(db, &vouching()).await;
        customer(&world, 1, &[("Email", "ada@example.org")]).await;
        customer(&world, 2, &[("Email", "grace@example.org")]).await;
        let row = vec![
            ("CustomerId".to_owned(), "1".to_owned().into()),
            ("Email".to_owned(), "GRACE@example.org".to_owned().into()),
        ];
        let refused = collect(&world.controller, collect_request("Customer", row)).await;
        let Err(AppError::Conflict { code, detail }) = refused else { panic!("{refused:?}") };
        assert_eq!(code, "identifiers-disagree");
        assert!(!detail.contains("grace"), "{detail}");
    });
}

#[test]
fn an_undeclared_field_is_refused_by_name_in_development_and_dropped_in_production() {
    on_both(async |db| {
        let mut manifest = shop();
        let storefront = ServiceName::new("storefront").expect("a name");
        let row = || -> Vec<(String, Personal<String>)> {
            [("CustomerId", "1"), ("ShoeSize", "canary")]
                .map(|(name, value)| (name.to_owned(), value.to_owned().into()))
                .into()
        };
        manifest.services.get_mut(&storefront).expect("the storefront").stage = Stage::Development;
        let world = World::with_manifest(db, &manifest).await;
        let refused = collect(&world.controller, collect_request("Customer", row())).await;
        let Err(AppError::Invalid(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!(faults[0].path, "fields.ShoeSize");
        assert!(!faults[0].message.contains("canary"));
    });
    on_both(async |db| {
        let mut manifest = shop();
        let storefront = ServiceName::new("storefront").expect("a name");
        manifest.services.get_mut(&storefront).expect("the storefront").stage = Stage::Production;
        let world = World::with_manifest(db, &manifest).await;
        let row = vec![
            ("CustomerId".to_owned(), "1".to_owned().into()),
            ("ShoeSize".to_owned(), "canary".to_owned().into()),
        ];
        let taken = collect(&world.controller, collect_request("Customer", row)).await.expect("taken in");
        assert_eq!(taken.dropped, ["ShoeSize"]);
    });
}

#[test]
fn an_invoice_becomes_one_sealed_record_that_a_second_run_finds_unchanged() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        let row = || -> Vec<(String, Personal<String>)> {
            [("InvoiceId", "900"), ("CustomerId", "17"), ("InvoiceDate", "2026-01-02"), ("Total", "3.960")]
                .map(|(name, value)| (name.to_owned(), value.to_owned().into()))
                .into()
        };
        let mut request = collect_request("Invoice", row());
        request.actor = service("storefront");
        let first = collect(&world.controller, request).await.expect("an invoice is taken in");
        assert_eq!((first.subject, first.stored), (ada.subject, 1));
        let again = collect(&world.controller, collect_request("Invoice", row())).await.expect("again");
        assert_eq!((again.stored, again.unchanged), (0, 1));
        let all = export(
            &world.controller,
            ExportRequest {
                subject: ada.subject,
                kind: ExportKind::Access,
                actor: Actor::Customer,
                reason: None,
                request: None,
                idempotency: None,
            },
        )
        .await
        .expect("an export");
        let records = all.document.get("records").and_then(|records| records.as_array()).expect("records");
        assert_eq!(records.len(), 1);
        assert_eq!(records[0]["fields"]["Invoice.Total"], "3.96");
        assert_eq!(all.document["identifiers"].as_array().map(Vec::len), Some(2));
        assert!(all.document["uses"].as_array().is_some_and(|uses| uses.len() >= 4));
    });
}

#[test]
fn portability_hands_out_only_what_the_person_gave_or_generated() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        let portable = export(
            &world.controller,
            ExportRequest {
                subject: ada.subject,
                kind: ExportKind::Portability,
                actor: Actor::Customer,
                reason: None,
                request: None,
                idempotency: None,
            },
        )
        .await
        .expect("an export");
        assert!(portable.document.get("uses").is_none());
        assert_eq!(portable.document["values"].as_array().map(Vec::len), Some(5));
    });
}

#[test]
fn a_correction_by_the_person_replaces_the_value_and_the_identifier_it_was() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        let held = read(&world.controller, look(ada.subject, Actor::Customer, "rights", &["contact.email"]))
            .await
            .expect("the person reads their own data");
        let value = held.values[0].id.parse().expect("an id");
        let corrected = correct(
            &world.controller,
            Correct {
                subject: ada.subject,
                value,
                new: "countess@example.org".to_owned().into(),
                purpose: PurposeName::new("rights").expect("a name"),
                actor: Actor::Customer,
                reason: None,
                idempotency: None,
            },
        )
        .await
        .expect("a correction");
        assert!(corrected.changed);
        let old =
            app::identity::look_up(&world.controller, email("ada@example.org")).await.expect("a look-up");
        assert_eq!(old, app::identity::Found::Nobody);
        let new = app::identity::look_up(&world.controller, email("Countess@Example.org"))
            .await
            .expect("a look-up");
        assert_eq!(new, app::identity::Found::Person(ada.subject));
    });
}

/// Corrects the city of a customer as the customer.
async fn correct_city(world: &World, subject: SubjectId, city: &str) {
    let held = read(&world.controller, look(subject, Actor::Customer, "rights", &["contact.address.city"]))
        .await
        .expect("the person reads their own data");
    let request = Correct {
        subject,
        value: held.values[0].id.parse().expect("an id"),
        new: city.to_owned().into(),
        purpose: PurposeName::new("rights").expect("a name"),
        actor: Actor::Customer,
        reason: None,
        idempotency: None,
    };
    assert!(correct(&world.controller, request).await.expect("a correction").changed);
}

async fn city_of(world: &World, subject: SubjectId) -> serde_json::Value {
    let request = look(subject, Actor::Customer, "rights", &["contact.address.city"]);
    let held = read(&world.controller, request).await.expect("the person reads their own data");
    assert_eq!(held.values.len(), 1);
    held.values[0].value.clone()
}

#[test]
fn a_correction_stands_when_the_source_says_the_same_again_and_ends_when_it_says_something_else() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        correct_city(&world, ada.subject, "Oxford").await;
        correct_city(&world, ada.subject, "Cambridge").await;
        let again = customer(&world, 17, ADA).await;
        assert_eq!((again.stored, again.unchanged), (0, 5));
        assert_eq!(city_of(&world, ada.subject).await, "Cambridge");
        let moved = customer(&world, 17, &[("City", "Paris")]).await;
        assert_eq!((moved.stored, moved.unchanged), (1, 1));
        assert_eq!(city_of(&world, ada.subject).await, "Paris");
    });
}

#[test]
fn the_next_import_of_the_same_file_leaves_a_correction_alone() {
    on_both(async |db| {
        let world = World::open(db).await;
        let file = db.folder().join("customers.csv");
        std::fs::write(&file, "CustomerId,Email,City\n17,ada@example.org,London\n").expect("a file");
        let request = || app::imports::ImportRequest {
            system: model::SystemName::new("chinook").expect("a name"),
            table: "Customer".to_owned(),
            source: connect::Source::Csv { file: file.clone() },
            actor: Actor::Operator,
            purpose: None,
            dropped: BTreeSet::new(),
            rejects: None,
            on_progress: None,
        };
        app::imports::run(&world.controller, request()).await.expect("the first run");
        let found = app::identity::look_up(&world.controller, email("ada@example.org")).await;
        let Ok(app::identity::Found::Person(ada)) = found else { panic!("{found:?}") };
        correct_city(&world, ada, "Oxford").await;
        let again = app::imports::run(&world.controller, request()).await.expect("the second run");
        assert_eq!((again.tally.imported, again.tally.unchanged), (0, 1));
        assert_eq!(city_of(&world, ada).await, "Oxford");
    });
}

#[test]
fn support_sees_masked_values_and_only_with_a_reason() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = customer(&world, 17, ADA).await;
        let manifest = &world.controller.in_force().expect("a manifest").manifest;
        let role = RoleName::new("support").expect("a name");
        let rules = &manifest.roles[&role];
        assert!(rules.actions.contains(&Action::Read));
        let purpose = rules.purposes.iter().next().expect("support has a purpose").clone();
        let reason = rules.reasons.keys().next().expect("support has reasons").clone();
        let shown = category("contact.email");
        let staff = Actor::Staff { account: "acc-7".to_owned(), role };
        let mut request = look(ada.subject, staff, purpose.as_str(), &[]);
        request.categories = BTreeSet::from([shown]);
        let refused = read(&world.controller, request.clone()).await;
        assert!(matches!(refused, Err(AppError::Denied(_))), "{refused:?}");
        request.reason = Some(gate::StaffReason { code: reason, ticket: "T-1".to_owned() });
        let seen = read(&world.controller, request).await.expect("with a reason support may look");
        let text = seen.values[0].value.to_string();
        assert!(!text.contains("Ada@Example.org"), "{text}");
    });
}
