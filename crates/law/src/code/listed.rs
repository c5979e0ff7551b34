//! Rights, triggers and metrics (law/README.md).

use super::codes;

codes! {
    /// What a person may ask for.
    Right {
        /// Confirm and get a copy.
        Access = "access",
        /// List of disclosures (HIPAA).
        AccountingOfDisclosures = "accounting-of-disclosures",
        /// Review of a refused request.
        Appeal = "appeal",
        /// Complaint to holder or authority.
        Complain = "complain",
        /// Other address or means of contact.
        ConfidentialCommunications = "confidential-communications",
        /// Rectify.
        Correct = "correct",
        /// Erase.
        Delete = "delete",
        /// How a decision or rule works.
        Explanation = "explanation",
        /// A person looks at an automated decision.
        HumanReview = "human-review",
        /// Be told about data obtained elsewhere.
        Inform = "inform",
        /// Limit use of sensitive data.
        LimitSensitive = "limit-sensitive",
        /// Who received the data.
        ListThirdParties = "list-third-parties",
        /// Name someone for death or incapacity.
        Nominate = "nominate",
        /// No disadvantage for using rights.
        NonDiscrimination = "non-discrimination",
        /// Object to processing.
        Object = "object",
        /// Stop direct marketing.
        ObjectMarketing = "object-marketing",
        /// Opt out of automated decisions.
        OptOutAutomatedDecision = "opt-out-automated-decision",
        /// Opt out of significant profiling.
        OptOutProfiling = "opt-out-profiling",
        /// Opt out of sale (and sharing in California).
        OptOutSale = "opt-out-sale",
        /// Opt out of giving data to non-affiliates.
        OptOutSharing = "opt-out-sharing",
        /// Opt out of targeted advertising.
        OptOutTargetedAds = "opt-out-targeted-ads",
        /// Machine-readable copy or transfer.
        Portability = "portability",
        /// Freeze use.
        Restrict = "restrict",
        /// Take consent back.
        WithdrawConsent = "withdraw-consent",
    }
}

codes! {
    /// What makes a breach one that must be told.
    BreachTrigger {
        /// Access is enough.
        Access = "access",
        /// Someone without right obtained data (or is believed to).
        Acquisition = "acquisition",
        /// Likely to affect privacy.
        AdverseEffect = "adverse-effect",
        /// Every breach of the covered data.
        Any = "any",
        /// Incident grade in the rules (China).
        GradedIncident = "graded-incident",
        /// High risk likely.
        HighRisk = "high-risk",
        /// Cases listed in the rules.
        ListedCases = "listed-cases",
        /// Incident that harms operations (US banks).
        MaterialIncident = "material-incident",
        /// No duty.
        None = "none",
        /// People must be able to protect themselves.
        ProtectionNeeded = "protection-needed",
        /// Real risk of significant harm.
        RealRiskSignificantHarm = "real-risk-significant-harm",
        /// Relevant risk or damage (Brazil).
        RelevantRisk = "relevant-risk",
        /// Unless no risk is likely.
        Risk = "risk",
        /// Serious harm likely.
        SeriousHarm = "serious-harm",
        /// Risk of serious injury.
        SeriousInjury = "serious-injury",
        /// Possible leak not yet confirmed.
        Suspected = "suspected",
        /// Unsecured health information.
        UnsecuredPhi = "unsecured-phi",
        /// Unsecured personal health record.
        UnsecuredPhr = "unsecured-phr",
    }
}

