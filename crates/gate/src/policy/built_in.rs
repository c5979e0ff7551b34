//! The necessities that are built in: always declared, and not widenable by a manifest.

use std::collections::BTreeSet;

use model::manifest::{Asker, Manifest, builtin};
use model::{Action, Actor, PurposeName};

use super::{PurposeRules, compile_purpose};

/// A necessity that every controller has. Its texts, ground and askers stand in the built-in
/// part of the manifest.
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
    const ALL: [Self; 4] = [Self::Rights, Self::Security, Self::Operation, Self::LegalClaims];

    const fn code(self) -> &'static str {
        match self {
            Self::Rights => "rights",
            Self::Security => "security",
            Self::Operation => "operation",
            Self::LegalClaims => "legal-claims",
        }
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
    pub(crate) fn is_for(self, actor: &Actor) -> bool {
        builtin().who_may_ask.get(self.code()).is_some_and(|askers| askers.contains(&asker(actor)))
    }
}

/// The built-in purposes of the manifest, made ready: they cover every category, channel and
/// (for legal claims) recipient in use.
pub(super) fn compile(manifest: &Manifest) -> impl Iterator<Item = (PurposeName, PurposeRules)> {
    builtin().purposes.iter().filter_map(|(name, purpose)| {
        let built_in = BuiltIn::ALL.into_iter().find(|built_in| built_in.code() == name.as_str())?;
        let recipients = match built_in {
            BuiltIn::LegalClaims => manifest.recipients.keys().cloned().collect(),
            BuiltIn::Rights | BuiltIn::Security | BuiltIn::Operation => BTreeSet::new(),
        };
        let rules = PurposeRules {
            built_in: Some(built_in),
            categories: manifest.categories.keys().cloned().collect(),
            channels: manifest.channels.keys().copied().collect(),
            recipients,
            // What these keep ends with its lifetime, not with the question.
            retention: None,
            ..compile_purpose(purpose)
        };
        Some((name.clone(), rules))
    })
}

const fn asker(actor: &Actor) -> Asker {
    match actor {
        Actor::Service(_) => Asker::Service,
        Actor::Staff { .. } => Asker::Staff,
        Actor::Customer => Asker::Customer,
        Actor::Agent(_) => Asker::Agent,
        Actor::Job(_) => Asker::Job,
        Actor::Operator => Asker::Operator,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_knows_every_built_in_purpose_of_the_manifest() {
        for name in builtin().purposes.keys() {
            assert!(BuiltIn::ALL.iter().any(|built_in| built_in.code() == name.as_str()), "{name}");
        }
        assert_eq!(builtin().purposes.len(), BuiltIn::ALL.len());
    }
}
