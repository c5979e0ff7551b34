//! Consent: every act is recorded with its proof, counts at once on every node, and leaves
//! nothing behind that it ended.

mod left;
mod model_of;
mod reopened;

use app::consent::{
    Join, NewEvent, NewVisitorChoice, RecordConsent, Recorded, erase_visitor, join, receipt, record,
    record_visitor, standing, visitor, withdraw_all,
};
use app::identity::SubjectRef;
use app::{AppError, Idempotency};
use gate::{ConsentState, Standing};
use model::{
    Act, Actor, Answer, ApiKeyId, CategoryName, Channel, Grade, IdentifierKind, NORMAL_FORM_VERSION, Origin,
    Personal, Shown, SubjectId, Via, VisitorId,
};
use store::retention;

use crate::support::{
    World, ask, collect_request, email, entries, given, on_both, purpose, service, shop, switch, whole,
};

pub(crate) const ADDRESS: &str = "ada@example.org";

pub(crate) fn shown() -> Shown {
    Shown {
        text_sha256: "a".repeat(64),
        locale: "en".to_owned(),
        button_order: vec!["refuse".to_owned(), "accept".to_owned()],
        notice_version: Some("3".to_owned()),
        surface: "portal/switches".to_owned(),
    }
}

pub(crate) fn about(subject: SubjectRef, events: Vec<NewEvent>) -> RecordConsent {
    RecordConsent {
        subject,
        create: false,
        events,
        actor: service("storefront"),
        request: None,
        idempotency: None,
    }
}

/// Records acts done on the portal.
pub(crate) async fn act(world: &World, subject: SubjectId, acts: Vec<Act>) -> Recorded {
    let events = acts.into_iter().map(|act| NewEvent::new(act, Origin::Portal)).collect();
    let request = RecordConsent { actor: Actor::Customer, ..about(SubjectRef::Id(subject), events) };
    record(&world.controller, request).await.expect("the act is recorded")
}

/// A new person who reads the newsletter at a confirmed address.
pub(crate) async fn reader(world: &World, address: &str) -> Recorded {
    let events = vec![
        NewEvent { shown: Some(shown()), ..NewEvent::new(given("newsletter"), Origin::Portal) },
        NewEvent::new(Act::AddressConfirmed { channel: Channel::Email }, Origin::Mail),
    ];
    let request = RecordConsent { create: true, ..about(SubjectRef::Identifier(email(address)), events) };
    record(&world.controller, request).await.expect("a reader")
}

fn faults(error: AppError) -> Vec<String> {
    match error {
        AppError::Invalid(faults) => faults.into_iter().map(|fault| fault.path).collect(),
        other => panic!("expected faults, got {other:?}"),
    }
}

fn code(error: AppError) -> &'static str {
    match error {
        AppError::Conflict { code, .. } => code,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

#[test]
fn a_withdrawal_stops_the_very_next_decision() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        assert_eq!(ask(&world, ada, "mailer", "newsletter").await.answer, Answer::Granted);
        act(&world, ada, vec![Act::Withdrawn(whole("newsletter"))]).await;
        let after = ask(&world, ada, "mailer", "newsletter").await;
        assert_eq!(after.answer, Answer::Denied);
        assert_eq!(after.findings[0].code.code(), "consent-withdrawn");
    });
}

#[test]
fn consent_for_an_address_waits_until_it_is_confirmed_there() {
    on_both(async |db| {
        let world = World::open(db).await;
        let events = vec![NewEvent::new(given("newsletter"), Origin::Portal)];
        let request = RecordConsent { create: true, ..about(SubjectRef::Identifier(email(ADDRESS)), events) };
        let ada = record(&world.controller, request).await.expect("recorded").subject;
        let before = ask(&world, ada, "mailer", "newsletter").await;
        assert_eq!(before.findings[0].code.code(), "consent-pending");
        let view = standing(&world.controller, ada, Actor::Customer).await.expect("a standing");
        let newsletter = view.purposes.iter().find(|view| view.purpose == purpose("newsletter")).expect("it");
        assert_eq!((newsletter.state, newsletter.locked), (ConsentState::Given, false));
        assert_eq!(newsletter.channels[0].state, ConsentState::Pending);
        assert!(view.purposes.iter().any(|view| view.purpose == purpose("order-fulfilment") && view.locked));
        act(&world, ada, vec![Act::AddressConfirmed { channel: Channel::Email }]).await;
        assert_eq!(ask(&world, ada, "mailer", "newsletter").await.answer, Answer::Granted);
    });
}

