//! The fold: the same whatever the order, and always on the person's side.

use model::manifest::Region;
use model::{
    Act, AgeBand, Channel, EventFacts, EventId, Grade, Origin, PurposeName, RegionSource, Signal, Switch,
    Timestamp,
};
use proptest::prelude::*;

use super::{ConsentState, Standing};

fn purpose(number: u8) -> PurposeName {
    PurposeName::new(&format!("purpose-{number}")).expect("a name")
}

fn event(number: u8, at: i64, act: Act) -> EventFacts {
    let at = Timestamp::from_seconds(at);
    let id = EventId::from_bytes([number; 16]);
    EventFacts { id, act, occurred: at, recorded: at, origin: Origin::Portal, grade: Grade::Proven }
}

fn newsletter() -> Switch {
    Switch { purpose: purpose(0), channel: None, recipient: None }
}

fn over(channel: Channel) -> Switch {
    Switch { channel: Some(channel), ..newsletter() }
}

fn state(events: &[EventFacts], channel: Option<Channel>) -> ConsentState {
    Standing::fold(events).consent(&purpose(0), channel, None).0
}

#[test]
fn at_equal_times_the_no_wins() {
    let events = [event(1, 5, Act::Withdrawn(newsletter())), event(2, 5, Act::Given(newsletter()))];
    assert_eq!(state(&events, None), ConsentState::Withdrawn);
}

#[test]
fn a_later_yes_to_the_whole_does_not_undo_a_no_to_a_part() {
    let events = [event(1, 5, Act::Refused(over(Channel::Sms))), event(2, 9, Act::Given(newsletter()))];
    assert_eq!(state(&events, Some(Channel::Sms)), ConsentState::Refused);
    assert_eq!(state(&events, Some(Channel::Email)), ConsentState::Given);
}

#[test]
fn a_no_to_the_whole_ends_every_part_until_a_part_is_given_again() {
    let mut events = vec![
        event(1, 5, Act::Given(over(Channel::Email))),
        event(2, 5, Act::Given(over(Channel::Sms))),
        event(3, 9, Act::Withdrawn(newsletter())),
    ];
    assert_eq!(state(&events, Some(Channel::Sms)), ConsentState::Withdrawn);
    events.push(event(4, 12, Act::Given(over(Channel::Email))));
    assert_eq!(state(&events, Some(Channel::Email)), ConsentState::Given);
    assert_eq!(state(&events, Some(Channel::Sms)), ConsentState::Withdrawn);
}

#[test]
fn a_yes_that_nobody_answers_for_is_none_but_such_a_no_counts() {
    let unknown = |event: EventFacts| EventFacts { grade: Grade::Unknown, ..event };
    assert_eq!(state(&[unknown(event(1, 5, Act::Given(newsletter())))], None), ConsentState::Unasked);
    assert_eq!(state(&[unknown(event(1, 5, Act::Withdrawn(newsletter())))], None), ConsentState::Withdrawn);
}

#[test]
fn the_stored_form_is_fixed_and_another_version_does_not_read() {
    let standing = Standing::fold(&[
        event(1, 5, Act::Given(over(Channel::Email))),
        event(2, 6, Act::Objected { purpose: None }),
        event(3, 7, Act::AgeStated { band: AgeBand::Adult }),
    ]);
    let json = serde_json::to_string(&standing).expect("json");
    assert_eq!(
        json,
        r#"{"v":1,"consents":[[["purpose-0","email",null],5000000,"given"]],"objections":[[null,6000000,"objected"]],"age":[[null,7000000,"adult"]]}"#
    );
    assert_eq!(serde_json::from_str::<Standing>(&json).expect("standing"), standing);
    assert!(serde_json::from_str::<Standing>(&json.replace("\"v\":1", "\"v\":2")).is_err());
}

