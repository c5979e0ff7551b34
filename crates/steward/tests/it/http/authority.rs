//! For whom a key may act, and what it leaves behind.

use serde_json::json;

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
        let send = |address: &str, create: bool| {
            let body = json!({
                "subject": {"identifier": {"kind": "email", "value": address}}, "create": create,
                "events": [{"kind": "given", "purpose": "newsletter", "origin": "api"}]
            });
            world.post(&world.keys.mailer, "/v1/consents", &body)
        };
        for address in ["ada@example.org", "nobody@example.org"] {
            assert_eq!(send(address, false).problem(), (403, "missing-scope".to_owned()));
            assert!(send(address, true).done().get("created").is_none());
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
