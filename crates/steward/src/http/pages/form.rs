//! The body of an HTML form, from our own pages only and within limits.
//!
//! A browser says where a form comes from: `Sec-Fetch-Site`, or at least `Origin`. What
//! comes from elsewhere, or says neither, is refused before it is read.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use pages::form::CSRF_FIELD;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::http::Server;

/// The largest form, in bytes, and the most fields.
const BYTES_MAX: usize = 64 << 10;
const FIELDS_MAX: usize = 256;

/// A form of one of our own pages.
pub(crate) struct Form<T> {
    /// What was filled in.
    pub(crate) body: T,
}

impl<T: DeserializeOwned> FromRequest<Server> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failure> {
        let fields = Fields::from_request(request, server).await?;
        Ok(Self { body: fields.read()? })
    }
}

/// The fields of a form of one of our own pages, before anybody reads them: where there is a
/// session, its token comes first.
pub(crate) struct Fields {
    pairs: Vec<(String, String)>,
    csrf: Option<String>,
}

impl Fields {
    /// The token of the session, as it came.
    pub(crate) fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// What was filled in. An unknown field, a field twice or a missing one is refused.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let rest = serde_urlencoded::to_string(self.pairs).map_err(|_| Failure::malformed())?;
        serde_urlencoded::from_str(&rest).map_err(|_| Failure::malformed())
    }

    fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        if bytes.len() > BYTES_MAX {
            return Err(too_large());
        }
        let mut pairs: Vec<(String, String)> =
            serde_urlencoded::from_bytes(bytes).map_err(|_| Failure::malformed())?;
        if pairs.len() > FIELDS_MAX {
            return Err(too_large());
        }
        let csrf = pairs.iter().position(|(name, _)| name == CSRF_FIELD).map(|at| pairs.remove(at).1);
        Ok(Self { pairs, csrf })
    }
}

impl FromRequest<Server> for Fields {
    type Rejection = Failure;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failure> {
        if !is_ours(request.headers()) {
            return Err(Failure::foreign_form());
        }
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/x-www-form-urlencoded") {
            return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid-request"));
        }
        let patience = std::time::Duration::from_secs(server.limits().body_seconds);
        let bytes = tokio::time::timeout(patience, Bytes::from_request(request, server)).await;
        Self::parse(&bytes.map_err(|_| Failure::malformed())?.map_err(|_| too_large())?)
    }
}

const fn too_large() -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large")
}

/// Whether a browser says that the form comes from a page of this very origin.
fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            let host = text(HOST.as_str());
            let origin = text(ORIGIN.as_str()).and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, origin)| Some(origin) == host)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::HeaderName;

    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: String,
        note: Option<String>,
    }

    #[test]
    fn a_form_is_read_with_its_token_and_nothing_unknown_or_twice() {
        let parse = |text: &str| Fields::parse(text.as_bytes());
        let Ok(fields) = parse("name=Ad%C3%A9le+B&csrf=t&note=") else { panic!("a form") };
        assert_eq!(fields.csrf(), Some("t"));
        let body: Body = fields.read().expect("a body");
        assert_eq!((body.name.as_str(), body.note.as_deref()), ("Adéle B", Some("")));
        for wrong in ["", "name=a&other=b", "name=a&name=b", "note=1"] {
            assert!(parse(wrong).and_then(Fields::read::<Body>).is_err(), "{wrong}");
        }
        assert!(parse(&format!("name={}", "a".repeat(BYTES_MAX))).is_err());
        assert!(parse(&"a=b&".repeat(FIELDS_MAX + 1)).is_err());
    }

    #[test]
    fn a_form_from_elsewhere_or_from_nowhere_is_not_ours() {
        let ours = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_ours(&HeaderMap::from_iter(pairs))
        };
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("host", "a.example:1"), ("origin", "https://a.example:1")]));
        assert!(!ours(&[
            ("sec-fetch-site", "same-site"),
            ("host", "a.example"),
            ("origin", "https://a.example")
        ]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[("host", "a.example"), ("origin", "https://b.example")]));
        assert!(!ours(&[("host", "a.example"), ("origin", "null")]));
        assert!(!ours(&[("host", "a.example")]));
    }
}
