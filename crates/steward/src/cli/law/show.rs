//! One law, fact by fact.

use law::Library;
use law::pack::SECTIONS;
use model::manifest::did_you_mean;
use serde_json::{Value, json};

use super::{digest, state};
use crate::cli::failure::usage;
use crate::cli::output::Out;

/// What every fact has; the rest of its keys are the section's own.
const OF_EVERY_FACT: [&str; 7] = ["name", "text", "citation", "checked", "source", "from", "until"];

pub(super) fn run(library: &Library, id: &str, section: Option<&str>, out: Out) -> anyhow::Result<()> {
    let Some(law) = library.law(id) else {
        let known = library.laws().iter().map(law::Law::id);
        let mend = did_you_mean(id, known).unwrap_or_else(|| "steward law list".to_owned());
        return Err(usage(format!("there is no law `{id}`"), mend));
    };
    if let Some(section) = section.filter(|section| !SECTIONS.contains(section)) {
        return Err(usage(
            format!("a pack has no section `{section}`"),
            format!("one of {}", SECTIONS.join(", ")),
        ));
    }
    let pack = &law.pack;
    let (all, digest) = (serde_json::to_value(&**pack)?, digest(&pack.text));
    if out.is_json() {
        out.json(&json!({ "law": all, "digest": digest, "review": law.review, "legal_advice": false }));
        return Ok(());
    }
    out.say(format!("{} ({})", pack.title, pack.id));
    out.say(&pack.summary);
    out.facts([
        ("source of law", pack.citation.as_str()),
        ("where", &pack.jurisdiction.to_string()),
        ("kind", pack.kind.code()),
        ("enforced by", &pack.regulators.join(", ")),
        ("known on", &pack.as_of.to_string()),
        ("review", &state(law)),
        ("digest", &digest),
    ]);
    for name in SECTIONS.iter().filter(|name| section.is_none_or(|section| section == **name)) {
        let facts = all.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if facts.is_empty() {
            continue;
        }
        out.say(format!("\n{name}"));
        out.table(["FACT", "SAYS", "IN WORDS", "CITATION", "CHECKED"], facts.iter().map(row));
    }
    Ok(())
}

fn row(fact: &Value) -> [String; 5] {
    let text = |key: &str| fact.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let own =
        fact.as_object().into_iter().flatten().filter(|(key, _)| !OF_EVERY_FACT.contains(&key.as_str()));
    let mut says: Vec<String> = own
        .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
        .map(|(key, value)| format!("{key} {}", plain(value)))
        .collect();
    for key in ["from", "until"] {
        if fact.get(key).is_some() {
            says.push(format!("{key} {}", text(key)));
        }
    }
    let id = text("name").rsplit('/').next().unwrap_or_default().to_owned();
    [id, says.join("; "), text("text"), text("citation"), text("checked")]
}

/// A value without the marks of JSON: `45 day`, `health, genetic`.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(keys) => {
            keys.values().filter(|value| !value.is_null()).map(plain).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}
