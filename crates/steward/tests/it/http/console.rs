//! The console as a browser without script walks it, on both stores.

use app::staff::{self, Credentials};
use model::{RoleName, Secret};
use store::MIGRATIONS;
use testkit::TestDb;

use super::client::Reply;
use super::journey::customer;
use super::pages::is_guarded;
use super::portal::Browser;
use super::world::{World, on_both};

const PAGES: [&str; 4] = ["/console", "/console/look-up", "/console/manifest", "/console/ledger"];

fn account(world: &World, name: &str, role: &str) -> Credentials {
    let role = RoleName::new(role).expect("a name");
    let password = Some(Secret::new("a long password".to_owned()));
    let added = staff::add(&world.controller, name, role, password);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(added).expect("an account")
}

fn signed_in<'w>(world: &'w World, name: &str, made: &Credentials) -> Browser<'w> {
    let browser = Browser::new(world);
    let code = keys::totp_code(&made.totp, world.controller.now().seconds());
    let fields = [("name", name), ("password", "a long password"), ("code", code.expose().as_str())];
    let reply = browser.post("/console/sign-in", &fields);
    assert_eq!(reply.status, 303, "{}", reply.text());
    browser
}

/// A page that opened without login would show the business's numbers, and its customers, to all.
#[test]
fn nobody_sees_a_page_without_signing_in_and_a_role_without_the_right_looks_at_nobody() {
    on_both(|world| {
        let stranger = Browser::new(world);
        for page in PAGES {
            let reply = stranger.get(page);
            assert_eq!(reply.status, 303, "{page}");
        }
        for form in ["/console/look-up", "/console/sign-out"] {
            assert_eq!(stranger.post(form, &[]).status, 303, "{form}");
        }
        let wrong = [("name", "anna"), ("password", "a long password"), ("code", "000000")];
        assert_eq!(stranger.post("/console/sign-in", &wrong).status, 422);

        let analyst = signed_in(world, "max", &account(world, "max", "analyst"));
        let reply = analyst.get("/console");
        assert_eq!(reply.status, 200);
        assert!(!reply.text().contains("/console/look-up"), "what may not be seen is not offered");
        assert_eq!(analyst.get("/console/look-up").status, 403);
        let token = csrf(&reply.text());
        let look = [
            ("csrf", token.as_str()),
            ("kind", "email"),
            ("value", "ada@example.org"),
            ("purpose", "analytics"),
            ("reason", "report"),
            ("ticket", "T-1"),
        ];
        assert_eq!(analyst.post("/console/look-up", &look).status, 403);
    });
}

/// The token of a page's forms.
fn csrf(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
    rest.split('"').next().expect("a token").to_owned()
}

/// Support helps a customer: the look is masked, has a reason, and the customer can read of it.
#[test]
fn support_signs_in_looks_at_a_customer_with_a_reason_and_signs_out() {
    on_both(|world| {
        let subject = customer(world, 7, "ada@example.org");
        let support = signed_in(world, "anna", &account(world, "anna", "support"));
        for page in PAGES {
            let reply = support.get(page);
            assert_eq!(reply.status, 200, "{page}: {}", reply.text());
            is_guarded(&reply);
            let text = reply.text();
            assert_eq!(text.matches("<h1>").count(), 1, "{page}");
            for key in ["console-", "short-answer-", "staff-", "view-", "finding-"] {
                assert!(!text.contains(&format!(">{key}")), "{page}: a word is missing: {key}");
            }
        }
        let token = csrf(&support.get("/console/look-up").text());
        let look = |ticket: &'static str, value: &'static str| {
            support.post(
                "/console/look-up",
                &[
                    ("csrf", token.as_str()),
                    ("kind", "record-shop-number"),
                    ("value", value),
                    ("purpose", "order-fulfilment"),
                    ("reason", "customer-asked"),
                    ("ticket", ticket),
                ],
            )
        };
        let found = look("T-17", "7");
        assert_eq!(found.status, 200, "{}", found.text());
        assert!(found.text().contains(&subject), "{}", found.text());
        assert!(!found.text().contains("ada@example.org") && !found.text().contains("Byron"), "masked");
        let history = Browser::of(world, &subject).get("/portal/history").text();
        assert!(history.contains("You asked us something."), "the customer reads why: {history}");
        let nobody = look("T-17", "424242");
        assert_eq!(nobody.status, 200);
        assert!(!nobody.text().contains("sub_"));
        assert_eq!(look("ada@example.org", "7").status, 422, "a ticket is a reference");
        let stale = support.post("/console/sign-out", &[("csrf", "x")]);
        assert_eq!(stale.status, 403);
        assert_eq!(support.post("/console/sign-out", &[("csrf", token.as_str())]).status, 303);
        assert_eq!(support.get("/console").status, 303);
    });
}

/// Looks a customer up by their number.
fn look(browser: &Browser<'_>, csrf: &str, purpose: &str, reason: &str, value: &str) -> Reply {
    browser.post(
        "/console/look-up",
        &[
            ("csrf", csrf),
            ("kind", "record-shop-number"),
            ("value", value),
            ("purpose", purpose),
            ("reason", reason),
            ("ticket", "T-404"),
        ],
    )
}

/// Who is a customer is itself a secret: whoever may not look must not learn it by trying.
#[test]
fn a_purpose_outside_the_role_answers_the_same_for_known_and_unknown() {
    on_both(|world| {
        customer(world, 7, "ada@example.org");
        let support = signed_in(world, "anna", &account(world, "anna", "support"));
        let csrf = csrf(&support.get("/console/look-up").text());
        for (purpose, reason) in [("analytics", "customer-asked"), ("order-fulfilment", "curious")] {
            let known = look(&support, &csrf, purpose, reason, "7");
            let unknown = look(&support, &csrf, purpose, reason, "424242");
            assert_eq!((known.status, unknown.status), (403, 403), "{purpose}, {reason}");
            assert_eq!(known.text(), unknown.text(), "{purpose}, {reason}");
        }
    });
}

/// A stolen session that may look without end carries the customer file away.
#[test]
fn a_member_of_staff_has_a_budget_of_looks_whatever_becomes_of_them() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.lookups_per_minute = 3);
        let anna = signed_in(&world, "anna", &account(&world, "anna", "support"));
        let csrf_of = |browser: &Browser<'_>| csrf(&browser.get("/console").text());
        let csrf = csrf_of(&anna);
        let look_of = |purpose| look(&anna, &csrf, purpose, "customer-asked", "424242").status;
        assert_eq!((look_of("order-fulfilment"), look_of("analytics")), (200, 403));
        assert_eq!((look_of("order-fulfilment"), look_of("order-fulfilment")), (200, 429));
        let other = signed_in(&world, "ben", &account(&world, "ben", "support"));
        let theirs = csrf_of(&other);
        assert_eq!(look(&other, &theirs, "order-fulfilment", "customer-asked", "424242").status, 200);
    });
}
