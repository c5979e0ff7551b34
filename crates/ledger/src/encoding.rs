//! Strict base64 and decimal numbers: one text for each value.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Base64 with padding (RFC 4648, section 4).
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes behind `text`, or `None` unless it is exactly what
/// [`to_base64`] writes.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// A decimal number without sign and leading zeroes.
pub(crate) fn from_decimal(text: &str) -> Option<u64> {
    let number = text.parse::<u64>().ok()?;
    // `parse` accepts `+1` and `01`; one number has one text.
    (number.to_string() == text).then_some(number)
}
