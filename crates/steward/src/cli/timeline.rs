//! `steward subject timeline`: what was done with a person's data.

use app::identity;
use app::timeline::{self, PAGE_MAX, TimelineItem};
use clap::Args;
use serde_json::json;

use super::failure::Ended;
use super::identity::{Asking, Whom};
use super::session::Session;

/// Say who used a person's data, when, for what, and what the gate answered
///
/// Newest first. Whoever looks but the person themselves leaves an entry of their own.
///
/// Example: steward subject timeline --subject sub_00000000000000000000000000 --as operator
#[derive(Debug, Args)]
pub(crate) struct Timeline {
    #[command(flatten)]
    whom: Whom,
    /// Who looks: customer, service:NAME, staff:ROLE:ACCOUNT, operator
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    /// How many entries at most
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: usize,
}

impl Timeline {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let (reference, out) = (self.whom.reference()?, session.out);
        let opened = session.open().await?;
        let subject = identity::resolve(opened.controller(), reference).await?;
        let limit = self.limit.min(PAGE_MAX);
        let page = timeline::timeline(opened.controller(), subject, None, limit, self.asking.0).await;
        opened.close().await?;
        let page = page?;
        let items: Vec<_> = page.items.iter().map(as_json).collect();
        out.json(&json!({ "items": items, "next": page.next }));
        page.items.iter().for_each(|item| out.say(in_words(item)));
        if page.next.is_some() {
            out.say("Older entries follow; a larger --limit shows them.");
        }
        Ok(Ended::Done)
    }
}

fn as_json(item: &TimelineItem) -> serde_json::Value {
    json!({
        "entry": item.entry, "recorded": item.recorded, "kind": item.kind, "actor": item.actor,
        "action": item.action, "purpose": item.purpose, "categories": item.categories,
        "answer": item.answer, "findings": item.findings, "reason": item.reason, "log_index": item.log_index,
    })
}

/// One entry as a line.
fn in_words(item: &TimelineItem) -> String {
    let time = item.recorded.to_string();
    let time = time.get(..19).unwrap_or(&time).replace('T', " ");
    let what = item.action.as_deref().unwrap_or(&item.kind);
    let purpose = item.purpose.as_ref().map(|purpose| format!(" for {purpose}")).unwrap_or_default();
    let reason = item.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let answer = item.answer.map(|answer| format!(": {answer}")).unwrap_or_default();
    let codes: Vec<_> = item.findings.iter().map(|finding| finding.code.code()).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(", {}", codes.join(", ")) };
    format!("{time}  {:<28} {what}{purpose}{reason}{answer}{codes}", item.actor)
}
