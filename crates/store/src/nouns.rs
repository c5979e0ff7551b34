//! How the nouns of `model` are stored: ids and names as TEXT, moments as BIGINT
//! microseconds.

use model::{
    Action, ApiKeyId, AudienceId, CategoryName, Channel, EntryId, EventId, IdentifierKind, ImportId, JobId,
    LifetimeName, LoginId, MergeId, PurposeName, ReasonCode, RecipientName, RecordId, RecordKind, RoleName,
    ServiceName, SetId, SiteName, StaffId, SubjectId, SystemName, Timestamp, ValueId, VisitorId,
};

use crate::value::{FromValue, HasKind, Kind, ToValue, Value};

/// Types whose `Display` and `FromStr` are inverse: stored as TEXT.
macro_rules! as_text {
    ($($noun:ty),+ $(,)?) => {$(
        impl HasKind for $noun {
            const KIND: Kind = Kind::Text;
        }

        impl ToValue for $noun {
            fn to_value(&self) -> Value<'_> {
                Value::Text(self.to_string().into())
            }
        }

        impl FromValue<'_> for $noun {
            fn from_value(value: Option<Value<'_>>) -> Option<Self> {
                match value? {
                    Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )+};
}

as_text!(
    ApiKeyId,
    AudienceId,
    EntryId,
    EventId,
    ImportId,
    JobId,
    LoginId,
    MergeId,
    RecordId,
    SetId,
    StaffId,
    SubjectId,
    ValueId,
    VisitorId,
    CategoryName,
    LifetimeName,
    PurposeName,
    ReasonCode,
    RecipientName,
    RecordKind,
    RoleName,
    ServiceName,
    SiteName,
    SystemName,
    Action,
    Channel,
    IdentifierKind,
);

impl HasKind for Timestamp {
    const KIND: Kind = Kind::Int;
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.micros())
    }
}

impl FromValue<'_> for Timestamp {
    fn from_value(value: Option<Value<'_>>) -> Option<Self> {
        match value? {
            Value::Int(micros) => Some(Self::from_micros(micros)),
            _ => None,
        }
    }
}
