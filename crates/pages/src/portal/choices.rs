//! What a person allowed: a switch per purpose, or per channel of it, that takes effect at
//! once; what has no switch stands locked, with the reason.

use maud::{Markup, Render, html};
use model::Timestamp;
use words::{Voice, Word};

use super::Section;
use crate::form::{Switch, csrf_field, locked};
use crate::layout::Frame;
use crate::part::{Notice, Tone, button, card, disclosure, empty, facts};

/// Where a switch is sent.
pub const ADDRESS: &str = "/portal/choices";
/// Where a wish to freeze everything is sent.
pub const FREEZE_ADDRESS: &str = "/portal/choices/freeze";
/// Where a no to everything is sent.
pub const ALL_OFF_ADDRESS: &str = "/portal/choices/none";

/// What stands on the page.
#[derive(Clone)]
pub struct ChoicesView {
    /// The token of the session.
    pub csrf: String,
    /// Purposes with a switch.
    pub optional: Vec<ChoiceView>,
    /// Purposes without one.
    pub locked: Vec<LockedView>,
    /// Whether a browser of the person sent Global Privacy Control.
    pub hears_gpc: bool,
    /// Whether some of the person's data is restricted.
    pub is_restricted: bool,
    /// Whether all of it is, by the switch of this page.
    pub is_frozen: bool,
    /// The hash of all that is shown, so that a no to everything says what it answered.
    pub shown: String,
}

impl ChoicesView {
    /// What a person reads before they say no to everything: every purpose that has a switch, and
    /// the button.
    #[must_use]
    pub fn shown_text(&self, voice: Voice) -> String {
        let mut parts: Vec<String> = self.optional.iter().map(|choice| choice.shown_text(voice)).collect();
        parts.extend([voice.say("choice-all-off"), voice.say("choice-all-off-text")]);
        parts.join("\n")
    }
}

/// A purpose with a switch.
#[derive(Clone)]
pub struct ChoiceView {
    /// The name in the manifest.
    pub purpose: String,
    /// What is shown about it.
    pub about: AboutView,
    /// What becomes of the data after a no, in words.
    pub ends: String,
    /// One switch, or one per channel.
    pub switches: Vec<SwitchView>,
    /// The hash of what is shown, so that a choice says what it answered.
    pub shown: String,
}

/// What is shown about a purpose.
#[derive(Clone, Default)]
pub struct AboutView {
    /// Its title.
    pub title: String,
    /// What is done and why.
    pub explanation: String,
    /// The kinds of data, in words.
    pub categories: Vec<String>,
    /// Who else receives data, by name.
    pub recipients: Vec<String>,
    /// How long it is kept, in words; empty where it is not said.
    pub kept: String,
    /// The legal ground in words, with what it cites.
    pub basis: String,
}

/// One switch.
#[derive(Clone)]
pub struct SwitchView {
    /// The channel, as a code and in words; none: the purpose as a whole.
    pub channel: Option<(String, String)>,
    /// Whether it is on.
    pub is_on: bool,
    /// Whether it is on but waits for a confirmation.
    pub is_pending: bool,
    /// Since when it is as it is; none where nothing was said.
    pub since: Option<Timestamp>,
}

/// A purpose without a switch.
#[derive(Clone)]
pub struct LockedView {
    /// What is shown about it.
    pub about: AboutView,
    /// Why there is no choice.
    pub because: String,
}

impl ChoiceView {
    /// What a person reads before they choose, in the order of the page, without the state.
    #[must_use]
    pub fn shown_text(&self, voice: Voice) -> String {
        let mut parts = vec![self.about.title.clone(), self.about.explanation.clone()];
        parts.extend(self.details(voice).into_iter().map(|(name, what)| format!("{name}: {what}")));
        parts
            .extend(self.switches.iter().filter_map(|switch| switch.channel.clone()).map(|(_, words)| words));
        parts.extend([voice.say("choice-on"), voice.say("choice-off")]);
        parts.join("\n")
    }

