//! Asking the gate, and reading back what it answered.

use std::collections::{BTreeMap, BTreeSet};

use app::access::{self, AnsweredFrom, Asker, Mode, Question, Recalled, What};
use app::identity::SubjectRef;
use app::{Reason, Verdict};
use axum::Json as Answered;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gate::Obligations;
use model::manifest::View;
use model::{Action, Answer, CategoryName, Channel, EntryId, PurposeName, RecipientName, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Server;
use super::auth::Caller;
use super::idempotency::Write;
use super::json;
use super::locale::Locale;
use super::problem::{Problem, ProblemBody};
use super::wire::{ReasonGiven, Reference, SubjectBody, id_in_path};

/// One question: may this be done with this person's data?
#[derive(Deserialize, ToSchema)]
#[schema(as = Question)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionBody {
    /// Whose data.
    #[schema(value_type = SubjectBody)]
    subject: SubjectRef,
    /// Why.
    #[schema(value_type = String)]
    purpose: PurposeName,
    /// Which kinds of data.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    categories: BTreeSet<CategoryName>,
    /// What is to be done.
    #[schema(value_type = String, example = "send")]
    action: Action,
    /// Over which channel; needed to send.
    #[schema(value_type = Option<String>)]
    channel: Option<Channel>,
    /// Towards whom; needed to share.
    #[schema(value_type = Option<String>)]
    recipient: Option<RecipientName>,
    /// Why a member of staff looks.
    reason: Option<ReasonGiven>,
    /// Since when the data has been held, where the caller knows.
    #[schema(value_type = Option<String>, format = DateTime)]
    held_since: Option<Timestamp>,
}

/// How questions are answered.
#[derive(Deserialize, ToSchema)]
#[schema(as = QuestionMode)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModeBody {
    /// Whether the answer must come from the primary store. Today every answer does, as its
    /// `answered_from` says; a later version may answer others from memory, a moment behind.
    #[serde(default)]
    strict: bool,
    /// Whether it is only tried: nothing is recorded, and nothing may be done on it.
    #[serde(default)]
    dry_run: bool,
    /// Whether the person's browser sent `Sec-GPC: 1`.
    #[serde(default)]
    gpc: bool,
    /// The caller's own id of the request.
    request: Option<Reference>,
}

/// One question with its mode, or many.
#[derive(ToSchema)]
#[schema(as = DecisionRequest)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what `split` takes apart")]
pub(crate) enum AskBody {
    /// One question.
    One(OneBody),
    /// Up to 10,000 questions.
    Many(ManyBody),
}

/// One question with its mode.
#[derive(ToSchema)]
#[schema(as = OneQuestion)]
#[expect(dead_code, reason = "describes what `split` takes apart")]
pub(crate) struct OneBody {
    #[serde(flatten)]
    question: QuestionBody,
    #[serde(flatten)]
    mode: ModeBody,
}

/// Many questions with their mode.
#[derive(ToSchema)]
#[schema(as = ManyQuestions)]
#[expect(dead_code, reason = "describes what `split` takes apart")]
pub(crate) struct ManyBody {
    /// The questions; their answers come in the same order.
    #[schema(min_items = 1, max_items = 10000)]
    items: Vec<QuestionBody>,
    #[serde(flatten)]
    mode: ModeBody,
}

/// The answer to one question, or the answers to many.
#[derive(ToSchema)]
#[schema(as = DecisionResponse)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the two forms of the answer")]
pub(crate) enum AnswerBody {
    /// To one question.
    One(DecisionBody),
    /// To many.
    Many(DecisionsBody),
}

/// The fields of a request that say how, not what.
const MODE_FIELDS: [&str; 4] = ["strict", "dry_run", "gpc", "request"];

/// What was asked: one question, or many.
enum Asked {
    One(Box<QuestionBody>),
    Many(Vec<QuestionBody>),
}

/// Answers of the gate, in the order of the questions.
#[derive(Serialize, ToSchema)]
#[schema(as = Decisions)]
pub(crate) struct DecisionsBody {
    /// The answers.
    items: Vec<DecisionBody>,
}

/// Answers whether data may be used. A no is an answer, not a problem.
#[utoipa::path(post, path = "/v1/decisions", tag = "access", security(("api_key" = [])),
    request_body = AskBody,
    params((
        "Idempotency-Key" = Option<String>, Header,
        description = "Repeats the request safely: the same answer, which ends when it would have. Not for a dry run"
    )),
    responses(
        (status = 200, description = "The answer; under `items` where many were asked", body = AnswerBody),
        (status = "default", description = "Not asked", body = ProblemBody)
    ))]
