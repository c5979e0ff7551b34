//! Bodies of requests: strict JSON, told apart by path and kind of fault, never by value.
//!
//! UTF-8, one document, [`DEPTH_MAX`] levels, no key twice, no unknown field.

use std::cell::RefCell;
use std::fmt;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::Server;
use super::problem::Problem;

/// How deep a document may be nested.
const DEPTH_MAX: usize = 64;
/// How much of a key the path of a fault shows, in characters.
const KEY_CHARS_MAX: usize = 64;

/// A body that was read as `T`.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Server> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        let bytes = read_body(request, server).await?;
        read(&bytes).map(Self)
    }
}

/// The whole body of a JSON request, within the limits of size and time.
pub(crate) async fn read_body(request: Request, server: &Server) -> Result<Bytes, Problem> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let detail = "send the body as `Content-Type: application/json`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail));
    }
    let limits = server.limits();
    let waiting = Duration::from_secs(limits.body_seconds);
    match tokio::time::timeout(waiting, Bytes::from_request(request, server)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let detail = format!("a body has {} bytes at most", limits.body_bytes);
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", detail))
        }
        Ok(Err(_)) => Err(Problem::malformed("", "the body ended early")),
        Err(_) => {
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", "the body did not come in time"))
        }
    }
}

/// Reads a document as `T`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    from_value(parse(bytes)?)
}

/// Reads a tree as `T`.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = match error.path().to_string() {
            root if root == "." => String::new(),
            path => shorten(&path),
        };
        Problem::malformed(path, told(&error.into_inner().to_string()))
    })
}

/// A document as a tree, with nothing in it twice and nothing too deep.
fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::malformed("", "the body is not UTF-8"))?;
    let fault = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let root = Node { path: String::new(), depth: 0, fault: &fault };
    let read = root.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| match fault.take() {
        Some((path, message)) => Problem::malformed(path, message),
        None => Problem::malformed(
            "",
            format!("the body is no JSON: line {}, column {}", error.line(), error.column()),
        ),
    })
}

/// What serde says, without what it quotes: its texts end in what was expected, which is ours.
fn told(message: &str) -> String {
    const QUOTING: [&str; 4] = ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant "];
    let expected = || message.rsplit_once(", expected ").map_or("another form", |(_, expected)| expected);
    if QUOTING.iter().any(|prefix| message.starts_with(prefix)) {
        format!("expected {}", expected())
    } else if let Some(rest) = message.strip_prefix("unknown field `") {
        let (field, known) = rest.rsplit_once("`, expected ").unwrap_or((rest, "nothing"));
        format!("`{}` is not known here; expected {known}", shorten(field))
    } else {
        // What remains are the texts of our own nouns and `missing field`, which quote nothing.
        message.to_owned()
    }
}

fn shorten(path: &str) -> String {
    path.chars().take(4 * KEY_CHARS_MAX).collect()
}

/// The place of a fault and what is wrong there.
type Told = Option<(String, &'static str)>;

/// One value of the document, to be read.
struct Node<'f> {
    path: String,
    depth: usize,
    fault: &'f RefCell<Told>,
}

impl<'f> Node<'f> {
    fn below(&self, step: fmt::Arguments<'_>) -> Node<'f> {
        Node { path: format!("{}{step}", self.path), depth: self.depth + 1, fault: self.fault }
    }

    fn fail<E: Error>(&self, path: String, message: &'static str) -> E {
        self.fault.replace(Some((shorten(&path), message)));
        E::custom(message)
    }

    fn key_path(&self, key: &str) -> String {
        let key: String = key.chars().take(KEY_CHARS_MAX).collect();
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > DEPTH_MAX {
            return Err(self.fail(self.path.clone(), "the body is nested too deeply"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).map(Value::Number);
        number.ok_or_else(|| self.fail(self.path.clone(), "the number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.below(format_args!("[{}]", list.len())))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let path = self.key_path(&key);
            if object.contains_key(&key) {
                return Err(self.fail(path, "this key stands here twice"));
            }
            let node = Node { path, depth: self.depth + 1, fault: self.fault };
            let value = fields.next_value_seed(node)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Shape {
        name: String,
        #[serde(default)]
        count: u8,
        #[serde(default)]
        purpose: Option<model::PurposeName>,
        #[serde(default)]
        action: Option<model::Action>,
    }

    fn fault(text: &str) -> String {
        format!("{:?}", read::<Shape>(text.as_bytes()).expect_err(text))
    }

    #[test]
    fn a_fault_names_its_place_and_what_was_expected() {
        assert!(fault(r#"{"name":"a","count":"x"}"#).contains("`count`: expected u8"));
        assert!(fault(r#"{"name":"a","count":300}"#).contains("expected u8"));
        assert!(fault(r"{}").contains("missing field `name`"));
        assert!(
            fault(r#"{"name":"a","nmae":1}"#).contains("`nmae` is not known here; expected one of `name`")
        );
        assert!(fault(r#"{"name":"a","name":"b"}"#).contains("`name`: this key stands here twice"));
        assert!(fault(r#"{"name":"a","purpose":"A B"}"#).contains("`purpose`: a name starts with"));
        assert!(fault(r#"{"name":"a","action":"fly"}"#).contains("`collect`"));
        assert!(fault(r#"{"name":"a""#).contains("the body is no JSON: line 1"));
        assert!(fault(r#"{"name":"a"} x"#).contains("the body is no JSON"));
        assert!(format!("{:?}", read::<Shape>(b"{\"name\":\"\xff\"}")).contains("not UTF-8"));
    }

    #[test]
    fn depth_is_limited_before_anything_is_read_from_it() {
        let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read::<Value>(deep(64).as_bytes()).is_ok());
        let fault = format!("{:?}", read::<Value>(deep(65).as_bytes()).expect_err("too deep"));
        assert!(fault.contains("nested too deeply"), "{fault}");
    }

    proptest! {
        #[test]
        fn no_fault_ever_quotes_a_value(place in 0..5usize) {
            let canary = "canary@example.org, expected canary";
            let quoted = serde_json::to_string(canary).expect("JSON");
            let text = match place {
                0 => format!(r#"{{"name":"a","count":{quoted}}}"#),
                1 => format!(r#"{{"name":"a","purpose":{quoted}}}"#),
                2 => format!(r#"{{"name":"a","action":{quoted}}}"#),
                3 => quoted,
                _ => format!(r#"{{"name":[{quoted}]}}"#),
            };
            prop_assert!(!fault(&text).contains("canary"), "{}", fault(&text));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read::<Shape>(&bytes));
            drop(read::<Value>(&bytes));
        }
    }
}
