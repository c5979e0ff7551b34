//! Whether a document can be read as its type at once, without a tree of it first.

use super::DEPTH_MAX;

/// Keys of one object that are compared with each other; an object with more takes the long way.
const KEYS_MAX: usize = 32;
/// Digits in a row that no number overflows by; longer ones take the long way.
const DIGITS_MAX: usize = 18;

/// Says that a document, where it is JSON, keeps what serde does not ask for: no key twice,
/// nothing too deep, and numbers that any reader takes. Whether it is JSON is not said, and
/// `false` says nothing at all: escapes, fractions and objects of many keys are left to the
/// reader that walks the tree.
pub(super) fn is_plain(text: &str) -> bool {
    let mut scan = Scan::default();
    let mut rest = text;
    // What stands between two strings is looked at by byte, a string as a whole.
    while let Some((before, after)) = rest.split_once('"') {
        let Some((string, next)) = after.split_once('"') else { return false };
        if !scan.between(before) || string.contains('\\') || !scan.string(string) {
            return false;
        }
        rest = next;
    }
    scan.between(rest)
}

/// What is open at one place of the document.
#[derive(Default)]
struct Scan<'t> {
    /// Of each open list or object: where its keys begin, and none for a list.
    open: Vec<Option<usize>>,
    /// The keys of the open objects.
    keys: Vec<&'t str>,
    /// Whether the next string is a key.
    is_key_next: bool,
}

impl<'t> Scan<'t> {
    fn between(&mut self, text: &str) -> bool {
        let mut digits = 0;
        for byte in text.bytes() {
            let after_digit = digits > 0;
            digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
            match byte {
                b'{' => self.open(Some(self.keys.len())),
                b'[' => self.open(None),
                b'}' | b']' => {
                    if let Some(Some(first)) = self.open.pop() {
                        self.keys.truncate(first);
                    }
                    self.is_key_next = false;
                }
                b',' => self.is_key_next = matches!(self.open.last(), Some(Some(_))),
                b'.' | b'E' => return false,
                b'e' if after_digit => return false,
                _ => {}
            }
            if self.open.len() > DEPTH_MAX || digits > DIGITS_MAX {
                return false;
            }
        }
        true
    }

    fn open(&mut self, keys: Option<usize>) {
        self.open.push(keys);
        self.is_key_next = keys.is_some();
    }

    /// False for a key that stands there already, or is one of very many.
    fn string(&mut self, text: &'t str) -> bool {
        if !std::mem::take(&mut self.is_key_next) {
            return true;
        }
        let first = self.open.last().copied().flatten().unwrap_or_default();
        let beside = self.keys.get(first..).unwrap_or_default();
        let is_new = beside.len() < KEYS_MAX && !beside.contains(&text);
        self.keys.push(text);
        is_new
    }
}
