//! What is wrong with a manifest, where, and how to mend it.

use std::fmt;
use std::sync::Arc;

/// A place in a file of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as the reader of the message would open it.
    pub file: Arc<str>,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// The column, from 1; 0 for the line as a whole.
    pub column: usize,
}

impl Place {
    /// A file or folder as a whole.
    #[must_use]
    pub fn whole(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// Why a manifest cannot be read. Quotes names and values of the manifest, which
/// hold nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {text}{}", self.mend_in_words())]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Problem {
    pub(super) fn new(place: &Place, text: impl Into<String>) -> Self {
        Self { place: place.clone(), text: text.into(), mend: None }
    }

    pub(super) fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }

    fn mend_in_words(&self) -> String {
        self.mend.as_ref().map(|mend| format!("; {mend}")).unwrap_or_default()
    }
}

/// The candidate that a mistyped name most probably means: two letters differ, in a
/// longer name a quarter of them, in a very short one a single letter.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = match name.chars().count() {
        0..=3 => 1,
        letters => (letters / 4).max(2),
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The words "did you mean", or a list of what there is to choose from.
#[must_use]
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const LISTED_MAX: usize = 12;
    let candidates: Vec<&str> = candidates.into_iter().collect();
    match nearest(name, candidates.iter().copied()) {
        Some(candidate) => Some(format!("did you mean `{candidate}`?")),
        None if candidates.is_empty() || candidates.len() > LISTED_MAX => None,
        None => Some(format!("there are `{}`", candidates.join("`, `"))),
    }
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    const LETTERS_MAX: usize = 64;
    let right: Vec<char> = right.chars().take(LETTERS_MAX).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, l) in left.chars().take(LETTERS_MAX).enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut before = done + 1;
        next.push(before);
        for (r, pair) in right.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            before = (before + 1).min(above + 1).min(diagonal + usize::from(l != *r));
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        let known = ["contact.email", "contact.phone", "identity.name"];
        assert_eq!(nearest("contact.emial", known), Some("contact.email"));
        assert_eq!(nearest("email", known), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
