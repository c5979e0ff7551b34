//! The first page: how data is used, in numbers.

use maud::{Markup, html};

use super::Section;
use crate::chart::Chart;
use crate::layout::Frame;
use crate::part::{card, facts};

/// What the page shows.
pub struct OverviewView {
    /// Numbers of now, each with its name.
    pub numbers: Vec<(String, String)>,
    /// The charts, from the most to the least asked for.
    pub charts: Vec<Chart>,
    /// What to know about the numbers.
    pub note: String,
}

/// The page.
#[must_use]
pub fn overview(frame: Frame, view: &OverviewView) -> Markup {
    let voice = frame.voice;
    let frame =
        Frame { title: Section::Overview.name(voice), lead: voice.say("console-overview-lead"), ..frame };
    let pairs: Vec<(String, Markup)> =
        view.numbers.iter().map(|(name, number)| (name.clone(), html! { (number) })).collect();
    frame.page(&html! {
        (card(&voice.say("console-now"), &facts(&pairs)))
        @for chart in &view.charts { section class="card" { (chart) } }
        p { (view.note) }
    })
}
