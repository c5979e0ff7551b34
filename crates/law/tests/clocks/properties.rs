//! What holds for every deadline, whatever the law, the day and the place.

use law::clock::{
    Ask, Clocks, Deadline, Due, Event, Keeping, OpenTerms, Pause, PauseReason, Period, Place, Start,
    earliest, keeping,
};
use law::{Day, Term, Unit};
use model::Timestamp;
use proptest::prelude::*;

const PLACES: [&str; 9] = ["DE", "GB", "US-CA", "US", "CA", "CN", "ZA", "JP", "AU-NSW"];
const UNITS: [Unit; 6] = [Unit::Hour, Unit::Day, Unit::BusinessDay, Unit::Week, Unit::Month, Unit::Year];

/// A moment from 2025 to the middle of 2029, so that ends mostly fall in the listed years.
fn moments() -> impl Strategy<Value = Timestamp> {
    (0_i64..1_640 * 86_400).prop_map(|seconds| Timestamp::from_seconds(1_735_689_600 + seconds))
}

fn places() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(PLACES.to_vec())
}

fn terms() -> impl Strategy<Value = Term> {
    (1_u32..60, proptest::sample::select(UNITS.to_vec()))
        .prop_map(|(n, unit)| Term::new(if unit == Unit::Year { n % 3 } else { n }, unit))
}

fn jurisdiction(place: &str) -> &str {
    match place {
        "DE" => "EU",
        "AU-NSW" => "AU",
        other => other,
    }
}

fn ask(place: &Place, term: Term, at: Timestamp) -> Ask<'_> {
    Ask {
        fact: "xx/right/access",
        citation: "art. 1",
        jurisdiction: jurisdiction(place.code()),
        term,
        extension: None,
        practice: None,
        period: Period::Act,
        start: Start { event: Event::Receipt, at },
        pauses: &[],
        place,
    }
}

