//! Erasing a person, or one lifetime of theirs.

use app::retention::{self, Erase as EraseAct, Erased, Extent, Plan};
use axum::Json as Answer;
use axum::extract::Path;
use model::LifetimeName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Erase, May};
use super::idempotency::Write;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, ReasonGiven, Reference, id_in_path};

/// What to erase.
#[derive(Deserialize, ToSchema)]
#[schema(as = EraseRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct EraseBody {
    /// How much.
    scope: Scope,
    /// Which lifetime, for the scope `lifetime`.
    #[schema(value_type = Option<String>)]
    lifetime: Option<LifetimeName>,
    /// Whether only to say what would go and what would stay.
    #[serde(default)]
    dry_run: bool,
    /// Who asks: the person, an agent, or staff with a reason.
    by: By,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// How much to erase.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[schema(as = EraseScope)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// Everything but what must stay.
    Person,
    /// One lifetime.
    Lifetime,
}

impl EraseBody {
    fn extent(&self) -> Result<Extent, Problem> {
        match (self.scope, &self.lifetime) {
            (Scope::Person, None) => Ok(Extent::Person),
            (Scope::Lifetime, Some(lifetime)) => Ok(Extent::Lifetime(lifetime.clone())),
            (Scope::Person, Some(_)) => Err(Problem::malformed("lifetime", "goes with the scope `lifetime`")),
            (Scope::Lifetime, None) => {
                Err(Problem::malformed("lifetime", "name the lifetime that is to end"))
            }
        }
    }
}

/// What an erasure did, or would do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ErasureBody {
    /// It was done: entry, what ended, what stays and until when.
    #[schema(value_type = Object)]
    Erased(Erased),
    /// It was only tried: what would end, what would stay, what the gate would answer.
    #[schema(value_type = Object)]
    Plan(Plan),
}

/// Erases a person or one lifetime at once, by destroying keys. What a law wants kept stays.
#[utoipa::path(post, path = "/v1/subjects/{id}/erasures", tag = "retention", security(("api_key" = [])),
    request_body = EraseBody,
    params(
        ("id" = String, Path, description = "The person"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    responses(
        (status = 200, description = "Erased, or the plan", body = Object),
        (status = "default", description = "Not erased", body = ProblemBody)
    ))]
pub(crate) async fn erase(
    caller: May<Erase>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<EraseBody>,
) -> Result<Answer<ErasureBody>, Problem> {
    let act = EraseAct {
        subject: id_in_path(&id, "person")?,
        extent: body.extent()?,
        actor: caller.acting(Some(body.by))?,
        reason: body.reason.map(Into::into),
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    Ok(Answer(if body.dry_run {
        ErasureBody::Plan(retention::plan(caller.controller(), act).await?)
    } else {
        ErasureBody::Erased(retention::erase(caller.controller(), act).await?)
    }))
}
