//! Erasing a person: one transaction of constant cost.

use gate::Standing;
use model::{EntryId, JobId, LifetimeName, SubjectId, Timestamp};
use store::identity::{self, SubjectState};
use store::key_record::{self, KeyPart};
use store::{Tx, consent as standings, jobs, login, retention, services, sessions};

use super::grounds::{Kept, Stays, duty, holding, is_duty};
use super::sweep::{SWEEP, SWEEP_AGAIN_SECONDS, Sweep, Swept};
use super::terms::{DUTY_END, DutyEnd, EVIDENCE_END, EvidenceEnd};
use super::{Erase, Erased};
use crate::ask::{Asked, Verdict, ask};
use crate::consent::outlast;
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::{open_keys, store_keys};
use crate::whole::take_whole;

enum Outcome {
    Erased(Erased, Vec<SubjectId>),
    Replayed(Erased),
    Denied(Verdict),
}

/// Erases every identity of a person.
pub(super) async fn person(controller: &Controller, request: Erase) -> Result<Erased, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let act = Act { request, entry: EntryId::random(), jobs: Jobs::new(now), now };
    let outcome = controller.db.write("retention.erase", move |tx| act.run(tx, &core, &in_force)).await?;
    match outcome {
        Outcome::Erased(erased, identities) => {
            fault::point("erase.before-reading-back");
            read_back(controller, identities).await?;
            Ok(erased)
        }
        Outcome::Replayed(erased) => Ok(erased),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

struct Act {
    request: Erase,
    entry: EntryId,
    jobs: Jobs,
    now: Timestamp,
}

/// Ids of the jobs that follow, made before the transaction.
struct Jobs {
    sweep: JobId,
    again: JobId,
    evidence: JobId,
    duty: JobId,
}

impl Jobs {
    fn new(now: Timestamp) -> Self {
        let next = || JobId::ordered(now);
        Self { sweep: next(), again: next(), evidence: next(), duty: next() }
    }
}

/// What the identities of the person come to, one after the other.
#[derive(Default)]
struct Tally {
    swept: Vec<Swept>,
    with_evidence: Vec<SubjectId>,
    duties: Vec<(SubjectId, LifetimeName)>,
    ended: Vec<LifetimeName>,
    stays: Vec<Stays>,
    tombstones: usize,
    suppressions: usize,
}

impl Act {
    fn run(&self, tx: &mut Tx<'_>, core: &Core, in_force: &InForce) -> Result<Outcome, AppError> {
        if let Some(before) = Idempotency::replayed(self.request.idempotency.as_ref(), tx)? {
            return Ok(Outcome::Replayed(before));
        }
        let person = take_whole(tx, core, self.request.subject, self.now)?;
        let asked = self.request.question(self.entry, person.id());
        // The entry gets its tag here, while the trace key still lives.
        let permit = match ask(tx, in_force, Some(&person), &asked, None, self.now)? {
            Asked::Permitted(permit, _) => permit,
            Asked::Refused(verdict) => return Ok(Outcome::Denied(verdict)),
        };
        let mut identities: Vec<SubjectId> = person.ids().collect();
        identities.sort();
        let mut tally = Tally::default();
        for id in &identities {
            self.erase_identity(tx, core, in_force, (*id, &person.standing), &mut tally)?;
        }
        self.add_jobs(tx, &tally)?;
        self.add_holdings(&mut tally)?;
        tally.ended.sort();
        tally.ended.dedup();
        let erased = Erased {
            subject: person.id(),
            entry: permit.entry(),
            ended: tally.ended,
            stays: tally.stays,
            tombstones: tally.tombstones,
        };
        Idempotency::keep(self.request.idempotency.as_ref(), tx, &erased, self.now)?;
        Ok(Outcome::Erased(erased, identities))
    }

    /// Ends one identity, whose row is taken.
    ///
    /// INVARIANT(constant-erasure): the rows written here are as many as the identity has
    /// identifiers (one or few for each), keys, sessions and kept exports, whatever else is held;
    /// the rest is unreadable from the commit on and goes by the sweep.
    fn erase_identity(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        (id, standing): (SubjectId, &Standing),
        tally: &mut Tally,
    ) -> Result<(), AppError> {
        let mut keys = open_keys(tx, core, id, KeyPart::Person)?
            .ok_or(AppError::Internal("a living person has no key record"))?;
        let keep_until = holding(Kept::Tombstone, self.now)?.until;
        for (kind, tomb) in identity::tombs(tx, &id)? {
            retention::entomb(tx, &tomb, &kind, self.now, keep_until)?;
            tally.tombstones += 1;
            tally.suppressions += outlast(tx, &in_force.manifest, standing, (&kind, &tomb), self.now)?;
        }
        identity::delete_identifiers(tx, &id)?;
        fault::point("erase.after-identifiers");
        sessions::delete_of(tx, &id)?;
        login::delete_of(tx, &id)?;
        services::forget_answers_about(tx, &id)?;
        standings::delete_standing(tx, &id)?;
        let mut kept = Vec::new();
        for lifetime in keys.lifetimes().filter(is_duty).collect::<Vec<_>>() {
            let Some(newest) = retention::newest(tx, &id, &lifetime)? else { continue };
            if let Some(stays) = duty(&in_force.manifest, &lifetime, newest, self.now, self.now) {
                tally.duties.push((id, lifetime.clone()));
                tally.stays.push(stays);
                kept.push(lifetime);
            }
        }
        let ended = keys.end_all_but(&kept);
        if kept.is_empty() {
            key_record::destroy(tx, &id, KeyPart::Person)?;
        } else {
            store_keys(tx, core, &keys)?;
        }
        fault::point("erase.after-keys");
        if key_record::find(tx, &id, KeyPart::Evidence)?.is_some() {
            tally.with_evidence.push(id);
        }
        identity::set_state(tx, &id, SubjectState::Erased, None)?;
        tally.ended.extend(ended.iter().cloned());
        tally.swept.push(Swept { subject: id, lifetimes: (!kept.is_empty()).then_some(ended) });
        Ok(())
    }

    fn add_jobs(&self, tx: &mut Tx<'_>, tally: &Tally) -> Result<(), AppError> {
        let sweep = Sweep { identities: tally.swept.clone() };
        jobs::add(tx, &self.jobs.sweep, SWEEP, &sweep.to_json()?, self.now)?;
        let again = self.now.plus_seconds(SWEEP_AGAIN_SECONDS);
        jobs::add(tx, &self.jobs.again, SWEEP, &sweep.to_json()?, again)?;
        if !tally.with_evidence.is_empty() {
            let end = EvidenceEnd { subjects: tally.with_evidence.clone() };
            let due = holding(Kept::Evidence, self.now)?.until;
            jobs::add(tx, &self.jobs.evidence, EVIDENCE_END, &end.to_json()?, due)?;
        }
        if let Some(due) = tally.stays.iter().map(|stays| stays.until).min() {
            let end = DutyEnd { erased: self.now, lifetimes: tally.duties.clone() };
            jobs::add(tx, &self.jobs.duty, DUTY_END, &end.to_json()?, due)?;
        }
        Ok(())
    }

    /// What Steward itself keeps, beside the duties.
    fn add_holdings(&self, tally: &mut Tally) -> Result<(), AppError> {
        tally.stays.sort_by(|a, b| (&a.lifetime, b.until).cmp(&(&b.lifetime, a.until)));
        tally.stays.dedup_by(|later, first| later.lifetime == first.lifetime);
        if !tally.with_evidence.is_empty() {
            tally.stays.push(holding(Kept::Evidence, self.now)?);
        }
        if tally.tombstones > 0 {
            tally.stays.push(holding(Kept::Tombstone, self.now)?);
        }
        if tally.suppressions > 0 {
            tally.stays.push(holding(Kept::Suppression, self.now)?);
        }
        Ok(())
    }
}

/// Asks the store again, after the commit: no identifier leads to the person, no standing is
/// left, and of the keys only those of legal duties.
async fn read_back(controller: &Controller, identities: Vec<SubjectId>) -> Result<(), AppError> {
    let core = controller.core();
    controller
        .db
        .read("retention.read_back", move |tx| {
            for id in &identities {
                let is_erased = identity::find(tx, id)?.is_some_and(|row| row.state == SubjectState::Erased);
                let is_known = !identity::held(tx, id)?.is_empty();
                let has_standing = standings::standing(tx, id)?.is_some();
                let opens = match open_keys(tx, &core, *id, KeyPart::Person)? {
                    Some(keys) => {
                        keys.trace_key().is_ok()
                            || keys.lifetimes().any(|name| !super::grounds::is_duty(&name))
                    }
                    None => false,
                };
                if !is_erased || is_known || has_standing || opens {
                    return Err(AppError::Internal("an erasure was read back and is not whole"));
                }
            }
            Ok(())
        })
        .await
}
