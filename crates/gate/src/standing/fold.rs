//! From events to a standing.

use model::{Act, AgeBand, EventFacts, Grade, Signal, Switch, Timestamp};

use super::states::{
    Address, Consent, Life, NoticeVersion, Objection, OptOut, RecipientChoice, Restriction, Seen,
};
use super::{Outside, Standing, read};

impl Standing {
    /// The standing after these events, in whatever order they come.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a EventFacts>) -> Self {
        let mut standing = Self::default();
        for event in events {
            standing.apply(event);
        }
        standing
    }

    /// Takes one more event in; the result equals a new fold over all of them (by
    /// INVARIANT(order-free) of the registers).
    ///
    /// An act that would let the business do more counts only if somebody answers for it: of
    /// grade `unknown` it changes nothing (GDPR 7(1)).
    pub fn apply(&mut self, event: &EventFacts) {
        if event.grade == Grade::Unknown && loosens(&event.act) {
            return;
        }
        let at = event.effective();
        match &event.act {
            Act::Given(switch) => self.say(switch, at, Consent::Given),
            Act::Refused(switch) => self.say(switch, at, Consent::Refused),
            Act::Withdrawn(switch) => self.say(switch, at, Consent::Withdrawn),
            Act::Objected { purpose } => self.objections.set(purpose.clone(), at, Objection::Objected),
            Act::ObjectionLifted { purpose, .. } => {
                self.objections.set(Some(purpose.clone()), at, Objection::Lifted);
            }
            Act::ObjectionEnded { purpose } => self.objections.set(purpose.clone(), at, Objection::Ended),
            Act::OptedOut { purpose } => self.opt_outs.set(purpose.clone(), at, OptOut::OptedOut),
            Act::OptedIn { purpose } => self.opt_outs.set(purpose.clone(), at, OptOut::OptedIn),
            Act::SignalSeen { signal: Signal::Gpc } => self.gpc.set((), at, Seen::Yes),
            Act::AgeStated { band } => self.age.set((), at, *band),
            Act::RegionStated { region, source } => {
                self.regions.set((*source, region.clone()), at, Seen::Yes);
            }
            Act::Restricted { category } => {
                self.restrictions.set(category.clone(), at, Restriction::Restricted);
            }
            Act::RestrictionLifted { category } => {
                self.restrictions.set(category.clone(), at, Restriction::Lifted);
            }
            Act::AddressConfirmed { channel } => self.addresses.set(*channel, at, Address::Confirmed),
            Act::AddressChanged { channel } => self.addresses.set(*channel, at, Address::Changed),
            Act::NoticeShown { notice, version } => {
                self.notices.set(notice.clone(), at, NoticeVersion(*version));
            }
            Act::RecipientDeclined { recipient } => {
                self.recipients.set(recipient.clone(), at, RecipientChoice::Declined);
            }
            Act::RecipientAccepted { recipient } => {
                self.recipients.set(recipient.clone(), at, RecipientChoice::Accepted);
            }
            Act::Deceased {} => self.life.set((), at, Life::Dead),
            Act::NotDeceased {} => self.life.set((), at, Life::Alive),
            // That a visitor became this person changes no right; their choices come as events.
            Act::Joined { .. } => {}
        }
    }

    fn say(&mut self, switch: &Switch, at: Timestamp, state: Consent) {
        let key = (switch.purpose.clone(), switch.channel, switch.recipient.clone());
        self.consents.set(key, at, state);
    }

    /// Takes over whatever protects the person in `other`, each word from its own moment, as
    /// if it had been said here too. A later word on the same still overrules it.
    pub fn take_nos(&mut self, other: &Self) {
        self.consents.take_nos(&other.consents);
        self.objections.take_nos(&other.objections);
        self.opt_outs.take_nos(&other.opt_outs);
        self.restrictions.take_nos(&other.restrictions);
        self.recipients.take_nos(&other.recipients);
        self.addresses.take_nos(&other.addresses);
        self.notices.take_nos(&other.notices);
        self.regions.take_nos(&other.regions);
        self.age.take_nos(&other.age);
        self.gpc.take_nos(&other.gpc);
        self.life.take_nos(&other.life);
    }

    /// The standing of one person out of those of two identities of theirs: wherever the two
    /// differ, the more protective holds until the person is asked. Whatever the result
    /// permits, each of the two permits, once it is known where the person lives.
    #[must_use]
    pub fn protective_merge(&self, other: &Self) -> Self {
        Self {
            format: self.format,
            consents: self.consents.protective_merge(&other.consents, Some(Consent::Unsettled)),
            objections: self.objections.protective_merge(&other.objections, None),
            opt_outs: self.opt_outs.protective_merge(&other.opt_outs, None),
            restrictions: self.restrictions.protective_merge(&other.restrictions, None),
            recipients: self.recipients.protective_merge(&other.recipients, None),
            addresses: self.addresses.protective_merge(&other.addresses, None),
            notices: self.notices.protective_merge(&other.notices, None),
            regions: read::latest_of_both(&self.regions, &other.regions),
            age: self.age.protective_merge(&other.age, None),
            gpc: self.gpc.protective_merge(&other.gpc, None),
            life: self.life.protective_merge(&other.life, None),
            outside: Outside {
                erased: self.outside.erased || other.outside.erased,
                suppressed: self.outside.suppressed | other.outside.suppressed,
            },
        }
    }
}

/// Whether the act lets the business do more than before.
const fn loosens(act: &Act) -> bool {
    matches!(
        act,
        Act::Given(_)
            | Act::ObjectionLifted { .. }
            | Act::ObjectionEnded { .. }
            | Act::OptedIn { .. }
            | Act::RestrictionLifted { .. }
            | Act::AddressConfirmed { .. }
            | Act::NoticeShown { .. }
            | Act::RecipientAccepted { .. }
            | Act::NotDeceased {}
            | Act::AgeStated { band: AgeBand::Adult }
    )
}
