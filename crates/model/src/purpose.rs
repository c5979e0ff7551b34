//! The kinds of purposes and the legal grounds they stand on.

/// An enum whose variants have fixed codes in JSON, SQL and the manifest.
macro_rules! codes {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        pub enum $type { $($(#[$doc])* #[serde(rename = $code)] $name),+ }

        impl $type {
            /// Every variant, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code used in JSON, SQL and the manifest.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The variant with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|variant| variant.code() == code)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// What sort of purpose it is, as the laws tell purposes apart.
    PurposeKind {
        /// What the person asked for beyond a contract: a wish list, a saved search.
        Service = "service",
        /// Addressed advertising of the controller's own offer.
        Marketing = "marketing",
        /// Statistics on the use of the controller's own service.
        Analytics = "analytics",
        /// Offers and pages chosen from what is known about the person.
        Personalisation = "personalisation",
        /// Advertising chosen from behaviour, shown by or with others.
        Advertising = "advertising",
        /// Giving data to another controller, for money or not.
        Sharing = "sharing",
        /// Training of statistical or AI models.
        AiTraining = "ai-training",
        /// Rewards for returning customers.
        Loyalty = "loyalty",
        /// Necessity: performing a contract with the person.
        Contract = "contract",
        /// Necessity: keeping accounts and systems safe.
        Security = "security",
        /// Necessity: finding and stopping fraud.
        FraudPrevention = "fraud-prevention",
        /// Necessity: what a law obliges the controller to do.
        LegalDuty = "legal-duty",
        /// Necessity: raising or defending legal claims.
        LegalClaims = "legal-claims",
        /// Necessity: protecting somebody's life.
        VitalInterest = "vital-interest",
        /// Necessity: warning of a dangerous product.
        SafetyRecall = "safety-recall",
        /// Necessity: messages about an order or the account that carry no advertising.
        ServiceMessage = "service-message",
    }
}

impl PurposeKind {
    /// Whether this kind has no switch. Necessities are built in and cannot be widened.
    #[must_use]
    pub const fn is_necessity(self) -> bool {
        matches!(
            self,
            Self::Contract
                | Self::Security
                | Self::FraudPrevention
                | Self::LegalDuty
                | Self::LegalClaims
                | Self::VitalInterest
                | Self::SafetyRecall
                | Self::ServiceMessage
        )
    }

    /// Whether this kind advertises, so that an objection to marketing ends it for good (GDPR 21(3)).
    #[must_use]
    pub const fn is_marketing(self) -> bool {
        matches!(self, Self::Marketing | Self::Advertising)
    }
}

codes! {
    /// The legal ground a use stands on.
    Basis {
        /// The person agreed (GDPR 6(1)(a)).
        Consent = "consent",
        /// Needed for a contract with the person (GDPR 6(1)(b)).
        Contract = "contract",
        /// A law obliges the controller (GDPR 6(1)(c)).
        LegalObligation = "legal-obligation",
        /// Somebody's life is at stake (GDPR 6(1)(d)).
        VitalInterests = "vital-interests",
        /// A task in the public interest (GDPR 6(1)(e)).
        PublicTask = "public-task",
        /// Interests that outweigh the person's, by a documented balancing test (GDPR 6(1)(f)).
        LegitimateInterests = "legitimate-interests",
        /// A law that lets the use begin and the person opt out (most laws of US states).
        OptOutLaw = "opt-out-law",
        /// The rule for one's own customers and similar products (ePrivacy 13(2)).
        ExistingCustomer = "existing-customer",
    }
}

impl Basis {
    /// What the person can do about a use on this ground.
    #[must_use]
    pub const fn choice(self) -> Choice {
        match self {
            Self::Consent => Choice::Withdraw,
            Self::LegitimateInterests | Self::PublicTask => Choice::Object,
            Self::OptOutLaw | Self::ExistingCustomer => Choice::OptOut,
            Self::Contract | Self::LegalObligation | Self::VitalInterests => Choice::None,
        }
    }

    /// Whether standing on this ground allows more than consent would. Such a ground
    /// names the fact it relies on.
    #[must_use]
    pub const fn is_loosening(self) -> bool {
        matches!(self, Self::LegitimateInterests | Self::OptOutLaw | Self::ExistingCustomer)
    }
}

codes! {
    /// What a person can do about a use.
    Choice {
        /// Nothing happens before they agree; they may withdraw.
        Withdraw = "withdraw",
        /// They may object; direct marketing then ends at once.
        Object = "object",
        /// They may opt out.
        OptOut = "opt-out",
        /// There is no switch.
        None = "none",
    }
}
