//! A second model of the gate: it looks at the bare list of events and at the manifest as
//! written, again for every question, and shares no code with the first. Slow and plain.

use std::collections::BTreeSet;

use model::manifest::{
    Contract, ContractKind, Ground, Manifest, Purpose, RecipientKind, RetentionStart, Texts,
};
use model::{
    Act, Action, Actor, AgeBand, Basis, Channel, EventFacts, FindingCode as F, Grade, PurposeKind,
    PurposeName, RecipientName, Timestamp,
};

use gate::Use;

/// Everything known about one person.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) events: Vec<EventFacts>,
    pub(crate) erased: bool,
    pub(crate) suppressed: Option<Channel>,
}

/// The last word in time and, among equal times, the one with the highest rank.
type Word = Option<(Timestamp, u8)>;

impl Facts {
    /// The last word that `rank` recognises; ranks below `YES_BELOW` loosen, and count only
    /// if somebody answers for them.
    fn word(&self, rank: impl Fn(&Act) -> Option<u8>) -> Word {
        self.events
            .iter()
            .filter_map(|event| {
                let rank = rank(&event.act)?;
                (rank >= YES_BELOW || event.grade != Grade::Unknown).then(|| (event.effective(), rank))
            })
            .max()
    }

    fn consent(
        &self,
        purpose: &PurposeName,
        channel: Option<Channel>,
        recipient: Option<&RecipientName>,
    ) -> (State, Option<Timestamp>) {
        let mut spots = BTreeSet::new();
        for of in [None, channel] {
            for to in [None, recipient] {
                spots.insert((of, to));
            }
        }
        let word = |(of, to): (Option<Channel>, Option<&RecipientName>)| {
            self.word(|act| {
                let (switch, rank) = match act {
                    Act::Given(switch) => (switch, 0),
                    Act::Refused(switch) => (switch, REFUSED),
                    Act::Withdrawn(switch) => (switch, WITHDRAWN),
                    _ => return None,
                };
                (switch.purpose == *purpose && switch.channel == of && switch.recipient.as_ref() == to)
                    .then_some(rank)
            })
        };
        let mut yes: Option<Timestamp> = None;
        let mut no: Option<(u8, Timestamp)> = None;
        for &spot in &spots {
            match word(spot) {
                Some((at, 0)) => yes = yes.max(Some(at)),
                Some((at, rank)) => {
                    let overruled = spots.iter().filter(|other| **other != spot).any(|&other| {
                        let inside = (spot.0.is_none() || spot.0 == other.0)
                            && (spot.1.is_none() || spot.1 == other.1);
                        inside && matches!(word(other), Some((later, 0)) if later > at)
                    });
                    if !overruled {
                        no = no.max(Some((rank, at)));
                    }
                }
                None => {}
            }
        }
        match (no, yes) {
            (Some((REFUSED, at)), _) => (State::Refused, Some(at)),
            (Some((_, at)), _) => (State::Withdrawn, Some(at)),
            (None, Some(at)) => (State::Given, Some(at)),
            (None, None) => (State::Unasked, None),
        }
    }

    fn objection(&self, about: Option<&PurposeName>) -> Word {
        self.word(|act| match act {
            Act::Objected { purpose } if purpose.as_ref() == about => Some(12),
            Act::ObjectionLifted { purpose, .. } if Some(purpose) == about => Some(1),
            Act::ObjectionEnded { purpose } if purpose.as_ref() == about => Some(0),
            _ => None,
        })
    }

    fn opt_out(&self, about: Option<&PurposeName>) -> Word {
        self.word(|act| match act {
            Act::OptedOut { purpose } if purpose.as_ref() == about => Some(10),
            Act::OptedIn { purpose } if purpose.as_ref() == about => Some(0),
            _ => None,
        })
    }

    fn age(&self) -> Option<AgeBand> {
        let word = self.word(|act| match act {
            Act::AgeStated { band: AgeBand::Adult } => Some(0),
            Act::AgeStated { band } => Some(10 + *band as u8),
            _ => None,
        });
        word.map(|(_, rank)| if rank == 0 { AgeBand::Adult } else { AgeBand::ALL[usize::from(rank - 10)] })
    }

