//! What a site shows its visitors: the banner, the link at its foot, and the preference page.
//!
//! The rules of `consent-rules.md` are built in, not configured: yes and no are buttons of one
//! kind and size, no comes first on every layer, nothing is ticked before the visitor ticks it,
//! and the page can be used while the banner stands.

use std::cell::RefCell;

use maud::{Markup, html};
use words::{Voice, Word};

use crate::asset::{Asset, BANNER_STYLE};
use crate::form::locked;
use crate::icon::Icon;
use crate::layout::Frame;
use crate::part::{Notice, Tone};

/// The order of the banner's buttons, as the record names it.
pub const BANNER_BUTTONS: [&str; 3] = ["refuse", "accept", "choose"];
/// The order of the preference page's buttons.
pub const PREFERENCE_BUTTONS: [&str; 3] = ["refuse", "accept", "save"];

/// The one button of the page against selling and sharing.
pub const OPT_OUT_BUTTONS: [&str; 1] = ["opt-out"];

/// What stands on a surface, in its order: each text as it is rendered. The hash of it is what
/// the record of a choice names.
#[derive(Debug, Default)]
pub struct Said(RefCell<Vec<String>>);

impl Said {
    /// Takes a text down and gives it back to be rendered.
    fn say(&self, text: impl Into<String>) -> String {
        let text = text.into();
        // White space as a browser shows it.
        self.0.borrow_mut().push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        text
    }

    /// Everything said so far: one text a line.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.borrow().join("\n")
    }
}

/// An optional purpose, as a visitor is asked about it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its name in the manifest.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What is done, in a sentence or two.
    pub explanation: String,
    /// Who else receives data for it.
    pub recipients: Vec<String>,
    /// Whether the visitor allows it now.
    pub is_on: bool,
    /// Whether the browser's own signal keeps it off.
    pub is_closed: bool,
}

/// A purpose without a choice.
#[derive(Debug, Clone)]
pub struct Necessary {
    /// What people call it.
    pub title: String,
    /// What is done.
    pub explanation: String,
    /// Why there is no choice.
    pub because: String,
}

/// What banner and preference page share.
pub struct Offer<'a> {
    /// The words.
    pub voice: Voice,
    /// Who asks.
    pub controller: &'a str,
    /// Where this site's pages stand for the browser, such as `/privacy`.
    pub base: &'a str,
    /// The page to come back to.
    pub back: &'a str,
    /// The optional purposes.
    pub asked: &'a [Asked],
    /// Whether the browser sends Global Privacy Control.
    pub gpc: bool,
    /// What sells or shares data, by its titles; empty: nothing does.
    pub sales: &'a [String],
}

impl Offer<'_> {
    fn opt_out(&self) -> String {
        format!("{}/opt-out?back={}", self.base, self.back)
    }

    fn preferences(&self) -> String {
        format!("{}/preferences?back={}", self.base, self.back)
    }
}

/// The banner: a part of a page, for the top of its body. `proof` makes the hidden field's value
/// of everything that was said.
pub fn banner(offer: &Offer<'_>, proof: impl FnOnce(&Said) -> String) -> Markup {
    let (voice, said) = (offer.voice, Said::default());
    let controller = [("controller", Word::from(offer.controller))];
    html! {
        link rel="stylesheet" href=(asset(offer.base, &BANNER_STYLE));
        section class="stw-banner" id="stw-banner" lang=(voice.locale().tag()) dir=(voice.locale().direction())
            aria-labelledby="stw-title" data-base=(offer.base) {
            form method="post" action={ (offer.base) "/choice" } {
                h2 id="stw-title" data-said { (said.say(voice.say("site-banner-title"))) }
                p data-said { (said.say(voice.tell("site-banner-text", &controller))) }
                ul {
                    @for purpose in offer.asked {
                        li {
                            strong data-said { (said.say(&purpose.title)) } " – "
                            span data-said { (said.say(&purpose.explanation)) } " "
                            @if !purpose.recipients.is_empty() {
                                span data-said { (said.say(recipients(voice, purpose))) }
                            }
                        }
                    }
                }
                p data-said { (said.say(voice.say("site-banner-later"))) }
                @if offer.gpc { p class="stw-signal" data-said { (said.say(voice.say("site-gpc"))) } }
                div class="stw-buttons" {
                    button class="stw-button" type="submit" name="choice" value="refuse" data-said { (said.say(voice.say("site-refuse"))) }
                    button class="stw-button" type="submit" name="choice" value="accept" data-said { (said.say(voice.say("site-accept"))) }
                    a class="stw-button" href=(offer.preferences()) data-said { (said.say(voice.say("site-choose"))) }
                }
                input type="hidden" name="back" value=(offer.back);
                input type="hidden" name="shown" value=(proof(&said));
            }
        }
    }
}

