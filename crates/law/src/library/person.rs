//! What is known of a person: where, and how old.

use model::AgeBand;
use model::manifest::Region;

use crate::pack::Ages;

/// The ages of somebody of whom nothing says that they are young.
pub const NO_SIGN_OF_A_CHILD: Ages = Ages { first: 18, last: 119 };

/// A person as the laws see one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Every region that something says they are in: what they stated, where goods go, their
    /// account, a trusted header. On conflict all of them; empty: unknown.
    pub regions: Vec<Region>,
    /// The years of age they may have.
    pub ages: Ages,
}

impl Person {
    /// A person in these regions, without a sign of a child.
    pub fn within(regions: impl IntoIterator<Item = Region>) -> Self {
        Self { regions: regions.into_iter().collect(), ages: NO_SIGN_OF_A_CHILD }
    }

    /// The same person of this age band.
    #[must_use]
    pub const fn of_age(mut self, band: AgeBand) -> Self {
        self.ages = Ages::of(band);
        self
    }
}

impl Ages {
    /// The years of age of a band.
    #[must_use]
    pub const fn of(band: AgeBand) -> Self {
        match band {
            AgeBand::Adult => NO_SIGN_OF_A_CHILD,
            AgeBand::From16To17 => Self { first: 16, last: 17 },
            AgeBand::From13To15 => Self { first: 13, last: 15 },
            AgeBand::Under13 => Self { first: 0, last: 12 },
        }
    }

    /// Whether the person may have one of the years of age.
    #[must_use]
    pub const fn meet(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether the person may be younger than this.
    #[must_use]
    pub const fn may_be_under(self, years: u32) -> bool {
        self.first < years
    }
}
