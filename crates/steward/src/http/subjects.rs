//! People in the vault: collected, looked up, read, corrected, exported, erased.

use std::collections::{BTreeMap, BTreeSet};

use app::exports::{self, ExportKind, ExportRequest};
use app::identity::{self, Found, SubjectRef};
use app::vault::{self, Collect as CollectRow, Correct as CorrectValue, Disclosed};
use axum::Json as Answer;
use axum::extract::Path;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use model::{CategoryName, Identifier, IdentifierKind, PurposeName, SubjectId, SystemName, ValueId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Caller, Collect, Correct, Export, May, Read};
use super::idempotency::Write;
use super::json::Json;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, IdentifierBody, ReasonGiven, Reference, Scalar, SubjectBody, id_in_path};

/// One row to be taken in.
#[derive(Deserialize, ToSchema)]
#[schema(as = CollectRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectBody {
    /// The system of the manifest that gives it.
    #[schema(value_type = String)]
    system: SystemName,
    /// The table of that system.
    table: String,
    /// What the person is known by, beyond the row's own identifier fields.
    #[serde(default)]
    #[schema(value_type = Vec<IdentifierBody>, max_items = 16)]
    identifiers: Vec<Identifier>,
    /// The values by column.
    #[schema(value_type = BTreeMap<String, String>)]
    fields: BTreeMap<String, Scalar>,
    /// For which purpose; none: the one that the manifest names for the table.
    #[schema(value_type = Option<String>)]
    purpose: Option<PurposeName>,
    /// Whether the person's browser sent `Sec-GPC: 1`.
    #[serde(default)]
    gpc: bool,
    /// Whether the person acts themselves, in a session of their own; needs `by: customer`.
    /// Only that brings an erased person back; never say so of a sync.
    #[serde(default)]
    own_act: bool,
    /// For whom the service acts.
    by: Option<By>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// What became of a row.
#[derive(Serialize, ToSchema)]
#[schema(as = Collected)]
pub(crate) struct CollectedBody {
    /// The person.
    #[schema(value_type = String)]
    subject: SubjectId,
    /// Whether the person is new; left out for a key that may not look people up.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<bool>,
    /// Values and records stored; left out likewise, for a new person has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<usize>,
    /// Values and records that were there already; left out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<usize>,
    /// Kinds of identifiers that somebody else has claimed: they stay theirs, and do not find
    /// this person. Left out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    unclaimed: Option<Vec<IdentifierKind>>,
    /// Columns that no category covers: dropped, by name.
    dropped: Vec<String>,
    /// The entry that records it.
    #[schema(value_type = String)]
    entry: model::EntryId,
}

/// Takes one row of a declared system in.
#[utoipa::path(post, path = "/v1/subjects", tag = "vault", security(("api_key" = [])),
    request_body = CollectBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")),
    responses(
        (status = 200, description = "Taken in", body = CollectedBody),
        (status = "default", description = "Not taken in", body = ProblemBody)
    ))]
pub(crate) async fn collect(
    caller: May<Collect>,
    Write { body, repeat }: Write<CollectBody>,
) -> Result<Answer<CollectedBody>, Problem> {
    let idempotency = repeat.by(&caller).await?;
    let purpose = match body.purpose {
        Some(purpose) => Some(purpose),
        None => declared_purpose(&caller, &body)?,
    };
    if let Some(purpose) = &purpose {
        caller.for_purpose(purpose)?;
    }
    if body.own_act && !matches!(body.by, Some(By::Customer)) {
        return Err(Problem::malformed("own_act", "only with `by: customer`: the person's own act"));
    }
    let row = CollectRow {
        system: body.system,
        table: body.table,
        identifiers: body.identifiers,
        fields: body.fields.into_iter().map(|(column, value)| (column, value.0)).collect(),
        purpose,
        actor: caller.acting(body.by)?,
        request: body.request.map(|request| request.0),
        gpc: body.gpc,
        own_act: body.own_act,
        idempotency,
    };
    let done = vault::collect(caller.controller(), row).await?;
    // Without the scope for look-ups no answer tells whether somebody was known.
    let tells = caller.key().look_up;
    Ok(Answer(CollectedBody {
        subject: done.subject,
        created: tells.then_some(done.created),
        stored: tells.then_some(done.stored),
        unchanged: tells.then_some(done.unchanged),
        unclaimed: tells.then_some(done.unclaimed),
        dropped: done.dropped,
        entry: done.entry,
    }))
}

/// The purpose under which the manifest collects the rows of a table.
fn declared_purpose(caller: &Caller, body: &CollectBody) -> Result<Option<PurposeName>, Problem> {
    let in_force = caller.controller().in_force()?;
    let table = in_force.manifest.systems.get(&body.system).and_then(|system| system.tables.get(&body.table));
    Ok(table.and_then(|table| table.purpose.clone()))
}

