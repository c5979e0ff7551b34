//! Every operation without login and without the right.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::openapi::{Operation, operations};
use super::world::{World, on_both};

/// Operations that anybody may ask.
const PUBLIC: &[&str] = &["/healthz", "/readyz", "/metrics", "/v1/openapi.json", "/ledger/{path}"];
/// Operations that a key needs no scope for.
const ANY_KEY: &[&str] = &["/v1/manifest", "/v1/manifest/diff", "/v1/ledger/head"];

/// A body for each operation that takes one: well-formed, about nobody.
pub(crate) fn sample(operation: &Operation) -> Option<Value> {
    let nobody = json!({"id": "sub_00000000000000000000000000"});
    let by = "customer";
    Some(match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/v1/decisions") => {
            json!({"subject": nobody, "purpose": "newsletter", "action": "use", "categories": ["contact.email"]})
        }
        ("POST", "/v1/audiences") => json!({"purpose": "newsletter", "channel": "email"}),
        ("POST", "/v1/consents") => json!({
            "subject": nobody,
            "events": [{"kind": "given", "purpose": "newsletter", "origin": "api"}]
        }),
        ("POST", "/v1/standings") => json!({"subject": nobody}),
        ("POST", "/v1/subjects") => {
            json!({"system": "chinook", "table": "Customer", "fields": {"CustomerId": 1}})
        }
        ("POST", "/v1/subjects/lookup") => json!({"identifier": {"kind": "email", "value": "a@example.org"}}),
        ("POST", "/v1/subjects/read") => {
            json!({"subject": nobody, "purpose": "order-fulfilment", "categories": ["contact.email"]})
        }
        ("POST", "/v1/subjects/{id}/history") => {
            json!({"purpose": "order-fulfilment", "categories": ["contact.email"]})
        }
        ("POST", "/v1/subjects/{id}/corrections") => {
            json!({"value": "val_00000000000000000000000000", "new": "x", "purpose": "rights", "by": by})
        }
        ("POST", "/v1/subjects/{id}/exports") => json!({"kind": "access", "by": by}),
        ("POST", "/v1/subjects/{id}/erasures") => json!({"scope": "person", "by": by}),
        ("POST", "/v1/merges") => json!({
            "one": "sub_00000000000000000000000000",
            "other": "sub_00000000000000000000000001",
            "by": by
        }),
        ("DELETE", "/v1/merges/{id}") => json!({"by": by}),
        ("POST", "/v1/subjects/{id}/identifiers") => json!({
            "identifier": {"kind": "email", "value": "a@example.org"}, "purpose": "rights", "by": by
        }),
        ("POST", "/v1/subjects/{id}/withdrawals") => json!({"origin": "phone", "by": by}),
        ("POST", "/v1/visitors") => {
            json!({"acts": [{"kind": "refused", "purpose": "analytics"}]})
        }
        ("POST", "/v1/visitors/{id}/join") => json!({"subject": nobody, "by": by}),
        ("DELETE", "/v1/visitors/{id}") => json!({"by": by}),
        ("GET", _) => return None,
        (method, path) => panic!("{method} {path} has no sample body: add one"),
    })
}

/// The path of an operation, about nobody.
pub(crate) fn path(operation: &Operation) -> String {
    let id = match operation.path.split('/').nth(2) {
        Some("merges") => "mrg",
        Some("visitors") => "vis",
        _ => "sub",
    };
    operation
        .path
        .replace("{path}", "checkpoint")
        .replace("{id}", &format!("{id}_00000000000000000000000000"))
        .replace("{event}", "evt_00000000000000000000000000")
        .replace("{entry}", "ent_00000000000000000000000000")
}

fn call(world: &World, key: &str, operation: &Operation) -> super::client::Reply {
    let body = sample(operation).map(|body| body.to_string()).unwrap_or_default();
    world.call(&operation.method, key, &path(operation), body.as_bytes(), &[])
}

#[test]
fn the_public_operations_are_these_and_no_others() {
    let public: BTreeSet<String> = operations()
        .into_iter()
        .filter(|operation| !operation.with_key)
        .map(|operation| operation.path)
        .collect();
    assert_eq!(public, PUBLIC.iter().map(|path| (*path).to_owned()).collect());
}

