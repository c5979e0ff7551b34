//! The reasons of use that the packs tell apart (law/README.md, Purposes).

use super::codes;

codes! {
    /// A reason of use as the packs write it.
    Purpose {
        /// Every purpose.
        Any = "any",
        /// Deliver what the person asked for.
        ServiceDelivery = "service-delivery",
        /// No purpose: conditions on consent itself (revoking, refreshing, design); never decides a model.
        ConsentBased = "consent-based",
        /// Any purpose neither disclosed at collection nor compatible with it.
        SecondaryIncompatible = "secondary-incompatible",
        /// Addressed advertising of the own offer.
        DirectMarketing = "direct-marketing",
        /// Advertising chosen from behaviour across services.
        TargetedAdvertising = "targeted-advertising",
        /// Statistics on use of the own service.
        Analytics = "analytics",
        /// Giving data for money or other value.
        Sale = "sale",
        /// Giving data to another controller (not a processor).
        SharingThirdParty = "sharing-third-party",
        /// Training of AI or statistical models.
        ModelTraining = "model-training",
        /// Evaluating a person.
        Profiling = "profiling",
        /// Profiling for decisions with legal or similar effect.
        ProfilingSignificant = "profiling-significant",
        /// Decision without a person, with legal or similar effect.
        AutomatedDecision = "automated-decision",
        /// Use of an affiliate's data for marketing.
        AffiliateMarketing = "affiliate-marketing",
        /// Finding and correcting bias in AI.
        BiasDetection = "bias-detection",
        /// Acquiring the data.
        Collection = "collection",
        /// Sending abroad, as far as consent matters.
        CrossBorderTransfer = "cross-border-transfer",
        /// Giving account numbers to others for marketing.
        DirectMarketingAccountNumber = "direct-marketing-account-number",
        /// The same to companies, not persons.
        DirectMarketingCorporate = "direct-marketing-corporate",
        /// Mail to US phone-domain addresses.
        DirectMarketingWirelessDomain = "direct-marketing-wireless-domain",
        /// Finding a device in an emergency.
        Emergency = "emergency",
        /// Asking more than needed.
        ExcessCollection = "excess-collection",
        /// Patient directory.
        FacilityDirectory = "facility-directory",
        /// Price or service difference for data.
        FinancialIncentive = "financial-incentive",
        /// Donation appeals.
        Fundraising = "fundraising",
        /// Non-marketing messages.
        Informational = "informational",
        /// Online service offered to a child.
        OnlineService = "online-service",
        /// Appearance and settings the user chose.
        Preferences = "preferences",
        /// Profiling with essential traits (Switzerland).
        ProfilingHighRisk = "profiling-high-risk",
        /// Research and statistics.
        Research = "research",
        /// Installing programs.
        SoftwareInstall = "software-install",
        /// Keeping at all.
        Storage = "storage",
        /// Geofence around health facilities.
        TrackingNearHealthFacility = "tracking-near-health-facility",
        /// US health treatment, payment, operations.
        TreatmentPaymentOperations = "treatment-payment-operations",
        /// Location or traffic service on top of communication.
        ValueAddedService = "value-added-service",
    }
}
