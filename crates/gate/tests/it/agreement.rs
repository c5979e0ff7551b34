//! INVARIANT(audience-equals-decide): whatever the manifest, the person and the question, an
//! audience, a single decision and a second model that was written apart agree.

use std::collections::{BTreeMap, BTreeSet};

use gate::{Policy, Standing, Use, decide};
use model::manifest::{Ground, Manifest, Mode, Purpose, ServiceUse, Texts};
use model::{
    Act, Action, Actor, AgeBand, Basis, CategoryName, Channel, EntryId, EventFacts, EventId, FindingCode,
    Grade, LawFamily, Origin, PurposeKind, PurposeName, RecipientName, Signal, SubjectId, Switch, Timestamp,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::cases::shop;
use crate::naive::{self, Facts};

const CATEGORIES: [&str; 3] = ["contact.email", "commerce.order", "health.condition"];
const RECIPIENTS: [&str; 5] = ["mailer", "old-mailer", "courier", "ad-network", "no-contract"];
const LAWS: [&str; 3] = ["gdpr", "us-state", "us-ca"];
const CHANNELS: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Post];

fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name")
}

fn a_ground() -> impl Strategy<Value = Ground> {
    // Consent often, since most of what can be said is about it.
    let basis = prop_oneof![Just(Basis::Consent), select(Basis::ALL)];
    (basis, any::<bool>()).prop_map(|(basis, named)| Ground {
        basis,
        balancing_test: named.then(|| "docs/lia.md".to_owned()),
        citation: named.then(|| "Some Act 1".to_owned()),
    })
}

fn a_purpose(pattern: Purpose) -> impl Strategy<Value = Purpose> {
    let laws = subsequence(&LAWS[..], 0..=2)
        .prop_flat_map(|laws| laws.into_iter().map(|law| (Just(law), a_ground())).collect::<Vec<_>>());
    let sets = (
        subsequence(&CATEGORIES[..], 0..=3),
        subsequence(&CHANNELS[..], 0..=3),
        subsequence(&RECIPIENTS[..], 0..=5),
    );
    (select(PurposeKind::ALL), a_ground(), laws, sets, any::<bool>(), 0u8..5).prop_map(
        move |(kind, basis, laws, (categories, channels, recipients), kept, told)| Purpose {
            kind,
            basis,
            basis_under: laws.into_iter().map(|(law, ground)| (name::<LawFamily>(law), ground)).collect(),
            categories: categories.into_iter().map(name).collect(),
            channels: channels.into_iter().collect(),
            recipients: recipients.into_iter().map(name).collect(),
            retention: if kept { pattern.retention } else { None },
            explanation: if told == 0 { Texts::default() } else { pattern.explanation.clone() },
            ..pattern.clone()
        },
    )
}

/// The shop, with two purposes of any sort that its service may ask for.
fn a_manifest() -> impl Strategy<Value = Manifest> {
    let shop = shop();
    let pattern = shop.purposes.get("statistics").expect("a purpose with retention").clone();
    let actions = subsequence(Action::ALL, Action::ALL.len() / 2..=Action::ALL.len());
    (a_purpose(pattern.clone()), a_purpose(pattern), actions).prop_map(move |(first, second, actions)| {
        let mut manifest = shop.clone();
        let service = manifest.services.get_mut("shop").expect("the service");
        for (purpose, declared) in [("p0", first), ("p1", second)] {
            let may = ServiceUse { actions: actions.iter().copied().collect(), mode: Mode::Enforce };
            service.purposes.insert(name(purpose), may);
            manifest.purposes.insert(name(purpose), declared);
        }
        manifest
    })
}

fn an_act() -> impl Strategy<Value = Act> {
    let purpose = || select(&["p0", "p1"][..]).prop_map(name::<PurposeName>);
    let recipient = || select(&RECIPIENTS[..]).prop_map(name::<RecipientName>);
    let switch =
        (purpose(), prop::option::of(select(&CHANNELS[..])), prop::option::weighted(0.2, recipient()))
            .prop_map(|(purpose, channel, recipient)| Switch { purpose, channel, recipient });
    let category = || {
        prop::option::of(select(&["contact", "commerce.order", "health"][..]).prop_map(name::<CategoryName>))
    };
    let choices = prop_oneof![
        6 => switch.clone().prop_map(Act::Given),
        1 => switch.clone().prop_map(Act::Refused),
        2 => switch.prop_map(Act::Withdrawn),
        1 => prop::option::of(purpose()).prop_map(|purpose| Act::Objected { purpose }),
        1 => purpose().prop_map(|purpose| Act::ObjectionLifted { purpose, ground: name("legal-claims") }),
        1 => prop::option::of(purpose()).prop_map(|purpose| Act::ObjectionEnded { purpose }),
        1 => prop::option::of(purpose()).prop_map(|purpose| Act::OptedOut { purpose }),
        1 => prop::option::of(purpose()).prop_map(|purpose| Act::OptedIn { purpose }),
    ];
    let states = prop_oneof![
        Just(Act::SignalSeen { signal: Signal::Gpc }),
        select(&AgeBand::ALL[..]).prop_map(|band| Act::AgeStated { band }),
        select(&["FR", "US-CA"][..]).prop_map(|region| Act::RegionStated { region: name(region) }),
        category().prop_map(|category| Act::Restricted { category }),
        category().prop_map(|category| Act::RestrictionLifted { category }),
        select(&CHANNELS[..]).prop_map(|channel| Act::AddressConfirmed { channel }),
        select(&CHANNELS[..]).prop_map(|channel| Act::AddressChanged { channel }),
        recipient().prop_map(|recipient| Act::RecipientDeclined { recipient }),
        recipient().prop_map(|recipient| Act::RecipientAccepted { recipient }),
        Just(Act::Deceased {}),
        Just(Act::NotDeceased {}),
    ];
    prop_oneof![choices, states]
}

