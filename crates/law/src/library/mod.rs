//! All packs, what a reviewer has signed of them, and what they say on a day.

mod answer;
mod applies;
mod compare;
mod controller;
mod on;
mod person;
mod queries;
#[cfg(test)]
mod tests;
mod uses;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use model::manifest::Problem;

pub use answer::{Answer, Ask, Asked, Given, LawAnswer, Met};
pub use applies::{Applies, Applying};
pub use compare::{Change, Turn};
pub use controller::{Controller, UnknownMetric};
pub use on::{InForce, LawOn};
pub use person::{NO_SIGN_OF_A_CHILD, Person};
pub use queries::{Keep, shortest};
pub use uses::Use;

use crate::day::Day;
use crate::pack::{self, Pack};

/// Who has read a pack for the controller, and when. Whoever makes one has made sure that what
/// was read is the pack's text (by its digest).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Review {
    /// The reviewer, as people call them.
    pub by: String,
    /// The day.
    pub on: Day,
}

/// The reviews of the manifest that name the packs as they are: `digest` makes the digest of
/// a pack's text (SHA-256 in hexadecimal digits, which this crate does not compute). A review of
/// another text is none.
#[must_use]
pub fn reviews(
    packs: &[Pack],
    law: &model::manifest::Law,
    digest: impl Fn(&str) -> String,
) -> BTreeMap<String, Review> {
    packs
        .iter()
        .filter_map(|pack| {
            let (_, review) = law.reviewed.iter().find(|(id, _)| id.as_str() == &*pack.id)?;
            let on = review.on.to_string().parse().ok()?;
            (review.digest == digest(&pack.text))
                .then(|| (pack.id.to_string(), Review { by: review.by.clone(), on }))
        })
        .collect()
}

/// A pack with its review.
#[derive(Debug, Clone)]
pub struct Law {
    /// The law as data.
    pub pack: Arc<Pack>,
    /// None: unreviewed. It may tighten what happens, and loosens nothing.
    pub review: Option<Review>,
}

impl Law {
    /// The name for good: `us-ca-ccpa`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.pack.id
    }

    /// Whether a reviewer of the controller has read it.
    #[must_use]
    pub const fn is_reviewed(&self) -> bool {
        self.review.is_some()
    }
}

/// Every law that is known, ordered by id.
#[derive(Debug, Clone)]
pub struct Library {
    laws: Vec<Law>,
}

impl Library {
    /// Packs with what was reviewed of them, by pack id.
    #[must_use]
    pub fn new(packs: Vec<Pack>, reviews: &BTreeMap<String, Review>) -> Self {
        let mut laws: Vec<Law> = packs
            .into_iter()
            .map(|pack| Law { review: reviews.get(&*pack.id).cloned(), pack: Arc::new(pack) })
            .collect();
        laws.sort_by(|one, other| one.pack.id.cmp(&other.pack.id));
        Self { laws }
    }

    /// The packs of the executable, or of a folder in their place.
    ///
    /// # Errors
    /// Everything that is wrong with any of them, by file and line.
    pub fn load(folder: Option<&Path>, reviews: &BTreeMap<String, Review>) -> Result<Self, Vec<Problem>> {
        let packs = folder.map_or_else(pack::builtin, pack::load_folder)?;
        Ok(Self::new(packs, reviews))
    }

    /// Every law, ordered by id.
    #[must_use]
    pub fn laws(&self) -> &[Law] {
        &self.laws
    }

    /// The law of this id.
    #[must_use]
    pub fn law(&self, id: &str) -> Option<&Law> {
        self.laws.iter().find(|law| law.id() == id)
    }

    /// What counts on a day.
    #[must_use]
    pub fn on(&self, day: Day) -> InForce<'_> {
        InForce::new(&self.laws, day)
    }

    /// Every day on which anything begins or ends: between two of them all answers stay the same.
    #[must_use]
    pub fn turning_days(&self) -> BTreeSet<Day> {
        self.laws.iter().flat_map(|law| law.pack.turning_days()).collect()
    }

    /// What begins and ends between two days: what counts on `to` and not on `from`, and the
    /// other way round.
    #[must_use]
    pub fn changes(&self, from: Day, to: Day) -> Vec<Change<'_>> {
        compare::changes(&self.laws, from, to)
    }
}
