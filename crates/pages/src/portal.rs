//! The customer portal: what is held, what is allowed, how it was used; download, correct,
//! delete. Every page shows one person their own data; nothing here decides what that is.

pub mod choices;
pub mod correct;
pub mod data;
pub mod document;
pub mod download;
pub mod erase;
pub mod history;
pub mod overview;
pub mod recipients;
pub mod sign_in;

use model::manifest::{Period, PeriodUnit, Retention};
use words::{Voice, Word};

use crate::layout::NavItem;

/// The pages of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The first page.
    Overview,
    /// What is held.
    Data,
    /// What is allowed.
    Choices,
    /// Who receives it.
    Recipients,
    /// How it was used.
    History,
    /// Taking the data along.
    Download,
    /// Deleting it.
    Erase,
}

impl Section {
    /// Every page, in the order of the navigation.
    pub const ALL: [Self; 7] = [
        Self::Overview,
        Self::Data,
        Self::Choices,
        Self::Recipients,
        Self::History,
        Self::Download,
        Self::Erase,
    ];

    /// Its address.
    #[must_use]
    pub const fn address(self) -> &'static str {
        match self {
            Self::Overview => "/portal",
            Self::Data => "/portal/data",
            Self::Choices => "/portal/choices",
            Self::Recipients => "/portal/recipients",
            Self::History => "/portal/history",
            Self::Download => "/portal/download",
            Self::Erase => "/portal/erase",
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self, voice: Voice) -> String {
        voice.say(match self {
            Self::Overview => "portal-nav-overview",
            Self::Data => "portal-nav-data",
            Self::Choices => "portal-nav-choices",
            Self::Recipients => "portal-nav-recipients",
            Self::History => "portal-nav-history",
            Self::Download => "portal-nav-download",
            Self::Erase => "portal-nav-erase",
        })
    }
}

/// The navigation, with the page that is shown.
#[must_use]
pub fn nav(voice: Voice, current: Section) -> Vec<NavItem> {
    let item = |section: Section| NavItem {
        address: section.address().to_owned(),
        text: section.name(voice),
        is_current: section == current,
    };
    Section::ALL.into_iter().map(item).collect()
}

/// How long something is kept, in words: `2 years after you were last active`.
#[must_use]
pub fn kept(voice: Voice, retention: &Retention) -> String {
    let period = period(voice, retention.keep);
    voice.tell(&format!("kept-{}", retention.from), &[("period", Word::from(period))])
}

fn period(voice: Voice, period: Period) -> String {
    let key = match period.unit {
        PeriodUnit::Day => "period-day",
        PeriodUnit::Month => "period-month",
        PeriodUnit::Year => "period-year",
    };
    voice.tell(key, &[("count", Word::from(period.count))])
}

#[cfg(test)]
mod tests {
    use model::manifest::RetentionStart;
    use model::{Action, Basis, Channel, EntryKind, EventKind, Origin};
    use words::Locale;

    use super::*;

    #[test]
    fn every_code_that_a_page_may_meet_has_its_words() {
        let codes = |start: &str, codes: Vec<&'static str>| {
            codes.into_iter().map(|code| format!("{start}-{code}")).collect::<Vec<_>>()
        };
        let keys = [
            codes("basis", Basis::ALL.iter().map(|code| code.code()).collect()),
            codes("channel", Channel::ALL.iter().map(|code| code.code()).collect()),
            codes("kept", RetentionStart::ALL.iter().map(|code| code.code()).collect()),
            codes("done", EntryKind::ALL.iter().map(|code| code.code()).collect()),
            codes("asked", Action::ALL.iter().map(|code| code.code()).collect()),
            codes("did", Action::ALL.iter().map(|code| code.code()).collect()),
            codes("chose", EventKind::ALL.iter().map(|code| code.code()).collect()),
            codes("origin", Origin::ALL.iter().map(|code| code.code()).collect()),
            codes("source", model::manifest::Source::ALL.iter().map(|code| code.code()).collect()),
        ]
        .concat();
        for locale in Locale::ALL {
            for key in &keys {
                assert!(words::words().has(locale, key), "{key}");
            }
        }
    }

    #[test]
    fn how_long_is_said_in_words() {
        let retention =
            Retention { keep: "2 years".parse().expect("a period"), from: RetentionStart::LastActivity };
        assert_eq!(kept(Voice::of(Locale::English), &retention), "2 years after you were last active");
        assert_eq!(kept(Voice::of(Locale::French), &retention), "2 ans après votre dernière activité");
    }
}
