//! What an address was closed for stays closed but for what its owner says yes to.

use app::consent::{NewEvent, RecordConsent, record};
use app::identity::SubjectRef;
use app::retention::{Erase, Extent, Kept, erase, plan};
use model::{Act, Actor, Answer, Channel, Origin, SubjectId};

use super::{ADDRESS, about, act, reader, stored, suppressions};
use crate::support::{World, ask, email, given, on_both, purpose, shop};

/// The sample shop with a second purpose of the newsletter's kind.
pub(super) fn with_events() -> model::manifest::Manifest {
    let mut manifest = shop();
    let newsletter = manifest.purposes[&purpose("newsletter")].clone();
    manifest.purposes.insert(purpose("events"), newsletter);
    for service in manifest.services.values_mut() {
        if let Some(may) = service.purposes.get(&purpose("newsletter")).cloned() {
            service.purposes.insert(purpose("events"), may);
        }
    }
    manifest
}

async fn finding(world: &World, subject: SubjectId, name: &str) -> Option<String> {
    let verdict = ask(world, subject, "mailer", name).await;
    assert_eq!(verdict.answer == Answer::Granted, verdict.findings.is_empty());
    verdict.findings.first().map(|finding| finding.code.code().to_owned())
}

fn whole_person(subject: SubjectId) -> Erase {
    Erase {
        subject,
        extent: Extent::Person,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    }
}

async fn objects_and_is_erased(world: &World) {
    let ada = reader(world, ADDRESS).await.subject;
    act(world, ada, vec![Act::Objected { purpose: None }]).await;
    erase(&world.controller, whole_person(ada)).await.expect("erased");
}

/// Comes back as somebody new, whose address is closed; a till reports a yes to both purposes.
async fn comes_back(world: &World) -> SubjectId {
    let confirmed = vec![NewEvent::new(Act::AddressConfirmed { channel: Channel::Email }, Origin::Mail)];
    let own = RecordConsent {
        create: true,
        actor: Actor::Customer,
        ..about(SubjectRef::Identifier(email(ADDRESS)), confirmed)
    };
    let subject = record(&world.controller, own).await.expect("their own act").subject;
    let till = ["newsletter", "events"].map(|name| NewEvent::new(given(name), Origin::Till));
    record(&world.controller, about(SubjectRef::Id(subject), till.to_vec())).await.expect("recorded");
    subject
}

#[test]
fn a_yes_to_one_purpose_reopens_a_closed_address_for_that_purpose_alone() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_events()).await;
        objects_and_is_erased(&world).await;
        let ada = comes_back(&world).await;
        for name in ["newsletter", "events"] {
            assert_eq!(finding(&world, ada, name).await.as_deref(), Some("suppressed"), "{name}");
        }
        let recorded = act(&world, ada, vec![given("newsletter")]).await;
        assert_eq!(recorded.events.len(), 1, "the answer names what the request did");
        assert_eq!(finding(&world, ada, "newsletter").await, None);
        assert_eq!(finding(&world, ada, "events").await.as_deref(), Some("objected-to-marketing"));
        let (standing, events) = stored(&world, ada).await;
        assert!(standing.objects_to_marketing());
        assert_eq!(events.iter().filter(|event| event.act == Act::Objected { purpose: None }).count(), 1);

        act(&world, ada, vec![given("events")]).await;
        assert_eq!(finding(&world, ada, "events").await, None);
        assert_eq!(finding(&world, ada, "newsletter").await, None, "the second yes closes nothing");
    });
}

#[test]
fn two_yeses_at_once_reopen_both_and_ending_the_objection_reopens_everything() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_events()).await;
        objects_and_is_erased(&world).await;
        let ada = comes_back(&world).await;
        act(&world, ada, vec![given("newsletter"), given("events")]).await;
        for name in ["newsletter", "events"] {
            assert_eq!(finding(&world, ada, name).await, None, "{name}");
        }
        erase(&world.controller, whole_person(ada)).await.expect("erased");
        let ada = comes_back(&world).await;
        act(&world, ada, vec![Act::ObjectionEnded { purpose: None }]).await;
        for name in ["newsletter", "events"] {
            assert_eq!(finding(&world, ada, name).await, None, "{name}");
        }
        assert!(!stored(&world, ada).await.0.objects_to_marketing());
    });
}

#[test]
fn an_address_claimed_after_an_older_objection_is_reopened_in_part_too() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_events()).await;
        objects_and_is_erased(&world).await;
        let confirmed = vec![NewEvent::new(Act::AddressConfirmed { channel: Channel::Email }, Origin::Mail)];
        let request = RecordConsent {
            create: true,
            actor: Actor::Customer,
            ..about(SubjectRef::Identifier(email("ada@elsewhere.example")), confirmed)
        };
        let ada = record(&world.controller, request).await.expect("recorded").subject;
        act(&world, ada, vec![Act::Objected { purpose: None }, given("newsletter"), given("events")]).await;
        assert_eq!(finding(&world, ada, "events").await, None, "said after the objection");
        // The closed address comes to the same person by a row of a system.
        let mut row = crate::support::collect_request("Customer", Vec::new());
        row.identifiers = vec![email("ada@elsewhere.example"), email(ADDRESS)];
        row.own_act = true;
        world.clock.turn_seconds(1);
        app::vault::collect(&world.controller, row).await.expect("taken in");
        act(&world, ada, vec![Act::AddressConfirmed { channel: Channel::Email }]).await;
        assert_eq!(finding(&world, ada, "events").await.as_deref(), Some("suppressed"));
        act(&world, ada, vec![given("newsletter")]).await;
        assert_eq!(finding(&world, ada, "newsletter").await, None);
        assert_eq!(finding(&world, ada, "events").await.as_deref(), Some("objected-to-marketing"));
    });
}

#[test]
fn erasure_closes_the_address_again_for_whatever_is_still_objected_to() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_events()).await;
        let ada = reader(&world, ADDRESS).await.subject;
        act(&world, ada, vec![Act::Objected { purpose: None }, given("newsletter")]).await;
        assert!(!suppressions(&world).await.contains(&"all".to_owned()), "the yes lifted it");
        let foreseen = plan(&world.controller, whole_person(ada)).await.expect("a plan");
        let erased = erase(&world.controller, whole_person(ada)).await.expect("erased");
        assert!(suppressions(&world).await.contains(&"all".to_owned()));
        for stays in [&foreseen.stays, &erased.stays] {
            assert!(stays.iter().any(|stays| stays.what == Kept::Suppression));
        }
    });
}

#[test]
fn erasure_closes_an_address_for_one_purpose_objected_to_and_for_nothing_else() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_events()).await;
        let ada = reader(&world, ADDRESS).await.subject;
        act(&world, ada, vec![Act::Objected { purpose: Some(purpose("events")) }, given("newsletter")]).await;
        assert!(suppressions(&world).await.is_empty(), "the yes lifted it");
        erase(&world.controller, whole_person(ada)).await.expect("erased");
        assert_eq!(suppressions(&world).await, ["email"]);

        let bob = reader(&world, "bob@example.org").await.subject;
        let before = db.dump().table("suppression").len();
        erase(&world.controller, whole_person(bob)).await.expect("erased");
        assert_eq!(db.dump().table("suppression").len(), before, "who objects to nothing is not closed");
    });
}
