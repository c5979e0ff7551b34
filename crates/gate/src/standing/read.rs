//! What a standing says.
//!
//! Where a word on the whole and a word on a part meet, one rule holds throughout: a no
//! holds until a strictly later yes about the same or something narrower.

use std::collections::BTreeSet;

use model::manifest::Region;
use model::{AgeBand, CategoryName, Channel, NoticeName, PurposeName, RecipientName, Timestamp};

use super::registers::{Registers, State};
use super::states::{
    Address, Consent, ConsentKey, Life, Objection, OptOut, RecipientChoice, RegionKey, Restriction, Seen,
};
use super::{Standing, bit};

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentState {
    /// The person was never asked, or did not answer.
    Unasked,
    /// The person said yes, but the address or number is not confirmed.
    Pending,
    /// The person said yes.
    Given,
    /// Two histories of the person were joined and only one has a yes.
    Unsettled,
    /// The person said no.
    Refused,
    /// The person took a yes back.
    Withdrawn,
}

impl From<Consent> for ConsentState {
    fn from(consent: Consent) -> Self {
        match consent {
            Consent::Given => Self::Given,
            Consent::Unsettled => Self::Unsettled,
            Consent::Refused => Self::Refused,
            Consent::Withdrawn => Self::Withdrawn,
        }
    }
}

/// An objection in force, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Objected {
    /// To direct marketing as a whole, or to a purpose that is direct marketing.
    ToMarketing(Timestamp),
    /// To one purpose.
    ToPurpose(Timestamp),
}

impl Standing {
    /// What the person said of a purpose, over a channel and towards a recipient where
    /// given, and since when. It does not look at confirmation: [`ConsentState::Pending`]
    /// never comes from here.
    #[must_use]
    pub fn consent(
        &self,
        purpose: &PurposeName,
        channel: Option<Channel>,
        recipient: Option<&RecipientName>,
    ) -> (ConsentState, Option<Timestamp>) {
        let covering = || {
            self.consents.iter().filter(|(key, ..)| {
                key.0 == *purpose
                    && key.1.is_none_or(|of| Some(of) == channel)
                    && key.2.as_ref().is_none_or(|of| Some(of) == recipient)
            })
        };
        let is_overruled = |no: &ConsentKey, at: Timestamp| {
            covering()
                .any(|(yes, yes_at, state)| state == Consent::Given && yes_at > at && is_narrower(yes, no))
        };
        let no = covering()
            .filter(|(key, at, state)| *state != Consent::Given && !is_overruled(key, *at))
            .max_by_key(|(_, at, state)| (*state, *at));
        let word = no.or_else(|| {
            covering().filter(|(.., state)| *state == Consent::Given).max_by_key(|(_, at, _)| *at)
        });
        word.map_or((ConsentState::Unasked, None), |(_, at, state)| (state.into(), Some(at)))
    }

    /// As [`Standing::consent`], for a use that reaches nobody over a channel: a yes over
    /// any one channel is enough.
    pub(crate) fn consent_over_any(
        &self,
        purpose: &PurposeName,
        recipient: Option<&RecipientName>,
    ) -> (ConsentState, Option<Timestamp>) {
        let whole = self.consent(purpose, None, recipient);
        Channel::ALL
            .into_iter()
            .filter(|channel| {
                self.consents.iter().any(|(key, ..)| key.0 == *purpose && key.1 == Some(*channel))
            })
            .map(|channel| self.consent(purpose, Some(channel), recipient))
            .chain([whole])
            .filter(|(state, _)| *state == ConsentState::Given)
            .max_by_key(|(_, at)| *at)
            .unwrap_or(whole)
    }

    /// The objection that stops a purpose. To marketing, staff cannot lift one (GDPR 21(3)).
    pub(crate) fn objection(&self, purpose: &PurposeName, is_marketing: bool) -> Option<Objected> {
        let own = word(&self.objections, Some(purpose));
        if !is_marketing {
            return own
                .filter(|(_, state)| *state == Objection::Objected)
                .map(|(at, _)| Objected::ToPurpose(at));
        }
        let whole = word(&self.objections, None);
        let is_no = |state: Objection| state != Objection::Ended;
        standing_no(whole, own, is_no).map(Objected::ToMarketing)
    }

    /// Whether the person objects to direct marketing as a whole (GDPR 21(2)), whatever single
    /// purpose they have said yes to since.
    #[must_use]
    pub fn objects_to_marketing(&self) -> bool {
        self.objects_to_marketing_since().is_some()
    }

