//! Several laws at once: the earliest deadline wins; a duty to keep against a duty to erase
//! goes to a person.

use super::deadline::{Ask, Deadline, Due, Step};
use super::{Clocks, OpenTerms};

/// What several laws ask together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// The earliest deadline, the one to work by.
    pub first: Option<Deadline>,
    /// The answer of every law, in the order asked.
    pub all: Vec<Due>,
}

/// How long something is kept under several laws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// No law says anything.
    Free,
    /// It must be kept until the end of this.
    KeepUntil(Deadline),
    /// It must be erased by the end of this.
    EraseBy(Deadline),
    /// It must be kept until the one and erased by the other, which is not earlier.
    Between {
        /// The longest duty to keep.
        keep: Deadline,
        /// The shortest limit to erase.
        erase: Deadline,
    },
    /// One law wants it kept longer than another allows: a person decides.
    Conflict {
        /// The longest duty to keep.
        keep: Deadline,
        /// The shortest limit to erase.
        erase: Deadline,
    },
}

impl Clocks {
    /// What several laws ask together. A term without a number is due by the number in use for
    /// it, and not later than the earliest of the laws that give one (law/README.md, rule 6).
    #[must_use]
    pub fn together(&self, asks: &[Ask<'_>], open: &OpenTerms) -> Together {
        let mut all: Vec<Due> = asks.iter().map(|ask| self.due(ask, open)).collect();
        let numbered = asks.iter().zip(&all).filter(|(ask, _)| ask.term.unit.is_counted());
        if let Some(cap) = earliest(numbered.filter_map(|(_, due)| due.deadline())).cloned() {
            for (ask, due) in asks.iter().zip(&mut all) {
                if let Due::By(deadline) = due
                    && !ask.term.unit.is_counted()
                    && deadline.ends > cap.ends
                {
                    deadline.steps.push(Step::Capped { fact: cap.fact.clone(), to: cap.day });
                    deadline.day = cap.day;
                    deadline.ends = cap.ends;
                    deadline.until.clone_from(&cap.until);
                    deadline.zone.clone_from(&cap.zone);
                }
            }
        }
        let first = earliest(all.iter().filter_map(Due::deadline)).cloned();
        Together { first, all }
    }
}

/// The earliest of several deadlines; of equal ones the first by name of the fact.
pub fn earliest<'a>(deadlines: impl Iterator<Item = &'a Deadline>) -> Option<&'a Deadline> {
    deadlines.min_by(|a, b| (a.ends, &a.fact).cmp(&(b.ends, &b.fact)))
}

/// How long something is kept: the longest duty to keep against the shortest limit to erase.
#[must_use]
pub fn keeping(keep: &[Deadline], erase: &[Deadline]) -> Keeping {
    let longest = keep.iter().max_by(|a, b| (a.ends, &b.fact).cmp(&(b.ends, &a.fact)));
    match (longest.cloned(), earliest(erase.iter()).cloned()) {
        (None, None) => Keeping::Free,
        (Some(keep), None) => Keeping::KeepUntil(keep),
        (None, Some(erase)) => Keeping::EraseBy(erase),
        (Some(keep), Some(erase)) if keep.ends > erase.ends => Keeping::Conflict { keep, erase },
        (Some(keep), Some(erase)) => Keeping::Between { keep, erase },
    }
}
