//! What a person is known by: added, and proved.

use app::identity::{self, Identify, Proof};
use axum::Json as Answer;
use axum::extract::Path;
use model::{EntryId, Identifier, IdentifierKind, PurposeName, SubjectId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Collect, May};
use super::idempotency::Write;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, IdentifierBody, ReasonGiven, Reference, id_in_path};

/// An identifier to be added to a person, or proved.
#[derive(Deserialize, ToSchema)]
#[schema(as = IdentifyRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentifyBody {
    /// What they are known by.
    #[schema(value_type = IdentifierBody)]
    identifier: Identifier,
    /// How they proved that it is theirs; left out: it is merely claimed. `link` and `code`
    /// (sent there, with `by: customer`), `document` (seen by staff), `system` (a number that
    /// the service's own system gives out).
    #[schema(value_type = Option<String>, example = "link")]
    proof: Option<Proof>,
    /// For which purpose it is taken in; the person's own is `rights`.
    #[schema(value_type = String)]
    purpose: PurposeName,
    /// For whom the service acts.
    by: Option<By>,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// What became of an identifier.
#[derive(Serialize, ToSchema)]
#[schema(as = Identified)]
pub(crate) struct IdentifiedBody {
    /// The person, under the leading id.
    #[schema(value_type = String)]
    subject: SubjectId,
    /// Its kind.
    #[schema(value_type = String)]
    kind: IdentifierKind,
    /// Whether it is new.
    added: bool,
    /// Whether the person has proved it, now or before.
    verified: bool,
    /// The entry that records it.
    #[schema(value_type = String)]
    entry: EntryId,
}

/// Adds an identifier to a person, and notes how they proved it. That somebody else has it is
/// told, so this is a look-up too. Repeat it with a proof once there is one.
#[utoipa::path(post, path = "/v1/subjects/{id}/identifiers", tag = "identity", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The person"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    request_body = IdentifyBody,
    responses(
        (status = 200, description = "Added or proved", body = IdentifiedBody),
        (status = "default", description = "Neither", body = ProblemBody)
    ))]
pub(crate) async fn add(
    caller: May<Collect>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<IdentifyBody>,
) -> Result<Answer<IdentifiedBody>, Problem> {
    caller.for_purpose(&body.purpose)?;
    caller.for_lookup()?;
    let wish = Identify {
        subject: id_in_path(&id, "person")?,
        identifier: body.identifier,
        proof: body.proof,
        purpose: body.purpose,
        actor: caller.acting(body.by)?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    let done = identity::identify(caller.controller(), wish).await?;
    Ok(Answer(IdentifiedBody {
        subject: done.subject,
        kind: done.kind,
        added: done.added,
        verified: done.verified,
        entry: done.entry,
    }))
}
