//! From a tree to types: what serde finds wrong becomes a problem at its place, in words.

use serde_path_to_error::Segment;

use super::problem::{Problem, did_you_mean};
use super::yaml::{Entry, Node, Value};

/// Turns a key into a name; an error becomes a problem at the key.
pub(super) fn key<K: serde::de::DeserializeOwned>(entry: &Entry, problems: &mut Vec<Problem>) -> Option<K> {
    serde_json::from_value(entry.key.clone().into())
        .map_err(|error| {
            let (text, mend) = in_words(&error.to_string());
            problems.push(Problem {
                place: entry.place.clone(),
                text: format!("`{}`: {text}", entry.key),
                mend,
            });
        })
        .ok()
}

/// Turns a tree into a type; an error becomes a problem at the place it speaks of.
pub(super) fn typed<T: serde::de::DeserializeOwned>(node: &Node, problems: &mut Vec<Problem>) -> Option<T> {
    serde_path_to_error::deserialize::<_, T>(node.to_json())
        .map_err(|error| {
            let mut path: Vec<String> = error.path().iter().filter_map(segment).collect();
            let (text, mend) = in_words(&error.inner().to_string());
            // An unknown key is told of the mapping around it; the reader wants the key itself.
            if let Some(key) = first_quoted(&text).filter(|_| text.starts_with("unknown key"))
                && path.last().is_none_or(|last| last != key)
            {
                path.push(key.to_owned());
            }
            let (found, place) = node.find(path.iter().map(String::as_str));
            let cut = found.value == Value::Null && path.last().is_some_and(|key| key.contains(' '));
            let two_kinds =
                path.last().is_some_and(|key| key == "kind") && matches!(found.value, Value::List(_));
            let mend = match (cut, two_kinds) {
                (true, _) => Some(COMMA.to_owned()),
                (_, true) => Some(ONE_KIND.to_owned()),
                _ => mend,
            };
            problems.push(Problem { place, text, mend });
        })
        .ok()
}

/// What to say when a key is the rest of a sentence.
const COMMA: &str = "a comma inside `{ … }` begins a new key: put the whole text into quotes";

/// What to say when a purpose has several kinds.
const ONE_KIND: &str = "one switch stands for one purpose: declare a purpose for each kind";

fn segment(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

/// Serde's message, and what to do about it.
fn in_words(message: &str) -> (String, Option<String>) {
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let mut names = message.split('`').skip(1).step_by(2);
        let wrong = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        let thing = if message.starts_with("unknown field") { "key" } else { "value" };
        let mend = did_you_mean(wrong, known.iter().copied())
            .or_else(|| Some(format!("there are `{}`", known.join("`, `"))));
        return (format!("unknown {thing} `{wrong}`"), mend);
    }
    if let Some(name) = message.strip_prefix("missing field ").and_then(first_quoted) {
        return (format!("`{name}` is missing"), Some(format!("add `{name}:`")));
    }
    match message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected ")) {
        Some((found, expected)) => wrong_type(found, expected),
        None => (message.to_owned(), None),
    }
}

/// Serde's names for the types of JSON, as a writer of YAML would say them.
fn wrong_type(found: &str, expected: &str) -> (String, Option<String>) {
    let text = match found.split(' ').next().unwrap_or(found) {
        "null" => "there is no value here".to_owned(),
        "sequence" => "a list stands here".to_owned(),
        "map" => "a mapping stands here".to_owned(),
        _ => format!("{found} stands here").replace("string ", "the text "),
    };
    let mend = match expected {
        "a string" => "write a text; a number is put into quotes".to_owned(),
        "a sequence" => "write a list such as `[one, two]`".to_owned(),
        "a map" => "write a mapping such as `{ key: value }`".to_owned(),
        "string or map" => "write one word".to_owned(),
        _ => format!("expected {}", expected.replace("struct ", "the keys of a ")),
    };
    (text, Some(mend))
}

fn first_quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}