/// Whom to look up.
#[derive(Deserialize, ToSchema)]
#[schema(as = LookupRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookupBody {
    /// What they are known by.
    #[schema(value_type = IdentifierBody)]
    identifier: Identifier,
}

/// Whom a look-up found.
#[derive(Serialize, ToSchema)]
#[schema(as = Found)]
pub(crate) struct FoundBody {
    /// The person, under the leading id.
    #[schema(value_type = String)]
    subject: SubjectId,
}

/// Finds a person by one identifier. Look-ups count against a budget of the key.
#[utoipa::path(post, path = "/v1/subjects/lookup", tag = "identity", security(("api_key" = [])),
    request_body = LookupBody,
    responses(
        (status = 200, description = "Found", body = FoundBody),
        (status = "default", description = "Not found, or not looked for", body = ProblemBody)
    ))]
pub(crate) async fn lookup(
    caller: May<Read>,
    Json(body): Json<LookupBody>,
) -> Result<Answer<FoundBody>, Problem> {
    caller.for_lookup()?;
    match identity::look_up(caller.controller(), body.identifier).await? {
        Found::Person(subject) => Ok(Answer(FoundBody { subject })),
        Found::Nobody => Err(Problem::not_found("person")),
    }
}

/// What to read of whom, and why.
#[derive(Deserialize, ToSchema)]
#[schema(as = ReadRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadBody {
    /// Whose data.
    #[schema(value_type = SubjectBody)]
    subject: SubjectRef,
    /// Why.
    #[schema(value_type = String)]
    purpose: PurposeName,
    /// Which categories; what else is held stays closed.
    #[schema(value_type = Vec<String>)]
    categories: BTreeSet<CategoryName>,
    /// Whether records (orders, invoices) are shown too.
    #[serde(default)]
    records: bool,
    /// Who looks, where it is not the service itself.
    by: Option<By>,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// Shows values and records of a person as the permit says: clear, masked or tokenised.
#[utoipa::path(post, path = "/v1/subjects/read", tag = "vault", security(("api_key" = [])),
    request_body = ReadBody,
    responses(
        (status = 200, description = "What the purpose may see", body = DisclosedBody),
        (status = "default", description = "Nothing shown", body = ProblemBody)
    ))]
pub(crate) async fn read(caller: May<Read>, Json(body): Json<ReadBody>) -> Result<Response, Problem> {
    caller.for_purpose(&body.purpose)?;
    let look = vault::Read {
        subject: caller.find(body.subject).await?,
        purpose: body.purpose,
        categories: body.categories,
        actor: caller.acting(body.by)?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        with_history: false,
        with_records: body.records,
    };
    Ok(shown(vault::read(caller.controller(), look).await?))
}

/// Which values to show with their past, and why.
#[derive(Deserialize, ToSchema)]
#[schema(as = HistoryRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryBody {
    /// Why.
    #[schema(value_type = String)]
    purpose: PurposeName,
    /// Which categories.
    #[schema(value_type = Vec<String>)]
    categories: BTreeSet<CategoryName>,
    /// Who looks, where it is not the service itself.
    by: Option<By>,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// Shows values of a person together with those that corrections ended.
#[utoipa::path(post, path = "/v1/subjects/{id}/history", tag = "vault", security(("api_key" = [])),
    params(("id" = String, Path, description = "The person")),
    request_body = HistoryBody,
    responses(
        (status = 200, description = "Values, with their past", body = DisclosedBody),
        (status = "default", description = "Nothing shown", body = ProblemBody)
    ))]
pub(crate) async fn history(
    caller: May<Read>,
    Path(id): Path<String>,
    Json(body): Json<HistoryBody>,
) -> Result<Response, Problem> {
    caller.for_purpose(&body.purpose)?;
    let look = vault::Read {
        subject: id_in_path(&id, "person")?,
        purpose: body.purpose,
        categories: body.categories,
        actor: caller.acting(body.by)?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        with_history: true,
        with_records: false,
    };
    Ok(shown(vault::read(caller.controller(), look).await?))
}

/// What a permitted look showed.
#[derive(ToSchema)]
#[schema(as = Disclosed)]
#[expect(dead_code, reason = "describes `app::vault::Disclosed`, which alone may carry the values")]
pub(crate) struct DisclosedBody {
    /// The entry that records the look.
    entry: String,
    /// Values, by category and field.
    values: Vec<DisclosedValueBody>,
    /// Records, in the order they were taken in.
    records: Option<Vec<DisclosedRecordBody>>,
}

