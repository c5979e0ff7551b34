//! The language of the API's texts: `Accept-Language`, English where nothing fits.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;

/// The language that a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Locale(pub(crate) words::Locale);

impl Locale {
    /// English.
    pub(crate) const ENGLISH: Self = Self(words::Locale::English);

    /// The BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        self.0.tag()
    }
}

impl<S: Sync> FromRequestParts<S> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header = parts.headers.get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
        Ok(Self(header.map(words::Locale::negotiate).unwrap_or_default()))
    }
}
