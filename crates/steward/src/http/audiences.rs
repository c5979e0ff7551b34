//! The people who may be used for a purpose.

use std::collections::BTreeSet;

use app::access::{self, Asker, Audience, AudiencePage, Whom};
use axum::Json as Answer;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use model::{Action, AudienceId, CategoryName, Channel, EntryId, PurposeName, SetId, SubjectId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::auth::Caller;
use super::idempotency::Write;
use super::problem::{Problem, ProblemBody};
use super::wire::id_in_path;

/// Who is asked for.
#[derive(Deserialize, ToSchema)]
#[schema(as = AudienceRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct AudienceBody {
    /// Why.
    #[schema(value_type = String)]
    purpose: PurposeName,
    /// Over which channel; needed to send.
    #[schema(value_type = Option<String>)]
    channel: Option<Channel>,
    /// Which kinds of data.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    categories: BTreeSet<CategoryName>,
    /// `send` (as when left out) or `use`.
    #[serde(default = "send")]
    #[schema(value_type = String)]
    action: Action,
}

const fn send() -> Action {
    Action::Send
}

/// An audience as it was evaluated.
#[derive(Serialize, ToSchema)]
#[schema(as = Audience)]
pub(crate) struct EvaluatedBody {
    /// The audience.
    #[schema(value_type = String)]
    id: AudienceId,
    /// How many people.
    count: u64,
    /// The set that its entry names.
    #[schema(value_type = String)]
    set: SetId,
    /// The entry that records it.
    #[schema(value_type = String)]
    entry: EntryId,
    /// Until when its pages are served.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

impl From<Audience> for EvaluatedBody {
    fn from(audience: Audience) -> Self {
        let Audience { id, count, set, entry, until } = audience;
        Self { id, count, set, entry, until }
    }
}

/// Asks for everybody who may be used for a purpose, and records them as one set.
#[utoipa::path(post, path = "/v1/audiences", tag = "access", security(("api_key" = [])),
    request_body = AudienceBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")),
    responses(
        (status = 200, description = "The audience; its people are paged through", body = EvaluatedBody),
        (status = "default", description = "No audience", body = ProblemBody)
    ))]
pub(crate) async fn ask(
    caller: Caller,
    Write { body, repeat }: Write<AudienceBody>,
) -> Result<Answer<EvaluatedBody>, Problem> {
    caller.may(body.action, &body.purpose)?;
    let whom = Whom {
        purpose: body.purpose,
        channel: body.channel,
        categories: body.categories,
        action: body.action,
    };
    let asker = Asker {
        look_up: caller.key().look_up,
        idempotency: repeat.by(&caller).await?,
        ..Asker::new(caller.actor()?)
    };
    Ok(Answer(access::audience(caller.controller(), whom, asker).await?.into()))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<SubjectId>,
    /// How many people at most; 1,000 when left out.
    limit: Option<usize>,
}

/// One page of an audience.
#[derive(Serialize, ToSchema)]
#[schema(as = AudiencePage)]
pub(crate) struct PageBody {
    /// Who may be used now, in the order of their ids.
    subjects: Vec<MemberBody>,
    /// How many of this page may not be used any more.
    left_out: usize,
    /// The entry that records the page.
    #[schema(value_type = Option<String>)]
    entry: Option<EntryId>,
    /// Until when the page may be acted upon.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What the next page comes after; none on the last one.
    #[schema(value_type = Option<String>)]
    next: Option<SubjectId>,
}

/// One person of an audience.
#[derive(Serialize, ToSchema)]
#[schema(as = AudienceMember)]
pub(crate) struct MemberBody {
    /// The person.
    #[schema(value_type = String)]
    subject: SubjectId,
}

impl From<AudiencePage> for PageBody {
    fn from(page: AudiencePage) -> Self {
        Self {
            subjects: page.subjects.into_iter().map(|subject| MemberBody { subject }).collect(),
            left_out: page.left_out,
            entry: page.entry,
            until: page.until,
            next: page.next,
        }
    }
}

/// One page of an audience. Each person's state is checked again.
#[utoipa::path(get, path = "/v1/audiences/{id}", tag = "access", security(("api_key" = [])),
    params(("id" = String, Path, description = "The audience"), PageQuery),
    responses(
        (status = 200, description = "The page", body = PageBody),
        (status = "default", description = "No page", body = ProblemBody)
    ))]
pub(crate) async fn page(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Answer<PageBody>, Problem> {
    let Ok(Query(query)) = query else {
        return Err(Problem::malformed("", "`after` is the `next` of a page, `limit` a number"));
    };
    let most = server.limits().page_items;
    let limit = query.limit.unwrap_or(most);
    if limit > most {
        return Err(Problem::malformed("limit", format!("{most} at most")));
    }
    let id = id_in_path(&id, "audience")?;
    let asker = Asker { look_up: caller.key().look_up, ..Asker::new(caller.actor()?) };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(Answer(access::audience_page(caller.controller(), id, query.after, limit, asker).await?.into()))
}
