//! The one place that asks the gate. Whatever it answers is recorded in the caller's transaction.

use std::collections::BTreeSet;

use gate::{Decision, Enforcement, Finding, Foreseen, Grant, Obligations, Permit, Standing, Use, decide};
use keys::PersonKeys;
use model::{Answer, Cited, EntryId, FindingCode, Timestamp};
use serde_json::Value;
use store::Tx;

use crate::controller::InForce;
use crate::error::AppError;
use crate::person::Person;
use crate::recorder::Recorder;

/// What the gate answered, for the one who asked. Codes only; words come from the crate `words`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Verdict {
    /// The answer.
    pub answer: Answer,
    /// The entry that records it; none for a dry run.
    pub entry: Option<EntryId>,
    /// Why not, in the order of the gate; empty for a yes.
    pub findings: Vec<Reason>,
    /// Until when a yes may be acted upon.
    pub until: Option<Timestamp>,
    /// What whoever acts upon a yes has to keep to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obligations: Option<Obligations>,
}

/// One reason for a no.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// The stable code.
    pub code: FindingCode,
    /// What of the question it is about: a name of the manifest, never a value.
    pub detail: Option<String>,
    /// The rule behind it.
    pub rule: &'static str,
    /// The fact of a law behind it, where one says so; it is more telling than the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub law: Option<Cited>,
}

/// A reason as a kept answer has it: the code alone says the rule.
#[derive(serde::Deserialize)]
struct KeptReason {
    code: FindingCode,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    law: Option<Cited>,
}

impl<'de> serde::Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = KeptReason::deserialize(deserializer)?;
        Ok(Self { detail: kept.detail, law: kept.law, ..Self::of(kept.code) })
    }
}

impl Reason {
    /// A reason that says no more than its code.
    #[must_use]
    pub const fn of(code: FindingCode) -> Self {
        Self { code, detail: None, rule: code.rule(), law: None }
    }

    /// What people look up to read why: the article of the law, else the rule.
    #[must_use]
    pub fn citation(&self) -> &str {
        self.law.as_ref().map_or(self.rule, |law| &law.citation)
    }
}

impl From<&Finding> for Reason {
    fn from(finding: &Finding) -> Self {
        let law = finding.law.as_deref().cloned();
        Self { detail: finding.detail.clone(), law, ..Self::of(finding.code) }
    }
}

impl Verdict {
    /// What a decision says to the one who asked.
    #[must_use]
    pub fn of(decision: &Decision, entry: Option<EntryId>) -> Self {
        let findings = decision.findings().iter().map(Reason::from).collect();
        match decision {
            Decision::Grant(grant) => Self::granted(entry, grant),
            Decision::Denial(denial) => Self::refused(entry, denial.enforcement(), findings),
        }
    }

    /// A yes.
    pub(crate) fn granted(entry: Option<EntryId>, grant: &Grant) -> Self {
        Self {
            answer: Answer::Granted,
            entry,
            findings: Vec::new(),
            until: Some(grant.until()),
            obligations: Some(grant.obligations().clone()),
        }
    }

    /// A no, or what would be one if it stopped the caller already.
    pub(crate) const fn refused(
        entry: Option<EntryId>,
        enforcement: Enforcement,
        findings: Vec<Reason>,
    ) -> Self {
        let answer = match enforcement {
            Enforcement::Observe => Answer::Observed,
            Enforcement::Enforce => Answer::Denied,
        };
        Self { answer, entry, findings, until: None, obligations: None }
    }
}

impl Verdict {
    /// What a decision would say.
    #[must_use]
    pub(crate) fn foreseen(foreseen: &Foreseen) -> Self {
        let findings = foreseen.findings.iter().map(Reason::from).collect();
        match foreseen.until {
            None => Self::refused(None, foreseen.enforcement, findings),
            until => Self {
                answer: Answer::Granted,
                entry: None,
                findings,
                until,
                obligations: foreseen.obligations.clone(),
            },
        }
    }
}

