//! How a person's data was used: the entries of the log that name them, in words.

use maud::{Markup, html};
use model::Timestamp;
use words::{Voice, Word};

use super::Section;
use crate::layout::Frame;
use crate::part::{Tone, badge, empty, pager, tag};

/// One use.
#[derive(Debug, Clone)]
pub struct HistoryItem {
    /// When.
    pub at: Timestamp,
    /// What was done or asked, in words.
    pub what: String,
    /// Whether it was refused, or would have been.
    pub refused: Option<Refused>,
    /// Who, for what, which data, why: a line each.
    pub lines: Vec<String>,
    /// Its place in the log, once it has one.
    pub log_index: Option<i64>,
}

/// A use that the rules do not permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It did not take place.
    Denied,
    /// It took place while the program is still being watched.
    Observed,
}

/// One page of uses.
#[derive(Debug, Clone, Default)]
pub struct HistoryView {
    /// The uses, newest first.
    pub items: Vec<HistoryItem>,
    /// The newest page, where this is an older one.
    pub newest: Option<String>,
    /// The page of older uses.
    pub older: Option<String>,
}

/// The page.
#[must_use]
pub fn page(frame: Frame, view: &HistoryView) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: Section::History.name(voice), lead: voice.say("history-lead"), ..frame };
    frame.page(&html! {
        @if view.items.is_empty() {
            (empty(&voice.say("history-empty"), &voice.say("history-empty-text")))
        } @else {
            (list(voice, &view.items))
        }
        (pager(voice, view.newest.as_deref(), view.older.as_deref()))
    })
}

/// Uses as a list.
pub(super) fn list(voice: Voice, items: &[HistoryItem]) -> Markup {
    html! {
        div class="card" {
            ol class="timeline" { @for item in items { (entry(voice, item)) } }
        }
    }
}

fn entry(voice: Voice, item: &HistoryItem) -> Markup {
    html! {
        li {
            time datetime=(item.at) { (voice.moment(item.at)) }
            div {
                p {
                    strong { (item.what) }
                    @match item.refused {
                        Some(Refused::Denied) => { " " (tag(&voice.say("history-refused"))) }
                        Some(Refused::Observed) => { " " (badge(Tone::Warn, &voice.say("history-observed"))) }
                        None => {}
                    }
                }
                @for line in &item.lines { p class="quiet" { (line) } }
                @if let Some(index) = item.log_index {
                    p class="quiet small" { (voice.tell("history-number", &[("index", Word::from(voice.number(index)))])) }
                }
            }
        }
    }
}
