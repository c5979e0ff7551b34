//! The pages of the console, where staff work.

mod ledger;
mod look_up;
mod manifest;
mod overview;
mod sign_in;

use words::Voice;

use crate::layout::NavItem;

pub use ledger::{LedgerView, ledger};
pub use look_up::{Found, LookUpView, Shown, look_up};
pub use manifest::{ManifestView, manifest};
pub use overview::{OverviewView, overview};
pub use sign_in::{ADDRESS as SIGN_IN, sign_in};

/// A page of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// How data is used, in numbers.
    Overview,
    /// A look at one customer.
    LookUp,
    /// What is declared.
    Manifest,
    /// The log.
    Ledger,
}

impl Section {
    /// Every page, in the order of the navigation.
    pub const ALL: [Self; 4] = [Self::Overview, Self::LookUp, Self::Manifest, Self::Ledger];

    /// Where it is.
    #[must_use]
    pub const fn address(self) -> &'static str {
        match self {
            Self::Overview => "/console",
            Self::LookUp => "/console/look-up",
            Self::Manifest => "/console/manifest",
            Self::Ledger => "/console/ledger",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn name(self, voice: Voice) -> String {
        voice.say(match self {
            Self::Overview => "console-nav-overview",
            Self::LookUp => "console-nav-look-up",
            Self::Manifest => "console-nav-manifest",
            Self::Ledger => "console-nav-ledger",
        })
    }
}

/// The navigation with the pages that somebody may see, and the one that is shown.
#[must_use]
pub fn nav(voice: Voice, current: Section, may_look_up: bool) -> Vec<NavItem> {
    let shown = Section::ALL.into_iter().filter(|section| may_look_up || *section != Section::LookUp);
    let item = |section: Section| NavItem {
        address: section.address().to_owned(),
        text: section.name(voice),
        is_current: section == current,
    };
    shown.map(item).collect()
}