    fn details(&self, voice: Voice) -> Vec<(String, String)> {
        let mut details = self.about.details(voice);
        details.push((voice.say("choice-ends"), self.ends.clone()));
        details
    }
}

impl AboutView {
    fn details(&self, voice: Voice) -> Vec<(String, String)> {
        [
            ("choice-needs", self.categories.join(", ")),
            ("choice-recipients", self.recipients.join(", ")),
            ("choice-kept", self.kept.clone()),
            ("choice-basis", self.basis.clone()),
        ]
        .into_iter()
        .filter(|(_, what)| !what.is_empty())
        .map(|(key, what)| (voice.say(key), what))
        .collect()
    }
}

/// The page.
#[must_use]
pub fn page(frame: Frame, view: &ChoicesView) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: Section::Choices.name(voice), lead: voice.say("choices-lead"), ..frame };
    frame.page(&html! {
        @if view.is_restricted {
            (Notice::standing(Tone::Info, voice.say("choice-restricted"), voice.say("choice-restricted-text")))
        }
        @if view.hears_gpc {
            (Notice::standing(Tone::Info, voice.say("choice-gpc"), voice.say("choice-gpc-text")))
        }
        @if view.optional.is_empty() {
            (empty(&voice.say("choices-none"), ""))
        } @else {
            (card(&voice.say("choices-optional"), &html! {
                ul class="rows" { @for choice in &view.optional { (row(voice, &view.csrf, choice)) } }
            }))
            (all_off(voice, view))
        }
        @if !view.locked.is_empty() {
            (card(&voice.say("choices-locked"), &html! {
                p class="quiet" { (voice.say("choices-locked-lead")) }
                ul class="rows" { @for locked in &view.locked { (locked_row(voice, locked)) } }
            }))
        }
        (freeze(voice, view))
    })
}

fn row(voice: Voice, csrf: &str, choice: &ChoiceView) -> Markup {
    html! {
        li {
            div class="choice" {
                div {
                    h3 id={ (choice.purpose) "-title" } { (choice.about.title) }
                    p { (choice.about.explanation) }
                }
                div class="switches" { @for switch in &choice.switches { (self::switch(voice, csrf, choice, switch)) } }
            }
            (more(voice, choice.details(voice)))
        }
    }
}

fn switch(voice: Voice, csrf: &str, choice: &ChoiceView, switch: &SwitchView) -> Markup {
    let channel = switch.channel.as_ref().map_or("", |(code, _)| code.as_str());
    let id = match channel {
        "" => choice.purpose.clone(),
        channel => format!("{}-{channel}", choice.purpose),
    };
    let state = voice.say(match (switch.is_on, switch.is_pending) {
        (true, true) => "choice-pending",
        (true, false) => "choice-on",
        (false, _) => "choice-off",
    });
    let mut hidden = vec![
        ("purpose", choice.purpose.as_str()),
        ("to", if switch.is_on { "off" } else { "on" }),
        ("shown", choice.shown.as_str()),
    ];
    if !channel.is_empty() {
        hidden.push(("channel", channel));
    }
    let (title, own) = (format!("{}-title", choice.purpose), format!("{id}-channel"));
    let labels = if channel.is_empty() { title } else { format!("{title} {own}") };
    html! {
        div class="switch-line" {
            @if let Some((_, words)) = &switch.channel { p id=(own) class="small" { (words) } }
            (Switch {
                action: ADDRESS,
                csrf,
                hidden: &hidden,
                labelled_by: &labels,
                id: &id,
                is_on: switch.is_on,
                state: &state,
            })
            @if let Some(since) = switch.since {
                p class="quiet small" { (voice.tell("choice-since", &[("day", Word::from(voice.day(since)))])) }
            }
            @if switch.is_pending { p class="quiet small" { (voice.say("choice-pending-text")) } }
        }
    }
}