/// The link at a page's foot, by which a choice can be seen and changed on every page.
#[must_use]
pub fn link(offer: &Offer<'_>) -> Markup {
    let voice = offer.voice;
    html! {
        span class="stw-link" lang=(voice.locale().tag()) {
            a href=(offer.preferences()) { (voice.say("site-preferences-name")) }
            @if !offer.sales.is_empty() {
                " · " a href=(offer.opt_out()) { (voice.say("site-opt-out-name")) }
            }
            @if offer.gpc { " " span class="stw-signal" { (voice.say("site-gpc-short")) } }
        }
    }
}

/// The page on which a visitor sees and changes everything.
pub fn preferences(
    frame: Frame,
    offer: &Offer<'_>,
    necessary: &[Necessary],
    remembered: Option<&str>,
    proof: impl FnOnce(&Said) -> String,
) -> Markup {
    let (voice, said) = (offer.voice, Said::default());
    let mut frame = frame;
    // In the order in which the frame shows them.
    if offer.gpc {
        let text = said.say(voice.say("site-gpc"));
        frame.notices.push(Notice { tone: Tone::Info, title: text, text: String::new(), is_answer: false });
    }
    frame.title = said.say(voice.say("site-preferences-name"));
    frame.lead =
        said.say(voice.tell("site-preferences-lead", &[("controller", Word::from(offer.controller))]));
    let content = html! {
        form method="post" action={ (offer.base) "/choice" } class="stack" {
            div class="card" {
                h2 data-said { (said.say(voice.say("site-optional"))) }
                ul class="rows" {
                    @for purpose in offer.asked { li { (pick(voice, purpose, &said)) } }
                }
            }
            div class="row equal" {
                button class="btn" type="submit" name="choice" value="refuse" data-said { (said.say(voice.say("site-refuse"))) }
                button class="btn" type="submit" name="choice" value="accept" data-said { (said.say(voice.say("site-accept"))) }
                button class="btn" type="submit" name="choice" value="save" data-said { (said.say(voice.say("site-save"))) }
            }
            p class="quiet small" {
                @if let Some(until) = remembered { (voice.tell("site-remembered", &[("day", Word::from(until))])) }
                @else { (voice.say("site-not-chosen")) }
            }
            input type="hidden" name="back" value=(offer.back);
            input type="hidden" name="shown" value=(proof(&said));
        }
        h2 { (voice.say("site-necessary")) }
        div class="card" {
            ul class="rows" {
                @for purpose in necessary {
                    li class="choice" {
                        div {
                            h3 { (purpose.title) }
                            p { (purpose.explanation) }
                            p class="quiet" { (purpose.because) }
                        }
                        (locked(&voice.say("site-locked")))
                    }
                }
            }
        }
        @if offer.back != "/" || !offer.base.starts_with("/site/") {
            p { a class="btn" href=(offer.back) { (voice.say("site-back")) } }
        }
    };
    frame.page(&content)
}

/// The page on which a visitor says that their data is neither sold nor shared: one button, no
/// sign-in, nothing to fill in. `is_off` says that it holds already.
pub fn opt_out(frame: Frame, offer: &Offer<'_>, is_off: bool, proof: impl FnOnce(&Said) -> String) -> Markup {
    let (voice, said) = (offer.voice, Said::default());
    let mut frame = frame;
    if offer.gpc {
        let text = said.say(voice.say("site-gpc"));
        frame.notices.push(Notice { tone: Tone::Info, title: text, text: String::new(), is_answer: false });
    }
    frame.title = said.say(voice.say("site-opt-out-name"));
    frame.lead = said.say(voice.tell("site-opt-out-lead", &[("controller", Word::from(offer.controller))]));
    let content = html! {
        form method="post" action={ (offer.base) "/choice" } class="stack" {
            div class="card stack" {
                p data-said { (said.say(voice.say("site-opt-out-stops"))) }
                ul { @for title in offer.sales { li data-said { (said.say(title)) } } }
                @if is_off { p { (Icon::Info) " " (voice.say("site-opt-out-done")) } }
                div class="row" {
                    button class="btn" type="submit" name="choice" value="opt-out" data-said { (said.say(voice.say("site-opt-out"))) }
                }
                p class="quiet small" data-said { (said.say(voice.say("site-opt-out-reach"))) }
            }
            input type="hidden" name="back" value=(offer.back);
            input type="hidden" name="shown" value=(proof(&said));
        }
        p { a href=(offer.preferences()) { (voice.say("site-preferences-name")) } }
    };
    frame.page(&content)
}

