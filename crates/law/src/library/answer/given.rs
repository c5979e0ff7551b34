//! Whether what a use rests on meets what a law asks.

use std::collections::BTreeSet;

use super::{Answer, Ask, LawAnswer};
use crate::code::{Alternative, Model, Strength};

/// What a use rests on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'g> {
    /// The forms of the consent in force; none: there is no consent.
    pub consent: Option<&'g BTreeSet<Strength>>,
    /// The grounds in the place of consent (`vocabulary::grounds`, and what is documented).
    pub grounds: &'g [Alternative],
    /// Whether the person said no: refused, withdrew, objected, opted out, sends a signal.
    pub refused: bool,
}

/// Whether and by what an ask is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// By a ground in the place of consent.
    Ground(Alternative),
    /// By consent in the form the law wants.
    Consent,
    /// Nobody said no, and the law asks for no more.
    NoRefusal,
    /// The law asks to tell, which the notice does.
    Notice,
    /// Not: consent is missing, or this form of it.
    NeedsConsent(Option<Strength>),
    /// Not: the person said no.
    Refused,
    /// Not: nothing helps but the alternatives of the fact.
    Prohibited,
}

impl Met {
    /// Whether the ask is met.
    #[must_use]
    pub const fn is_met(self) -> bool {
        matches!(self, Self::Ground(_) | Self::Consent | Self::NoRefusal | Self::Notice)
    }
}

impl LawAnswer<'_> {
    /// Whether one ask of this law is met (rule 5).
    #[must_use]
    pub fn meets(&self, ask: &Ask<'_>, given: &Given<'_>) -> Met {
        let ground = ask.alternatives().iter().find(|alternative| given.grounds.contains(alternative));
        match (ask.model(), ground) {
            (_, Some(ground)) => Met::Ground(*ground),
            (Model::Prohibited, None) => Met::Prohibited,
            (_, None) if given.refused => Met::Refused,
            (Model::OptIn | Model::NationalChoice, None) => self.consent_meets(ask, given),
            (Model::OptOut, None) => Met::NoRefusal,
            (Model::NoticeOnly, None) => Met::Notice,
        }
    }

    fn consent_meets(&self, ask: &Ask<'_>, given: &Given<'_>) -> Met {
        let Some(forms) = given.consent else { return Met::NeedsConsent(None) };
        let qualities = self.qualities.iter().map(|fact| fact.body.strength);
        let parent = self.parent.map(|_| Strength::Parental);
        let mut asked = ask.strength().into_iter().chain(qualities).chain(parent);
        // Every consent here is a clear act; consent implied by conduct is never asked for.
        let plain = |strength: Strength| matches!(strength, Strength::Standard | Strength::Implied);
        let missing = asked.find(|strength| !plain(*strength) && !forms.contains(strength));
        missing.map_or(Met::Consent, |strength| Met::NeedsConsent(Some(strength)))
    }

    /// The first ask that is not met.
    #[must_use]
    pub fn first_unmet(&self, given: &Given<'_>) -> Option<(&Ask<'_>, Met)> {
        self.asks.iter().map(|ask| (ask, self.meets(ask, given))).find(|(_, met)| !met.is_met())
    }
}

impl<'l> Answer<'l> {
    /// The laws whose asks are not all met: each law by itself, on a ground of its own.
    pub fn unmet<'a>(
        &'a self,
        given: &'a Given<'_>,
    ) -> impl Iterator<Item = (&'a LawAnswer<'l>, &'a Ask<'a>, Met)> {
        self.laws.iter().filter_map(|law| law.first_unmet(given).map(|(ask, met)| (law, ask, met)))
    }
}
