//! The words in one language, with its dates and numbers.

use model::Timestamp;
use model::manifest::Texts;

use crate::{Locale, Word, Words, dates, words};

/// The words in one language. Cheap to copy; a page is written with one.
#[derive(Clone, Copy)]
pub struct Voice {
    words: &'static Words,
    locale: Locale,
}

impl Voice {
    /// The words in this language.
    #[must_use]
    pub fn of(locale: Locale) -> Self {
        Self { words: words(), locale }
    }

    /// The language.
    #[must_use]
    pub const fn locale(self) -> Locale {
        self.locale
    }

    /// The text of `key`.
    #[must_use]
    pub fn say(self, key: &str) -> String {
        self.words.text(self.locale.tag(), key, &[])
    }

    /// The text of `key` with its places filled.
    #[must_use]
    pub fn tell(self, key: &str, args: &[(&str, Word<'_>)]) -> String {
        self.words.text(self.locale.tag(), key, args)
    }

    /// The text of `key` if there is one in this language or in English: for codes that may
    /// have no words.
    #[must_use]
    pub fn try_say(self, key: &str) -> Option<String> {
        let known = self.words.has(self.locale, key) || self.words.has(Locale::English, key);
        known.then(|| self.say(key))
    }

    /// A text of the manifest in this language, else in English, else in any.
    #[must_use]
    pub fn pick(self, texts: &Texts) -> &str {
        texts.in_language(self.locale.tag())
    }

    /// A day, such as `24 November 2026`. Days are those of UTC.
    #[must_use]
    pub fn day(self, at: Timestamp) -> String {
        dates::Civil::of(at).say(self, "date-day")
    }

    /// A moment to the minute, such as `24 November 2026, 18:05 (UTC)`.
    #[must_use]
    pub fn moment(self, at: Timestamp) -> String {
        dates::Civil::of(at).say(self, "date-moment")
    }

    /// A whole number with its thousands set apart: `1,234` or, in French, `1 234` with
    /// narrow no-break spaces.
    #[must_use]
    pub fn number(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let between = match self.locale {
            Locale::English => ',',
            Locale::French => '\u{202f}',
        };
        let mut shown = if number < 0 { "−".to_owned() } else { String::new() };
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                shown.push(between);
            }
            shown.push(digit);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_moments_and_numbers_read_as_in_the_language() {
        let at: Timestamp = "2026-11-24T09:05:59Z".parse().expect("a moment");
        let (english, french) = (Voice::of(Locale::English), Voice::of(Locale::French));
        assert_eq!(english.day(at), "24 November 2026");
        assert_eq!(french.day(at), "24 novembre 2026");
        assert_eq!(french.day(at.plus_days(7)), "1er décembre 2026");
        assert_eq!(english.moment(at), "24 November 2026, 09:05 (UTC)");
        assert_eq!(english.number(1_234_567), "1,234,567");
        assert_eq!(french.number(-1_234), "−1\u{202f}234");
        assert_eq!(english.number(0), "0");
        assert_eq!(english.number(999), "999");
    }

    #[test]
    fn a_code_without_words_is_told_from_one_that_has_them() {
        let french = Voice::of(Locale::French);
        assert_eq!(french.try_say("answer-denied").as_deref(), Some("Refusé"));
        assert_eq!(french.try_say("no-such-key"), None);
    }
}
