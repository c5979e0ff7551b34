//! Signing in with name, password and a code of the second factor.

use maud::{Markup, html};

use crate::form::{Field, FieldKind};
use crate::layout::Frame;
use crate::part::{Notice, Tone, button};

/// Where the form is sent.
pub const ADDRESS: &str = "/console/sign-in";

/// The page. `was_refused` says that the last attempt failed, not why.
#[must_use]
pub fn sign_in(frame: Frame, was_refused: bool) -> Markup {
    let voice = frame.voice;
    let mut frame =
        Frame { title: voice.say("staff-sign-in-title"), lead: voice.say("staff-sign-in-lead"), ..frame };
    if was_refused {
        let text = voice.say("staff-sign-in-refused-text");
        frame.notices.push(Notice::answer(Tone::Bad, voice.say("staff-sign-in-refused"), text));
    }
    let (name, password) = (voice.say("staff-name"), voice.say("staff-password"));
    let (code, hint) = (voice.say("staff-code"), voice.say("staff-code-hint"));
    frame.page(&html! {
        form class="card stack" method="post" action=(ADDRESS) {
            (Field::new("name", FieldKind::Text, &name))
            (Field::new("password", FieldKind::Password, &password))
            (Field { hint: &hint, ..Field::new("code", FieldKind::Code, &code) })
            (button::primary(&voice.say("staff-sign-in")))
        }
    })
}