/// The answer with the permit that a yes gives.
pub(crate) enum Asked<'c> {
    /// Yes: the permit, and what the caller is told.
    Permitted(Permit<'c>, Verdict),
    /// No, or a no that is only observed: there is no permit.
    Refused(Verdict),
}

/// What the gate would answer, without a permit and without an entry: for plans and dry runs.
pub(crate) fn foresee(in_force: &InForce, standing: &Standing, asked: &Use, now: Timestamp) -> Verdict {
    let asked = Use { via: in_force.via.clone(), ..asked.clone() };
    Verdict::of(&decide(&in_force.policy, standing, &asked, now), None)
}

/// Asks about one person, or about nobody known, and records the answer: a yes as an entry of
/// the action's kind, a no as a decision.
///
/// The entry names the service and the key through which `in_force` was taken.
///
/// A permit that is over before it is there, because the transaction waited too long for its
/// turn, is [`AppError::Busy`]: the caller asks again.
///
/// INVARIANT(no-use-unrecorded): the permit exists only after its entry was written in `tx`.
pub(crate) fn ask<'c>(
    tx: &mut Tx<'c>,
    in_force: &InForce,
    person: Option<&Person>,
    asked: &Use,
    details: Option<Value>,
    now: Timestamp,
) -> Result<Asked<'c>, AppError> {
    let nobody = Standing::default();
    let (standing, aliases) = match person {
        Some(person) => (&person.standing, person.aliases.iter().copied().collect()),
        None => (&nobody, BTreeSet::new()),
    };
    let asked = Use { aliases, via: in_force.via.clone(), ..asked.clone() };
    let mut recorder = match person {
        Some(person) => Recorder::about(tx, &person.keys),
        None => Recorder::about_nobody(tx),
    };
    if let Some(details) = details {
        recorder = recorder.with_details(details);
    }
    record_answer(recorder, in_force, standing, &asked, now)
}

/// Asks about somebody who has a standing but is not stored yet; the entry is about nobody.
pub(crate) fn ask_beforehand<'c>(
    tx: &mut Tx<'c>,
    in_force: &InForce,
    standing: &Standing,
    asked: &Use,
    now: Timestamp,
) -> Result<Asked<'c>, AppError> {
    let asked = Use { via: in_force.via.clone(), ..asked.clone() };
    record_answer(Recorder::about_nobody(tx), in_force, standing, &asked, now)
}

/// Records the answer to a question that names already through whom it is asked.
fn record_answer<'c>(
    mut recorder: Recorder<'_, 'c>,
    in_force: &InForce,
    standing: &Standing,
    asked: &Use,
    now: Timestamp,
) -> Result<Asked<'c>, AppError> {
    let decision = decide(&in_force.policy, standing, asked, now);
    match &decision {
        Decision::Grant(grant) => {
            let permit = grant.record(&mut recorder)?;
            in_force.refuse_over(&permit)?;
            fault::point("ask.after-permit");
            let verdict = Verdict::of(&decision, Some(permit.entry()));
            Ok(Asked::Permitted(permit, verdict))
        }
        Decision::Denial(denial) => {
            let entry = denial.record(&mut recorder)?;
            fault::point("ask.after-denial");
            Ok(Asked::Refused(Verdict::of(&decision, Some(entry))))
        }
    }
}

/// Asks about a living person whose row this transaction has read, and records the answer,
/// for those who only want to know it: the permit of a yes ends here.
pub(crate) fn answer(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    keys: &PersonKeys,
    standing: &Standing,
    asked: &Use,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    let decision = decide(&in_force.policy, standing, asked, now);
    let mut recorder = Recorder::about(tx, keys);
    let entry = match &decision {
        Decision::Grant(grant) => {
            let permit = grant.record(&mut recorder)?;
            in_force.refuse_over(&permit)?;
            fault::point("ask.after-permit");
            permit.entry()
        }
        Decision::Denial(denial) => {
            let entry = denial.record(&mut recorder)?;
            fault::point("ask.after-denial");
            entry
        }
    };
    Ok(Verdict::of(&decision, Some(entry)))
}
