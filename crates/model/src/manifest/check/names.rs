//! Every name that is used is declared somewhere.

use super::{Findings, Lint};
use crate::manifest::builtin;
use crate::manifest::problem::did_you_mean;
use crate::taxonomy;

pub(super) fn check(findings: &mut Findings<'_>) {
    categories_in_use(findings);
    purposes(findings);
    recipients(findings);
    access(findings);
    identifiers(findings);
    systems(findings);
}

fn categories_in_use(findings: &mut Findings<'_>) {
    let manifest = findings.manifest();
    for (name, used) in &manifest.categories {
        let path = ["categories", name.as_str()];
        let lifetimes = manifest.lifetimes.keys().chain(builtin().lifetimes.keys());
        known(
            findings,
            "lifetime",
            used.lifetime.as_str(),
            lifetimes.map(|l| l.as_str()),
            &[path[0], path[1], "lifetime"],
        );
        if manifest.class_of(name).is_none() {
            let wrong = used.like.as_ref().unwrap_or(name);
            let built_in = taxonomy::categories().iter().map(|category| category.name.as_str());
            let mend = did_you_mean(wrong.as_str(), built_in)
                .unwrap_or_else(|| "say by `like:` which built-in category it resembles in law".to_owned());
            findings.add(Lint::UnknownCategory, &path, format!("`{wrong}` is no built-in category"), mend);
        }
    }
}

fn purposes(findings: &mut Findings<'_>) {
    let manifest = findings.manifest();
    for (name, purpose) in &manifest.purposes {
        let path = ["purposes", name.as_str()];
        for category in &purpose.categories {
            declared_category(findings, category.as_str(), &[path[0], path[1], "categories"]);
        }
        for recipient in &purpose.recipients {
            let recipients = manifest.recipients.keys().map(|name| name.as_str());
            known_item(
                findings,
                "recipient",
                recipient.as_str(),
                recipients,
                &[path[0], path[1], "recipients"],
            );
        }
        for channel in &purpose.channels {
            let channels = manifest.channels.keys().map(|channel| channel.code());
            known_item(findings, "channel", channel.code(), channels, &[path[0], path[1], "channels"]);
        }
    }
}

fn recipients(findings: &mut Findings<'_>) {
    for (name, recipient) in &findings.manifest().recipients {
        for purpose in &recipient.needed_for {
            known_purpose_item(findings, purpose.as_str(), &["recipients", name.as_str(), "needed_for"]);
        }
    }
}

fn access(findings: &mut Findings<'_>) {
    for (name, service) in &findings.manifest().services {
        for purpose in service.purposes.keys() {
            let path = ["services", name.as_str(), "purposes", purpose.as_str()];
            let names = purpose_names(findings);
            known(findings, "purpose", purpose.as_str(), names, &path);
        }
        for purpose in &service.fails_without {
            known_purpose_item(findings, purpose.as_str(), &["services", name.as_str(), "fails_without"]);
        }
        for category in service.view_of.keys() {
            let path = ["services", name.as_str(), "view_of", category.as_str()];
            declared_category(findings, category.as_str(), &path);
        }
    }
    for (name, role) in &findings.manifest().roles {
        for purpose in &role.purposes {
            known_purpose_item(findings, purpose.as_str(), &["roles", name.as_str(), "purposes"]);
        }
        for category in &role.categories {
            declared_category(findings, category.as_str(), &["roles", name.as_str(), "categories"]);
        }
        for category in role.view_of.keys() {
            let path = ["roles", name.as_str(), "view_of", category.as_str()];
            declared_category(findings, category.as_str(), &path);
        }
    }
}

fn identifiers(findings: &mut Findings<'_>) {
    let manifest = findings.manifest();
    for (kind, number) in &manifest.identifiers {
        let names = || manifest.systems.keys().map(|name| name.as_str());
        let of = |key| ["identifiers", kind.code(), key];
        known(findings, "system", number.given_by.as_str(), names(), &of("given_by"));
        for system in &number.also_in {
            known_item(findings, "system", system.as_str(), names(), &of("also_in"));
        }
    }
}

fn systems(findings: &mut Findings<'_>) {
    for (system_name, system) in &findings.manifest().systems {
        for (table_name, table) in &system.tables {
            let path = ["systems", system_name.as_str(), "tables", table_name.as_str()];
            if let Some(purpose) = &table.purpose {
                let names = purpose_names(findings);
                known(
                    findings,
                    "purpose",
                    purpose.as_str(),
                    names,
                    &[path[0], path[1], path[2], path[3], "purpose"],
                );
            }
            if let Some(records) = &table.records {
                let of = |key| [path[0], path[1], path[2], path[3], "records", key];
                declared_category(findings, records.category.as_str(), &of("category"));
                let columns: Vec<&str> = table.fields.keys().map(String::as_str).collect();
                for column in &records.key {
                    known_item(findings, "column", column, columns.iter().copied(), &of("key"));
                }
                if let Some(column) = &records.time {
                    known(findings, "column", column, columns, &of("time"));
                }
            }
            for (column, field) in &table.fields {
                let of = |key| [path[0], path[1], path[2], path[3], "fields", column.as_str(), key];
                if let Some(category) = &field.category {
                    declared_category(findings, category.as_str(), &of("category"));
                }
                let Some(reference) = &field.references else { continue };
                let path = of("references");
                match system.tables.get(&reference.table) {
                    None => known(
                        findings,
                        "table",
                        &reference.table,
                        system.tables.keys().map(String::as_str),
                        &path,
                    ),
                    Some(other) => {
                        known(
                            findings,
                            "column",
                            &reference.column,
                            other.fields.keys().map(String::as_str),
                            &path,
                        );
                    }
                }
            }
        }
    }
}

fn purpose_names<'l>(findings: &Findings<'l>) -> impl Iterator<Item = &'l str> + use<'l> {
    findings.manifest().purposes.keys().chain(builtin().purposes.keys()).map(|name| name.as_str())
}

fn known_purpose_item(findings: &mut Findings<'_>, name: &str, path: &[&str]) {
    let names = purpose_names(findings);
    known_item(findings, "purpose", name, names, path);
}

fn known<'a>(
    findings: &mut Findings<'_>,
    what: &str,
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
    path: &[&str],
) {
    if let Some((text, mend)) = unknown(what, name, names) {
        findings.add(Lint::UnknownName, path, text, mend);
    }
}

fn known_item<'a>(
    findings: &mut Findings<'_>,
    what: &str,
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
    path: &[&str],
) {
    if let Some((text, mend)) = unknown(what, name, names) {
        findings.add_at_item(Lint::UnknownName, path, name, text, mend);
    }
}

fn unknown<'a>(what: &str, name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<(String, String)> {
    let names: Vec<&str> = names.into_iter().collect();
    if names.contains(&name) {
        return None;
    }
    let mend = did_you_mean(name, names).unwrap_or_else(|| format!("declare the {what} or take it out"));
    Some((format!("there is no {what} `{name}`"), mend))
}

fn declared_category(findings: &mut Findings<'_>, category: &str, path: &[&str]) {
    let manifest = findings.manifest();
    if manifest.categories.contains_key(category) {
        return;
    }
    let declared = manifest.categories.keys().map(|name| name.as_str());
    let mend = match did_you_mean(category, declared) {
        Some(mend) if mend.starts_with("did") => mend,
        _ => format!("add `{category}: {{ lifetime: … }}` to `categories`"),
    };
    let text = format!("the category `{category}` is used but not declared");
    findings.add_at_item(Lint::UndeclaredCategory, path, category, text, mend);
}
