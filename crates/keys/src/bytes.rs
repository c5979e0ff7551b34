//! Byte strings that cannot be read in two ways.

/// Joins parts, each behind its length as 8 bytes, most significant first.
///
/// INVARIANT(unambiguous-input): two different lists of parts never give the same bytes,
/// so a hash, an `info` or associated data made from them names exactly one thing.
pub(crate) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

/// Takes fields off the front of a byte string; `None` where it ends too early.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(head)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| *byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().copied().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().copied().map(u32::from_be_bytes)
    }

    /// A text behind its length in one byte.
    pub(crate) fn short_text(&mut self) -> Option<&'a str> {
        let length = usize::from(self.byte()?);
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(head).ok()
    }
}

/// Appends a text behind its length in one byte; the text is cut at 255 bytes, which no
/// name here reaches.
pub(crate) fn push_short_text(out: &mut Vec<u8>, text: &str) {
    let text = text.as_bytes();
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend(text.iter().take(usize::from(length)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moving_a_byte_between_parts_changes_the_input() {
        assert_ne!(length_prefixed(&[b"ab", b"c"]), length_prefixed(&[b"a", b"bc"]));
        assert_ne!(length_prefixed(&[b"ab"]), length_prefixed(&[b"ab", b""]));
    }

    proptest! {
        #[test]
        fn different_parts_never_join_to_the_same_bytes(
            left in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..4), 0..4),
            right in proptest::collection::vec(proptest::collection::vec(0u8..3, 0..4), 0..4),
        ) {
            let join = |parts: &[Vec<u8>]| length_prefixed(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
            prop_assert_eq!(left == right, join(&left) == join(&right));
        }
    }
}
