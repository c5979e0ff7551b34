//! Bodies that are no proper requests.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};
use steward::http::bodies::READERS;
use store::MIGRATIONS;
use testkit::{Engine, TestDb};

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
fn every_operation_that_takes_a_body_can_be_read_without_a_server() {
    let with_body: BTreeSet<String> = operations()
        .into_iter()
        .filter(|operation| sample(operation).is_some())
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect();
    let listed = READERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(with_body, listed);
    for operation in operations() {
        let Some(good) = sample(&operation) else { continue };
        let name = format!("{} {}", operation.method, operation.path);
        let (_, read) = READERS.iter().find(|(listed, _)| *listed == name).expect("listed");
        assert_eq!(read(good.to_string().as_bytes()), Ok(()), "{name}");
    }
}

/// A value of a body, damaged by one of these ways.
fn damaged(value: &Value, way: usize) -> Value {
    match way {
        0 => json!("canary-7f3a@example.org, expected canary-7f3a"),
        1 => json!(format!("canary-7f3a{}", "x".repeat(70_000))),
        2 => json!("canary-7f3a\0\u{202e}\u{7f}"),
        3 => json!(["canary-7f3a"]),
        4 => json!({"canary-7f3a".split('-').next().unwrap_or_default(): "canary-7f3a"}),
        5 => json!(1e300),
        6 => json!(-7_315_731_573_157_315_i64),
        7 => json!(""),
        8 => Value::Null,
        9 => json!(true),
        10 => json!([value, value]),
        _ => json!([]),
    }
}

/// Puts `new` in the place of the value at `place`, counted in the order of the document.
fn replace(value: &mut Value, place: &mut usize, way: usize) {
    if *place == 0 {
        *value = damaged(value, way);
    }
    *place = place.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, place, way)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, place, way)),
        _ => {}
    }
}

/// How many values a document has, with those that hold others.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(fields) => fields.values().map(values).sum(),
        _ => 0,
    }
}

/// Each value of each body is replaced in every way: the server answers, never with a fault of
/// its own, and no refusal says what stood there.
#[test]
fn a_damaged_body_never_makes_a_fault_of_ours_and_no_refusal_quotes_it() {
    let db = TestDb::open(Engine::Sqlite, MIGRATIONS).expect("a database");
    let world = World::open(&[("rosewood", &db)], |_| {});
    let mut refused = 0;
    for (method, path, good) in with_bodies() {
        for place in 1..values(&good) {
            for way in 0..12 {
                let mut body = good.clone();
                replace(&mut body, &mut place.clone(), way);
                let body = body.to_string();
                let reply = world.call(&method, &world.keys.storefront, &path, body.as_bytes(), &[]);
                assert!(reply.status < 500, "{method} {path} {} {body:.300}", reply.text());
                if reply.status >= 400 {
                    refused += 1;
                    let told = reply.text();
                    assert!(
                        !told.contains("canary-7f3a") && !told.contains("7315731"),
                        "{method} {path}: {told}"
                    );
                }
            }
        }
    }
    assert!(refused > 500, "{refused}: most of them are no requests");
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
