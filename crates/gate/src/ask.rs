//! The question to the gate.

use std::collections::BTreeSet;

use model::{
    Action, Actor, CategoryName, Channel, EntryId, PurposeName, ReasonCode, RecipientName, SubjectId,
    Timestamp, Via,
};

/// Why a member of staff looks at a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffReason {
    /// The code, one of those that the role knows.
    pub code: ReasonCode,
    /// The ticket it belongs to; never empty, never a personal value.
    pub ticket: String,
}

/// The sale on which the rule for one's own customers rests (ePrivacy 13(2) and its likes). Each
/// part is the caller's word; a part that is missing denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sale {
    /// When the person bought, or the negotiation was.
    pub at: Timestamp,
    /// Whether whoever advertises is the very seller.
    pub same_seller: bool,
    /// Whether what is advertised is similar to what was bought.
    pub similar: bool,
    /// Whether the person could refuse, at no cost, when the address was collected.
    pub refusal_offered: bool,
}

/// One thing that somebody wants to do with a person's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Whose data; none where nobody is known, and in a question about many.
    pub subject: Option<SubjectId>,
    /// Identities of the same person that follow the subject, and are covered with it.
    pub aliases: BTreeSet<SubjectId>,
    /// Why.
    pub purpose: PurposeName,
    /// Which kinds of data.
    pub categories: BTreeSet<CategoryName>,
    /// What is to be done.
    pub action: Action,
    /// Who asks.
    pub actor: Actor,
    /// The service and the key through which they ask; none inside the executable.
    pub via: Option<Via>,
    /// Over which channel; needed to send.
    pub channel: Option<Channel>,
    /// Towards whom; needed to share.
    pub recipient: Option<RecipientName>,
    /// Why a member of staff looks; needed of staff.
    pub reason: Option<StaffReason>,
    /// Whether the request carries `Sec-GPC: 1`.
    pub gpc: bool,
    /// Since when the data has been held, where the caller knows.
    pub held_since: Option<Timestamp>,
    /// The sale on which the rule for one's own customers rests.
    pub sale: Option<Sale>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The id that the ledger entry will carry, drawn by the caller.
    pub entry: EntryId,
}

impl Use {
    /// A question that says only this much; the rest is set by field.
    #[must_use]
    pub const fn new(entry: EntryId, actor: Actor, action: Action, purpose: PurposeName) -> Self {
        Self {
            subject: None,
            aliases: BTreeSet::new(),
            purpose,
            categories: BTreeSet::new(),
            action,
            actor,
            via: None,
            channel: None,
            recipient: None,
            reason: None,
            gpc: false,
            held_since: None,
            sale: None,
            request: None,
            entry,
        }
    }

    /// The same question about this person.
    #[must_use]
    pub const fn about(mut self, subject: SubjectId) -> Self {
        self.subject = Some(subject);
        self
    }
}
