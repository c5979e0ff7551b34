//! What the gate finds about one person.

use model::{
    Action, Actor, AgeBand, Basis, CategoryName, Choice, FindingCode, PurposeKind, RestrictionException,
    Timestamp,
};

use super::{Prepared, PreparedGround, Verdict, law};
use crate::decision::{Enforcement, Finding};
use crate::policy::{BuiltIn, LawRules, PurposeRules, applies};
use crate::standing::{ConsentState, Objected, Standing};

/// What depends on the person; the findings are not yet in order.
pub(super) fn verdict(asked: &Prepared<'_>, standing: &Standing) -> Verdict {
    let mut verdict =
        Verdict { findings: Vec::new(), basis: None, exception: None, enforcement: Enforcement::Enforce };
    let Some(rules) = asked.purpose else {
        if standing.is_erased() {
            verdict.findings.push(FindingCode::Erased.into());
        }
        return verdict;
    };
    let laws = law::rules(asked, rules, standing);
    let grounds = match &laws {
        Some(laws) => grounds_under(asked, laws, standing),
        None => grounds_where_the_person_lives(asked, standing),
    };
    verdict.basis = grounds.first().map(|ground| ground.basis);
    if let Some(laws) = &laws {
        let (consent, _) = consent(asked, standing);
        for law in laws.iter() {
            let Some(ground) = law::ground(asked, law) else { continue };
            law::findings(&mut verdict.findings, asked, rules, (law, ground), consent);
        }
    }
    state(&mut verdict.findings, asked, rules, standing);
    restriction(&mut verdict, asked, rules, &grounds, standing);
    for ground in &grounds {
        verdict.findings.extend(ground.findings.iter().cloned());
        if !rules.is_necessity() {
            choices(&mut verdict.findings, asked, rules, ground.basis, standing);
        }
    }
    reach(&mut verdict.findings, asked, rules, &grounds, standing);
    verdict
}

/// The grounds under the laws that apply to the person, in the manifest's order. Where no pack
/// applies the general one counts; where nobody knows where the person lives, every one.
fn grounds_under<'p>(
    asked: &'p Prepared<'_>,
    laws: &[LawRules],
    standing: &Standing,
) -> Vec<&'p PreparedGround<'p>> {
    let chosen: Vec<_> = laws.iter().filter_map(|law| law::ground(asked, law)).collect();
    if chosen.is_empty() {
        let is_unknown = standing.regions().next().is_none();
        let counts = |ground: &&PreparedGround<'_>| is_unknown || ground.law.is_none();
        return asked.grounds.iter().filter(counts).collect();
    }
    asked.grounds.iter().filter(|ground| chosen.iter().any(|one| std::ptr::eq(*one, *ground))).collect()
}

/// The grounds of the laws that apply to the person; of every law where nobody knows where
/// the person lives. Laws are satisfied one by one.
fn grounds_where_the_person_lives<'p>(
    asked: &'p Prepared<'_>,
    standing: &Standing,
) -> Vec<&'p PreparedGround<'p>> {
    let mut regions = standing.regions().peekable();
    if asked.grounds.len() <= 1 || regions.peek().is_none() {
        return asked.grounds.iter().collect();
    }
    let mut applicable: Vec<&PreparedGround<'_>> = Vec::new();
    for region in regions {
        let fits = |ground: &&PreparedGround<'_>| ground.law.and_then(|law| applies(law, region));
        let best = asked.grounds.iter().filter_map(|ground| fits(&ground)).max();
        let of_region = asked.grounds.iter().filter(|ground| match best {
            Some(_) => fits(ground) == best,
            None => ground.law.is_none(),
        });
        for ground in of_region {
            if !applicable.iter().any(|known| std::ptr::eq(*known, ground)) {
                applicable.push(ground);
            }
        }
    }
    applicable
}

/// Erased and dead. What the dead leave is still ended and rotated, and whoever settles the
/// estate, staff or an agent, may see, correct and erase it; nobody is the person any more.
fn state(findings: &mut Vec<Finding>, asked: &Prepared<'_>, rules: &PurposeRules, standing: &Standing) {
    let outlives_erasure =
        matches!(rules.built_in, Some(BuiltIn::Rights | BuiltIn::Operation | BuiltIn::LegalClaims));
    if standing.is_erased() && !outlives_erasure {
        findings.push(FindingCode::Erased.into());
    }
    let outlives_the_person = match rules.built_in {
        Some(BuiltIn::Operation) => true,
        Some(BuiltIn::Rights) => matches!(asked.asked.actor, Actor::Staff { .. } | Actor::Agent(_)),
        _ => matches!(rules.kind, PurposeKind::LegalClaims | PurposeKind::LegalDuty),
    };
    if standing.is_deceased() && !outlives_the_person {
        findings.push(FindingCode::Deceased.into());
    }
}

