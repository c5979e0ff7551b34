//! Bodies that are no proper requests.

use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};
use store::MIGRATIONS;
use testkit::TestDb;

use super::access::{path, sample};
use super::client::{connect, read};
use super::openapi::operations;
use super::world::{World, on_both};

/// Every operation that takes a body, with a good one.
fn with_bodies() -> Vec<(String, String, Value)> {
    operations()
        .into_iter()
        .filter_map(|operation| Some((operation.method.clone(), path(&operation), sample(&operation)?)))
        .collect()
}

#[test]
fn a_malformed_body_is_refused_by_every_operation_that_takes_one() {
    on_both(|world| {
        for (method, path, good) in with_bodies() {
            let unknown = with(&good, "surplus", json!(1));
            let text = good.to_string();
            let twice = text.replacen('{', "{\"surplus\":1,\"surplus\":2,", 1);
            let deep = text.replacen('{', &format!("{{\"surplus\":{}{},", "[".repeat(80), "]".repeat(80)), 1);
            for (body, told) in [
                (b"".to_vec(), "no JSON"),
                (b"{".to_vec(), "no JSON"),
                (b"[]".to_vec(), "expected"),
                (b"\"text\"".to_vec(), "expected"),
                (b"{\"a\":\"\xff\"}".to_vec(), "UTF-8"),
                (format!("{text}{text}").into_bytes(), "no JSON"),
                (unknown.to_string().into_bytes(), "`surplus`"),
                (twice.into_bytes(), "twice"),
                (deep.into_bytes(), "deep"),
            ] {
                let reply = world.call(&method, &world.keys.storefront, &path, &body, &[]);
                assert_eq!(reply.problem(), (400, "invalid-request".to_owned()), "{method} {path} {told}");
                assert!(reply.text().contains(told), "{method} {path}: {}", reply.text());
            }
        }
    });
}

#[test]
fn a_field_of_the_wrong_type_is_named_by_its_path() {
    on_both(|world| {
        for (method, path, good) in with_bodies() {
            for field in good.as_object().expect("an object").keys() {
                let reply = world.call(
                    &method,
                    &world.keys.storefront,
                    &path,
                    with(&good, field, json!([[0.5]])).to_string().as_bytes(),
                    &[],
                );
                assert_eq!(reply.problem(), (400, "invalid-request".to_owned()), "{path} {field}");
                let fault = reply.json()["fields"][0]["path"].as_str().expect("a path").to_owned();
                assert!(fault.starts_with(field.as_str()), "{path} {field}: {}", reply.text());
            }
        }
    });
}

#[test]
fn a_body_that_is_too_large_or_of_another_type_is_refused() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.body_bytes = 10_000);
        for (method, path, good) in with_bodies() {
            let padded = format!("{good}{}", " ".repeat(10_000));
            let reply = world.call(&method, &world.keys.storefront, &path, padded.as_bytes(), &[]);
            assert_eq!(reply.problem(), (413, "body-too-large".to_owned()), "{path}");
            let bearer = format!("Bearer {}", world.keys.storefront);
            let headers = [("Authorization", bearer.as_str()), ("Content-Type", "text/plain")];
            let reply =
                super::client::send(world.address, &method, &path, &headers, good.to_string().as_bytes());
            assert_eq!(reply.problem(), (415, "unsupported-media-type".to_owned()), "{path}");
        }
    });
}

#[test]
fn a_batch_above_its_limit_is_refused() {
    on_both(|world| {
        let item = json!({
            "subject": {"id": "sub_00000000000000000000000000"}, "purpose": "newsletter", "action": "use"
        });
        let batch = json!({"items": vec![item.clone(); 10_001], "dry_run": true});
        let reply = world.post(&world.keys.storefront, "/v1/decisions", &batch);
        assert_eq!(reply.problem(), (400, "invalid-request".to_owned()));
        let full = json!({"items": vec![item; 10_000], "dry_run": true});
        let reply = world.post(&world.keys.storefront, "/v1/decisions", &full).done();
        assert_eq!(reply["items"].as_array().map(Vec::len), Some(10_000));
    });
}

#[test]
fn a_client_that_sends_its_body_too_slowly_is_let_go() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.body_seconds = 1);
        let mut stream = connect(world.address);
        let head = format!(
            "POST /v1/decisions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {}\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{",
            world.keys.storefront
        );
        stream.write_all(head.as_bytes()).expect("sent");
        assert_eq!(read(&mut stream).problem(), (408, "body-too-slow".to_owned()));
    });
}

#[test]
fn a_client_that_sends_its_headers_too_slowly_is_let_go() {
    TestDb::each(MIGRATIONS, |db| {
        let world = World::open(&[("rosewood", db)], |config| config.limits.header_seconds = 1);
        let mut stream = connect(world.address);
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost:").expect("sent");
        std::thread::sleep(Duration::from_secs(2));
        let mut rest = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut rest).ok();
        let text = String::from_utf8_lossy(&rest);
        assert!(!text.contains("200"), "{text}");
        assert_eq!(world.get("", "/healthz").status, 200, "others are served meanwhile");
    });
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}
