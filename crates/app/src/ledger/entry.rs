//! Reading an entry's bytes back into what the store filters on.

use ledger::{Hash, canonical};
use model::{EntryId, SetId, Timestamp};
use serde::Deserialize;
use store::ledger::EntryRow;
use store::sequence::SetRow;

/// The version of the entry's format that is read.
const FORMAT: u64 = 1;

/// What the store knows of an entry besides its bytes.
#[derive(Deserialize)]
pub(crate) struct EntryFacts {
    format: u64,
    id: EntryId,
    kind: String,
    time: i64,
    actor: String,
    purpose: Option<String>,
    answer: Option<String>,
    tag: Option<String>,
    set: Option<SetFacts>,
}

#[derive(Deserialize)]
struct SetFacts {
    id: SetId,
    root: String,
    count: u64,
}

/// The set that an entry names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NamedSet {
    pub(crate) id: SetId,
    pub(crate) root: Hash,
    pub(crate) count: u64,
}

impl EntryFacts {
    /// Reads canonical bytes; `None` when they are not an entry of ours.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let value = canonical::parse_entry(bytes).ok()?;
        let facts: Self = serde_json::from_value(value).ok()?;
        let named_well = facts.set.is_none() || facts.set().is_some();
        (facts.format == FORMAT && named_well).then_some(facts)
    }

    /// The set it names.
    pub(crate) fn set(&self) -> Option<NamedSet> {
        let set = self.set.as_ref()?;
        Some(NamedSet { id: set.id, root: set.root.parse().ok()?, count: set.count })
    }

    /// The tag of the one person it is about.
    pub(crate) fn tag(&self) -> Option<Hash> {
        self.tag.as_ref()?.parse().ok()
    }

    /// Whether the columns of a stored row say what its bytes say. The row's time is finer.
    pub(crate) fn agrees(&self, row: &EntryRow) -> bool {
        self.id == row.id
            && self.kind == row.kind
            && self.time == row.recorded.seconds()
            && self.actor == row.actor
            && self.purpose == row.purpose
            && self.answer == row.answer
    }

    /// The row of this entry at its place in the log.
    pub(crate) fn row(&self, body: &[u8], log_index: i64) -> EntryRow {
        EntryRow {
            id: self.id,
            recorded: Timestamp::from_seconds(self.time),
            kind: self.kind.clone(),
            actor: self.actor.clone(),
            purpose: self.purpose.clone(),
            answer: self.answer.clone(),
            body: body.to_vec(),
            log_index: Some(log_index),
        }
    }

    /// The row of the set it names, whose file is written.
    pub(crate) fn set_row(&self) -> Option<SetRow> {
        let set = self.set()?;
        Some(SetRow {
            id: set.id,
            entry: self.id,
            recorded: Timestamp::from_seconds(self.time),
            member_count: i64::try_from(set.count).ok()?,
            root: *set.root.as_bytes(),
            published: true,
        })
    }
}