#[test]
fn every_event_leaves_its_entry_its_moment_and_a_receipt() {
    on_both(async |db| {
        let world = World::open(db).await;
        let recorded = reader(&world, ADDRESS).await;
        assert!(recorded.created);
        assert_eq!(recorded.events[1].recorded.micros(), recorded.events[0].recorded.micros() + 1);
        let written = entries(&world, recorded.subject).await;
        for event in &recorded.events {
            let entry = written.iter().find(|entry| entry.id == event.entry).expect("an entry of their own");
            assert_eq!(entry.kind, "consent");
            let body = String::from_utf8(entry.body.clone()).expect("text");
            assert!(body.contains("\"evidence\"") && !body.contains("portal/switches"), "sealed: {body}");
        }
        let (subject, event) = (recorded.subject, recorded.events[0].event);
        let at = "https://rosewood.example/privacy";
        let receipt_of = |event| receipt(&world.controller, subject, event, "fr", at, Actor::Customer);
        let receipt = receipt_of(event).await.expect("a receipt");
        assert_eq!(receipt["steward:event"]["dct:identifier"], event.to_string());
        let text = receipt.to_string();
        assert!(text.contains("Lettre d'information") && text.contains("portal/switches"), "{text}");
        let error = receipt_of(model::EventId::random()).await.expect_err("nobody's event");
        assert!(matches!(error, AppError::NotFound(_)));
    });
}

#[test]
fn what_the_manifest_does_not_declare_is_refused_by_its_place_and_nothing_is_stored() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await;
        let before = entries(&world, ada.subject).await.len();
        let events = vec![
            NewEvent::new(given("newsletter"), Origin::Portal),
            NewEvent::new(given("no-such-purpose"), Origin::Portal),
            NewEvent::new(given("order-fulfilment"), Origin::Portal),
            NewEvent::new(Act::Given(switch("newsletter", Channel::Push)), Origin::Portal),
            NewEvent { grade: Some(Grade::Proven), ..NewEvent::new(given("analytics"), Origin::Portal) },
            NewEvent { birth_year: Some(2012), ..NewEvent::new(given("analytics"), Origin::Portal) },
            NewEvent {
                birth_year: Some(2012),
                ..NewEvent::new(Act::AgeStated { band: model::AgeBand::Adult }, Origin::Portal)
            },
            NewEvent::new(
                Act::ObjectionLifted {
                    purpose: purpose("newsletter"),
                    ground: model::GroundName::new("legal-claims").expect("a name"),
                },
                Origin::Api,
            ),
        ];
        let error = record(&world.controller, about(SubjectRef::Id(ada.subject), events)).await;
        assert_eq!(
            faults(error.expect_err("faults")),
            [
                "events[1].purpose",
                "events[2].purpose",
                "events[3].channel",
                "events[3].channel",
                "events[4].shown",
                "events[5].birth_year",
                "events[6].band",
                "events[7].kind",
            ]
        );
        assert_eq!(entries(&world, ada.subject).await.len(), before);
        let nobody = about(SubjectRef::Id(ada.subject), Vec::new());
        assert_eq!(faults(record(&world.controller, nobody).await.expect_err("no event")), ["events"]);
    });
}

#[test]
fn a_protective_act_is_taken_from_any_declared_service_and_from_nobody_undeclared() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        let events = || vec![NewEvent::new(Act::Objected { purpose: None }, Origin::Phone)];
        let stranger = RecordConsent { actor: service("stranger"), ..about(SubjectRef::Id(ada), events()) };
        assert_eq!(faults(record(&world.controller, stranger).await.expect_err("undeclared")), ["actor"]);
        let books = RecordConsent { actor: service("bookkeeping"), ..about(SubjectRef::Id(ada), events()) };
        record(&world.controller, books).await.expect("an objection is always taken");
        let after = ask(&world, ada, "mailer", "newsletter").await;
        assert_eq!(after.findings[0].code.code(), "objected-to-marketing");
    });
}

