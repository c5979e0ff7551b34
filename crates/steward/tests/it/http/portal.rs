//! The portal as a browser without script walks it, on both stores.

use std::cell::RefCell;

use model::SubjectId;
use serde_json::{Value, json};
use store::sessions::{self, SessionRow};

use super::client::{Reply, send};
use super::journey::customer;
use super::pages::is_guarded;
use super::world::{World, on_both};

const PAGES: [&str; 7] = [
    "/portal",
    "/portal/data",
    "/portal/choices",
    "/portal/recipients",
    "/portal/history",
    "/portal/download",
    "/portal/erase",
];

/// A browser: it keeps cookies and follows nothing by itself.
pub(crate) struct Browser<'w> {
    world: &'w World,
    cookies: RefCell<Vec<(String, String)>>,
}

impl<'w> Browser<'w> {
    /// A browser of somebody who is not signed in.
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, cookies: RefCell::default() }
    }

    /// A browser in which a person signed in.
    pub(crate) fn of(world: &'w World, subject: &str) -> Self {
        let browser = Self::new(world);
        let token = keys::random_token();
        let hash = keys::session_hash(&token);
        let subject: SubjectId = subject.parse().expect("an id");
        let now = world.controller.now();
        let row = SessionRow { hash, subject, created: now, seen: now, proven: now, until: now.plus_days(1) };
        let added = world.controller.db.write("test", move |tx| sessions::add(tx, &row));
        tokio::runtime::Runtime::new().expect("a runtime").block_on(added).expect("a session");
        browser.cookies.borrow_mut().push(("session".to_owned(), token.expose().clone()));
        browser
    }

    /// Fetches a page.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call("GET", path, &[], b"")
    }

    /// Sends a form of a page of ours.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_from(path, fields, ("Sec-Fetch-Site", "same-origin"))
    }

    /// Sends a form; `origin` is the header by which the browser says where it comes from.
    pub(crate) fn post_from(&self, path: &str, fields: &[(&str, &str)], origin: (&str, &str)) -> Reply {
        let encode = |text: &str| -> String {
            text.bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                        char::from(byte).to_string()
                    }
                    _ => format!("%{byte:02X}"),
                })
                .collect()
        };
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let headers = [origin, ("Content-Type", "application/x-www-form-urlencoded")];
        self.call("POST", path, &headers, pairs.join("&").as_bytes())
    }

    fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut all = headers.to_vec();
        if !cookies.is_empty() {
            all.push(("Cookie", &cookies));
        }
        let reply = send(self.world.address, method, path, &all, body);
        is_guarded(&reply);
        if let Some(set) = reply.headers.get("set-cookie") {
            let (pair, rest) = set.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a value");
            let mut kept = self.cookies.borrow_mut();
            kept.retain(|(known, _)| known != name);
            if !rest.contains("Max-Age=0") {
                kept.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }
}

/// The text of a page that is shown.
#[track_caller]
pub(crate) fn shown(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(reply.headers["cache-control"], "no-store");
    let text = reply.text();
    assert_eq!(text.matches("<h1>").count(), 1);
    text
}

/// The value of the first hidden field of this name behind a mark.
#[track_caller]
pub(crate) fn hidden(page: &str, mark: &str, name: &str) -> String {
    let behind = page.split_once(mark).unwrap_or_else(|| panic!("no `{mark}` in {page}")).1;
    let field = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let rest = behind.split_once(&field).unwrap_or_else(|| panic!("no field {name} behind {mark}")).1;
    rest.split('"').next().expect("a value").to_owned()
}

fn standing(world: &World, subject: &str) -> Value {
    world.get(&world.keys.storefront, &format!("/v1/subjects/{subject}/standing")).done()
}

fn newsletter(world: &World, subject: &str) -> Value {
    let standing = standing(world, subject);
    let purposes = standing["purposes"].as_array().expect("purposes").clone();
    purposes.into_iter().find(|purpose| purpose["purpose"] == "newsletter").expect("the newsletter")
}

