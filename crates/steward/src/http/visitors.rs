//! Browsers without a known person: their choices, until they sign in or are forgotten.

use app::consent::{self, Join, NewVisitorChoice, RecordedEvent, VisitorChoice, VisitorEvent};
use app::identity::SubjectRef;
use axum::Json as Answer;
use axum::extract::Path;
use model::{Act, EntryId, EventId, Shown, SubjectId, Timestamp, VisitorId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::{Collect, Erase, May, Read};
use super::idempotency::Write;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, Reference, SubjectBody, id_in_path};

/// A choice that a browser makes before anybody signed in.
#[derive(Deserialize, ToSchema)]
#[schema(as = VisitorRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitorBody {
    /// The visitor whom the browser's cookie names; none: somebody new, who gets an id.
    #[schema(value_type = Option<String>, example = "vis_…")]
    visitor: Option<VisitorId>,
    /// What was chosen, in this order: each a `kind` with what belongs to it, as in a consent event.
    #[schema(value_type = Vec<ActSchema>, min_items = 1, max_items = 100)]
    acts: Vec<Act>,
    /// What was shown.
    #[schema(value_type = Option<Object>)]
    shown: Option<Shown>,
    /// For whom the service acts.
    by: Option<By>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// One act of a visitor.
#[derive(ToSchema)]
#[schema(as = VisitorAct)]
#[expect(dead_code, reason = "describes `model::Act`")]
pub(crate) struct ActSchema {
    /// `given`, `refused`, `withdrawn`, `objected`, `opted-out`, `signal-seen`, `notice-shown` …
    #[schema(example = "refused")]
    kind: String,
    /// The purpose, where the act is about one.
    purpose: Option<String>,
    /// Only over this channel.
    channel: Option<String>,
    /// Only towards this recipient.
    recipient: Option<String>,
}

/// A recorded choice of a visitor.
#[derive(Serialize, ToSchema)]
#[schema(as = VisitorChoice)]
pub(crate) struct ChoiceBody {
    /// The visitor, to be carried in the cookie.
    #[schema(value_type = String)]
    visitor: VisitorId,
    /// The event.
    #[schema(value_type = String)]
    event: EventId,
    /// The entry that records it; it is about nobody.
    #[schema(value_type = String)]
    entry: EntryId,
    /// Until when it is kept.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

impl From<VisitorChoice> for ChoiceBody {
    fn from(choice: VisitorChoice) -> Self {
        let VisitorChoice { visitor, event, entry, until } = choice;
        Self { visitor, event, entry, until }
    }
}

/// Records a choice of a browser that nobody signed in with.
#[utoipa::path(post, path = "/v1/visitors", tag = "consent", security(("api_key" = [])),
    request_body = VisitorBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")),
    responses(
        (status = 200, description = "Recorded", body = ChoiceBody),
        (status = "default", description = "Not recorded", body = ProblemBody)
    ))]
pub(crate) async fn record(
    caller: May<Collect>,
    Write { body, repeat }: Write<VisitorBody>,
) -> Result<Answer<ChoiceBody>, Problem> {
    let actor = caller.acting(body.by)?;
    for act in &body.acts {
        caller.may_loosen(act, &actor)?;
    }
    let choice = NewVisitorChoice {
        visitor: body.visitor,
        acts: body.acts,
        shown: body.shown,
        actor,
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    Ok(Answer(consent::record_visitor(caller.controller(), choice).await?.into()))
}

/// The choices of a visitor that are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = VisitorChoices)]
pub(crate) struct ChoicesBody {
    /// Oldest first: `acts`, `shown` and `recorded` of each.
    #[schema(value_type = Vec<Object>)]
    items: Vec<VisitorEvent>,
}

/// What a visitor chose, as long as it is kept.
#[utoipa::path(get, path = "/v1/visitors/{id}", tag = "consent", security(("api_key" = [])),
    params(("id" = String, Path, description = "The visitor")),
    responses(
        (status = 200, description = "The choices", body = ChoicesBody),
        (status = "default", description = "Not shown", body = ProblemBody)
    ))]
