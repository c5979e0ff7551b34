//! Taking the data along: everything held, or what the person gave, in several forms.

use maud::{Markup, html};

use super::Section;
use crate::form::csrf_field;
use crate::icon::Icon;
use crate::layout::Frame;
use crate::part::card;

/// Where the wish is sent.
pub const ADDRESS: &str = "/portal/download";

/// The page.
#[must_use]
pub fn page(frame: Frame, csrf: &str) -> Markup {
    let voice = frame.voice;
    let frame = Frame { title: Section::Download.name(voice), lead: voice.say("download-lead"), ..frame };
    let choice = |kind: &str, forms: &[&str]| {
        card(
            &voice.say(&format!("download-{kind}")),
            &html! {
                p { (voice.say(&format!("download-{kind}-text"))) }
                form class="row actions" method="post" action=(ADDRESS) {
                    (csrf_field(csrf))
                    input type="hidden" name="kind" value=(kind);
                    @for form in forms {
                        button class="btn" type="submit" name="form" value=(form) {
                            (Icon::Download) (voice.say(&format!("download-{form}")))
                        }
                    }
                }
            },
        )
    };
    frame.page(&html! {
        (choice("access", &["html", "csv", "json"]))
        (choice("portability", &["csv", "json"]))
    })
}
