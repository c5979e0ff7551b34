//! What a person's words come to, and what they may be used for. Written from the law and the
//! room's page, not from the gate's code: a map of the last word on each thing, and rules over it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Act, Action, AgeBand, Channel};

use crate::step::PURPOSES;

/// A thing that a word is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    Consent(String, Option<Channel>),
    Objection(Option<String>),
    OptOut(Option<String>),
    Restriction(Option<String>),
    Address,
    Gpc,
    Age,
    Life,
}

/// Ranks of a consent, from least to most protective.
const GIVEN: u8 = 0;
const UNSETTLED: u8 = 1;
const REFUSED: u8 = 2;
const WITHDRAWN: u8 = 3;
/// Ranks of an objection.
const ENDED: u8 = 0;
const OBJECTED: u8 = 2;

impl Thing {
    /// Whether a word of this rank lets the business do more than silence would.
    fn loosens(&self, rank: u8) -> bool {
        rank == 0 && *self != Self::Gpc
    }
}

/// The last word on each thing: when, and how protective it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words(BTreeMap<Thing, (i64, u8)>);

/// What an act says of which thing; nothing for a joining.
pub(crate) fn says(act: &Act) -> Option<(Thing, u8)> {
    let text = |purpose: &Option<model::PurposeName>| purpose.as_ref().map(ToString::to_string);
    let consent = |switch: &model::Switch| Thing::Consent(switch.purpose.to_string(), switch.channel);
    Some(match act {
        Act::Given(switch) => (consent(switch), GIVEN),
        Act::Refused(switch) => (consent(switch), REFUSED),
        Act::Withdrawn(switch) => (consent(switch), WITHDRAWN),
        Act::ObjectionEnded { purpose } => (Thing::Objection(text(purpose)), ENDED),
        Act::ObjectionLifted { purpose, .. } => (Thing::Objection(Some(purpose.to_string())), 1),
        Act::Objected { purpose } => (Thing::Objection(text(purpose)), OBJECTED),
        Act::OptedIn { purpose } => (Thing::OptOut(text(purpose)), 0),
        Act::OptedOut { purpose } => (Thing::OptOut(text(purpose)), 1),
        Act::RestrictionLifted { category } => {
            (Thing::Restriction(category.as_ref().map(ToString::to_string)), 0)
        }
        Act::Restricted { category } => (Thing::Restriction(category.as_ref().map(ToString::to_string)), 1),
        Act::AddressConfirmed { .. } => (Thing::Address, 0),
        Act::AddressChanged { .. } => (Thing::Address, 1),
        Act::SignalSeen { .. } => (Thing::Gpc, 0),
        Act::AgeStated { band } => {
            let rank = AgeBand::ALL.iter().position(|known| known == band).expect("a band");
            (Thing::Age, u8::try_from(rank).expect("small"))
        }
        Act::NotDeceased {} => (Thing::Life, 0),
        Act::Deceased {} => (Thing::Life, 1),
        _ => return None,
    })
}

impl Words {
    /// Takes a word in that counts from `at`: the later one wins, of two at one moment the more
    /// protective.
    pub(crate) fn hear(&mut self, act: &Act, at: i64) {
        let Some((thing, rank)) = says(act) else { return };
        let word = self.0.entry(thing).or_insert((at, rank));
        *word = (*word).max((at, rank));
    }

    /// The words of two that are one person now: what protects holds, a yes only where both
    /// have it.
    pub(crate) fn both(&self, other: &Self) -> Self {
        let things: BTreeSet<&Thing> = self.0.keys().chain(other.0.keys()).collect();
        let mut both = BTreeMap::new();
        for thing in things {
            let word = match (self.0.get(thing), other.0.get(thing)) {
                (Some(&(a, mine)), Some(&(b, theirs))) => {
                    let rank = mine.max(theirs);
                    (if thing.loosens(rank) { a.min(b) } else { a.max(b) }, rank)
                }
                (Some(&(at, rank)), None) | (None, Some(&(at, rank))) => {
                    let is_consent = matches!(thing, Thing::Consent(..));
                    match (thing.loosens(rank), is_consent) {
                        (true, true) => (at, UNSETTLED),
                        (true, false) => continue,
                        (false, _) => (at, rank),
                    }
                }
                (None, None) => continue,
            };
            both.insert(thing.clone(), word);
        }
        Self(both)
    }

