//! The shorter lists of codes (law/README.md, Other codes).

use super::codes;

codes! {
    /// In which form consent must come.
    Strength {
        /// Clear act.
        Standard = "standard",
        Explicit = "explicit",
        /// Stated in words or a clear sign.
        Express = "express",
        /// Own request, not bundled.
        Separate = "separate",
        /// Signed or recorded document.
        Written = "written",
        Parental = "parental",
        Implied = "implied",
    }
}

codes! {
    /// A ground or need that stands in the place of consent.
    Alternative {
        Contract = "contract",
        LegalObligation = "legal-obligation",
        VitalInterests = "vital-interests",
        PublicTask = "public-task",
        LegitimateInterests = "legitimate-interests",
        RecognisedLegitimateInterests = "recognised-legitimate-interests",
        Employment = "employment",
        HealthCare = "health-care",
        PublicHealth = "public-health",
        LegalClaims = "legal-claims",
        PublicData = "public-data",
        Research = "research",
        CompatiblePurpose = "compatible-purpose",
        Dpa2018Schedule1 = "dpa2018-schedule-1",
        BestInterestOfChild = "best-interest-of-child",
        NecessaryForRequestedService = "necessary-for-requested-service",
        StrictlyNecessaryForRequestedService = "strictly-necessary-for-requested-service",
        StrictlyNecessaryListedPurposes = "strictly-necessary-listed-purposes",
        StrictlyNecessaryWithSafeguards = "strictly-necessary-with-safeguards",
        TransmissionOnly = "transmission-only",
        Billing = "billing",
        InternalOperations = "internal-operations",
        OneTimeContact = "one-time-contact",
        Safety = "safety",
        FraudPrevention = "fraud-prevention",
        CreditProtection = "credit-protection",
        EmergencyLocation = "emergency-location",
        CourtOrder = "court-order",
        Adequacy = "adequacy",
        Safeguards = "safeguards",
        Certification = "certification",
        ContractOutsourcingDisclosed = "contract-outsourcing-disclosed",
        Implied = "implied",
        StatutoryException = "statutory-exception",
        ListedLegitimateUses = "listed-legitimate-uses",
        OverridingInterest = "overriding-interest",
        FiledOptOut = "filed-opt-out",
        AuthorityApproval = "authority-approval",
        OwnCommunicationsMarketing = "own-communications-marketing",
        DeIdentified = "de-identified",
        LimitedDataSet = "limited-data-set",
        Pseudonymised = "pseudonymised",
        Waiver = "waiver",
        TreatmentByOriginator = "treatment-by-originator",
        TreatmentPaymentOperations = "treatment-payment-operations",
    }
}

codes! {
    /// A way by which a person is reached, as the packs write it.
    Reach {
        Email = "email",
        Sms = "sms",
        /// App messages too.
        Push = "push",
        PhoneLive = "phone-live",
        /// Recorded or machine calls.
        PhoneAutomated = "phone-automated",
        Fax = "fax",
        Any = "any",
    }
}

codes! {
    /// A rule under which a message needs no consent.
    Exception {
        ExistingCustomerSimilarProducts = "existing-customer-similar-products",
        ExistingCustomerSimilarProducts6mo = "existing-customer-similar-products-6mo",
        ImpliedConsent2yPurchase6moInquiry = "implied-consent-2y-purchase-6mo-inquiry",
    }
}

codes! {
    /// A register of people who do not want to be called or written to.
    Registry {
        UsDnc = "US-DNC",
        CaDncl = "CA-DNCL",
        GbTps = "GB-TPS",
        AuDncr = "AU-DNCR",
        /// Directory mark.
        ChAsterisk = "CH-ASTERISK",
        InNcpr = "IN-NCPR",
        BrNmp = "BR-NMP",
    }
}

codes! {
    /// Who is told of a breach.
    BreachTo {
        Authority = "authority",
        Individuals = "individuals",
        /// Vendor to owner.
        Controller = "controller",
        Media = "media",
        ConsumerReportingAgencies = "consumer-reporting-agencies",
        None = "none",
    }
}

