//! Canonical JSON (RFC 8785): the same value has the same bytes everywhere.
//!
//! Entries hold no fractions and no integers that a JavaScript number would
//! round, so both are refused: write such numbers as strings.

use std::fmt::Write;

use serde_json::{Map, Number, Value};

/// The largest entry, in bytes (16 KiB).
pub const ENTRY_BYTES_MAX: usize = 16 * 1024;

/// The largest integer, and with a minus the smallest: 2⁵³ − 1 (RFC 7493, section 2.2).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;

/// How deep arrays and objects may be nested.
pub const DEPTH_MAX: u32 = 32;

/// Why a value or some bytes are no canonical JSON. The content is never shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// More bytes than allowed.
    #[error("{size_bytes} bytes, more than the {max_bytes} allowed")]
    TooLarge {
        /// What was given.
        size_bytes: usize,
        /// The most that is accepted.
        max_bytes: usize,
    },
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX}")]
    TooDeep,
    /// A number with a fraction or an exponent, or minus zero.
    #[error("a number is not an integer; write it as a string")]
    NotAnInteger,
    /// An integer beyond [`INTEGER_MAX`].
    #[error("an integer lies beyond 2^53 - 1; write it as a string")]
    IntegerTooLarge,
    /// Not JSON at all.
    #[error("not valid JSON at line {line}, column {column}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in bytes.
        column: usize,
    },
    /// JSON, but not in its one canonical form: spaces, the order of keys, a key
    /// twice, an escape that is not needed.
    #[error("not in canonical form from byte {offset} on")]
    NotCanonical {
        /// The first byte that differs, counted from 0.
        offset: usize,
    },
}

/// The canonical bytes of a value, of any length.
pub fn encode(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = String::new();
    write_value(&mut out, value, DEPTH_MAX)?;
    Ok(out.into_bytes())
}

/// The canonical bytes of an entry, at most [`ENTRY_BYTES_MAX`].
pub fn encode_entry(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let bytes = encode(value)?;
    check_size(bytes.len(), ENTRY_BYTES_MAX)?;
    Ok(bytes)
}

/// The value of an entry, if its bytes are canonical and at most
/// [`ENTRY_BYTES_MAX`].
pub fn parse_entry(bytes: &[u8]) -> Result<Value, CanonicalError> {
    parse(bytes, ENTRY_BYTES_MAX)
}

/// The value behind canonical bytes, at most `max_bytes` of them.
pub fn parse(bytes: &[u8], max_bytes: usize) -> Result<Value, CanonicalError> {
    check_size(bytes.len(), max_bytes)?;
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|e| CanonicalError::Syntax { line: e.line(), column: e.column() })?;
    let canonical = encode(&value)?;
    if canonical == bytes {
        return Ok(value);
    }
    let same = canonical.iter().zip(bytes).take_while(|(a, b)| a == b);
    Err(CanonicalError::NotCanonical { offset: same.count() })
}

fn check_size(size_bytes: usize, max_bytes: usize) -> Result<(), CanonicalError> {
    if size_bytes > max_bytes {
        return Err(CanonicalError::TooLarge { size_bytes, max_bytes });
    }
    Ok(())
}

fn write_value(out: &mut String, value: &Value, depth_left: u32) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_array(out, items, deeper(depth_left)?)?,
        Value::Object(members) => write_object(out, members, deeper(depth_left)?)?,
    }
    Ok(())
}

fn deeper(depth_left: u32) -> Result<u32, CanonicalError> {
    depth_left.checked_sub(1).ok_or(CanonicalError::TooDeep)
}

fn write_array(out: &mut String, items: &[Value], depth_left: u32) -> Result<(), CanonicalError> {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_value(out, item, depth_left)?;
    }
    out.push(']');
    Ok(())
}

fn write_object(
    out: &mut String,
    members: &Map<String, Value>,
    depth_left: u32,
) -> Result<(), CanonicalError> {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    // RFC 8785, section 3.2.3: by UTF-16 code units, which is not the order of
    // the UTF-8 bytes beyond U+FFFF.
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (position, (key, value)) in sorted.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_string(out, key);
        out.push(':');
        write_value(out, value, depth_left)?;
    }
    out.push('}');
    Ok(())
}

fn write_number(out: &mut String, number: &Number) -> Result<(), CanonicalError> {
    let size = if let Some(positive) = number.as_u64() {
        positive
    } else if let Some(negative) = number.as_i64() {
        negative.unsigned_abs()
    } else {
        return Err(match number.as_f64() {
            Some(big) if big.fract() == 0.0 && big.abs() > 1e15 => CanonicalError::IntegerTooLarge,
            _ => CanonicalError::NotAnInteger,
        });
    };
    if size > INTEGER_MAX {
        return Err(CanonicalError::IntegerTooLarge);
    }
    out.push_str(&number.to_string());
    Ok(())
}

/// RFC 8785, section 3.2.2.2.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
