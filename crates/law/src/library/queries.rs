//! Simple questions beside consent: rights, breaches, retention, signals, ages.

use model::manifest::Region;

use super::applies::Applying;
use crate::code::{Kind, RetentionSubject, Right, SignalEffect, SignalName};
use crate::pack::{Age, Breach, Fact, Notice, RetentionFact, RightFact, SignalFact};
use crate::term::Term;
use crate::territory::Lies;

/// How long something is kept under the laws that apply.
#[derive(Debug, Clone)]
pub struct Keep<'l> {
    /// The longest duty to keep.
    pub at_least: Option<(Term, &'l Fact<RetentionFact>)>,
    /// The shortest limit to erase.
    pub erase_by: Option<(Term, &'l Fact<RetentionFact>)>,
}

impl Keep<'_> {
    /// Whether the duty to keep is longer than the limit to erase: a person decides.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let hours = |term: Option<Term>| term.and_then(Term::rough_hours);
        match (hours(self.at_least.map(|(term, _)| term)), hours(self.erase_by.map(|(term, _)| term))) {
            (Some(keep), Some(erase)) => keep > erase,
            _ => false,
        }
    }
}

/// The shortest of some terms, those without a number last. For choosing between laws; the
/// clock engine counts.
#[must_use]
pub fn shortest<T>(terms: impl IntoIterator<Item = (Term, T)>) -> Option<(Term, T)> {
    terms.into_iter().min_by_key(|(term, _)| term.rough_hours().unwrap_or(u64::MAX))
}

/// Questions to the laws that apply.
impl super::InForce<'_> {
    /// What the laws say of a right.
    #[must_use]
    pub fn right<'l>(applying: &[Applying<'l, '_>], right: Right) -> Vec<&'l Fact<RightFact>> {
        applying
            .iter()
            .flat_map(|applying| applying.law.right())
            .filter(|fact| fact.body.right == right)
            .collect()
    }

    /// Whom to tell of a breach that touched a person of a region. A row about one state holds
    /// for its residents (law/README.md, rule 7); of an unknown person every row may. What laws
    /// of kind channel say of breaches is about communications providers and left out (rule 4).
    #[must_use]
    pub fn breach<'l>(applying: &[Applying<'l, '_>], region: Option<&Region>) -> Vec<&'l Fact<Breach>> {
        let concerns = |fact: &&'l Fact<Breach>| match (&fact.body.state, region) {
            (Some(state), Some(region)) => state.of(region) > Lies::Outside,
            _ => true,
        };
        applying
            .iter()
            .filter(|applying| applying.law.law.pack.kind != Kind::Channel)
            .flat_map(|applying| applying.law.breach())
            .filter(concerns)
            .collect()
    }

    /// The notices that people get.
    #[must_use]
    pub fn notice<'l>(applying: &[Applying<'l, '_>]) -> Vec<&'l Fact<Notice>> {
        applying.iter().flat_map(|applying| applying.law.notice()).collect()
    }

    /// How long something is kept: the longest duty against the shortest limit.
    #[must_use]
    pub fn keep<'l>(applying: &[Applying<'l, '_>], subject: RetentionSubject) -> Keep<'l> {
        let facts = || {
            let all = applying.iter().flat_map(|applying| applying.law.retention());
            all.filter(move |fact| fact.body.subject == subject)
        };
        let terms = |of: fn(&RetentionFact) -> Option<Term>| {
            facts().filter_map(move |fact| of(&fact.body).map(|term| (term, fact)))
        };
        let longest = terms(|fact| fact.min).max_by_key(|(term, _)| term.rough_hours().unwrap_or(0));
        Keep { at_least: longest, erase_by: shortest(terms(|fact| fact.max)) }
    }

    /// What a signal must stop, and by which facts.
    #[must_use]
    pub fn signal<'l>(
        applying: &[Applying<'l, '_>],
        signal: SignalName,
    ) -> Vec<(SignalEffect, &'l Fact<SignalFact>)> {
        let facts = applying.iter().flat_map(|applying| applying.law.signal());
        facts
            .filter(|fact| fact.body.signal == signal && fact.body.mandatory)
            .flat_map(|fact| fact.body.effects.iter().map(move |effect| (*effect, fact)))
            .collect()
    }

    /// The ages at which a law begins to treat people as grown up.
    #[must_use]
    pub fn ages<'l>(applying: &[Applying<'l, '_>]) -> Vec<&'l Fact<Age>> {
        applying.iter().flat_map(|applying| applying.law.age()).collect()
    }
}
