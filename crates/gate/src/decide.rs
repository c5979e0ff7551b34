//! The decision.

mod law;
mod person;
mod prepare;

use std::collections::BTreeSet;
use std::sync::Arc;

use ::law::code::Alternative;

use model::{About, Action, Answer, Basis, Entry, EntryKind, RestrictionException, Timestamp};

use crate::ask::Use;
use crate::decision::{Decision, Denial, Enforcement, Finding};
use crate::permit::{Covered, Grant, Obligations, PERMIT_SECONDS, Scope};
use crate::policy::{OfUse, Policy, PurposeRules};
use crate::standing::Standing;

/// An entry names so many facts of laws at most, so that it stays small.
const FACTS_MAX: usize = 64;

/// May this use happen now? Pure: the same question has the same answer.
///
/// INVARIANT(audience-equals-decide): this is exactly [`Policy::prepare`] followed by
/// [`Prepared::decide`], which is what a batch and an audience do for each person.
pub fn decide(policy: &Policy, standing: &Standing, asked: &Use, now: Timestamp) -> Decision {
    policy.prepare(asked, now).decide(standing)
}

/// A question of which everything is answered but what depends on the person.
#[derive(Debug)]
pub struct Prepared<'a> {
    policy: &'a Policy,
    asked: &'a Use,
    now: Timestamp,
    purpose: Option<&'a PurposeRules>,
    /// What was found whoever the person is.
    findings: Vec<Finding>,
    /// The purpose's grounds with what was found about each.
    grounds: Vec<PreparedGround<'a>>,
    /// The use as the laws see one; none where none is asked.
    of_use: Option<Arc<OfUse>>,
    /// Whether it sells, shares or advertises by behaviour.
    is_sale: bool,
    /// Whether the caller is still observed.
    is_observed: bool,
}

#[derive(Debug)]
struct PreparedGround<'a> {
    law: Option<&'a model::LawFamily>,
    basis: Basis,
    findings: Vec<Finding>,
    /// What it is in the place of consent, in the words of the packs.
    alternatives: &'a [Alternative],
    /// The facts of the packs that it relies on.
    facts: &'a BTreeSet<String>,
}

/// What a decision would say: nothing is recorded, nothing is permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Every reason against, in the order of the gate; none for a yes.
    pub findings: Vec<Finding>,
    /// Whether a no would stop the caller.
    pub enforcement: Enforcement,
    /// Until when a yes would hold.
    pub until: Option<Timestamp>,
    /// What would be to be kept to after a yes.
    pub obligations: Option<Obligations>,
}

/// What the gate found about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Every reason against, in the order of the gate.
    pub(crate) findings: Vec<Finding>,
    pub(crate) basis: Option<Basis>,
    pub(crate) exception: Option<RestrictionException>,
    pub(crate) enforcement: Enforcement,
}

impl Policy {
    /// Answers everything about a question but what depends on the person.
    #[must_use]
    pub fn prepare<'a>(&'a self, asked: &'a Use, now: Timestamp) -> Prepared<'a> {
        prepare::prepare(self, asked, now)
    }
}

impl<'a> Prepared<'a> {
    /// The decision about the person of the question, whose standing this is.
    pub fn decide(&self, standing: &Standing) -> Decision {
        let verdict = self.verdict(standing);
        let (about, covered) = match self.asked.subject {
            Some(subject) => (About::One(subject), Covered::One(subject, self.asked.aliases.clone())),
            None => (About::Nobody, Covered::Nobody),
        };
        if verdict.findings.is_empty() {
            return Decision::Grant(self.grant(about, covered, verdict.basis, verdict.exception));
        }
        let entry = self.denial_entry(about, &verdict.findings, verdict.enforcement);
        Decision::Denial(Denial { findings: verdict.findings, enforcement: verdict.enforcement, entry })
    }

    /// What the decision about somebody with this standing would say, without the entry that
    /// makes it one.
    #[must_use]
    pub fn foresee(&self, standing: &Standing) -> Foreseen {
        let verdict = self.verdict(standing);
        let until = self.now.plus_seconds(PERMIT_SECONDS);
        Foreseen {
            until: verdict.findings.is_empty().then_some(until),
            obligations: verdict.findings.is_empty().then(|| self.obligations()),
            findings: verdict.findings,
            enforcement: verdict.enforcement,
        }
    }