#[test]
fn somebody_unknown_is_made_only_where_asked_and_somebody_erased_comes_back_by_their_own_act_alone() {
    on_both(async |db| {
        let world = World::open(db).await;
        let reference = || SubjectRef::Identifier(email(ADDRESS));
        let by = |origin| vec![NewEvent::new(given("newsletter"), origin)];
        let error = record(&world.controller, about(reference(), by(Origin::Portal))).await;
        assert!(matches!(error, Err(AppError::NotFound(_))));

        entomb(&world).await;
        let import = RecordConsent { create: true, ..about(reference(), by(Origin::Import)) };
        assert_eq!(code(record(&world.controller, import).await.expect_err("entombed")), "erased-before");
        // A service that only says so is not the person: a stolen key brings nobody back.
        let claimed = RecordConsent { create: true, ..about(reference(), by(Origin::Portal)) };
        let refused = record(&world.controller, claimed).await.expect_err("the service's word is not enough");
        assert_eq!(code(refused), "erased-before");
        let own =
            RecordConsent { create: true, actor: Actor::Customer, ..about(reference(), by(Origin::Portal)) };
        let back = record(&world.controller, own).await.expect("their own act");
        assert!(back.created);
        let again = RecordConsent { create: true, ..about(reference(), by(Origin::Import)) };
        let again = record(&world.controller, again).await.expect("the tombstone is lifted");
        assert_eq!((again.subject, again.created), (back.subject, false));
    });
}

/// The hash that tombstones and suppressions have of [`ADDRESS`].
fn tomb(world: &World) -> [u8; 32] {
    let kind = IdentifierKind::email();
    let normal = kind.normalise(&Personal::new(ADDRESS.to_owned())).expect("an address");
    world.controller.core().keys.tombstone(&kind, NORMAL_FORM_VERSION, &normal)
}

async fn entomb(world: &World) {
    let (hash, now) = (tomb(world), world.controller.now());
    world
        .controller
        .db
        .write("test.entomb", move |tx| {
            retention::entomb(tx, &hash, &IdentifierKind::email(), now, now.plus_days(1_000))
        })
        .await
        .expect("a tombstone");
}

async fn suppressions(world: &World) -> Vec<String> {
    let hash = tomb(world);
    let found = world.controller.db.read("test.suppressed", move |tx| retention::suppressed(tx, &[hash]));
    found.await.expect("suppressions").into_iter().map(|(_, scope)| scope).collect()
}

#[test]
fn unsubscribing_is_remembered_for_the_address_until_the_person_s_own_new_yes() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        assert!(suppressions(&world).await.is_empty());
        let unsubscribe = NewEvent::new(Act::Withdrawn(switch("newsletter", Channel::Email)), Origin::Mail);
        record(&world.controller, about(SubjectRef::Id(ada), vec![unsubscribe])).await.expect("unsubscribed");
        assert_eq!(suppressions(&world).await, ["email"]);
        let till = NewEvent::new(given("newsletter"), Origin::Till);
        record(&world.controller, about(SubjectRef::Id(ada), vec![till])).await.expect("recorded");
        assert_eq!(suppressions(&world).await, ["email"], "what staff report lifts nothing");
        act(&world, ada, vec![given("newsletter")]).await;
        assert!(suppressions(&world).await.is_empty());
        act(&world, ada, vec![Act::Objected { purpose: None }]).await;
        assert_eq!(suppressions(&world).await, ["all"]);
        act(&world, ada, vec![Act::Given(switch("newsletter", Channel::Email))]).await;
        let left = suppressions(&world).await;
        assert!(!left.contains(&"all".to_owned()) && !left.contains(&"email".to_owned()), "{left:?}");
    });
}

