//! A ledger entry before it is sealed: who asked what, about whom, and what was answered.
//!
//! `app` turns it into canonical JSON, with the tag and the sealed parts, see `docs/formats.md`.

use crate::action::Action;
use crate::actor::Actor;
use crate::channel::Channel;
use crate::finding::FindingCode;
use crate::ids::{ApiKeyId, EntryId, EventId, SetId, SubjectId};
use crate::name::{CategoryName, PurposeName, ReasonCode, RecipientName, ServiceName};
use crate::purpose::{Basis, codes};
use crate::time::Timestamp;

/// The greatest length of the ticket and of the caller's request id, in bytes.
pub const REFERENCE_BYTES_MAX: usize = 128;

/// Whether a text is an opaque reference: 1 to [`REFERENCE_BYTES_MAX`] ASCII letters, digits
/// and `-_./:#`. Tickets, request ids and accounts of staff stand in the clear in entries
/// that are never deleted, so no address and no name with a space may get into one.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:#".contains(&byte);
    (1..=REFERENCE_BYTES_MAX).contains(&text.len()) && text.bytes().all(fits)
}

/// The program and the key through which a request came, whoever it says it acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    /// The service that the key speaks for.
    pub service: ServiceName,
    /// The key.
    pub key: ApiKeyId,
}

codes! {
    /// What an entry is about.
    EntryKind {
        /// A question to the gate that no act of its own kind follows.
        Decision = "decision",
        /// A consent event.
        Consent = "consent",
        /// Data was taken in.
        Collect = "collect",
        /// Data was read.
        Read = "read",
        /// A value was corrected.
        Correct = "correct",
        /// Data was made unreadable.
        Erase = "erase",
        /// Two identities were joined or parted.
        Merge = "merge",
        /// A person's data was handed out in a file.
        Export = "export",
        /// The manifest changed.
        Manifest = "manifest",
        /// A file or table was read in.
        Import = "import",
        /// The people who may be used for a purpose were asked for.
        Audience = "audience",
        /// A key was made, changed or destroyed.
        Key = "key",
        /// Somebody signed in, or was refused to.
        Login = "login",
        /// An account of a member of staff was made, changed or shut.
        Staff = "staff",
        /// Steward's own upkeep.
        Operation = "operation",
    }
}

codes! {
    /// What the gate answered.
    Answer {
        /// The use is permitted.
        Granted = "granted",
        /// The use is denied.
        Denied = "denied",
        /// The use would be denied; the caller is still observed and goes on.
        Observed = "observed",
    }
}

codes! {
    /// Why restricted data may be used all the same (GDPR 18(2)).
    RestrictionException {
        /// It is only kept.
        Storage = "storage",
        /// The person asks for it or exercises a right.
        PersonAsks = "person-asks",
        /// The person agreed after they restricted it.
        PersonAgrees = "person-agrees",
        /// Legal claims are raised or defended.
        LegalClaims = "legal-claims",
        /// The rights of another person are protected.
        AnothersRights = "anothers-rights",
        /// An important public interest asks for it.
        PublicInterest = "public-interest",
    }
}

/// The set of people whom one entry covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The set.
    pub id: SetId,
    /// The Merkle root over its leaves (RFC 6962).
    pub root: [u8; 32],
    /// How many people it has.
    pub count: u64,
}

/// Whom an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nobody, or nobody known.
    Nobody,
    /// One person.
    One(SubjectId),
    /// Many people.
    Many(Set),
}

/// What an entry says, before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry: 128 random bits.
    pub id: EntryId,
    /// What it is about.
    pub kind: EntryKind,
    /// When it happened.
    pub at: Timestamp,
    /// Who did or asked.
    pub actor: Actor,
    /// The service and the key through which it was asked; none inside the executable.
    pub via: Option<Via>,
    /// What was to be done.
    pub action: Option<Action>,
    /// Why.
    pub purpose: Option<PurposeName>,
    /// The legal ground.
    pub basis: Option<Basis>,
    /// Which kinds of data.
    pub categories: Vec<CategoryName>,
    /// Over which channel.
    pub channel: Option<Channel>,
    /// Towards whom.
    pub recipient: Option<RecipientName>,
    /// The reason that a member of staff gave.
    pub reason: Option<ReasonCode>,
    /// The ticket that goes with the reason.
    pub ticket: Option<String>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The consent event that the entry records.
    pub event: Option<EventId>,
    /// The version of the manifest by which was decided.
    pub policy_version: u32,
    /// The law packs with their reviews by which was decided; none where no law was asked.
    pub law_version: Option<String>,
    /// What the gate answered; none where nothing was asked.
    pub answer: Option<Answer>,
    /// Why it was denied, in the order of the gate.
    pub findings: Vec<FindingCode>,
    /// The facts of the law packs behind the findings.
    pub facts: Vec<(FindingCode, String)>,
    /// Why restricted data could be used all the same.
    pub exception: Option<RestrictionException>,
    /// Whom it is about.
    pub about: About,
}

impl Entry {
    /// An entry that says only this much; the rest is set by field.
    #[must_use]
    pub fn new(id: EntryId, kind: EntryKind, at: Timestamp, actor: Actor, policy_version: u32) -> Self {
        Self {
            id,
            kind,
            at,
            actor,
            via: None,
            action: None,
            purpose: None,
            basis: None,
            categories: Vec::new(),
            channel: None,
            recipient: None,
            reason: None,
            ticket: None,
            request: None,
            event: None,
            policy_version,
            law_version: None,
            answer: None,
            findings: Vec::new(),
            facts: Vec::new(),
            exception: None,
            about: About::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What passes here stands in the ledger for good.
    #[test]
    fn an_address_or_a_name_with_a_space_is_no_reference() {
        for fine in ["T-1", "req_1", "shop/4711#2", "a:b.c", &"x".repeat(REFERENCE_BYTES_MAX)] {
            assert!(is_reference(fine), "{fine}");
        }
        for bad in ["", "ada@example.org", "Ada Byron", "Zoë", "a\n", &"x".repeat(REFERENCE_BYTES_MAX + 1)] {
            assert!(!is_reference(bad), "{bad}");
        }
    }
}
