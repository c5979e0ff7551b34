//! Several controllers in one installation: neither sees the other.

use serde_json::json;
use store::MIGRATIONS;
use testkit::{Engine, TestDb};

use super::world::World;

#[test]
fn two_controllers_share_neither_keys_nor_people_nor_log() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let (Some(one), Some(two)) = (TestDb::open(engine, MIGRATIONS), TestDb::open(engine, MIGRATIONS))
        else {
            continue;
        };
        let world = World::open(&[("rosewood", &one), ("juniper", &two)], |_| {});
        let (rosewood, juniper) = (&world.all_keys[0].storefront, &world.all_keys[1].storefront);
        let row = json!({
            "system": "chinook", "table": "Customer",
            "fields": {"CustomerId": 1, "Email": "shared@example.org"}
        });
        let at = |controller: &'static str| [("Steward-Controller", controller)];
        let body = row.to_string();
        let post = |key: &str, path: &str, body: &str, controller| {
            world.call("POST", key, path, body.as_bytes(), &at(controller))
        };
        let here = post(rosewood, "/v1/subjects", &body, "rosewood").done();

        // A key of one is no key at the other, and people of one are nobody there.
        assert_eq!(post(rosewood, "/v1/subjects", &body, "juniper").problem().0, 401);
        assert_eq!(post(juniper, "/v1/subjects", &body, "rosewood").problem().0, 401);
        let look = json!({"identifier": {"kind": "email", "value": "shared@example.org"}}).to_string();
        assert_eq!(post(juniper, "/v1/subjects/lookup", &look, "juniper").problem().0, 404);
        let standing = format!("/v1/subjects/{}/standing", here["subject"].as_str().expect("an id"));
        assert_eq!(world.call("GET", juniper, &standing, b"", &at("juniper")).problem().0, 404);
        let there = post(juniper, "/v1/subjects", &body, "juniper").done();
        assert_ne!(here["subject"], there["subject"]);

        // Each has its own log under its own name and key.
        let head =
            |key: &str, controller| world.call("GET", key, "/v1/ledger/head", b"", &at(controller)).done();
        let (first, second) = (head(rosewood, "rosewood"), head(juniper, "juniper"));
        assert_eq!(
            (&first["origin"], &second["origin"]),
            (&json!("test.example/rosewood"), &json!("test.example/juniper"))
        );
        assert_ne!(first["verifier_key"], second["verifier_key"]);

        // The host names the controller too; without either name nobody is meant.
        let by_host = |host| world.call("GET", rosewood, "/v1/manifest", b"", &[("Host", host)]);
        assert_eq!(by_host("rosewood.localhost:7300").status, 200);
        assert_eq!(by_host("juniper.localhost").problem().0, 401);
        assert_eq!(by_host("elsewhere.localhost").problem(), (404, "not-found".to_owned()));
    }
}
