//! Every text exists in every language of the controller.

use super::{Findings, Lint};
use crate::manifest::Texts;

pub(super) fn check(findings: &mut Findings<'_>) {
    let manifest = findings.manifest();
    for (name, lifetime) in &manifest.lifetimes {
        complete(findings, &lifetime.title, &["lifetimes", name.as_str(), "title"]);
    }
    for (name, used) in &manifest.categories {
        let title = match manifest.class_of(name) {
            Some(built_in) if used.title.is_empty() && used.like.is_none() => &built_in.title,
            _ => &used.title,
        };
        complete(findings, title, &["categories", name.as_str(), "title"]);
    }
    for (name, purpose) in &manifest.purposes {
        complete(findings, &purpose.title, &["purposes", name.as_str(), "title"]);
        complete(findings, &purpose.explanation, &["purposes", name.as_str(), "explanation"]);
        if !purpose.no_choice_because.is_empty() {
            complete(findings, &purpose.no_choice_because, &["purposes", name.as_str(), "no_choice_because"]);
        }
    }
    for (name, recipient) in &manifest.recipients {
        if !recipient.if_declined.is_empty() {
            complete(findings, &recipient.if_declined, &["recipients", name.as_str(), "if_declined"]);
        }
        if let Some(contract) = &recipient.contract {
            complete(findings, &contract.summary, &["recipients", name.as_str(), "contract", "summary"]);
        }
    }
    for (kind, number) in &manifest.identifiers {
        complete(findings, &number.title, &["identifiers", kind.code(), "title"]);
    }
    for (name, service) in &manifest.services {
        complete(findings, &service.title, &["services", name.as_str(), "title"]);
    }
    for (name, role) in &manifest.roles {
        complete(findings, &role.title, &["roles", name.as_str(), "title"]);
        for (reason, texts) in &role.reasons {
            complete(findings, texts, &["roles", name.as_str(), "reasons", reason.as_str()]);
        }
    }
}

fn complete(findings: &mut Findings<'_>, texts: &Texts, path: &[&str]) {
    let missing: Vec<String> = findings
        .manifest()
        .controller
        .languages
        .iter()
        .filter(|language| !texts.has(language))
        .map(|language| format!("`{language}`"))
        .collect();
    if missing.is_empty() {
        return;
    }
    let missing = missing.join(", ");
    findings.add(
        Lint::MissingTranslation,
        path,
        format!("`{}` has no text in {missing}", path.join(".")),
        "write it, or take the language out of `controller.languages`",
    );
}
