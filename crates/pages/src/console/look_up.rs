//! A look at one customer, with a reason that they will read.

use maud::{Markup, html};

use super::Section;
use crate::form::{Field, FieldKind, csrf_field, select};
use crate::layout::Frame;
use crate::part::{Notice, Tone, button, card, facts};
use crate::table::Table;

/// What was found.
pub enum Found {
    /// Nothing was asked for yet.
    NotAsked,
    /// Nobody has it.
    Nobody,
    /// The rules do not permit it, for these reasons; the attempt is recorded.
    Refused(Vec<String>),
    /// Somebody, as far as the role may see.
    Somebody(Box<Shown>),
}

/// A person as far as a role may see.
pub struct Shown {
    /// Their id.
    pub subject: String,
    /// The entry that records the look.
    pub entry: String,
    /// Values.
    pub values: Table,
    /// Orders, invoices and other records, each kind a table.
    pub records: Vec<Table>,
}

/// What the page shows. What was typed does not come back into the page.
pub struct LookUpView {
    /// The token of the session.
    pub csrf: String,
    /// What a customer may be known by: code and words.
    pub kinds: Vec<(String, String)>,
    /// For what the role works: name and words.
    pub purposes: Vec<(String, String)>,
    /// The reasons the role may give: code and the words that the customer reads.
    pub reasons: Vec<(String, String)>,
    /// What was found.
    pub found: Found,
}

/// The page.
#[must_use]
pub fn look_up(frame: Frame, view: &LookUpView) -> Markup {
    let voice = frame.voice;
    let mut frame =
        Frame { title: Section::LookUp.name(voice), lead: voice.say("console-look-up-lead"), ..frame };
    match &view.found {
        Found::NotAsked => {}
        Found::Nobody => {
            let text = voice.say("console-nobody-text");
            frame.notices.push(Notice::answer(Tone::Info, voice.say("console-nobody"), text));
        }
        Found::Refused(reasons) => {
            let title = voice.say("console-refused");
            frame.notices.push(Notice::answer(Tone::Bad, title, reasons.join(" ")));
        }
        Found::Somebody(_) => {
            let text = voice.say("console-shown-text");
            frame.notices.push(Notice::answer(Tone::Good, voice.say("console-shown"), text));
        }
    }
    frame.page(&html! {
        @if let Found::Somebody(shown) = &view.found { (somebody(&frame, shown)) }
        (form(&frame, view))
    })
}

fn form(frame: &Frame, view: &LookUpView) -> Markup {
    let voice = frame.voice;
    let (value, ticket) = (voice.say("console-identifier"), voice.say("console-ticket"));
    let hint = voice.say("console-ticket-hint");
    html! {
        form class="card stack" method="post" action=(Section::LookUp.address()) {
            (csrf_field(&view.csrf))
            (select("kind", &voice.say("console-kind"), &view.kinds, "email"))
            (Field::new("value", FieldKind::Text, &value))
            (select("purpose", &voice.say("console-purpose"), &view.purposes, ""))
            (select("reason", &voice.say("console-reason"), &view.reasons, ""))
            (Field { hint: &hint, ..Field::new("ticket", FieldKind::Text, &ticket) })
            (button::primary(&voice.say("console-look")))
        }
    }
}

fn somebody(frame: &Frame, shown: &Shown) -> Markup {
    let voice = frame.voice;
    let pairs = [
        (voice.say("console-subject"), html! { code { (shown.subject) } }),
        (voice.say("console-entry"), html! { code { (shown.entry) } }),
    ];
    html! {
        (card("", &facts(&pairs)))
        (shown.values)
        @for table in &shown.records { (table) }
    }
}
