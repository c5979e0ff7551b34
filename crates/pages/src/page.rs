//! Pages that every surface shares: what went wrong.

use maud::{Markup, html};

use crate::layout::Frame;

/// The codes of the pages for what went wrong; each has `error-CODE-title` and `error-CODE-text`.
pub const ERROR_CODES: [&str; 13] = [
    "not-found",
    "method-not-allowed",
    "invalid-request",
    "too-large",
    "unauthorised",
    "foreign-form",
    "stale-form",
    "forbidden",
    "denied",
    "conflict",
    "too-many-requests",
    "unavailable",
    "internal",
];

/// A page that says what went wrong and where to go. The frame's title and lead are set here.
#[must_use]
pub fn error(frame: Frame, code: &str) -> Markup {
    let code = if ERROR_CODES.contains(&code) { code } else { "internal" };
    let title = frame.voice.say(&format!("error-{code}-title"));
    let lead = frame.voice.say(&format!("error-{code}-text"));
    let frame = Frame { title, lead, ..frame };
    frame.page(&html! {
        p { a class="btn" href=(frame.home) { (frame.voice.say("error-home")) } }
    })
}

#[cfg(test)]
mod tests {
    use words::{Locale, Voice};

    use super::*;
    use crate::layout::Surface;

    #[test]
    fn every_code_has_its_words_in_every_language() {
        for locale in Locale::ALL {
            for code in ERROR_CODES {
                let page = error(Frame::new(Voice::of(locale), Surface::Bare, ""), code).into_string();
                assert!(!page.contains("error-"), "{code}");
            }
        }
    }
}
