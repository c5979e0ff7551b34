//! Correcting one value.

use app::AppError;
use app::exports::HeldPart;
use app::vault::{self, Correct, DisclosedValue};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::manifest::Manifest;
use model::{Actor, Personal, PurposeName, ValueId};
use pages::portal::Section;
use pages::portal::correct::{self as template, CorrectView, PastView};
use serde::Deserialize;

use super::customer::{Act, Customer};
use super::data::{look, source, text};
use super::flash::Flash;
use super::names::Names;
use crate::http::Server;
use crate::http::pages::Failure;

/// The page of one value.
pub(super) async fn page(customer: Customer, Path(value): Path<String>) -> Result<Response, Failure> {
    let view = view(&customer, &value, String::new()).await?;
    Ok(customer.shown(template::page(customer.frame(Section::Data)?, &view)))
}

/// What is right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CorrectBody {
    new: Personal<String>,
}

/// Puts the right value in the place of the wrong one.
pub(super) async fn correct(
    State(server): State<Server>,
    Path(value): Path<String>,
    act: Act<CorrectBody>,
) -> Result<Response, Failure> {
    let customer = act.who;
    let id: ValueId = value.parse().map_err(|_| Failure::not_found())?;
    if vault::is_found_by(customer.controller(), customer.subject(), id).await? {
        server.gatekeeper().spend_identifier(customer.subject(), customer.controller().now())?;
    }
    let correction = Correct {
        subject: customer.subject(),
        value: id,
        new: act.body.new,
        purpose: PurposeName::new("rights").map_err(|_| Failure::internal())?,
        actor: Actor::Customer,
        reason: None,
        idempotency: None,
    };
    let wrong = match vault::correct_in_session(customer.controller(), customer.session(), correction).await {
        Ok(done) => {
            let told = Flash::Corrected { changed: done.changed };
            return Ok(customer.told(Section::Data.address(), &told));
        }
        Err(AppError::Invalid(faults)) if faults.iter().any(|fault| fault.path == "identifier") => {
            "correct-unfit-identifier"
        }
        Err(AppError::Invalid(_)) => "correct-unfit",
        Err(AppError::Conflict { code: "proof-too-old", .. }) => "correct-stale",
        // Whether somebody else has it is nobody's to know.
        Err(AppError::Conflict { .. }) => "correct-by-hand",
        Err(error) => return Err(error.into()),
    };
    let view = view(&customer, &value, customer.voice().say(wrong)).await?;
    let page = customer.shown(template::page(customer.frame(Section::Data)?, &view));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// A current value of whoever is signed in, and what it was before.
async fn view(customer: &Customer, value: &str, wrong: String) -> Result<CorrectView, Failure> {
    let id: ValueId = value.parse().map_err(|_| Failure::not_found())?;
    let held = look(customer, HeldPart::Value(id)).await?;
    let in_force = customer.controller().in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let current = held.values.iter().find(|held| held.id == value && held.ended.is_none());
    let current = current.ok_or_else(Failure::not_found)?;
    let is_same = |past: &&DisclosedValue| past.field == current.field && past.system == current.system;
    let past = held.values.iter().filter(is_same).filter_map(|past| {
        Some(PastView {
            value: text(&past.value),
            source: source(names, &past.source),
            since: past.recorded,
            until: past.ended?,
        })
    });
    let mut before: Vec<PastView> = past.collect();
    before.sort_by_key(|past| std::cmp::Reverse(past.until));
    Ok(CorrectView {
        action: format!("{}/{}", Section::Data.address(), current.id),
        csrf: customer.csrf().to_owned(),
        what: names.category(&current.category),
        now: text(&current.value),
        source: source(names, &current.source),
        since: current.recorded,
        before,
        is_identifier: is_identifier(&in_force.manifest, current),
        wrong,
    })
}

/// Whether people are found by a value.
fn is_identifier(manifest: &Manifest, value: &DisclosedValue) -> bool {
    let Some((table, column)) = value.field.rsplit_once('.') else { return false };
    let table = manifest.systems.get(&value.system).and_then(|system| system.tables.get(table));
    table.and_then(|table| table.fields.get(column)).is_some_and(|field| field.identifier.is_some())
}