    /// The things on which the last word protects.
    pub(crate) fn noes(&self) -> BTreeSet<Thing> {
        let noes = self.0.iter().filter(|(thing, (_, rank))| !thing.loosens(*rank));
        noes.map(|(thing, _)| thing.clone()).collect()
    }

    fn word(&self, thing: Thing) -> Option<(i64, u8)> {
        self.0.get(&thing).copied()
    }

    /// What was said of a purpose over a channel: a no holds until a strictly later yes about
    /// something narrower.
    pub(crate) fn consent(&self, purpose: &str, channel: Option<Channel>) -> Option<(u8, i64)> {
        let whole = self.word(Thing::Consent(purpose.to_owned(), None));
        let part = channel.and_then(|of| self.word(Thing::Consent(purpose.to_owned(), Some(of))));
        match (whole, part) {
            (None, None) => None,
            (Some((at, rank)), None) | (None, Some((at, rank))) => Some((rank, at)),
            (Some((whole_at, whole)), Some((part_at, part))) => Some(match (whole == GIVEN, part == GIVEN) {
                (true, true) => (GIVEN, whole_at.max(part_at)),
                (true, false) => (part, part_at),
                (false, true) if part_at > whole_at => (GIVEN, part_at),
                (false, true) => (whole, whole_at),
                (false, false) => (whole, whole_at).max((part, part_at)),
            }),
        }
    }

    /// As above, for a use that reaches nobody: a yes over any channel is enough.
    fn consent_to_use(&self, purpose: &str) -> Option<(u8, i64)> {
        let over = |channel: Channel| {
            self.word(Thing::Consent(purpose.to_owned(), Some(channel)))?;
            self.consent(purpose, Some(channel)).filter(|(rank, _)| *rank == GIVEN)
        };
        let whole = self.consent(purpose, None);
        let given = whole.filter(|(rank, _)| *rank == GIVEN);
        Channel::ALL.into_iter().filter_map(over).chain(given).max_by_key(|(_, at)| *at).or(whole)
    }

    /// Whether data of a purpose still has a ground after a withdrawal, which `keeps` it or not.
    pub(crate) fn still_needs(&self, purpose: &str, keeps: bool) -> bool {
        let over = std::iter::once(None).chain(Channel::ALL.map(Some));
        over.filter_map(|channel| self.consent(purpose, channel)).any(|(rank, _)| match rank {
            GIVEN | UNSETTLED => true,
            WITHDRAWN => keeps,
            _ => false,
        })
    }

    /// Since when direct marketing as a whole is objected to.
    pub(crate) fn objects_to_marketing(&self) -> Option<i64> {
        self.word(Thing::Objection(None)).filter(|(_, rank)| *rank != ENDED).map(|(at, _)| at)
    }

    /// Since when a purpose of direct marketing is objected to, by its name or with all of them.
    pub(crate) fn objects(&self, purpose: &str) -> Option<i64> {
        let own = self.word(Thing::Objection(Some(purpose.to_owned())));
        let ended = own.filter(|(_, rank)| *rank == ENDED).map(|(at, _)| at);
        let whole = self.objects_to_marketing().filter(|at| ended.is_none_or(|ended| ended <= *at));
        whole.max(own.filter(|(_, rank)| *rank != ENDED).map(|(at, _)| at))
    }

    fn opted_out(&self, purpose: &str) -> Option<i64> {
        let word = |about: Option<&str>| self.word(Thing::OptOut(about.map(str::to_owned)));
        let back = word(Some(purpose)).filter(|(_, rank)| *rank == 0).map(|(at, _)| at);
        let out = |about| word(about).filter(|(_, rank)| *rank == 1).map(|(at, _)| at);
        out(None).filter(|at| back.is_none_or(|back| back <= *at)).max(out(Some(purpose)))
    }

    fn signalled(&self, purpose: &str) -> bool {
        let Some((seen, _)) = self.word(Thing::Gpc) else { return false };
        ![None, Some(purpose.to_owned())]
            .into_iter()
            .any(|about| self.word(Thing::OptOut(about)).is_some_and(|(at, rank)| rank == 0 && at > seen))
    }

    /// Since when one of these kinds of data is restricted.
    fn restricted(&self, categories: &[&str]) -> Option<i64> {
        let whole = self.word(Thing::Restriction(None));
        if let Some((at, 1)) = whole {
            return Some(at);
        }
        let covered = |thing: &Thing| {
            let Thing::Restriction(Some(part)) = thing else { return false };
            categories.iter().any(|category| *category == part || category.starts_with(&format!("{part}.")))
        };
        let parts = self.0.iter().filter(|(thing, (_, rank))| covered(thing) && *rank == 1);
        parts.map(|(_, (at, _))| *at).filter(|at| whole.is_none_or(|(lifted, _)| lifted <= *at)).max()
    }

