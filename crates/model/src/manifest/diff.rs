//! What changed between two manifests, in sentences.

use std::fmt;

use serde_json::Value;

use super::Manifest;

/// One change between two manifests.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// Where: section, name and key, joined by ` › `.
    pub path: String,
    /// What stood there; absent when it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What stands there now; absent when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match (&self.before, &self.after) {
            (None, Some(after)) if after.is_empty() => write!(f, "{path} is new."),
            (None, Some(after)) => write!(f, "{path} is new: {after}."),
            (Some(before), None) if before.is_empty() => write!(f, "{path} is gone."),
            (Some(before), None) => write!(f, "{path} is gone; it was {before}."),
            (Some(before), Some(after)) => write!(f, "{path} was {before} and is now {after}."),
            (None, None) => write!(f, "{path} is as it was."),
        }
    }
}

/// What changed from one manifest to another, in the order of the sections. A whole new
/// or vanished entry is one change, not one per key.
///
/// # Errors
/// Never for manifests that were read; a manifest built by hand whose maps cannot be
/// written as JSON.
pub fn diff(before: &Manifest, after: &Manifest) -> Result<Vec<Change>, serde_json::Error> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut changes = Vec::new();
    compare(&mut Vec::new(), Some(&before), Some(&after), &mut changes);
    Ok(changes)
}

fn compare(path: &mut Vec<String>, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let mut keys: Vec<&String> = before.keys().collect();
            keys.extend(after.keys().filter(|key| !before.contains_key(*key)));
            for key in keys {
                path.push(key.clone());
                compare(path, before.get(key), after.get(key), changes);
                path.pop();
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            let step = |item: &Value| format!("{} › {}", path.join(" › "), in_words(item));
            let (old, new): (Vec<_>, Vec<_>) = (
                before.iter().filter(|item| !after.contains(item)).collect(),
                after.iter().filter(|item| !before.contains(item)).collect(),
            );
            if old.is_empty() && new.is_empty() {
                changes.push(change(
                    path,
                    Some(in_words(&before.clone().into())),
                    Some(in_words(&after.clone().into())),
                ));
            }
            changes.extend(old.iter().map(|item| Change {
                path: step(item),
                before: Some(String::new()),
                after: None,
            }));
            changes.extend(new.iter().map(|item| Change {
                path: step(item),
                before: None,
                after: Some(String::new()),
            }));
        }
        // A whole entry of a section: its name says enough.
        (None, Some(Value::Object(_))) if path.len() == 2 => {
            changes.push(change(path, None, Some(String::new())))
        }
        (Some(Value::Object(_)), None) if path.len() == 2 => {
            changes.push(change(path, Some(String::new()), None))
        }
        (before, after) => changes.push(change(path, before.map(in_words), after.map(in_words))),
    }
}

fn change(path: &[String], before: Option<String>, after: Option<String>) -> Change {
    Change { path: path.join(" › "), before, after }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("“{text}”"),
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| format!("{key} {}", in_words(value));
            entries.iter().map(entry).collect::<Vec<_>>().join(", ")
        }
    }
}