fn an_act() -> impl Strategy<Value = Act> {
    let switch = (0u8..2, prop::option::of(prop::sample::select(&[Channel::Email, Channel::Sms][..])))
        .prop_map(|(number, channel)| Switch { purpose: purpose(number), channel, recipient: None });
    let about = prop::option::of((0u8..2).prop_map(purpose));
    let band = prop::sample::select(&AgeBand::ALL[..]);
    let region = prop::sample::select(&["FR", "US-CA"][..])
        .prop_map(|region| region.parse::<Region>().expect("a region"));
    prop_oneof![
        3 => switch.clone().prop_map(Act::Given),
        2 => switch.clone().prop_map(Act::Refused),
        2 => switch.prop_map(Act::Withdrawn),
        1 => about.clone().prop_map(|purpose| Act::Objected { purpose }),
        1 => about.clone().prop_map(|purpose| Act::ObjectionEnded { purpose }),
        1 => about.clone().prop_map(|purpose| Act::OptedOut { purpose }),
        1 => about.prop_map(|purpose| Act::OptedIn { purpose }),
        1 => Just(Act::SignalSeen { signal: Signal::Gpc }),
        1 => band.prop_map(|band| Act::AgeStated { band }),
        1 => (region, prop::sample::select(&RegionSource::ALL[..]))
            .prop_map(|(region, source)| Act::RegionStated { region, source }),
        1 => Just(Act::Restricted { category: None }),
        1 => Just(Act::RestrictionLifted { category: None }),
        1 => Just(Act::AddressConfirmed { channel: Channel::Email }),
        1 => Just(Act::AddressChanged { channel: Channel::Email }),
        1 => Just(Act::Deceased {}),
        1 => Just(Act::NotDeceased {}),
    ]
}

fn an_event() -> impl Strategy<Value = EventFacts> {
    let origin = prop::sample::select(&Origin::ALL[..]);
    let grade = prop::sample::select(&Grade::ALL[..]);
    // Few moments, so that many events fall on the same one.
    (any::<u8>(), an_act(), 0i64..6, 0i64..6, origin, grade).prop_map(
        |(id, act, occurred, recorded, origin, grade)| EventFacts {
            id: EventId::from_bytes([id; 16]),
            act,
            occurred: Timestamp::from_seconds(occurred),
            recorded: Timestamp::from_seconds(recorded),
            origin,
            grade,
        },
    )
}

fn events_in_two_orders() -> impl Strategy<Value = (Vec<EventFacts>, Vec<EventFacts>)> {
    prop::collection::vec(an_event(), 0..14)
        .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
}

proptest! {
    #[test]
    fn the_standing_does_not_depend_on_the_order_of_reading((events, shuffled) in events_in_two_orders()) {
        prop_assert_eq!(Standing::fold(&events), Standing::fold(&shuffled));
    }

    #[test]
    fn one_event_more_equals_a_new_fold(events in prop::collection::vec(an_event(), 1..14)) {
        let (last, before) = events.split_last().expect("at least one");
        let mut standing = Standing::fold(before);
        standing.apply(last);
        prop_assert_eq!(&standing, &Standing::fold(&events));
        standing.apply(last);
        prop_assert_eq!(standing, Standing::fold(&events), "an event read twice counts once");
    }

    #[test]
    fn a_standing_survives_storage(events in prop::collection::vec(an_event(), 0..14)) {
        let standing = Standing::fold(&events);
        let json = serde_json::to_string(&standing).expect("json");
        prop_assert_eq!(serde_json::from_str::<Standing>(&json).expect("standing"), standing);
    }

    #[test]
    fn a_merged_standing_says_yes_only_where_both_do(
        mine in prop::collection::vec(an_event(), 0..10),
        theirs in prop::collection::vec(an_event(), 0..10),
    ) {
        let (mine, theirs) = (Standing::fold(&mine), Standing::fold(&theirs));
        let merged = mine.protective_merge(&theirs);
        prop_assert_eq!(&merged, &theirs.protective_merge(&mine), "whoever leads");
        for number in 0..2 {
            for channel in [None, Some(Channel::Email), Some(Channel::Sms)] {
                let given = |s: &Standing| s.consent(&purpose(number), channel, None).0 == ConsentState::Given;
                prop_assert!(!given(&merged) || (given(&mine) && given(&theirs)));
            }
            for of in [&mine, &theirs] {
                prop_assert!(merged.objection(&purpose(number), true) >= of.objection(&purpose(number), true));
                prop_assert!(merged.opt_out_of_sale(&purpose(number)) >= of.opt_out_of_sale(&purpose(number)));
                prop_assert!(merged.gpc(&purpose(number)) >= of.gpc(&purpose(number)));
                prop_assert!(merged.restriction([]) >= of.restriction([]));
                prop_assert!(merged.age().unwrap_or(AgeBand::Adult) >= of.age().unwrap_or(AgeBand::Adult));
                prop_assert!(merged.is_deceased() >= of.is_deceased());
                prop_assert!(merged.is_confirmed(Channel::Email) <= of.is_confirmed(Channel::Email));
            }
        }
    }
}