pub(crate) async fn decide(
    State(server): State<Server>,
    caller: Caller,
    locale: Locale,
    Write { body, repeat }: Write<Value>,
) -> Result<Response, Problem> {
    let (asked, mode) = split(body)?;
    let asker = Asker {
        actor: caller.actor()?,
        look_up: caller.key().look_up,
        request: mode.request.map(|request| request.0),
        gpc: mode.gpc,
        // What is only tried is never kept.
        idempotency: if mode.dry_run { None } else { repeat.by(&caller).await? },
    };
    let dry_run = mode.dry_run;
    let mode = Mode { strict: mode.strict, dry_run };
    match asked {
        Asked::One(question) => {
            let question = question.checked(&caller)?;
            let verdict = access::decide_one(caller.controller(), question, asker, mode).await?;
            server.metrics().decided(caller.hosted(), verdict.answer, dry_run, 1);
            Ok(Answered(DecisionBody::new(&verdict, locale)).into_response())
        }
        Asked::Many(items) => {
            let most = server.limits().batch_items;
            if items.len() > most {
                return Err(Problem::malformed("items", format!("{most} items at most")));
            }
            let questions: Result<_, _> = items.into_iter().map(|item| item.checked(&caller)).collect();
            let verdicts = access::decide_batch(caller.controller(), questions?, asker, mode).await?;
            count(&server, &caller, &verdicts, dry_run);
            let items = verdicts.iter().map(|verdict| DecisionBody::new(verdict, locale)).collect();
            Ok(Answered(DecisionsBody { items }).into_response())
        }
    }
}

/// Takes what is asked apart from how.
fn split(body: Value) -> Result<(Asked, ModeBody), Problem> {
    let Value::Object(mut fields) = body else {
        return Err(Problem::malformed("", "expected an object"));
    };
    let mode = MODE_FIELDS.into_iter().filter_map(|name| fields.remove_entry(name)).collect();
    let mode = json::from_value(Value::Object(mode))?;
    if !fields.contains_key("items") {
        return Ok((Asked::One(Box::new(json::from_value(Value::Object(fields))?)), mode));
    }
    let Batch { items } = json::from_value(Value::Object(fields))?;
    Ok((Asked::Many(items), mode))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    items: Vec<QuestionBody>,
}

impl QuestionBody {
    /// The question, when the key may ask it.
    fn checked(self, caller: &Caller) -> Result<Question, Problem> {
        caller.may(self.action, &self.purpose)?;
        if caller.key().look_up && matches!(self.subject, SubjectRef::Identifier(_)) {
            caller.spend_lookup()?;
        }
        let what = What {
            purpose: self.purpose,
            categories: self.categories,
            action: self.action,
            channel: self.channel,
            recipient: self.recipient,
            reason: self.reason.map(ReasonGiven::into_parts),
            held_since: self.held_since,
        };
        Ok(Question { subject: self.subject, what })
    }
}

fn count(server: &Server, caller: &Caller, verdicts: &[Verdict], dry_run: bool) {
    let mut answers: BTreeMap<&str, (Answer, u64)> = BTreeMap::new();
    for verdict in verdicts {
        answers.entry(verdict.answer.code()).or_insert((verdict.answer, 0)).1 += 1;
    }
    for (answer, count) in answers.into_values() {
        server.metrics().decided(caller.hosted(), answer, dry_run, count);
    }
}

/// A decision as its entry states it. Whom it was about, the entry does not say.
#[derive(Serialize, ToSchema)]
#[schema(as = RecalledDecision)]
pub(crate) struct RecalledBody {
    /// The entry.
    #[schema(value_type = String)]
    entry: EntryId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    recorded: Timestamp,
    /// Who asked.
    actor: String,
    /// What was to be done.
    #[schema(value_type = Option<String>)]
    action: Option<Action>,
    /// Why.
    #[schema(value_type = Option<String>)]
    purpose: Option<PurposeName>,
    /// Which kinds of data.
    #[schema(value_type = Vec<String>)]
    categories: Vec<CategoryName>,
    /// Over which channel.
    #[schema(value_type = Option<String>)]
    channel: Option<Channel>,
    /// Towards whom.
    #[schema(value_type = Option<String>)]
    recipient: Option<RecipientName>,
    /// `granted`, `denied` or `observed`.
    #[schema(value_type = String)]
    answer: Answer,
    /// The answer in words.
    text: String,
    /// Every reason against.
    reasons: Vec<ReasonBody>,
    /// The legal ground, as a code.
    basis: Option<String>,
    /// By which version of the manifest.
    policy: u64,
    /// How many people it covers, where it names a set.
    people: Option<u64>,
    /// Its place in the log, once it has one.
    log_index: Option<i64>,
}

impl RecalledBody {
    fn new(recalled: Recalled, locale: Locale) -> Self {
        Self {
            text: answer_text(recalled.answer, locale),
            reasons: recalled.findings.iter().map(|reason| ReasonBody::new(reason, locale)).collect(),
            entry: recalled.entry,
            recorded: recalled.recorded,
            actor: recalled.actor,
            action: recalled.action,
            purpose: recalled.purpose,
            categories: recalled.categories,
            channel: recalled.channel,
            recipient: recalled.recipient,
            answer: recalled.answer,
            basis: recalled.basis,
            policy: recalled.policy,
            people: recalled.people,
            log_index: recalled.log_index,
        }
    }
}

