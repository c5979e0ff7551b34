//! What people choose: events, standing, receipts.

use app::consent::{self, Look, NewEvent, RecordConsent, Recorded, StandingView};
use app::identity::SubjectRef;
use axum::Json as Answer;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use model::{Act, EventId, Grade, Origin, Shown, SubjectId, Timestamp};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::auth::{Collect, May, Read};
use super::idempotency::Write;
use super::json::Json;
use super::locale::Locale;
use super::problem::{Problem, ProblemBody};
use super::wire::{By, ReasonGiven, Reference, SubjectBody, id_in_path};

/// Acts of one person, recorded together or not at all.
#[derive(Deserialize, ToSchema)]
#[schema(as = ConsentRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsentsBody {
    /// Whose acts.
    #[schema(value_type = SubjectBody)]
    subject: SubjectRef,
    /// Whether a person is made where nobody has the identifier.
    #[serde(default)]
    create: bool,
    /// The acts, in the order in which they were done.
    #[schema(value_type = Vec<EventSchema>, min_items = 1, max_items = 100)]
    events: Vec<EventBody>,
    /// For whom the service acts.
    by: Option<By>,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// One act: its `kind` and what belongs to it, and how it reached us.
pub(crate) struct EventBody(NewEvent);

impl<'de> Deserialize<'de> for EventBody {
    /// What is not about the way it came belongs to the act, which knows its own fields.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Map::deserialize(deserializer)?;
        let origin: Option<Origin> = taken(&mut fields, "origin")?;
        let mut event = NewEvent {
            occurred: taken::<Timestamp, _>(&mut fields, "occurred")?,
            origin: origin.ok_or_else(|| Error::missing_field("origin"))?,
            grade: taken::<Grade, _>(&mut fields, "grade")?,
            shown: taken::<Shown, _>(&mut fields, "shown")?,
            birth_year: taken(&mut fields, "birth_year")?,
            act: Act::Deceased {},
        };
        event.act = serde_json::from_value(Value::Object(fields)).map_err(Error::custom)?;
        Ok(Self(event))
    }
}

/// A field of an event, taken out of it.
fn taken<T: DeserializeOwned, E: Error>(fields: &mut Map<String, Value>, name: &str) -> Result<Option<T>, E> {
    let value = fields.remove(name).filter(|value| !value.is_null());
    value.map(serde_json::from_value).transpose().map_err(Error::custom)
}

/// One act of a person.
#[derive(ToSchema)]
#[schema(as = ConsentEvent)]
#[expect(dead_code, reason = "describes `EventBody`, which is read field by field")]
pub(crate) struct EventSchema {
    /// `given`, `refused`, `withdrawn`, `objected`, `opted-out`, `signal-seen`, `restricted` …
    #[schema(example = "given")]
    kind: String,
    /// The purpose, where the act is about one.
    purpose: Option<String>,
    /// Only over this channel.
    channel: Option<String>,
    /// Only towards this recipient.
    recipient: Option<String>,
    /// The category that a restriction names.
    category: Option<String>,
    /// When it is said to have happened; none: now.
    #[schema(format = DateTime)]
    occurred: Option<String>,
    /// `banner`, `portal`, `mail`, `phone`, `till`, `paper`, `staff`, `api` or `import`.
    #[schema(example = "till")]
    origin: String,
    /// `proven`, `asserted` or `unknown`.
    grade: Option<String>,
    /// What the person was shown; needed to be `proven`.
    #[schema(value_type = Option<Object>)]
    shown: Option<()>,
    /// The year of birth that the person stated.
    birth_year: Option<u16>,
}

/// What was recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordedConsents)]
pub(crate) struct RecordedBody {
    /// The person, under the leading id.
    #[schema(value_type = String)]
    subject: SubjectId,
    /// Whether the person is new; left out for a key that may not look people up.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<bool>,
    /// The events, in the order of the request.
    events: Vec<RecordedEventBody>,
    /// Lifetimes that ended with a withdrawal, because nothing else needs their data; left
    /// out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<Vec<String>>,
    /// The person's version after the acts; left out likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

/// One recorded event.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordedEvent)]
pub(crate) struct RecordedEventBody {
    /// The event.
    #[schema(value_type = String)]
    event: EventId,
    /// The entry that records it.
    #[schema(value_type = String)]
    entry: model::EntryId,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    recorded: Timestamp,
    /// Where its receipt is.
    receipt: String,
}

impl From<Recorded> for RecordedBody {
    fn from(recorded: Recorded) -> Self {
        let subject = recorded.subject;
        let events = recorded.events.into_iter().map(|event| RecordedEventBody {
            receipt: format!("/v1/subjects/{subject}/receipts/{}", event.event),
            event: event.event,
            entry: event.entry,
            recorded: event.recorded,
        });
        Self {
            subject,
            created: Some(recorded.created),
            events: events.collect(),
            ended: Some(recorded.ended.iter().map(ToString::to_string).collect()),
            version: Some(recorded.version),
        }
    }
}

impl RecordedBody {
    /// The answer without what would tell somebody new from somebody known.
    fn hidden(self) -> Self {
        Self { created: None, ended: None, version: None, ..self }
    }
}

/// Records acts of one person, each with its ledger entry and its sealed proof.
#[utoipa::path(post, path = "/v1/consents", tag = "consent", security(("api_key" = [])),
    request_body = ConsentsBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats the request safely")),
    responses(
        (status = 200, description = "Recorded", body = RecordedBody),
        (status = "default", description = "Not recorded", body = ProblemBody)
    ))]
