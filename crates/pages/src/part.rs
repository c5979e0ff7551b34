//! The small components: cards, facts, notices, badges, disclosures, empty states, pagers.

use maud::{Markup, Render, html};
use words::Voice;

use crate::icon::Icon;

/// How something is meant. Never by colour alone: an icon or a word says it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// To be known.
    Info,
    /// Done, allowed.
    Good,
    /// To be careful about.
    Warn,
    /// Not done, refused.
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Info => Icon::Info,
            Self::Good => Icon::Check,
            Self::Warn => Icon::Warning,
            Self::Bad => Icon::Cross,
        }
    }
}

/// A box that says what was done, or what to know before doing something.
#[derive(Debug, Clone)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// What happened, in a few words.
    pub title: String,
    /// More about it; empty for none.
    pub text: String,
    /// Whether it answers what the person just did, and is read out at once.
    pub is_answer: bool,
}

impl Notice {
    /// The answer to what the person just did.
    pub fn answer(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone, title: title.into(), text: text.into(), is_answer: true }
    }

    /// Something to know on this page.
    pub fn standing(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tone, title: title.into(), text: text.into(), is_answer: false }
    }
}

impl Render for Notice {
    fn render(&self) -> Markup {
        let role = match (self.is_answer, self.tone) {
            (false, _) => None,
            (true, Tone::Bad | Tone::Warn) => Some("alert"),
            (true, Tone::Info | Tone::Good) => Some("status"),
        };
        html! {
            div class={ "notice " (self.tone.class()) } role=[role] {
                (self.tone.icon())
                div {
                    p { strong { (self.title) } }
                    @if !self.text.is_empty() { p { (self.text) } }
                }
            }
        }
    }
}

/// A word or two about the state of something.
#[must_use]
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span class={ "badge " (tone.class()) } { (text) } }
}

/// A word or two that carries no judgement.
#[must_use]
pub fn tag(text: &str) -> Markup {
    html! { span class="badge" { (text) } }
}

/// A box around things that belong together, with a heading of the second rank.
#[must_use]
pub fn card(title: &str, content: &Markup) -> Markup {
    html! {
        section class="card" {
            @if !title.is_empty() { h2 { (title) } }
            (content)
        }
    }
}

/// Pairs of a name and what it is.
#[must_use]
pub fn facts(pairs: &[(String, Markup)]) -> Markup {
    html! {
        dl class="facts" {
            @for (name, what) in pairs { dt { (name) } dd { (what) } }
        }
    }
}

/// Something to open when wanted.
#[must_use]
pub fn disclosure(summary: &str, content: &Markup) -> Markup {
    html! {
        details {
            summary { (Icon::Chevron) (summary) }
            div { (content) }
        }
    }
}

/// What stands where there is nothing yet.
#[must_use]
pub fn empty(title: &str, text: &str) -> Markup {
    html! {
        div class="card empty" {
            (Icon::Empty)
            p { strong { (title) } }
            @if !text.is_empty() { p { (text) } }
        }
    }
}

/// Links to the page before and the page after.
#[must_use]
pub fn pager(voice: Voice, newer: Option<&str>, older: Option<&str>) -> Markup {
    html! {
        @if newer.is_some() || older.is_some() {
            nav class="pager" aria-label=(voice.say("pages-label")) {
                @if let Some(newer) = newer { a class="btn" href=(newer) rel="prev" { (voice.say("newer")) } }
                @if let Some(older) = older { a class="btn" href=(older) rel="next" { (voice.say("older")) } }
            }
        }
    }
}

/// Buttons and links that look like them. A form has one primary button at most.
pub mod button {
    use super::{Icon, Markup, html};

    /// The one thing to do on a page.
    #[must_use]
    pub fn primary(text: &str) -> Markup {
        html! { button class="btn primary" type="submit" { (text) } }
    }

    /// Anything else; also a yes and a no that must weigh the same.
    #[must_use]
    pub fn quiet(text: &str) -> Markup {
        html! { button class="btn" type="submit" { (text) } }
    }

    /// Leads to something that cannot be undone, but does not do it.
    #[must_use]
    pub fn danger(text: &str) -> Markup {
        html! { button class="btn danger" type="submit" { (Icon::Bin) (text) } }
    }

    /// Does what cannot be undone.
    #[must_use]
    pub fn danger_sure(text: &str) -> Markup {
        html! { button class="btn danger sure" type="submit" { (text) } }
    }

    /// A link that stands among buttons.
    #[must_use]
    pub fn link(address: &str, text: &str) -> Markup {
        html! { a class="btn" href=(address) { (text) } }
    }
}
