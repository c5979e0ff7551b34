//! A wrapper that keeps personal values out of logs, errors and answers.

use std::fmt;

/// A personal value. It can be read from outside (`Deserialize`) but has no way out:
/// no `Serialize`, `Display`, `Clone`, `Hash` or `Deref`. What leaves the system goes
/// through `gate::Permit::reveal`; sealing, normalising and senders use [`Personal::expose`],
/// which `clippy.toml` forbids elsewhere.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps a value that says something about a person.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Only sealing, normalising and senders may look.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹personal›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_never_shows_the_value() {
        let value = Personal::new(String::from("canary@example.org"));
        assert_eq!(format!("{value:?}"), "‹personal›");
    }
}
