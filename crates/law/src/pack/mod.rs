//! A pack: one law as data, read from TOML with the place of everything that is wrong.

mod check;
mod load;
mod read;
mod sections;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

pub use load::{FILES_MAX, PACK_BYTES_MAX, builtin, load_folder, read};
pub use read::MaybeDay;
pub use sections::{
    Against, Age, Ages, AppliesWhen, Assessment, Breach, ChangeFact, Channel, Condition, Consent, Contract,
    Currency, Destination, Duty, Exempt, Notice, Penalty, RetentionFact, RightFact, Sensitive, SignalFact,
    Transfer, Version,
};

use crate::code::{Checked, Family, Kind};
use crate::day::Day;
use crate::territory::Territory;

/// The version of the packs' shape that this program reads.
pub const SCHEMA: u32 = 1;

/// What every fact has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Head {
    /// The name for good: `us-ca-ccpa/consent/sale`.
    #[serde(serialize_with = "as_text")]
    pub name: Arc<str>,
    /// Its section.
    #[serde(skip)]
    pub section: &'static str,
    /// Unique inside its section.
    #[serde(skip)]
    pub id: String,
    /// One or two plain sentences, in English.
    pub text: String,
    /// The statute or regulation of this very fact.
    pub citation: String,
    /// Whether it was looked up.
    pub checked: Checked,
    /// What was read for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The first day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The day from which on it no longer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// Its line in the file, from 1.
    #[serde(skip)]
    pub line: usize,
}

impl Head {
    /// Whether the fact itself holds on a day, whatever its law does.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// A fact: what every fact has, and what its section says.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Fact<B> {
    /// What every fact has.
    #[serde(flatten)]
    pub head: Head,
    /// What its section says.
    #[serde(flatten)]
    pub body: B,
}

fn as_text<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// The sections of a pack: the struct's fields, and a walk over all of them.
macro_rules! pack {
    ($($section:ident: $body:ty,)+) => {
        /// One law as data.
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct Pack {
            /// Equal to the file's name without `.toml`.
            #[serde(serialize_with = "as_text")]
            pub id: Arc<str>,
            /// The full name.
            pub title: String,
            /// The name people use.
            pub short: String,
            /// Where it holds.
            pub jurisdiction: Territory,
            /// What sort of law it is.
            pub kind: Kind,
            /// The model law it is built on.
            pub family: Family,
            /// The main source of law.
            pub citation: String,
            /// What it is about.
            pub summary: String,
            /// Who enforces it.
            pub regulators: Vec<String>,
            /// The day of the knowledge.
            pub as_of: Day,
            $(#[doc = concat!("The section `", stringify!($section), "`.")] pub $section: Vec<Fact<$body>>,)+
            /// The file's text, of which a review's digest is made.
            #[serde(skip)]
            pub text: Cow<'static, str>,
        }

        /// The sections, in the order of the README.
        pub const SECTIONS: &[&str] = &[$(stringify!($section)),+];

        impl Pack {
            /// What every fact of the pack has, section by section.
            pub fn heads(&self) -> impl Iterator<Item = &Head> {
                let heads: Vec<&Head> = [$(self.$section.iter().map(|fact| &fact.head).collect::<Vec<_>>()),+].concat();
                heads.into_iter()
            }
        }

        impl Pack {
            fn read(row: &read::Row<'_>, text: Cow<'static, str>) -> Option<Self> {
                load::refuse_other_schema(row)?;
                let head = (
                    row.get::<String>("id"), row.get("title"), row.get("short"), row.get("jurisdiction"),
                    row.get("kind"), row.get("family"), row.get("citation"), row.get("summary"),
                );
                let (regulators, as_of) = (row.get("regulators"), row.get("as_of"));
                let law = head.0.clone().unwrap_or_default();
                $(let $section = load::section::<$body>(row, stringify!($section), &law);)+
                Some(Self {
                    id: head.0?.into(), title: head.1?, short: head.2?, jurisdiction: head.3?, kind: head.4?,
                    family: head.5?, citation: head.6?, summary: head.7?, regulators: regulators?, as_of: as_of?,
                    $($section: $section?,)+
                    text,
                })
            }
        }
    };
}

pack! {
    version: Version,
    applies_when: AppliesWhen,
    exempt: Exempt,
    sensitive: Sensitive,
    age: Age,
    consent: Consent,
    channel: Channel,
    right: RightFact,
    breach: Breach,
    notice: Notice,
    retention: RetentionFact,
    contract: Contract,
    transfer: Transfer,
    duty: Duty,
    assessment: Assessment,
    signal: SignalFact,
    penalty: Penalty,
    change: ChangeFact,
}

impl Pack {
    /// The versions in force on a day (law/README.md, rule 1): in force or superseded and
    /// within its days, or enacted and begun. What is only proposed or was withdrawn never is.
    pub fn versions_on(&self, day: Day) -> impl Iterator<Item = &Fact<Version>> {
        use crate::code::VersionStatus::{Enacted, InForce, Superseded};
        self.version.iter().filter(move |version| {
            let begun = version.head.from.is_some_and(|from| from <= day);
            let counts = matches!(version.body.status, InForce | Superseded | Enacted);
            counts && begun && version.head.holds_on(day)
        })
    }

    /// Whether the law is in force on a day.
    #[must_use]
    pub fn is_in_force(&self, day: Day) -> bool {
        self.versions_on(day).next().is_some()
    }

    /// Every day on which a version or a fact begins or ends.
    pub fn turning_days(&self) -> impl Iterator<Item = Day> {
        self.heads().flat_map(|head| [head.from, head.until]).flatten()
    }
}