#[test]
fn without_a_session_there_is_only_the_way_to_one() {
    on_both(|world| {
        let nobody = Browser::new(world);
        let mut forged = Browser::new(world);
        forged.cookies = RefCell::new(vec![("session".to_owned(), "0".repeat(52))]);
        for browser in [&nobody, &forged] {
            for path in PAGES.iter().copied().chain(["/portal/data/val_00000000000000000000000000000000"]) {
                let reply = browser.get(path);
                assert_eq!(
                    (reply.status, reply.headers["location"].as_str()),
                    (303, "/portal/sign-in"),
                    "{path}"
                );
            }
            let posts = [
                "/portal/choices",
                "/portal/choices/none",
                "/portal/download",
                "/portal/erase",
                "/portal/erase/code",
                "/portal/sign-out",
            ];
            for path in posts {
                let reply = browser.post(path, &[("csrf", "x")]);
                assert_eq!(reply.status, 303, "{path}");
                assert_eq!(reply.headers["location"], "/portal/sign-in", "{path}");
            }
        }
        let page = shown(&nobody.get("/portal/sign-in"));
        assert!(page.contains("autocomplete=\"email\"") && page.contains("Rosewood"));
    });
}

#[test]
fn known_and_unknown_addresses_see_the_same_page_and_a_guessed_code_opens_nothing() {
    on_both(|world| {
        customer(world, 1, "ada@example.org");
        let browser = Browser::new(world);
        let mut seen = Vec::new();
        for address in ["ada@example.org", "nobody@example.org"] {
            let page = shown(&browser.post("/portal/sign-in", &[("email", address)]));
            assert!(!page.contains(address), "an address stands on no page before its owner proved it");
            let login = hidden(&page, "<form", "login");
            seen.push(page.replace(&login, "…"));
            let refused = browser.post("/portal/sign-in/code", &[("login", &login), ("code", "00000000")]);
            assert_eq!(refused.status, 422);
            assert!(
                refused.text().contains("This code does not work")
                    && !refused.headers.contains_key("set-cookie")
            );
            assert_eq!(
                hidden(&refused.text(), "<form", "login"),
                login,
                "the same request may be tried again"
            );
        }
        assert_eq!(seen[0], seen[1]);
        let wrong = browser.post("/portal/sign-in", &[("email", "no address")]);
        assert_eq!(wrong.status, 422);
        assert!(wrong.text().contains("aria-invalid=\"true\" aria-describedby=\"email-wrong email-hint\""));
        assert!(!wrong.text().contains("no address"), "nothing of what was sent comes back");
        let foreign = browser.post_from(
            "/portal/sign-in",
            &[("email", "ada@example.org")],
            ("Origin", "https://evil.example"),
        );
        assert_eq!(foreign.status, 403);
    });
}

#[test]
fn each_page_shows_a_person_their_own_data_and_nobody_elses() {
    on_both(|world| {
        let ada = customer(world, 1, "ada.canary@example.org");
        let bob = customer(world, 2, "bob.canary@example.org");
        let (hers, his) = (Browser::of(world, &ada), Browser::of(world, &bob));
        let held = shown(&hers.get("/portal/data"));
        for words in
            ["ada.canary@example.org", "E-mail address", "First name", "You told us", "Byron", "Who you are"]
        {
            assert!(held.contains(words), "{words}: {held}");
        }
        let place = held
            .split("href=\"/portal/data/")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a value");
        for path in PAGES {
            let page = shown(&his.get(path));
            assert!(!page.contains("ada.canary") && !page.contains(&ada), "{path}");
            let aria = page.matches("aria-current=\"page\"").count();
            assert_eq!(aria, 1, "{path} stands in the navigation");
        }
        assert_eq!(his.get(&format!("/portal/data/{place}")).status, 404, "another person's value");
        let csrf = hidden(&shown(&his.get("/portal/download")), "<form", "csrf");
        let stolen = his.post(&format!("/portal/data/{place}"), &[("csrf", &csrf), ("new", "Mallory")]);
        assert_eq!(stolen.status, 404);
        // What was looked at stands in the history, in words, and in French where that is asked.
        let history = shown(&hers.get("/portal/history"));
        for words in ["Your data was looked at", "By: you", "Data about you was taken in", "By: Our web shop"]
        {
            assert!(history.contains(words), "{words}: {history}");
        }
        hers.post("/language", &[("language", "fr"), ("back", "/portal/history")]);
        assert!(shown(&hers.get("/portal/history")).contains("Vos données ont été consultées"));
    });
}

