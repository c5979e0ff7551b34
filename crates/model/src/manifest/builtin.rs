//! What Steward itself does with personal data: the same for every controller.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::{Ground, Lifetime, Purpose, Retention, Texts};
use crate::name::{LifetimeName, PurposeName};
use crate::purpose::codes;

/// The built-in part of every manifest.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Builtin {
    /// Lifetimes that exist for every person.
    pub lifetimes: BTreeMap<LifetimeName, Lifetime>,
    /// Purposes that cannot be changed or widened. They cover every category in use.
    pub purposes: BTreeMap<PurposeName, Purpose>,
    /// Who may ask for each of these purposes.
    pub who_may_ask: BTreeMap<PurposeName, BTreeSet<Asker>>,
    /// What Steward keeps about people for its own work, for the controller's register.
    pub holdings: BTreeMap<String, Holding>,
}

/// Something that Steward keeps about people for its own work.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// What people read.
    pub title: Texts,
    /// What it is and why it is kept.
    pub explanation: Texts,
    /// The ground.
    pub basis: Ground,
    /// How long it is kept.
    pub retention: Retention,
    /// The lifetime whose key seals it; absent for keyed hashes, which carry nothing readable.
    #[serde(default)]
    pub lifetime: Option<LifetimeName>,
}

codes! {
    /// Who asks, as far as the built-in purposes tell askers apart.
    Asker {
        /// The person themselves.
        Customer = "customer",
        /// An agent whom the person has authorised.
        Agent = "agent",
        /// A member of staff, with a reason.
        Staff = "staff",
        /// A program of the business.
        Service = "service",
        /// Steward's own background work.
        Job = "job",
        /// Whoever runs the executable on the machine.
        Operator = "operator",
    }
}

/// The built-in part.
#[must_use]
pub fn builtin() -> &'static Builtin {
    static BUILTIN: LazyLock<Builtin> = LazyLock::new(|| {
        // The text is part of the program; a test reads it and would fail first.
        super::yaml::parse(&"builtin.yaml".into(), include_str!("builtin.yaml"))
            .ok()
            .flatten()
            .and_then(|node| serde_json::from_value(node.to_json()).ok())
            .unwrap_or_default()
    });
    &BUILTIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Language;

    #[test]
    fn the_built_in_part_is_read_and_complete() {
        let names: Vec<&str> = builtin().purposes.keys().map(PurposeName::as_str).collect();
        assert_eq!(names, ["legal-claims", "operation", "rights", "security"]);
        let lifetimes: Vec<&str> = builtin().lifetimes.keys().map(LifetimeName::as_str).collect();
        assert_eq!(lifetimes, ["case", "duty", "evidence", "identity"]);
        let holdings: Vec<&String> = builtin().holdings.keys().collect();
        assert_eq!(holdings, ["alerts", "consent-proof", "ledger-openings", "suppressions", "tombstones"]);
        assert!(builtin().who_may_ask.keys().eq(builtin().purposes.keys()));
    }

    #[test]
    fn every_built_in_purpose_is_a_necessity_that_explains_itself_in_both_languages() {
        for (name, purpose) in &builtin().purposes {
            assert!(purpose.kind.is_necessity() && purpose.is_locked(), "{name}");
            assert!(purpose.recipients.is_empty() && purpose.channels.is_empty(), "{name}");
            for language in [Language::english(), Language::french()] {
                for texts in [&purpose.title, &purpose.explanation, &purpose.no_choice_because] {
                    assert!(texts.has(&language), "{name} {language}");
                }
            }
        }
    }

    #[test]
    fn what_is_held_lies_under_a_built_in_lifetime() {
        for (name, holding) in &builtin().holdings {
            let known =
                holding.lifetime.as_ref().is_none_or(|lifetime| builtin().lifetimes.contains_key(lifetime));
            assert!(known, "{name}");
        }
    }
}
