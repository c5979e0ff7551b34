//! Who visits which page of which controller, in which language.

use std::sync::Arc;

use app::Controller;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, HOST};
use axum::http::request::Parts;
use pages::{Frame, Surface};
use words::{Locale, Voice};

use super::cookie::{Cookies, LANGUAGE};
use super::failure::Failure;
use crate::http::Server;
use crate::installation::Hosted;

/// A visit to a page.
#[derive(Clone)]
pub(crate) struct Visit {
    hosted: Arc<Hosted>,
    locale: Locale,
    path: String,
    is_local: bool,
    gpc: bool,
}

impl Visit {
    /// The visit that a request is; none where no controller is meant.
    pub(super) fn of(parts: &Parts, server: &Server) -> Option<Self> {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST.as_str());
        let hosted = Arc::clone(server.installation().meant(None, host)?);
        let is_local = host.is_some_and(is_loopback) && hosted.hosts.iter().all(|name| is_loopback(name));
        let chosen = Cookies::of(&parts.headers, is_local).get(LANGUAGE).and_then(Locale::from_tag);
        let asked = || text(ACCEPT_LANGUAGE.as_str()).map(Locale::negotiate);
        Some(Self {
            hosted,
            locale: chosen.or_else(asked).unwrap_or_default(),
            path: parts.uri.path().to_owned(),
            is_local,
            gpc: text("sec-gpc") == Some("1"),
        })
    }

    /// The use cases of the controller that the visit is to.
    pub(crate) fn controller(&self) -> &Controller {
        &self.hosted.controller
    }

    /// The controller as it is hosted here.
    pub(crate) fn hosted(&self) -> &Arc<Hosted> {
        &self.hosted
    }

    /// The language: as chosen here, else as the browser asks.
    pub(crate) fn locale(&self) -> Locale {
        self.locale
    }

    /// The words in that language.
    pub(crate) fn voice(&self) -> Voice {
        Voice::of(self.locale)
    }

    /// Whether the visit comes to a name of this machine and the controller has no other name, where
    /// plain HTTP is safe. Elsewhere cookies are for HTTPS alone.
    pub(crate) const fn is_local(&self) -> bool {
        self.is_local
    }

    /// The cookies that a request of this visit carries.
    pub(crate) const fn cookies<'h>(&self, headers: &'h HeaderMap) -> Cookies<'h> {
        Cookies::of(headers, self.is_local)
    }

    /// Whether the browser sends Global Privacy Control: exactly `Sec-GPC: 1`.
    pub(crate) const fn gpc(&self) -> bool {
        self.gpc
    }

    /// The frame of a page of this controller, without navigation or session.
    pub(crate) fn frame(&self, surface: Surface, title: impl Into<String>) -> Frame {
        let mut frame = Frame::new(self.voice(), surface, title);
        if let Ok(in_force) = self.controller().in_force() {
            frame.controller = in_force.manifest.controller.name.clone();
            frame.contact = in_force.manifest.controller.contact.clone();
        }
        frame.address.clone_from(&self.path);
        let first = self.path.split('/').nth(1).unwrap_or_default();
        frame.home = match first {
            "console" => "/console".to_owned(),
            _ => "/portal".to_owned(),
        };
        frame
    }
}

impl FromRequestParts<Server> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        Self::of(parts, server).ok_or_else(Failure::not_found)
    }
}

/// Whether a `Host` header names this machine itself, which no network lies before.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for host in [
            "localhost",
            "localhost:7700",
            "shop.localhost:80",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:7700",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["shop.example", "localhost.example", "10.0.0.1:80", "[::2]:1", "", "127.0.0.1.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
