//! The words that people read, per language. They stand in `locales/`, as Fluent files, and
//! are part of the program.

mod dates;
mod locale;
mod voice;

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

pub use fluent_bundle::FluentValue as Word;
pub use locale::Locale;
pub use voice::Voice;

/// The files of a language.
type Files = &'static [&'static str];

macro_rules! files {
    ($locale:literal) => {
        &[
            include_str!(concat!("../../../locales/", $locale, "/reasons.ftl")),
            include_str!(concat!("../../../locales/", $locale, "/common.ftl")),
            include_str!(concat!("../../../locales/", $locale, "/portal.ftl")),
            include_str!(concat!("../../../locales/", $locale, "/console.ftl")),
            include_str!(concat!("../../../locales/", $locale, "/site.ftl")),
            include_str!(concat!("../../../locales/", $locale, "/mail.ftl")),
            include_str!(concat!("../../../locales/", $locale, "/demo.ftl")),
        ]
    };
}

/// The files of each language; English stands in where another has no words.
const LOCALES: [(Locale, Files); 2] = [(Locale::English, files!("en")), (Locale::French, files!("fr"))];

/// The words of every language, read once.
#[must_use]
pub fn words() -> &'static Words {
    static WORDS: LazyLock<Words> = LazyLock::new(Words::new);
    &WORDS
}

/// The words of every language.
pub struct Words {
    bundles: Vec<(Locale, FluentBundle<FluentResource>)>,
}

impl Words {
    /// Reads the words. A message that cannot be read is left out; the tests find it.
    #[must_use]
    pub fn new() -> Self {
        let bundles = LOCALES.iter().map(|(locale, files)| {
            let language = locale.tag().parse().into_iter().collect();
            let mut bundle = FluentBundle::new_concurrent(language);
            // The marks around inserted words serve mixed writing directions, which no
            // language here has, and would show up in plain text and JSON.
            bundle.set_use_isolating(false);
            for file in *files {
                let resource =
                    FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(resource, _)| resource);
                bundle.add_resource_overriding(resource);
            }
            (*locale, bundle)
        });
        Self { bundles: bundles.collect() }
    }

    /// The text of `key` in the language of `locale` (a BCP 47 tag), else in English, else
    /// the key itself. `args` fill the places of the text.
    #[must_use]
    pub fn text(&self, locale: &str, key: &str, args: &[(&str, Word<'_>)]) -> String {
        let locale = Locale::from_tag(locale).unwrap_or_default();
        [locale, Locale::English]
            .into_iter()
            .find_map(|wanted| self.format(wanted, key, args))
            .unwrap_or_else(|| key.to_owned())
    }

    /// Whether the language has words of its own for `key`.
    #[must_use]
    pub fn has(&self, locale: Locale, key: &str) -> bool {
        self.bundles.iter().any(|(known, bundle)| *known == locale && bundle.has_message(key))
    }

    fn format(&self, locale: Locale, key: &str, args: &[(&str, Word<'_>)]) -> Option<String> {
        let (_, bundle) = self.bundles.iter().find(|(known, _)| *known == locale)?;
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> = args.iter().map(|(name, word)| (*name, word.clone())).collect();
        Some(bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::{Answer, FindingCode, RestrictionException};

    use super::*;

    /// The keys of a language: the words before ` = ` at the start of a line.
    fn keys(locale: Locale) -> BTreeSet<&'static str> {
        let (_, files) = LOCALES.iter().find(|(known, _)| *known == locale).expect("a language");
        let lines = files.iter().flat_map(|file| file.lines());
        lines
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" ="))
            .map(|(key, _)| key)
            .collect()
    }

    #[test]
    fn every_language_has_the_same_keys_and_each_can_be_read() {
        let words = Words::new();
        for locale in Locale::ALL {
            assert_eq!(keys(locale), keys(Locale::English), "{locale:?}");
            for key in keys(locale) {
                assert!(
                    words.format(locale, key, &[]).is_some_and(|text| !text.is_empty()),
                    "{locale:?} {key}"
                );
            }
        }
    }

    #[test]
    fn no_key_stands_twice_and_every_language_has_its_files() {
        for locale in Locale::ALL {
            let (_, files) = LOCALES.iter().find(|(known, _)| *known == locale).expect("a language");
            let lines = files.iter().flat_map(|file| file.lines());
            let all = lines
                .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()) && line.contains(" ="))
                .count();
            assert_eq!(all, keys(locale).len(), "{locale:?}");
        }
    }

    #[test]
    fn every_finding_answer_and_exception_has_its_words_and_no_others_stand_there() {
        let findings = FindingCode::ALL
            .iter()
            .flat_map(|code| [format!("finding-{code}"), format!("finding-{code}-remedy")]);
        let answers = Answer::ALL.iter().map(|answer| format!("answer-{answer}"));
        let exceptions = RestrictionException::ALL.iter().map(|exception| format!("exception-{exception}"));
        let wanted: BTreeSet<String> = findings.chain(answers).chain(exceptions).collect();
        let known: BTreeSet<String> = keys(Locale::English)
            .into_iter()
            .filter(|key| ["finding-", "answer-", "exception-"].iter().any(|start| key.starts_with(start)))
            .map(str::to_owned)
            .collect();
        assert_eq!(known, wanted);
    }

    /// A line must not begin with a question mark, nor one page write what another writes otherwise.
    #[test]
    fn french_has_its_apostrophes_and_its_spaces_that_do_not_break() {
        let (_, files) = LOCALES.iter().find(|(known, _)| *known == Locale::French).expect("French");
        for line in files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with('#')) {
            assert!(!line.contains('\''), "an apostrophe is ’: {line}");
            let letters: Vec<char> = line.chars().collect();
            for pair in letters.windows(2) {
                let is_apart = match pair {
                    [before, ':' | ';' | '?' | '!' | '»'] => *before == '\u{a0}',
                    ['«', after] => *after == '\u{a0}',
                    _ => true,
                };
                assert!(is_apart, "a space that does not break stands before : ; ? ! » and after «: {line}");
            }
        }
    }

    #[test]
    fn an_unknown_language_reads_english_and_an_unknown_key_reads_itself() {
        let words = Words::new();
        assert_eq!(words.text("fr-CA", "answer-denied", &[]), "Refusé");
        assert_eq!(words.text("de", "answer-denied", &[]), "Denied");
        assert_eq!(words.text("fr", "no-such-key", &[]), "no-such-key");
    }
}