    /// Since when the person objects to direct marketing as a whole.
    #[must_use]
    pub fn objects_to_marketing_since(&self) -> Option<Timestamp> {
        word(&self.objections, None).filter(|(_, state)| *state != Objection::Ended).map(|(at, _)| at)
    }

    /// Whether the person ever said anything of a purpose.
    #[must_use]
    pub fn speaks_of(&self, purpose: &PurposeName) -> bool {
        self.consents.iter().any(|(key, ..)| key.0 == *purpose)
            || word(&self.objections, Some(purpose)).is_some()
            || word(&self.opt_outs, Some(purpose)).is_some()
    }

    /// The purposes of which the person ever said anything, each once.
    #[must_use]
    pub fn spoken_of(&self) -> BTreeSet<&PurposeName> {
        let consents = self.consents.iter().map(|(key, ..)| &key.0);
        let objections = self.objections.iter().filter_map(|(purpose, ..)| purpose.as_ref());
        consents
            .chain(objections)
            .chain(self.opt_outs.iter().filter_map(|(purpose, ..)| purpose.as_ref()))
            .collect()
    }

    /// Whether the person ever said anything of a recipient, in a consent or as such.
    #[must_use]
    pub fn speaks_of_recipient(&self, recipient: &RecipientName) -> bool {
        self.recipients.get(recipient).is_some()
            || self.consents.iter().any(|(key, ..)| key.2.as_ref() == Some(recipient))
    }

    /// Since when the person has opted out of this very purpose.
    pub(crate) fn opt_out(&self, purpose: &PurposeName) -> Option<Timestamp> {
        standing_no(None, word(&self.opt_outs, Some(purpose)), |state| state == OptOut::OptedOut)
    }

    /// Since when the person has opted out of a purpose that sells, shares or advertises, by
    /// its name or with all of its kind.
    pub(crate) fn opt_out_of_sale(&self, purpose: &PurposeName) -> Option<Timestamp> {
        let (whole, own) = (word(&self.opt_outs, None), word(&self.opt_outs, Some(purpose)));
        standing_no(whole, own, |state| state == OptOut::OptedOut)
    }

    /// Since when a browser of the person has said no to sale, sharing and targeted
    /// advertising; the person's own later opting in overrules it.
    pub(crate) fn gpc(&self, purpose: &PurposeName) -> Option<Timestamp> {
        let (seen, _) = self.gpc.get(&())?;
        let opted_in = [None, Some(purpose)].into_iter().any(|about| {
            word(&self.opt_outs, about).is_some_and(|(at, state)| state == OptOut::OptedIn && at > seen)
        });
        (!opted_in).then_some(seen)
    }

    /// Since when the person has objected to a purpose, or to direct marketing as a whole
    /// where the purpose is that. Whether it stops a use is the gate's to say.
    #[must_use]
    pub fn objected_since(&self, purpose: &PurposeName, is_marketing: bool) -> Option<Timestamp> {
        self.objection(purpose, is_marketing).map(|objected| match objected {
            Objected::ToMarketing(at) | Objected::ToPurpose(at) => at,
        })
    }

    /// Since when the person has opted out of a purpose; `is_sale`: it sells, shares or
    /// advertises by behaviour, which people also opt out of as a whole.
    #[must_use]
    pub fn opted_out_since(&self, purpose: &PurposeName, is_sale: bool) -> Option<Timestamp> {
        if is_sale { self.opt_out_of_sale(purpose) } else { self.opt_out(purpose) }
    }

    /// Since when a browser of the person has sent Global Privacy Control.
    #[must_use]
    pub fn gpc_since(&self) -> Option<Timestamp> {
        self.gpc.get(&()).map(|(at, _)| at)
    }

    /// The restrictions in force, each of a category and what lies below it, or of everything.
    pub fn restrictions(&self) -> impl Iterator<Item = (Option<&CategoryName>, Timestamp)> {
        let lifted = match self.restrictions.get(&None) {
            Some((at, Restriction::Lifted)) => Some(at),
            _ => None,
        };
        self.restrictions
            .iter()
            .filter(move |(_, at, state)| {
                *state == Restriction::Restricted && lifted.is_none_or(|lifted| lifted <= *at)
            })
            .map(|(category, at, _)| (category.as_ref(), at))
    }