codes! {
    /// What makes an assessment due.
    AssessmentTrigger {
        /// Holding electronic health information.
        AnyElectronicPhi = "any-electronic-phi",
        /// On a list of the authority.
        AuthorityList = "authority-list",
        /// The authority asks.
        AuthorityRequest = "authority-request",
        /// Automated decisions.
        AutomatedDecision = "automated-decision",
        /// Inferences from presence at sensitive places.
        AutomatedInferenceLocation = "automated-inference-location",
        /// Service children are likely to use.
        ChildrenOnlineService = "children-online-service",
        /// Heightened risk of harm.
        HeightenedRisk = "heightened-risk",
        /// High-risk AI by public bodies, credit or life and health insurance.
        HighRiskAiPublicOrCreditInsurance = "high-risk-ai-public-or-credit-insurance",
        /// Large-scale monitoring of public places.
        LargeScalePublicMonitoring = "large-scale-public-monitoring",
        /// Sensitive data on a large scale.
        LargeScaleSensitive = "large-scale-sensitive",
        /// Basis is legitimate interest.
        LegitimateInterests = "legitimate-interests",
        /// New or changed system.
        NewSystem = "new-system",
        /// Entrusting a processor.
        Processor = "processor",
        /// Profiling with foreseeable risk.
        ProfilingRisk = "profiling-risk",
        /// Standing compliance duty.
        Programme = "programme",
        /// Public bodies only.
        PublicBody = "public-body",
        /// Research without consent.
        Research = "research",
        Sale = "sale",
        /// Sensitive data.
        Sensitive = "sensitive",
        /// Giving to third parties or publishing.
        Sharing = "sharing",
        /// Designated large holder (India).
        SignificantFiduciary = "significant-fiduciary",
        /// Processing with significant security risk.
        SignificantSecurityRisk = "significant-security-risk",
        TargetedAdvertising = "targeted-advertising",
        /// Training of decision, face or emotion systems.
        TrainingAdmtOrBiometric = "training-admt-or-biometric",
        /// Sending abroad.
        Transfer = "transfer",
    }
}

codes! {
    /// A fact about the controller that a condition of application asks for.
    Metric {
        /// Stores on or reads from devices.
        AccessesTerminalEquipment = "accesses-terminal-equipment",
        /// Knows a user is a child.
        ActualKnowledgeChild = "actual-knowledge-child",
        /// AI system placed, used, or its output used there.
        AiSystemOutputUsed = "ai-system-output-used",
        /// Yearly gross revenue in dollars.
        AnnualRevenueUsd = "annual-revenue-usd",
        /// Yearly turnover in Australian dollars.
        AnnualTurnoverAud = "annual-turnover-aud",
        /// Calls or texts people there.
        CallsOrTexts = "calls-or-texts",
        /// Commercial activity in the territory.
        CommercialActivity = "commercial-activity",
        /// People, households or devices a year.
        ConsumersHouseholdsDevices = "consumers-households-devices",
        /// People or households a year.
        ConsumersOrHouseholds = "consumers-or-households",
        /// People whose data are processed in a year.
        ConsumersPerYear = "consumers-per-year",
        /// Service directed to children.
        DirectedToChildren = "directed-to-children",
        /// Does business there.
        DoesBusiness = "does-business",
        /// Does business there or targets residents.
        DoesBusinessOrTargets = "does-business-or-targets",
        /// Processing has effect there.
        Effect = "effect",
        /// Belongs to the named kinds of entity (text).
        EntityType = "entity-type",
        /// Established there.
        Establishment = "establishment",
        /// Stores, processes or sends card data.
        HandlesPaymentCards = "handles-payment-cards",
        /// Holds covered data of residents.
        HoldsResidentPersonalInformation = "holds-resident-personal-information",
        /// Ad revenue, app store or voice assistant (Florida).
        LargePlatformActivity = "large-platform-activity",
        /// Offers personal data for sale.
        OffersDataForSale = "offers-data-for-sale",
        /// Offers to or monitors people there.
        OffersToOrMonitorsPeople = "offers-to-or-monitors-people",
        /// Site or service that collects data of residents.
        OperatesWebsiteCollectingData = "operates-website-collecting-data",
        /// Holds biometric identifiers.
        ProcessesBiometrics = "processes-biometrics",
        ProcessesConsumerHealthData = "processes-consumer-health-data",
        /// Processes data of minors.
        ProcessesMinorsData = "processes-minors-data",
        ProcessesSensitiveData = "processes-sensitive-data",
        /// Internet access provider.
        ProvidesBroadband = "provides-broadband",
        /// Percent of revenue from selling data.
        RevenuePercentFromSale = "revenue-percent-from-sale",
        /// Small business under federal size rules.
        SbaSmallBusiness = "sba-small-business",
        /// Collects, stores and sells through a site.
        SellsDataOnline = "sells-data-online",
        /// Data broker.
        SellsDataWithoutDirectRelationship = "sells-data-without-direct-relationship",
        SellsSensitiveData = "sells-sensitive-data",
        SendsCommercialEmail = "sends-commercial-email",
        SendsElectronicMarketing = "sends-electronic-marketing",
        /// People whose sensitive data are processed in a year.
        SensitiveConsumersPerYear = "sensitive-consumers-per-year",
        /// People whose data are sold in a year.
        SoldConsumersPerYear = "sold-consumers-per-year",
    }
}
