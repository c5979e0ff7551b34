//! The log: what is in it and by which key it is proven.

use maud::{Markup, html};

use super::Section;
use crate::layout::Frame;
use crate::part::{Notice, Tone, card, facts};

/// What the page shows.
pub struct LedgerView {
    /// Whether entries are given their places now.
    pub is_alive: bool,
    /// The log's name.
    pub origin: String,
    /// The key that verifies its checkpoints.
    pub verifier_key: String,
    /// Entries in the last published checkpoint.
    pub size: String,
    /// When the page was made, in words.
    pub made: String,
    /// The checkpoint as it is signed; empty before the first.
    pub checkpoint: String,
}

/// The page. The part in `data-live` is kept fresh by a script, where there is one.
#[must_use]
pub fn ledger(frame: Frame, view: &LedgerView) -> Markup {
    let voice = frame.voice;
    let mut frame =
        Frame { title: Section::Ledger.name(voice), lead: voice.say("console-ledger-lead"), ..frame };
    frame.scripts.push(crate::asset::CONSOLE);
    let state = if view.is_alive {
        Notice::standing(Tone::Good, voice.say("console-log-alive"), "")
    } else {
        Notice::standing(Tone::Bad, voice.say("console-log-still"), voice.say("console-log-still-text"))
    };
    let pairs = [
        (voice.say("console-log-size"), html! { (view.size) }),
        (voice.say("console-log-seen"), html! { (view.made) }),
        (voice.say("console-log-origin"), html! { code { (view.origin) } }),
        (voice.say("console-log-key"), html! { code { (view.verifier_key) } }),
    ];
    frame.page(&html! {
        div data-live="" {
            (state)
            (card("", &facts(&pairs)))
            (card(&voice.say("console-checkpoint"), &html! {
                @if view.checkpoint.is_empty() { p { (voice.say("console-no-checkpoint")) } } @else {
                    pre { (view.checkpoint) }
                }
            }))
        }
        p { (voice.say("console-verify-hint")) " " code { "steward ledger verify" } }
    })
}
