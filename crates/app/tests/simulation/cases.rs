//! What the simulation found, kept as it was shrunk.

use model::Channel;
use testkit::Engine;

use crate::runner::run;
use crate::step::{By, Field, Step, Word};

/// A list of steps that failed once, on both stores.
#[track_caller]
fn holds(steps: &[Step]) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Some(failure) = run(engine, steps) {
            panic!("{engine:?}: {}", failure.said);
        }
    }
}

fn says(who: u8, words: &[Word], by: By) -> Step {
    Step::Say { who, words: words.to_vec(), by, hours_ago: None }
}

#[test]
fn a_signal_seen_before_a_merge_is_not_of_both() {
    holds(&[
        Step::Import { rows: vec![(1, false), (2, false), (7, false)] },
        says(2, &[Word::RestrictionLifted(false), Word::Given(4, None)], By::Portal),
        Step::Customer { who: 4, fresh: false, own: true },
        says(4, &[Word::Gpc, Word::Confirmed], By::Portal),
        Step::Merge { one: 2, other: 4, first_leads: false },
        Step::Part { which: 0 },
    ]);
}

#[test]
fn a_correction_before_a_merge_is_not_of_both() {
    holds(&[
        Step::Customer { who: 7, fresh: true, own: false },
        Step::Customer { who: 8, fresh: true, own: false },
        Step::Correct { who: 8, field: Field::NewAddress, number: 967_172 },
        Step::Merge { one: 8, other: 7, first_leads: true },
        Step::Part { which: 4 },
        Step::Customer { who: 7, fresh: false, own: true },
    ]);
}

#[test]
fn whoever_was_parted_speaks_after_what_they_took_over() {
    holds(&[
        Step::Customer { who: 5, fresh: true, own: true },
        Step::Customer { who: 8, fresh: true, own: true },
        Step::Merge { one: 8, other: 5, first_leads: true },
        says(8, &[Word::Given(0, Some(Channel::Post)), Word::Objected(Some(3))], By::Shop),
        Step::Part { which: 5 },
        says(5, &[Word::Objected(Some(3)), Word::Lifted(1)], By::Staff),
    ]);
}

#[test]
fn a_file_that_brings_an_address_to_one_of_two_identities_knows_that_of_the_other() {
    holds(&[
        Step::Customer { who: 7, fresh: false, own: false },
        Step::Import { rows: vec![(2, false), (4, true), (5, false), (8, true)] },
        Step::Merge { one: 5, other: 7, first_leads: false },
        Step::Import { rows: vec![(5, true), (8, false)] },
    ]);
}

/// Found by reading, before it was met.
#[test]
fn a_yes_after_a_merge_outlives_the_parting_of_a_third() {
    holds(&[
        Step::Import { rows: vec![(1, false), (2, false), (3, false)] },
        says(2, &[Word::Withdrawn(2, None)], By::Portal),
        Step::Merge { one: 1, other: 2, first_leads: true },
        says(1, &[Word::Given(2, None)], By::Portal),
        Step::Merge { one: 1, other: 3, first_leads: true },
        Step::Part { which: 1 },
    ]);
}

/// Found by reading, too: both identities have an address that somebody else had closed.
#[test]
fn an_address_that_is_closed_stays_so_when_a_merge_is_undone_that_closed_it_as_well() {
    holds(&[
        Step::Import { rows: vec![(1, false), (2, false), (3, false), (4, false)] },
        says(1, &[Word::Objected(None)], By::Portal),
        says(4, &[Word::Objected(None)], By::Portal),
        Step::Erase { who: 1 },
        Step::Erase { who: 4 },
        Step::Correct { who: 2, field: Field::AddressOf(1), number: 1 },
        Step::Merge { one: 3, other: 2, first_leads: true },
        Step::Correct { who: 3, field: Field::AddressOf(4), number: 2 },
        Step::Part { which: 0 },
        says(3, &[Word::Given(0, None), Word::Confirmed], By::Shop),
        Step::Audience { question: 0 },
    ]);
}
