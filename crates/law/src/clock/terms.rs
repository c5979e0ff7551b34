//! The terms of one fact: which of its keys hold a term, and what the end of each means.

use super::codes;
use super::deadline::{Ask, Pause, Period, Start};
use super::event::Event;
use super::place::Place;
use crate::term::Term;

codes! {
    /// A key of a fact that holds a term (law/README.md, Sections).
    TermKey {
        /// Answer a request.
        Respond = "respond",
        /// Acknowledge a request.
        Ack = "ack",
        /// Answer an appeal.
        Appeal = "appeal",
        /// Erase in archives.
        BackupDeletion = "backup_deletion",
        /// Report a breach, give a notice, hand over a copy.
        Deadline = "deadline",
        /// The follow-up report.
        SecondStage = "second_stage",
        /// Assess a suspicion.
        AssessWithin = "assess_within",
        /// How long monitoring is offered.
        IdentityProtection = "identity_protection",
        /// Stop after an opt-out.
        OptoutDeadline = "optout_deadline",
        /// Stop after a withdrawal.
        RevokeWithin = "revoke_within",
        /// How long a consent holds.
        ValidFor = "valid_for",
        /// How long no new request may be made.
        ReaskAfter = "reask_after",
        /// How long an existing customer may be written to.
        ExceptionWithin = "exception_within",
        /// How long the way to opt out must work.
        MechanismValid = "mechanism_valid",
        /// Match with the registry again.
        ScrubEvery = "scrub_every",
        /// Renew a notice.
        UpdateEvery = "update_every",
        /// Keep at least.
        Min = "min",
        /// Erase by.
        Max = "max",
        /// Keep an assessment.
        Keep = "keep",
    }
}

impl TermKey {
    /// What the end of such a term means.
    #[must_use]
    pub const fn period(self) -> Period {
        match self {
            Self::Respond
            | Self::Ack
            | Self::Appeal
            | Self::BackupDeletion
            | Self::Deadline
            | Self::SecondStage
            | Self::AssessWithin
            | Self::OptoutDeadline
            | Self::RevokeWithin
            | Self::ScrubEvery
            | Self::UpdateEvery => Period::Act,
            Self::IdentityProtection
            | Self::ValidFor
            | Self::ReaskAfter
            | Self::ExceptionWithin
            | Self::MechanismValid
            | Self::Min
            | Self::Max
            | Self::Keep => Period::Lapse,
        }
    }
}

/// The terms of one fact, and what they are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactTerms {
    /// The fact, like `eu-gdpr/right/access`.
    pub fact: String,
    /// Its citation.
    pub citation: String,
    /// The jurisdiction whose rule of counting holds: the law's, or the state of a row.
    pub jurisdiction: String,
    /// What starts its terms, where the fact says so.
    pub event: Option<Event>,
    /// Its terms; the first is the main one.
    pub terms: Vec<(TermKey, Term)>,
    /// What the main term may be extended by.
    pub extend: Option<Term>,
    /// The number used in practice where the main term has none.
    pub practice: Option<Term>,
}

impl FactTerms {
    /// The term under a key, or the main one.
    #[must_use]
    pub fn term(&self, key: Option<TermKey>) -> Option<(TermKey, Term)> {
        match key {
            Some(key) => self.terms.iter().copied().find(|(own, _)| *own == key),
            None => self.terms.first().copied(),
        }
    }

    /// The question when a term of the fact ends; `None` where the fact has no such term. An
    /// extension is for the main term only.
    #[must_use]
    pub fn ask<'a>(
        &'a self,
        key: Option<TermKey>,
        start: Start,
        pauses: &'a [Pause],
        place: &'a Place,
    ) -> Option<Ask<'a>> {
        let (key, term) = self.term(key)?;
        let main = self.terms.first().is_some_and(|(own, _)| *own == key);
        Some(Ask {
            fact: &self.fact,
            citation: &self.citation,
            jurisdiction: &self.jurisdiction,
            term,
            extension: None,
            practice: self.practice.filter(|_| main),
            period: key.period(),
            start,
            pauses,
            place,
        })
    }
}
