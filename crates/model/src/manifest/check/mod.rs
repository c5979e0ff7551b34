//! What a manifest says but should not: the lints of `steward check`.
//!
//! Reading a manifest ([`Manifest::load`](super::Manifest::load)) makes sure of its shape;
//! the lints look at its meaning. An error keeps a manifest from being applied.

mod access;
mod identifiers;
mod names;
mod purposes;
mod recipients;
mod systems;
mod texts;

use std::fmt;

use super::load::Loaded;
use super::problem::Place;
use super::{Date, Manifest};
use crate::purpose::codes;

codes! {
    /// How much a finding weighs.
    Severity {
        /// The manifest cannot be applied.
        Error = "error",
        /// Worth a thought; the manifest can be applied.
        Warning = "warning",
    }
}

codes! {
    /// What a finding is about. The code is stable, so that it can be looked up.
    Lint {
        /// A name is used that is declared nowhere.
        UnknownName = "unknown-name",
        /// A category is used that `categories` does not declare.
        UndeclaredCategory = "undeclared-category",
        /// A category is neither built in nor `like` a built-in one.
        UnknownCategory = "unknown-category",
        /// A category is in use that no purpose needs (GDPR 5(1)(c)).
        UnneededCategory = "unneeded-category",
        /// No service, role or table uses a purpose.
        UnusedPurpose = "unused-purpose",
        /// No purpose gives data to a recipient.
        UnusedRecipient = "unused-recipient",
        /// A text lacks one of the controller's languages.
        MissingTranslation = "missing-translation",
        /// Consent is claimed as the basis of a necessity.
        ConsentForNecessity = "consent-for-necessity",
        /// A necessity uses a channel that carries marketing only.
        NecessityOverMarketingChannel = "necessity-over-marketing-channel",
        /// Marketing uses a channel that carries necessary messages only.
        MarketingOverServiceChannel = "marketing-over-service-channel",
        /// A necessity gives data to an advertiser.
        NecessityWithAdvertiser = "necessity-with-advertiser",
        /// A necessity takes a category that it cannot need.
        NecessityTakesTooMuch = "necessity-takes-too-much",
        /// An optional purpose stands on a ground that leaves people no choice.
        OptionalWithoutChoice = "optional-without-choice",
        /// A special category is used on another ground than consent (GDPR 9(2)).
        SpecialWithoutConsent = "special-without-consent",
        /// A ground that loosens names no balancing test or citation.
        UnfoundedLoosening = "unfounded-loosening",
        /// Two purposes with a switch read the same, so that one switch would stand for both.
        OneSwitchForTwo = "one-switch-for-two",
        /// There is no switch, and no text says why.
        NoChoiceUnexplained = "no-choice-unexplained",
        /// There is a switch, and a text says why there is none.
        ChoiceExplainedAway = "choice-explained-away",
        /// Nothing says how long data is kept.
        RetentionMissing = "retention-missing",
        /// After a withdrawal data would be kept on consent.
        KeptOnConsent = "kept-on-consent",
        /// A recipient has no contract.
        ContractMissing = "contract-missing",
        /// The contract with a recipient has ended.
        ContractExpired = "contract-expired",
        /// The public summary of a contract is not two sentences.
        ContractSummary = "contract-summary",
        /// A recipient can be declined, and no text says what then happens.
        DeclineUnexplained = "decline-unexplained",
        /// A column has neither a category nor a reason to be left out, or both.
        FieldUndecided = "field-undecided",
        /// A column holds what no purpose needs (GDPR 5(1)(c)).
        UnneededField = "unneeded-field",
        /// A column holds what the purpose of its table does not need.
        FieldOutsidePurpose = "field-outside-purpose",
        /// The rows of a table name nobody, or are collected for nothing.
        TableUndecided = "table-undecided",
        /// Two columns of a profile carry one category, so that one would overwrite the other.
        TwoColumnsOneCategory = "two-columns-one-category",
        /// Two systems give out numbers of one kind, so that customer 7 of one would be customer 7 of the other.
        NumberOfTwoSystems = "number-of-two-systems",
        /// A service does not work without a consent that people are free to refuse (GDPR 7(4)).
        FailsWithoutConsent = "fails-without-consent",
        /// A service watches without enforcing for longer than 90 days.
        ObservesTooLong = "observes-too-long",
        /// A service or role asks for a built-in purpose that is not for it.
        MayNotAsk = "may-not-ask",
        /// A role sees a category that none of its purposes needs.
        RoleSeesTooMuch = "role-sees-too-much",
        /// A role has no reasons to choose from, so that it cannot look at anything.
        RoleWithoutReasons = "role-without-reasons",
    }
}

impl Lint {
    /// How much a finding of this lint weighs.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::UnneededCategory
            | Self::UnusedPurpose
            | Self::UnusedRecipient
            | Self::ChoiceExplainedAway
            | Self::ContractMissing
            | Self::ContractSummary
            | Self::DeclineUnexplained
            | Self::UnneededField
            | Self::RoleSeesTooMuch
            | Self::RoleWithoutReasons => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// Something a manifest says but should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// What it is about.
    pub code: Lint,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub mend: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}[{}]: {}; {}", self.place, self.severity, self.code, self.text, self.mend)
    }
}

/// Looks at the meaning of a manifest on a given day. The findings come in the order of
/// their places.
#[must_use]
pub fn check(loaded: &Loaded, today: Date) -> Vec<Finding> {
    let mut findings = Findings { loaded, list: Vec::new() };
    names::check(&mut findings);
    texts::check(&mut findings);
    purposes::check(&mut findings);
    recipients::check(&mut findings, today);
    systems::check(&mut findings);
    identifiers::check(&mut findings);
    access::check(&mut findings);
    findings.list.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    findings.list
}

/// The findings so far, and what they are about.
struct Findings<'l> {
    loaded: &'l Loaded,
    list: Vec<Finding>,
}

impl<'l> Findings<'l> {
    fn manifest(&self) -> &'l Manifest {
        &self.loaded.manifest
    }

    fn add(&mut self, code: Lint, path: &[&str], text: impl Into<String>, mend: impl Into<String>) {
        let finding = Finding {
            severity: code.severity(),
            code,
            place: self.loaded.place(path),
            text: text.into(),
            mend: mend.into(),
        };
        self.list.push(finding);
    }

    /// Adds a finding at an item of a list, found by its text.
    fn add_at_item(
        &mut self,
        code: Lint,
        path: &[&str],
        item: &str,
        text: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let position = self.loaded.position(path, item).to_string();
        let mut path = path.to_vec();
        path.push(&position);
        self.add(code, &path, text, mend);
    }
}