/// A restriction stops everything but what GDPR 18(2) excepts; the verdict names the exception.
fn restriction(
    verdict: &mut Verdict,
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    grounds: &[&PreparedGround<'_>],
    standing: &Standing,
) {
    let categories: &std::collections::BTreeSet<CategoryName> = &asked.asked.categories;
    let Some(since) = standing.restriction(categories) else { return };
    verdict.exception = exception(asked, rules, grounds, standing, since);
    if verdict.exception.is_none() {
        verdict.findings.push(FindingCode::Restricted.into());
    }
}

fn exception(
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    grounds: &[&PreparedGround<'_>],
    standing: &Standing,
    since: Timestamp,
) -> Option<RestrictionException> {
    let stands_on = |basis: Basis| grounds.iter().all(|ground| ground.basis == basis);
    let agreed = || consent(asked, standing).1.is_some_and(|at| at > since);
    if asked.asked.action == Action::Keep || rules.built_in == Some(BuiltIn::Operation) {
        Some(RestrictionException::Storage)
    } else if rules.built_in == Some(BuiltIn::Rights)
        || matches!(asked.asked.actor, Actor::Customer | Actor::Agent(_))
    {
        Some(RestrictionException::PersonAsks)
    } else if rules.kind == PurposeKind::LegalClaims {
        Some(RestrictionException::LegalClaims)
    } else if matches!(
        rules.kind,
        PurposeKind::VitalInterest | PurposeKind::SafetyRecall | PurposeKind::Security
    ) {
        Some(RestrictionException::AnothersRights)
    } else if stands_on(Basis::PublicTask) {
        Some(RestrictionException::PublicInterest)
    } else if stands_on(Basis::Consent) && agreed() {
        Some(RestrictionException::PersonAgrees)
    } else {
        None
    }
}

/// What the person said about an optional purpose that stands on `basis`: four different things.
fn choices(
    findings: &mut Vec<Finding>,
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    basis: Basis,
    standing: &Standing,
) {
    let mut agreed_at = None;
    if basis.choice() == Choice::Withdraw {
        let (state, at) = consent(asked, standing);
        agreed_at = at.filter(|_| matches!(state, ConsentState::Given | ConsentState::Pending));
        findings.extend(consent_finding(state).map(Finding::from));
        if standing.age().is_some_and(|age| age >= AgeBand::From13To15) {
            findings.push(FindingCode::ConsentOfChild.into());
        }
    }
    if asked.is_sale && standing.age().is_some_and(|age| age != AgeBand::Adult) {
        findings.push(FindingCode::Minor.into());
    }
    // Only the person's own later yes to this very purpose overrules a no of another sort.
    let is_overruled = |no: Timestamp| agreed_at.is_some_and(|yes| yes > no);
    match standing.objection(&asked.asked.purpose, rules.kind.is_marketing()) {
        Some(Objected::ToMarketing(at)) if !is_overruled(at) => {
            findings.push(FindingCode::ObjectedToMarketing.into());
        }
        Some(Objected::ToPurpose(_)) if basis.choice() == Choice::Object => {
            findings.push(FindingCode::Objected.into());
        }
        _ => {}
    }
    let opted_out = if asked.is_sale {
        standing.opt_out_of_sale(&asked.asked.purpose).filter(|at| !is_overruled(*at))
    } else {
        standing.opt_out(&asked.asked.purpose).filter(|_| basis.choice() == Choice::OptOut)
    };
    if opted_out.is_some() {
        findings.push(FindingCode::OptedOut.into());
    }
    if asked.is_sale && (asked.asked.gpc || standing.gpc(&asked.asked.purpose).is_some()) {
        findings.push(FindingCode::Gpc.into());
    }
}

/// Where the person's consent to what is asked stands. It is pending until the address or
/// number is confirmed there.
fn consent(asked: &Prepared<'_>, standing: &Standing) -> (ConsentState, Option<Timestamp>) {
    let (purpose, recipient) = (&asked.asked.purpose, asked.asked.recipient.as_ref());
    let Some(channel) = asked.asked.channel else { return standing.consent_over_any(purpose, recipient) };
    let (state, at) = standing.consent(purpose, Some(channel), recipient);
    let waits = state == ConsentState::Given && is_unconfirmed(asked, standing);
    (if waits { ConsentState::Pending } else { state }, at)
}

const fn consent_finding(state: ConsentState) -> Option<FindingCode> {
    match state {
        ConsentState::Given => None,
        ConsentState::Unasked => Some(FindingCode::ConsentMissing),
        ConsentState::Pending => Some(FindingCode::ConsentPending),
        ConsentState::Unsettled => Some(FindingCode::ConsentUnsettled),
        ConsentState::Refused => Some(FindingCode::ConsentRefused),
        ConsentState::Withdrawn => Some(FindingCode::ConsentWithdrawn),
    }
}

/// Whether a message is to go to an address or number that nobody has confirmed.
fn is_unconfirmed(asked: &Prepared<'_>, standing: &Standing) -> bool {
    asked.asked.action == Action::Send
        && asked
            .asked
            .channel
            .is_some_and(|channel| asked.policy.asks_confirmation(channel) && !standing.is_confirmed(channel))
}

/// The person's addresses, and the recipients they do not want.
fn reach(
    findings: &mut Vec<Finding>,
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    grounds: &[&PreparedGround<'_>],
    standing: &Standing,
) {
    if !rules.is_necessity() {
        let has_other_ground = grounds.iter().any(|ground| ground.basis != Basis::Consent);
        if has_other_ground && is_unconfirmed(asked, standing) {
            findings.push(FindingCode::ChannelUnconfirmed.into());
        }
        if asked.asked.channel.is_some_and(|channel| standing.is_suppressed(channel)) {
            findings.push(FindingCode::Suppressed.into());
        }
    }
    if let Some(name) = &asked.asked.recipient {
        let is_needed = asked
            .policy
            .recipient(name)
            .is_some_and(|recipient| recipient.needed_for.contains(&asked.asked.purpose));
        if standing.has_declined(name) && !is_needed {
            findings.push(FindingCode::RecipientDeclined.into());
        }
    }
}
