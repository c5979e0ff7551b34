//! Merges: two identities become one person without losing a no of either, and part again
//! as they were.

mod rows;

use app::AppError;
use app::consent::{NewEvent, RecordConsent};
use app::identity::{Found, SubjectRef, look_up};
use app::merges::{ALIASES_MAX, Merge, Merged, UNDO_DAYS, UndoMerge, merge, undo};
use app::retention::{Erase, Extent, erase};
use gate::{ConsentState, StaffReason, Standing};
use model::{Act, Actor, Channel, Grade, Origin, PurposeName, ReasonCode, RoleName, SubjectId, Switch};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::support::{World, customer, email, on_both, service};

fn newsletter() -> PurposeName {
    PurposeName::new("newsletter").expect("a name")
}

fn officer() -> Actor {
    Actor::Staff { account: "acc-1".to_owned(), role: RoleName::new("privacy-officer").expect("a name") }
}

fn by_staff(one: SubjectId, other: SubjectId) -> Merge {
    let code = ReasonCode::new("request").expect("a name");
    Merge {
        one,
        other,
        leader: None,
        actor: officer(),
        reason: Some(StaffReason { code, ticket: "T-1".to_owned() }),
        request: None,
        idempotency: None,
    }
}

fn undo_by_staff(merged: &Merged) -> UndoMerge {
    let Merge { actor, reason, .. } = by_staff(merged.leader, merged.alias);
    UndoMerge { id: merged.id, actor, reason, request: None, idempotency: None }
}

async fn says(world: &World, subject: SubjectId, acts: Vec<Act>) {
    let event = |act| {
        let mut event = NewEvent::new(act, Origin::Portal);
        event.grade = Some(Grade::Asserted);
        event
    };
    let request = RecordConsent {
        subject: SubjectRef::Id(subject),
        create: false,
        events: acts.into_iter().map(event).collect(),
        actor: service("storefront"),
        request: None,
        idempotency: None,
    };
    app::consent::record(&world.controller, request).await.expect("a choice is recorded");
    world.clock.turn_seconds(60);
}

/// The kept standing of one identity as it is stored: channels that are closed, and the fold.
async fn stored(world: &World, id: SubjectId) -> (String, Standing) {
    let row = world.controller.db.read("test", move |tx| store::consent::standing(tx, &id)).await;
    let row = row.expect("the store reads").expect("a standing");
    (row.suppressed, serde_json::from_str(&row.body).expect("it reads"))
}

fn given() -> Act {
    Act::Given(Switch { purpose: newsletter(), channel: None, recipient: None })
}

fn withdrawn() -> Act {
    Act::Withdrawn(Switch { purpose: newsletter(), channel: None, recipient: None })
}

/// Two customers with an address each.
async fn two(world: &World, number: u32) -> (SubjectId, SubjectId) {
    let (ada, lady) = (format!("ada{number}@example.org"), format!("lady{number}@example.org"));
    let one = customer(world, number * 2, &[("Email", &ada), ("FirstName", "Ada")]).await.subject;
    world.clock.turn_seconds(60);
    let other = customer(world, number * 2 + 1, &[("Email", &lady), ("FirstName", "Lady")]).await.subject;
    world.clock.turn_seconds(60);
    (one, other)
}

#[test]
fn the_older_identity_leads_both_addresses_find_it_and_a_no_of_either_holds() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        says(&world, one, vec![given()]).await;
        says(&world, other, vec![given(), withdrawn()]).await;
        let merged = merge(&world.controller, by_staff(other, one)).await.expect("staff may");
        assert_eq!((merged.leader, merged.alias), (one, other));
        for address in ["ada1@example.org", "lady1@example.org"] {
            let found = look_up(&world.controller, email(address)).await.expect("a look-up");
            assert_eq!(found, Found::Person(one));
        }
        let (_, standing) = stored(&world, one).await;
        assert_eq!(standing.consent(&newsletter(), None, None).0, ConsentState::Withdrawn);
        for (id, entry) in [(one, merged.entries[0]), (other, merged.entries[1])] {
            let about =
                world.controller.db.read("test", move |tx| store::ledger::set_of(tx, &id, &entry)).await;
            assert_eq!(about.expect("read"), Some(None), "each identity's timeline tells of the merge");
        }
    });
}

#[test]
fn what_only_one_identity_agreed_to_is_asked_again() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        says(&world, one, vec![given()]).await;
        merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        let (_, standing) = stored(&world, one).await;
        assert_eq!(standing.consent(&newsletter(), None, None).0, ConsentState::Unsettled);
    });
}