    /// The question.
    #[must_use]
    pub const fn asked(&self) -> &'a Use {
        self.asked
    }

    /// What speaks against it whoever the person is, in the order of the gate.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether a no about somebody who is not there stops the caller.
    #[must_use]
    pub fn enforcement_about_nobody(&self) -> Enforcement {
        self.enforcement(&Standing::default(), &self.findings)
    }

    pub(crate) fn verdict(&self, standing: &Standing) -> Verdict {
        let mut verdict = person::verdict(self, standing);
        verdict.findings.extend(self.findings.iter().cloned());
        verdict.findings.sort();
        verdict.findings.dedup();
        verdict.enforcement = self.enforcement(standing, &verdict.findings);
        verdict
    }

    /// Observe mode never works against what the person said, nor for minors and special
    /// categories.
    fn enforcement(&self, standing: &Standing, findings: &[Finding]) -> Enforcement {
        let is_minor = || standing.age().is_some_and(|age| age != model::AgeBand::Adult);
        let is_special = || self.asked.categories.iter().any(|category| self.policy.is_special(category));
        let may_observe = self.is_observed
            && !is_minor()
            && !is_special()
            && !standing.is_erased()
            && findings.iter().all(|finding| finding.code.is_observable());
        if may_observe { Enforcement::Observe } else { Enforcement::Enforce }
    }

    pub(crate) fn grant(
        &self,
        about: About,
        covered: Covered,
        basis: Option<Basis>,
        exception: Option<RestrictionException>,
    ) -> Grant {
        let mut entry = self.entry(about, Answer::Granted);
        entry.basis = basis;
        entry.exception = exception;
        let scope = Scope {
            covered,
            purpose: self.asked.purpose.clone(),
            action: self.asked.action,
            obligations: self.obligations(),
        };
        Grant { scope: Arc::new(scope), entry, until: self.now.plus_seconds(PERMIT_SECONDS) }
    }

    pub(crate) fn denial_entry(&self, about: About, findings: &[Finding], enforcement: Enforcement) -> Entry {
        let answer = match enforcement {
            Enforcement::Observe => Answer::Observed,
            Enforcement::Enforce => Answer::Denied,
        };
        let mut entry = self.entry(about, answer);
        entry.kind = EntryKind::Decision;
        entry.findings = findings.iter().map(|finding| finding.code).collect();
        entry.findings.dedup();
        let facts =
            findings.iter().filter_map(|finding| Some((finding.code, finding.law.as_ref()?.fact.clone())));
        entry.facts = facts.take(FACTS_MAX).collect();
        entry
    }

    fn obligations(&self) -> Obligations {
        prepare::obligations(self.policy, self.purpose, self.asked, self.now)
    }

    fn entry(&self, about: About, answer: Answer) -> Entry {
        let asked = self.asked;
        let kind = entry_kind(asked.action);
        let mut entry = Entry::new(asked.entry, kind, self.now, asked.actor.clone(), self.policy.version());
        entry.law_version = self.policy.laws().map(|laws| laws.version().to_owned());
        entry.via = asked.via.clone();
        entry.action = Some(asked.action);
        entry.purpose = Some(asked.purpose.clone());
        entry.categories = asked.categories.iter().cloned().collect();
        entry.channel = asked.channel;
        entry.recipient = asked.recipient.clone();
        entry.reason = asked.reason.as_ref().map(|reason| reason.code.clone());
        entry.ticket = asked.reason.as_ref().map(|reason| reason.ticket.clone());
        entry.request = asked.request.clone();
        entry.answer = Some(answer);
        entry.about = about;
        entry
    }
}

/// The kind of the entry of a granted use.
const fn entry_kind(action: Action) -> EntryKind {
    match action {
        Action::Collect => EntryKind::Collect,
        Action::Read => EntryKind::Read,
        Action::Correct => EntryKind::Correct,
        Action::Erase => EntryKind::Erase,
        Action::Export => EntryKind::Export,
        Action::Merge => EntryKind::Merge,
        Action::Use | Action::Send | Action::Share | Action::Train | Action::Keep => EntryKind::Decision,
    }
}