    fn is_confirmed(&self, channel: Channel) -> bool {
        let word = self.word(|act| match act {
            Act::AddressConfirmed { channel: of } if *of == channel => Some(0),
            Act::AddressChanged { channel: of } if *of == channel => Some(10),
            _ => None,
        });
        matches!(word, Some((_, 0)))
    }

    fn restricted_since(&self, asked: &Use) -> Option<Timestamp> {
        let of = |category: Option<&str>| {
            self.word(|act| match act {
                Act::Restricted { category: of } if of.as_ref().map(|c| c.as_str()) == category => Some(10),
                Act::RestrictionLifted { category: of } if of.as_ref().map(|c| c.as_str()) == category => {
                    Some(0)
                }
                _ => None,
            })
        };
        let whole = of(None);
        if let Some((at, 10)) = whole {
            return Some(at);
        }
        let mut since = None;
        for category in &asked.categories {
            let parts: Vec<&str> = category.as_str().split('.').collect();
            for length in 1..=parts.len() {
                if let Some((at, 10)) = of(Some(&parts[..length].join(".")))
                    && whole.is_none_or(|(lifted, _)| at >= lifted)
                {
                    since = since.max(Some(at));
                }
            }
        }
        since
    }
}

const YES_BELOW: u8 = 10;
const REFUSED: u8 = 11;
const WITHDRAWN: u8 = 12;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unasked,
    Given,
    Pending,
    Refused,
    Withdrawn,
}

/// Every reason against the use.
pub(crate) fn findings(manifest: &Manifest, facts: &Facts, asked: &Use, now: Timestamp) -> BTreeSet<F> {
    let mut found = BTreeSet::new();
    let built_in = ["rights", "security", "operation", "legal-claims"].contains(&asked.purpose.as_str());
    actor(&mut found, manifest, asked, built_in);
    let Some(purpose) = manifest.purposes.get(&asked.purpose) else {
        found.insert(F::PurposeUndeclared);
        if facts.erased {
            found.insert(F::Erased);
        }
        return found;
    };
    declared(&mut found, purpose, asked, built_in);
    reach(&mut found, manifest, purpose, facts, asked, now, built_in);
    let name = asked.purpose.as_str();
    if facts.erased && !["rights", "operation", "legal-claims"].contains(&name) {
        found.insert(F::Erased);
    }
    let dead = facts.word(|act| match act {
        Act::Deceased {} => Some(10),
        Act::NotDeceased {} => Some(0),
        _ => None,
    });
    let for_estate =
        name != "rights" && matches!(purpose.kind, PurposeKind::LegalClaims | PurposeKind::LegalDuty);
    if matches!(dead, Some((_, 10))) && !for_estate {
        found.insert(F::Deceased);
    }
    let grounds = grounds(purpose, facts);
    for ground in &grounds {
        law(&mut found, manifest, purpose, ground, asked);
        if !purpose.kind.is_necessity() {
            choices(&mut found, manifest, purpose, ground.basis, facts, asked);
        }
    }
    if let Some(since) = facts.restricted_since(asked) {
        let all = |basis| grounds.iter().all(|ground| ground.basis == basis);
        let agreed = all(Basis::Consent) && consent(manifest, facts, asked).1.is_some_and(|at| at > since);
        let excepted = asked.action == Action::Keep
            || ["rights", "operation", "legal-claims"].contains(&name)
            || matches!(asked.actor, Actor::Customer | Actor::Agent(_))
            || matches!(
                purpose.kind,
                PurposeKind::LegalClaims
                    | PurposeKind::VitalInterest
                    | PurposeKind::SafetyRecall
                    | PurposeKind::Security
            )
            || all(Basis::PublicTask)
            || agreed;
        if !excepted {
            found.insert(F::Restricted);
        }
    }
    found
}

