//! What was just done, told once by the next page: a short cookie of codes and names of the
//! manifest. No value about anybody stands in it.

use std::fmt;

use model::Channel;
use pages::part::{Notice, Tone};
use words::Word;

use super::names::Names;

/// The cookie.
pub(super) const COOKIE: &str = "told";
/// How long the next page may take.
pub(super) const KEPT_SECONDS: i64 = 60;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flash {
    /// A yes or no to a purpose, perhaps over one channel; whether data ended with it.
    Chosen { is_yes: bool, purpose: String, channel: Option<Channel>, ended: bool },
    /// A no to everything.
    AllOff,
    /// A no to a recipient, or its end.
    Recipient { is_yes: bool, recipient: String },
    /// The use of everything was frozen, or is no more.
    Frozen { is_on: bool },
    /// A value was corrected, or stood there already.
    Corrected { changed: bool },
}

impl fmt::Display for Flash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen { is_yes, purpose, channel, ended } => {
                let answer = if *is_yes { "yes" } else { "no" };
                let channel = channel.map_or("all", Channel::code);
                write!(f, "chosen.{answer}.{purpose}.{channel}.{}", u8::from(*ended))
            }
            Self::AllOff => f.write_str("all-off"),
            Self::Recipient { is_yes, recipient } => write!(f, "recipient.{}.{recipient}", u8::from(*is_yes)),
            Self::Frozen { is_on } => write!(f, "frozen.{}", u8::from(*is_on)),
            Self::Corrected { changed } => write!(f, "corrected.{}", u8::from(*changed)),
        }
    }
}

impl Flash {
    /// What a cookie tells; a cookie that somebody else wrote tells nothing.
    pub(super) fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            ["all-off"] => Some(Self::AllOff),
            ["recipient", is_yes, recipient] => {
                Some(Self::Recipient { is_yes: *is_yes == "1", recipient: (*recipient).to_owned() })
            }
            ["frozen", is_on] => Some(Self::Frozen { is_on: *is_on == "1" }),
            ["corrected", changed] => Some(Self::Corrected { changed: *changed == "1" }),
            ["chosen", answer, purpose, channel, ended] => Some(Self::Chosen {
                is_yes: *answer == "yes",
                purpose: (*purpose).to_owned(),
                channel: Channel::ALL.into_iter().find(|known| known.code() == *channel),
                ended: *ended == "1",
            }),
            _ => None,
        }
    }

    /// The words for it.
    pub(super) fn notice(&self, names: Names<'_>) -> Notice {
        let voice = names.voice();
        match self {
            Self::AllOff => Notice::answer(Tone::Good, voice.say("choice-all-done"), ""),
            Self::Recipient { is_yes, recipient } => {
                let key = if *is_yes { "recipients-accepted" } else { "recipients-declined" };
                let name = Word::from(names.recipient(recipient));
                Notice::answer(Tone::Good, voice.tell(key, &[("recipient", name)]), "")
            }
            Self::Frozen { is_on } => {
                let key = if *is_on { "freeze-begun" } else { "freeze-ended" };
                Notice::answer(Tone::Good, voice.say(key), "")
            }
            Self::Corrected { changed: true } => {
                Notice::answer(Tone::Good, voice.say("correct-done"), voice.say("correct-done-text"))
            }
            Self::Corrected { changed: false } => Notice::answer(Tone::Info, voice.say("correct-same"), ""),
            Self::Chosen { is_yes, purpose, channel, ended } => {
                let mut what = names.purpose(purpose);
                if let Some(channel) = channel {
                    let channel = Word::from(names.channel_within(*channel));
                    what = voice
                        .tell("choice-switch-name", &[("purpose", Word::from(what)), ("channel", channel)]);
                }
                let key = if *is_yes { "choice-allowed" } else { "choice-refused" };
                let more = if *ended { voice.say("choice-refused-ended") } else { String::new() };
                Notice::answer(Tone::Good, voice.tell(key, &[("what", Word::from(what))]), more)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_reads_back_and_nothing_else_does() {
        let chosen =
            |channel| Flash::Chosen { is_yes: true, purpose: "newsletter".to_owned(), channel, ended: false };
        for flash in [
            chosen(None),
            chosen(Some(Channel::Email)),
            Flash::AllOff,
            Flash::Corrected { changed: true },
            Flash::Frozen { is_on: true },
            Flash::Recipient { is_yes: false, recipient: "plume".to_owned() },
        ] {
            assert_eq!(Flash::read(&flash.to_string()), Some(flash));
        }
        assert_eq!(Flash::read("chosen.yes"), None);
        assert_eq!(Flash::read("<b>"), None);
    }
}
