//! Deleting everything: first what would go and what must stay, then a fresh code, then done.

use maud::{Markup, Render, html};
use model::Timestamp;
use words::{Voice, Word};

use super::Section;
use super::sign_in::{CodeView, code_field};
use crate::form::csrf_field;
use crate::layout::Frame;
use crate::part::{Notice, Tone, button, card, facts};
use crate::table::{Column, Table};

/// Where a code is asked for.
pub const BEGIN_ADDRESS: &str = "/portal/erase/code";
/// Where the code is sent.
pub const DO_ADDRESS: &str = "/portal/erase";

/// What a deletion would do.
#[derive(Clone)]
pub struct EraseView {
    /// The token of the session.
    pub csrf: String,
    /// What goes: names and how many of them.
    pub goes: Vec<(String, i64)>,
    /// How many identifiers go.
    pub identifiers: usize,
    /// How many lines of the log no longer lead to the person.
    pub entries: i64,
    /// What stays.
    pub stays: Vec<StaysView>,
    /// Why it cannot be done now; empty where it can.
    pub denied: Vec<String>,
}

/// Something that stays.
#[derive(Clone)]
pub struct StaysView {
    /// What, in words.
    pub what: String,
    /// Why, in words, with what is cited.
    pub why: String,
    /// Until when.
    pub until: Timestamp,
}

/// The page with the preview.
#[must_use]
pub fn preview(frame: Frame, view: &EraseView) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: Section::Erase.name(voice), lead: voice.say("erase-lead"), ..frame };
    frame.page(&html! {
        (card(&voice.say("erase-goes"), &goes(voice, view)))
        (card(&voice.say("erase-stays"), &stays(voice, &view.stays)))
        @if view.denied.is_empty() {
            (Notice::standing(Tone::Warn, voice.say("erase-cannot"), voice.say("erase-cannot-text")))
            form class="row actions" method="post" action=(BEGIN_ADDRESS) {
                (csrf_field(&view.csrf))
                (button::danger(&voice.say("erase-begin")))
                (button::link(Section::Download.address(), &Section::Download.name(voice)))
            }
        } @else {
            (Notice::standing(Tone::Bad, voice.say("erase-denied"), view.denied.join(" ")))
        }
    })
}

fn goes(voice: Voice, view: &EraseView) -> Markup {
    html! {
        p { (voice.say("erase-goes-lead")) }
        ul {
            @for (what, items) in &view.goes {
                li { (voice.tell("erase-goes-line", &[("what", Word::from(what.as_str())), ("items", Word::from(*items))])) }
            }
            @if view.identifiers > 0 {
                li { (voice.tell("erase-goes-identifiers", &[("count", Word::from(view.identifiers))])) }
            }
            @if view.entries > 0 {
                li { (voice.tell("erase-goes-history", &[("count", Word::from(view.entries))])) }
            }
        }
    }
}

/// What stays, why and until when.
fn stays(voice: Voice, stays: &[StaysView]) -> Markup {
    let row = |stays: &StaysView| {
        vec![
            html! { (stays.what) },
            html! { (stays.why) },
            html! { span class="nowrap" { (voice.day(stays.until)) } },
        ]
    };
    let table = Table {
        caption: voice.say("erase-stays"),
        hides_caption: true,
        columns: ["what", "why", "until"]
            .map(|name| Column::words(voice.say(&format!("erase-column-{name}"))))
            .to_vec(),
        rows: stays.iter().map(row).collect(),
    };
    html! {
        @if stays.is_empty() { p { (voice.say("erase-stays-none")) } } @else { (table.render()) }
    }
}

/// The page that asks for a fresh code before the deletion.
#[must_use]
pub fn confirm(frame: Frame, csrf: &str, view: &CodeView) -> Markup {
    let voice = frame.voice;
    let lead = voice.tell("erase-code-lead", &[("minutes", Word::from(view.minutes))]);
    let frame = Frame { title: voice.say("erase-code-title"), lead, ..frame };
    frame.page(&html! {
        form class="card stack" method="post" action=(DO_ADDRESS) {
            (csrf_field(csrf))
            (code_field(&frame, view))
            (Notice::standing(Tone::Warn, voice.say("erase-cannot"), ""))
            div class="row actions" {
                (button::danger_sure(&voice.say("erase-sure")))
                (button::link(Section::Erase.address(), &voice.say("cancel")))
            }
        }
    })
}

/// The page after the deletion. `entry` is the entry that records it.
#[must_use]
pub fn done(frame: Frame, entry: &str, stays: &[StaysView]) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: voice.say("erased-title"), lead: voice.say("erased-lead"), ..frame };
    let number = (voice.say("erased-entry"), html! { span class="mono" { (entry) } });
    frame.page(&html! {
        (card("", &facts(&[number])))
        (card(&voice.say("erase-stays"), &self::stays(voice, stays)))
    })
}