    /// Since when one of these categories is restricted. A use that names no category meets
    /// only a restriction of everything.
    #[must_use]
    pub fn restriction<'a>(
        &self,
        categories: impl IntoIterator<Item = &'a CategoryName>,
    ) -> Option<Timestamp> {
        let whole = self.restrictions.get(&None);
        if let Some((at, Restriction::Restricted)) = whole {
            return Some(at);
        }
        let lifted = whole.map(|(at, _)| at);
        categories
            .into_iter()
            .flat_map(|category| {
                self.restrictions.iter().filter(move |(key, ..)| covers(key.as_ref(), category))
            })
            .filter(|(_, at, state)| {
                *state == Restriction::Restricted && lifted.is_none_or(|lifted| lifted <= *at)
            })
            .map(|(_, at, _)| at)
            .max()
    }

    /// Whether the person declined the recipient.
    #[must_use]
    pub fn has_declined(&self, recipient: &RecipientName) -> bool {
        matches!(self.recipients.get(recipient), Some((_, RecipientChoice::Declined)))
    }

    /// Whether the person's address or number on the channel is confirmed.
    #[must_use]
    pub fn is_confirmed(&self, channel: Channel) -> bool {
        matches!(self.addresses.get(&channel), Some((_, Address::Confirmed)))
    }

    /// The version of a notice that the person was last shown.
    #[must_use]
    pub fn notice_shown(&self, notice: &NoticeName) -> Option<u32> {
        self.notices.get(notice).map(|(_, version)| version.0)
    }

    /// Where the person lives or was found to be, in the order of the codes: the latest word
    /// of each source. Where sources differ, all of them.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        let regions: BTreeSet<&Region> = latest(&self.regions).map(|((_, region), _)| region).collect();
        regions.into_iter()
    }

    /// The age band that the person stated.
    #[must_use]
    pub fn age(&self) -> Option<AgeBand> {
        self.age.get(&()).map(|(_, band)| band)
    }

    /// Whether the person was reported dead.
    #[must_use]
    pub fn is_deceased(&self) -> bool {
        matches!(self.life.get(&()), Some((_, Life::Dead)))
    }

    /// Whether the person was erased.
    #[must_use]
    pub const fn is_erased(&self) -> bool {
        self.outside.erased
    }

    /// Whether the person must not be reached over the channel.
    #[must_use]
    pub const fn is_suppressed(&self, channel: Channel) -> bool {
        self.outside.suppressed & bit(channel) != 0
    }
}

/// The word on one purpose, or on all.
fn word<V: State>(
    words: &Registers<Option<PurposeName>, V>,
    about: Option<&PurposeName>,
) -> Option<(Timestamp, V)> {
    words.iter().find(|(key, ..)| key.as_ref() == about).map(|(_, at, state)| (at, state))
}

/// The latest moment of a no that stands, out of the word on the whole and the word on the part.
fn standing_no<V: Copy>(
    whole: Option<(Timestamp, V)>,
    part: Option<(Timestamp, V)>,
    is_no: impl Fn(V) -> bool,
) -> Option<Timestamp> {
    let part_no = part.filter(|(_, state)| is_no(*state)).map(|(at, _)| at);
    let whole_no = whole.filter(|(whole_at, state)| {
        is_no(*state) && !part.is_some_and(|(part_at, state)| !is_no(state) && part_at > *whole_at)
    });
    part_no.max(whole_no.map(|(at, _)| at))
}

/// Whether `yes` is about a part of what `no` is about.
fn is_narrower(yes: &ConsentKey, no: &ConsentKey) -> bool {
    yes != no
        && no.1.is_none_or(|of| Some(of) == yes.1)
        && no.2.as_ref().is_none_or(|of| Some(of) == yes.2.as_ref())
}

/// Whether a restriction of `whole` covers `category`: it is that category or lies below it.
fn covers(whole: Option<&CategoryName>, category: &CategoryName) -> bool {
    whole.is_some_and(|whole| {
        category
            .as_str()
            .strip_prefix(whole.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// The latest words of each source on where the person lives.
fn latest(regions: &Registers<RegionKey, Seen>) -> impl Iterator<Item = (&RegionKey, Timestamp)> {
    let is_latest = |(source, _): &RegionKey, at: Timestamp| {
        regions.iter().all(|((other, _), other_at, _)| other != source || other_at <= at)
    };
    regions.iter().filter(move |(key, at, _)| is_latest(key, *at)).map(|(key, at, _)| (key, at))
}

/// The latest words of two identities of one person: both count, until a later one of the same
/// source.
pub(super) fn latest_of_both(
    mine: &Registers<RegionKey, Seen>,
    theirs: &Registers<RegionKey, Seen>,
) -> Registers<RegionKey, Seen> {
    let words = || latest(mine).chain(latest(theirs));
    let mut both = Registers::default();
    for ((source, region), at) in words() {
        let last = words().filter(|((of, _), _)| of == source).map(|(_, at)| at).max().unwrap_or(at);
        both.set((*source, region.clone()), last, Seen::Yes);
    }
    both
}
