//! Two identities of one person: joined, and parted again.

use app::merges::{self, Merge as MergeAct, UndoMerge};
use axum::Json as Answer;
use axum::extract::Path;
use model::{EntryId, MergeId, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{May, Merge};
use super::idempotency::Write;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, ReasonGiven, Reference, id_in_path};

/// Two identities that are one person.
#[derive(Deserialize, ToSchema)]
#[schema(as = MergeRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeBody {
    /// One of them.
    #[schema(value_type = String)]
    one: SubjectId,
    /// The other.
    #[schema(value_type = String)]
    other: SubjectId,
    /// Which of the two leads; none: the older one.
    #[schema(value_type = Option<String>)]
    leader: Option<SubjectId>,
    /// Who merges: the person with both proofs, or staff with a reason.
    by: By,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// What a merge did.
#[derive(Serialize, ToSchema)]
#[schema(as = Merged)]
pub(crate) struct MergedBody {
    /// The merge, by which it is undone.
    #[schema(value_type = String)]
    id: MergeId,
    /// The identity that leads.
    #[schema(value_type = String)]
    leader: SubjectId,
    /// The identity that follows.
    #[schema(value_type = String)]
    alias: SubjectId,
    /// Until when it can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    undo_until: Option<Timestamp>,
    /// The entries that record it, one about each identity: the leader's first.
    #[schema(value_type = Vec<String>)]
    entries: [EntryId; 2],
}

/// Joins two identities. Where their choices differ, the more protective holds.
#[utoipa::path(post, path = "/v1/merges", tag = "identity", security(("api_key" = [])),
    request_body = MergeBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")),
    responses(
        (status = 200, description = "Joined", body = MergedBody),
        (status = "default", description = "Not joined", body = ProblemBody)
    ))]
pub(crate) async fn merge(
    caller: May<Merge>,
    Write { body, repeat }: Write<MergeBody>,
) -> Result<Answer<MergedBody>, Problem> {
    let act = MergeAct {
        one: body.one,
        other: body.other,
        leader: body.leader,
        actor: caller.acting(Some(body.by))?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    let done = merges::merge(caller.controller(), act).await?;
    Ok(Answer(MergedBody {
        id: done.id,
        leader: done.leader,
        alias: done.alias,
        undo_until: Some(done.undo_until),
        entries: done.entries,
    }))
}

/// Who parts two identities.
#[derive(Deserialize, ToSchema)]
#[schema(as = PartRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartBody {
    /// The person, or staff with a reason.
    by: By,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// Parts two identities again, within 90 days.
#[utoipa::path(delete, path = "/v1/merges/{id}", tag = "identity", security(("api_key" = [])),
    request_body = PartBody,
    params(
        ("id" = String, Path, description = "The merge"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    responses(
        (status = 200, description = "Parted", body = MergedBody),
        (status = "default", description = "Not parted", body = ProblemBody)
    ))]
pub(crate) async fn undo(
    caller: May<Merge>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<PartBody>,
) -> Result<Answer<MergedBody>, Problem> {
    let act = UndoMerge {
        id: id_in_path(&id, "merge")?,
        actor: caller.acting(Some(body.by))?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    let done = merges::undo(caller.controller(), act).await?;
    let (leader, alias) = (done.leader, done.alias);
    Ok(Answer(MergedBody { id: done.id, leader, alias, undo_until: None, entries: done.entries }))
}