#[test]
fn an_undone_merge_leaves_no_trace_in_either_standing_whatever_the_two_had_chosen() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut runner = TestRunner::deterministic();
        for number in 1..=16 {
            let (one, other) = two(&world, number).await;
            for id in [one, other] {
                let acts = prop::collection::vec(any_act(), 0..6).new_tree(&mut runner).expect("acts");
                let acts = acts.current();
                if !acts.is_empty() {
                    says(&world, id, acts).await;
                }
            }
            let before = (stored(&world, one).await, stored(&world, other).await);
            let mut request = by_staff(one, other);
            request.leader = Some(if number % 2 == 0 { one } else { other });
            let merged = merge(&world.controller, request).await.expect("staff may");
            undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
            let after = (stored(&world, one).await, stored(&world, other).await);
            assert_eq!(before, after, "round {number}");
            for (id, address) in [(one, format!("ada{number}")), (other, format!("lady{number}"))] {
                let address = email(&format!("{address}@example.org"));
                assert_eq!(look_up(&world.controller, address).await.expect("a look-up"), Found::Person(id));
            }
        }
    });
}

/// Acts of every sort that a standing is folded from and that a person may do themselves.
fn any_act() -> impl Strategy<Value = Act> {
    let channel = prop::option::of(prop::sample::select(vec![Channel::Email, Channel::Post]));
    let switch = channel.prop_map(|channel| Switch { purpose: newsletter(), channel, recipient: None });
    prop_oneof![
        switch.clone().prop_map(Act::Given),
        switch.clone().prop_map(Act::Refused),
        switch.prop_map(Act::Withdrawn),
        Just(Act::Objected { purpose: None }),
        Just(Act::ObjectionEnded { purpose: None }),
        Just(Act::OptedOut { purpose: None }),
        Just(Act::OptedIn { purpose: None }),
        Just(Act::Restricted { category: None }),
        Just(Act::RestrictionLifted { category: None }),
    ]
}

/// A yes said while merged stays with the leader. A no holds for both: the person said it of
/// everything that was known of them, and parting must not revive what they took back.
#[test]
fn a_yes_said_while_merged_stays_with_the_leader_and_a_no_holds_for_both() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        let merged = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        // Said under the alias, recorded with the leader.
        says(&world, other, vec![given()]).await;
        undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
        let of = async |id| stored(&world, id).await.1.consent(&newsletter(), None, None).0;
        assert_eq!((of(one).await, of(other).await), (ConsentState::Given, ConsentState::Unasked));

        let (one, other) = two(&world, 2).await;
        says(&world, other, vec![given()]).await;
        let merged = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        says(&world, other, vec![withdrawn(), Act::Objected { purpose: None }]).await;
        undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
        assert_eq!((of(one).await, of(other).await), (ConsentState::Withdrawn, ConsentState::Withdrawn));
        assert!(stored(&world, other).await.1.objects_to_marketing());
        says(&world, other, vec![given()]).await;
        assert_eq!(of(other).await, ConsentState::Given, "asked again, the person decides");
    });
}

#[test]
fn a_standing_of_another_format_is_folded_again_with_the_identities_that_follow() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        says(&world, one, vec![given()]).await;
        says(&world, other, vec![Act::Objected { purpose: None }]).await;
        merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        let old = store::consent::StandingRow { suppressed: String::new(), body: "{\"v\":0}".to_owned() };
        world
            .controller
            .db
            .write("test.old", move |tx| store::consent::put_standing(tx, &one, 1, &old))
            .await
            .expect("an old standing");
        let verdict = crate::support::ask(&world, one, "mailer", "newsletter").await;
        let codes: Vec<&str> = verdict.findings.iter().map(|reason| reason.code.code()).collect();
        assert!(codes.contains(&"objected-to-marketing"), "{codes:?}");
    });
}

#[test]
fn nobody_merges_without_a_reason_a_proof_or_the_right() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        let mut without_reason = by_staff(one, other);
        without_reason.reason = None;
        assert!(matches!(merge(&world.controller, without_reason).await, Err(AppError::Denied(_))));
        let mut program = by_staff(one, other);
        (program.actor, program.reason) = (service("storefront"), None);
        assert!(matches!(merge(&world.controller, program).await, Err(AppError::Denied(_))));
        // The shop vouches for customer numbers; the sample manifest says so.
        let mut person = by_staff(one, other);
        (person.actor, person.reason) = (Actor::Customer, None);
        merge(&world.controller, person.clone()).await.expect("with both proofs the person may");
        let unproved = consent_only(&world, "someone@example.org").await;
        person.other = unproved;
        let refused = merge(&world.controller, person).await;
        assert!(matches!(refused, Err(AppError::Conflict { code: "proof-missing", .. })), "{refused:?}");
    });
}