codes! {
    /// From when the time to tell of a breach runs.
    BreachClock {
        Discovery = "discovery",
        Detection = "detection",
        Aware = "aware",
        KnowsOrShould = "knows-or-should",
        Determination = "determination",
        Confirmation = "confirmation",
        BelieveEligible = "believe-eligible",
        AwareAndScopeIdentified = "aware-and-scope-identified",
        AwareThatPersonalDataAffected = "aware-that-personal-data-affected",
        MisuseFound = "misuse-found",
        StatementReady = "statement-ready",
        NoticeToPeople = "notice-to-people",
        /// Earlier than the notice to people.
        BeforePeople = "before-people",
        EndOfCalendarYear = "end-of-calendar-year",
        None = "none",
    }
}

codes! {
    /// From when the time to answer a request runs.
    RightClock {
        Receipt = "receipt",
        Authentication = "authentication",
        Collection = "collection",
    }
}

codes! {
    /// What a transfer abroad rests on.
    Mechanism {
        None = "none",
        Adequacy = "adequacy",
        Safeguards = "safeguards",
        Derogations = "derogations",
        Assessment = "assessment",
        GovernmentAssessment = "government-assessment",
        Accountability = "accountability",
        Transparency = "transparency",
        NegativeList = "negative-list",
        Exempt = "exempt",
    }
}

codes! {
    /// What a term of keeping is about.
    RetentionSubject {
        Any = "any",
        Sensitive = "sensitive",
        Children = "children",
        BiometricId = "biometric-id",
        CardNumber = "card-number",
        CustomerInformation = "customer-information",
        ConsentProof = "consent-proof",
        SuppressionList = "suppression-list",
        OptOutList = "opt-out-list",
        RequestLog = "request-log",
        BreachRecord = "breach-record",
        Assessment = "assessment",
        AuditLog = "audit-log",
        ProcessingLogs = "processing-logs",
        AiLogs = "ai-logs",
        TechnicalDocumentation = "technical-documentation",
        PoliciesAndRecords = "policies-and-records",
        TransferRecord = "transfer-record",
    }
}

codes! {
    /// A standing duty.
    DutyKind {
        SecurityProgram = "security-program",
        Encryption = "encryption",
        Masking = "masking",
        AccessControl = "access-control",
        Mfa = "mfa",
        Audit = "audit",
        AuditLog = "audit-log",
        WebIntegrity = "web-integrity",
        IncidentPlan = "incident-plan",
        Training = "training",
        Policy = "policy",
        /// Record of processing.
        Ropa = "ropa",
        RequestLog = "request-log",
        RequestMethods = "request-methods",
        Metrics = "metrics",
        BreachRegister = "breach-register",
        Dpo = "dpo",
        Representative = "representative",
        Registration = "registration",
        ByDesignDefault = "by-design-default",
        DataGovernance = "data-governance",
    }
}

codes! {
    /// With whom a contract is due.
    Counterpart {
        Processor = "processor",
        ServiceProvider = "service-provider",
        ThirdParty = "third-party",
        JointController = "joint-controller",
        BusinessAssociate = "business-associate",
    }
}

codes! {
    /// A notice that a law wants.
    NoticeKind {
        PrivacyPolicy = "privacy-policy",
        AtCollection = "at-collection",
        IndirectCollection = "indirect-collection",
        Change = "change",
        OptOutNotice = "opt-out-notice",
        InMessage = "in-message",
        FinancialIncentive = "financial-incentive",
        FinancialPrivacyNotice = "financial-privacy-notice",
        NoticeOfPrivacyPractices = "notice-of-privacy-practices",
        HealthPrivacyPolicy = "health-privacy-policy",
        DirectToParent = "direct-to-parent",
        PointOfSale = "point-of-sale",
        PublicRetentionPolicy = "public-retention-policy",
        PublicSummary = "public-summary",
        AiInteraction = "ai-interaction",
        AiOutput = "ai-output",
    }
}

codes! {
    /// What a penalty is counted by.
    PenaltyPer {
        Violation = "violation",
        Infringement = "infringement",
        Offence = "offence",
        Contravention = "contravention",
        Instance = "instance",
        Message = "message",
        CallOrMessage = "call-or-message",
        ConsumerIncident = "consumer-incident",
        Disclosure = "disclosure",
        PersonAndMethod = "person-and-method",
        YearIdenticalViolations = "year-identical-violations",
        Day = "day",
    }
}

codes! {
    /// What a signal of a browser stops.
    SignalEffect {
        OptOutSale = "opt-out-sale",
        OptOutTargetedAds = "opt-out-targeted-ads",
    }
}
