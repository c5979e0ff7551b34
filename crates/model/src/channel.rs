//! The ways by which a business reaches a person.

use std::fmt;
use std::str::FromStr;

/// A channel of communication.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// Text message.
    Sms,
    /// Voice call.
    Phone,
    /// Push or in-app message.
    Push,
    /// Letter.
    Post,
}

impl Channel {
    /// Every channel, in the order of the declaration.
    pub const ALL: [Self; 5] = [Self::Email, Self::Sms, Self::Phone, Self::Push, Self::Post];

    /// The code used in JSON, SQL and the manifest.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Phone => "phone",
            Self::Push => "push",
            Self::Post => "post",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The text names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of email, sms, phone, push, post")]
pub struct ChannelError;

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        Self::ALL.into_iter().find(|channel| channel.code() == text).ok_or(ChannelError)
    }
}
