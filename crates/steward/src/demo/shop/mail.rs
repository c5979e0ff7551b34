//! The demo's mail page: every letter that its mail server took, newest first. Nothing ever
//! leaves this machine.

use connect::mailbox::Received;
use maud::{Markup, html};
use words::Voice;

use super::page::Parts;
use crate::demo::logins::Logins;

/// Letters shown at most.
const SHOWN_MAX: usize = 50;

/// The page.
pub(super) fn page(parts: &Parts, letters: &[Received], logins: &Logins, now_seconds: i64) -> Markup {
    let voice = parts.voice;
    parts.page(&voice.say("shop-mail"), &html! {
        p { (voice.say("shop-mail-lead")) }
        @if letters.is_empty() { p { (voice.say("shop-mail-empty")) } }
        ol class="letters" {
            @for letter in letters.iter().rev().take(SHOWN_MAX) { (one(voice, letter)) }
        }
        h2 { (voice.say("shop-mail-staff")) }
        p { (voice.say("shop-mail-staff-lead")) }
        ul class="lines" {
            @for login in logins.0.iter() {
                li { span { (login.name) " (" (login.role) ")" } code { (login.password.expose()) } code { (login.code(now_seconds)) } }
            }
        }
    })
}

fn one(voice: Voice, letter: &Received) -> Markup {
    let header = |name: &str| letter.header(name).unwrap_or_default();
    html! {
        li class="letter" {
            h2 { (decoded(header("Subject"))) }
            p class="by" { (voice.say("shop-mail-to")) " " (letter.to.join(", ")) }
            @for paragraph in letter.body().replace("\r\n", "\n").split("\n\n").filter(|text| !text.trim().is_empty()) {
                p { (paragraph.trim()) }
            }
        }
    }
}

/// A subject without the folding and encoding of RFC 2047, as far as our own letters need it.
fn decoded(subject: &str) -> String {
    let Some(rest) = subject.strip_prefix("=?utf-8?") else { return subject.to_owned() };
    let text = rest.strip_suffix("?=").unwrap_or(rest);
    match text.split_once('?') {
        Some(("b", encoded)) => base64(encoded).unwrap_or_else(|| subject.to_owned()),
        _ => subject.to_owned(),
    }
}

fn base64(text: &str) -> Option<String> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_as_it_was_written() {
        assert_eq!(decoded("Your code"), "Your code");
        assert_eq!(decoded("=?utf-8?b?Vm90cmUgY29kZSDDqXTDqQ==?="), "Votre code été");
    }
}
