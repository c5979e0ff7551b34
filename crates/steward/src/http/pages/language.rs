//! Choosing the language of pages: a form in every footer, kept in a cookie.

use axum::response::Response;
use serde::Deserialize;
use words::Locale;

use super::cookie::{Cookie, LANGUAGE};
use super::failure::Failure;
use super::form::Form;
use super::visit::Visit;
use super::{is_page, see};

/// What the footer's form sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    language: String,
    back: String,
}

/// Keeps the chosen language until the browser is closed, and goes back to the page.
pub(super) async fn choose(visit: Visit, form: Form<Choice>) -> Result<Response, Failure> {
    let locale = Locale::from_tag(&form.body.language).ok_or_else(Failure::malformed)?;
    let cookie =
        Cookie { name: LANGUAGE, value: locale.tag(), kept_seconds: None, is_local: visit.is_local() };
    let back = Some(form.body.back.as_str()).filter(|back| is_own(back)).unwrap_or("/portal");
    let mut response = see(back);
    cookie.set(&mut response);
    Ok(response)
}

/// Whether an address is a page of ours: nothing that leads to another host.
fn is_own(address: &str) -> bool {
    is_page(address) && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_elsewhere() {
        assert!(is_own("/portal") && is_own("/console/ledger"));
        for address in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/portal",
            "/portalx",
            "/portal\r\nX: y",
            "",
        ] {
            assert!(!is_own(address), "{address}");
        }
    }
}
