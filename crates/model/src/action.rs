//! What a use does with data.

use std::fmt;
use std::str::FromStr;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// What a use does with data. Everything that touches a person's data is one of these.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Action { $($(#[$doc])* $name),+ }

        impl Action {
            /// Every action, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code used in JSON, SQL and the manifest.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

actions! {
    /// Take data in.
    Collect = "collect",
    /// Look at data.
    Read = "read",
    /// Work with data.
    Use = "use",
    /// Send the person a message.
    Send = "send",
    /// Give data to a recipient.
    Share = "share",
    /// Train a model with data.
    Train = "train",
    /// Go on holding data.
    Keep = "keep",
    /// Correct data.
    Correct = "correct",
    /// Make data unreadable.
    Erase = "erase",
    /// Hand the person's data out in a file.
    Export = "export",
    /// Join two identities of one person, or part them again.
    Merge = "merge",
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The text names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of collect, read, use, send, share, train, keep, correct, erase, export, merge")]
pub struct ActionError;

impl FromStr for Action {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        Self::ALL.iter().copied().find(|action| action.code() == text).ok_or(ActionError)
    }
}