fn actor(found: &mut BTreeSet<F>, manifest: &Manifest, asked: &Use, built_in: bool) {
    let purpose = asked.purpose.as_str();
    match &asked.actor {
        Actor::Service(_) if ["rights", "operation", "legal-claims"].contains(&purpose) => {
            found.insert(F::ActorNotAllowed);
        }
        Actor::Service(name) => match manifest.services.get(name) {
            None => {
                found.insert(F::ServiceUnknown);
            }
            Some(service) => {
                let may = service
                    .purposes
                    .get(&asked.purpose)
                    .is_some_and(|may| may.actions.contains(&asked.action));
                if !may {
                    found.insert(F::ServiceNotAllowed);
                }
            }
        },
        Actor::Customer => {
            let own = !built_in && matches!(asked.action, Action::Collect | Action::Correct);
            if !own && purpose != "rights" {
                found.insert(F::ActorNotAllowed);
            }
        }
        Actor::Job(_) => {
            if !["rights", "security", "operation"].contains(&purpose) {
                found.insert(F::ActorNotAllowed);
            }
        }
        Actor::Staff { .. } | Actor::Agent(_) | Actor::Operator => unreachable!("not generated"),
    }
}

fn declared(found: &mut BTreeSet<F>, purpose: &Purpose, asked: &Use, built_in: bool) {
    if asked.categories.iter().any(|category| !purpose.categories.contains(category)) {
        found.insert(F::CategoryUndeclared);
    }
    let outside = match asked.purpose.as_str() {
        "rights" => matches!(asked.action, Action::Share | Action::Train),
        "security" => !matches!(
            asked.action,
            Action::Collect | Action::Read | Action::Use | Action::Send | Action::Keep
        ),
        "legal-claims" => !matches!(
            asked.action,
            Action::Read | Action::Use | Action::Send | Action::Share | Action::Keep | Action::Export
        ),
        "operation" => !matches!(asked.action, Action::Read | Action::Use | Action::Keep | Action::Erase),
        _ => asked.action == Action::Train && purpose.kind != PurposeKind::AiTraining,
    };
    if outside {
        found.insert(F::ActionOutsidePurpose);
    }
    if !built_in && (purpose.title == Texts::default() || purpose.explanation == Texts::default()) {
        found.insert(F::NotDisclosed);
    }
}

/// The general ground, or those of the laws of each region; all of them where no region is known.
fn grounds(purpose: &Purpose, facts: &Facts) -> Vec<Ground> {
    let mut regions: Vec<&str> = Vec::new();
    for event in &facts.events {
        if let Act::RegionStated { region } = &event.act {
            regions.push(region.as_str());
        }
    }
    let mut grounds = Vec::new();
    if regions.is_empty() {
        grounds.push(purpose.basis.clone());
        grounds.extend(purpose.basis_under.values().cloned());
    }
    for region in regions {
        let laws: &[&str] = match region {
            "FR" => &["gdpr"],
            "US-CA" => &["us-ca", "us-state"],
            _ => &[],
        };
        grounds.push(purpose.ground_under(laws.iter().copied()).clone());
    }
    grounds
}

fn law(found: &mut BTreeSet<F>, manifest: &Manifest, purpose: &Purpose, ground: &Ground, asked: &Use) {
    use PurposeKind as K;
    let basis = ground.basis;
    let needed = purpose.kind.is_necessity();
    let possible = match basis {
        Basis::Consent | Basis::OptOutLaw => !needed,
        Basis::ExistingCustomer => purpose.kind == K::Marketing,
        Basis::Contract | Basis::LegalObligation | Basis::VitalInterests => {
            needed || purpose.kind == K::Service || purpose.kind == K::Loyalty
        }
        Basis::LegitimateInterests | Basis::PublicTask => true,
    };
    if !possible {
        found.insert(F::BasisImpossible);
    }
    if basis == Basis::LegitimateInterests && ground.balancing_test.is_none() {
        found.insert(F::BalancingTestMissing);
    }
    let loose = basis == Basis::OptOutLaw || basis == Basis::ExistingCustomer;
    if loose && ground.citation.is_none() {
        found.insert(F::LooseningUnnamed);
    }
    let special = asked.categories.iter().any(|category| manifest.is_special(category));
    if special && (loose || basis == Basis::LegitimateInterests) {
        found.insert(F::SpecialCategory);
    }
}

