//! Masks: the little of a value that a person at a screen needs to recognise it.

use model::{CategoryName, Personal};

/// Stands for whatever was there; its length tells nothing.
const HIDDEN: &str = "••••••";
/// The same inside a mask that shows parts.
const GAP: &str = "•••";
/// The most initials of a name that show.
const INITIALS_MAX: usize = 4;

/// What a mask leaves of a value. What does not look as its kind should is hidden whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mask {
    /// The first letters of mailbox and domain, and the top-level domain: `j•••@e•••.com`.
    Email,
    /// The last two digits: `••••••42`.
    Phone,
    /// Up to four initials: `A. L.`.
    Name,
    /// All of it: town, state, country, region, language.
    Place,
    /// The year of a date: `1984`.
    Year,
    /// The last four digits, fewer than PCI DSS 3.4.1 allows: `•••• 4242`.
    Card,
    /// Nothing.
    Hidden,
}

/// The masks by category, for the category itself and those below it. Whatever is not
/// named here is hidden: a new category shows nothing until somebody decides that it may.
const MASKS: &[(&str, Mask)] = &[
    ("contact.email", Mask::Email),
    ("contact.phone", Mask::Phone),
    ("contact.fax", Mask::Phone),
    ("contact.address.city", Mask::Place),
    ("contact.address.state", Mask::Place),
    ("contact.address.country", Mask::Place),
    ("demographic.birth-date", Mask::Year),
    ("demographic.language", Mask::Place),
    ("demographic.region", Mask::Place),
    ("financial.card", Mask::Card),
    ("identity.name", Mask::Name),
    ("identity.first-name", Mask::Name),
    ("identity.last-name", Mask::Name),
];

/// Masks a value as its category asks. What is left is still personal.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a mask is what makes a value fit to be seen")]
pub fn mask(category: &CategoryName, value: &Personal<String>) -> Personal<String> {
    Personal::new(Mask::of(category).apply(value.expose()))
}

impl Mask {
    /// The mask of a category.
    #[must_use]
    pub fn of(category: &CategoryName) -> Self {
        let category = category.as_str();
        let covers = |name: &str| {
            category.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        MASKS.iter().find(|(name, _)| covers(name)).map_or(Self::Hidden, |(_, mask)| *mask)
    }

    /// What the mask leaves of a text. Apart from [`Mask::Place`], nothing of the length of
    /// what is hidden shows.
    #[must_use]
    pub fn apply(self, value: &str) -> String {
        let shown = match self {
            Self::Email => email(value),
            Self::Phone => phone(value),
            Self::Name => name(value),
            Self::Place => Some(value.to_owned()),
            Self::Year => year(value),
            Self::Card => card(value),
            Self::Hidden => None,
        };
        shown.unwrap_or_else(|| HIDDEN.to_owned())
    }
}

fn email(value: &str) -> Option<String> {
    let (mailbox, domain) = value.trim().split_once('@').filter(|(_, domain)| !domain.contains('@'))?;
    let (mailbox, first) = (mailbox.chars().next()?, domain.chars().next()?);
    let is_top_level =
        |label: &&str| (2..=6).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphabetic());
    let top_level = domain.rsplit_once('.').map(|(_, label)| label).filter(is_top_level);
    let ending = top_level.map(|label| format!(".{label}")).unwrap_or_default();
    Some(format!("{mailbox}{GAP}@{first}{GAP}{ending}"))
}

fn phone(value: &str) -> Option<String> {
    last_digits(value, 7..=15, 2).map(|digits| format!("{HIDDEN}{digits}"))
}

fn card(value: &str) -> Option<String> {
    last_digits(value, 12..=19, 4).map(|digits| format!("•••• {digits}"))
}

/// The last digits of a number written with the usual marks between them.
fn last_digits(value: &str, length: std::ops::RangeInclusive<usize>, shown: usize) -> Option<String> {
    let is_mark = |c: char| matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '+');
    if !value.chars().all(|c| c.is_ascii_digit() || is_mark(c)) {
        return None;
    }
    let digits: Vec<char> = value.chars().filter(char::is_ascii_digit).collect();
    let hidden = digits.len().saturating_sub(shown);
    length.contains(&digits.len()).then(|| digits.into_iter().skip(hidden).collect())
}

fn name(value: &str) -> Option<String> {
    let initials: Vec<String> = value
        .split_whitespace()
        .filter_map(|word| word.chars().next().filter(|first| first.is_alphabetic()))
        .take(INITIALS_MAX)
        .map(|initial| format!("{initial}."))
        .collect();
    (!initials.is_empty()).then(|| initials.join(" "))
}

/// The one group of four digits among the digits and marks of a date.
fn year(value: &str) -> Option<String> {
    let is_mark = |c: char| matches!(c, ' ' | '-' | '.' | '/' | ':' | '+' | 'T' | 'Z');
    if !value.chars().all(|c| c.is_ascii_digit() || is_mark(c)) {
        return None;
    }
    let mut years = value.split(is_mark).filter(|digits| digits.len() == 4);
    let year = years.next()?;
    years.next().is_none().then(|| year.to_owned())
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
