//! Texts shown to people, one per language.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A language tag such as `en`, `fr` or `pt-BR` (BCP 47: a language and at most a region).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

/// The text is no language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a language is written like `en`, `fr` or `pt-BR`")]
pub struct LanguageError;

impl Language {
    /// English.
    #[must_use]
    pub fn english() -> Self {
        Self("en".to_owned())
    }

    /// French.
    #[must_use]
    pub fn french() -> Self {
        Self("fr".to_owned())
    }

    /// The tag as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        let (language, region) = text.split_once('-').map_or((text, None), |(l, r)| (l, Some(r)));
        let fine = (2..=3).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && region.is_none_or(|region| {
                (2..=4).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        fine.then(|| Self(text.to_owned())).ok_or(LanguageError)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// One text in several languages.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<Language, String>);

impl Texts {
    /// The text in this language, else in the language without its region, else in
    /// English, else in any language; empty when there is none at all.
    #[must_use]
    pub fn in_language(&self, language: &str) -> &str {
        let general = language.split('-').next().unwrap_or(language);
        [language, general, "en"]
            .iter()
            .find_map(|tag| self.0.iter().find(|(known, _)| known.as_str() == *tag))
            .or_else(|| self.0.iter().next())
            .map_or("", |(_, text)| text.as_str())
    }

    /// Whether there is a text that is not blank in exactly this language.
    #[must_use]
    pub fn has(&self, language: &Language) -> bool {
        self.0.get(language).is_some_and(|text| !text.trim().is_empty())
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
