//! How the nouns of `model` are stored: ids and names as TEXT, times as BIGINT microseconds.

use std::borrow::Cow;

use model::{
    ApiKeyId, AudienceId, CategoryName, Channel, EntryId, EventId, IdentifierKind, ImportId, JobId,
    LifetimeName, MergeId, PurposeName, RecordId, RecordKind, SetId, SubjectId, SystemName, Timestamp,
    ValueId, VisitorId,
};

use crate::value::{FromValue, HasKind, Kind, ToValue, Value};

macro_rules! stored_as_text {
    ($($type:ty: $text:ident),+ $(,)?) => {$(
        impl HasKind for $type {
            const KIND: Kind = Kind::Text;
        }

        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                stored_as_text!(@$text self)
            }
        }

        impl<'a> FromValue<'a> for $type {
            fn from_value(value: Option<Value<'a>>) -> Option<Self> {
                match value? {
                    Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )+};
    (@printed $self:ident) => { Value::Text(Cow::Owned($self.to_string())) };
    (@name $self:ident) => { Value::Text(Cow::Borrowed($self.as_str())) };
    (@code $self:ident) => { Value::Text(Cow::Borrowed($self.code())) };
}

stored_as_text! {
    ApiKeyId: printed, AudienceId: printed, EntryId: printed, EventId: printed, ImportId: printed,
    JobId: printed, MergeId: printed, RecordId: printed, SetId: printed, SubjectId: printed,
    ValueId: printed, VisitorId: printed,
    CategoryName: name, LifetimeName: name, PurposeName: name, RecordKind: name, SystemName: name,
    IdentifierKind: code, Channel: code,
}

impl HasKind for Timestamp {
    const KIND: Kind = Kind::Int;
}

impl ToValue for Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.micros())
    }
}

impl<'a> FromValue<'a> for Timestamp {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}
