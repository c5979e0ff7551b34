//! What the laws that apply to a person ask of a use: each is met by itself, on the ground that
//! the purpose has under it.

use std::sync::Arc;

use law::code::{Model, Strength};
use model::manifest::Region;
use model::{Basis, Cited, FindingCode, Timestamp};

use super::{Prepared, PreparedGround};
use crate::ask::Sale;
use crate::decision::Finding;
use crate::policy::{AskRule, LawRules, PurposeRules};
use crate::standing::{ConsentState, Standing};

/// How a clear act of the person at a switch of its own is given: in words that name the purpose,
/// apart from everything else. What is signed on paper, or by a parent, is another matter.
const FORMS_OF_A_SWITCH: [Strength; 3] = [Strength::Explicit, Strength::Express, Strength::Separate];

/// What the laws ask about the person; none where the policy knows no laws, and for what is
/// built in, which no law forbids.
pub(super) fn rules(
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    standing: &Standing,
) -> Option<Arc<[LawRules]>> {
    let of_use = asked.of_use.as_ref()?;
    let laws = asked.policy.laws()?;
    let regions: Vec<&Region> = standing.regions().collect();
    // Necessities pass where nobody knows where the person lives.
    if regions.is_empty() && rules.is_necessity() {
        return Some(Arc::default());
    }
    Some(laws.rules(of_use, &regions, standing.age(), asked.now))
}

/// The ground that a purpose has under a law: the law's own, its family's, the general one.
pub(super) fn ground<'p, 'a>(asked: &'p Prepared<'a>, law: &LawRules) -> Option<&'p PreparedGround<'a>> {
    let named =
        |name: &str| asked.grounds.iter().find(|ground| ground.law.is_some_and(|of| of.as_str() == name));
    named(&law.id).or_else(|| named(law.family)).or_else(|| asked.grounds.first())
}

/// Holds what one law asks against the ground under it. `consent` is where the person's consent
/// stands; that it is missing is found elsewhere.
pub(super) fn findings(
    findings: &mut Vec<Finding>,
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    (law, ground): (&LawRules, &PreparedGround<'_>),
    consent: ConsentState,
) {
    for ask in &law.asks {
        findings.extend(finding(asked, rules, law, ask, ground, consent));
    }
    if ground.basis == Basis::OptOutLaw {
        let named = law.asks.iter().find(|ask| ground.facts.contains(&ask.cited.fact));
        if named.is_none() {
            let detail = Some(law.id.to_string());
            findings.push(Finding { detail, ..FindingCode::LooseningUnfit.into() });
        }
    }
    if ground.basis == Basis::Consent
        && let Some(parent) = &law.parent
    {
        findings.push(cited(FindingCode::ConsentOfChild, parent));
    }
}

fn finding(
    asked: &Prepared<'_>,
    rules: &PurposeRules,
    law: &LawRules,
    ask: &AskRule,
    ground: &PreparedGround<'_>,
    consent: ConsentState,
) -> Option<Finding> {
    // Who lets a use begin without a yes relies on the law; it must have been read.
    let loosens = !rules.is_necessity() && ground.basis.is_loosening();
    let unread =
        || (loosens && !law.is_reviewed).then(|| cited(FindingCode::LooseningUnreviewed, &ask.cited));
    if ask.alternatives.iter().any(|ground_of_law| ground.alternatives.contains(ground_of_law)) {
        return unread();
    }
    match (ask.model, ground.basis) {
        (Model::Prohibited, _) => Some(cited(FindingCode::LawProhibits, &ask.cited)),
        (Model::OptIn | Model::NationalChoice, Basis::Consent) => {
            let missing = ask.forms.iter().find(|form| !FORMS_OF_A_SWITCH.contains(form));
            missing.filter(|_| consent == ConsentState::Given).map(|form| Finding {
                detail: Some(form.code().to_owned()),
                ..cited(FindingCode::LawAsksForm, &ask.cited)
            })
        }
        (Model::OptIn | Model::NationalChoice, Basis::ExistingCustomer) if ask.exception.is_some() => {
            missing_evidence(asked.asked.sale.as_ref(), asked.now, ask).or_else(unread)
        }
        (Model::OptIn | Model::NationalChoice, _) => Some(cited(FindingCode::LawAsksConsent, &ask.cited)),
        (Model::OptOut | Model::NoticeOnly, _) => unread(),
    }
}

/// The part of the rule for one's own customers that nobody has shown (ePrivacy 13(2) and its
/// likes): a sale, by the same seller, of something similar, with a refusal offered then.
fn missing_evidence(sale: Option<&Sale>, now: Timestamp, ask: &AskRule) -> Option<Finding> {
    let part = match sale {
        None => "sale",
        Some(sale) if sale.at > now => "sale",
        Some(sale) if !sale.same_seller => "same-seller",
        Some(sale) if !sale.similar => "similar-goods",
        Some(sale) if !sale.refusal_offered => "refusal-offered",
        Some(sale) => match ask.exception_days {
            Some(days) if now >= sale.at.plus_days(days) => "within",
            _ => return None,
        },
    };
    Some(Finding { detail: Some(part.to_owned()), ..cited(FindingCode::CustomerEvidenceMissing, &ask.cited) })
}

fn cited(code: FindingCode, law: &Arc<Cited>) -> Finding {
    Finding { law: Some(Arc::clone(law)), ..code.into() }
}