    /// The age band, by its place from least to most protected.
    pub(crate) fn age(&self) -> Option<u8> {
        self.word(Thing::Age).map(|(_, rank)| rank)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.word(Thing::Life).is_some_and(|(_, rank)| rank == 1)
    }

    fn is_confirmed(&self) -> bool {
        self.word(Thing::Address).is_some_and(|(_, rank)| rank == 0)
    }

    /// Whether the address is said to be confirmed.
    pub(crate) fn confirmed(&self) -> bool {
        self.is_confirmed()
    }

    /// May the person be used so?
    pub(crate) fn permit(&self, closed: &BTreeSet<Channel>, question: &Question) -> bool {
        let (purpose, channel) = (question.purpose, question.channel);
        let agreed = match channel {
            Some(channel) => self.consent(purpose, Some(channel)),
            None => self.consent_to_use(purpose),
        };
        if self.is_dead() {
            return false;
        }
        if let Some(since) = self.restricted(&question.categories) {
            let again = question.by_consent() && agreed.is_some_and(|(_, at)| at > since);
            if !again {
                return false;
            }
        }
        if question.is_necessary() {
            return true;
        }
        if channel.is_some_and(|channel| closed.contains(&channel)) {
            return false;
        }
        if !question.by_consent() {
            return self
                .word(Thing::Objection(Some(purpose.to_owned())))
                .is_none_or(|(_, rank)| rank != OBJECTED);
        }
        let Some((GIVEN, yes)) = agreed else { return false };
        let waits = channel == Some(Channel::Email) && !self.is_confirmed();
        let (is_child, is_minor) =
            (self.age().is_some_and(|age| age >= 2), self.age().is_some_and(|age| age >= 1));
        let objected = is_marketing(purpose) && self.objects(purpose).is_some_and(|no| no >= yes);
        let sold = purpose == "advertising"
            && (is_minor || self.signalled(purpose) || self.opted_out(purpose).is_some_and(|no| no >= yes));
        !(waits || is_child || objected || sold)
    }
}

/// Whether a purpose is direct marketing.
pub(crate) fn is_marketing(purpose: &str) -> bool {
    matches!(purpose, "newsletter" | "offers" | "advertising")
}

/// Over which channels a purpose reaches people.
pub(crate) fn channels_of(purpose: &str) -> &'static [Channel] {
    match purpose {
        "newsletter" => &[Channel::Email, Channel::Post],
        "offers" => &[Channel::Email],
        _ => &[],
    }
}

/// One question about a person.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) by: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) action: Action,
    pub(crate) channel: Option<Channel>,
    pub(crate) categories: Vec<&'static str>,
}

impl Question {
    fn is_necessary(&self) -> bool {
        self.purpose == "order-fulfilment"
    }

    fn by_consent(&self) -> bool {
        !self.is_necessary() && self.purpose != "survey"
    }
}

/// The questions that are asked, by their number.
pub(crate) fn question(number: u8) -> Question {
    let of = |by, purpose, action, channel, categories: &[&'static str]| Question {
        by,
        purpose,
        action,
        channel,
        categories: categories.to_vec(),
    };
    match number {
        0 => of("mailer", PURPOSES[0], Action::Send, Some(Channel::Email), &["contact.email"]),
        1 => of("mailer", PURPOSES[0], Action::Send, Some(Channel::Post), &[]),
        2 => of("storefront", PURPOSES[0], Action::Use, None, &["contact.email"]),
        3 => of("mailer", PURPOSES[1], Action::Send, Some(Channel::Email), &["contact.email"]),
        4 => of("storefront", PURPOSES[2], Action::Use, None, &["behaviour.browsing"]),
        5 => of("campaigns", PURPOSES[3], Action::Use, None, &[]),
        6 => of("storefront", PURPOSES[4], Action::Use, None, &[]),
        7 => of("storefront", PURPOSES[5], Action::Use, None, &["commercial.orders"]),
        _ => of("storefront", "order-fulfilment", Action::Use, None, &["contact.address.city"]),
    }
}

impl Words {
    /// These words of somebody who lives.
    pub(crate) fn alive(mut self) -> Self {
        self.0.remove(&Thing::Life);
        self
    }
}
