//! Requests that are sent twice under one key: asks and exports, which write entries too.

use serde_json::{Value, json};

use super::client::Reply;
use super::journey::customer;
use super::world::{World, on_both};

fn send(world: &World, key: &str, path: &str, body: &Value) -> Reply {
    world.call("POST", key, path, body.to_string().as_bytes(), &[("Idempotency-Key", "again")])
}

fn newsletter(subject: &str) -> Value {
    json!({
        "subject": {"id": subject}, "purpose": "newsletter", "action": "send", "channel": "email",
        "categories": ["contact.email"]
    })
}

fn agree(world: &World, subject: &str) {
    let yes = json!({
        "subject": {"id": subject}, "by": "customer",
        "events": [
            {"kind": "given", "purpose": "newsletter", "origin": "portal"},
            {"kind": "address-confirmed", "channel": "email", "origin": "mail"}
        ]
    });
    world.post(&world.keys.storefront, "/v1/consents", &yes).done();
}

fn uses(world: &World, subject: &str) -> usize {
    let timeline = world.get(&world.keys.storefront, &format!("/v1/subjects/{subject}/timeline")).done();
    timeline["items"].as_array().expect("items").len()
}

/// A mailer whose connection broke must learn what it was answered, and the customer must not
/// see two asks where there was one.
#[test]
fn a_decision_that_is_asked_twice_is_one_decision() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        agree(world, &subject);
        let first = send(world, &world.keys.mailer, "/v1/decisions", &newsletter(&subject)).done();
        assert_eq!(first["answer"], "granted");
        assert_eq!(first["obligations"], json!({"views": {"contact.email": "clear"}, "unsubscribe": true}));
        let before = uses(world, &subject);
        let again = send(world, &world.keys.mailer, "/v1/decisions", &newsletter(&subject));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        assert_eq!(again.done(), first, "the same entry, and the same end");
        assert_eq!(uses(world, &subject), before + 1, "no second entry but that of the look itself");
        let other = json!({
            "subject": {"id": subject}, "purpose": "newsletter", "action": "use", "dry_run": false
        });
        assert_eq!(send(world, &world.keys.mailer, "/v1/decisions", &other).problem().0, 422);
        let tried = json!({
            "subject": {"id": subject}, "purpose": "newsletter", "action": "use", "dry_run": true
        });
        assert_eq!(send(world, &world.keys.mailer, "/v1/decisions", &tried).status, 200, "keeps nothing");
    });
}

#[test]
fn a_batch_and_an_audience_that_are_asked_twice_are_one() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        agree(world, &subject);
        let key = &world.keys.mailer;
        let stranger = "sub_00000000000000000000000000";
        let batch = json!({"items": [newsletter(&subject), newsletter(stranger)]});
        let first = send(world, key, "/v1/decisions", &batch).done();
        assert_eq!(first["items"][1]["reasons"][0]["code"], "subject-unknown");
        assert_eq!(send(world, key, "/v1/decisions", &batch).done(), first);
        let whom = json!({"purpose": "newsletter", "channel": "email"}).to_string();
        let audience =
            || world.call("POST", key, "/v1/audiences", whom.as_bytes(), &[("Idempotency-Key", "whom")]);
        let first = audience().done();
        let again = audience();
        assert_eq!((again.headers["idempotency-replayed"].as_str(), again.done()), ("true", first));
    });
}

/// What is kept for a repetition must not be a readable copy of a person's data, nor outlive them.
#[test]
fn an_export_is_given_again_until_the_person_is_erased_and_is_never_kept_readable() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let subject = customer(world, 1, "ada@example.org");
        let path = format!("/v1/subjects/{subject}/exports");
        let wish = json!({"kind": "access", "by": "customer"});
        let first = send(world, key, &path, &wish).done();
        assert!(first.to_string().contains("ada@example.org"));
        assert_eq!(send(world, key, &path, &wish).done(), first, "the same entry and document");
        let erase = json!({"scope": "person", "by": "customer"});
        world.post(key, &format!("/v1/subjects/{subject}/erasures"), &erase).done();
        assert_eq!(send(world, key, &path, &wish).problem(), (404, "not-found".to_owned()));
    });
}

#[test]
fn a_row_with_somebody_elses_address_says_so_to_whoever_may_look_people_up() {
    on_both(|world| {
        customer(world, 1, "ada@example.org");
        let row = json!({
            "system": "chinook", "table": "Customer", "by": "customer",
            "fields": {"CustomerId": 2, "Email": "ada@example.org"}
        });
        let done = world.post(&world.keys.storefront, "/v1/subjects", &row).done();
        assert_eq!(done["unclaimed"], json!(["email"]), "{done}");
    });
}

#[test]
fn what_is_collected_says_until_when_it_may_be_kept() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        agree(world, &subject);
        let yes = json!({
            "subject": {"id": subject}, "by": "customer",
            "events": [{"kind": "given", "purpose": "analytics", "origin": "portal"}]
        });
        world.post(&world.keys.storefront, "/v1/consents", &yes).done();
        let ask = json!({"subject": {"id": subject}, "purpose": "analytics", "action": "collect"});
        let done = world.post(&world.keys.storefront, "/v1/decisions", &ask).done();
        assert_eq!(done["answer"], "granted", "{done}");
        assert!(done["obligations"]["keep_until"].is_string(), "{done}");
        assert_eq!(done["obligations"]["unsubscribe"], false);
    });
}
