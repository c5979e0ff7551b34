//! Types that are written as one piece of text: serde and schema in one place.

use super::controller::Region;
use super::period::{Date, Period};
use super::systems::ColumnRef;
use super::texts::Language;

macro_rules! as_text {
    ($type:ident, $pattern:literal, $description:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "description": $description })
            }
        }
    };
}

as_text!(Language, "^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?$", "A language such as en, fr or pt-BR.");
as_text!(Region, "^[A-Z]{2}(-[A-Z0-9]{1,3})?$", "An ISO 3166 code such as FR or US-CA.");
as_text!(Date, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "A day such as 2026-11-24.");
as_text!(Period, "^[0-9]{1,4} (days?|months?|years?)$", "A period such as 30 days or 10 years.");
as_text!(ColumnRef, "^.+\\..+$", "A column of another table: Table.Column.");
