//! Asking the gate, and reading back what it answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use app::access::{self, AnsweredFrom, Asker, Mode, Question, Recalled, What};
use app::identity::SubjectRef;
use app::{Reason, Verdict};
use axum::Json as Answered;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use gate::Obligations;
use model::manifest::View;
use model::{
    Action, Answer, CategoryName, Channel, EntryId, FindingCode, PurposeName, RecipientName, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Server;
use super::auth::Caller;
use super::idempotency::Repeat;
use super::json;
use super::locale::Locale;
use super::problem::{Problem, ProblemBody};
use super::wire::{ReasonGiven, Reference, SubjectBody, id_in_path};

/// One question: may this be done with this person's data?
#[derive(Debug, Deserialize, ToSchema)]
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
#[derive(Debug, Deserialize, ToSchema)]
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
#[derive(Debug)]
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
    repeat: Repeat,
) -> Result<Response, Problem> {
    let (asked, mode) = read(repeat.bytes())?;
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
            Ok(Answered(DecisionBody::new(verdict, locale)).into_response())
        }
        Asked::Many(items) => {
            let most = server.limits().batch_items;
            if items.len() > most {
                return Err(Problem::malformed("items", format!("{most} items at most")));
            }
            let questions: Result<_, _> = items.into_iter().map(|item| item.checked(&caller)).collect();
            let verdicts = access::decide_batch(caller.controller(), questions?, asker, mode).await?;
            count(&server, &caller, &verdicts, dry_run);
            let items = verdicts.into_iter().map(|verdict| DecisionBody::new(verdict, locale)).collect();
            Ok(Answered(DecisionsBody { items }).into_response())
        }
    }
}

/// A request as it is where it is in order; whatever else it is, `split` tells the fault.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    #[serde(default, deserialize_with = "there")]
    items: Option<Vec<QuestionBody>>,
    #[serde(default, deserialize_with = "there")]
    subject: Option<SubjectRef>,
    #[serde(default, deserialize_with = "there")]
    purpose: Option<PurposeName>,
    #[serde(default, deserialize_with = "there")]
    categories: Option<BTreeSet<CategoryName>>,
    #[serde(default, deserialize_with = "there")]
    action: Option<Action>,
    #[serde(default, deserialize_with = "there")]
    channel: Option<Option<Channel>>,
    #[serde(default, deserialize_with = "there")]
    recipient: Option<Option<RecipientName>>,
    #[serde(default, deserialize_with = "there")]
    reason: Option<Option<ReasonGiven>>,
    #[serde(default, deserialize_with = "there")]
    held_since: Option<Option<Timestamp>>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    gpc: bool,
    request: Option<Reference>,
}

/// A field that is there, which tells it from one that was left out, null where `T` may be.
fn there<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

impl Whole {
    /// None where the form is not to be seen at once.
    fn parts(self) -> Option<(Asked, ModeBody)> {
        let mode =
            ModeBody { strict: self.strict, dry_run: self.dry_run, gpc: self.gpc, request: self.request };
        let (may_be_null, categories) =
            ((self.channel, self.recipient, self.reason, self.held_since), self.categories);
        let asked = match (self.items, self.subject, self.purpose, self.action) {
            (None, Some(subject), Some(purpose), Some(action)) => {
                let (channel, recipient, reason, held_since) = may_be_null;
                Asked::One(Box::new(QuestionBody {
                    subject,
                    purpose,
                    categories: categories.unwrap_or_default(),
                    action,
                    channel: channel.flatten(),
                    recipient: recipient.flatten(),
                    reason: reason.flatten(),
                    held_since: held_since.flatten(),
                }))
            }
            (Some(items), None, None, None)
                if categories.is_none() && matches!(may_be_null, (None, None, None, None)) =>
            {
                Asked::Many(items)
            }
            _ => return None,
        };
        Some((asked, mode))
    }
}