fn is_unconfirmed(manifest: &Manifest, facts: &Facts, asked: &Use) -> bool {
    let Some(channel) = asked.channel else { return false };
    let by_shop = manifest
        .channels
        .get(&channel)
        .is_some_and(|channel| channel.confirm == model::manifest::Confirmation::None);
    asked.action == Action::Send
        && matches!(channel, Channel::Email | Channel::Sms | Channel::Phone)
        && !by_shop
        && !facts.is_confirmed(channel)
}

fn consent(manifest: &Manifest, facts: &Facts, asked: &Use) -> (State, Option<Timestamp>) {
    let recipient = asked.recipient.as_ref();
    if let Some(channel) = asked.channel {
        let (state, at) = facts.consent(&asked.purpose, Some(channel), recipient);
        let pending = state == State::Given && is_unconfirmed(manifest, facts, asked);
        return (if pending { State::Pending } else { state }, at);
    }
    let mut best = facts.consent(&asked.purpose, None, recipient);
    for channel in Channel::ALL {
        let named = facts.events.iter().any(|event| match &event.act {
            Act::Given(s) | Act::Refused(s) | Act::Withdrawn(s) => {
                s.purpose == asked.purpose && s.channel == Some(channel)
            }
            _ => false,
        });
        let (state, at) = facts.consent(&asked.purpose, Some(channel), recipient);
        if named && state == State::Given && (best.0 != State::Given || at > best.1) {
            best = (state, at);
        }
    }
    best
}

fn is_sale(manifest: &Manifest, purpose: &Purpose, asked: &Use) -> bool {
    if matches!(purpose.kind, PurposeKind::Advertising | PurposeKind::Sharing) {
        return true;
    }
    let Some(recipient) = asked.recipient.as_ref().and_then(|name| manifest.recipients.get(name)) else {
        return false;
    };
    let own_purposes = |contract: &Contract| {
        matches!(contract.kind, ContractKind::ThirdParty | ContractKind::JointController)
    };
    asked.action == Action::Share
        && (recipient.kind == RecipientKind::Advertising
            || recipient.contract.as_ref().is_some_and(own_purposes))
}

fn choices(
    found: &mut BTreeSet<F>,
    manifest: &Manifest,
    purpose: &Purpose,
    basis: Basis,
    facts: &Facts,
    asked: &Use,
) {
    let sale = is_sale(manifest, purpose, asked);
    let mut yes_at = None;
    if basis == Basis::Consent {
        let (state, at) = consent(manifest, facts, asked);
        match state {
            State::Given => yes_at = at,
            State::Pending => {
                yes_at = at;
                found.insert(F::ConsentPending);
            }
            State::Unasked => drop(found.insert(F::ConsentMissing)),
            State::Refused => drop(found.insert(F::ConsentRefused)),
            State::Withdrawn => drop(found.insert(F::ConsentWithdrawn)),
        }
        if matches!(facts.age(), Some(AgeBand::From13To15 | AgeBand::Under13)) {
            found.insert(F::ConsentOfChild);
        }
    }
    if sale && facts.age().is_some_and(|age| age != AgeBand::Adult) {
        found.insert(F::Minor);
    }
    let holds = |no: Option<Timestamp>| no.is_some_and(|no| yes_at.is_none_or(|yes| yes <= no));
    // A no to the part, or a no to the whole without a later yes to the part.
    let no_of = |whole: Word, part: Word, is_no: &dyn Fn(u8) -> bool| {
        let part_no = part.filter(|word| is_no(word.1)).map(|word| word.0);
        let whole_no = whole
            .filter(|word| is_no(word.1))
            .map(|word| word.0)
            .filter(|at| part.is_none_or(|(part_at, rank)| is_no(rank) || part_at <= *at));
        part_no.max(whole_no)
    };
    let objected = facts.objection(Some(&asked.purpose));
    if matches!(purpose.kind, PurposeKind::Marketing | PurposeKind::Advertising) {
        if holds(no_of(facts.objection(None), objected, &|rank| rank > 0)) {
            found.insert(F::ObjectedToMarketing);
        }
    } else if matches!(basis, Basis::LegitimateInterests | Basis::PublicTask)
        && matches!(objected, Some((_, 12)))
    {
        found.insert(F::Objected);
    }
    let (all_out, this_out) = (facts.opt_out(None), facts.opt_out(Some(&asked.purpose)));
    let out = if sale {
        holds(no_of(all_out, this_out, &|rank| rank == 10))
    } else {
        matches!(basis, Basis::OptOutLaw | Basis::ExistingCustomer) && matches!(this_out, Some((_, 10)))
    };
    if out {
        found.insert(F::OptedOut);
    }
    let signal = facts.word(|act| matches!(act, Act::SignalSeen { .. }).then_some(10));
    let signalled = signal.is_some_and(|(seen, _)| {
        ![all_out, this_out].iter().any(|word| matches!(word, Some((at, 0)) if *at > seen))
    });
    if sale && (asked.gpc || signalled) {
        found.insert(F::Gpc);
    }
}