/// Somebody who is known by an unproved address only.
async fn consent_only(world: &World, address: &str) -> SubjectId {
    let request = RecordConsent {
        subject: SubjectRef::Identifier(email(address)),
        create: true,
        events: vec![NewEvent::new(given(), Origin::Portal)],
        actor: service("storefront"),
        request: None,
        idempotency: None,
    };
    app::consent::record(&world.controller, request).await.expect("a choice is recorded").subject
}

#[test]
fn a_person_has_nine_identities_at_most_and_none_of_them_twice() {
    on_both(async |db| {
        let world = World::open(db).await;
        let leader = customer(&world, 1, &[]).await.subject;
        let mut last = None;
        for number in 2..=(ALIASES_MAX as u32 + 1) {
            world.clock.turn_seconds(60);
            let alias = customer(&world, number, &[]).await.subject;
            last = Some(merge(&world.controller, by_staff(leader, alias)).await.expect("there is room"));
        }
        let last = last.expect("a merge");
        let twice = merge(&world.controller, by_staff(leader, last.alias)).await;
        assert!(matches!(twice, Err(AppError::Conflict { code: "already-merged", .. })), "{twice:?}");
        world.clock.turn_seconds(60);
        let tenth = customer(&world, 99, &[]).await.subject;
        let full = merge(&world.controller, by_staff(leader, tenth)).await;
        assert!(matches!(full, Err(AppError::Conflict { code: "too-many-identities", .. })), "{full:?}");
        let mut swallowed = by_staff(leader, tenth);
        swallowed.leader = Some(tenth);
        let swallowed = merge(&world.controller, swallowed).await;
        assert!(matches!(swallowed, Err(AppError::Conflict { code: "already-merged", .. })));
        undo(&world.controller, undo_by_staff(&last)).await.expect("staff may");
        merge(&world.controller, by_staff(leader, tenth)).await.expect("there is room again");
        assert!(merge(&world.controller, by_staff(leader, leader)).await.is_err());
    });
}

#[test]
fn what_was_refused_while_two_were_one_is_found_again_by_whoever_folds_the_events_anew() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        for id in [one, other] {
            says(&world, id, vec![given(), Act::Restricted { category: None }]).await;
        }
        let merged = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        world.clock.turn_seconds(60);
        says(&world, one, vec![withdrawn(), Act::Objected { purpose: None }]).await;
        says(&world, one, vec![Act::ObjectionEnded { purpose: None }]).await;
        says(&world, one, vec![Act::RestrictionLifted { category: None }]).await;
        undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
        for id in [merged.leader, merged.alias] {
            let (_, kept) = stored(&world, id).await;
            assert_eq!(kept.consent(&newsletter(), None, None).0, ConsentState::Withdrawn);
            let events = world.controller.db.read("test", move |tx| store::consent::events(tx, &id)).await;
            let events = events.expect("the store reads");
            assert_eq!(Standing::fold(events.iter().map(|event| &event.facts)), kept, "{id}");
        }
        let alias = merged.alias;
        let events = world.controller.db.read("test", move |tx| store::consent::events(tx, &alias)).await;
        let events = events.expect("the store reads");
        let loosened =
            events.iter().filter(|event| matches!(event.facts.act, Act::RestrictionLifted { .. })).count();
        assert_eq!(loosened, 0, "what loosens is no other identity's word");
        let again = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        undo(&world.controller, undo_by_staff(&again)).await.expect("the same events are not taken twice");
    });
}

/// A clock that is set back is an everyday thing. What was said first must not become what was
/// said last by it, nor one person's word another's.
#[test]
fn what_a_leader_said_before_a_merge_stays_theirs_when_the_clock_is_set_back_before_it() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        says(&world, one, vec![withdrawn(), Act::Objected { purpose: None }]).await;
        world.clock.turn_seconds(-3_600);
        let mut request = by_staff(one, other);
        request.leader = Some(one);
        let merged = merge(&world.controller, request).await.expect("staff may");
        undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
        let (_, of_other) = stored(&world, other).await;
        assert_eq!(of_other, Standing::default(), "nobody said anything while the two were one");
    });
}

#[test]
fn a_yes_comes_after_the_noes_of_a_merge_also_when_the_clock_was_set_back() {
    on_both(async |db| {
        let world = World::open(db).await;
        let of = async |id| stored(&world, id).await.1.consent(&newsletter(), None, None).0;
        // Said under the alias's clock, then asked again under the leader's.
        let (one, other) = two(&world, 1).await;
        world.clock.turn_seconds(3_600);
        says(&world, other, vec![withdrawn()]).await;
        world.clock.turn_seconds(-3_600);
        let merged = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        says(&world, merged.leader, vec![given()]).await;
        assert_eq!((merged.leader, of(one).await), (one, ConsentState::Given));
        // Said under the leader's clock and taken over, then asked again under the alias's.
        world.clock.turn_seconds(3_600);
        says(&world, one, vec![withdrawn()]).await;
        world.clock.turn_seconds(-7_200);
        undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
        assert_eq!(of(other).await, ConsentState::Withdrawn);
        says(&world, other, vec![given()]).await;
        assert_eq!(of(other).await, ConsentState::Given);
    });
}

