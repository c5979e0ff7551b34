//! Signing in by a code that is sent to an e-mail address.

use maud::{Markup, html};
use words::Word;

use crate::form::{Field, FieldKind};
use crate::layout::Frame;
use crate::part::button;

/// Where the address is sent.
pub const ADDRESS: &str = "/portal/sign-in";
/// Where the code is sent.
pub const CODE_ADDRESS: &str = "/portal/sign-in/code";

/// The page that asks for the address. `wrong` says what was wrong with the last one.
#[must_use]
pub fn address(frame: Frame, wrong: &str) -> Markup {
    let voice = frame.voice;
    let hint = voice.tell("sign-in-email-hint", &[("controller", Word::from(frame.controller.as_str()))]);
    let frame = Frame { title: voice.say("sign-in-title"), lead: voice.say("sign-in-lead"), ..frame };
    let label = voice.say("sign-in-email");
    frame.page(&html! {
        form class="card stack" method="post" action=(ADDRESS) {
            (Field { hint: &hint, wrong, ..Field::new("email", FieldKind::Email, &label) })
            (button::primary(&voice.say("sign-in-send")))
        }
    })
}

/// What the page for a code needs.
#[derive(Debug, Clone)]
pub struct CodeView {
    /// The request that the code belongs to.
    pub login: String,
    /// How long the code is good for, in minutes.
    pub minutes: i64,
    /// How many digits it has.
    pub digits: usize,
    /// What was wrong with the last one; empty for nothing.
    pub wrong: String,
}

/// The page that asks for the code, the same for known and unknown addresses.
#[must_use]
pub fn code(frame: Frame, view: &CodeView) -> Markup {
    let voice = frame.voice;
    let lead = voice.tell("code-lead", &[("minutes", Word::from(view.minutes))]);
    let frame = Frame { title: voice.say("code-title"), lead, ..frame };
    frame.page(&html! {
        form class="card stack" method="post" action=(CODE_ADDRESS) {
            (code_field(&frame, view))
            (button::primary(&voice.say("code-check")))
        }
        p { a href=(ADDRESS) { (voice.say("code-again")) } }
    })
}

/// The field for a code with the request it belongs to.
pub(super) fn code_field(frame: &Frame, view: &CodeView) -> Markup {
    let voice = frame.voice;
    let (label, hint) =
        (voice.say("code-label"), voice.tell("code-hint", &[("digits", Word::from(view.digits))]));
    html! {
        input type="hidden" name="login" value=(view.login);
        (Field { hint: &hint, wrong: &view.wrong, ..Field::new("code", FieldKind::Code, &label) })
    }
}
