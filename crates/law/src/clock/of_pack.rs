//! The terms of a fact, as its pack has them.

use super::event::Event;
use super::terms::{FactTerms, TermKey};
use crate::pack::{Fact, Head, Pack};
use crate::term::Term;

impl FactTerms {
    /// The terms of a fact by its name (`eu-gdpr/right/access`); `None` where the pack has no such
    /// fact, or the fact's section holds no terms.
    #[must_use]
    pub fn of(pack: &Pack, name: &str) -> Option<Self> {
        of_right(pack, name)
            .or_else(|| of_breach(pack, name))
            .or_else(|| of_channel(pack, name))
            .or_else(|| of_consent(pack, name))
            .or_else(|| of_the_rest(pack, name))
    }

    fn new(pack: &Pack, head: &Head, terms: &[(TermKey, Option<Term>)]) -> Self {
        Self {
            fact: head.name.to_string(),
            citation: head.citation.clone(),
            jurisdiction: pack.jurisdiction.to_string(),
            event: None,
            terms: terms.iter().filter_map(|(key, term)| Some((*key, (*term)?))).collect(),
            extend: None,
            practice: None,
        }
    }
}

fn find<'p, B>(facts: &'p [Fact<B>], name: &str) -> Option<&'p Fact<B>> {
    facts.iter().find(|fact| &*fact.head.name == name)
}

fn of_right(pack: &Pack, name: &str) -> Option<FactTerms> {
    let fact = find(&pack.right, name)?;
    let body = &fact.body;
    let terms = [
        (TermKey::Respond, Some(body.respond)),
        (TermKey::Ack, body.ack),
        (TermKey::Appeal, body.appeal),
        (TermKey::BackupDeletion, body.backup_deletion),
    ];
    let event = body.clock.and_then(|clock| Event::from_code(clock.code()));
    let terms = FactTerms::new(pack, &fact.head, &terms);
    Some(FactTerms { event, extend: body.extend, practice: body.practice, ..terms })
}

/// A row about one state is counted as that state counts.
fn of_breach(pack: &Pack, name: &str) -> Option<FactTerms> {
    let fact = find(&pack.breach, name)?;
    let body = &fact.body;
    let terms = [
        (TermKey::Deadline, Some(body.deadline)),
        (TermKey::SecondStage, body.second_stage),
        (TermKey::AssessWithin, body.assess_within),
        (TermKey::IdentityProtection, body.identity_protection),
    ];
    let jurisdiction = body.state.as_ref().unwrap_or(&pack.jurisdiction).to_string();
    let event = Event::from_code(body.clock.code());
    Some(FactTerms { jurisdiction, event, ..FactTerms::new(pack, &fact.head, &terms) })
}

fn of_channel(pack: &Pack, name: &str) -> Option<FactTerms> {
    let fact = find(&pack.channel, name)?;
    let body = &fact.body;
    let terms = [
        (TermKey::OptoutDeadline, body.optout_deadline),
        (TermKey::ValidFor, body.valid_for),
        (TermKey::ExceptionWithin, body.exception_within),
        (TermKey::MechanismValid, body.mechanism_valid),
        (TermKey::ScrubEvery, body.scrub_every),
    ];
    Some(FactTerms::new(pack, &fact.head, &terms))
}

fn of_consent(pack: &Pack, name: &str) -> Option<FactTerms> {
    let fact = find(&pack.consent, name)?;
    let body = &fact.body;
    let terms = [
        (TermKey::RevokeWithin, body.revoke_within),
        (TermKey::ValidFor, body.valid_for),
        (TermKey::ReaskAfter, body.reask_after),
    ];
    Some(FactTerms::new(pack, &fact.head, &terms))
}

fn of_the_rest(pack: &Pack, name: &str) -> Option<FactTerms> {
    let terms = |head: &Head, terms: &[(TermKey, Option<Term>)]| FactTerms::new(pack, head, terms);
    if let Some(fact) = find(&pack.notice, name) {
        let (deadline, update) = (fact.body.deadline, fact.body.update_every);
        return Some(terms(&fact.head, &[(TermKey::Deadline, deadline), (TermKey::UpdateEvery, update)]));
    }
    if let Some(fact) = find(&pack.retention, name) {
        let (min, max) = (fact.body.min, fact.body.max);
        return Some(terms(&fact.head, &[(TermKey::Min, min), (TermKey::Max, max)]));
    }
    if let Some(fact) = find(&pack.transfer, name) {
        return Some(terms(&fact.head, &[(TermKey::Deadline, fact.body.deadline)]));
    }
    let fact = find(&pack.assessment, name)?;
    Some(terms(&fact.head, &[(TermKey::Keep, fact.body.keep)]))
}
