//! What starts a period (law/README.md, `breach.clock` and `right.clock`).

use super::codes;

codes! {
    /// The event a law counts from.
    Event {
        /// A request or refusal came in.
        Receipt = "receipt",
        /// The person was authenticated.
        Authentication = "authentication",
        /// Data were obtained.
        Collection = "collection",
        /// A breach was discovered.
        Discovery = "discovery",
        /// A breach was detected.
        Detection = "detection",
        /// The holder became aware.
        Aware = "aware",
        /// The holder knew or should have known.
        KnowsOrShould = "knows-or-should",
        /// It was determined that there is a breach.
        Determination = "determination",
        /// A breach was confirmed.
        Confirmation = "confirmation",
        /// There are grounds to believe that the breach must be reported (Australia).
        BelieveEligible = "believe-eligible",
        /// Aware, and the extent is known.
        AwareAndScopeIdentified = "aware-and-scope-identified",
        /// Aware that personal data are affected (Brazil).
        AwareThatPersonalDataAffected = "aware-that-personal-data-affected",
        /// Misuse was found.
        MisuseFound = "misuse-found",
        /// The statement for the authority is ready (Australia).
        StatementReady = "statement-ready",
        /// The people were told.
        NoticeToPeople = "notice-to-people",
        /// The moment at which the people are told: this must happen before.
        BeforePeople = "before-people",
        /// The end of the calendar year in which the event happened.
        EndOfCalendarYear = "end-of-calendar-year",
        /// The law names nothing that starts a period.
        None = "none",
    }
}

impl Event {
    /// The event as words that stand after "from".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Authentication => "authentication of the person",
            Self::Collection => "obtaining the data",
            Self::Discovery => "discovery",
            Self::Detection => "detection",
            Self::Aware => "becoming aware",
            Self::KnowsOrShould => "knowing, or when it should have been known",
            Self::Determination => "determining that there is a breach",
            Self::Confirmation => "confirmation",
            Self::BelieveEligible => "grounds to believe that it must be reported",
            Self::AwareAndScopeIdentified => "becoming aware of breach and extent",
            Self::AwareThatPersonalDataAffected => "becoming aware that personal data are affected",
            Self::MisuseFound => "finding misuse",
            Self::StatementReady => "completing the statement",
            Self::NoticeToPeople => "telling the people",
            Self::BeforePeople => "the moment at which the people are told",
            Self::EndOfCalendarYear | Self::None => "the event",
        }
    }
}