fn reach(
    found: &mut BTreeSet<F>,
    manifest: &Manifest,
    purpose: &Purpose,
    facts: &Facts,
    asked: &Use,
    now: Timestamp,
    built_in: bool,
) {
    if asked.action == Action::Send && asked.channel.is_none() {
        found.insert(F::ChannelMissing);
    }
    if let Some(channel) = asked.channel {
        let known = if built_in {
            manifest.channels.contains_key(&channel)
        } else {
            purpose.channels.contains(&channel)
        };
        if !known {
            found.insert(F::ChannelUndeclared);
        }
        if !purpose.kind.is_necessity() && facts.suppressed == Some(channel) {
            found.insert(F::Suppressed);
        }
    }
    let beyond_consent = grounds(purpose, facts).iter().any(|ground| ground.basis != Basis::Consent);
    if !purpose.kind.is_necessity() && beyond_consent && is_unconfirmed(manifest, facts, asked) {
        found.insert(F::ChannelUnconfirmed);
    }
    match &asked.recipient {
        None if asked.action == Action::Share => drop(found.insert(F::RecipientMissing)),
        None => {}
        Some(name) => {
            let declined = facts.word(|act| match act {
                Act::RecipientDeclined { recipient } if recipient == name => Some(10),
                Act::RecipientAccepted { recipient } if recipient == name => Some(0),
                _ => None,
            });
            let needed = manifest.recipients.get(name).is_some_and(|r| r.needed_for.contains(&asked.purpose));
            if matches!(declined, Some((_, 10))) && !needed {
                found.insert(F::RecipientDeclined);
            }
            match manifest
                .recipients
                .get(name)
                .filter(|_| purpose.recipients.contains(name) || asked.purpose.as_str() == "legal-claims")
            {
                None => drop(found.insert(F::RecipientUndeclared)),
                Some(recipient) => match &recipient.contract {
                    None if recipient.kind == RecipientKind::Authority => {}
                    None => drop(found.insert(F::ContractMissing)),
                    Some(contract) => {
                        if contract.signed.start() > now {
                            found.insert(F::ContractMissing);
                        } else if contract.until.is_some_and(|day| day.start().plus_days(1) <= now) {
                            found.insert(F::ContractExpired);
                        }
                    }
                },
            }
        }
    }
    if let (Some(since), Some(retention), false) = (asked.held_since, purpose.retention, built_in)
        && retention.from == RetentionStart::Collection
        && asked.action != Action::Erase
        && since.plus_days(retention.keep.days_at_most()) <= now
    {
        found.insert(F::RetentionOver);
    }
}
