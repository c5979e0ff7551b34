//! Ending what is held of living people when its term is over: once a day, in small steps.
//!
//! A lifetime's `retention` in the manifest says when it ends. Counted from `last-activity` it
//! ends as a whole. Counted from `collection` or `year-end` every value and record has a day of
//! its own, and the lifetime ends with the last of them. Terms that count from the end of a
//! contract, a case or the relation do not run while a person lives with us. A legal duty that
//! still runs keeps what it names.

use gate::{Permit, Use};
use model::manifest::{Lifetime, Manifest, Retention, RetentionStart, builtin};
use model::{Action, Actor, EntryId, JobId, LifetimeName, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::jobs::{self, JobRow};
use store::retention::Span;
use store::{DbError, ReadTx, Tx, identity, retention, services};

use super::grounds::{duties, is_duty, year_start};
use super::{add_sweep, destroy, purpose_of};
use crate::ask::{Asked, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::person::Person;
use crate::whole::take_whole;

/// The kind of the job. Its one row stays: a round that is over is due again a day later.
pub(crate) const RETENTION: &str = "retention";

/// People looked at in one step.
const PAGE_PEOPLE: i64 = 200;
/// Values, and as many records, of one lifetime that one transaction deletes at most.
const CHUNK_ROWS: i64 = 1_000;
/// Transactions about one person in one turn at most.
const CHUNKS_OF_ONE_MAX: usize = 1_000;
/// How soon a round is repeated in which somebody's term could not be ended.
const AGAIN_SECONDS: i64 = 3_600;

/// How far the round is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Round {
    /// The last person looked at; none: the round begins.
    after: Option<SubjectId>,
    /// How many people failed in this round.
    #[serde(default)]
    failed: u32,
}

/// Adds the job where it is missing.
pub(crate) fn ensure(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), AppError> {
    let id = JobId::from_bytes(*b"retention-of-all");
    Ok(jobs::ensure(tx, &id, RETENTION, &json(&Round::default())?, now)?)
}

fn json(round: &Round) -> Result<String, AppError> {
    serde_json::to_string(round).map_err(|_| AppError::Internal("a job does not serialise"))
}

/// Looks at the next people and ends what is over. The job goes on at once, or a day later when
/// everybody was looked at; a worker that is killed goes on after the last page.
pub(crate) async fn run(controller: &Controller, job: JobRow, round: Round) -> Result<(), AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let after = round.after;
    let seen = {
        let in_force = std::sync::Arc::clone(&in_force);
        let look = move |tx: &mut ReadTx<'_>| look(tx, &in_force.manifest, after, now);
        controller.db.read_long("retention.look", look).await?
    };
    let mut failed = round.failed;
    for subject in &seen.due {
        for _ in 0..CHUNKS_OF_ONE_MAX {
            let ids = Ids::new(&in_force.manifest, now);
            let (core, in_force, subject) = (core.clone(), std::sync::Arc::clone(&in_force), *subject);
            let end = move |tx: &mut Tx<'_>| end(tx, &core, &in_force, subject, &ids, now);
            match controller.db.write_long("retention.end", end).await {
                Ok(true) => {}
                Ok(false) | Err(AppError::Erased(_) | AppError::NotFound(_)) => break,
                Err(error) => {
                    tracing::warn!(%error, "a person's term could not be ended and is tried again");
                    failed = failed.saturating_add(1);
                    break;
                }
            }
        }
    }
    let (next, due) = match (seen.last, failed) {
        (Some(last), _) => (Round { after: Some(last), failed }, now),
        (None, 0) => (Round::default(), now.plus_days(1)),
        (None, _) => (Round::default(), now.plus_seconds(AGAIN_SECONDS)),
    };
    let body = json(&next)?;
    controller.db.write("retention.go_on", move |tx| jobs::go_on(tx, &job.id, job.fence, &body, due)).await?;
    Ok(())
}

/// A page of people.
struct Seen {
    /// The last of them; none: there are no more.
    last: Option<SubjectId>,
    /// Those of whom something is over.
    due: Vec<SubjectId>,
}

fn look(
    tx: &mut ReadTx<'_>,
    manifest: &Manifest,
    after: Option<SubjectId>,
    now: Timestamp,
) -> Result<Seen, DbError> {
    let page = retention::living(tx, after.as_ref(), PAGE_PEOPLE)?;
    let mut due = Vec::new();
    for leader in &page {
        let mut ids = identity::aliases(tx, leader)?;
        ids.push(*leader);
        if !Held::read(tx, &ids)?.over(manifest, now).is_empty() {
            due.push(*leader);
        }
    }
    Ok(Seen { last: page.last().copied(), due })
}

/// What is held of one person, over all identities of theirs.
struct Held {
    spans: Vec<Span>,
    /// When the person last did something or something was taken in about them.
    activity: Option<Timestamp>,
}

/// What is over of one lifetime.
#[derive(Debug, PartialEq, Eq)]
enum Over {
    /// All of it.
    Whole,
    /// The rows recorded before this moment.
    Before(Timestamp),
}