/// Reads what is asked, and how.
fn read(body: &[u8]) -> Result<(Asked, ModeBody), Problem> {
    match json::read_plain::<Whole>(body).and_then(Whole::parts) {
        Some(parts) => Ok(parts),
        None => split(json::read(body)?),
    }
}

/// Reads a body as [`decide`] does.
pub(super) fn read_body(bytes: &[u8]) -> Result<(), String> {
    read(bytes).map(drop).map_err(|problem| problem.told())
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
        Ok(self.into_question())
    }

    /// One question as a line of text, in the form that it has among the `items` of a request.
    ///
    /// # Errors
    /// Where it breaks that form, by path; never by value.
    pub(crate) fn from_line(line: &[u8]) -> Result<Question, String> {
        json::read(line).map(Self::into_question).map_err(|problem| problem.told())
    }

    fn into_question(self) -> Question {
        let what = What {
            purpose: self.purpose,
            categories: self.categories,
            action: self.action,
            channel: self.channel,
            recipient: self.recipient,
            reason: self.reason.map(ReasonGiven::into_parts),
            held_since: self.held_since,
        };
        Question { subject: self.subject, what }
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
    text: &'static str,
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
            reasons: recalled.findings.into_iter().map(|reason| ReasonBody::new(reason, locale)).collect(),
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
    text: &'static str,
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

impl From<Obligations> for ObligationsBody {
    fn from(kept: Obligations) -> Self {
        Self { views: kept.views, unsubscribe: kept.unsubscribe, keep_until: kept.keep_until }
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

impl From<model::Cited> for CitedBody {
    fn from(cited: model::Cited) -> Self {
        Self { fact: cited.fact, citation: cited.citation, reviewed: cited.reviewed }
    }
}

/// One reason against a use.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonBody {
    /// The stable code.
    #[schema(value_type = String, example = "no-consent")]
    code: FindingCode,
    /// What of the question it is about, such as a category.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The rule behind it.
    rule: &'static str,
    /// The fact of a law behind it, where one says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    law: Option<CitedBody>,
    /// The reason in words.
    text: &'static str,
    /// What would permit the use, in words.
    remedy: &'static str,
}

impl DecisionBody {
    /// A verdict with its texts in a language.
    pub(crate) fn new(verdict: Verdict, locale: Locale) -> Self {
        Self {
            answer: verdict.answer,
            entry: verdict.entry,
            text: answer_text(verdict.answer, locale),
            reasons: verdict.findings.into_iter().map(|reason| ReasonBody::new(reason, locale)).collect(),
            until: verdict.until,
            obligations: verdict.obligations.map(Into::into),
            answered_from: AnsweredFrom::Primary,
        }
    }
}

impl ReasonBody {
    /// A reason with its texts in a language.
    pub(crate) fn new(reason: Reason, locale: Locale) -> Self {
        let (text, remedy) = texts(reason.code, locale);
        Self {
            code: reason.code,
            detail: reason.detail,
            rule: reason.rule,
            law: reason.law.map(CitedBody::from),
            text,
            remedy,
        }
    }
}

/// A finding and what would permit the use, in words.
fn texts(code: FindingCode, locale: Locale) -> (&'static str, &'static str) {
    let of_finding = WORDS.findings.get(&(locale.tag(), code));
    of_finding.map_or_else(Default::default, |(text, remedy)| (text.as_str(), remedy.as_str()))
}

fn answer_text(answer: Answer, locale: Locale) -> &'static str {
    WORDS.answers.get(&(locale.tag(), answer.code())).map_or("", String::as_str)
}

/// The words of answers hold nothing of the question, so each is made once, not with every answer.
static WORDS: LazyLock<Words> = LazyLock::new(Words::new);

struct Words {
    findings: HashMap<(&'static str, FindingCode), (String, String)>,
    answers: HashMap<(&'static str, &'static str), String>,
}

impl Words {
    fn new() -> Self {
        let text = |locale: words::Locale, key: &str| words::words().text(locale.tag(), key, &[]);
        let of_code = |locale: words::Locale, code: FindingCode| {
            let key = format!("finding-{code}");
            ((locale.tag(), code), (text(locale, &key), text(locale, &format!("{key}-remedy"))))
        };
        let of_answer = |locale: words::Locale, answer: Answer| {
            ((locale.tag(), answer.code()), text(locale, &format!("answer-{answer}")))
        };
        let locales = words::Locale::ALL.into_iter();
        Self {
            findings: locales
                .clone()
                .flat_map(|locale| FindingCode::ALL.iter().map(move |code| of_code(locale, *code)))
                .collect(),
            answers: locales
                .flat_map(|locale| Answer::ALL.iter().map(move |answer| of_answer(locale, *answer)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Requests that are nearly in order: fields of a question, of the mode and of a batch, null,
    /// of the right kind, and of another.
    fn requests() -> impl Strategy<Value = String> {
        let question = r#"{"subject":{"id":"sub_00000000000000000000000000"},"purpose":"a","action":"use"}"#;
        let items = format!(r#""items":[{question},{question}]"#);
        let whole = [
            r#""subject":{"id":"sub_00000000000000000000000000"}"#.to_owned(),
            r#""subject":{"kind":"email","value":"a@example.org"}"#.to_owned(),
            r#""purpose":"a""#.to_owned(),
            r#""action":"send""#.to_owned(),
        ];
        let field = prop_oneof![
            proptest::sample::select(whole.to_vec()),
            Just(items),
            Just(r#""categories":["contact.email","contact.email"]"#.to_owned()),
            Just(r#""channel":"email""#.to_owned()),
            Just(r#""channel":"pigeon""#.to_owned()),
            Just(r#""dry_run":true"#.to_owned()),
            Just(r#""request":"r-1""#.to_owned()),
            Just(r#""request":"r 1""#.to_owned()),
            Just(r#""held_since":"2025-01-01T00:00:00Z""#.to_owned()),
            Just(r#""reason":{"code":"support","ticket":"T-1"}"#.to_owned()),
            proptest::sample::select(vec![
                "items",
                "subject",
                "purpose",
                "categories",
                "action",
                "channel",
                "recipient",
                "reason",
                "held_since",
                "strict",
                "dry_run",
                "gpc",
                "request",
                "other"
            ])
            .prop_map(|name| format!(r#""{name}":null"#)),
        ];
        let some = proptest::collection::vec(field, 0..4);
        (proptest::sample::subsequence(whole.to_vec(), 0..=4), some, any::<bool>()).prop_map(
            |(mut fields, more, is_whole)| {
                if is_whole {
                    fields = whole_question();
                }
                fields.extend(more);
                format!("{{{}}}", fields.join(","))
            },
        )
    }

    fn whole_question() -> Vec<String> {
        let fields =
            [r#""subject":{"id":"sub_00000000000000000000000000"}"#, r#""purpose":"a""#, r#""action":"use""#];
        fields.map(str::to_owned).to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_request_is_read_alike_at_once_and_by_its_tree(body in requests()) {
            let told = |read: Result<(Asked, ModeBody), Problem>| format!("{read:?}");
            let by_tree = json::read(body.as_bytes()).and_then(split);
            prop_assert_eq!(told(read(body.as_bytes())), told(by_tree), "{}", body);
        }
    }

    #[test]
    fn a_question_and_a_batch_in_order_need_no_tree() {
        let question = whole_question().join(",");
        let one = format!(r#"{{{question},"dry_run":true,"channel":null}}"#);
        let many = format!(r#"{{"items":[{{{question}}}],"request":"r-1"}}"#);
        for body in [one, many] {
            let read = json::read_plain::<Whole>(body.as_bytes());
            assert!(read.and_then(Whole::parts).is_some(), "{body}");
        }
    }
}
