//! The terms of every fact of `law/*.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use law::clock::{Event, FactTerms, TermKey};
use law::{Term, Unit};

/// Every fact with a term, by name.
pub(crate) fn facts() -> BTreeMap<String, FactTerms> {
    let mut facts = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let pack: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        let text = |table: &toml::Table, key: &str| {
            table.get(key).and_then(|value| value.as_str()).map(str::to_owned)
        };
        for (section, rows) in &pack {
            for row in rows.as_array().into_iter().flatten().filter_map(|row| row.as_table()) {
                let fact = format!("{}/{section}/{}", text(&pack, "id").unwrap(), text(row, "id").unwrap());
                let terms =
                    TermKey::ALL.iter().filter_map(|key| Some((*key, term(row.get(key.code())?)))).collect();
                let jurisdiction = text(row, "state").or_else(|| text(&pack, "jurisdiction")).unwrap();
                let event = text(row, "clock").map(|code| Event::from_code(&code).unwrap());
                let (extend, practice) = (row.get("extend").map(term), row.get("practice").map(term));
                let citation = text(row, "citation").unwrap();
                facts.insert(
                    fact.clone(),
                    FactTerms { fact, citation, jurisdiction, event, terms, extend, practice },
                );
            }
        }
    }
    facts
}

fn term(value: &toml::Value) -> Term {
    let n = value["n"].as_integer().unwrap();
    Term::new(u32::try_from(n).unwrap(), Unit::from_code(value["unit"].as_str().unwrap()).unwrap())
}
