//! What a site shows its visitors: banner, preference page, the choice and its cookie.

use store::MIGRATIONS;
use testkit::TestDb;

use super::client::{Reply, send};
use super::pages::is_guarded;
use super::world::{World, on_both};

const OURS: (&str, &str) = ("Sec-Fetch-Site", "same-origin");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Reply {
    send(world.address, "GET", path, headers, b"")
}

/// What a browser sends for a form field.
fn escaped(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    each.collect()
}

/// The proof that stands in a page's form.
#[track_caller]
fn proof(page: &str) -> String {
    let field = page.split("name=\"shown\" value=\"").nth(1).expect("a proof");
    let value = field.split('"').next().expect("its end").replace("&quot;", "\"").replace("&amp;", "&");
    escaped(&value)
}

/// The cookie that an answer sets, as a browser sends it back.
#[track_caller]
fn cookie(reply: &Reply) -> String {
    let set = reply.headers.get("set-cookie").unwrap_or_else(|| panic!("no cookie: {}", reply.text()));
    assert!(set.contains("; HttpOnly; SameSite=Lax; Max-Age=15811200"), "six months for yes and no: {set}");
    set.split(';').next().expect("a pair").to_owned()
}

fn choose(world: &World, body: &str, headers: &[(&str, &str)]) -> Reply {
    send(world.address, "POST", "/site/shop/choice", &[&[OURS, FORM], headers].concat(), body.as_bytes())
}

#[test]
fn a_visitor_refuses_is_not_asked_again_and_changes_their_mind() {
    on_both(|world| {
        let banner = get(world, "/site/shop/banner?back=%2Fbooks", &[("Accept-Language", "fr")]);
        let text = banner.text();
        assert!(text.contains("Tout refuser") && text.contains("lang=\"fr\""), "{text}");
        assert!(text.contains("href=\"/site/shop/preferences?back=/books\""), "{text}");
        assert_eq!(banner.headers["steward-granted"], "");
        is_guarded(&banner);

        let no = choose(world, &format!("choice=refuse&back=%2Fbooks&shown={}", proof(&text)), &[]);
        assert_eq!((no.status, no.headers["location"].as_str()), (303, "/books"), "{}", no.text());
        let no = cookie(&no);
        assert_eq!(get(world, "/site/shop/banner", &[("Cookie", &no)]).text(), "", "nobody is asked twice");

        let page = get(world, "/site/shop/preferences", &[("Cookie", &no)]).text();
        assert!(!page.contains("checked"), "{page}");
        let body = format!("choice=save&allow.analytics=yes&back=%2F&shown={}", proof(&page));
        let json = choose(world, &body, &[("Cookie", &no), ("Accept", "application/json")]);
        assert_eq!(json.done()["granted"], serde_json::json!(["analytics"]));
        let some = cookie(&json);
        let banner = get(world, "/site/shop/banner", &[("Cookie", &some)]);
        assert_eq!(banner.headers["steward-granted"], "analytics");
        let page = get(world, "/site/shop/preferences", &[("Cookie", &some)]).text();
        assert_eq!(page.matches("checked").count(), 1, "{page}");
    });
}

#[test]
fn a_choice_without_a_proof_or_from_elsewhere_is_not_taken() {
    on_both(|world| {
        let text = get(world, "/site/shop/banner", &[]).text();
        let shown = proof(&text);
        for (body, status) in [
            ("choice=refuse&back=%2F".to_owned(), 403),
            (format!("choice=refuse&back=%2F&shown={shown}0"), 403),
            (format!("choice=maybe&back=%2F&shown={shown}"), 400),
            (format!("choice=save&other=yes&shown={shown}"), 400),
        ] {
            let reply = choose(world, &body, &[]);
            assert_eq!(reply.status, status, "{body}: {}", reply.text());
            assert!(!reply.headers.contains_key("set-cookie"));
        }
        let foreign = [FORM, ("Sec-Fetch-Site", "cross-site")];
        let body = format!("choice=accept&back=%2F&shown={shown}");
        let reply = send(world.address, "POST", "/site/shop/choice", &foreign, body.as_bytes());
        assert_eq!(reply.status, 403);
        let away = choose(world, &format!("choice=accept&back=%2F%2Fevil.example&shown={shown}"), &[]);
        assert_eq!(away.headers["location"], "/site/shop/preferences", "the way back leads nowhere else");
    });
}

#[test]
fn global_privacy_control_is_honoured_shown_and_read_strictly() {
    on_both(|world| {
        let text = get(world, "/site/shop/banner", &[("Sec-GPC", "1")]).text();
        assert!(text.contains("Global Privacy Control"), "{text}");
        let body = format!("choice=accept&back=%2F&shown={}", proof(&text));
        let yes = choose(world, &body, &[("Sec-GPC", "1"), ("Accept", "application/json")]);
        assert_eq!(yes.done()["granted"], serde_json::json!(["analytics", "personalisation"]));
        for value in ["0", "true", "1 ", "11"] {
            let text = get(world, "/site/shop/link", &[("Sec-GPC", value)]).text();
            // A client trims what stands around a value.
            assert_eq!(text.contains("Global"), value.trim() == "1", "{value}");
        }
        let signal = get(world, "/.well-known/gpc.json", &[]).done();
        assert_eq!(
            (signal["gpc"].as_bool(), signal["lastUpdate"].as_str().map(str::len)),
            (Some(true), Some(10))
        );
    });
}

