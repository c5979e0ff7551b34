//! What was done with a person's data.

use app::timeline::{self, TimelineItem};
use axum::Json as Answered;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use model::{Answer, EntryId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Server;
use super::auth::{May, Read};
use super::decisions::ReasonBody;
use super::locale::Locale;
use super::problem::{Problem, ProblemBody};
use super::wire::id_in_path;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    before: Option<EntryId>,
    /// How many entries at most; 1,000 when left out.
    limit: Option<usize>,
}

/// One page of a person's timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelinePage)]
pub(crate) struct PageBody {
    /// The entries, newest first.
    items: Vec<ItemBody>,
    /// What the next page comes before; none on the last one.
    #[schema(value_type = Option<String>)]
    next: Option<EntryId>,
    /// The entry that records this look.
    #[schema(value_type = Option<String>)]
    entry: Option<EntryId>,
}

/// One thing that was done or asked.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineItem)]
pub(crate) struct ItemBody {
    /// The entry.
    #[schema(value_type = String)]
    entry: EntryId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    recorded: Timestamp,
    /// What the entry is about: `decision`, `consent`, `read`, `erase` …
    kind: String,
    /// Who did or asked.
    actor: String,
    /// Through which service it came, such as `service:shop`.
    via: Option<String>,
    /// What was to be done.
    action: Option<String>,
    /// Why.
    purpose: Option<String>,
    /// Which kinds of data.
    categories: Vec<String>,
    /// `granted`, `denied` or `observed`, where the gate was asked.
    #[schema(value_type = Option<String>)]
    answer: Option<Answer>,
    /// Every reason against.
    reasons: Vec<ReasonBody>,
    /// The code of the reason that a member of staff gave.
    reason: Option<String>,
    /// Its place in the log, once it has one.
    log_index: Option<i64>,
}

impl ItemBody {
    fn new(item: TimelineItem, locale: Locale) -> Self {
        Self {
            reasons: item.findings.into_iter().map(|reason| ReasonBody::new(reason, locale)).collect(),
            entry: item.entry,
            recorded: item.recorded,
            kind: item.kind,
            actor: item.actor,
            via: item.via,
            action: item.action,
            purpose: item.purpose,
            categories: item.categories,
            answer: item.answer,
            reason: item.reason,
            log_index: item.log_index,
        }
    }
}

/// The entries that name a person, newest first.
#[utoipa::path(get, path = "/v1/subjects/{id}/timeline", tag = "ledger", security(("api_key" = [])),
    params(("id" = String, Path, description = "The person"), PageQuery),
    responses(
        (status = 200, description = "The page", body = PageBody),
        (status = "default", description = "Not shown", body = ProblemBody)
    ))]
pub(crate) async fn timeline(
    State(server): State<Server>,
    caller: May<Read>,
    Path(id): Path<String>,
    locale: Locale,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Answered<PageBody>, Problem> {
    let Ok(Query(query)) = query else {
        return Err(Problem::malformed("", "`before` is the `next` of a page, `limit` a number"));
    };
    let limit = query.limit.unwrap_or(server.limits().page_items);
    if limit > server.limits().page_items {
        return Err(Problem::malformed("limit", format!("{} at most", server.limits().page_items)));
    }
    caller.for_rights()?;
    let (subject, actor) = (id_in_path(&id, "person")?, caller.actor()?);
    let page = timeline::timeline(caller.controller(), subject, query.before, limit, actor).await?;
    Ok(Answered(PageBody {
        items: page.items.into_iter().map(|item| ItemBody::new(item, locale)).collect(),
        next: page.next,
        entry: page.look,
    }))
}
