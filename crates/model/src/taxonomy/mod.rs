//! The built-in categories of personal data and kinds of purposes, with their places in
//! other vocabularies: the law data, fideslang and the W3C Data Privacy Vocabulary.
//!
//! The tables are text files beside this one, so that a lawyer can read them.
//! `docs/taxonomy.md` carries the attributions.

use std::sync::LazyLock;

use crate::manifest::{Language, Texts};
use crate::name::CategoryName;
use crate::purpose::{PurposeKind, codes};

codes! {
    /// How much the laws ask for a category.
    Sensitivity {
        /// No more than for any personal data.
        Ordinary = "ordinary",
        /// Some laws ask more: card numbers, precise location, communications.
        Sensitive = "sensitive",
        /// Special categories and offences (GDPR 9 and 10, and their likes).
        Special = "special",
    }
}

/// A built-in category of personal data.
#[derive(Debug, Clone)]
pub struct Category {
    /// Its name, such as `contact.email`.
    pub name: CategoryName,
    /// What people read, in English and French.
    pub title: Texts,
    /// How much the laws ask for it.
    pub sensitivity: Sensitivity,
    /// Its codes in the law data, most specific first; `any` when no law singles it out.
    pub law_codes: Vec<&'static str>,
    /// Its key among fideslang's data categories.
    pub fideslang: &'static str,
    /// Its IRI in the W3C Data Privacy Vocabulary.
    pub dpv: String,
}

/// A kind of purpose in other vocabularies.
#[derive(Debug, Clone)]
pub struct PurposeKindEntry {
    /// The kind.
    pub kind: PurposeKind,
    /// What people read, in English and French.
    pub title: Texts,
    /// Its codes in the law data; `any` when no law singles it out.
    pub law_codes: Vec<&'static str>,
    /// Its key among fideslang's data uses.
    pub fideslang: &'static str,
    /// Its IRI in the W3C Data Privacy Vocabulary.
    pub dpv: String,
}

/// Every built-in category, in the order of the file.
#[must_use]
pub fn categories() -> &'static [Category] {
    static CATEGORIES: LazyLock<Vec<Category>> =
        LazyLock::new(|| rows(include_str!("categories.txt")).filter_map(read_category).collect());
    &CATEGORIES
}

/// The built-in category of this name.
#[must_use]
pub fn category(name: &str) -> Option<&'static Category> {
    categories().iter().find(|category| category.name.as_str() == name)
}

/// Every kind of purpose, in the order of the file.
#[must_use]
pub fn purpose_kinds() -> &'static [PurposeKindEntry] {
    static KINDS: LazyLock<Vec<PurposeKindEntry>> =
        LazyLock::new(|| rows(include_str!("purposes.txt")).filter_map(read_purpose_kind).collect());
    &KINDS
}

/// What the other vocabularies say of this kind.
#[must_use]
pub fn purpose_kind(kind: PurposeKind) -> Option<&'static PurposeKindEntry> {
    purpose_kinds().iter().find(|entry| entry.kind == kind)
}

/// The lines that carry something, cut at their bars. A line that does not fit its table
/// is left out by the readers; the tests below count the lines.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('|').map(str::trim).collect())
}

fn read_category(row: Vec<&'static str>) -> Option<Category> {
    let [name, english, french, sensitivity, law_codes, fideslang, dpv] = row.try_into().ok()?;
    Some(Category {
        name: CategoryName::new(name).ok()?,
        title: title(english, french),
        sensitivity: Sensitivity::from_code(sensitivity)?,
        law_codes: law_codes.split(", ").collect(),
        fideslang,
        dpv: iri(dpv)?,
    })
}

fn read_purpose_kind(row: Vec<&'static str>) -> Option<PurposeKindEntry> {
    let [kind, english, french, law_codes, fideslang, dpv] = row.try_into().ok()?;
    Some(PurposeKindEntry {
        kind: PurposeKind::from_code(kind)?,
        title: title(english, french),
        law_codes: law_codes.split(", ").collect(),
        fideslang,
        dpv: iri(dpv)?,
    })
}

fn title(english: &str, french: &str) -> Texts {
    Texts([(Language::english(), english.to_owned()), (Language::french(), french.to_owned())].into())
}

fn iri(short: &str) -> Option<String> {
    let (prefix, concept) = short.split_once(':')?;
    match prefix {
        "pd" => Some(format!("https://w3id.org/dpv/pd#{concept}")),
        "dpv" => Some(format!("https://w3id.org/dpv#{concept}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
