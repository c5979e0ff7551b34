//! A no about something that left the manifest is still a no, and no no is one too many.

use app::consent::{NewEvent, NewVisitorChoice, RecordConsent, Withdrawal, record, record_visitor, withdraw};
use app::identity::SubjectRef;
use model::manifest::Manifest;
use model::{Act, Actor, Channel, Origin, RecipientName, Switch};
use store::manifest::ManifestVersion;
use testkit::TestDb;

use super::reopened::with_events;
use super::{ADDRESS, about, act, faults, reader, stored};
use crate::support::{World, given, on_both, purpose, service, shop, switch, whole};

/// Puts the next manifest in force, without the ledgered act.
async fn change(world: &World, db: &TestDb, (version, manifest): (i64, &Manifest)) {
    let value = serde_json::to_value(manifest).expect("json");
    let body = String::from_utf8(ledger::canonical::encode(&value).expect("canonical")).expect("text");
    let row = ManifestVersion {
        version,
        fingerprint: String::new(),
        body,
        applied: world.controller.now(),
        entry: model::EntryId::random(),
    };
    db.write("test.manifest", move |tx| store::manifest::add(tx, &row)).await.expect("stored");
    world.controller.reload().await.expect("in force");
}

/// Somebody who said yes to two purposes, of which `events` has left the manifest since.
async fn left_behind(db: &TestDb) -> (World, model::SubjectId) {
    let world = World::with_manifest(db, &with_events()).await;
    let ada = reader(&world, ADDRESS).await.subject;
    let towards = Switch { recipient: RecipientName::new("mail-house").ok(), ..whole("events") };
    act(&world, ada, vec![given("events"), Act::Given(towards)]).await;
    let mut manifest = shop();
    manifest.channels.remove(&Channel::Post);
    manifest.recipients.remove(&RecipientName::new("mail-house").expect("a name"));
    for purpose in manifest.purposes.values_mut() {
        purpose.channels.remove(&Channel::Post);
        purpose.recipients.clear();
    }
    change(&world, db, (2, &manifest)).await;
    (world, ada)
}

#[test]
fn what_a_person_said_yes_to_they_can_withdraw_when_it_has_left_the_manifest() {
    on_both(async |db| {
        let (world, ada) = left_behind(db).await;
        let recipient = RecipientName::new("mail-house").expect("a name");
        let acts = vec![
            Act::Withdrawn(switch("events", Channel::Post)),
            Act::Withdrawn(Switch { recipient: Some(recipient.clone()), ..whole("events") }),
            Act::RecipientDeclined { recipient },
            Act::Objected { purpose: Some(purpose("events")) },
            Act::OptedOut { purpose: Some(purpose("events")) },
            Act::Withdrawn(whole("events")),
        ];
        assert_eq!(act(&world, ada, acts).await.events.len(), 6);
        let (standing, _) = stored(&world, ada).await;
        assert_eq!(standing.consent(&purpose("events"), None, None).0, gate::ConsentState::Withdrawn);
    });
}

#[test]
fn what_nobody_ever_said_anything_of_is_invented_and_loosening_takes_the_manifest() {
    on_both(async |db| {
        let (world, ada) = left_behind(db).await;
        let bob = reader(&world, "bob@example.org").await.subject;
        let refused = async |subject, acts: Vec<Act>| {
            let events = acts.into_iter().map(|act| NewEvent::new(act, Origin::Portal)).collect();
            let request = RecordConsent { actor: Actor::Customer, ..about(SubjectRef::Id(subject), events) };
            faults(record(&world.controller, request).await.expect_err("refused"))
        };
        let yes = vec![given("events"), Act::ObjectionEnded { purpose: Some(purpose("events")) }];
        assert_eq!(refused(ada, yes).await, ["events[0].purpose", "events[1].purpose"]);
        let invented = RecipientName::new("no-such").expect("a name");
        let no = vec![
            Act::Withdrawn(whole("newsletter")),
            Act::Withdrawn(whole("events")),
            Act::RecipientDeclined { recipient: invented },
        ];
        assert_eq!(refused(bob, no.clone()).await, ["events[1].purpose", "events[2].recipient"]);
        assert_eq!(refused(ada, no).await, ["events[2].recipient"]);
        let wish = Withdrawal {
            subject: bob,
            purposes: Some([purpose("events"), purpose("newsletter")].into()),
            origin: Origin::Portal,
            shown: None,
            actor: Actor::Customer,
            request: None,
            idempotency: None,
        };
        let wish = |subject| Withdrawal { subject, ..wish.clone() };
        let error = withdraw(&world.controller, wish(bob)).await.expect_err("he never spoke of it");
        assert_eq!(faults(error), ["purposes[0]"]);
        withdraw(&world.controller, wish(ada)).await.expect("she did");
    });
}

#[test]
fn withdrawing_everything_covers_what_left_the_manifest_and_more_purposes_than_one_request_takes() {
    on_both(async |db| {
        let (world, ada) = left_behind(db).await;
        let mut manifest = shop();
        let newsletter = manifest.purposes[&purpose("newsletter")].clone();
        for number in 0..120 {
            manifest.purposes.insert(purpose(&format!("letter-{number}")), newsletter.clone());
        }
        change(&world, db, (3, &manifest)).await;
        let recorded =
            app::consent::withdraw_all(&world.controller, ada, Origin::Portal, None, Actor::Customer, None)
                .await
                .expect("withdrawn");
        assert!(recorded.events.len() > 120);
        let (standing, _) = stored(&world, ada).await;
        for name in ["newsletter", "events", "letter-0", "letter-119"] {
            let (state, _) = standing.consent(&purpose(name), None, None);
            assert_eq!(state, gate::ConsentState::Withdrawn, "{name}");
        }
    });
}

#[test]
fn a_visitor_too_can_take_back_what_left_the_manifest_and_nothing_else() {
    on_both(async |db| {
        let world = World::with_manifest(db, &with_events()).await;
        let choose = async |visitor, acts| {
            let choice = NewVisitorChoice { visitor, ..NewVisitorChoice::new(acts, service("storefront")) };
            record_visitor(&world.controller, choice).await
        };
        let visitor = choose(None, vec![given("events")]).await.expect("a choice").visitor;
        change(&world, db, (2, &shop())).await;
        let no = || vec![Act::Withdrawn(whole("events"))];
        choose(Some(visitor), no()).await.expect("taken back");
        let error = choose(None, no()).await.expect_err("somebody else never spoke of it");
        assert_eq!(faults(error), ["acts[0].purpose"]);
    });
}
