//! The description of the API is complete, and every change of it is a visible diff.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// One operation of the description.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Whether it asks for an API key.
    pub(crate) with_key: bool,
}

/// Every operation of the description.
pub(crate) fn operations() -> BTreeSet<Operation> {
    let document = serde_json::to_value(steward::http::description()).expect("JSON");
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            operations.insert(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                with_key: operation.get("security").is_some(),
            });
        }
    }
    operations
}

#[test]
fn the_description_in_git_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document = serde_json::to_value(steward::http::description()).expect("JSON");
    let text = format!("{}\n", serde_json::to_string_pretty(&document).expect("JSON"));
    if std::env::var_os("STEWARD_WRITE_OPENAPI").is_some() {
        std::fs::write(&file, &text).expect("written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "the API changed: run `STEWARD_WRITE_OPENAPI=1 cargo test -p steward --test it openapi` and look at the diff"
    );
}

#[test]
fn every_operation_says_what_it_does_and_what_can_go_wrong() {
    let document = serde_json::to_value(steward::http::description()).expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    for operation in operations() {
        let told = &document["paths"][&operation.path][operation.method.to_lowercase()];
        let place = format!("{operation:?}");
        assert!(told["summary"].as_str().is_some_and(|text| text.ends_with('.')), "{place}");
        assert!(told["responses"]["200"].is_object(), "{place}");
        if operation.with_key {
            assert!(told["responses"]["default"].is_object(), "{place}");
        }
    }
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    let document = serde_json::to_value(steward::http::description()).expect("JSON");
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| match (name.as_str(), value) {
            ("$ref", Value::String(reference)) => references.push(reference.clone()),
            _ => collect(value, references),
        }),
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        _ => {}
    }
}
