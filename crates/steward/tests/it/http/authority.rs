//! For whom a key may act, and what it leaves behind.

use serde_json::{Value, json};

use super::journey::customer;
use super::world::on_both;

/// A stolen key must not be able to hide behind the people whose data it takes.
#[test]
fn whoever_a_key_says_it_acts_for_the_timeline_names_its_service() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let person = format!("/v1/subjects/{}", customer(world, 1, "ada@example.org"));
        world.post(key, &format!("{person}/exports"), &json!({"kind": "access", "by": "customer"})).done();
        let look = json!({"subject": {"id": person.rsplit('/').next()}, "by": "customer"});
        let entry = world.post(key, "/v1/standings", &look).done()["entry"].clone();
        assert!(entry.is_string(), "a look through a service leaves an entry: {entry}");
        let timeline = world.get(key, &format!("{person}/timeline")).done();
        for item in &timeline["items"].as_array().expect("items")[..2] {
            assert_eq!((&item["actor"], &item["via"]), (&json!("customer"), &json!("service:storefront")));
        }
    });
}

#[test]
fn choices_and_timelines_take_the_purpose_rights_and_staff_a_reason() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        let person = format!("/v1/subjects/{subject}");
        for path in ["standing", "timeline", "receipts/evt_00000000000000000000000000"] {
            let reply = world.get(&world.keys.mailer, &format!("{person}/{path}"));
            assert_eq!(reply.problem(), (403, "missing-scope".to_owned()), "{path}");
        }
        let staff = json!({"staff": {"account": "acc-7", "role": "nobody"}});
        let look = json!({"subject": {"id": subject}, "by": staff});
        assert_eq!(world.post(&world.keys.storefront, "/v1/standings", &look).problem().0, 403);
    });
}

#[test]
fn a_key_opens_only_what_its_purposes_are_about_and_closes_anything() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        let send = |kind: &str, purpose: &str| {
            let body = json!({
                "subject": {"id": subject},
                "events": [{"kind": kind, "purpose": purpose, "origin": "api"}]
            });
            world.post(&world.keys.mailer, "/v1/consents", &body)
        };
        assert_eq!(send("given", "analytics").problem(), (403, "missing-scope".to_owned()));
        assert_eq!(send("objection-ended", "analytics").problem(), (403, "missing-scope".to_owned()));
        assert_eq!(send("refused", "analytics").status, 200);
        assert_eq!(send("given", "newsletter").status, 200);
    });
}

#[test]
fn a_key_without_look_ups_does_not_learn_who_is_known() {
    on_both(|world| {
        customer(world, 1, "ada@example.org");
        let send = |kind: &str, address: &str, create: bool| {
            let body = json!({
                "subject": {"identifier": {"kind": "email", "value": address}}, "create": create,
                "events": [{"kind": kind, "purpose": "newsletter", "origin": "api"}]
            });
            world.post(&world.keys.mailer, "/v1/consents", &body)
        };
        let fields = |body: &Value| body.as_object().expect("fields").keys().cloned().collect::<Vec<_>>();
        for address in ["ada@example.org", "nobody@example.org"] {
            assert_eq!(send("refused", address, false).problem(), (403, "missing-scope".to_owned()));
            assert_eq!(fields(&send("refused", address, true).done()), ["subject", "events"]);
            // The manifest lets the mailer take no address in, whoever has it already.
            let reply = send("given", address, true);
            assert_eq!(reply.problem(), (403, "denied".to_owned()));
            assert_eq!(reply.json()["decision"]["reasons"][0]["code"], "service-not-allowed");
        }
    });
}

#[test]
fn an_own_act_is_the_persons_alone() {
    on_both(|world| {
        let row = json!({
            "system": "chinook", "table": "Customer", "fields": {"CustomerId": 1}, "own_act": true
        });
        let reply = world.post(&world.keys.storefront, "/v1/subjects", &row);
        assert_eq!(reply.problem(), (400, "invalid-request".to_owned()));
        let mut own = row.clone();
        own["by"] = json!("customer");
        assert_eq!(world.post(&world.keys.storefront, "/v1/subjects", &own).status, 200);
    });
}

#[test]
fn an_address_is_taken_in_with_a_choice_only_when_the_gate_lets_it_in() {
    on_both(|world| {
        let send = |kind: &str, identifier: Value| {
            let body = json!({
                "subject": {"identifier": identifier}, "create": true,
                "events": [{"kind": kind, "purpose": "newsletter", "origin": "till"}]
            });
            world.post(&world.keys.storefront, "/v1/consents", &body)
        };
        let ada = json!({"kind": "email", "value": "ada@example.org"});
        let done = send("given", ada).done();
        let subject = done["subject"].as_str().expect("an id");
        let timeline = world.get(&world.keys.storefront, &format!("/v1/subjects/{subject}/timeline")).done();
        let kinds: Vec<&str> = timeline["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|item| item["kind"].as_str())
            .collect();
        assert!(kinds.contains(&"collect") && kinds.contains(&"consent"), "{kinds:?}");

        // The newsletter has no use for customer numbers, but a no is kept whatever it names.
        let number = || json!({"kind": "customer-number", "value": "C-17"});
        assert_eq!(send("given", number()).problem(), (403, "denied".to_owned()));
        let look = json!({"identifier": number()});
        assert_eq!(world.post(&world.keys.storefront, "/v1/subjects/lookup", &look).problem().0, 404);
        assert_eq!(send("refused", number()).status, 200);
    });
}

#[test]
fn every_answer_says_that_it_was_read_from_the_primary_store() {
    on_both(|world| {
        let subject = customer(world, 1, "ada@example.org");
        for strict in [true, false] {
            let ask = json!({
                "subject": {"id": subject}, "purpose": "newsletter", "action": "use", "strict": strict
            });
            let done = world.post(&world.keys.storefront, "/v1/decisions", &ask).done();
            assert_eq!(done["answered_from"], "primary");
            let item = json!({"subject": {"id": subject}, "purpose": "newsletter", "action": "use"});
            let many = json!({"items": [item], "strict": strict});
            let done = world.post(&world.keys.storefront, "/v1/decisions", &many).done();
            assert_eq!(done["items"][0]["answered_from"], "primary");
        }
    });
}
