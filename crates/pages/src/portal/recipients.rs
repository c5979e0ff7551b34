//! Who else receives a person's data, for what, and where the person says no to it.

use maud::{Markup, Render, html};
use words::Voice;

use super::Section;
use crate::form::{Switch, locked};
use crate::layout::Frame;
use crate::part::{card, empty, facts};

/// Where a switch is sent.
pub const ADDRESS: &str = "/portal/recipients";

/// What stands on the page.
#[derive(Clone, Default)]
pub struct RecipientsView {
    /// The token of the session.
    pub csrf: String,
    /// Everybody who may receive something.
    pub recipients: Vec<RecipientView>,
}

/// One recipient.
#[derive(Clone, Default)]
pub struct RecipientView {
    /// The name in the manifest.
    pub code: String,
    /// The legal name.
    pub name: String,
    /// What it does, in words.
    pub what: String,
    /// What its contract says, in a sentence or two; empty for none.
    pub contract: String,
    /// The country, as its code.
    pub country: String,
    /// The titles of the purposes that name it.
    pub purposes: Vec<String>,
    /// When it last received something, in words.
    pub last: String,
    /// The titles of the purposes that cannot be served without it.
    pub needed_for: Vec<String>,
    /// What happens after a no.
    pub if_declined: String,
    /// Whether there is a switch: it is not needed for everything that names it.
    pub has_switch: bool,
    /// Whether the person said no.
    pub is_declined: bool,
    /// The hash of what is shown, so that a choice says what it answered.
    pub shown: String,
}

impl RecipientView {
    /// What a person reads before they choose, in the order of the page, without the state.
    #[must_use]
    pub fn shown_text(&self, voice: Voice) -> String {
        let mut parts = vec![self.name.clone(), self.contract.clone()];
        parts.extend(self.details(voice).into_iter().map(|(name, what)| format!("{name}: {what}")));
        parts.extend([voice.say("recipients-on"), voice.say("recipients-off")]);
        parts.join("\n")
    }

    fn details(&self, voice: Voice) -> Vec<(String, String)> {
        [
            ("recipients-what", self.what.clone()),
            ("recipients-where", self.country.clone()),
            ("recipients-for", self.purposes.join(", ")),
            ("recipients-needed-for", self.needed_for.join(", ")),
            ("recipients-if-declined", self.if_declined.clone()),
        ]
        .into_iter()
        .filter(|(_, what)| !what.is_empty())
        .map(|(key, what)| (voice.say(key), what))
        .collect()
    }
}

/// The page.
#[must_use]
pub fn page(frame: Frame, view: &RecipientsView) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: Section::Recipients.name(voice), lead: voice.say("recipients-lead"), ..frame };
    frame.page(&html! {
        @if view.recipients.is_empty() { (empty(&voice.say("recipients-none"), "")) }
        @for recipient in &view.recipients { (one(voice, &view.csrf, recipient)) }
    })
}

fn one(voice: Voice, csrf: &str, recipient: &RecipientView) -> Markup {
    let title = format!("{}-title", recipient.code);
    let to = if recipient.is_declined { "on" } else { "off" };
    let hidden = [("recipient", recipient.code.as_str()), ("to", to), ("shown", recipient.shown.as_str())];
    let state = voice.say(if recipient.is_declined { "recipients-off" } else { "recipients-on" });
    let mut pairs: Vec<(String, Markup)> =
        recipient.details(voice).into_iter().map(|(name, what)| (name, html! { (what) })).collect();
    pairs.push((voice.say("recipients-last"), html! { (recipient.last) }));
    card(
        "",
        &html! {
            div class="choice" {
                div {
                    h2 id=(title) { (recipient.name) }
                    @if !recipient.contract.is_empty() { p { (recipient.contract) } }
                }
                div class="switches" {
                    @if recipient.has_switch || recipient.is_declined {
                        (Switch {
                            action: ADDRESS,
                            csrf,
                            hidden: &hidden,
                            labelled_by: &title,
                            id: &recipient.code,
                            is_on: !recipient.is_declined,
                            state: &state,
                        })
                    } @else {
                        (locked(&voice.say("recipients-locked")).render())
                    }
                }
            }
            (facts(&pairs))
        },
    )
}

#[cfg(test)]
mod tests {
    use words::Locale;

    use super::*;
    use crate::layout::Surface;

    #[test]
    fn what_a_choice_says_was_shown_stands_on_the_page_and_what_is_needed_has_no_switch() {
        let free = RecipientView {
            code: "plume".to_owned(),
            name: "Plume <SAS>".to_owned(),
            what: "Sends messages".to_owned(),
            country: "FR".to_owned(),
            purposes: vec!["Newsletter".to_owned()],
            last: "3 March".to_owned(),
            if_declined: "No newsletter comes.".to_owned(),
            has_switch: true,
            ..RecipientView::default()
        };
        let needed = RecipientView {
            code: "parcel".to_owned(),
            needed_for: vec!["Orders".to_owned()],
            has_switch: false,
            ..free.clone()
        };
        for locale in Locale::ALL {
            let voice = Voice::of(locale);
            let view =
                RecipientsView { csrf: "t".to_owned(), recipients: vec![free.clone(), needed.clone()] };
            let page = page(Frame::new(voice, Surface::Portal, ""), &view).into_string();
            assert_eq!(page.matches("role=\"switch\"").count(), 1, "{page}");
            for part in ["Plume &lt;SAS&gt;", "Newsletter", "No newsletter comes.", "3 March"] {
                assert!(page.contains(part), "{part}");
            }
        }
    }
}
