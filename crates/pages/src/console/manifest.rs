//! What is declared, and what changed.

use maud::{Markup, html};
use words::Word;

use super::Section;
use crate::layout::Frame;
use crate::part::{button, card, empty, facts};
use crate::table::Table;

/// What the page shows.
pub struct ManifestView {
    /// The version that is shown.
    pub version: u32,
    /// The newest version.
    pub newest: u32,
    /// When it was applied, in words.
    pub applied: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The entry that records it.
    pub entry: String,
    /// What changed against the version before, in sentences; none for the first.
    pub changes: Option<Vec<String>>,
    /// The purposes with their ground, categories and recipients.
    pub purposes: Table,
}

/// The page.
#[must_use]
pub fn manifest(frame: Frame, view: &ManifestView) -> Markup {
    let voice = frame.voice;
    let lead = voice.tell("console-manifest-lead", &[("version", Word::from(view.version))]);
    let frame = Frame { title: Section::Manifest.name(voice), lead, ..frame };
    let at = |version: u32| format!("{}?version={version}", Section::Manifest.address());
    let pairs = [
        (voice.say("console-applied"), html! { (view.applied) }),
        (voice.say("console-fingerprint"), html! { code { (view.fingerprint) } }),
        (voice.say("console-entry"), html! { code { (view.entry) } }),
    ];
    frame.page(&html! {
        (card("", &html! {
            (facts(&pairs))
            @if view.newest > 1 {
                p class="row" {
                    @if view.version > 1 { (button::link(&at(view.version - 1), &voice.say("older"))) " " }
                    @if view.version < view.newest { (button::link(&at(view.version + 1), &voice.say("newer"))) }
                }
            }
        }))
        @if let Some(changes) = &view.changes {
            (card(&voice.tell("console-changes", &[("before", Word::from(view.version.saturating_sub(1)))]), &html! {
                @if changes.is_empty() { (empty(&voice.say("console-no-changes"), "")) } @else {
                    ul { @for change in changes { li { (change) } } }
                }
            }))
        }
        (view.purposes)
    })
}
