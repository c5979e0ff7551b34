//! Personal values go where a permit lets them, and nowhere else.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::access::{path, sample};
use super::client::{Reply, send};
use super::openapi::operations;
use super::world::{LOG, World, on_both};

/// A word that nothing but these requests holds.
const CANARY: &str = "canarybird";

#[track_caller]
fn silent(reply: &Reply, place: &str) {
    let text = format!("{:?} {}", reply.headers, reply.text()).to_lowercase();
    assert!(!text.contains(CANARY), "{place}: {text}");
}

/// Every text of a body replaced by a canary, one at a time.
fn poisoned(body: &Value) -> Vec<Value> {
    let mut bodies = Vec::new();
    for field in body.as_object().into_iter().flat_map(serde_json::Map::keys) {
        for value in [
            json!(format!("{CANARY}@example.org")),
            json!({"id": format!("{CANARY}@example.org")}),
            json!({"identifier": {"kind": "email", "value": format!("{CANARY} no address")}}),
            json!({"identifier": {"kind": format!("{CANARY}!"), "value": "x"}}),
            json!([format!("{CANARY}@example.org")]),
            json!([{"kind": format!("{CANARY}@example.org"), "origin": "api"}]),
            json!([{"kind": "given", "purpose": format!("{CANARY} x"), "origin": "api"}]),
            json!({"CustomerId": format!("{CANARY} is no number")}),
        ] {
            let mut body = body.clone();
            body[field] = value;
            bodies.push(body);
        }
    }
    bodies
}

#[test]
fn no_answer_log_line_or_metric_repeats_a_personal_value_that_was_sent() {
    on_both(|world| {
        every_operation_stays_silent(world);
        everything_about_a_customer_stays_silent(world);
        silent(&world.get("", "/metrics"), "metrics");
        let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        let log = String::from_utf8_lossy(&log).to_lowercase();
        assert!(log.contains("answered"), "the log is captured");
        let line = log.lines().find(|line| line.contains(CANARY));
        assert_eq!(line, None, "a log line repeats a personal value");
    });
}

fn every_operation_stays_silent(world: &World) {
    for operation in operations() {
        let place = format!("{operation:?}");
        for key in ["", &world.keys.bare, &world.keys.storefront, &world.keys.mailer] {
            for body in sample(&operation).iter().flat_map(poisoned) {
                let body = body.to_string();
                silent(&world.call(&operation.method, key, &path(&operation), body.as_bytes(), &[]), &place);
            }
            let query = format!("{}?after={CANARY}&from={CANARY}", path(&operation));
            silent(&world.call(&operation.method, key, &query, b"", &[]), &place);
            let id = format!("/{CANARY}@example.org");
            let odd = operation.path.replace("/{id}", &id).replace("/{event}", &id).replace("/{entry}", &id);
            let body = sample(&operation).map(|body| body.to_string()).unwrap_or_default();
            silent(&world.call(&operation.method, key, &odd, body.as_bytes(), &[]), &place);
        }
    }
    let odd = [
        ("Host", "canarybird.example"),
        ("Authorization", "Bearer canarybird"),
        ("Idempotency-Key", "canarybird@example.org"),
        ("Accept-Language", "canarybird"),
        ("Steward-Controller", "canarybird"),
        ("X-Forwarded-For", "canarybird"),
    ];
    silent(&send(world.address, "CANARYBIRD", "/canarybird", &odd, b"canarybird"), "an odd request");
    silent(&send(world.address, "POST", "/v1/consents", &odd, b"canarybird"), "an odd request");
}

fn everything_about_a_customer_stays_silent(world: &World) {
    let key = &world.keys.storefront;
    let address = format!("{CANARY}@example.org");
    let row = json!({
        "system": "chinook", "table": "Customer",
        "fields": {"CustomerId": 99, "FirstName": CANARY, "Email": address}
    });
    let taken = world.post(key, "/v1/subjects", &row);
    silent(&taken, "collect");
    let subject = taken.done()["subject"].as_str().expect("an id").to_owned();
    let by_address = json!({"identifier": {"kind": "email", "value": address}});
    let events = json!([{"kind": "given", "purpose": "newsletter", "origin": "portal"}]);
    for (path, body) in [
        ("/v1/subjects/lookup", by_address.clone()),
        ("/v1/decisions", json!({"subject": by_address, "purpose": "newsletter", "action": "use"})),
        (
            "/v1/decisions",
            json!({"items": [{"subject": by_address, "purpose": "newsletter", "action": "use"}]}),
        ),
        ("/v1/consents", json!({"subject": by_address, "events": events})),
        ("/v1/standings", json!({"subject": by_address})),
    ] {
        let reply = world.post(key, path, &body);
        silent(&reply, path);
        reply.done();
    }
    // What must show it shows it: otherwise this test proves nothing.
    let read = json!({
        "subject": {"id": subject}, "purpose": "order-fulfilment", "categories": ["contact.email"]
    });
    assert!(world.post(key, "/v1/subjects/read", &read).text().contains(&address));
}