#[test]
fn a_switch_takes_effect_at_once_with_the_proof_of_what_was_shown() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let turn = |to: &str, channel: &str| {
            let page = shown(&browser.get("/portal/choices"));
            let csrf = hidden(&page, "newsletter-title", "csrf");
            let seen = hidden(&page, "newsletter-title", "shown");
            let fields = [
                ("csrf", csrf.as_str()),
                ("shown", &seen),
                ("purpose", "newsletter"),
                ("to", to),
                ("channel", channel),
            ];
            let reply = browser.post("/portal/choices", &fields);
            assert_eq!(reply.status, 303, "{}", reply.text());
            assert_eq!(reply.headers["location"], format!("/portal/choices#newsletter-{channel}"));
            let after = shown(&browser.get("/portal/choices"));
            assert!(after.contains("role=\"status\""), "what was done is told");
            assert!(!shown(&browser.get("/portal/choices")).contains("role=\"status\""), "and told once");
            after
        };
        assert!(shown(&browser.get("/portal")).contains("You allow none of"));
        let page = turn("on", "post");
        assert!(page.contains("Allowed: Newsletter, by post"), "{page}");
        assert_eq!(newsletter(world, &ada)["channels"][1]["state"], "given");
        assert_eq!(newsletter(world, &ada)["channels"][0]["state"], "unasked");
        // A yes for an address that nobody confirmed waits, and says so.
        let page = turn("on", "email");
        assert!(page.contains("Allowed, waiting for confirmation"), "{page}");
        assert!(shown(&browser.get("/portal")).contains("You allow one of"));
        turn("off", "email");
        assert_eq!(newsletter(world, &ada)["channels"][0]["state"], "withdrawn");
        assert_eq!(newsletter(world, &ada)["channels"][1]["state"], "given");
        // With the last channel the purpose ends as a whole.
        turn("off", "post");
        assert_eq!(newsletter(world, &ada)["state"], "withdrawn");

        let export = json!({"kind": "access", "by": "customer"});
        let path = format!("/v1/subjects/{ada}/exports");
        let export = world.post(&world.keys.storefront, &path, &export).done();
        let choices = export["document"]["choices"].as_array().expect("choices");
        assert_eq!(choices.len(), 4);
        for choice in choices {
            assert_eq!((&choice["grade"], &choice["origin"]), (&json!("proven"), &json!("portal")));
        }
    });
}

#[test]
fn a_no_to_everything_switches_everything_off() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let page = shown(&browser.get("/portal/choices"));
        let optional = page.matches("role=\"switch\"").count();
        assert_eq!(
            page.matches("aria-checked=\"false\"").count(),
            optional,
            "everything is off when it begins"
        );
        assert!(page.contains("Always on") && page.contains("The law obliges us to answer"), "{page}");
        for purpose in ["analytics", "advertising"] {
            let mark = format!("{purpose}-title");
            let (csrf, seen) = (hidden(&page, &mark, "csrf"), hidden(&page, &mark, "shown"));
            let fields = [("csrf", csrf.as_str()), ("shown", &seen), ("purpose", purpose), ("to", "on")];
            assert_eq!(browser.post("/portal/choices", &fields).status, 303);
        }
        let page = shown(&browser.get("/portal/choices"));
        assert_eq!(page.matches("aria-checked=\"true\"").count(), 2, "{page}");
        let csrf = hidden(&page, "/portal/choices/none", "csrf");
        let seen = hidden(&page, "/portal/choices/none", "shown");
        let fields = [("csrf", csrf.as_str()), ("shown", &seen)];
        assert_eq!(browser.post("/portal/choices/none", &fields).status, 303);
        let export = format!("/v1/subjects/{ada}/exports");
        let document =
            world.post(&world.keys.storefront, &export, &json!({"kind": "access", "by": "customer"})).done();
        let choices = document["document"]["choices"].as_array().expect("choices").clone();
        let noes = choices.iter().filter(|choice| choice["shown"]["text_sha256"] == seen.as_str());
        assert!(noes.count() >= 2, "what was shown stands with each no: {choices:?}");
        let page = shown(&browser.get("/portal/choices"));
        assert_eq!(page.matches("aria-checked=\"true\"").count(), 0, "{page}");
    });
}