fn by(clocks: &Clocks, ask: &Ask<'_>) -> Deadline {
    match clocks.due(ask, &OpenTerms::default()) {
        Due::By(deadline) => deadline,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn a_later_event_never_has_an_earlier_deadline(place in places(), term in terms(), at in moments(), later in 0_i64..90 * 86_400) {
        let clocks = super::clocks();
        let place = super::place(place);
        let first = by(clocks, &ask(&place, term, at));
        let second = by(clocks, &ask(&place, term, at.plus_seconds(later)));
        prop_assert!(first.ends <= second.ends);
    }

    #[test]
    fn a_longer_term_never_ends_earlier(place in places(), term in terms(), at in moments(), more in 0_u32..40) {
        let clocks = super::clocks();
        let place = super::place(place);
        let first = by(clocks, &ask(&place, term, at));
        let second = by(clocks, &ask(&place, Term::new(term.n + more, term.unit), at));
        prop_assert!(first.ends <= second.ends);
    }

    #[test]
    fn a_deadline_is_after_its_event_and_ends_with_its_day(place in places(), term in terms(), at in moments()) {
        let clocks = super::clocks();
        let place = super::place(place);
        let deadline = by(clocks, &ask(&place, term, at));
        prop_assert!(deadline.ends >= at);
        let last = place.day_of(Timestamp::from_micros(deadline.ends.micros() - 1));
        prop_assert_eq!(last.to_string(), deadline.day.to_string());
        if deadline.until.is_none() {
            prop_assert_eq!(place.start_of(last.tomorrow().unwrap()), deadline.ends);
        }
    }

    #[test]
    fn an_extension_never_shortens(place in places(), term in terms(), at in moments(), extension in terms()) {
        let clocks = super::clocks();
        let place = super::place(place);
        let plain = ask(&place, term, at);
        let extended = Ask { extension: Some(extension), ..plain.clone() };
        prop_assert!(by(clocks, &plain).ends <= by(clocks, &extended).ends);
    }

    #[test]
    fn a_pause_moves_the_unrolled_end_by_its_days(at in moments(), days in 1_u32..60, wait in 0_i64..20, length in 1_i64..40) {
        let clocks = super::clocks();
        let place = super::place("DE");
        let from = at.plus_days(wait.min(i64::from(days) - 1));
        let pauses = [Pause { from, to: Some(from.plus_days(length)), reason: PauseReason::Identity }];
        // A term that lapses does not roll over, so that the shift shows as it is.
        let plain = Ask { period: Period::Lapse, ..ask(&place, Term::new(days, Unit::Day), at) };
        let paused = Ask { pauses: &pauses, ..plain.clone() };
        let local = |at: Timestamp| place.day_of(at);
        let shift = local(from).until(local(from.plus_days(length))).unwrap().get_days();
        let (plain, paused) = (by(clocks, &plain), by(clocks, &paused));
        prop_assert_eq!(Day::from_days(plain.day.days() + shift), paused.day);
    }

    #[test]
    fn pauses_in_any_order_and_twice_give_the_same(at in moments(), spans in proptest::collection::vec((0_i64..25, 0_i64..10), 1..5)) {
        let clocks = super::clocks();
        let place = super::place("GB");
        let mut pauses: Vec<Pause> = spans
            .iter()
            .map(|(from, days)| Pause { from: at.plus_days(*from), to: Some(at.plus_days(from + days)), reason: PauseReason::Clarification })
            .collect();
        let first = by(clocks, &Ask { pauses: &pauses, ..ask(&place, Term::new(1, Unit::Month), at) });
        pauses.reverse();
        pauses.push(pauses[0]);
        let second = by(clocks, &Ask { pauses: &pauses, ..ask(&place, Term::new(1, Unit::Month), at) });
        prop_assert_eq!(first.ends, second.ends);
    }

    #[test]
    fn hours_run_by_the_clock_through_every_change_of_it(place in places(), n in 1_u32..200, at in moments()) {
        let clocks = super::clocks();
        let place = super::place(place);
        let deadline = by(clocks, &ask(&place, Term::new(n, Unit::Hour), at));
        prop_assert_eq!(deadline.ends, at.plus_seconds(i64::from(n) * 3600));
    }

    #[test]
    fn a_period_to_act_ends_on_no_day_off_where_the_law_rolls_over(place in proptest::sample::select(vec!["DE", "GB", "US-CA", "AU-NSW", "CN"]), term in terms(), at in moments()) {
        let clocks = super::clocks();
        let place = super::place(place);
        let deadline = by(clocks, &ask(&place, term, at));
        if deadline.until.is_none() {
            let day = deadline.day.to_string().parse().unwrap();
            prop_assert_eq!(place.calendar().kind(day), law::clock::DayKind::Working);
        }
    }

    #[test]
    fn the_earliest_of_several_laws_is_the_same_in_any_order(at in moments(), terms in proptest::collection::vec(terms(), 1..6)) {
        let clocks = super::clocks();
        let place = super::place("DE");
        let names: Vec<String> = (0..terms.len()).map(|n| format!("law-{n}/right/access")).collect();
        let mut asks: Vec<Ask<'_>> = terms.iter().zip(&names).map(|(term, fact)| Ask { fact, ..ask(&place, *term, at) }).collect();
        asks.push(Ask { fact: "open/right/access", ..ask(&place, Term::new(0, Unit::Asap), at) });
        let first = clocks.together(&asks, &OpenTerms::default()).first.unwrap();
        asks.reverse();
        let second = clocks.together(&asks, &OpenTerms::default()).first.unwrap();
        prop_assert_eq!(&first, &second);
        for ask in &asks {
            prop_assert!(first.ends <= by(clocks, ask).ends);
        }
    }
}

#[test]
fn a_term_without_a_number_is_not_later_than_the_shortest_law_that_has_one() {
    let clocks = super::clocks();
    let place = super::place("DE");
    let at = place.moment("2026-11-24T10:00").unwrap();
    let asks = [
        Ask { fact: "a/right/x", ..ask(&place, Term::new(0, Unit::Reasonable), at) },
        Ask { fact: "b/right/x", ..ask(&place, Term::new(10, Unit::Day), at) },
        Ask { fact: "c/right/x", ..ask(&place, Term::new(1, Unit::Month), at) },
    ];
    let together = clocks.together(&asks, &OpenTerms::default());
    assert_eq!(together.first.unwrap().day.to_string(), "2026-12-04");
    let open = together.all[0].deadline().unwrap();
    assert_eq!(open.day.to_string(), "2026-12-04");
    assert_eq!(open.steps.last().unwrap().to_string(), "not later than b/right/x: Fri 2026-12-04");
}

#[test]
fn a_duty_to_keep_longer_than_another_law_allows_goes_to_a_person() {
    let clocks = super::clocks();
    let place = super::place("DE");
    let at = place.moment("2026-11-24").unwrap();
    let lapse = |fact: &'static str, years| {
        by(clocks, &Ask { fact, period: Period::Lapse, ..ask(&place, Term::new(years, Unit::Year), at) })
    };
    let (six, two, three) =
        (lapse("a/retention/keep", 6), lapse("b/retention/erase", 2), lapse("c/retention/erase", 3));
    assert!(matches!(
        keeping(std::slice::from_ref(&six), &[three.clone(), two.clone()]),
        Keeping::Conflict { keep, erase } if keep == six && erase == two
    ));
    assert!(matches!(
        keeping(std::slice::from_ref(&two), std::slice::from_ref(&three)),
        Keeping::Between { .. }
    ));
    assert_eq!(keeping(&[], &[]), Keeping::Free);
    assert_eq!(earliest([&six, &three, &two].into_iter()), Some(&two));
}
