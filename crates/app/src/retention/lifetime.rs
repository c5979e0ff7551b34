//! Ending one lifetime of a person, while the rest goes on.

use model::manifest::builtin;
use model::{EntryId, JobId, LifetimeName, Timestamp};
use serde_json::json;
use store::key_record::KeyPart;
use store::{Tx, retention, services};

use super::grounds::{duty, is_duty};
use super::sweep::{EndedRows, add_sweep};
use super::{Erase, Erased};
use crate::ask::{Asked, Verdict, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::{Person, open_keys, store_keys};
use crate::whole::take_whole;

enum Outcome {
    Ended(Erased),
    Denied(Verdict),
}

/// Destroys the key of one lifetime; its rows go by a job. Values taken in later begin the
/// lifetime anew, under a new key.
pub(super) async fn end(
    controller: &Controller,
    request: Erase,
    lifetime: LifetimeName,
) -> Result<Erased, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    refuse_built_in(&lifetime)?;
    if !in_force.manifest.lifetimes.contains_key(&lifetime) {
        return Err(AppError::NotFound("lifetime"));
    }
    let ids = (EntryId::random(), JobId::ordered(now));
    let outcome = controller
        .db
        .write("retention.end_lifetime", move |tx| run(tx, &core, &in_force, &request, &lifetime, ids, now))
        .await?;
    match outcome {
        Outcome::Ended(erased) => Ok(erased),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// Identity ends with the person, evidence and cases on their own day.
fn refuse_built_in(lifetime: &LifetimeName) -> Result<(), AppError> {
    if is_duty(lifetime) || !builtin().lifetimes.contains_key(lifetime) {
        return Ok(());
    }
    Err(AppError::conflict(
        "lifetime-must-stay",
        format!("`{lifetime}` is built in: it ends when the person is erased, or on its own day"),
    ))
}

fn run(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    request: &Erase,
    lifetime: &LifetimeName,
    (entry, job): (EntryId, JobId),
    now: Timestamp,
) -> Result<Outcome, AppError> {
    if let Some(before) = Idempotency::replayed(request.idempotency.as_ref(), tx)? {
        return Ok(Outcome::Ended(before));
    }
    let mut person = take_whole(tx, core, request.subject, now)?;
    refuse_running_duty(tx, in_force, &person, lifetime, now)?;
    let asked = request.question(entry, person.id());
    let details = json!({ "lifetime": lifetime });
    let permit = match ask(tx, in_force, Some(&person), &asked, Some(details), now)? {
        Asked::Permitted(permit, _) => permit,
        Asked::Refused(verdict) => return Ok(Outcome::Denied(verdict)),
    };
    let rows = destroy(tx, core, &mut person, lifetime)?;
    let had_key = rows.is_some();
    add_sweep(tx, &job, rows.into_iter().flatten().collect(), now)?;
    let erased = Erased {
        subject: person.id(),
        entry: permit.entry(),
        ended: had_key.then(|| lifetime.clone()).into_iter().collect(),
        stays: Vec::new(),
        tombstones: 0,
    };
    Idempotency::keep(request.idempotency.as_ref(), tx, &erased, now)?;
    Ok(Outcome::Ended(erased))
}

/// Destroys the lifetime's key in every identity of the person. Answers where the rows lie that
/// nobody can read any more, for [`add_sweep`]; none: there was no key.
///
/// INVARIANT(constant-ending): what is written here is as much as the person has identities and
/// exports of a day that were kept for a repeat, whatever the lifetime holds.
pub(crate) fn destroy(
    tx: &mut Tx<'_>,
    core: &Core,
    person: &mut Person,
    lifetime: &LifetimeName,
) -> Result<Option<Vec<EndedRows>>, AppError> {
    let mut had_key = person.keys.end_lifetime(lifetime);
    if had_key {
        person.store_keys(tx, core)?;
    }
    for alias in &person.aliases {
        let Some(mut keys) = open_keys(tx, core, *alias, KeyPart::Person)? else { continue };
        if keys.end_lifetime(lifetime) {
            had_key = true;
            store_keys(tx, core, &keys)?;
        }
    }
    if !had_key {
        return Ok(None);
    }
    for id in person.ids() {
        services::forget_answers_about(tx, &id)?;
    }
    person.ids().map(|id| EndedRows::find(tx, id, lifetime)).collect::<Result<_, _>>().map(Some)
}

fn refuse_running_duty(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &Person,
    lifetime: &LifetimeName,
    now: Timestamp,
) -> Result<(), AppError> {
    if !is_duty(lifetime) {
        return Ok(());
    }
    for id in person.ids() {
        let Some(newest) = retention::newest(tx, &id, lifetime)? else { continue };
        let Some(stays) = duty(&in_force.manifest, lifetime, newest, now, now) else { continue };
        let law = stays.citation.unwrap_or_else(|| "a law".to_owned());
        return Err(AppError::conflict(
            "lifetime-must-stay",
            format!("{law} wants `{lifetime}` kept until {}", stays.until.date()),
        ));
    }
    Ok(())
}