#[test]
fn a_form_without_the_sessions_own_token_or_from_elsewhere_does_nothing() {
    on_both(|world| {
        let (ada, bob) = (customer(world, 1, "ada@example.org"), customer(world, 2, "bob@example.org"));
        let (hers, his) = (Browser::of(world, &ada), Browser::of(world, &bob));
        let page = shown(&hers.get("/portal/choices"));
        let (csrf, seen) =
            (hidden(&page, "newsletter-title", "csrf"), hidden(&page, "newsletter-title", "shown"));
        let foreign = hidden(&shown(&his.get("/portal/choices")), "newsletter-title", "csrf");
        let fields = |csrf: &str, seen: &str| {
            let fields = [
                ("csrf", csrf),
                ("shown", seen),
                ("purpose", "newsletter"),
                ("to", "on"),
                ("channel", "post"),
            ];
            fields.map(|(name, value)| (name, value.to_owned()))
        };
        let before = standing(world, &ada);
        let ours = ("Sec-Fetch-Site", "same-origin");
        for (csrf, seen, origin, status) in [
            (foreign.as_str(), seen.as_str(), ours, 403),
            ("", &seen, ours, 403),
            (&csrf, &seen, ("Sec-Fetch-Site", "cross-site"), 403),
            (&csrf, &seen, ("Origin", "https://evil.example"), 403),
            (&csrf, &seen, ("Accept", "*/*"), 403),
            // Whoever read another text did not choose about this one.
            (&csrf, &"0".repeat(64), ours, 409),
        ] {
            let fields = fields(csrf, seen);
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = hers.post_from("/portal/choices", &fields, origin);
            assert_eq!(reply.status, status, "{}", reply.text());
            assert!(reply.text().contains("<h1>"), "it is told as a page");
        }
        for path in ["/portal/choices/none", "/portal/sign-out", "/portal/erase/code", "/portal/download"] {
            assert_eq!(hers.post(path, &[("csrf", &foreign)]).status, 403, "{path}");
        }
        let after = standing(world, &ada);
        assert_eq!(before["purposes"], after["purposes"]);
        for wrong in
            [[("purpose", "accounting"), ("to", "off")], [("purpose", "newsletter"), ("to", "maybe")]]
        {
            let reply =
                hers.post("/portal/choices", &[&wrong[..], &[("csrf", &csrf), ("shown", &seen)]].concat());
            assert_eq!(reply.status, 400, "{wrong:?}");
        }
    });
}

#[test]
fn a_value_is_corrected_and_its_history_stays_for_the_person() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        customer(world, 2, "bob@example.org");
        let browser = Browser::of(world, &ada);
        let find = |name: &str| {
            let page = shown(&browser.get("/portal/data"));
            let link = page.split(&format!("aria-label=\"Correct: {name}\"")).next().expect("the link");
            link.rsplit("href=\"")
                .next()
                .and_then(|rest| rest.split('"').next())
                .expect("an address")
                .to_owned()
        };
        let path = find("Last name");
        let page = shown(&browser.get(&path));
        assert!(page.contains("value=\"Byron\""), "{page}");
        let csrf = hidden(&page, "class=\"card stack\"", "csrf");
        let reply = browser.post(&path, &[("csrf", &csrf), ("new", "King <Lovelace>")]);
        assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/portal/data"));
        let held = shown(&browser.get("/portal/data"));
        assert!(held.contains("King &lt;Lovelace&gt;") && held.contains("Corrected"), "{held}");
        assert!(shown(&browser.get(&find("Last name"))).contains("Byron"), "the old value is history");
        assert_eq!(browser.get(&path).status, 404, "what is history is not corrected");

        let path = find("E-mail address");
        assert!(shown(&browser.get(&path)).contains("You are found by this value"));
        for (new, words) in [
            ("no address", "This is not the form"),
            ("bob@example.org", "We cannot change this here"),
            ("", "cannot stand here"),
        ] {
            let reply = browser.post(&path, &[("csrf", &csrf), ("new", new)]);
            assert_eq!(reply.status, 422, "{new}");
            assert!(reply.text().contains(words), "{new}: {}", reply.text());
        }
        // Whoever tries one address after the other asks who else is a customer.
        let tried = |_| browser.post(&path, &[("csrf", &csrf), ("new", "bob@example.org")]).status;
        assert_eq!((0..4).map(tried).collect::<Vec<_>>(), [422, 422, 429, 429]);
        let other = browser.post(&find("Last name"), &[("csrf", &csrf), ("new", "Lovelace")]);
        assert_eq!(other.status, 303, "what nobody is found by has no such budget");
    });
}

