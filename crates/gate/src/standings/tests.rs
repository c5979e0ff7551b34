//! People kept by column are decided as people one by one.

use std::collections::{BTreeMap, HashMap};

use model::manifest::{Manifest, Region};
use model::{
    Act, Action, Actor, AgeBand, Channel, EntryId, EventFacts, EventId, Grade, Origin, PurposeName,
    RecipientName, RegionSource, ServiceName, Signal, SubjectId, Switch, Timestamp,
};
use proptest::prelude::*;

use super::Standings;
use crate::{Policy, Standing, Use, decide};

const PURPOSES: [&str; 5] = ["newsletter", "advertising", "statistics", "recall", "unheard-of"];

fn policy() -> Policy {
    let text = include_str!("../../tests/cases/shop.yaml");
    let manifest = Manifest::from_text("shop.yaml", text).expect("the cases' shop").resolved();
    Policy::compile(&manifest, 1, [0; 32])
}

fn name(place: usize) -> PurposeName {
    PurposeName::new(PURPOSES[place]).expect("a name")
}

fn vendor(place: usize) -> RecipientName {
    RecipientName::new(["mailer", "ad-network"][place]).expect("a name")
}

fn an_act() -> impl Strategy<Value = Act> {
    let channel = prop::option::of(prop::sample::select(&Channel::ALL[..]));
    let recipient = prop::option::of((0usize..2).prop_map(vendor));
    let switch = (0usize..5, channel, recipient).prop_map(|(place, channel, recipient)| Switch {
        purpose: name(place),
        channel,
        recipient,
    });
    let about = prop::option::of((0usize..5).prop_map(name));
    let region = prop::sample::select(&["FR", "US-CA"][..])
        .prop_map(|region| region.parse::<Region>().expect("a region"));
    prop_oneof![
        4 => switch.clone().prop_map(Act::Given),
        2 => switch.clone().prop_map(Act::Refused),
        2 => switch.prop_map(Act::Withdrawn),
        1 => about.clone().prop_map(|purpose| Act::Objected { purpose }),
        1 => about.clone().prop_map(|purpose| Act::ObjectionEnded { purpose }),
        1 => about.clone().prop_map(|purpose| Act::OptedOut { purpose }),
        1 => about.prop_map(|purpose| Act::OptedIn { purpose }),
        1 => Just(Act::SignalSeen { signal: Signal::Gpc }),
        1 => prop::sample::select(&AgeBand::ALL[..]).prop_map(|band| Act::AgeStated { band }),
        1 => (region, prop::sample::select(&RegionSource::ALL[..]))
            .prop_map(|(region, source)| Act::RegionStated { region, source }),
        1 => Just(Act::Restricted { category: None }),
        1 => Just(Act::RestrictionLifted { category: None }),
        1 => Just(Act::AddressConfirmed { channel: Channel::Email }),
        1 => Just(Act::AddressChanged { channel: Channel::Email }),
        1 => (0usize..2).prop_map(|place| Act::RecipientDeclined { recipient: vendor(place) }),
        1 => Just(Act::Deceased {}),
    ]
}

/// A standing out of few moments, so that many words fall on the same one.
fn a_standing() -> impl Strategy<Value = Standing> {
    let events = prop::collection::vec((an_act(), 0i64..5), 0..10);
    (events, any::<bool>(), prop::sample::subsequence(Channel::ALL.to_vec(), 0..=2)).prop_map(
        |(acts, erased, suppressed)| {
            let events: Vec<EventFacts> = acts
                .into_iter()
                .map(|(act, at)| EventFacts {
                    id: EventId::from_bytes([0; 16]),
                    act,
                    occurred: Timestamp::from_seconds(at),
                    recorded: Timestamp::from_seconds(at),
                    origin: Origin::Portal,
                    grade: Grade::Proven,
                })
                .collect();
            Standing::fold(&events).with_erased(erased).with_suppressed(suppressed)
        },
    )
}

fn a_question() -> impl Strategy<Value = Use> {
    let action = prop::sample::select(vec![Action::Send, Action::Use, Action::Share, Action::Read]);
    let channel = prop::option::of(prop::sample::select(&Channel::ALL[..]));
    let recipient = prop::option::of((0usize..2).prop_map(vendor));
    (0usize..5, action, channel, recipient, any::<bool>()).prop_map(
        |(place, action, channel, recipient, gpc)| {
            let actor = Actor::Service(ServiceName::new("shop").expect("a name"));
            let mut asked = Use::new(EntryId::from_bytes([0; 16]), actor, action, name(place));
            asked.channel = channel;
            asked.recipient = recipient;
            asked.gpc = gpc;
            asked
        },
    )
}

fn person(number: usize) -> SubjectId {
    let mut bytes = [0; 16];
    // The low bytes are the place in the table: some people meet at one.
    bytes[15] = u8::try_from(number % 7).expect("small");
    bytes[3] = u8::try_from(number).expect("small");
    SubjectId::from_bytes(bytes)
}

proptest! {
    #[test]
    fn everybody_in_memory_is_decided_as_decide_would(
        people in prop::collection::vec((0usize..20, a_standing()), 1..30),
        questions in prop::collection::vec(a_question(), 1..6),
        gone in 0usize..20,
    ) {
        let policy = policy();
        let now = Timestamp::from_seconds(1_780_000_000);
        let (mut kept, mut standings) = (BTreeMap::new(), Standings::default());
        for (version, (number, standing)) in (1..).zip(people) {
            // Whoever comes twice has changed.
            standings.put(person(number), version, &standing);
            prop_assert!(standings.is_at(&person(number), version));
            kept.insert(person(number), standing);
        }
        standings.remove(&person(gone));
        kept.remove(&person(gone));
        prop_assert_eq!(standings.len(), kept.len());
        for asked in &questions {
            let prepared = policy.prepare(asked, now);
            let mut granted = Vec::new();
            for (id, standing) in &kept {
                let decision = decide(&policy, standing, asked, now);
                let class = standings.class(id, &asked.purpose).expect("kept");
                let in_memory = standings.standing(class, &asked.purpose).expect("a class");
                let foreseen = prepared.foresee(&in_memory);
                prop_assert_eq!(&foreseen.findings, decision.findings());
                prop_assert_eq!(foreseen.until.is_some(), decision.is_granted());
                prop_assert_eq!(prepared.verdict(&in_memory), prepared.verdict(standing));
                if decision.is_granted() {
                    granted.push(*id);
                }
            }
            let sifted = prepared.sift(&standings, &HashMap::new());
            prop_assert_eq!(sifted.granted(), &granted[..]);
            prop_assert!(standings.class(&person(gone), &asked.purpose).is_none());
        }
    }

    #[test]
    fn people_apart_are_decided_by_what_is_given_for_them(
        people in prop::collection::vec(a_standing(), 1..10),
        changed in prop::option::of(a_standing()),
        asked in a_question(),
    ) {
        let policy = policy();
        let now = Timestamp::from_seconds(1_780_000_000);
        let mut standings = Standings::default();
        for (number, standing) in people.iter().enumerate() {
            standings.put(person(number), 1, standing);
        }
        let apart = HashMap::from([(person(0), changed.clone())]);
        let prepared = policy.prepare(&asked, now);
        let sifted = prepared.sift(&standings, &apart);
        let wanted = changed.is_some_and(|standing| decide(&policy, &standing, &asked, now).is_granted());
        prop_assert_eq!(sifted.granted().contains(&person(0)), wanted);
    }
}