/// What was decided, with its texts. A caller sees its own decisions, an auditor all.
#[utoipa::path(get, path = "/v1/decisions/{entry}", tag = "access", security(("api_key" = [])),
    params(("entry" = String, Path, description = "The entry of the decision")),
    responses(
        (status = 200, description = "The decision", body = RecalledBody),
        (status = "default", description = "Not shown", body = ProblemBody)
    ))]
pub(crate) async fn recall(
    caller: Caller,
    Path(entry): Path<String>,
    locale: Locale,
) -> Result<Answered<RecalledBody>, Problem> {
    let audits = caller.key().audit;
    // An auditor is nobody who asks; with the right to see all, the name does not matter.
    let actor = if audits { model::Actor::Operator } else { caller.actor()? };
    let asker = Asker { look_up: caller.key().look_up, ..Asker::new(actor) };
    let entry = id_in_path(&entry, "decision")?;
    let recalled = access::decision(caller.controller(), entry, &asker, audits).await?;
    Ok(Answered(RecalledBody::new(recalled, locale)))
}

/// What the gate answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
pub(crate) struct DecisionBody {
    /// `granted`, `denied`, or `observed`: a denial that does not stop the caller yet.
    #[schema(value_type = String, example = "denied")]
    answer: Answer,
    /// The ledger entry that records it; none for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "ent_…")]
    entry: Option<EntryId>,
    /// The answer in words.
    text: String,
    /// Every reason against, in the order of the gate; empty when granted.
    reasons: Vec<ReasonBody>,
    /// Until when a yes may be acted upon.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// What whoever acts upon a yes has to keep to.
    #[serde(skip_serializing_if = "Option::is_none")]
    obligations: Option<ObligationsBody>,
    /// Which state of the store was read: `primary`.
    #[schema(value_type = String, example = "primary")]
    answered_from: AnsweredFrom,
}

/// What whoever acts upon a yes has to keep to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Obligations)]
pub(crate) struct ObligationsBody {
    /// How each category of the question may be seen: `clear`, `masked` or `tokenised`.
    #[schema(value_type = BTreeMap<String, String>)]
    views: BTreeMap<CategoryName, View>,
    /// Whether the message must carry a way to unsubscribe at once (RFC 8058).
    unsubscribe: bool,
    /// Until when what is collected may be kept, where that counts from collection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    keep_until: Option<Timestamp>,
}

impl From<&Obligations> for ObligationsBody {
    fn from(kept: &Obligations) -> Self {
        Self { views: kept.views.clone(), unsubscribe: kept.unsubscribe, keep_until: kept.keep_until }
    }
}

/// The fact of a law behind a reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CitedLaw)]
pub(crate) struct CitedBody {
    /// Its name for good; `steward law show` explains it.
    #[schema(example = "us-ca-ccpa/consent/sale")]
    fact: String,
    /// The article, as people cite it.
    citation: String,
    /// Whether a reviewer of the controller has read the law's pack. What nobody has read may
    /// tighten, never loosen; it is no legal advice.
    reviewed: bool,
}

impl From<&model::Cited> for CitedBody {
    fn from(cited: &model::Cited) -> Self {
        Self { fact: cited.fact.clone(), citation: cited.citation.clone(), reviewed: cited.reviewed }
    }
}

/// One reason against a use.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonBody {
    /// The stable code.
    #[schema(value_type = String, example = "no-consent")]
    code: model::FindingCode,
    /// What of the question it is about, such as a category.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The rule behind it.
    rule: &'static str,
    /// The fact of a law behind it, where one says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<CitedBody>,
    /// The reason in words.
    text: String,
    /// What would permit the use, in words.
    remedy: String,
}

impl DecisionBody {
    /// A verdict with its texts in a language.
    pub(crate) fn new(verdict: &Verdict, locale: Locale) -> Self {
        Self {
            answer: verdict.answer,
            entry: verdict.entry,
            text: answer_text(verdict.answer, locale),
            reasons: verdict.findings.iter().map(|reason| ReasonBody::new(reason, locale)).collect(),
            until: verdict.until,
            obligations: verdict.obligations.as_ref().map(Into::into),
            answered_from: AnsweredFrom::Primary,
        }
    }
}

impl ReasonBody {
    /// A reason with its texts in a language.
    pub(crate) fn new(reason: &Reason, locale: Locale) -> Self {
        let key = format!("finding-{}", reason.code);
        Self {
            code: reason.code,
            detail: reason.detail.clone(),
            rule: reason.rule,
            law: reason.law.as_ref().map(CitedBody::from),
            text: words::words().text(locale.tag(), &key, &[]),
            remedy: words::words().text(locale.tag(), &format!("{key}-remedy"), &[]),
        }
    }
}

fn answer_text(answer: Answer, locale: Locale) -> String {
    words::words().text(locale.tag(), &format!("answer-{answer}"), &[])
}