#[test]
fn the_same_request_twice_is_recorded_once_and_answered_twice() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        let request = |fingerprint: u8| RecordConsent {
            idempotency: Some(Idempotency {
                asker: "key".to_owned(),
                key: "once".to_owned(),
                fingerprint: [fingerprint; 32],
            }),
            ..about(
                SubjectRef::Id(ada),
                vec![NewEvent::new(Act::Withdrawn(whole("newsletter")), Origin::Portal)],
            )
        };
        let first = record(&world.controller, request(1)).await.expect("first");
        let count = entries(&world, ada).await.len();
        let second = record(&world.controller, request(1)).await.expect("second");
        assert_eq!(first, second);
        assert_eq!(entries(&world, ada).await.len(), count);
        let other = record(&world.controller, request(2)).await.expect_err("another request");
        assert_eq!(code(other), "idempotency-mismatch");
    });
}

#[test]
fn a_withdrawal_ends_what_nothing_else_needs_and_nobody_else_s_rows_change() {
    on_both(async |db| {
        let manifest = with_marketing_field();
        let world = World::with_manifest(db, &manifest).await;
        let (ada, bob) =
            (reader(&world, ADDRESS).await.subject, reader(&world, "bob@example.org").await.subject);
        for address in [ADDRESS, "bob@example.org"] {
            let mut row = collect_request("Customer", vec![("Company".to_owned(), "Acme".to_owned().into())]);
            row.identifiers = vec![email(address)];
            row.purpose = Some(purpose("newsletter"));
            app::vault::collect(&world.controller, row).await.expect("a company is taken in");
        }
        assert_eq!(held(&world, ada).await, ["marketing"]);
        let kept = act(&world, ada, vec![Act::Withdrawn(switch("newsletter", Channel::Post))]).await;
        assert!(kept.ended.is_empty(), "a yes over another channel still needs the data");
        let withdrawn = act(&world, ada, vec![Act::Withdrawn(whole("newsletter"))]).await;
        assert_eq!(withdrawn.ended.iter().map(ToString::to_string).collect::<Vec<_>>(), ["marketing"]);
        let rights = app::vault::Read {
            subject: ada,
            purpose: purpose("rights"),
            categories: [CategoryName::new("identity.company").expect("a name")].into(),
            actor: Actor::Customer,
            reason: None,
            request: None,
            with_history: true,
            with_records: true,
        };
        let seen = app::vault::read(&world.controller, rights).await.expect("a look");
        assert!(seen.values.is_empty(), "nothing of it opens from the withdrawal on");
        app::jobs::run_due(&world.controller).await.expect("jobs run");
        assert!(held(&world, ada).await.is_empty());
        assert_eq!(held(&world, bob).await, ["marketing"]);
        assert_eq!(entries(&world, ada).await.iter().filter(|entry| entry.kind == "erase").count(), 1);
        let again = act(&world, ada, vec![Act::Withdrawn(whole("newsletter"))]).await;
        assert!(again.ended.is_empty(), "there is nothing left to end");
    });
}

#[test]
fn death_stops_no_withdrawal_and_the_estate_can_erase() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_marketing_field()).await;
        let ada = reader(&world, ADDRESS).await.subject;
        let mut row = collect_request("Customer", vec![("Company".to_owned(), "Acme".to_owned().into())]);
        row.identifiers = vec![email(ADDRESS)];
        row.purpose = Some(purpose("newsletter"));
        app::vault::collect(&world.controller, row).await.expect("a company is taken in");
        act(&world, ada, vec![Act::Deceased {}]).await;
        let withdrawn = act(&world, ada, vec![Act::Withdrawn(whole("newsletter"))]).await;
        assert_eq!(withdrawn.ended.len(), 1, "what the withdrawal leaves without a ground ends");
        let request = app::retention::Erase {
            subject: ada,
            extent: app::retention::Extent::Person,
            actor: Actor::Agent("heir".to_owned()),
            reason: None,
            request: None,
            idempotency: None,
        };
        app::retention::erase(&world.controller, request).await.expect("the estate erases");
    });
}

