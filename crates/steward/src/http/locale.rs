//! The language of the texts: `Accept-Language`, English where nothing fits.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

/// A language that we have words in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Locale {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Locale {
    /// The BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// The best of a header's languages that we have (RFC 9110, 12.5.4).
    fn negotiate(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for part in header.split(',').take(32) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
            let weight: f32 = weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(0.0);
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let locale = match primary.as_str() {
                "en" | "*" => Self::English,
                "fr" => Self::French,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, locale);
            }
        }
        best.1
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
        Ok(header.map(Self::negotiate).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_we_have_wins() {
        for (header, locale) in [
            ("fr-CA, en;q=0.5", Locale::French),
            ("de, fr;q=0.2, en;q=0.9", Locale::English),
            ("fr;q=0", Locale::English),
            ("zz", Locale::English),
            ("*", Locale::English),
            ("fr;q=nonsense, ;;,,", Locale::English),
        ] {
            assert_eq!(Locale::negotiate(header), locale, "{header}");
        }
    }
}
