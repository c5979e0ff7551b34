//! What a person is known by, and its normal form.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::personal::Personal;

/// The version of the normal forms below. It is part of the blind index, so a change
/// of any rule raises it and asks for a rebuild of the index.
pub const NORMAL_FORM_VERSION: u16 = 1;

/// The longest identifier, in bytes.
pub const IDENTIFIER_BYTES_MAX: usize = 320;

/// The kind of an identifier: `email`, `phone`, `customer-number`, `device-id` or a name of the shop's own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentifierKind(Arc<str>);

impl IdentifierKind {
    /// Electronic mail address.
    #[must_use]
    pub fn email() -> Self {
        Self("email".into())
    }

    /// Telephone number.
    #[must_use]
    pub fn phone() -> Self {
        Self("phone".into())
    }

    /// The shop's own number of the customer.
    #[must_use]
    pub fn customer_number() -> Self {
        Self("customer-number".into())
    }

    /// The code used in JSON, SQL and the manifest.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Whether several people commonly share one such identifier, so that
    /// histories are never joined by it alone.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(&*self.0, "phone" | "address" | "card" | "device-id")
    }

    /// Whether it is a number that a system of the controller gives out: neither an address
    /// that others give out, nor something that several people share.
    #[must_use]
    pub fn is_own_number(&self) -> bool {
        &*self.0 != "email" && !self.is_shared()
    }

    /// The normal form in which spellings of one identifier are equal.
    ///
    /// email: trimmed, NFC, lower case, one `@` with text on both sides. phone: digits
    /// with one leading `+` (`00` counts as `+`), 5 to 15 digits. Others: NFC, white
    /// space trimmed and collapsed, lower case.
    ///
    /// # Errors
    /// When the value cannot be an identifier of this kind; the error never quotes it.
    #[expect(clippy::disallowed_methods, reason = "normalising is one of the three places that may look")]
    pub fn normalise(&self, value: &Personal<String>) -> Result<Personal<String>, IdentifierError> {
        let text = value.expose();
        if text.len() > IDENTIFIER_BYTES_MAX {
            return Err(IdentifierError::TooLong);
        }
        if text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(IdentifierError::Malformed(self.clone()));
        }
        let text: String = text.nfc().collect();
        let normal = match &*self.0 {
            "email" => normalise_email(&text),
            "phone" => normalise_phone(&text),
            _ => Some(text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()),
        };
        normal
            .filter(|normal| !normal.is_empty() && normal.len() <= IDENTIFIER_BYTES_MAX)
            .map(Personal::new)
            .ok_or_else(|| IdentifierError::Malformed(self.clone()))
    }
}

fn normalise_email(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let mut text = text.trim();
    while let Some(rest) = text.strip_prefix("mailto:") {
        text = rest.trim_start();
    }
    let (local, domain) = text.rsplit_once('@')?;
    let well_formed = !local.is_empty()
        && !domain.is_empty()
        && !text.contains(char::is_whitespace)
        && !local.contains('@')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..");
    well_formed.then(|| text.to_owned())
}

fn normalise_phone(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let (plus, rest) = match text.strip_prefix('+').or_else(|| text.strip_prefix("00")) {
        Some(rest) => ("+", rest),
        None => ("", text),
    };
    if !rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}'))
    {
        return None;
    }
    // "+44 (0)20 …" writes the national zero in brackets beside the country code.
    let rest = if plus.is_empty() { rest.to_owned() } else { rest.replacen("(0)", "", 1) };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    (5..=15).contains(&digits.len()).then(|| format!("{plus}{digits}"))
}

/// Why a value is no identifier. Never quotes the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Longer than [`IDENTIFIER_BYTES_MAX`].
    #[error("an identifier has {IDENTIFIER_BYTES_MAX} bytes at most")]
    TooLong,
    /// Not of the kind it claims.
    #[error("the value is not a well-formed `{0}`")]
    Malformed(IdentifierKind),
    /// The name of the kind itself is malformed.
    #[error("an identifier kind is a short lower-case name such as `email` or `loyalty-card`")]
    Kind,
}

impl FromStr for IdentifierKind {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let fine = (1..=32).contains(&text.len())
            && text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        fine.then(|| Self(text.into())).ok_or(IdentifierError::Kind)
    }
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl serde::Serialize for IdentifierKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for IdentifierKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for IdentifierKind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "IdentifierKind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "email, phone, customer-number, device-id, or a name of your own",
            "pattern": "^[a-z][a-z0-9-]{0,31}$"
        })
    }
}

/// One identifier as somebody wrote it.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// Its kind.
    pub kind: IdentifierKind,
    /// The value as written.
    pub value: Personal<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[expect(clippy::disallowed_methods, reason = "the test compares normal forms")]
    fn normal(kind: &str, value: &str) -> Option<String> {
        let kind: IdentifierKind = kind.parse().unwrap();
        kind.normalise(&Personal::new(value.to_owned())).ok().map(|normal| normal.expose().clone())
    }

    #[test]
    fn three_spellings_of_one_address_are_one_identifier() {
        for spelling in [
            "Ada@Example.org",
            " ada@example.org ",
            "mailto:ADA@EXAMPLE.ORG",
            "MAILTO:mailto: ada@example.org",
        ] {
            assert_eq!(normal("email", spelling).as_deref(), Some("ada@example.org"));
        }
        for spelling in ["+44 20 7946 0000", "0044-20-7946-0000", "tel:+44 (0)20 7946 0000"] {
            assert_eq!(normal("phone", spelling).as_deref(), Some("+442079460000"));
        }
        assert_eq!(normal("customer-number", "  AB  17 ").as_deref(), Some("ab 17"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_quoting_it() {
        for value in ["", "ada", "@example.org", "ada@", "a b@example.org", "a@b@c", "a@.org", "a@b..c"] {
            assert_eq!(normal("email", value), None, "{value}");
        }
        for value in ["12", "call me", "+1234567890123456"] {
            assert_eq!(normal("phone", value), None, "{value}");
        }
        let kind = IdentifierKind::email();
        let error = kind.normalise(&Personal::new("canary-value".to_owned())).unwrap_err();
        assert!(!error.to_string().contains("canary"));
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(value in "([mM][aA][iI][lL][tT][oO]: ?){0,3}\\PC{0,40}(@[a-z]{1,9})?", kind in "email|phone|loyalty-card") {
            if let Some(once) = normal(&kind, &value) {
                prop_assert_eq!(normal(&kind, &once), Some(once));
            }
        }
    }
}
