//! What a browser chooses before anybody signs in, and what a person takes back in one go.

use serde_json::{Value, json};

use super::journey::customer;
use super::world::{World, on_both};

fn choose(world: &World, visitor: Option<&str>, acts: &Value, repeat: &str) -> super::client::Reply {
    let body = json!({"visitor": visitor, "acts": acts, "by": "customer", "request": "r-1"});
    let key = &world.keys.storefront;
    world.call("POST", key, "/v1/visitors", body.to_string().as_bytes(), &[("Idempotency-Key", repeat)])
}

fn refused(purpose: &str) -> Value {
    json!([{"kind": "refused", "purpose": purpose}])
}

fn state(world: &World, subject: &str, purpose: &str) -> String {
    let standing = world.get(&world.keys.storefront, &format!("/v1/subjects/{subject}/standing")).done();
    let purposes = standing["purposes"].as_array().expect("purposes");
    let found = purposes.iter().find(|found| found["purpose"] == purpose).expect("the purpose");
    found["state"].as_str().expect("a state").to_owned()
}

#[test]
fn a_visitors_no_is_kept_shown_and_becomes_the_no_of_the_person_who_signs_in() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let first = choose(world, None, &refused("analytics"), "one").done();
        assert_eq!(choose(world, None, &refused("analytics"), "one").done(), first, "sent twice, done once");
        let visitor = first["visitor"].as_str().expect("a visitor").to_owned();
        choose(world, Some(&visitor), &json!([{"kind": "signal-seen", "signal": "gpc"}]), "two").done();
        let kept = world.get(key, &format!("/v1/visitors/{visitor}")).done();
        assert_eq!(kept["items"].as_array().map(Vec::len), Some(2), "{kept}");
        assert_eq!(kept["items"][0]["acts"], refused("analytics"));

        // The entry names the service and the key that sent it.
        let path = format!("/v1/decisions/{}", first["entry"].as_str().expect("an entry"));
        assert_eq!(world.get(key, &path).problem().0, 404, "a choice is no decision");

        let subject = customer(world, 1, "ada@example.org");
        let join = json!({"subject": {"id": subject}, "by": "customer"});
        let path = format!("/v1/visitors/{visitor}/join");
        let send = || {
            let repeat = [("Idempotency-Key", "three")];
            world.call("POST", key, &path, join.to_string().as_bytes(), &repeat).done()
        };
        let joined = send();
        assert_eq!(joined["events"].as_array().map(Vec::len), Some(3), "{joined}");
        assert_eq!(send(), joined, "sent twice, joined once");
        assert_eq!(state(world, &subject, "analytics"), "refused");
        assert_eq!(world.get(key, &format!("/v1/visitors/{visitor}")).problem().0, 404, "joined");
    });
}

#[test]
fn a_visitor_is_forgotten_at_their_wish_and_only_once() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let done = choose(world, None, &refused("analytics"), "one").done();
        let path = format!("/v1/visitors/{}", done["visitor"].as_str().expect("a visitor"));
        let wish = json!({"by": "customer"}).to_string();
        assert!(world.call("DELETE", key, &path, wish.as_bytes(), &[]).done()["entry"].is_string());
        assert_eq!(world.get(key, &path).problem().0, 404);
        assert_eq!(world.call("DELETE", key, &path, wish.as_bytes(), &[]).problem().0, 404);
    });
}

#[test]
fn a_visitor_can_choose_only_what_a_browser_can() {
    on_both(|world| {
        let reply = choose(world, None, &json!([{"kind": "deceased"}]), "one");
        assert_eq!(reply.problem(), (400, "invalid-request".to_owned()));
        assert_eq!(reply.json()["fields"][0]["path"], "acts[0].kind");
        // A key opens for a visitor only what it may open for a person.
        let yes = json!({"acts": [{"kind": "given", "purpose": "analytics"}]});
        assert_eq!(world.post(&world.keys.mailer, "/v1/visitors", &yes).problem().0, 403);
        let joining = "/v1/visitors/vis_00000000000000000000000000/join";
        let join = json!({"subject": {"id": "sub_00000000000000000000000000"}});
        assert_eq!(world.post(&world.keys.mailer, joining, &join).problem().0, 403, "needs `rights`");
    });
}

#[test]
fn a_withdrawal_takes_back_the_purposes_named_or_everything() {
    on_both(|world| {
        let key = &world.keys.storefront;
        let subject = customer(world, 1, "ada@example.org");
        let given = |purpose: &str| json!({"kind": "given", "purpose": purpose, "origin": "portal"});
        let yes = json!({"subject": {"id": subject}, "events": [given("newsletter"), given("analytics")]});
        world.post(key, "/v1/consents", &yes).done();
        let path = format!("/v1/subjects/{subject}/withdrawals");
        let one = json!({"purposes": ["newsletter"], "origin": "phone", "by": "customer"});
        let done = world.post(key, &path, &one).done();
        assert_eq!(done["events"].as_array().map(Vec::len), Some(1), "{done}");
        assert_eq!(state(world, &subject, "newsletter"), "withdrawn");
        assert_eq!(state(world, &subject, "analytics"), "given");

        let all = json!({"origin": "phone", "by": "customer", "request": "call-7"});
        let send = || {
            world.call("POST", key, &path, all.to_string().as_bytes(), &[("Idempotency-Key", "all")]).done()
        };
        let done = send();
        assert_eq!(send(), done, "sent twice, done once");
        assert_eq!(state(world, &subject, "analytics"), "withdrawn");

        for (purposes, place) in [
            (json!(["nothing"]), "purposes[0]"),
            (json!(["accounting"]), "purposes[0]"),
            (json!([]), "purposes"),
        ] {
            let body = json!({"purposes": purposes, "origin": "phone", "by": "customer"});
            let reply = world.post(key, &path, &body);
            assert_eq!(reply.problem(), (400, "invalid-request".to_owned()));
            assert_eq!(reply.json()["fields"][0]["path"], place);
        }
    });
}