pub(crate) async fn record(
    caller: May<Collect>,
    Write { body, repeat }: Write<ConsentsBody>,
) -> Result<Answer<RecordedBody>, Problem> {
    // Without the scope for look-ups no answer tells whether somebody was known.
    let hides = !caller.key().look_up && matches!(body.subject, SubjectRef::Identifier(_));
    if hides && !body.create {
        return Err(Problem::forbidden("the key may not look people up: send `create` or name them by `id`"));
    }
    let actor = caller.acting(body.by)?;
    for event in &body.events {
        caller.may_loosen(&event.0.act, &actor)?;
    }
    let acts = RecordConsent {
        subject: body.subject,
        create: body.create,
        events: body.events.into_iter().map(|event| event.0).collect(),
        actor,
        request: body.request.map(|request| request.0),
        idempotency: repeat.by(&caller).await?,
    };
    let recorded = RecordedBody::from(consent::record(caller.controller(), acts).await?);
    Ok(Answer(if hides { recorded.hidden() } else { recorded }))
}

/// Whose standing.
#[derive(Deserialize, ToSchema)]
#[schema(as = StandingRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct StandingsBody {
    /// The person.
    #[schema(value_type = SubjectBody)]
    subject: SubjectRef,
    /// For whom the service looks.
    by: Option<By>,
    /// The reason that a member of staff gives.
    reason: Option<ReasonGiven>,
}

/// Where a person stands: every purpose with what they said of it, restrictions, signals, age.
#[utoipa::path(post, path = "/v1/standings", tag = "consent", security(("api_key" = [])),
    request_body = StandingsBody,
    responses(
        (status = 200, description = "The standing", body = Object),
        (status = "default", description = "Not shown", body = ProblemBody)
    ))]
pub(crate) async fn find_standing(
    caller: May<Read>,
    Json(body): Json<StandingsBody>,
) -> Result<Answer<StandingView>, Problem> {
    caller.for_rights()?;
    let subject = caller.find(body.subject).await?;
    let look = Look { actor: caller.acting(body.by)?, reason: body.reason.map(Into::into) };
    Ok(Answer(consent::standing(caller.controller(), subject, look).await?))
}

/// Where a person stands, by our id.
#[utoipa::path(get, path = "/v1/subjects/{id}/standing", tag = "consent", security(("api_key" = [])),
    params(("id" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The standing", body = Object),
        (status = "default", description = "Not shown", body = ProblemBody)
    ))]
pub(crate) async fn standing(
    caller: May<Read>,
    Path(id): Path<String>,
) -> Result<Answer<StandingView>, Problem> {
    caller.for_rights()?;
    let (subject, actor) = (id_in_path(&id, "person")?, caller.actor()?);
    Ok(Answer(consent::standing(caller.controller(), subject, actor).await?))
}

/// The receipt of one act by ISO/IEC TS 27560, as JSON-LD.
#[utoipa::path(get, path = "/v1/subjects/{id}/receipts/{event}", tag = "consent", security(("api_key" = [])),
    params(
        ("id" = String, Path, description = "The person"),
        ("event" = String, Path, description = "The event")
    ),
    responses(
        (status = 200, description = "The receipt", body = Object, content_type = "application/ld+json"),
        (status = "default", description = "Not shown", body = ProblemBody)
    ))]
pub(crate) async fn receipt(
    caller: May<Read>,
    Path((id, event)): Path<(String, String)>,
    locale: Locale,
) -> Result<Response, Problem> {
    caller.for_rights()?;
    let (subject, event) = (id_in_path(&id, "person")?, id_in_path(&event, "event")?);
    let actor = caller.actor()?;
    let receipt =
        consent::receipt(caller.controller(), subject, event, locale.tag(), WITHDRAW_AT, actor).await?;
    Ok(([(CONTENT_TYPE, "application/ld+json")], receipt.to_string()).into_response())
}

/// Where a yes is taken back: the portal's switches.
pub(crate) const WITHDRAW_AT: &str = "/portal/choices";
