//! What an operator relies on: readiness, metrics, limits, a stop in peace.

use std::io::Write;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::SystemClock;
use serde_json::json;
use steward::config::Config;
use steward::http::{self, Server};
use steward::installation::{Hosted, Installation};
use store::MIGRATIONS;
use testkit::{Engine, TestDb};
use tower::ServiceExt;

use super::client::{connect, read, send};
use super::journey::customer;
use super::world::{World, on_both, parts};

#[test]
fn a_server_that_can_work_says_so_and_counts_what_it_does() {
    on_both(|world| {
        assert_eq!(world.get("", "/healthz").status, 200);
        assert_eq!(world.get("", "/readyz").done()["ready"], true);
        let subject = customer(world, 1, "count@example.org");
        let ask =
            json!({"subject": {"id": subject}, "purpose": "newsletter", "action": "use", "dry_run": true});
        world.post(&world.keys.storefront, "/v1/decisions", &ask).done();
        let metrics = world.get("", "/metrics").text();
        for line in [
            r#"steward_http_requests_total{method="POST",route="/v1/subjects",status="200"} 1"#,
            r#"steward_decisions_total{controller="rosewood",answer="denied",dry_run="true"} 1"#,
            r#"steward_store_writes_total{controller="rosewood"}"#,
            r#"steward_ledger_entries{controller="rosewood"}"#,
            r#"steward_http_request_seconds_count{route="/v1/decisions"} 1"#,
        ] {
            assert!(metrics.contains(line), "{line} is not in\n{metrics}");
        }
        assert!(metrics.ends_with("# EOF\n"));
        assert!(!metrics.contains("sub_"), "no id is a label");
    });
}

#[test]
fn a_server_without_a_manifest_or_a_living_log_says_what_is_missing() {
    TestDb::each_async(MIGRATIONS, async |db| {
        let hosted = Hosted::open(parts("rosewood", db), Arc::new(SystemClock)).await.expect("it opens");
        let installation = Arc::new(Installation::of(vec![hosted]));
        let router = http::router(Server::new(installation, &Config::default()));
        let request = Request::get("/readyz").body(Body::empty()).expect("a request");
        let reply = router.oneshot(request).await.expect("an answer");
        assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = axum::body::to_bytes(reply.into_body(), 10_000).await.expect("a body");
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(text.contains("no manifest is applied") && text.contains("the log stands still"), "{text}");
    });
}

#[test]
fn a_key_that_comes_too_often_waits_and_others_do_not() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| {
            config.limits.requests_per_second = 1;
            config.limits.requests_burst = 3;
        });
        let statuses: Vec<u16> =
            (0..6).map(|_| world.get(&world.keys.mailer, "/v1/manifest").status).collect();
        assert_eq!(statuses[..3], [200, 200, 200]);
        assert!(statuses.contains(&429), "{statuses:?}");
        let mut refused = (0..5).map(|_| world.get(&world.keys.mailer, "/v1/manifest"));
        let refused = refused.rfind(|reply| reply.status == 429).expect("a refusal");
        assert_eq!(refused.problem(), (429, "too-many-requests".to_owned()));
        assert!(refused.headers["retry-after"].parse::<u64>().is_ok_and(|seconds| seconds >= 1));
        assert_eq!(world.get(&world.keys.storefront, "/v1/manifest").status, 200);
    });
}

#[test]
fn look_ups_have_a_budget_of_their_own() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.lookups_per_minute = 2);
        let look = json!({"identifier": {"kind": "email", "value": "nobody@example.org"}});
        let statuses: Vec<u16> =
            (0..4).map(|_| world.post(&world.keys.storefront, "/v1/subjects/lookup", &look).status).collect();
        assert_eq!(statuses, [404, 404, 429, 429]);
        assert_eq!(world.get(&world.keys.storefront, "/v1/manifest").status, 200);
    });
}

/// Whoever asks about an address learns whether it is a customer's, as a look-up does.
#[test]
fn decisions_about_addresses_spend_the_budget_of_look_ups() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.lookups_per_minute = 3);
        let question = |subject: serde_json::Value| json!({"subject": subject, "purpose": "newsletter", "action": "use"});
        let address = || json!({"identifier": {"kind": "email", "value": "nobody@example.org"}});
        let decide =
            |body: &serde_json::Value| world.post(&world.keys.storefront, "/v1/decisions", body).status;
        let one = question(address());
        assert_eq!((decide(&one), decide(&one)), (200, 200));
        // A batch counts by its items; what it names by our own ids costs nothing.
        let by_id = question(json!({"id": "sub_00000000000000000000000000"}));
        assert_eq!(decide(&json!({"items": [by_id.clone(), by_id.clone(), one.clone()]})), 200);
        assert_eq!((decide(&one), decide(&json!({"items": [one.clone()]}))), (429, 429));
        let look = json!({"identifier": {"kind": "email", "value": "nobody@example.org"}});
        assert_eq!(world.post(&world.keys.storefront, "/v1/subjects/lookup", &look).status, 429);
        assert_eq!(decide(&by_id), 200, "whom one knows already one may ask about");
    });
}

#[test]
fn guessing_keys_is_slowed_down_by_address() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.failures_per_minute = 60);
        let statuses: Vec<u16> = (0..80).map(|_| world.get("guess", "/v1/manifest").status).collect();
        assert_eq!(statuses[0], 401);
        assert!(statuses.contains(&429));
        assert_eq!(world.get(&world.keys.storefront, "/v1/manifest").status, 200, "a good key still passes");
    });
}

#[test]
fn an_unknown_path_and_an_unknown_method_are_problems_too() {
    on_both(|world| {
        assert_eq!(world.get("", "/v2/nothing").problem(), (404, "not-found".to_owned()));
        let reply = send(world.address, "PUT", "/v1/consents", &[], b"");
        assert_eq!(reply.problem(), (405, "method-not-allowed".to_owned()));
    });
}

#[test]
fn a_stop_finishes_what_has_begun_and_publishes_the_last_checkpoint() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(db) = TestDb::open(engine, MIGRATIONS) else { continue };
        let mut world = World::open(&[("rosewood", &db)], |_| {});
        let body = json!({
            "system": "chinook", "table": "Customer", "fields": {"CustomerId": 5, "FirstName": "Late"}
        })
        .to_string();
        // The request has begun: its head is there, its body is not.
        let mut stream = connect(world.address);
        let head = format!(
            "POST /v1/subjects HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            world.keys.storefront,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        std::thread::sleep(std::time::Duration::from_millis(300));
        let answer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(500));
            stream.write_all(body.as_bytes()).expect("sent");
            read(&mut stream)
        });
        world.stop();
        let entry = answer.join().expect("an answer").done()["entry"].as_str().expect("an entry").to_owned();
        let log = app::ledger::LogFolder::open(db.folder().join("ledger")).expect("the log");
        let checkpoint = log.public_file("checkpoint").expect("readable").expect("published");
        let size = String::from_utf8(checkpoint.bytes).expect("text");
        let size: u64 = size.lines().nth(1).and_then(|line| line.parse().ok()).expect("a size");
        let bundle =
            log.public_file(&format!("tile/entries/000.p/{size}")).expect("readable").expect("a bundle");
        assert!(String::from_utf8_lossy(&bundle.bytes).contains(&entry), "the last entry is in the log");
        assert!(std::net::TcpStream::connect(world.address).is_err(), "nobody listens any more");
    }
}