pub(crate) async fn show(caller: May<Read>, Path(id): Path<String>) -> Result<Answer<ChoicesBody>, Problem> {
    caller.for_rights()?;
    let items = consent::visitor(caller.controller(), id_in_path(&id, "visitor")?).await?;
    if items.is_empty() {
        return Err(Problem::not_found("visitor"));
    }
    Ok(Answer(ChoicesBody { items }))
}

/// Who signed in.
#[derive(Deserialize, ToSchema)]
#[schema(as = JoinRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct JoinBody {
    /// The person whom the visitor turned out to be.
    #[schema(value_type = SubjectBody)]
    subject: SubjectRef,
    /// For whom the service acts.
    by: Option<By>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// What became of a visitor's choices.
#[derive(Serialize, ToSchema)]
#[schema(as = JoinedVisitor)]
pub(crate) struct JoinedBody {
    /// The person, under the leading id.
    #[schema(value_type = String)]
    subject: SubjectId,
    /// The events that the choices became, that of the joining first; none without a choice.
    events: Vec<JoinedEventBody>,
}

/// One event that a visitor's choice became.
#[derive(Serialize, ToSchema)]
#[schema(as = JoinedEvent)]
pub(crate) struct JoinedEventBody {
    /// The event.
    #[schema(value_type = String)]
    event: EventId,
    /// The entry that records it.
    #[schema(value_type = String)]
    entry: EntryId,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded: Timestamp,
}

impl From<RecordedEvent> for JoinedEventBody {
    fn from(event: RecordedEvent) -> Self {
        Self { event: event.event, entry: event.entry, recorded: event.recorded }
    }
}

/// Makes a visitor's choices those of the person who signed in. Where they differ, the more
/// protective holds.
#[utoipa::path(post, path = "/v1/visitors/{id}/join", tag = "consent", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The visitor"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    request_body = JoinBody,
    responses(
        (status = 200, description = "Joined", body = JoinedBody),
        (status = "default", description = "Not joined", body = ProblemBody)
    ))]
pub(crate) async fn join(
    caller: May<Collect>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<JoinBody>,
) -> Result<Answer<JoinedBody>, Problem> {
    caller.for_rights()?;
    let joining = Join {
        visitor: id_in_path(&id, "visitor")?,
        subject: caller.find(body.subject).await?,
        actor: caller.acting(body.by)?,
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    let joined = consent::join(caller.controller(), joining).await?;
    let events = joined.events.into_iter().map(Into::into).collect();
    Ok(Answer(JoinedBody { subject: joined.subject, events }))
}

/// At whose wish a visitor is forgotten.
#[derive(Deserialize, ToSchema)]
#[schema(as = ForgetRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgetBody {
    /// For whom the service acts.
    by: Option<By>,
}

/// A visitor of whom nothing is kept any more.
#[derive(Serialize, ToSchema)]
#[schema(as = ForgottenVisitor)]
pub(crate) struct ForgottenBody {
    /// The entry that records it; it is about nobody.
    #[schema(value_type = String)]
    entry: EntryId,
}

/// Forgets a visitor and every choice of theirs.
#[utoipa::path(delete, path = "/v1/visitors/{id}", tag = "consent", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The visitor"),
        ("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")
    ),
    request_body = ForgetBody,
    responses(
        (status = 200, description = "Forgotten", body = ForgottenBody),
        (status = "default", description = "Not forgotten", body = ProblemBody)
    ))]
pub(crate) async fn forget(
    caller: May<Erase>,
    Path(id): Path<String>,
    Write { body, repeat }: Write<ForgetBody>,
) -> Result<Answer<ForgottenBody>, Problem> {
    let visitor = id_in_path(&id, "visitor")?;
    let (actor, idempotency) = (caller.acting(body.by)?, repeat.by(&caller).await?);
    let entry = consent::erase_visitor(caller.controller(), visitor, actor, idempotency).await?;
    Ok(Answer(ForgottenBody { entry }))
}
