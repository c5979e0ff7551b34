//! The first page of the portal.

use maud::{Markup, html};
use words::Word;

use super::Section;
use super::history::{self, HistoryItem};
use crate::layout::Frame;

/// What the overview shows.
#[derive(Debug, Clone)]
pub struct OverviewView {
    /// Optional purposes that are allowed.
    pub allowed: usize,
    /// Optional purposes.
    pub optional: usize,
    /// The newest uses.
    pub recent: Vec<HistoryItem>,
}

/// The page.
#[must_use]
pub fn page(frame: Frame, view: &OverviewView) -> Markup {
    let voice = frame.voice;
    let controller = [("controller", Word::from(frame.controller.as_str()))];
    let title = voice.tell("overview-title", &controller);
    let frame = Frame { title, lead: voice.say("overview-lead"), ..frame };
    let choices = match view.optional {
        0 => voice.say("overview-choices-none"),
        all => {
            voice.tell("overview-choices", &[("allowed", Word::from(view.allowed)), ("all", Word::from(all))])
        }
    };
    let tiles = [
        (Section::Data, voice.say("overview-data")),
        (Section::Choices, choices),
        (Section::History, voice.say("overview-history")),
        (Section::Download, voice.say("overview-download")),
        (Section::Erase, voice.say("overview-erase")),
    ];
    frame.page(&html! {
        div class="card" {
            ul class="rows tiles" {
                @for (section, text) in &tiles {
                    li {
                        h2 { a href=(section.address()) { (section.name(voice)) } }
                        p class="quiet" { (text) }
                    }
                }
            }
        }
        @if !view.recent.is_empty() {
            h2 { (voice.say("overview-recent")) }
            (history::list(voice, &view.recent))
            p { a href=(Section::History.address()) { (voice.say("overview-recent-all")) } }
        }
    })
}