#[test]
fn an_identifier_that_does_not_open_stops_no_objection() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        let row = store::identity::IdentifierRow {
            kind: IdentifierKind::email(),
            hash: [7; 32],
            subject: ada,
            value_id: model::ValueId::random(),
            verified: false,
            recorded: world.controller.now(),
            sealed: vec![1, 2, 3],
            tomb: [7; 32],
        };
        let claimed = world.controller.db.write("test.broken", move |tx| store::identity::claim(tx, &row));
        assert!(claimed.await.expect("stored"));
        act(&world, ada, vec![Act::Objected { purpose: None }]).await;
        assert_eq!(suppressions(&world).await, ["all"], "the address that opens is closed");
    });
}

#[test]
fn no_choice_is_lost_that_comes_in_while_a_visitor_signs_in() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        for _ in 0..20 {
            let refuse = |visitor| {
                let acts = vec![Act::Refused(whole("advertising"))];
                let choice =
                    NewVisitorChoice { visitor, ..NewVisitorChoice::new(acts, service("storefront")) };
                record_visitor(&world.controller, choice)
            };
            let visitor_id = refuse(None).await.expect("a choice").visitor;
            let (late, joined) =
                tokio::join!(refuse(Some(visitor_id)), join(&world.controller, joining(visitor_id, ada)));
            late.expect("a late choice");
            let taken = joined.expect("joined").events.len() - 1;
            let kept = visitor(&world.controller, visitor_id).await.expect("kept").len();
            assert_eq!(taken + kept, 2, "each refusal is either taken over or still kept");
        }
    });
}

/// The sample shop, whose newsletter also asks for the company's name.
fn with_marketing_field() -> model::manifest::Manifest {
    let mut manifest = shop();
    let company = CategoryName::new("identity.company").expect("a name");
    let marketing = model::LifetimeName::new("marketing").expect("a name");
    manifest.categories.get_mut(&company).expect("in use").lifetime = marketing;
    for purpose in manifest.purposes.values_mut() {
        purpose.categories.remove(&company);
    }
    manifest.purposes.get_mut(&purpose("newsletter")).expect("declared").categories.insert(company);
    manifest
}

async fn held(world: &World, subject: SubjectId) -> Vec<String> {
    let counts = world
        .controller
        .db
        .read("test.held", move |tx| store::vault::count_by_lifetime(tx, &subject))
        .await
        .expect("counts");
    counts.into_iter().map(|(lifetime, _)| lifetime.to_string()).collect()
}

#[test]
fn withdrawing_everything_leaves_no_yes_standing() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        act(&world, ada, vec![given("analytics"), given("advertising"), given("personalisation")]).await;
        withdraw_all(&world.controller, ada, Origin::Portal, None, Actor::Customer, None)
            .await
            .expect("withdrawn");
        let view = standing(&world.controller, ada, Actor::Customer).await.expect("a standing");
        for purpose in view.purposes.iter().filter(|purpose| !purpose.locked) {
            assert_eq!(purpose.state, ConsentState::Withdrawn, "{}", purpose.purpose);
        }
        assert_eq!(ask(&world, ada, "storefront", "analytics").await.answer, Answer::Denied);
        assert_eq!(ask(&world, ada, "storefront", "order-fulfilment").await.answer, Answer::Granted);
    });
}

#[test]
fn who_looks_at_a_standing_leaves_an_entry_unless_it_is_the_person() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        let before = entries(&world, ada).await.len();
        let own = standing(&world.controller, ada, Actor::Customer).await.expect("a standing");
        assert_eq!((own.entry, entries(&world, ada).await.len()), (None, before));
        let looked = standing(&world.controller, ada, service("storefront")).await.expect("a standing");
        let written = entries(&world, ada).await;
        assert!(written.iter().any(|entry| Some(entry.id) == looked.entry && entry.kind == "read"));
    });
}

