//! What every page shares: security headers, files, the language, pages for what went wrong.

use super::client::Reply;
use super::world::{World, on_both};

/// A visit of a browser that sends no key.
fn visit(world: &World, path: &str, headers: &[(&str, &str)]) -> Reply {
    world.call("GET", "", path, b"", headers)
}

/// The headers without which a page must not go out.
#[track_caller]
pub(crate) fn is_guarded(reply: &Reply) {
    let header = |name: &str| reply.headers.get(name).map(String::as_str).unwrap_or_default();
    let policy = header("content-security-policy");
    for part in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("cross-origin-opener-policy"), "same-origin");
    assert_eq!(header("x-frame-options"), "DENY");
}

#[test]
fn what_is_not_there_is_a_page_in_the_visitors_language_below_pages_and_a_problem_elsewhere() {
    on_both(|world| {
        for path in
            ["/portal/nothing", "/console/nothing", "/site/nothing", "/assets/steward.css", "/assets/a/b"]
        {
            let reply = visit(world, path, &[("Accept-Language", "fr")]);
            assert_eq!(reply.status, 404, "{path}");
            is_guarded(&reply);
            assert_eq!(reply.headers["content-type"], "text/html; charset=utf-8", "{path}");
            assert_eq!(reply.headers["cache-control"], "no-store", "{path}");
            let text = reply.text();
            assert!(text.contains("<html lang=\"fr\"") && text.contains("Cette page n’existe pas"), "{text}");
            assert!(text.contains("Rosewood"), "the page says whose it is");
        }
        assert_eq!(visit(world, "/portals", &[]).problem(), (404, "not-found".to_owned()));
        let reply = visit(world, "/language", &[]);
        assert_eq!(reply.status, 405);
        is_guarded(&reply);
        assert!(reply.text().contains("<h1>This cannot be done here</h1>"), "{}", reply.text());
    });
}

#[test]
fn the_style_sheet_is_found_from_the_page_and_kept_for_ever() {
    on_both(|world| {
        let page = visit(world, "/portal/nothing", &[]).text();
        let address = page.split("<link rel=\"stylesheet\" href=\"").nth(1).expect("a style sheet");
        let address = address.split('"').next().expect("an address");
        let reply = visit(world, address, &[]);
        assert_eq!(reply.status, 200);
        is_guarded(&reply);
        assert_eq!(reply.headers["content-type"], "text/css; charset=utf-8");
        assert!(reply.headers["cache-control"].contains("immutable"));
        assert!(reply.text().contains("--paper:"));
    });
}

#[test]
fn a_chosen_language_holds_and_a_foreign_form_chooses_nothing() {
    on_both(|world| {
        let send = |body: &str, headers: &[(&str, &str)]| {
            let form = [("Content-Type", "application/x-www-form-urlencoded")];
            super::client::send(
                world.address,
                "POST",
                "/language",
                &[&form, headers].concat(),
                body.as_bytes(),
            )
        };
        let ours = [("Sec-Fetch-Site", "same-origin")];
        let reply = send("language=fr&back=%2Fportal%2Fnothing", &ours);
        assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/portal/nothing"));
        let cookie = reply.headers["set-cookie"].clone();
        assert_eq!(cookie, "language=fr; Path=/; HttpOnly; SameSite=Lax");
        let page = visit(world, "/portal/nothing", &[("Accept-Language", "en"), ("Cookie", "language=fr")]);
        assert!(page.text().contains("<html lang=\"fr\""));

        let away = send("language=fr&back=%2F%2Fevil.example", &ours);
        assert_eq!(away.headers["location"], "/portal", "the way back leads nowhere else");
        for (body, headers, status) in [
            ("language=fr&back=%2Fportal", &[("Sec-Fetch-Site", "cross-site")][..], 403),
            ("language=fr&back=%2Fportal", &[], 403),
            ("language=fr&back=%2Fportal", &[("Origin", "http://evil.example")], 403),
            ("language=zz&back=%2Fportal", &ours, 400),
            ("language=fr", &ours, 400),
            ("language=fr&back=%2Fportal&more=1", &ours, 400),
        ] {
            let reply = send(body, headers);
            assert_eq!(reply.status, status, "{body} {headers:?}");
            assert!(!reply.headers.contains_key("set-cookie"));
            is_guarded(&reply);
        }
        // Elsewhere than on this machine the cookie is for HTTPS and this host alone.
        let reply = send("language=en&back=%2Fportal", &[ours[0], ("Host", "rosewood.example")]);
        assert_eq!(reply.headers["set-cookie"], "__Host-language=en; Path=/; HttpOnly; SameSite=Lax; Secure");
    });
}
