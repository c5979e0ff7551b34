//! Systems: every column decided, nothing taken that no purpose needs.

use std::collections::BTreeMap;

use super::{Findings, Lint};
use crate::manifest::Table;

pub(super) fn check(findings: &mut Findings<'_>) {
    for (system_name, system) in &findings.manifest().systems {
        for (table_name, table) in &system.tables {
            let path = ["systems", system_name.as_str(), "tables", table_name.as_str()];
            if table.ignore.is_none() {
                decided(findings, table, &path);
                fields(findings, table, &path);
            } else if !table.fields.is_empty() {
                findings.add(
                    Lint::TableUndecided,
                    &path,
                    format!("`{table_name}` is left out and has columns all the same"),
                    "take out `ignore` or `fields`",
                );
            }
        }
    }
}

fn decided(findings: &mut Findings<'_>, table: &Table, path: &[&str; 4]) {
    let name = path[3];
    let lack = if table.purpose.is_none() {
        Some(("is collected for no purpose", "add `purpose:`, or `ignore:` with the reason"))
    } else if table.identifiers().next().is_none() {
        Some((
            "names nobody: no column is an identifier",
            "mark the column that says whom a row is about by `identifier:`",
        ))
    } else if table.records.as_ref().is_some_and(|records| records.key.is_empty()) {
        Some(("has records without a key", "list the columns that together name a row under `key`"))
    } else {
        None
    };
    if let Some((text, mend)) = lack {
        findings.add(Lint::TableUndecided, path, format!("`{name}` {text}"), mend);
    }
}

fn fields(findings: &mut Findings<'_>, table: &Table, path: &[&str; 4]) {
    let manifest = findings.manifest();
    let purpose = table.purpose.as_ref().and_then(|name| Some((name, manifest.purposes.get(name)?)));
    let mut columns = BTreeMap::new();
    for (column, field) in &table.fields {
        let path = [path[0], path[1], path[2], path[3], "fields", column.as_str()];
        let category = match (&field.category, &field.ignore) {
            (Some(category), None) => category,
            (None, Some(_)) => continue,
            _ => {
                findings.add(
                    Lint::FieldUndecided,
                    &path,
                    format!("`{column}` has neither or both of `category` and `ignore`"),
                    "give it its category, or say by `ignore:` why it is left out",
                );
                continue;
            }
        };
        if table.records.is_none()
            && let Some(first) = columns.insert(category, column)
        {
            findings.add(
                Lint::TwoColumnsOneCategory,
                &path,
                format!(
                    "`{first}` and `{column}` are both `{category}`, and a profile holds one value of each"
                ),
                "use finer categories such as `contact.address.city`, or leave one out by `ignore:`",
            );
        }
        // An undeclared category has its own finding; it is not unneeded as well.
        if !manifest.categories.contains_key(category) {
            continue;
        }
        if !manifest.purposes.values().any(|purpose| purpose.categories.contains(category)) {
            findings.add(
                Lint::UnneededField,
                &path,
                format!("`{column}` holds `{category}`, which no purpose needs"),
                "leave it out by `ignore:`, and think of deleting it at its source",
            );
        } else if let Some((name, purpose)) = purpose
            && !purpose.categories.contains(category)
        {
            findings.add(
                Lint::FieldOutsidePurpose,
                &path,
                format!("`{column}` holds `{category}`, which `{name}` does not need"),
                "leave it out by `ignore:`, or add the category to the purpose",
            );
        }
    }
}
