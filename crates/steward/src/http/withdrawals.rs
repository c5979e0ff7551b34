//! Taking back in one go: everything, or everything about some purposes.

use std::collections::BTreeSet;

use app::consent::{self, Withdrawal};
use axum::Json as Answer;
use axum::extract::Path;
use model::{Origin, PurposeName};
use serde::Deserialize;
use utoipa::ToSchema;

use super::auth::{Collect, May};
use super::consents::RecordedBody;
use super::idempotency::Write;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, Reference, id_in_path};

/// What is taken back.
#[derive(Deserialize, ToSchema)]
#[schema(as = WithdrawalRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawalBody {
    /// The purposes; left out: all that leave the person a choice.
    #[schema(value_type = Option<Vec<String>>)]
    purposes: Option<BTreeSet<PurposeName>>,
    /// `banner`, `portal`, `mail`, `phone`, `till`, `paper`, `staff`, `api` or `import`.
    #[schema(value_type = String, example = "phone")]
    origin: Origin,
    /// For whom the service acts.
    by: Option<By>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// Takes back every yes, or those to the purposes named, and says no in each way that their
/// grounds know: withdrawn, objected, opted out.
#[utoipa::path(post, path = "/v1/subjects/{id}/withdrawals", tag = "consent", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The person"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    request_body = WithdrawalBody,
    responses(
        (status = 200, description = "Taken back", body = RecordedBody),
        (status = "default", description = "Not taken back", body = ProblemBody)
    ))]
pub(crate) async fn withdraw(
    caller: May<Collect>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<WithdrawalBody>,
) -> Result<Answer<RecordedBody>, Problem> {
    let wish = Withdrawal {
        subject: id_in_path(&id, "person")?,
        purposes: body.purposes,
        origin: body.origin,
        shown: None,
        actor: caller.acting(body.by)?,
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    Ok(Answer(consent::withdraw(caller.controller(), wish).await?.into()))
}
