//! Where a site's pages stand for the browser, and where it comes back to.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::SiteName;

use crate::http::Server;
use crate::http::pages::{Failure, Visit};

/// By which the site's own server says below which path it hands requests on.
const PREFIX: &str = "x-forwarded-prefix";
/// The longest path, in bytes.
const PATH_BYTES_MAX: usize = 256;

/// A site of the controller, and the path below which the browser finds its pages.
pub(super) struct SitePlace {
    pub(super) site: SiteName,
    pub(super) base: String,
}

impl FromRequestParts<Server> for SitePlace {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let visit = Visit::from_request_parts(parts, server).await?;
        let name = parts.uri.path().split('/').nth(2).unwrap_or_default();
        let site = SiteName::new(name).map_err(|_| Failure::not_found())?;
        if !visit.controller().in_force()?.manifest.sites.contains_key(&site) {
            return Err(Failure::not_found());
        }
        let prefix = parts.headers.get(PREFIX).and_then(|value| value.to_str().ok());
        let base = prefix.filter(|prefix| is_back(prefix) && !prefix.ends_with('/'));
        let base = base.map_or_else(|| format!("/site/{site}"), str::to_owned);
        Ok(Self { site, base })
    }
}

/// The page to come back to: `back` of the query where it is a path of the site, else its first
/// page. A path only: what a query holds may be personal.
pub(super) struct Back(pub(super) String);

impl FromRequestParts<Server> for Back {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let back = fields.into_iter().find(|(name, _)| name == "back").map(|(_, back)| back);
        Ok(Self(back.filter(|back| is_back(back)).unwrap_or_else(|| "/".to_owned())))
    }
}

/// Whether this is a path on the same site: nothing that leads to another host, and nothing
/// that an address would have to escape.
pub(super) fn is_back(path: &str) -> bool {
    path.len() <= PATH_BYTES_MAX
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_to_another_host() {
        assert!(is_back("/") && is_back("/books/a-field_guide.html"));
        for path in [
            "",
            "books",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a?b=c",
            "/a\r\nX: y",
            "/%2f",
            "/a b",
        ] {
            assert!(!is_back(path), "{path}");
        }
    }
}