/// One switch that is sent with the form.
fn pick(voice: Voice, purpose: &Asked, said: &Said) -> Markup {
    let (title, text) = (format!("{}-title", purpose.name), format!("{}-text", purpose.name));
    html! {
        div class="choice" {
            div {
                h3 id=(title) data-said { (said.say(&purpose.title)) }
                p id=(text) data-said { (said.say(&purpose.explanation)) }
                @if !purpose.recipients.is_empty() {
                    p class="quiet" data-said { (said.say(recipients(voice, purpose))) }
                }
                @if purpose.is_closed {
                    p class="quiet" data-said { (Icon::Info) " " (said.say(voice.say("site-closed"))) }
                }
            }
            @if purpose.is_closed {
                (locked(&voice.say("site-off")))
            } @else {
                label class="switch pick" {
                    input type="checkbox" role="switch" name={ "allow." (purpose.name) } value="yes" checked[purpose.is_on]
                        aria-labelledby=(title) aria-describedby=(text);
                    span class="track" aria-hidden="true" { span class="knob" {} }
                    span class="when-on" { (voice.say("site-on")) }
                    span class="when-off" { (voice.say("site-off")) }
                }
            }
        }
    }
}

fn recipients(voice: Voice, purpose: &Asked) -> String {
    let count = i64::try_from(purpose.recipients.len()).unwrap_or(i64::MAX);
    let names = purpose.recipients.join(", ");
    voice.tell("site-recipients", &[("count", Word::from(count)), ("names", Word::from(names))])
}

/// The address of a file below a site's pages.
#[must_use]
pub fn asset(base: &str, asset: &Asset) -> String {
    format!("{base}{}", asset.address())
}

#[cfg(test)]
mod tests {
    use words::Locale;

    use super::*;
    use crate::layout::Surface;

    fn asked() -> Vec<Asked> {
        ["analytics", "advertising"]
            .map(|name| Asked {
                name: name.to_owned(),
                title: format!("{name}  <b>"),
                explanation: "We count.".to_owned(),
                recipients: if name == "advertising" { vec!["Broadlight".to_owned()] } else { Vec::new() },
                is_on: false,
                is_closed: false,
            })
            .to_vec()
    }

    fn offer(asked: &[Asked], locale: Locale) -> Offer<'_> {
        Offer {
            voice: Voice::of(locale),
            controller: "Rosewood",
            base: "/privacy",
            back: "/",
            asked,
            gpc: false,
            sales: &[],
        }
    }

    #[test]
    fn yes_and_no_are_the_same_kind_of_button_and_no_comes_first() {
        let asked = asked();
        for locale in Locale::ALL {
            let page = banner(&offer(&asked, locale), |_| String::new()).into_string();
            let start = "<button class=\"stw-button\" type=\"submit\" name=\"choice\" value=\"";
            let values: Vec<&str> =
                page.split(start).skip(1).filter_map(|rest| rest.split('"').next()).collect();
            assert_eq!(values, ["refuse", "accept"]);
            assert!(!page.contains("site-") && !page.contains("checked"), "{page}");
        }
    }

    #[test]
    fn what_is_said_is_what_is_rendered_in_its_order() {
        let (asked, mut text) = (asked(), String::new());
        let page = banner(&offer(&asked, Locale::English), |said| {
            text = said.text();
            String::new()
        });
        let page = page.into_string();
        let rendered: Vec<String> = page
            .split(" data-said>")
            .skip(1)
            .filter_map(|rest| rest.split("</").next())
            .map(|text| {
                text.replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        assert_eq!(rendered.join("\n"), text);
        assert!(text.contains("Broadlight") && text.contains("Refuse all\nAccept all"), "{text}");
    }

    /// A route that is hidden, or asks for more than a button, is none (11 CCR 7026).
    #[test]
    fn where_data_is_sold_every_page_leads_to_one_button_against_it() {
        let (asked, sales) = (asked(), ["Advertising elsewhere".to_owned()]);
        for locale in Locale::ALL {
            let none = link(&offer(&asked, locale)).into_string();
            assert!(!none.contains("/opt-out"), "{none}");
            let offer = Offer { sales: &sales, ..offer(&asked, locale) };
            assert!(link(&offer).into_string().contains("href=\"/privacy/opt-out?back=/\""));
            let frame = Frame::new(Voice::of(locale), Surface::Portal, "");
            let page = opt_out(frame, &offer, false, |_| String::new()).into_string();
            assert_eq!(page.matches("name=\"choice\"").count(), 1, "{page}");
            assert!(!page.contains("type=\"text\"") && !page.contains("site-"), "{page}");
        }
    }

    #[test]
    fn nothing_is_ticked_before_the_visitor_ticks_it() {
        let asked = asked();
        let frame = Frame::new(Voice::of(Locale::English), Surface::Portal, "");
        let page = preferences(frame, &offer(&asked, Locale::English), &[], None, |_| String::new());
        let page = page.into_string();
        assert_eq!(page.matches("role=\"switch\"").count(), 2);
        assert!(!page.contains("checked") && page.matches("<h1>").count() == 1, "{page}");
    }
}
