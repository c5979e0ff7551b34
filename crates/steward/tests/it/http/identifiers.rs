//! What a person is known by, added and proved through the API.

use serde_json::{Value, json};

use super::client::Reply;
use super::journey::customer;
use super::world::{World, on_both};

fn add(world: &World, subject: &str, more: &Value) -> Reply {
    let mut body = json!({"purpose": "rights", "by": "customer"});
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    world.post(&world.keys.storefront, &format!("/v1/subjects/{subject}/identifiers"), &body)
}

fn email(address: &str) -> Value {
    json!({"kind": "email", "value": address})
}

#[test]
fn an_identifier_is_claimed_found_and_then_proved() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let subject = customer(world, 1, "ada@example.org");
        let second = email("Ada@Second.example");
        let claimed = add(world, &subject, &json!({"identifier": second})).done();
        assert_eq!((&claimed["added"], &claimed["verified"]), (&json!(true), &json!(false)));
        let found = world.post(key, "/v1/subjects/lookup", &json!({"identifier": second})).done();
        assert_eq!(found["subject"], subject.as_str());
        let proved = add(world, &subject, &json!({"identifier": second, "proof": "link"})).done();
        assert_eq!((&proved["added"], &proved["verified"]), (&json!(false), &json!(true)));
        let again = add(world, &subject, &json!({"identifier": second})).done();
        assert_eq!(again["verified"], true, "what is proved stays proved");
        let timeline = world.get(key, &format!("/v1/subjects/{subject}/timeline")).done();
        assert_eq!(timeline["items"][0]["entry"], again["entry"]);
        assert_eq!(timeline["items"][0]["via"], "service:storefront");
    });
}

#[test]
fn what_somebody_else_has_stays_theirs_whatever_the_proof() {
    on_both(|world| {
        customer(world, 1, "ada@example.org");
        let ben = customer(world, 2, "ben@example.org");
        let wish = json!({"identifier": email("ada@example.org"), "proof": "link"});
        assert_eq!(add(world, &ben, &wish).problem(), (409, "identifier-taken".to_owned()));
    });
}

#[test]
fn a_proof_comes_from_whoever_can_have_seen_it() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        let own =
            |proof: &str, kind: &str| json!({"identifier": {"kind": kind, "value": "A-17"}, "proof": proof});
        for (more, path) in [
            (json!({"identifier": email("x@example.org"), "proof": "document"}), "proof"),
            (json!({"identifier": email("x@example.org"), "proof": "system"}), "proof"),
            (own("system", "customer-number"), "proof"),
            (own("link", "loyalty-card"), "identifier.kind"),
            (json!({"identifier": email("no address")}), "identifier"),
        ] {
            let reply = add(world, &subject, &more);
            assert_eq!(reply.problem(), (400, "invalid-request".to_owned()), "{more}");
            assert_eq!(reply.json()["fields"][0]["path"], path, "{more}");
        }
        let service = json!({
            "identifier": {"kind": "customer-number", "value": "A-17"}, "proof": "system",
            "purpose": "order-fulfilment"
        });
        let path = format!("/v1/subjects/{subject}/identifiers");
        let done = world.post(&world.keys.storefront, &path, &service).done();
        assert_eq!(done["verified"], true, "a shop's own number");
        // A key that may not look people up does not learn whose an address is.
        assert_eq!(world.post(&world.keys.mailer, &path, &service).problem().0, 403);
    });
}

#[test]
fn the_gate_is_asked_before_an_identifier_is_taken_in() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        let path = format!("/v1/subjects/{subject}/identifiers");
        let body = json!({"identifier": email("x@example.org"), "purpose": "newsletter"});
        let reply = world.post(&world.keys.storefront, &path, &body);
        assert_eq!(reply.problem(), (403, "denied".to_owned()));
        assert_eq!(reply.json()["decision"]["reasons"][0]["code"], "consent-missing");
        let look = json!({"identifier": email("x@example.org")});
        let found = world.post(&world.keys.storefront, "/v1/subjects/lookup", &look);
        assert_eq!(found.problem().0, 404, "a denial adds nothing");
    });
}
