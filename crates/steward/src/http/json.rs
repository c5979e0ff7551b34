//! Bodies of requests: strict JSON, told apart by path and kind of fault, never by value.
//!
//! UTF-8, one document, [`DEPTH_MAX`] levels, no key twice, no unknown field.
//!
//! What is plainly in order is read as its type at once. Anything else is read into a tree first,
//! which knows the place of a fault; both take the same documents, as a property test holds.

mod plain;

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
    match read_plain(bytes) {
        Some(read) => Ok(read),
        None => from_value(parse(bytes)?),
    }
}

/// Reads a document that is plainly in order as `T`; `None` says nothing about it.
pub(crate) fn read_plain<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    if plain::is_plain(text) { serde_json::from_str(text).ok() } else { None }
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
    let root = Node { step: &Step::Root, depth: 0, fault: &fault };
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

/// The last step on the way to a value. The text of the way is made for a fault alone.
enum Step<'p> {
    Root,
    Item(&'p Step<'p>, usize),
    Key(&'p Step<'p>, &'p str),
}

impl Step<'_> {
    fn path(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Item(list, place) => format!("{}[{place}]", list.path()),
            Self::Key(object, key) => {
                let (path, key) = (object.path(), key.chars().take(KEY_CHARS_MAX).collect::<String>());
                if path.is_empty() { key } else { format!("{path}.{key}") }
            }
        }
    }
}

/// One value of the document, to be read.
struct Node<'f> {
    step: &'f Step<'f>,
    depth: usize,
    fault: &'f RefCell<Told>,
}

impl Node<'_> {
    fn fail<E: Error>(&self, step: &Step<'_>, message: &'static str) -> E {
        self.fault.replace(Some((shorten(&step.path()), message)));
        E::custom(message)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if self.depth > DEPTH_MAX {
            return Err(self.fail(self.step, "the body is nested too deeply"));
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
        number.ok_or_else(|| self.fail(self.step, "the number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let step = Step::Item(self.step, list.len());
            let node = Node { step: &step, depth: self.depth + 1, fault: self.fault };
            match items.next_element_seed(node)? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let step = Step::Key(self.step, &key);
            if object.contains_key(&key) {
                return Err(self.fail(&step, "this key stands here twice"));
            }
            let node = Node { step: &step, depth: self.depth + 1, fault: self.fault };
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

    /// Documents that are nearly in order: right ones, with keys twice, unknown or missing, values
    /// of other kinds, numbers of every form, and deep ones.
    fn documents() -> impl Strategy<Value = String> {
        let value = prop_oneof![
            Just(r#""a""#.to_owned()),
            Just(r#""\u00e9\"""#.to_owned()),
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("1e3".to_owned()),
            Just("1e999".to_owned()),
            Just("-0.5".to_owned()),
            (0..400u32).prop_map(|number| number.to_string()),
            (1..400usize).prop_map(|digits| "9".repeat(digits)),
            (60..70usize).prop_map(|deep| format!("{}{}", "[".repeat(deep), "]".repeat(deep))),
            Just(r#"{"x":[1,{"x":1,"y":{}}],"y":"{"}"#.to_owned()),
            Just(r#"[{"x":1,"x":2}]"#.to_owned()),
            Just(r#""use""#.to_owned()),
        ];
        let key = prop_oneof![
            Just("name"),
            Just("count"),
            Just("purpose"),
            Just("action"),
            Just("other"),
            Just("na\\u006de")
        ];
        let blank = prop_oneof![Just(""), Just(" "), Just("\n"), Just(",")];
        let field = (key, value, blank.clone()).prop_map(|(key, value, blank)| {
            let end = if blank == "," { "" } else { blank };
            format!("{end}\"{key}\"{end}:{end}{value}")
        });
        (proptest::collection::vec(field, 0..5), blank).prop_map(|(fields, end)| {
            let named = if end == " " { String::new() } else { r#""name":"b","#.to_owned() };
            format!("{{{named}{}{}", fields.join(","), if end == "," { "" } else { "}" })
        })
    }

    /// Either way comes to the same; of the fault alone the long way tells.
    fn both_ways_agree<T: DeserializeOwned + fmt::Debug>(text: &str) -> Result<(), TestCaseError> {
        let long = parse(text.as_bytes()).and_then(from_value::<T>);
        match (read_plain::<T>(text.as_bytes()), &long) {
            (Some(plain), Ok(long)) => prop_assert_eq!(format!("{plain:?}"), format!("{long:?}"), "{}", text),
            (Some(plain), Err(fault)) => prop_assert!(false, "{text} is {plain:?}, and is not: {fault:?}"),
            (None, _) => {}
        }
        Ok(())
    }

    #[test]
    fn what_is_plainly_in_order_needs_no_tree() {
        let text = r#"{"name":"a","count":3,"action":"send"}"#;
        assert!(read_plain::<Shape>(text.as_bytes()).is_some());
        assert!(read_plain::<Value>(br#"{"items":[{"a":1,"b":"x"},{"a":1,"b":"x"}]}"#).is_some());
        assert!(read_plain::<Value>(br#"{"a":1,"b":{"a":1},"a":2}"#).is_none());
    }

    proptest! {
        #[test]
        fn the_short_way_takes_nothing_that_the_long_way_refuses(text in documents()) {
            both_ways_agree::<Shape>(&text)?;
            both_ways_agree::<Value>(&text)?;
            both_ways_agree::<serde::de::IgnoredAny>(&text)?;
            both_ways_agree::<std::collections::BTreeMap<String, Value>>(&text)?;
        }

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
            let text = String::from_utf8_lossy(&bytes);
            both_ways_agree::<Value>(&text)?;
        }
    }
}