fn a_person() -> impl Strategy<Value = Facts> {
    let grade = prop_oneof![4 => Just(Grade::Proven), 1 => Just(Grade::Unknown)];
    let event = (an_act(), 0i64..5, 0i64..5, select(&Origin::ALL[..]), grade).prop_map(
        |(act, occurred, recorded, origin, grade)| EventFacts {
            id: EventId::from_bytes([0; 16]),
            act,
            occurred: Timestamp::from_seconds(occurred),
            recorded: Timestamp::from_seconds(recorded),
            origin,
            grade,
        },
    );
    let suppressed = prop::option::weighted(0.1, select(&CHANNELS[..]));
    (prop::collection::vec(event, 0..8), prop::bool::weighted(0.05), suppressed)
        .prop_map(|(events, erased, suppressed)| Facts { events, erased, suppressed })
}

fn a_question() -> impl Strategy<Value = Use> {
    let purpose = prop_oneof![
        12 => select(&["p0", "p1"][..]),
        1 => select(&["p2", "rights", "security", "operation", "legal-claims"][..])
    ];
    let actor = prop_oneof![
        8 => Just(Actor::Service(name("shop"))),
        1 => Just(Actor::Service(name("stranger"))),
        1 => Just(Actor::Customer),
        1 => Just(Actor::Job("retention".to_owned())),
    ];
    let reach = (
        prop::option::of(select(&CHANNELS[..])),
        prop::option::weighted(0.4, select(&RECIPIENTS[..])),
        prop::option::weighted(0.2, select(&[-40i64, -10][..])),
    );
    (
        purpose,
        actor,
        select(Action::ALL),
        subsequence(&CATEGORIES[..], 0..=2),
        reach,
        prop::bool::weighted(0.2),
    )
        .prop_map(|(purpose, actor, action, categories, (channel, recipient, held), gpc)| {
            let mut asked = Use::new(EntryId::from_bytes([9; 16]), actor, action, name(purpose));
            asked.categories = categories.into_iter().map(name).collect();
            asked.channel = channel;
            asked.recipient = recipient.map(name);
            asked.held_since = held.map(|days| now().plus_days(days));
            asked.gpc = gpc;
            asked
        })
}

/// After every event, before the end of one contract and after the end of another.
fn now() -> Timestamp {
    Timestamp::from_date("2026-06-01").expect("a day")
}

fn standing(facts: &Facts) -> Standing {
    Standing::fold(&facts.events).with_erased(facts.erased).with_suppressed(facts.suppressed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_gate_agrees_with_a_second_model(manifest in a_manifest(), facts in a_person(), asked in a_question()) {
        let policy = Policy::compile(&manifest, 1, [0; 32]);
        let decision = decide(&policy, &standing(&facts), &asked, now());
        let found: BTreeSet<FindingCode> = decision.findings().iter().map(|finding| finding.code).collect();
        prop_assert_eq!(&found, &naive::findings(&manifest, &facts, &asked, now()));
        prop_assert_eq!(decision.is_granted(), found.is_empty());
        prop_assert!(decision.findings().is_sorted(), "the order of the gate");
    }

    #[test]
    fn an_audience_is_whom_decide_permits(
        manifest in a_manifest(),
        people in prop::collection::vec(a_person(), 0..12),
        asked in a_question(),
    ) {
        let policy = Policy::compile(&manifest, 1, [0; 32]);
        let people: BTreeMap<SubjectId, Standing> = (0u8..)
            .zip(&people)
            .map(|(number, facts)| (SubjectId::from_bytes([number; 16]), standing(facts)))
            .collect();
        let prepared = policy.prepare(&asked, now());
        let selection = prepared.select(people.iter().map(|(subject, standing)| (*subject, standing)));
        for (subject, standing) in &people {
            let alone = decide(&policy, standing, &asked.clone().about(*subject), now());
            prop_assert_eq!(selection.granted().contains(subject), alone.is_granted());
            let group = selection.denied().iter().find(|group| group.members().contains(subject));
            prop_assert_eq!(group.map_or(&[][..], |group| group.findings()), alone.findings());
        }
    }

    #[test]
    fn what_a_merged_standing_permits_each_of_the_two_permits(
        manifest in a_manifest(),
        mine in a_person(),
        theirs in a_person(),
        asked in a_question(),
    ) {
        // Where somebody lives is knowledge, not a choice: both know the same of it.
        let with_region = |facts: &Facts| {
            let mut events: Vec<EventFacts> = facts.events.clone();
            events.retain(|event| !matches!(event.act, Act::RegionStated { .. }));
            standing(&Facts { events, ..facts.clone() })
        };
        let policy = Policy::compile(&manifest, 1, [0; 32]);
        let (mine, theirs) = (with_region(&mine), with_region(&theirs));
        let may = |standing: &Standing| decide(&policy, standing, &asked, now()).is_granted();
        if may(&mine.protective_merge(&theirs)) {
            prop_assert!(may(&mine) && may(&theirs));
        }
    }
}
