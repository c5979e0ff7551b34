//! What was done with a person's data: the entries that name them, newest first.

use std::collections::BTreeMap;

use model::{Answer, EntryId, EventKind, FindingCode, SubjectId, Timestamp};
use serde_json::Value;
use store::consent;
use store::ledger::{self, EntryRow};

use crate::ask::Reason;
use crate::consent::{Look, Looked, record_look};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;

/// Entries on one page at most.
pub const PAGE_MAX: usize = 1_000;

/// One page of a person's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelinePage {
    /// The entries, newest first.
    pub items: Vec<TimelineItem>,
    /// What the next page comes before; none on the last one.
    pub next: Option<EntryId>,
    /// The entry that records this look; none where the person looks themselves.
    pub look: Option<EntryId>,
}

/// One thing that was done or asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineItem {
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub recorded: Timestamp,
    /// What the entry is about, as a code.
    pub kind: String,
    /// Who did or asked.
    pub actor: String,
    /// Through which service it came, such as `service:shop`.
    pub via: Option<String>,
    /// What was to be done, as a code.
    pub action: Option<String>,
    /// Why.
    pub purpose: Option<String>,
    /// Which kinds of data.
    pub categories: Vec<String>,
    /// Over which channel, as a code.
    pub channel: Option<String>,
    /// Towards whom, by the name in the manifest.
    pub recipient: Option<String>,
    /// What the person chose, where the entry records a choice.
    pub choice: Option<EventKind>,
    /// What the gate answered, where it was asked.
    pub answer: Option<Answer>,
    /// Why not, in the order of the gate.
    pub findings: Vec<Reason>,
    /// The code of the reason that a member of staff gave.
    pub reason: Option<String>,
    /// Its place in the log, once the sequencer gave it one.
    pub log_index: Option<i64>,
}

/// The entries that name a person or an identity joined with theirs, before `before`.
/// Whoever looks but the person themselves leaves an entry.
///
/// # Errors
/// [`AppError::Invalid`] for too long a page or an unknown `before`; [`AppError::NotFound`];
/// [`AppError::Erased`]; [`AppError::Denied`].
pub async fn timeline(
    controller: &Controller,
    subject: SubjectId,
    before: Option<EntryId>,
    limit: usize,
    look: impl Into<Look>,
) -> Result<TimelinePage, AppError> {
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", format!("1 to {PAGE_MAX}")));
    }
    let in_force = controller.in_force()?;
    let core = controller.core();
    let (now, entry, look) = (controller.now(), EntryId::random(), look.into());
    let looked = controller
        .db
        .write("timeline", move |tx| {
            let person = person::take_living(tx, &core, subject, now)?;
            let before = match &before {
                None => None,
                Some(id) => {
                    let row = ledger::find(tx, id)?;
                    let row = row.ok_or_else(|| AppError::invalid("before", "the `next` of a page"))?;
                    Some((row.recorded, row.id))
                }
            };
            let (mut rows, mut choices) = (Vec::new(), BTreeMap::new());
            for id in person.ids() {
                let events = consent::events(tx, &id)?.into_iter();
                choices.extend(events.map(|event| (event.entry, event.facts.act.kind())));
                rows.extend(ledger::timeline(tx, &id, before, i64::try_from(limit).unwrap_or(i64::MAX))?);
            }
            rows.sort_by_key(|row| std::cmp::Reverse((row.recorded, row.id.to_string())));
            rows.truncate(limit);
            let next = rows.last().filter(|_| rows.len() == limit).map(|row| row.id);
            let items = rows.iter().map(|row| item(row, &choices)).collect::<Result<_, _>>()?;
            Ok::<_, AppError>(match record_look(tx, &in_force, &person, &look, entry, now)? {
                Looked::Shown(look) => Looked::Shown(TimelinePage { items, next, look }),
                Looked::Refused(verdict) => Looked::Refused(verdict),
            })
        })
        .await?;
    looked.shown()
}

fn item(row: &EntryRow, choices: &BTreeMap<EntryId, EventKind>) -> Result<TimelineItem, AppError> {
    let body: Value =
        serde_json::from_slice(&row.body).map_err(|_| AppError::Internal("a stored entry is no JSON"))?;
    let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    Ok(TimelineItem {
        entry: row.id,
        recorded: row.recorded,
        kind: row.kind.clone(),
        actor: row.actor.clone(),
        via: text("via"),
        action: text("action"),
        purpose: row.purpose.clone(),
        categories: texts(&body, "categories").map(str::to_owned).collect(),
        channel: text("channel"),
        recipient: text("recipient"),
        choice: choices.get(&row.id).copied(),
        answer: row.answer.as_deref().and_then(Answer::from_code),
        findings: texts(&body, "findings").filter_map(FindingCode::from_code).map(Reason::of).collect(),
        reason: text("reason"),
        log_index: row.log_index,
    })
}

fn texts<'b>(body: &'b Value, field: &str) -> impl Iterator<Item = &'b str> {
    body.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
