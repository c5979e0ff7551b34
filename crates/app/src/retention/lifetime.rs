//! Ending one lifetime of a person, while the rest goes on.

use model::manifest::builtin;
use model::{EntryId, LifetimeName, Timestamp};
use serde_json::json;
use store::key_record::KeyPart;
use store::{Tx, retention, vault};

use super::grounds::{duty, is_duty};
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

/// Destroys the key of one lifetime and deletes its rows. Values taken in later begin the
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
    let entry = EntryId::random();
    let outcome = controller
        .db
        .write("retention.end_lifetime", move |tx| run(tx, &core, &in_force, &request, &lifetime, entry, now))
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
    entry: EntryId,
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
    let had_key = destroy(tx, core, &mut person, lifetime)?;
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

/// Destroys the lifetime's key in every identity of the person and deletes its rows, even
/// those whose key is gone already. `false`: there was no key.
pub(crate) fn destroy(
    tx: &mut Tx<'_>,
    core: &Core,
    person: &mut Person,
    lifetime: &LifetimeName,
) -> Result<bool, AppError> {
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
    for id in person.ids() {
        vault::delete_lifetime(tx, &id, lifetime)?;
    }
    Ok(had_key)
}

fn refuse_running_duty(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &Person,
    lifetime: &LifetimeName,
    now: Timestamp,
) -> Result<(), AppError> {
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