#[test]
fn a_site_stands_where_its_own_server_says() {
    on_both(|world| {
        let here = [("X-Forwarded-Prefix", "/privacy")];
        let text = get(world, "/site/shop/banner?back=/", &here).text();
        assert!(
            text.contains("action=\"/privacy/choice\"") && text.contains("href=\"/privacy/assets/banner.")
        );
        let page = get(world, "/site/shop/preferences", &here);
        is_guarded(&page);
        let page = page.text();
        assert!(
            page.contains("action=\"/privacy/language\"") && page.contains("href=\"/privacy/assets/steward.")
        );
        let sheet =
            page.split("href=\"/privacy").nth(1).and_then(|rest| rest.split('"').next()).expect("a sheet");
        assert_eq!(get(world, &format!("/site/shop{sheet}"), &[]).status, 200);
        assert_eq!(get(world, "/site/shop/banner.js", &[]).status, 200);
        for wrong in ["//evil.example", "https://evil.example", "/a\"b"] {
            let text = get(world, "/site/shop/banner", &[("X-Forwarded-Prefix", wrong)]).text();
            assert!(text.contains("action=\"/site/shop/choice\""), "{wrong}: {text}");
        }
        assert_eq!(get(world, "/site/nowhere/banner", &[]).status, 404);
    });
}

#[test]
fn a_yes_counts_for_what_was_shown_here_and_now_and_a_no_always() {
    on_both(|world| {
        let version = world.controller.in_force().expect("a manifest").policy.version().to_string();
        for (surface, notice) in
            [("site/other/banner", version.as_str()), ("site/shop/banner", "0 of another day")]
        {
            let shown = model::Shown {
                text_sha256: "0".repeat(64),
                locale: "en".to_owned(),
                button_order: vec!["refuse".to_owned(), "accept".to_owned()],
                notice_version: Some(notice.to_owned()),
                surface: surface.to_owned(),
            };
            let shown = escaped(&app::sites::seal_shown(&world.controller, &shown).expect("sealed"));
            for (choice, status) in [("accept", 403), ("save&allow.analytics=yes", 403), ("refuse", 303)] {
                let reply = choose(world, &format!("choice={choice}&back=%2F&shown={shown}"), &[]);
                assert_eq!(reply.status, status, "{surface} {choice}: {}", reply.text());
            }
        }
    });
}

/// A route against selling that asks for a name or hides behind the banner is none (11 CCR 7026).
#[test]
fn one_press_stops_selling_and_sharing_and_leaves_the_rest_as_it_was() {
    on_both(|world| {
        let link = get(world, "/site/shop/link?back=%2Fbooks", &[]).text();
        assert!(link.contains("href=\"/site/shop/opt-out?back=/books\""), "{link}");
        let banner = get(world, "/site/shop/banner", &[]).text();
        let yes = choose(world, &format!("choice=accept&back=%2F&shown={}", proof(&banner)), &[]);
        let yes = cookie(&yes);
        let granted = |cookie: &str| {
            get(world, "/site/shop/banner", &[("Cookie", cookie)]).headers["steward-granted"].clone()
        };
        assert!(granted(&yes).contains("advertising"));
        let page = get(world, "/site/shop/opt-out?back=%2Fbooks", &[("Cookie", &yes)]);
        is_guarded(&page);
        let page = page.text();
        assert!(page.contains("Do not sell or share my data") && !page.contains("already"), "{page}");
        let body = format!("choice=opt-out&back=%2Fbooks&shown={}", proof(&page));
        let off = choose(world, &body, &[("Cookie", &yes)]);
        assert_eq!(off.headers["location"], "/site/shop/opt-out?back=/books", "{}", off.text());
        let off = cookie(&off);
        assert_eq!(granted(&off), "analytics personalisation", "the rest stays");
        let page = get(world, "/site/shop/opt-out", &[("Cookie", &off)]).text();
        assert!(page.contains("already"), "{page}");

        // Without a choice before: the banner goes on asking about the rest.
        let page = get(world, "/site/shop/opt-out", &[]).text();
        let off = cookie(&choose(world, &format!("choice=opt-out&shown={}", proof(&page)), &[]));
        assert!(get(world, "/site/shop/banner", &[("Cookie", &off)]).text().contains("stw-banner"));
    });
}

/// Whoever has one page would fill the log with choices of visitors who never were.
#[test]
fn choices_of_one_client_are_limited_and_other_clients_go_on() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| {
            config.limits.choices_per_minute = 5;
            config.trusted_proxies = ["127.0.0.1".parse().expect("an address")].into();
        });
        let body =
            format!("choice=refuse&back=%2F&shown={}", proof(&get(&world, "/site/shop/banner", &[]).text()));
        let statuses = |client: &str| -> Vec<u16> {
            (0..7).map(|_| choose(&world, &body, &[("X-Forwarded-For", client)]).status).collect()
        };
        assert_eq!(statuses("2001:db8::1"), [303, 303, 303, 303, 303, 429, 429]);
        assert_eq!(statuses("2001:db8::2")[6], 429, "one household is one client");
        assert_eq!(statuses("192.0.2.7, 198.51.100.4")[0], 303);
        assert_eq!(statuses("192.0.2.9, 198.51.100.4")[6], 429, "what a client says itself does not count");
    });
}
