//! The kinds of personal data that the packs tell apart (law/README.md, Categories).

use super::codes;

codes! {
    /// A kind of personal data, or of person, as the packs write it.
    Category {
        /// Every kind of personal data.
        Any = "any",
        /// Everything in the law's own `sensitive` section.
        Sensitive = "sensitive",
        /// Person below the age in the `age` section (mostly 13).
        Children = "children",
        /// Minor in the range of `ages`.
        Teen = "teen",
        /// Address, e-mail, phone used to reach a person.
        Contact = "contact",
        /// Storing on or reading from a person's device (cookies, SDKs).
        DeviceAccess = "device-access",
        /// Log-in with password or code.
        AccountCredentials = "account-credentials",
        /// Data collected to check age.
        AgeVerification = "age-verification",
        /// Use of apps.
        AppUsage = "app-usage",
        /// Philosophical or other belief that is not a religion.
        Belief = "belief",
        /// Biological data from body or functions.
        Biological = "biological",
        /// Biometric data that identify.
        BiometricId = "biometric-id",
        /// Pages visited, identifiers that show them.
        BrowsingHistory = "browsing-history",
        CardExpiry = "card-expiry",
        /// Full magnetic track or chip copy.
        CardFullTrack = "card-full-track",
        /// Name on card.
        CardHolderName = "card-holder-name",
        /// Payment card number.
        CardNumber = "card-number",
        /// PIN or PIN block.
        CardPin = "card-pin",
        CardServiceCode = "card-service-code",
        /// Printed card code.
        CardVerificationCode = "card-verification-code",
        /// Citizenship or immigration status.
        CitizenshipImmigration = "citizenship-immigration",
        /// Content of messages and calls.
        CommunicationsContent = "communications-content",
        /// High expectation of privacy by context.
        ContextHighExpectation = "context-high-expectation",
        /// Status as victim of a crime.
        CrimeVictim = "crime-victim",
        /// Offences, convictions, records.
        Criminal = "criminal",
        /// Maine ISP: customer data that are not personal information.
        CustomerOtherInformation = "customer-other-information",
        /// Maine ISP: customer personal information.
        CustomerPersonalInformation = "customer-personal-information",
        /// Device identifier.
        DeviceId = "device-id",
        /// Disability or treatment.
        Disability = "disability",
        /// Account, card, credit, income data.
        Financial = "financial",
        /// Sub-kind of biometric-id.
        Fingerprint = "fingerprint",
        /// Gender-affirming care.
        GenderAffirming = "gender-affirming",
        /// Genetic data.
        Genetic = "genetic",
        /// Passport, licence, tax, social-security or other number from a state.
        GovernmentId = "government-id",
        /// Sub-kind of biometric-id.
        HandOrFaceGeometry = "hand-or-face-geometry",
        /// Health condition, diagnosis, treatment.
        Health = "health",
        /// Health-insurance number and claims.
        HealthInsurance = "health-insurance",
        /// Health inferred from other data.
        InferredHealth = "inferred-health",
        /// Intimate sphere.
        Intimate = "intimate",
        IpAddress = "ip-address",
        /// Name with billing data.
        NameBilling = "name-billing",
        /// The one national personal number (Korea RRN), stricter than government-id.
        NationalId = "national-id",
        NationalOrigin = "national-origin",
        /// Neural data.
        Neural = "neural",
        /// US bank term for customer data.
        NonpublicPersonalInformation = "nonpublic-personal-information",
        /// Cookie or device number that follows a person.
        PersistentId = "persistent-id",
        /// US protected health information.
        Phi = "phi",
        /// Picture, voice or video of a child.
        PhotoAudioVideo = "photo-audio-video",
        /// Political opinion or membership.
        Political = "political",
        /// Location finer than the radius in the act (mostly 1,750 or 1,850 feet).
        PreciseLocation = "precise-location",
        /// Location that shows a visit to a health service.
        PreciseLocationNearHealth = "precise-location-near-health",
        /// Data usable only with separate key.
        Pseudonymised = "pseudonymised",
        /// Separate session notes.
        PsychotherapyNotes = "psychotherapy-notes",
        /// Race, ethnicity.
        RacialEthnic = "racial-ethnic",
        /// Religion.
        Religious = "religious",
        /// Reproductive or sexual health.
        Reproductive = "reproductive",
        /// Sub-kind of biometric-id.
        RetinaIris = "retina-iris",
        /// Sex life or orientation.
        SexLifeOrientation = "sex-life-orientation",
        SexualOrientation = "sexual-orientation",
        /// Welfare measures.
        SocialAssistance = "social-assistance",
        /// Social status (Japan).
        SocialStatus = "social-status",
        /// Specific identity (China).
        SpecificIdentity = "specific-identity",
        /// US part 2 treatment records.
        SubstanceUse = "substance-use",
        /// Union membership.
        TradeUnion = "trade-union",
        /// Transgender or non-binary status.
        TransgenderNonbinary = "transgender-nonbinary",
        /// Sub-kind of biometric-id.
        Voiceprint = "voiceprint",
    }
}