#[test]
fn a_yes_said_after_a_merge_outlives_the_parting_of_a_third_identity() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        let (third, _) = two(&world, 2).await;
        says(&world, other, vec![withdrawn()]).await;
        merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        says(&world, one, vec![given()]).await;
        let before = stored(&world, one).await;
        assert_eq!(before.1.consent(&newsletter(), None, None).0, ConsentState::Given);
        let mut request = by_staff(one, third);
        request.leader = Some(one);
        let merged = merge(&world.controller, request).await.expect("staff may");
        undo(&world.controller, undo_by_staff(&merged)).await.expect("staff may");
        assert_eq!(stored(&world, one).await, before, "they were asked, and had said yes");
    });
}

#[test]
fn a_merge_is_undone_once_and_within_ninety_days() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        let merged = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        world.clock.set(merged.undo_until);
        undo(&world.controller, undo_by_staff(&merged)).await.expect("on the last day");
        let twice = undo(&world.controller, undo_by_staff(&merged)).await;
        assert!(matches!(twice, Err(AppError::Conflict { code: "undone-already", .. })), "{twice:?}");
        let again = merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        world.clock.turn_days(UNDO_DAYS + 1);
        let late = undo(&world.controller, undo_by_staff(&again)).await;
        assert!(matches!(late, Err(AppError::Conflict { code: "undo-over", .. })), "{late:?}");
    });
}

#[test]
fn two_merges_of_the_same_two_at_once_make_one() {
    on_both(async |db| {
        let world = World::open(db).await;
        for number in 1..=6 {
            let (one, other) = two(&world, number).await;
            let mut opposite = by_staff(other, one);
            opposite.leader = Some(other);
            let (left, right) = tokio::join!(
                merge(&world.controller, by_staff(one, other)),
                merge(&world.controller, opposite)
            );
            assert_eq!(usize::from(left.is_ok()) + usize::from(right.is_ok()), 1, "{left:?} {right:?}");
        }
    });
}

#[test]
fn erasing_a_merged_person_erases_every_identity() {
    on_both(async |db| {
        let world = World::open(db).await;
        let (one, other) = two(&world, 1).await;
        merge(&world.controller, by_staff(one, other)).await.expect("staff may");
        let request = Erase {
            subject: other,
            extent: Extent::Person,
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        let erased = erase(&world.controller, request).await.expect("a person may erase themselves");
        assert_eq!((erased.subject, erased.tombstones), (one, 4));
        app::jobs::run_due(&world.controller).await.expect("jobs run");
        world.clock.turn_seconds(app::retention::SWEEP_AGAIN_SECONDS);
        app::jobs::run_due(&world.controller).await.expect("jobs run again");
        let dump = db.dump();
        for id in [one, other] {
            let left: Vec<String> = dump.holding(&id.to_string()).into_keys().collect();
            assert_eq!(left, ["subject"], "only random ids are left");
        }
        let found = look_up(&world.controller, email("lady1@example.org")).await.expect("a look-up");
        assert_eq!(found, Found::Nobody);
    });
}

#[test]
fn erasing_and_merging_at_once_leave_nobody_half_erased() {
    on_both(async |db| {
        let world = World::open(db).await;
        for round in 1..=10 {
            let (one, other) = two(&world, round).await;
            let request = Erase {
                subject: one,
                extent: Extent::Person,
                actor: Actor::Customer,
                reason: None,
                request: None,
                idempotency: None,
            };
            let (erased, merged) = tokio::join!(
                erase(&world.controller, request),
                merge(&world.controller, by_staff(one, other))
            );
            let is_conflict = |error: &AppError| matches!(error, AppError::Conflict { .. } | AppError::Busy);
            let state = async |id| {
                let row = world.controller.db.read("test", move |tx| store::identity::find(tx, &id)).await;
                row.expect("read").expect("a row").state
            };
            let gone = store::identity::SubjectState::Erased;
            match (&erased, &merged) {
                (Ok(_), Ok(_)) => assert_eq!([state(one).await, state(other).await], [gone, gone]),
                (Ok(_), Err(_)) => {
                    assert_eq!(state(one).await, gone);
                    assert_ne!(state(other).await, gone, "the other was nobody's alias");
                }
                (Err(error), Ok(_)) => assert!(is_conflict(error), "{error:?}"),
                (Err(error), Err(_)) => panic!("both lost: {error:?}"),
            }
        }
    });
}
