//! How a person's data was used, page by page.

use app::timeline::{self, TimelineItem};
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use model::{Actor, Answer, Channel, EntryId};
use pages::portal::Section;
use pages::portal::history::{self as template, HistoryItem, HistoryView, Refused};
use serde::Deserialize;
use words::Word;

use super::customer::Customer;
use super::names::Names;
use crate::http::pages::Failure;

/// Uses on one page.
const PAGE: usize = 25;

/// Categories that a line names.
const CATEGORIES: usize = 5;

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    before: Option<EntryId>,
}

/// The page.
pub(super) async fn page(
    customer: Customer,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Response, Failure> {
    let Ok(Query(query)) = query else { return Err(Failure::not_found()) };
    let controller = customer.controller();
    let page =
        timeline::timeline(controller, customer.subject(), query.before, PAGE, Actor::Customer).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let address = Section::History.address();
    let view = HistoryView {
        items: page.items.iter().map(|use_| item(names, use_)).collect(),
        newest: query.before.map(|_| address.to_owned()),
        older: page.next.map(|next| format!("{address}?before={next}")),
    };
    Ok(customer.shown(template::page(customer.frame(Section::History)?, &view)))
}

/// One use in words.
pub(super) fn item(names: Names<'_>, item: &TimelineItem) -> HistoryItem {
    let refused = match item.answer {
        Some(Answer::Denied) => Some(Refused::Denied),
        Some(Answer::Observed) => Some(Refused::Observed),
        Some(Answer::Granted) | None => None,
    };
    HistoryItem {
        at: item.recorded,
        what: what(names, item),
        refused,
        lines: lines(names, item),
        log_index: item.log_index,
    }
}

fn what(names: Names<'_>, item: &TimelineItem) -> String {
    let voice = names.voice();
    let action = item.action.as_deref().unwrap_or_default();
    let key = match (&item.choice, item.answer) {
        (Some(choice), _) => format!("chose-{choice}"),
        (None, Some(Answer::Denied | Answer::Observed)) => format!("asked-{action}"),
        (None, _) if item.kind == "decision" => format!("did-{action}"),
        (None, _) => format!("done-{}", item.kind),
    };
    voice.try_say(&key).unwrap_or_else(|| voice.say("done-other"))
}

fn lines(names: Names<'_>, item: &TimelineItem) -> Vec<String> {
    let voice = names.voice();
    let mut lines = Vec::new();
    let who = Word::from(names.actor(&item.actor));
    match item.via.as_deref().filter(|via| *via != item.actor) {
        Some(via) => {
            let service = Word::from(names.service(via));
            lines.push(voice.tell("history-by-through", &[("who", who), ("service", service)]));
        }
        None => lines.push(voice.tell("history-by", &[("who", who)])),
    }
    let mut about: Vec<String> =
        item.purpose.as_deref().map(|purpose| names.purpose(purpose)).into_iter().collect();
    let channel =
        item.channel.as_deref().and_then(|code| Channel::ALL.into_iter().find(|known| known.code() == code));
    about.extend(channel.map(|channel| names.channel_within(channel)));
    about.extend(item.recipient.as_deref().map(|recipient| names.recipient(recipient)));
    if !about.is_empty() {
        lines.push(voice.tell("history-for", &[("purpose", Word::from(about.join(", ")))]));
    }
    // A look at everything names every category there is, which says nothing.
    if !item.categories.is_empty() && item.categories.len() < names.manifest().categories.len() {
        lines.push(categories(names, &item.categories));
    }
    if let Some(reason) = &item.reason {
        lines.push(voice.tell("history-reason", &[("reason", Word::from(names.reason(reason)))]));
    }
    let why: Vec<String> = item.findings.iter().map(|finding| names.why_not(finding.code)).collect();
    if !why.is_empty() {
        lines.push(voice.tell("history-why-not", &[("why", Word::from(why.join(" ")))]));
    }
    lines
}

/// The first of the categories by name, and how many more there are.
fn categories(names: Names<'_>, codes: &[String]) -> String {
    let named: Vec<String> = codes.iter().take(CATEGORIES).map(|code| names.category_of(code)).collect();
    let list = named.join(", ");
    match codes.len().saturating_sub(CATEGORIES) {
        0 => list,
        more => names
            .voice()
            .tell("history-data-more", &[("list", Word::from(list)), ("count", Word::from(more))]),
    }
}
