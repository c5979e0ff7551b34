//! What begins and ends between two days.

use std::collections::BTreeSet;

use super::Law;
use crate::day::Day;
use crate::pack::{ChangeFact, Fact, Head};

/// Whether something begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It counts on the later day and not on the earlier.
    Begins,
    /// It counts on the earlier day and not on the later.
    Ends,
}

/// What changes in one law between two days.
#[derive(Debug, Clone)]
pub struct Change<'l> {
    /// The law.
    pub law: &'l Law,
    /// Whether the whole law begins or ends.
    pub whole: Option<Turn>,
    /// The facts and versions that begin or end, in the pack's order.
    pub facts: Vec<(Turn, &'l Head)>,
    /// What the pack's list to watch has between the two days.
    pub noted: Vec<&'l Fact<ChangeFact>>,
}

pub(super) fn changes(laws: &[Law], from: Day, to: Day) -> Vec<Change<'_>> {
    laws.iter()
        .map(|law| of_law(law, from, to))
        .filter(|change| change.whole.is_some() || !change.facts.is_empty() || !change.noted.is_empty())
        .collect()
}

fn of_law(law: &Law, from: Day, to: Day) -> Change<'_> {
    let (before, after) = (counting(law, from), counting(law, to));
    let facts = law
        .pack
        .heads()
        .filter_map(|head| match (before.contains(&*head.name), after.contains(&*head.name)) {
            (false, true) => Some((Turn::Begins, head)),
            (true, false) => Some((Turn::Ends, head)),
            _ => None,
        })
        .collect();
    let whole = match (law.pack.is_in_force(from), law.pack.is_in_force(to)) {
        (false, true) => Some(Turn::Begins),
        (true, false) => Some(Turn::Ends),
        _ => None,
    };
    let within = |day: Day| from.min(to) < day && day <= from.max(to);
    let noted = law.pack.change.iter().filter(|fact| fact.body.effective.0.is_some_and(within)).collect();
    Change { law, whole, facts, noted }
}

/// The names of what counts on a day: the versions in force, and the facts that hold while
/// one is.
fn counting(law: &Law, day: Day) -> BTreeSet<&str> {
    let versions: BTreeSet<&str> = law.pack.versions_on(day).map(|version| &*version.head.name).collect();
    if versions.is_empty() {
        return versions;
    }
    let holds = |head: &&Head| head.holds_on(day) && !matches!(head.section, "version" | "change");
    versions.into_iter().chain(law.pack.heads().filter(holds).map(|head| &*head.name)).collect()
}