#[test]
fn a_visitor_s_yes_comes_along_at_login_and_overrides_no_earlier_no() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, ADDRESS).await.subject;
        act(&world, ada, vec![Act::Refused(whole("advertising"))]).await;
        let acts = vec![given("analytics"), given("advertising"), Act::Refused(whole("newsletter"))];
        let new =
            NewVisitorChoice { shown: Some(shown()), ..NewVisitorChoice::new(acts, service("storefront")) };
        let choice = record_visitor(&world.controller, new).await.expect("a choice");
        let kept = visitor(&world.controller, choice.visitor).await.expect("kept");
        assert_eq!((kept.len(), kept[0].acts.len()), (1, 3));
        let joined = join(&world.controller, joining(choice.visitor, ada)).await.expect("joined");
        assert_eq!(joined.events.len(), 3, "the joining, one yes and one no");
        assert_eq!(ask(&world, ada, "storefront", "analytics").await.answer, Answer::Granted);
        let advertising = ask(&world, ada, "storefront", "advertising").await;
        assert_eq!(advertising.findings[0].code.code(), "consent-refused");
        let newsletter = ask(&world, ada, "storefront", "newsletter").await;
        assert_eq!(newsletter.findings[0].code.code(), "consent-refused");
        assert!(visitor(&world.controller, choice.visitor).await.expect("asked").is_empty());
    });
}

#[test]
fn a_visitor_s_choice_expires_can_be_erased_and_takes_only_what_a_browser_can_say() {
    on_both(async |db| {
        let world = World::open(db).await;
        let choose =
            |acts| record_visitor(&world.controller, NewVisitorChoice::new(acts, service("storefront")));
        let error = choose(vec![Act::Deceased {}]).await.expect_err("a browser does not die");
        assert_eq!(faults(error), ["acts[0].kind"]);
        let first = choose(vec![given("analytics")]).await.expect("a choice");
        erase_visitor(&world.controller, first.visitor, Actor::Customer, None).await.expect("erased");
        let twice = erase_visitor(&world.controller, first.visitor, Actor::Customer, None).await;
        assert!(matches!(twice, Err(AppError::NotFound(_))));
        let second = choose(vec![given("analytics")]).await.expect("a choice");
        world.clock.turn_days(app::consent::VISITOR_KEPT_DAYS);
        assert!(visitor(&world.controller, second.visitor).await.expect("asked").is_empty());
        let ada = reader(&world, ADDRESS).await.subject;
        let joined = join(&world.controller, joining(second.visitor, ada)).await.expect("joined");
        assert!(joined.events.is_empty());
    });
}

#[test]
fn what_a_key_does_for_a_visitor_names_the_key() {
    on_both(async |db| {
        let world = World::open(db).await;
        let key = ApiKeyId::from_bytes([9; 16]);
        let Actor::Service(name) = service("storefront") else { unreachable!() };
        let through = world.controller.through(Some(Via { service: name, key }));
        let choice = NewVisitorChoice::new(vec![given("analytics")], Actor::Customer);
        let chosen = record_visitor(&through, choice).await.expect("a choice");
        let erased = erase_visitor(&through, chosen.visitor, Actor::Customer, None).await.expect("erased");
        for id in [chosen.entry, erased] {
            let found = world.controller.db.read("test.find", move |tx| store::ledger::find(tx, &id)).await;
            let body = found.expect("read").expect("an entry").body;
            assert!(String::from_utf8_lossy(&body).contains(&key.to_string()), "the entry hides the key");
        }
    });
}

fn joining(visitor: VisitorId, subject: SubjectId) -> Join {
    Join { visitor, subject, actor: service("storefront"), request: None, idempotency: None }
}

/// The stored standing of somebody, and the facts of their events.
pub(crate) async fn stored(world: &World, subject: SubjectId) -> (Standing, Vec<model::EventFacts>) {
    let read = world.controller.db.read("test.stored", move |tx| {
        Ok::<_, store::DbError>((
            store::consent::standing(tx, &subject)?,
            store::consent::events(tx, &subject)?,
        ))
    });
    let (row, events) = read.await.expect("a standing");
    let standing = serde_json::from_str(&row.expect("stored").body).expect("it reads");
    (standing, events.into_iter().map(|event| event.facts).collect())
}