/// One value as the permit shows it.
#[derive(ToSchema)]
#[schema(as = DisclosedValue)]
#[expect(dead_code, reason = "describes `app::vault::DisclosedValue`")]
pub(crate) struct DisclosedValueBody {
    /// Its id, by which it is corrected.
    id: String,
    /// What kind of data it is.
    category: String,
    /// `Table.column`.
    field: String,
    /// The system that gave it.
    system: String,
    /// Where it came from.
    source: String,
    /// When it was recorded.
    recorded: String,
    /// When a correction ended it.
    ended: Option<String>,
    /// How it is shown: `clear`, `masked` or `tokenised`.
    view: String,
    /// The value as shown.
    value: String,
}

/// One record as the permit shows it.
#[derive(ToSchema)]
#[schema(as = DisclosedRecord)]
#[expect(dead_code, reason = "describes `app::vault::DisclosedRecord`")]
pub(crate) struct DisclosedRecordBody {
    /// Its id.
    id: String,
    /// What it is a record of.
    kind: String,
    /// The system that gave it.
    system: String,
    /// When it was recorded.
    recorded: String,
    /// The fields shown, as `Table.column`.
    fields: BTreeMap<String, String>,
}

/// Personal values on their way out: no cache may keep them.
fn shown(disclosed: Disclosed) -> Response {
    ([(CACHE_CONTROL, "no-store")], Answer(disclosed)).into_response()
}

/// A correction of one current value.
#[derive(Deserialize, ToSchema)]
#[schema(as = CorrectRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectBody {
    /// The value's id, as a look shows it.
    #[schema(value_type = String, example = "val_…")]
    value: ValueId,
    /// What is right.
    #[schema(value_type = String)]
    new: Scalar,
    /// Why: the person's own `rights`, or a purpose of the service.
    #[schema(value_type = String)]
    purpose: PurposeName,
    /// Who corrects, where it is not the service itself.
    by: Option<By>,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
}

/// What a correction changed.
#[derive(Serialize, ToSchema)]
#[schema(as = Corrected)]
pub(crate) struct CorrectedBody {
    /// The value that is current now.
    #[schema(value_type = String)]
    value: ValueId,
    /// Whether it differs from before.
    changed: bool,
    /// The entry that records it.
    #[schema(value_type = String)]
    entry: model::EntryId,
}

/// Puts a right value in the place of a wrong one, which stays as history.
#[utoipa::path(post, path = "/v1/subjects/{id}/corrections", tag = "vault", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The person"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    request_body = CorrectBody,
    responses(
        (status = 200, description = "Corrected", body = CorrectedBody),
        (status = "default", description = "Not corrected", body = ProblemBody)
    ))]
pub(crate) async fn correct(
    caller: May<Correct>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<CorrectBody>,
) -> Result<Answer<CorrectedBody>, Problem> {
    caller.for_purpose(&body.purpose)?;
    let correction = CorrectValue {
        subject: id_in_path(&id, "person")?,
        value: body.value,
        new: body.new.0,
        purpose: body.purpose,
        actor: caller.acting(body.by)?,
        reason: body.reason.map(Into::into),
        idempotency: repeat.by(&caller).await?,
    };
    let done = vault::correct(caller.controller(), correction).await?;
    Ok(Answer(CorrectedBody { value: done.value, changed: done.changed, entry: done.entry }))
}

/// Which right an export answers, and for whom.
#[derive(Deserialize, ToSchema)]
#[schema(as = ExportRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportBody {
    /// `access`: everything held (GDPR 15). `portability`: what the person gave or generated (GDPR 20).
    #[schema(value_type = String, example = "access")]
    kind: ExportKind,
    /// Who asks: the person, an agent or staff.
    by: By,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// An export: a document for the person.
#[derive(ToSchema)]
#[schema(as = Export)]
#[expect(dead_code, reason = "describes `app::exports::Export`, which alone may carry the values")]
pub(crate) struct ExportedBody {
    /// The entry that records it.
    entry: String,
    /// The document (`docs/rooms/exports.md`).
    #[schema(value_type = Object)]
    document: (),
}

/// Hands a person's data out, for their `rights`.
#[utoipa::path(post, path = "/v1/subjects/{id}/exports", tag = "exports", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The person"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    request_body = ExportBody,
    responses(
        (status = 200, description = "The document", body = ExportedBody),
        (status = "default", description = "Nothing handed out", body = ProblemBody)
    ))]
pub(crate) async fn export(
    caller: May<Export>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<ExportBody>,
) -> Result<Response, Problem> {
    let wish = ExportRequest {
        subject: id_in_path(&id, "person")?,
        kind: body.kind,
        actor: caller.acting(Some(body.by))?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    let export = exports::export(caller.controller(), wish).await?;
    Ok(([(CACHE_CONTROL, "no-store")], Answer(export)).into_response())
}
