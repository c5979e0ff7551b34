//! Recipients: vendors and other third parties that receive data.

use std::collections::BTreeSet;

use super::controller::Region;
use super::period::Date;
use super::texts::Texts;
use crate::name::PurposeName;
use crate::purpose::codes;

/// A vendor or other third party that receives personal data.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The legal name, as people read it.
    pub name: String,
    /// What sort of work it does.
    pub kind: RecipientKind,
    /// The purposes that cannot be served without it. For others the person may decline it.
    #[serde(default)]
    pub needed_for: BTreeSet<PurposeName>,
    /// What happens when the person declines it.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub if_declined: Texts,
    /// Where it holds the data.
    pub country: Region,
    /// The contract with it; without one nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
}

codes! {
    /// What sort of work a recipient does.
    RecipientKind {
        /// Runs machines or storage.
        Hosting = "hosting",
        /// Delivers goods.
        Delivery = "delivery",
        /// Takes payments.
        Payment = "payment",
        /// Sends messages for the controller.
        Messaging = "messaging",
        /// Measures use.
        Analytics = "analytics",
        /// Shows or sells advertising. Never a recipient of a necessity.
        Advertising = "advertising",
        /// Accountants, auditors, lawyers.
        Professional = "professional",
        /// Courts, tax offices, police.
        Authority = "authority",
        /// A company of the same group.
        Affiliate = "affiliate",
        /// Anything else.
        Other = "other",
    }
}

/// The contract with a recipient.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Its kind.
    pub kind: ContractKind,
    /// The day it was signed.
    pub signed: Date,
    /// The last day it holds; absent when it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// What it says, for the public, in two sentences.
    pub summary: Texts,
}

codes! {
    /// What a contract with a recipient is.
    ContractKind {
        /// It processes on instructions (GDPR 28).
        Processor = "processor",
        /// The US form of the same, with the bans on selling and combining.
        ServiceProvider = "service-provider",
        /// It receives data for purposes of its own.
        ThirdParty = "third-party",
        /// It decides together with the controller (GDPR 26).
        JointController = "joint-controller",
        /// It handles health information for the controller (HIPAA).
        BusinessAssociate = "business-associate",
    }
}
