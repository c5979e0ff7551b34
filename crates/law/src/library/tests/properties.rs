//! What holds for all packs, people, uses and days.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::pack::Ages;

fn regions() -> impl Strategy<Value = Vec<String>> {
    let known = [
        "DE", "FR", "IT", "NO", "GB", "CH", "US-CA", "US-CO", "US-CT", "US-MD", "US-ME", "US-OR", "US-NY",
        "US-WA", "US-IL", "US", "CA", "CA-QC", "AU", "BR", "CN", "IN", "JP", "KR", "ZA", "NZ", "EU",
    ];
    proptest::collection::vec(select(known.map(str::to_owned).to_vec()), 0..3)
}

fn people() -> impl Strategy<Value = Person> {
    (
        regions(),
        prop_oneof![Just((18, 119)), (0u32..20, 0u32..4).prop_map(|(first, more)| (first, first + more))],
    )
        .prop_map(|(regions, (first, last))| {
            let mut person = Person::within(regions.iter().map(|region| region.parse().unwrap()));
            person.ages = Ages { first, last };
            person
        })
}

fn uses() -> impl Strategy<Value = Use> {
    let names: Vec<&'static str> =
        taxonomy::categories().iter().map(|category| category.name.as_str()).collect();
    let count = names.len();
    (
        select(PurposeKind::ALL.to_vec()),
        subsequence(names, 0..count.min(3)),
        proptest::option::of(select(Channel::ALL.to_vec())),
        proptest::option::of(select(Purpose::ALL.to_vec())),
        any::<bool>(),
    )
        .prop_map(|(kind, names, channel, also, device)| {
            let mut of_use = of(kind, &names);
            if let Some(channel) = channel {
                of_use = of_use.over(channel);
            }
            if let Some(also) = also {
                of_use = of_use.also(also);
            }
            if device { of_use.on_device() } else { of_use }
        })
}

fn controllers() -> impl Strategy<Value = Controller> {
    let metrics = subsequence(Metric::ALL.to_vec(), 0..6);
    (select(vec!["FR", "US-CA", "NZ", "JP", "CA-QC", "AU"]), metrics, 0i64..200_000, regions()).prop_map(
        |(seat, metrics, amount, serves)| {
            let facts: Vec<_> =
                metrics.into_iter().map(|metric| (metric, FactValue::Amount(amount))).collect();
            let mut controller = controller(seat, &facts);
            controller.serves = serves.iter().map(|region| region.parse().unwrap()).collect();
            controller
        },
    )
}

fn days() -> impl Strategy<Value = Day> {
    (day("2018-01-01").days()..day("2030-01-01").days()).prop_map(Day::from_days)
}

/// The library without some laws.
fn without(dropped: &BTreeSet<usize>) -> Library {
    let laws =
        LIBRARY.laws().iter().enumerate().filter(|(at, _)| !dropped.contains(at)).map(|(_, law)| law.clone());
    Library { laws: laws.collect() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_law_more_never_loosens(
        person in people(), controller in controllers(), of_use in uses(), on in days(),
        dropped in proptest::collection::btree_set(0usize..54, 0..54), consent in any::<bool>(),
    ) {
        let fewer = without(&dropped);
        let (fewer, all) = (fewer.on(on), LIBRARY.on(on));
        let (less, more) = (fewer.ask(&person, &controller, &of_use), all.ask(&person, &controller, &of_use));
        prop_assert!(less.model() <= more.model());
        let forms = BTreeSet::from([Strength::Standard]);
        let given = Given { consent: consent.then_some(&forms), ..Given::default() };
        prop_assert!(less.unmet(&given).count() <= more.unmet(&given).count());
        prop_assert!(less.strengths().is_subset(&more.strengths()));
    }

    #[test]
    fn a_person_in_two_regions_gets_the_laws_of_both(
        one in regions(), other in regions(), controller in controllers(), of_use in uses(), on in days(),
    ) {
        prop_assume!(!one.is_empty() && !other.is_empty());
        let all = LIBRARY.on(on);
        let ids = |regions: &[&String]| -> BTreeSet<String> {
            let names: Vec<&str> = regions.iter().map(|region| region.as_str()).collect();
            all.ask(&person(&names), &controller, &of_use).laws.iter().map(|law| law.law.id().to_owned()).collect()
        };
        let both: Vec<&String> = one.iter().chain(&other).collect();
        let union: BTreeSet<String> = ids(&one.iter().collect::<Vec<_>>()).union(&ids(&other.iter().collect::<Vec<_>>())).cloned().collect();
        prop_assert!(ids(&both).is_superset(&union));
    }

    #[test]
    fn between_two_turning_days_nothing_changes(
        person in people(), controller in controllers(), of_use in uses(), on in days(), later in 0i32..60,
    ) {
        let turns = LIBRARY.turning_days();
        let end = turns.range(on.next()..).next().map_or(on.plus(later), |turn| turn.plus(-1));
        let then = on.plus(later.min(end.days() - on.days()));
        let names = |on: Day| -> Vec<String> {
            let all = LIBRARY.on(on);
            let answer = all.ask(&person, &controller, &of_use);
            answer.laws.iter().flat_map(|law| law.facts().map(|head| head.name.to_string())).collect()
        };
        prop_assert_eq!(names(on), names(then));
    }

    #[test]
    fn a_fact_that_is_not_answered_never_makes_a_general_law_go_away(
        person in people(), controller in controllers(), on in days(),
    ) {
        let all = LIBRARY.on(on);
        let general = |controller: &Controller| -> BTreeSet<String> {
            all.applying(&person, controller, None).iter()
                .filter(|law| law.law.law.pack.kind.is_general())
                .map(|law| law.law.law.id().to_owned()).collect()
        };
        let mut silent = controller.clone();
        silent.facts.clear();
        prop_assert!(general(&silent).is_superset(&general(&controller)));
    }

    #[test]
    fn who_may_be_younger_is_protected_no_less(
        person in people(), controller in controllers(), of_use in uses(), on in days(), younger in 0u32..18,
    ) {
        let all = LIBRARY.on(on);
        let mut maybe = person.clone();
        maybe.ages.first = maybe.ages.first.min(younger);
        let (one, other) = (all.ask(&person, &controller, &of_use), all.ask(&maybe, &controller, &of_use));
        prop_assert!(one.laws.iter().all(|law| other.laws.iter().any(|l| l.law.id() == law.law.id())));
        prop_assert!(one.laws.iter().all(|law| law.parent.is_none()) || other.laws.iter().any(|law| law.parent.is_some()));
    }

    #[test]
    fn no_use_and_no_day_makes_a_ground_of_one_law_serve_another(
        person in people(), controller in controllers(), of_use in uses(), on in days(),
    ) {
        let all = LIBRARY.on(on);
        let answer = all.ask(&person, &controller, &of_use);
        for law in &answer.laws {
            for ask in &law.asks {
                prop_assert_eq!(ask.fact.name.split('/').next(), Some(law.law.id()));
                if ask.model() == Model::Prohibited && ask.alternatives().is_empty() {
                    let every: Vec<_> = crate::code::Alternative::ALL.to_vec();
                    let forms: BTreeSet<Strength> = Strength::ALL.iter().copied().collect();
                    let given = Given { consent: Some(&forms), grounds: &every, refused: false };
                    prop_assert_eq!(law.meets(ask, &given), Met::Prohibited);
                }
            }
        }
    }
}