#[test]
fn without_a_key_in_force_every_other_operation_answers_401_and_says_no_more() {
    on_both(|world| {
        let mut wrong_secret = world.keys.storefront.clone();
        wrong_secret.pop();
        wrong_secret.push('u');
        let unknown = "stw_00000000000000000000000000_0000000000000000000000000000000000000000000000000000";
        for operation in operations().into_iter().filter(|operation| operation.with_key) {
            let mut answers = BTreeSet::new();
            for key in ["", "nonsense", "stw_", unknown, &wrong_secret] {
                let reply = call(world, key, &operation);
                assert_eq!(reply.problem(), (401, "unauthorised".to_owned()), "{operation:?} {key}");
                answers.insert(reply.body);
            }
            assert_eq!(answers.len(), 1, "{operation:?}: the answers must not differ");
        }
    });
}

#[test]
fn without_the_scope_every_operation_answers_403_or_404() {
    on_both(|world| {
        for operation in operations().into_iter().filter(|operation| operation.with_key) {
            for key in [&world.keys.bare, &world.keys.auditor] {
                let reply = call(world, key, &operation);
                if ANY_KEY.contains(&operation.path.as_str()) {
                    assert!(matches!(reply.status, 200 | 400), "{operation:?} {}", reply.text());
                    continue;
                }
                let (status, code) = reply.problem();
                let refused = matches!((status, code.as_str()), (403, "missing-scope") | (404, "not-found"));
                assert!(refused, "{operation:?} {status} {code}");
            }
        }
    });
}

#[test]
fn what_nobody_has_answers_404_to_whoever_has_the_scope() {
    on_both(|world| {
        for operation in operations().into_iter().filter(|operation| operation.path.contains("{id}")) {
            let reply = call(world, &world.keys.storefront, &operation);
            assert_eq!(reply.problem(), (404, "not-found".to_owned()), "{operation:?}");
            let nonsense = operation.path.replace("{id}", "nonsense").replace("{event}", "nonsense");
            let body = sample(&operation).map(|body| body.to_string()).unwrap_or_default();
            let reply =
                world.call(&operation.method, &world.keys.storefront, &nonsense, body.as_bytes(), &[]);
            assert_eq!(reply.problem(), (404, "not-found".to_owned()), "{nonsense}");
        }
    });
}

#[test]
fn a_purpose_outside_the_scope_of_a_key_is_refused_by_name() {
    on_both(|world| {
        let ask = json!({
            "subject": {"id": "sub_00000000000000000000000000"},
            "purpose": "advertising", "action": "use"
        });
        let reply = world.post(&world.keys.storefront, "/v1/decisions", &ask);
        assert_eq!(reply.problem(), (403, "missing-scope".to_owned()));
        assert!(reply.text().contains("`advertising`"));
    });
}

#[test]
fn whoever_may_not_look_people_up_cannot_name_them_by_an_address() {
    on_both(|world| {
        let look = json!({
            "subject": {"identifier": {"kind": "email", "value": "a@example.org"}},
            "purpose": "newsletter", "categories": ["contact.email"]
        });
        let reply = world.post(&world.keys.mailer, "/v1/subjects/read", &look);
        assert_eq!(reply.problem(), (403, "missing-scope".to_owned()));
        let look_up = json!({"identifier": {"kind": "email", "value": "a@example.org"}});
        let reply = world.post(&world.keys.mailer, "/v1/subjects/lookup", &look_up);
        assert_eq!(reply.problem(), (403, "missing-scope".to_owned()));
    });
}

#[test]
fn entries_and_sets_of_the_log_are_there_for_auditors_alone() {
    on_both(|world| {
        // The keys themselves are entries, so the first bundle fills within a second.
        let bundle = (0..100).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            let head = world.get(&world.keys.auditor, "/v1/ledger/head").done();
            let size = head["size"].as_u64().expect("a size");
            (size > 0).then(|| format!("/ledger/tile/entries/000.p/{size}"))
        });
        let bundle = bundle.expect("a checkpoint within ten seconds");
        assert_eq!(world.get(&world.keys.auditor, &bundle).status, 200);
        for key in ["", "nonsense", &world.keys.storefront, &world.keys.bare] {
            assert_eq!(world.get(key, &bundle).problem(), (404, "not-found".to_owned()), "{key}");
        }
        let checkpoint = world.get("", "/ledger/checkpoint");
        assert_eq!(
            (checkpoint.status, checkpoint.headers["content-type"].as_str()),
            (200, "text/plain; charset=utf-8")
        );
        assert!(checkpoint.headers["cache-control"].contains("max-age=2"));
        let tile = world.get("", &bundle.replace("entries", "0"));
        assert!(tile.headers["cache-control"].contains("immutable"), "{tile:?}");
        for outside in ["/ledger/../keys/root.key", "/ledger/%2e%2e/keys/root.key", "/ledger//etc/passwd"] {
            assert_eq!(world.get("", outside).status, 404, "{outside}");
        }
    });
}