fn more(voice: Voice, details: Vec<(String, String)>) -> Markup {
    let pairs: Vec<(String, Markup)> =
        details.into_iter().map(|(name, what)| (name, html! { (what) })).collect();
    disclosure(&voice.say("choice-more"), &facts(&pairs))
}

fn freeze(voice: Voice, view: &ChoicesView) -> Markup {
    let (to, key) = if view.is_frozen { ("off", "freeze-end") } else { ("on", "freeze-begin") };
    card(
        &voice.say("freeze-title"),
        &html! {
            p { (voice.say("freeze-text")) }
            form id="freeze" method="post" action=(FREEZE_ADDRESS) {
                (csrf_field(&view.csrf))
                input type="hidden" name="to" value=(to);
                (button::quiet(&voice.say(key)))
            }
        },
    )
}

fn all_off(voice: Voice, view: &ChoicesView) -> Markup {
    html! {
        form class="row actions" method="post" action=(ALL_OFF_ADDRESS) {
            (csrf_field(&view.csrf))
            input type="hidden" name="shown" value=(view.shown);
            (button::quiet(&voice.say("choice-all-off")))
            span class="quiet small" { (voice.say("choice-all-off-text")) }
        }
    }
}

fn locked_row(voice: Voice, view: &LockedView) -> Markup {
    html! {
        li {
            div class="choice" {
                div {
                    h3 { (view.about.title) }
                    p { (view.about.explanation) }
                    @if !view.because.is_empty() { p class="quiet" { (view.because) } }
                }
                div class="switches" { (locked(&voice.say("choice-locked")).render()) }
            }
            (more(voice, view.about.details(voice)))
        }
    }
}

#[cfg(test)]
mod tests {
    use words::Locale;

    use super::*;
    use crate::layout::Surface;

    fn view() -> ChoicesView {
        let switch = |channel: &str, is_on| SwitchView {
            channel: Some((channel.to_owned(), format!("By {channel}"))),
            is_on,
            is_pending: false,
            since: None,
        };
        ChoicesView {
            csrf: "token".to_owned(),
            optional: vec![ChoiceView {
                purpose: "newsletter".to_owned(),
                about: AboutView {
                    title: "Newsletter".to_owned(),
                    explanation: "We write once a month.".to_owned(),
                    categories: vec!["E-mail address".to_owned()],
                    recipients: vec!["Plume".to_owned()],
                    kept: "2 years".to_owned(),
                    basis: "your consent".to_owned(),
                },
                ends: "It is deleted.".to_owned(),
                switches: vec![switch("email", true), switch("post", false)],
                shown: "hash".to_owned(),
            }],
            locked: Vec::new(),
            hears_gpc: false,
            is_restricted: false,
            is_frozen: false,
            shown: "hash of all".to_owned(),
        }
    }

    #[test]
    fn all_that_a_choice_says_was_shown_stands_on_the_page() {
        for locale in Locale::ALL {
            let (voice, view) = (Voice::of(locale), view());
            let page = page(Frame::new(voice, Surface::Portal, ""), &view).into_string();
            for line in view.shown_text(voice).lines() {
                for part in line.split(": ") {
                    assert!(page.contains(part), "{part}");
                }
            }
        }
    }

    #[test]
    fn a_yes_and_a_no_are_the_same_control_and_say_their_state_in_words() {
        let page = page(Frame::new(Voice::of(Locale::English), Surface::Portal, ""), &view()).into_string();
        assert_eq!(page.matches("class=\"switch\" type=\"submit\" role=\"switch\"").count(), 2);
        assert!(
            page.contains(
                "aria-checked=\"true\" aria-labelledby=\"newsletter-title newsletter-email-channel\""
            )
        );
        assert!(page.contains(">Allowed<") && page.contains(">Not allowed<"));
        assert!(page.contains("name=\"to\" value=\"off\"") && page.contains("name=\"to\" value=\"on\""));
    }
}
