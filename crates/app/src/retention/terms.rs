//! Ending what outlived an erasure, on its day: each by a job, with an entry about nobody.

use gate::Use;
use model::{Action, Actor, EntryId, JobId, LifetimeName, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use store::jobs::{self, JobRow};
use store::key_record::{self, KeyPart};
use store::{Tx, retention};

use super::grounds::duty;
use super::purpose_of;
use super::sweep::{EndedRows, add_sweep};
use crate::ask::{Asked, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::person::{open_keys, store_keys};

/// The kind of the job that ends evidence.
pub(crate) const EVIDENCE_END: &str = "evidence-end";
/// The kind of the job that ends what legal duties kept.
pub(crate) const DUTY_END: &str = "duty-end";

/// Whose evidence ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EvidenceEnd {
    pub(crate) subjects: Vec<SubjectId>,
}

/// Which lifetimes end when no legal duty runs any more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DutyEnd {
    /// When the person was erased.
    pub(crate) erased: Timestamp,
    pub(crate) lifetimes: Vec<(SubjectId, LifetimeName)>,
}

impl EvidenceEnd {
    pub(crate) fn to_json(&self) -> Result<String, AppError> {
        serde_json::to_string(self).map_err(|_| AppError::Internal("a job does not serialise"))
    }
}

impl DutyEnd {
    pub(crate) fn to_json(&self) -> Result<String, AppError> {
        serde_json::to_string(self).map_err(|_| AppError::Internal("a job does not serialise"))
    }
}

/// Destroys the evidence of people erased long ago, and ends the job, in one transaction.
pub(crate) async fn end_evidence(
    controller: &Controller,
    job: JobRow,
    end: EvidenceEnd,
) -> Result<(), AppError> {
    let (in_force, now, entry) = (controller.in_force()?, controller.now(), EntryId::random());
    controller
        .db
        .write("retention.evidence_end", move |tx| {
            record(tx, &in_force, EVIDENCE_END, &job.id, entry, now)?;
            for subject in &end.subjects {
                key_record::destroy(tx, subject, KeyPart::Evidence)?;
                retention::delete_evidence(tx, subject)?;
            }
            finish(tx, &job)
        })
        .await
}

/// Ends every lifetime whose duty is over. What another duty still keeps is looked at again
/// on that duty's day.
pub(crate) async fn end_duties(controller: &Controller, job: JobRow, end: DutyEnd) -> Result<(), AppError> {
    let (core, in_force) = (controller.core(), controller.in_force()?);
    let (now, entry) = (controller.now(), EntryId::random());
    let sweep = JobId::ordered(now);
    controller
        .db
        .write("retention.duty_end", move |tx| {
            let mut over = Vec::new();
            let mut next: Option<Timestamp> = None;
            for (subject, lifetime) in &end.lifetimes {
                match still_kept(tx, &in_force, subject, lifetime, end.erased, now)? {
                    Some(until) => next = Some(next.map_or(until, |other| other.min(until))),
                    None => over.push((*subject, lifetime.clone())),
                }
            }
            if !over.is_empty() {
                record(tx, &in_force, DUTY_END, &job.id, entry, now)?;
            }
            let mut rows = Vec::new();
            for (subject, lifetime) in &over {
                destroy(tx, &core, subject, lifetime)?;
                rows.push(EndedRows::find(tx, *subject, lifetime)?);
            }
            add_sweep(tx, &sweep, rows, now)?;
            match next {
                None => finish(tx, &job),
                Some(due) if jobs::postpone(tx, &job.id, job.fence, due)? => Ok(()),
                Some(_) => Err(lost()),
            }
        })
        .await
}

fn still_kept(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    subject: &SubjectId,
    lifetime: &LifetimeName,
    erased: Timestamp,
    now: Timestamp,
) -> Result<Option<Timestamp>, AppError> {
    let Some(newest) = retention::newest(tx, subject, lifetime)? else { return Ok(None) };
    Ok(duty(&in_force.manifest, lifetime, newest, erased, now).map(|stays| stays.until))
}

fn destroy(
    tx: &mut Tx<'_>,
    core: &Core,
    subject: &SubjectId,
    lifetime: &LifetimeName,
) -> Result<(), AppError> {
    if let Some(mut keys) = open_keys(tx, core, *subject, KeyPart::Person)? {
        keys.end_lifetime(lifetime);
        if keys.is_empty() {
            key_record::destroy(tx, subject, KeyPart::Person)?;
        } else {
            store_keys(tx, core, &keys)?;
        }
    }
    Ok(())
}

/// Records the act: it is about nobody, because nobody is left whom it could name.
fn record(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    name: &str,
    job: &JobId,
    entry: EntryId,
    now: Timestamp,
) -> Result<(), AppError> {
    let actor = Actor::Job(name.to_owned());
    let mut asked = Use::new(entry, actor.clone(), Action::Erase, purpose_of(&actor));
    asked.request = Some(job.to_string());
    match ask(tx, in_force, None, &asked, None, now)? {
        Asked::Permitted(..) => Ok(()),
        Asked::Refused(_) => Err(AppError::Internal("the gate refuses a term's end")),
    }
}

fn finish(tx: &mut Tx<'_>, job: &JobRow) -> Result<(), AppError> {
    if jobs::finish(tx, &job.id, job.fence)? { Ok(()) } else { Err(lost()) }
}

/// Somebody else does the job meanwhile; nothing of this run may stay.
const fn lost() -> AppError {
    AppError::Internal("the lease of a job was lost")
}
