//! Why the gate denies: one code per finding.
//!
//! The words people read for each code stand in `locales/*/reasons.ftl`, as `finding-CODE`
//! and `finding-CODE-remedy` (what would permit).

use std::fmt;

/// The stations of the gate, in the order in which it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingStage {
    /// The purpose is known and the categories are within what it declares.
    Declared,
    /// The person has been told.
    Disclosed,
    /// Each law has a ground for it.
    Law,
    /// The person's own choices and state.
    Standing,
    /// The address or number may be used.
    Channel,
    /// The recipient may have it.
    Recipient,
    /// The time for keeping it is not over.
    Retention,
    /// Whoever asks may ask.
    Actor,
}

/// The fact of a law behind a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Cited {
    /// Its name for good: `us-ca-ccpa/consent/sale`.
    pub fact: String,
    /// The article, as people cite it.
    pub citation: String,
    /// Whether a reviewer of the controller has read the law's pack.
    pub reviewed: bool,
}

macro_rules! findings {
    ($($stage:ident { $($(#[$doc:meta])* $name:ident = $code:literal, $rule:literal;)+ })+) => {
        /// One reason for which a use is denied. The order is the order of the gate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum FindingCode { $($($(#[$doc])* #[serde(rename = $code)] $name,)+)+ }

        impl FindingCode {
            /// Every code, in the order of the gate.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)+)+];

            /// The code used in JSON, SQL and locale files.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $($(Self::$name => $code,)+)+ }
            }

            /// The station of the gate that finds it.
            #[must_use]
            pub const fn stage(self) -> FindingStage {
                match self { $($(Self::$name => FindingStage::$stage,)+)+ }
            }

            /// The rule behind it: an article of law, or the part of the manifest.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $($(Self::$name => $rule,)+)+ }
            }
        }
    };
}

findings! {
    Declared {
        /// The manifest names no such purpose.
        PurposeUndeclared = "purpose-undeclared", "GDPR 5(1)(b)";
        /// The purpose does not need such data.
        CategoryUndeclared = "category-undeclared", "GDPR 5(1)(c)";
        /// The purpose does not cover such an action, such as training outside `ai-training`.
        ActionOutsidePurpose = "action-outside-purpose", "GDPR 5(1)(b)";
    }
    Disclosed {
        /// Nothing tells people about the purpose.
        NotDisclosed = "not-disclosed", "GDPR 13, 14";
    }
    Law {
        /// The stated ground cannot carry a purpose of this kind.
        BasisImpossible = "basis-impossible", "GDPR 6(1)";
        /// Legitimate interests are claimed without their balancing test.
        BalancingTestMissing = "balancing-test-missing", "GDPR 6(1)(f)";
        /// A looser ground is claimed without the law or fact it relies on.
        LooseningUnnamed = "loosening-unnamed", "ePrivacy 13(2)";
        /// Special categories need more than the stated ground.
        SpecialCategory = "special-category", "GDPR 9(1)";
        /// A law forbids it, but for grounds that the purpose does not have.
        LawProhibits = "law-prohibits", "law";
        /// A law asks for consent, and the stated ground is none of what it takes instead.
        LawAsksConsent = "law-asks-consent", "law";
        /// A law asks for consent in a form in which it was not given: signed, by a parent.
        LawAsksForm = "law-asks-form", "law";
        /// A looser ground relies on a law whose pack no reviewer of the controller has read.
        LooseningUnreviewed = "loosening-unreviewed", "law";
        /// A looser ground names no fact of a law that applies to the person.
        LooseningUnfit = "loosening-unfit", "law";
        /// The rule for one's own customers lacks a part of its evidence.
        CustomerEvidenceMissing = "customer-evidence-missing", "ePrivacy 13(2)";
    }
    Standing {
        /// Nobody is known by what was sent; or the person said no, and whoever asks may not
        /// learn who is known here.
        SubjectUnknown = "subject-unknown", "GDPR 11";
        /// The person was erased.
        Erased = "erased", "GDPR 17";
        /// The person has died.
        Deceased = "deceased", "manifest";
        /// The data is restricted.
        Restricted = "restricted", "GDPR 18";
        /// The person is too young to consent alone.
        ConsentOfChild = "consent-of-child", "GDPR 8(1)";
        /// Advertising chosen from behaviour, sale or sharing of a minor's data.
        Minor = "minor", "DSA 28(2)";
        /// The person was not asked.
        ConsentMissing = "consent-missing", "GDPR 6(1)(a)";
        /// Two histories of the person were joined and say different things.
        ConsentUnsettled = "consent-unsettled", "GDPR 7(1)";
        /// The person said yes, but has not confirmed the address or number.
        ConsentPending = "consent-pending", "GDPR 7(1)";
        /// The person said no.
        ConsentRefused = "consent-refused", "GDPR 6(1)(a)";
        /// The person took a yes back.
        ConsentWithdrawn = "consent-withdrawn", "GDPR 7(3)";
        /// The person objected.
        Objected = "objected", "GDPR 21(1)";
        /// The person objected to direct marketing.
        ObjectedToMarketing = "objected-to-marketing", "GDPR 21(2), 21(3)";
        /// The person opted out.
        OptedOut = "opted-out", "Cal. Civ. Code 1798.120";
        /// The browser says no to sale, sharing and targeted advertising.
        Gpc = "gpc", "11 CCR 7025(c)(1)";
    }
    Channel {
        /// A message was to be sent without saying over which channel.
        ChannelMissing = "channel-missing", "manifest";
        /// The purpose does not reach people over this channel.
        ChannelUndeclared = "channel-undeclared", "manifest";
        /// The address or number is not confirmed.
        ChannelUnconfirmed = "channel-unconfirmed", "ePrivacy 13(1)";
        /// The address or number must not be contacted.
        Suppressed = "suppressed", "GDPR 21(3)";
    }
    Recipient {
        /// Data was to be shared without saying with whom.
        RecipientMissing = "recipient-missing", "GDPR 13(1)(e)";
        /// The purpose does not name this recipient.
        RecipientUndeclared = "recipient-undeclared", "GDPR 13(1)(e)";
        /// There is no contract with the recipient, or it has not begun.
        ContractMissing = "contract-missing", "GDPR 28(3)";
        /// The contract with the recipient has ended.
        ContractExpired = "contract-expired", "GDPR 28(3)";
        /// The person does not want this recipient.
        RecipientDeclined = "recipient-declined", "manifest";
    }
    Retention {
        /// The time for which the purpose may keep it is over.
        RetentionOver = "retention-over", "GDPR 5(1)(e)";
    }
    Actor {
        /// The manifest names no such service.
        ServiceUnknown = "service-unknown", "manifest";
        /// The service may not ask for this purpose or action.
        ServiceNotAllowed = "service-not-allowed", "manifest";
        /// The manifest names no such role.
        RoleUnknown = "role-unknown", "manifest";
        /// The role may not ask for this purpose, action or category.
        RoleNotAllowed = "role-not-allowed", "GDPR 32(4)";
        /// A member of staff gave no reason that the role knows.
        ReasonMissing = "reason-missing", "GDPR 5(2)";
        /// This purpose is not for whoever asks.
        ActorNotAllowed = "actor-not-allowed", "manifest";
    }
}

impl FindingCode {
    /// The code with this text.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| finding.code() == code)
    }

    /// Whether observe mode may let the caller go on in spite of it: never against what the
    /// person said or is, nor for special categories.
    #[must_use]
    pub const fn is_observable(self) -> bool {
        match self.stage() {
            FindingStage::Declared
            | FindingStage::Disclosed
            | FindingStage::Retention
            | FindingStage::Actor => true,
            FindingStage::Law => {
                !matches!(self, Self::SpecialCategory | Self::LawProhibits | Self::LawAsksForm)
            }
            FindingStage::Standing => {
                matches!(self, Self::ConsentMissing | Self::ConsentUnsettled | Self::ConsentPending)
            }
            FindingStage::Channel => !matches!(self, Self::Suppressed),
            FindingStage::Recipient => !matches!(self, Self::RecipientDeclined),
        }
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_stand_in_the_order_of_the_gate() {
        for (place, code) in FindingCode::ALL.iter().enumerate() {
            assert_eq!(FindingCode::from_code(code.code()), Some(*code));
            assert_eq!(FindingCode::ALL.iter().position(|other| other.code() == code.code()), Some(place));
        }
        assert!(FindingCode::ALL.is_sorted_by_key(|code| code.stage()));
        assert!(FindingCode::ALL.is_sorted());
    }

    #[test]
    fn observe_mode_never_works_against_the_person() {
        for code in [
            FindingCode::ConsentWithdrawn,
            FindingCode::Objected,
            FindingCode::ObjectedToMarketing,
            FindingCode::OptedOut,
            FindingCode::Suppressed,
            FindingCode::Erased,
            FindingCode::Minor,
            FindingCode::ConsentOfChild,
            FindingCode::SpecialCategory,
        ] {
            assert!(!code.is_observable(), "{code}");
        }
        assert!(FindingCode::ConsentMissing.is_observable());
    }
}
