//! Numbers: those of different systems never join people.

use std::collections::BTreeMap;

use super::{Findings, Lint};
use crate::identifier::IdentifierKind;
use crate::name::SystemName;

/// A column that names people by a number.
struct Column<'m> {
    system: &'m SystemName,
    table: &'m str,
    field: &'m str,
}

pub(super) fn check(findings: &mut Findings<'_>) {
    for (kind, columns) in columns(findings) {
        let declared = findings.manifest().identifiers.get(kind);
        let first = columns.first().map(|column| column.system);
        for column in &columns {
            let is_its_own = match declared {
                Some(declared) => declared.is_in(column.system),
                None => Some(column.system) == first,
            };
            if !is_its_own {
                let other = declared.map(|declared| &declared.given_by).or(first);
                add(findings, kind, column, other.map_or("another system", |system| system.as_str()));
            }
        }
    }
}

fn columns<'l>(findings: &Findings<'l>) -> BTreeMap<&'l IdentifierKind, Vec<Column<'l>>> {
    let mut columns: BTreeMap<_, Vec<Column<'l>>> = BTreeMap::new();
    for (system, declared) in &findings.manifest().systems {
        for (table, mapped) in &declared.tables {
            for (field, kind, _) in mapped.identifiers().filter(|(_, kind, _)| kind.is_own_number()) {
                columns.entry(kind).or_default().push(Column { system, table, field });
            }
        }
    }
    columns
}

fn add(findings: &mut Findings<'_>, kind: &IdentifierKind, column: &Column<'_>, other: &str) {
    let system = column.system;
    let path = ["systems", system.as_str(), "tables", column.table, "fields", column.field, "identifier"];
    findings.add(
        Lint::NumberOfTwoSystems,
        &path,
        format!("`{kind}` is a number of `{other}`, and `{system}` would give its customers the same"),
        format!(
            "name a kind of its own such as `{system}-number`; where the numbers are the very same, \
             declare `{kind}` under `identifiers` with `given_by` and `also_in`"
        ),
    );
}