impl Held {
    fn read(tx: &mut ReadTx<'_>, ids: &[SubjectId]) -> Result<Self, DbError> {
        let mut spans: Vec<Span> = Vec::new();
        let mut activity = None;
        for id in ids {
            activity = activity.max(retention::last_event(tx, id)?);
            for span in retention::spans(tx, id)? {
                activity = activity.max(Some(span.newest));
                match spans.iter_mut().find(|known| known.lifetime == span.lifetime) {
                    Some(known) => {
                        known.oldest = known.oldest.min(span.oldest);
                        known.newest = known.newest.max(span.newest);
                    }
                    None => spans.push(span),
                }
            }
        }
        Ok(Self { spans, activity })
    }

    /// What is over at `now`.
    fn over<'s>(&'s self, manifest: &Manifest, now: Timestamp) -> Vec<(&'s LifetimeName, Over)> {
        let over = |span: &'s Span| {
            let lifetime = manifest.lifetimes.get(&span.lifetime)?;
            if builtin().lifetimes.contains_key(&span.lifetime) && !is_duty(&span.lifetime) {
                return None;
            }
            let cutoff = cutoff(manifest, (&span.lifetime, lifetime), self.activity?, now)?;
            if span.newest < cutoff {
                return Some((&span.lifetime, Over::Whole));
            }
            (span.oldest < cutoff).then_some((&span.lifetime, Over::Before(cutoff)))
        };
        self.spans.iter().filter_map(over).collect()
    }
}

/// Before which moment a row of the lifetime must have been recorded to be over at `now`. What a
/// legal duty keeps is over when the longest of its duties is.
fn cutoff(
    manifest: &Manifest,
    (name, lifetime): (&LifetimeName, &Lifetime),
    activity: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let mut cutoff = cutoff_of(lifetime.retention.as_ref()?, activity, now)?;
    if is_duty(name) {
        for (_, purpose) in duties(manifest, name) {
            cutoff = cutoff.min(cutoff_of(purpose.retention.as_ref()?, activity, now)?);
        }
    }
    Some(cutoff)
}

fn cutoff_of(retention: &Retention, activity: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let last_over = now.plus_days(-retention.keep.days_at_most());
    let before = Timestamp::from_micros(last_over.micros().saturating_add(1));
    match retention.from {
        RetentionStart::Collection => Some(before),
        RetentionStart::YearEnd => year_start(last_over),
        // Whatever was taken in is activity, so all of it is older than the last one.
        RetentionStart::LastActivity => (activity < before).then_some(before),
        RetentionStart::RelationEnd
        | RetentionStart::ContractEnd
        | RetentionStart::CaseClosed
        | RetentionStart::Withdrawal => None,
    }
}

/// Ids for one transaction about one person: as many entries as the manifest has lifetimes.
struct Ids {
    entries: Vec<EntryId>,
    sweep: JobId,
}

impl Ids {
    fn new(manifest: &Manifest, now: Timestamp) -> Self {
        let entries = manifest.lifetimes.iter().map(|_| EntryId::random()).collect();
        Self { entries, sweep: JobId::ordered(now) }
    }
}

/// Ends what is over of one person, whose rows are taken and looked at again. `true`: there is
/// more to delete.
fn end(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    subject: SubjectId,
    ids: &Ids,
    now: Timestamp,
) -> Result<bool, AppError> {
    let mut person = take_whole(tx, core, subject, now)?;
    let identities: Vec<SubjectId> = person.ids().collect();
    let held = Held::read(tx, &identities)?;
    let (mut rows, mut has_more) = (Vec::new(), false);
    for ((lifetime, over), entry) in held.over(&in_force.manifest, now).into_iter().zip(&ids.entries) {
        match over {
            Over::Whole => {
                // Rows whose key is gone already wait for their sweep.
                let Some(ended) = destroy(tx, core, &mut person, lifetime)? else { continue };
                rows.extend(ended);
                drop(record(tx, in_force, &person, (lifetime, *entry), None, now)?);
            }
            Over::Before(cutoff) => {
                let permit = record(tx, in_force, &person, (lifetime, *entry), Some(cutoff), now)?;
                for id in &identities {
                    services::forget_answers_about(tx, id)?;
                    let gone = retention::delete_before(tx, &permit, (id, lifetime), cutoff, CHUNK_ROWS)?;
                    has_more |= gone.is_full;
                }
            }
        }
    }
    add_sweep(tx, &ids.sweep, rows, now)?;
    Ok(has_more)
}

/// Records that a term ended, about the person: the built-in `operation` asks for it. Where the
/// lifetime goes on, `before` is the moment up to which its rows are over.
fn record<'c>(
    tx: &mut Tx<'c>,
    in_force: &InForce,
    person: &Person,
    (lifetime, entry): (&LifetimeName, EntryId),
    before: Option<Timestamp>,
    now: Timestamp,
) -> Result<Permit<'c>, AppError> {
    let actor = Actor::Job(RETENTION.to_owned());
    let purpose = purpose_of(&actor);
    let mut asked = Use::new(entry, actor, Action::Erase, purpose).about(person.id());
    let categories = &in_force.manifest.categories;
    asked.categories = categories
        .iter()
        .filter(|(_, used)| used.lifetime == *lifetime)
        .map(|(name, _)| name.clone())
        .collect();
    let details = json!({ "lifetime": lifetime, "because": "term", "before": before });
    match ask(tx, in_force, Some(person), &asked, Some(details), now)? {
        Asked::Permitted(permit, _) => Ok(permit),
        Asked::Refused(_) => Err(AppError::Internal("the gate refuses a term's end")),
    }
}