#[test]
fn the_download_comes_in_each_form_and_is_told_in_the_history() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let csrf = hidden(&shown(&browser.get("/portal/download")), "action=\"/portal/download\"", "csrf");
        let fetch = |kind: &str, form: &str| {
            let reply = browser.post("/portal/download", &[("csrf", &csrf), ("kind", kind), ("form", form)]);
            assert_eq!(reply.status, 200, "{}", reply.text());
            let name = &reply.headers["content-disposition"];
            assert!(
                name.starts_with("attachment; filename=\"your-data-")
                    && name.ends_with(&format!(".{form}\"")),
                "{name}"
            );
            assert_eq!(reply.headers["cache-control"], "no-store");
            reply
        };
        let document = fetch("access", "json").json();
        assert_eq!((&document["format"], &document["kind"]), (&json!(1), &json!("access")));
        let table = fetch("access", "csv").text();
        assert!(table.starts_with("\u{feff}") && table.contains("First name,Ada,You told us"), "{table}");
        let page = fetch("access", "html").text();
        for words in [
            "<td",
            "Everything held about you",
            "ada@example.org",
            "Who else receives data",
            "Plume Mailing SAS",
        ] {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains("<script") && !page.contains("<link"), "the file needs no other");
        assert!(fetch("portability", "json").json().get("uses").is_none());
        fetch("portability", "csv");
        let history = shown(&browser.get("/portal/history"));
        assert_eq!(history.matches("Your data was handed out in a file").count(), 5);
        let reply = browser.post("/portal/download", &[("csrf", &csrf), ("kind", "all"), ("form", "json")]);
        assert_eq!(reply.status, 400);
    });
}

#[test]
fn deleting_shows_first_what_goes_and_what_stays_and_asks_for_a_fresh_code() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let page = shown(&browser.get("/portal/erase"));
        for words in
            ["What goes", "What must stay, and why", "A mark, readable by nobody", "This cannot be undone"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let csrf = hidden(&page, "/portal/erase/code", "csrf");
        let login = model::LoginId::random().to_string();
        let refused =
            browser.post("/portal/erase", &[("csrf", &csrf), ("login", &login), ("code", "12345678")]);
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert!(refused.text().contains("This code does not work"));
        assert_eq!(browser.get("/portal").status, 200, "nothing was deleted");
        assert!(!standing(world, &ada)["purposes"].is_null());
    });
}

#[test]
fn signing_out_ends_the_session_for_every_copy_of_its_cookie() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let copy = Browser { world, cookies: browser.cookies.clone() };
        let csrf = hidden(&shown(&copy.get("/portal")), "/portal/sign-out", "csrf");
        let reply = browser.post("/portal/sign-out", &[("csrf", &csrf)]);
        assert_eq!(reply.headers["location"], "/portal/sign-in");
        assert!(browser.cookies.borrow().is_empty(), "the cookie is taken away");
        assert_eq!(copy.get("/portal").status, 303, "a copy of it opens nothing");
    });
}

