//! What was decided, read back from the ledger.

use gate::Laws;
use model::{
    Action, Answer, CategoryName, Channel, Cited, EntryId, FindingCode, PurposeName, RecipientName, Timestamp,
};
use serde_json::Value;

use super::Asker;
use crate::ask::Reason;
use crate::controller::Controller;
use crate::error::AppError;

/// A decision as its entry states it. Whom it was about, the entry does not say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Recalled {
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub recorded: Timestamp,
    /// Who asked.
    pub actor: String,
    /// What was to be done.
    pub action: Option<Action>,
    /// Why.
    pub purpose: Option<PurposeName>,
    /// Which kinds of data.
    pub categories: Vec<CategoryName>,
    /// Over which channel.
    pub channel: Option<Channel>,
    /// Towards whom.
    pub recipient: Option<RecipientName>,
    /// The answer.
    pub answer: Answer,
    /// Why not, in the order of the gate; empty for a yes.
    pub findings: Vec<Reason>,
    /// The legal ground, as a code.
    pub basis: Option<String>,
    /// By which version of the manifest.
    pub policy: u64,
    /// How many people it covers, where it names a set.
    pub people: Option<u64>,
    /// Its place in the log, once the sequencer gave it one.
    pub log_index: Option<i64>,
}

/// A decision by its entry, for whoever asked it; an auditor (`audits`) sees every decision.
///
/// # Errors
/// [`AppError::NotFound`] where there is no such decision, or the caller may not see it.
pub async fn decision(
    controller: &Controller,
    entry: EntryId,
    asker: &Asker,
    audits: bool,
) -> Result<Recalled, AppError> {
    let row = controller.db.read("access.decision", move |tx| store::ledger::find(tx, &entry)).await?;
    let row = row
        .filter(|row| audits || row.actor == asker.actor.to_string())
        .ok_or(AppError::NotFound("decision"))?;
    let answer = row.answer.as_deref().and_then(Answer::from_code).ok_or(AppError::NotFound("decision"))?;
    let body: Value =
        serde_json::from_slice(&row.body).map_err(|_| AppError::Internal("a stored entry is no JSON"))?;
    let in_force = controller.in_force()?;
    let laws = in_force.policy.laws();
    let mut findings: Vec<Reason> = texts(&body, "findings")
        .filter_map(FindingCode::from_code)
        .flat_map(|code| reasons(&body, code, laws))
        .collect();
    if !audits && !asker.look_up {
        findings = fold(answer, findings);
    }
    let text = |field: &str| body.get(field).and_then(Value::as_str);
    Ok(Recalled {
        entry: row.id,
        recorded: row.recorded,
        action: text("action").and_then(|code| code.parse().ok()),
        purpose: text("purpose").and_then(|name| name.parse().ok()),
        categories: texts(&body, "categories").filter_map(|name| name.parse().ok()).collect(),
        channel: text("channel").and_then(|code| code.parse().ok()),
        recipient: text("recipient").and_then(|name| name.parse().ok()),
        answer,
        findings,
        basis: text("basis").map(str::to_owned),
        policy: body.get("policy").and_then(Value::as_u64).unwrap_or_default(),
        people: body.get("set").and_then(|set| set.get("count")).and_then(Value::as_u64),
        log_index: row.log_index,
        actor: row.actor,
    })
}

/// The reasons of one finding: one for each fact of a law that the entry names behind it. A fact
/// that has left the packs since is named all the same.
fn reasons(body: &Value, code: FindingCode, laws: Option<&Laws>) -> Vec<Reason> {
    let facts = body.get("facts").and_then(|facts| facts.get(code.code())).and_then(Value::as_array);
    let cited = |fact: &str| {
        let known = laws.and_then(|laws| laws.cited(fact));
        known.unwrap_or_else(|| Cited { fact: fact.to_owned(), citation: fact.to_owned(), reviewed: false })
    };
    let reasons: Vec<Reason> = facts
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|fact| Reason { law: Some(cited(fact)), ..Reason::of(code) })
        .collect();
    if reasons.is_empty() { vec![Reason::of(code)] } else { reasons }
}

/// What somebody without the look-up scope may read, see [`super::hide`].
fn fold(answer: Answer, findings: Vec<Reason>) -> Vec<Reason> {
    let verdict = crate::ask::Verdict { answer, entry: None, findings, until: None, obligations: None };
    super::hide(verdict).findings
}

fn texts<'b>(body: &'b Value, field: &str) -> impl Iterator<Item = &'b str> {
    body.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
