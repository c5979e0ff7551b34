//! Names that the manifest gives to things: purposes, categories, recipients, services …

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name starts with a lower-case letter and has lower-case letters, digits, `-`, `_` and dots between parts, {NAME_BYTES_MAX} bytes at most"
)]
pub struct NameError;

fn is_name(text: &str) -> bool {
    text.len() <= NAME_BYTES_MAX
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && text.split('.').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
                })
        })
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and takes a name.
            ///
            /// # Errors
            /// When the text breaks the rule for names.
            pub fn new(text: &str) -> Result<Self, NameError> {
                is_name(text).then(|| Self(text.into())).ok_or(NameError)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": "^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)*$",
                    "maxLength": NAME_BYTES_MAX
                })
            }
        }
    };
}

name!(
    /// Why data is used: a purpose of the manifest.
    PurposeName
);
name!(
    /// A kind of personal data, such as `contact.email`.
    CategoryName
);
name!(
    /// A vendor or other third party.
    RecipientName
);
name!(
    /// A program of the business that asks.
    ServiceName
);
name!(
    /// What a member of staff may do.
    RoleName
);
name!(
    /// A system of the business that holds data.
    SystemName
);
name!(
    /// A group of categories that end together.
    LifetimeName
);
name!(
    /// A site of the controller.
    SiteName
);
name!(
    /// A controller hosted by this installation.
    ControllerName
);
name!(
    /// A published privacy notice.
    NoticeName
);
name!(
    /// A law, or a group of laws built on one model: `gdpr`, `us-state`, or one law such as `ca-casl`.
    LawFamily
);
name!(
    /// Why a member of staff looks at a person's data, such as `customer-asked`.
    ReasonCode
);
name!(
    /// A kind of record in the vault, such as `invoice`.
    RecordKind
);
name!(
    /// A compelling ground recorded against an objection, such as `legal-claims` (GDPR 21(1)).
    GroundName
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_one_rule() {
        for good in ["a", "contact.email", "online-retail", "a_b.c-d"] {
            assert!(PurposeName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "1a", "a..b", ".a", "a.", "a b", "é", &"a".repeat(65)] {
            assert!(PurposeName::new(bad).is_err(), "{bad}");
        }
    }
}