/// The code in the letter of this number, once it has come.
fn code_of_letter(world: &World, number: usize) -> String {
    for _ in 0..200 {
        if let Some(letter) = world.mailbox.letters().get(number) {
            let body = letter.body();
            let mut lines = body.split(|character: char| !character.is_ascii_digit() && character != ' ');
            let code = lines.find(|part| part.chars().filter(char::is_ascii_digit).count() == 8);
            return code.unwrap_or_else(|| panic!("no code in {body}")).trim().to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("no letter came");
}

#[test]
fn a_customer_signs_in_by_a_letter_and_deletes_everything_with_a_fresh_one() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::new(world);
        let banner = browser.get("/site/shop/banner?back=%2F").text();
        let proof = hidden(&banner, "<form", "shown").replace("&quot;", "\"");
        let yes = [("choice", "accept"), ("back", "/"), ("shown", proof.as_str())];
        assert_eq!(browser.post("/site/shop/choice", &yes).status, 303);
        let page = shown(&browser.post("/portal/sign-in", &[("email", " Ada@Example.org")]));
        let code = code_of_letter(world, 0);
        let login = hidden(&page, "<form", "login");
        let reply = browser.post("/portal/sign-in/code", &[("login", &login), ("code", &code)]);
        assert_eq!((reply.status, reply.headers["location"].as_str()), (303, "/portal"), "{}", reply.text());
        let cookie = &reply.headers["set-cookie"];
        for part in ["session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(
            shown(&browser.get("/portal/data")).contains("Confirmed"),
            "the address is proved by the code"
        );
        let choices = shown(&browser.get("/portal/choices"));
        assert!(choices.contains("aria-checked=\"true\""), "what the browser allowed is hers now: {choices}");
        let again = Browser::new(world).post("/portal/sign-in/code", &[("login", &login), ("code", &code)]);
        assert_eq!(again.status, 422, "a code counts once");

        let csrf = hidden(&shown(&browser.get("/portal/erase")), "/portal/erase/code", "csrf");
        let page = shown(&browser.post("/portal/erase/code", &[("csrf", &csrf)]));
        let login = hidden(&page, "class=\"card stack\"", "login");
        let code = code_of_letter(world, 1);
        let done = browser.post("/portal/erase", &[("csrf", &csrf), ("login", &login), ("code", &code)]);
        let page = shown(&done);
        for words in ["Your data is deleted", "ent_", "What must stay, and why", "Proof of what you chose"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(browser.cookies.borrow().iter().all(|(name, _)| name != "session"), "signed out");
        let path = format!("/v1/subjects/{ada}/standing");
        assert_eq!(world.get(&world.keys.storefront, &path).status, 404, "nobody is there any more");

        // Whoever is gone gets the same page and no letter.
        shown(&browser.post("/portal/sign-in", &[("email", "ada@example.org")]));
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert_eq!(world.mailbox.letters().len(), 2);
    });
}

#[test]
fn a_customer_says_no_to_a_recipient_and_takes_it_back() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let page = shown(&browser.get("/portal/recipients"));
        assert!(page.contains("Broadlight Ads Inc.") && page.contains("May receive it"), "{page}");
        assert!(page.contains("Needed"), "what a purpose cannot do without is locked: {page}");
        let csrf = hidden(&page, "id=\"ad-network-title\"", "csrf");
        let turn = |to: &str, seen: &str| {
            let fields = [("csrf", csrf.as_str()), ("recipient", "ad-network"), ("to", to), ("shown", seen)];
            browser.post("/portal/recipients", &fields).status
        };
        assert_eq!(turn("off", "another text"), 303, "a no always counts");
        let page = shown(&browser.get("/portal/recipients"));
        assert!(page.contains("receives your data no more") && page.contains("Declined"), "{page}");
        assert_eq!(standing(world, &ada)["declined"], json!(["ad-network"]));
        assert_eq!(turn("on", "another text"), 409, "a yes is to what was read");
        let seen = hidden(&page, "id=\"ad-network-title\"", "shown");
        assert_eq!(turn("on", &seen), 303);
        assert_eq!(standing(world, &ada)["declined"], json!([]));
        let needed = [("csrf", csrf.as_str()), ("recipient", "parcel-carrier"), ("to", "off"), ("shown", "")];
        assert_eq!(browser.post("/portal/recipients", &needed).status, 400);
    });
}

#[test]
fn a_customer_freezes_the_use_of_their_data_and_ends_that() {
    on_both(|world| {
        let ada = customer(world, 1, "ada@example.org");
        let browser = Browser::of(world, &ada);
        let csrf = hidden(&shown(&browser.get("/portal/choices")), "/portal/choices/freeze", "csrf");
        for (to, count, words) in
            [("on", 1, "The use of your data is frozen"), ("off", 0, "The freeze is over")]
        {
            assert_eq!(browser.post("/portal/choices/freeze", &[("csrf", &csrf), ("to", to)]).status, 303);
            let page = shown(&browser.get("/portal/choices"));
            assert!(page.contains(words), "{page}");
            assert_eq!(standing(world, &ada)["restrictions"].as_array().map(Vec::len), Some(count));
        }
    });
}
