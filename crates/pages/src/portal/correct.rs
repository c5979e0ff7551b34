//! Correcting one value, with its history.

use maud::{Markup, Render, html};
use model::Timestamp;
use words::Word;

use crate::form::{Field, FieldKind, csrf_field};
use crate::layout::Frame;
use crate::part::{Notice, Tone, button, card};
use crate::table::{Column, Table};

/// One value and what it was before.
#[derive(Clone)]
pub struct CorrectView {
    /// Where the form goes.
    pub action: String,
    /// The token of the session.
    pub csrf: String,
    /// What kind of data it is, in words.
    pub what: String,
    /// The value as it is now.
    pub now: String,
    /// Where it came from, in words.
    pub source: String,
    /// Since when it is so.
    pub since: Timestamp,
    /// What was held before, newest first.
    pub before: Vec<PastView>,
    /// Whether the person is found by it.
    pub is_identifier: bool,
    /// What was wrong with the last try; empty for nothing.
    pub wrong: String,
}

/// A value that was held before.
#[derive(Clone)]
pub struct PastView {
    /// The value.
    pub value: String,
    /// Where it came from, in words.
    pub source: String,
    /// From when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// The page.
#[must_use]
pub fn page(frame: Frame, view: &CorrectView) -> Markup {
    let voice = frame.voice;
    let title = voice.tell("data-change-of", &[("what", Word::from(view.what.as_str()))]);
    let frame = Frame { title, lead: voice.say("correct-lead"), ..frame };
    let label = voice.say("correct-new");
    frame.page(&html! {
        @if view.is_identifier {
            (Notice::standing(Tone::Info, voice.say("notice-info"), voice.say("correct-identifier-note")))
        }
        form class="card stack" method="post" action=(view.action) {
            (csrf_field(&view.csrf))
            (Field { value: &view.now, wrong: &view.wrong, ..Field::new("new", FieldKind::Text, &label) })
            div class="row actions" {
                (button::primary(&voice.say("correct-save")))
                (button::link("/portal/data", &voice.say("cancel")))
            }
        }
        (card(&voice.say("correct-history"), &history(&frame, view)))
    })
}

fn history(frame: &Frame, view: &CorrectView) -> Markup {
    let voice = frame.voice;
    let now = vec![
        html! { (view.now) },
        html! { (view.source) },
        html! { (voice.day(view.since)) },
        html! { (voice.say("correct-now")) },
    ];
    let past = view.before.iter().map(|past| {
        vec![
            html! { (past.value) },
            html! { (past.source) },
            html! { (voice.day(past.since)) },
            html! { (voice.day(past.until)) },
        ]
    });
    let heads = ["data-column-value", "data-column-source", "data-column-since", "correct-column-until"];
    Table {
        caption: voice.say("correct-history"),
        hides_caption: true,
        columns: heads.map(|key| Column::words(voice.say(key))).to_vec(),
        rows: std::iter::once(now).chain(past).collect(),
    }
    .render()
}
