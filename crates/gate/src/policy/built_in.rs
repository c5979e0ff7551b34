//! The necessities that are built in: always declared, and not widenable by a manifest.

use model::manifest::Manifest;
use model::{Action, Actor, Basis, PurposeKind, PurposeName};

use super::{GroundRules, PurposeRules};

/// A necessity that every controller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuiltIn {
    /// The person's own access, correction, export, objection, erasure.
    Rights,
    /// Login and abuse.
    Security,
    /// Restoring, re-indexing, rotating, ending what has expired.
    Operation,
    /// Raising or defending legal claims.
    LegalClaims,
}

impl BuiltIn {
    pub(crate) const ALL: [Self; 4] = [Self::Rights, Self::Security, Self::Operation, Self::LegalClaims];

    const fn code(self) -> &'static str {
        match self {
            Self::Rights => "rights",
            Self::Security => "security",
            Self::Operation => "operation",
            Self::LegalClaims => "legal-claims",
        }
    }

    #[expect(clippy::expect_used, reason = "the four codes above keep the rule for names; a test says so")]
    pub(crate) fn name(self) -> PurposeName {
        PurposeName::new(self.code()).expect("the code is a name")
    }

    /// What may be done for it.
    pub(crate) const fn actions(self) -> &'static [Action] {
        match self {
            Self::Rights => &[
                Action::Collect,
                Action::Read,
                Action::Use,
                Action::Send,
                Action::Keep,
                Action::Correct,
                Action::Erase,
                Action::Export,
                Action::Merge,
            ],
            Self::Security => &[Action::Collect, Action::Read, Action::Use, Action::Send, Action::Keep],
            Self::Operation => &[Action::Read, Action::Use, Action::Keep, Action::Erase],
            Self::LegalClaims => {
                &[Action::Read, Action::Use, Action::Send, Action::Share, Action::Keep, Action::Export]
            }
        }
    }

    /// Who may ask for it; services and roles must also name it in the manifest.
    pub(crate) const fn is_for(self, actor: &Actor) -> bool {
        match self {
            Self::Rights => true,
            Self::Security => matches!(actor, Actor::Service(_) | Actor::Staff { .. } | Actor::Job(_)),
            Self::Operation => matches!(actor, Actor::Job(_) | Actor::Operator),
            Self::LegalClaims => matches!(actor, Actor::Staff { .. } | Actor::Operator),
        }
    }

    pub(crate) fn rules(self, manifest: &Manifest) -> PurposeRules {
        let (kind, basis) = match self {
            Self::Rights | Self::Operation => (PurposeKind::LegalDuty, Basis::LegalObligation),
            Self::Security => (PurposeKind::Security, Basis::LegalObligation),
            Self::LegalClaims => (PurposeKind::LegalClaims, Basis::LegalObligation),
        };
        PurposeRules {
            kind,
            built_in: Some(self),
            is_disclosed: true,
            categories: manifest.categories.keys().cloned().collect(),
            recipients: match self {
                Self::LegalClaims => manifest.recipients.keys().cloned().collect(),
                Self::Rights | Self::Security | Self::Operation => Default::default(),
            },
            channels: manifest.channels.keys().copied().collect(),
            retention: None,
            grounds: vec![GroundRules { law: None, basis, findings: Vec::new() }],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_necessity_has_a_name() {
        let names: Vec<String> = BuiltIn::ALL.into_iter().map(|b| b.name().to_string()).collect();
        assert_eq!(names, ["rights", "security", "operation", "legal-claims"]);
    }
}
