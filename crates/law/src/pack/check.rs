//! What must hold between the values of a pack that is well formed.

use std::collections::HashMap;
use std::path::Path;

use super::read::Row;
use super::{Fact, Head, Pack, Version};
use crate::code::{Category, Checked, Code, VersionStatus};

/// Reports what is wrong with a pack that could be read.
pub(super) fn pack(pack: &Pack, file: &str, row: &Row<'_>) {
    let report = |line: usize, text: String, mend: &str| report_line(row, line, text, mend);
    if Path::new(file).file_stem().is_none_or(|stem| stem != &*pack.id) {
        report(
            1,
            format!("the id `{}` is not the file's name", pack.id),
            "expected the name without `.toml`",
        );
    }
    if let Some(name) = misspelt_id(&pack.id) {
        report(1, name, "expected small letters, digits, `-` and `.`");
    }
    if pack.version.is_empty() {
        report(1, "there is no [[version]]".to_owned(), "expected at least one, with `status` and `from`");
    }
    heads(pack, &report);
    versions(pack, &report);
    sensitive(pack, &report);
    ages(pack, &report);
}

type Report<'r> = dyn Fn(usize, String, &str) + 'r;

fn report_line(row: &Row<'_>, line: usize, text: String, mend: &str) {
    row.source.report_line(line, text, Some(mend.to_owned()));
}

fn misspelt_id(id: &str) -> Option<String> {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    (!id.bytes().all(fine)).then(|| format!("`{id}` is no id"))
}

/// Every fact: a name of its own, a source exactly when one was read, days in order.
fn heads(pack: &Pack, report: &Report<'_>) {
    let mut seen: HashMap<&str, &Head> = HashMap::new();
    for head in pack.heads() {
        if let Some(first) = seen.insert(&head.name, head) {
            let text = format!("`{}` is the id of the fact in line {} too", head.id, first.line);
            report(head.line, text, "expected an id of its own inside the section");
        }
        if head.id.contains('/') {
            report(head.line, format!("`{}` is no id", head.id), "expected an id without `/`");
        }
        match (head.checked, &head.source) {
            (Checked::Source, None) => report(
                head.line,
                format!("`{}` was checked against a source that is not named", head.name),
                "expected `source`, or checked = \"memory\"",
            ),
            (Checked::Memory, Some(_)) => report(
                head.line,
                format!("`{}` names a source but was not checked against it", head.name),
                "expected no `source`, or checked = \"source\"",
            ),
            _ => {}
        }
        if let (Some(from), Some(until)) = (head.from, head.until)
            && from >= until
        {
            report(
                head.line,
                format!("`{}` ends on {until}, not after it begins", head.name),
                "expected `from` before `until`",
            );
        }
    }
}

/// Versions that count follow one another: one begins after the other, and one that says
/// when it ends does so before the next begins.
fn versions(pack: &Pack, report: &Report<'_>) {
    let mut counted: Vec<&Fact<Version>> = pack
        .version
        .iter()
        .filter(|version| !matches!(version.body.status, VersionStatus::Proposed | VersionStatus::Withdrawn))
        .collect();
    for version in &counted {
        let (head, status) = (&version.head, version.body.status);
        if status == VersionStatus::Superseded && head.until.is_none() {
            report(head.line, format!("`{}` was superseded, but has no end", head.name), "expected `until`");
        }
        if status == VersionStatus::InForce && head.from.is_none_or(|from| from > pack.as_of) {
            let text = format!("`{}` is in force, but has not begun on {}", head.name, pack.as_of);
            report(head.line, text, "expected a past `from`, or status = \"enacted\"");
        }
    }
    counted.retain(|version| version.head.from.is_some());
    counted.sort_by_key(|version| version.head.from);
    for pair in counted.windows(2) {
        let [one, next] = pair else { continue };
        let ends_late = one.head.until.is_some() && one.head.until > next.head.from;
        if one.head.from == next.head.from || ends_late {
            let text = format!("`{}` overlaps `{}`", next.head.name, one.head.name);
            report(
                next.head.line,
                text,
                "expected each version to begin after the last, and none to end after the next begins",
            );
        }
    }
}

/// The section `sensitive` names categories, not itself or kinds of the whole; and a fact that
/// covers what is sensitive finds it there.
fn sensitive(pack: &Pack, report: &Report<'_>) {
    for fact in &pack.sensitive {
        for category in &fact.body.categories {
            if matches!(category, Category::Sensitive | Category::Any) {
                let text =
                    format!("the categories of `{}` go in a circle: `{}`", fact.head.name, category.text());
                report(fact.head.line, text, "expected categories other than `any` and `sensitive`");
            }
        }
    }
    let uses = pack.consent.iter().find(|fact| fact.body.category == Category::Sensitive);
    if let Some(fact) = uses.filter(|_| pack.sensitive.is_empty()) {
        let text =
            format!("`{}` covers what is sensitive, and the pack does not say what that is", fact.head.name);
        report(fact.head.line, text, "expected a [[sensitive]] fact");
    }
}

/// A fact about the young knows how young they are.
fn ages(pack: &Pack, report: &Report<'_>) {
    for fact in &pack.consent {
        let young = matches!(fact.body.category, Category::Children | Category::Teen);
        // The federal children's act says "under 13" in its name; a fact may leave it to `age`.
        if young && fact.body.ages.is_none() && pack.age.is_empty() {
            let text = format!("`{}` is about the young, and nothing says how young", fact.head.name);
            report(fact.head.line, text, "expected `ages`, or an [[age]] fact");
        }
    }
    for fact in &pack.age {
        if !(1..=25).contains(&fact.body.under) {
            report(
                fact.head.line,
                format!("`under` of `{}` is no age of youth", fact.head.name),
                "expected 1 to 25",
            );
        }
    }
}
