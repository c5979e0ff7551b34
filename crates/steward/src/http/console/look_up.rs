//! A look at one customer. What was typed goes into no address and does not come back.

use std::collections::{BTreeMap, BTreeSet};

use app::AppError;
use app::access::{self, LookUp, Looked};
use app::vault::{self, Disclosed};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gate::StaffReason;
use model::manifest::Manifest;
use model::{Identifier, IdentifierKind, Personal, PurposeName, ReasonCode, SubjectId, is_reference};
use pages::console::{self as templates, Found, LookUpView, Section, Shown};
use pages::table::{Column, Table};
use serde::Deserialize;
use serde_json::Value;
use words::{Voice, Word};

use super::member::{Act, Member, may_look_up};
use super::overview::purpose_title;
use crate::http::Server;
use crate::http::pages::{Failure, Page};

/// The page; roles that never look at single people have none.
pub(super) async fn page(member: Member) -> Result<Response, Failure> {
    shown(&member, Found::NotAsked, StatusCode::OK)
}

/// What was asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    kind: IdentifierKind,
    value: Personal<String>,
    purpose: PurposeName,
    reason: ReasonCode,
    ticket: String,
}

/// Looks, if the gate permits it. Every look counts against the account's budget, whatever
/// becomes of it.
pub(super) async fn look(State(server): State<Server>, act: Act<Body>) -> Result<Response, Failure> {
    let (member, body) = (act.who, act.body);
    let voice = member.visit().voice();
    let in_force = member.controller().in_force()?;
    member.role(&in_force.manifest).filter(|role| may_look_up(role)).ok_or(Failure::forbidden())?;
    server.gatekeeper().spend_staff_lookup(member.session().id, member.controller().now())?;
    if !is_reference(&body.ticket) {
        let wrong = Found::Refused(vec![voice.say("console-ticket-wrong")]);
        return shown(&member, wrong, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let look = LookUp {
        identifier: Identifier { kind: body.kind, value: body.value },
        purpose: body.purpose,
        actor: member.session().actor(),
        reason: StaffReason { code: body.reason, ticket: body.ticket },
    };
    match access::look_up(member.controller(), look).await {
        Ok(Looked::Somebody(subject, disclosed)) => {
            let person = somebody(voice, subject, &disclosed)?;
            shown(&member, Found::Somebody(Box::new(person)), StatusCode::OK)
        }
        Ok(Looked::Nobody(_)) => shown(&member, Found::Nobody, StatusCode::OK),
        Err(AppError::Denied(verdict)) => {
            let why = verdict.findings.iter().map(|finding| voice.say(&format!("finding-{}", finding.code)));
            shown(&member, Found::Refused(why.collect()), StatusCode::FORBIDDEN)
        }
        Err(AppError::Invalid(_)) => {
            let wrong = Found::Refused(vec![voice.say("console-value-wrong")]);
            shown(&member, wrong, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

fn shown(member: &Member, found: Found, status: StatusCode) -> Result<Response, Failure> {
    let in_force = member.controller().in_force()?;
    let manifest = &in_force.manifest;
    let role = member.role(manifest).filter(|role| may_look_up(role)).ok_or(Failure::forbidden())?;
    let frame = member.frame(Section::LookUp)?;
    let voice = frame.voice;
    let purpose = |name: &PurposeName| (name.to_string(), purpose_title(voice, manifest, name.as_str()));
    let view = LookUpView {
        csrf: member.session().form_token().to_owned(),
        kinds: kinds(voice, manifest),
        purposes: role.purposes.iter().map(purpose).collect(),
        reasons: role
            .reasons
            .iter()
            .map(|(code, texts)| (code.to_string(), voice.pick(texts).to_owned()))
            .collect(),
        found,
    };
    Ok((status, Page(templates::look_up(frame, &view))).into_response())
}

/// What a customer can be looked up by: their address, or a number that a system gave them.
fn kinds(voice: Voice, manifest: &Manifest) -> Vec<(String, String)> {
    let numbers = manifest.identifier_kinds().into_iter().filter(|kind| kind.is_own_number());
    let title = |kind: &IdentifierKind| match manifest.identifiers.get(kind) {
        Some(number) => voice.pick(&number.title).to_owned(),
        None => voice.try_say(&format!("console-kind-{kind}")).unwrap_or_else(|| kind.to_string()),
    };
    let kinds = [IdentifierKind::email(), IdentifierKind::phone()];
    let mut shown: Vec<_> = kinds.iter().map(|kind| (kind.to_string(), title(kind))).collect();
    shown.extend(numbers.map(|kind| (kind.to_string(), title(kind))));
    shown
}

fn somebody(voice: Voice, subject: SubjectId, disclosed: &Disclosed) -> Result<Shown, Failure> {
    let column = |key: &str| Column::words(voice.say(key));
    let rows = disclosed.values.iter().map(|value| {
        let view = format!("view-{}", code_of(&value.view));
        vec![value.field.clone(), text(&value.value), voice.say(&view), voice.day(value.recorded)]
    });
    let heads = ["console-field", "console-value", "console-view", "console-since"];
    let values = Table::of_words(voice.say("console-values"), heads.map(column).to_vec(), rows);
    let mut kinds: BTreeMap<String, Vec<&vault::DisclosedRecord>> = BTreeMap::new();
    for record in &disclosed.records {
        kinds.entry(record.kind.to_string()).or_default().push(record);
    }
    let records = kinds.into_iter().map(|(kind, records)| {
        let fields: BTreeSet<&String> = records.iter().flat_map(|record| record.fields.keys()).collect();
        let mut columns = vec![column("console-since")];
        columns.extend(
            fields
                .iter()
                .map(|field| Column::words(field.rsplit_once('.').map_or(field.as_str(), |(_, name)| name))),
        );
        let row = |record: &&vault::DisclosedRecord| {
            let mut cells = vec![voice.day(record.recorded)];
            cells.extend(fields.iter().map(|field| record.fields.get(*field).map(text).unwrap_or_default()));
            cells
        };
        let caption = voice.tell("console-records", &[("kind", Word::from(kind))]);
        Table::of_words(caption, columns, records.iter().map(row))
    });
    Ok(Shown {
        subject: subject.to_string(),
        entry: disclosed.entry.to_string(),
        values,
        records: records.collect(),
    })
}

/// A value as it is written.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The code of a view, as JSON writes it.
fn code_of(view: &model::manifest::View) -> String {
    serde_json::to_value(view).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
}
