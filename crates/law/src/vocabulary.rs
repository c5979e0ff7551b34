//! How the codes of the packs and the words of the manifest stand to one another.
//!
//! Categories and kinds of purpose carry their codes in the manifest's own tables
//! (`crates/model/src/taxonomy/`); here is what follows from a code, and where the codes come
//! from that no table carries. `docs/taxonomy.md` explains, and tests hold both ways complete.

use model::{Basis, Channel, PurposeKind, taxonomy};

use crate::code::{Alternative, Category, Purpose, Reach};
use crate::set::{Categories, Purposes};

/// What a category is a part of: a fact on the wider one covers the narrower too.
#[must_use]
pub const fn part_of(category: Category) -> Option<Category> {
    use Category as C;
    match category {
        C::Fingerprint | C::RetinaIris | C::Voiceprint | C::HandOrFaceGeometry => Some(C::BiometricId),
        C::NationalId => Some(C::GovernmentId),
        C::InferredHealth
        | C::Reproductive
        | C::GenderAffirming
        | C::Disability
        | C::HealthInsurance
        | C::Phi => Some(C::Health),
        C::PsychotherapyNotes | C::SubstanceUse => Some(C::Phi),
        C::SexualOrientation => Some(C::SexLifeOrientation),
        C::PreciseLocationNearHealth => Some(C::PreciseLocation),
        C::CardFullTrack
        | C::CardPin
        | C::CardVerificationCode
        | C::CardNumber
        | C::CardExpiry
        | C::CardHolderName
        | C::CardServiceCode => Some(C::Financial),
        C::DeviceId => Some(C::PersistentId),
        _ => None,
    }
}

/// What a purpose is a case of: a fact on the wider one covers the narrower too.
#[must_use]
pub const fn case_of(purpose: Purpose) -> Option<Purpose> {
    use Purpose as P;
    match purpose {
        P::Sale => Some(P::SharingThirdParty),
        P::ProfilingSignificant | P::ProfilingHighRisk => Some(P::Profiling),
        P::DirectMarketingCorporate | P::DirectMarketingWirelessDomain | P::AffiliateMarketing => {
            Some(P::DirectMarketing)
        }
        _ => None,
    }
}

/// A category with everything it is part of.
#[must_use]
pub fn widened(category: Category) -> Categories {
    let mut set = Categories::EMPTY.with(category);
    let mut at = category;
    while let Some(wider) = part_of(at) {
        set = set.with(wider);
        at = wider;
    }
    set
}

/// A purpose with everything it is a case of.
#[must_use]
pub fn purpose_widened(purpose: Purpose) -> Purposes {
    let mut set = Purposes::EMPTY.with(purpose);
    let mut at = purpose;
    while let Some(wider) = case_of(at) {
        set = set.with(wider);
        at = wider;
    }
    set
}

/// The codes of a category of the manifest's taxonomy, with everything they are part of.
/// An unknown code cannot be in the table: a test reads it whole.
#[must_use]
pub fn category_codes(category: &taxonomy::Category) -> Categories {
    let codes = category.law_codes.iter().filter_map(|code| Category::from_code(code));
    codes.fold(Categories::EMPTY, |set, code| set.or(widened(code)))
}

/// The codes of a kind of purpose: each of them is looked up by itself.
#[must_use]
pub fn purpose_codes(kind: PurposeKind) -> Vec<Purpose> {
    taxonomy::purpose_kind(kind)
        .map(|entry| entry.law_codes.iter().filter_map(|code| Purpose::from_code(code)).collect())
        .unwrap_or_default()
}

/// The ways of the packs by which a channel reaches people. A call may be made by a person or
/// a machine: whoever knows which narrows it. No pack has a code for letters; what holds for
/// `any` way holds for them.
#[must_use]
pub const fn reaches(channel: Channel) -> &'static [Reach] {
    match channel {
        Channel::Email => &[Reach::Email],
        Channel::Sms => &[Reach::Sms],
        Channel::Phone => &[Reach::PhoneLive, Reach::PhoneAutomated],
        Channel::Push => &[Reach::Push],
        Channel::Post => &[],
    }
}

/// Where a code comes from that no category of the manifest carries.
#[must_use]
pub const fn category_otherwise(category: Category) -> Option<&'static str> {
    use Category as C;
    Some(match category {
        C::Sensitive => "each law's own list of sensitive categories",
        C::Children | C::Teen => "the age of the person",
        C::CustomerPersonalInformation | C::CustomerOtherInformation => {
            "every category, under the law of a broadband provider: what is pseudonymised is the other \
             information"
        }
        C::NonpublicPersonalInformation => "every category, at a financial institution",
        C::DeviceAccess => "the use stores on or reads from the person's device",
        _ => return None,
    })
}

/// Where a purpose's code comes from that no kind of purpose carries.
#[must_use]
pub const fn purpose_otherwise(purpose: Purpose) -> Option<&'static str> {
    use Purpose as P;
    Some(match purpose {
        P::ConsentBased => "conditions on consent itself; no use has it",
        P::SecondaryIncompatible => "the use was not disclosed and is not compatible",
        P::ProfilingSignificant => "the purpose helps to decide, with a legal or significant effect",
        P::AutomatedDecision => "the purpose decides alone, with a legal or significant effect",
        P::ProfilingHighRisk => "the purpose profiles sensitive categories",
        P::Sale => "a recipient gives money or other value",
        P::AffiliateMarketing => "the data come from an affiliate",
        P::CrossBorderTransfer => "a recipient is in another country",
        P::Collection => "the value is taken in",
        P::Storage => "the value is kept",
        P::ExcessCollection => "more is asked than the service needs",
        P::OnlineService => "the use rests on the consent of a child",
        P::Preferences => "a device keeps appearance and settings the person chose",
        P::SoftwareInstall => "a program is installed",
        P::TrackingNearHealthFacility => "a geofence lies around health services",
        P::ValueAddedService => "a service on top of communication uses location",
        P::DirectMarketingAccountNumber => "account numbers go to others for marketing",
        P::DirectMarketingCorporate => "the address is a company's",
        P::DirectMarketingWirelessDomain => "the address is a mobile phone's",
        P::BiasDetection => "bias of a model is looked for",
        P::Research => "the purpose is research or statistics",
        P::FacilityDirectory | P::TreatmentPaymentOperations => "a health provider's own operations",
        P::Fundraising => "donations are asked for",
        _ => return None,
    })
}

/// What may stand in the place of consent where a purpose of this kind stands on this basis,
/// law by law: the contract of one law is the requested service of another. Nothing here needs
/// a document beyond what the manifest says; research, an authority's approval and the like do,
/// and are the caller's to add.
#[must_use]
pub fn grounds(kind: PurposeKind, basis: Basis) -> Vec<Alternative> {
    use Alternative as A;
    let mut grounds = match basis {
        Basis::Consent | Basis::OptOutLaw => vec![],
        Basis::ExistingCustomer => vec![A::Implied],
        Basis::Contract => vec![
            A::Contract,
            A::NecessaryForRequestedService,
            A::StrictlyNecessaryForRequestedService,
            A::StrictlyNecessaryListedPurposes,
            A::ListedLegitimateUses,
            A::Implied,
            A::Billing,
            A::InternalOperations,
            A::TransmissionOnly,
        ],
        Basis::LegalObligation => vec![
            A::LegalObligation,
            A::StatutoryException,
            A::ListedLegitimateUses,
            A::StrictlyNecessaryListedPurposes,
            A::CourtOrder,
        ],
        Basis::VitalInterests => vec![
            A::VitalInterests,
            A::PublicHealth,
            A::Safety,
            A::EmergencyLocation,
            A::StatutoryException,
            A::ListedLegitimateUses,
            A::StrictlyNecessaryListedPurposes,
        ],
        Basis::PublicTask => vec![A::PublicTask, A::StatutoryException, A::ListedLegitimateUses],
        Basis::LegitimateInterests => {
            vec![A::LegitimateInterests, A::OverridingInterest]
        }
    };
    let by_kind: &[A] = match kind {
        PurposeKind::FraudPrevention => &[
            A::FraudPrevention,
            A::CreditProtection,
            A::InternalOperations,
            A::StrictlyNecessaryListedPurposes,
        ],
        PurposeKind::Security => {
            &[A::Safety, A::FraudPrevention, A::InternalOperations, A::StrictlyNecessaryListedPurposes]
        }
        PurposeKind::LegalClaims => &[A::LegalClaims, A::StrictlyNecessaryListedPurposes],
        PurposeKind::SafetyRecall => &[A::Safety, A::VitalInterests, A::StatutoryException],
        PurposeKind::ServiceMessage => &[A::OneTimeContact, A::NecessaryForRequestedService],
        _ => &[],
    };
    grounds.extend(by_kind);
    grounds.sort_unstable();
    grounds.dedup();
    grounds
}

/// What the manifest calls an alternative, for messages: the basis it goes with, or what the
/// controller must be able to show.
#[must_use]
pub const fn alternative_means(alternative: Alternative) -> &'static str {
    use Alternative as A;
    match alternative {
        A::Contract => "basis `contract`",
        A::LegalObligation | A::CourtOrder => "basis `legal-obligation`",
        A::VitalInterests | A::PublicHealth | A::EmergencyLocation => "basis `vital-interests`",
        A::PublicTask => "basis `public-task`",
        A::LegitimateInterests | A::RecognisedLegitimateInterests | A::OverridingInterest => {
            "basis `legitimate-interests`, with its test"
        }
        A::NecessaryForRequestedService
        | A::StrictlyNecessaryForRequestedService
        | A::TransmissionOnly
        | A::Billing
        | A::InternalOperations => "basis `contract`: the requested service needs it",
        A::StrictlyNecessaryListedPurposes | A::StrictlyNecessaryWithSafeguards | A::ListedLegitimateUses => {
            "a use that the law lists"
        }
        A::StatutoryException | A::Dpa2018Schedule1 => "an exception of a statute",
        A::FraudPrevention | A::CreditProtection => "kind `fraud-prevention`",
        A::Safety => "kind `security` or `safety-recall`",
        A::LegalClaims => "kind `legal-claims`",
        A::OneTimeContact => "kind `service-message`",
        A::Implied => "basis `existing-customer`, with its evidence",
        A::Employment => "a duty of employment law",
        A::HealthCare | A::TreatmentByOriginator | A::TreatmentPaymentOperations => {
            "care by a health provider"
        }
        A::PublicData => "data the person made public",
        A::Research | A::Waiver | A::LimitedDataSet => "research, with its safeguards",
        A::CompatiblePurpose => "a compatible purpose, documented",
        A::BestInterestOfChild => "the best interest of the child, documented",
        A::Adequacy | A::Safeguards | A::Certification | A::ContractOutsourcingDisclosed => {
            "a transfer mechanism of the recipient"
        }
        A::FiledOptOut | A::AuthorityApproval => "an act of the authority",
        A::OwnCommunicationsMarketing => "marketing of the provider's own communications services",
        A::DeIdentified | A::Pseudonymised => "data without direct identifiers",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::taxonomy::{categories, purpose_kinds};

    use super::*;

    #[test]
    fn every_code_of_the_manifests_tables_is_one_of_the_packs() {
        for category in categories() {
            for code in &category.law_codes {
                assert!(Category::from_code(code).is_some(), "{}: {code}", category.name);
            }
            assert!(!category_codes(category).is_empty(), "{}", category.name);
        }
        for entry in purpose_kinds() {
            assert_eq!(purpose_codes(entry.kind).len(), entry.law_codes.len(), "{}", entry.kind);
        }
    }

    #[test]
    fn every_category_of_the_packs_is_reached_from_the_manifest_or_says_how_else() {
        let reached: BTreeSet<Category> =
            categories().iter().flat_map(|c| category_codes(c).codes()).collect();
        for category in Category::ALL {
            let otherwise = category_otherwise(*category);
            assert!(reached.contains(category) || otherwise.is_some(), "no way to `{category}`");
        }
    }

    #[test]
    fn every_purpose_of_the_packs_is_reached_from_the_manifest_or_says_how_else() {
        let reached: BTreeSet<Purpose> =
            PurposeKind::ALL.iter().flat_map(|kind| purpose_codes(*kind)).collect();
        for purpose in Purpose::ALL {
            let otherwise = purpose_otherwise(*purpose);
            assert!(reached.contains(purpose) || otherwise.is_some(), "no way to `{purpose}`");
        }
    }

    #[test]
    fn every_way_of_the_packs_is_a_channel_but_fax() {
        let reached: BTreeSet<Reach> =
            Channel::ALL.iter().flat_map(|channel| reaches(*channel)).copied().collect();
        let missing: Vec<Reach> =
            Reach::ALL.iter().copied().filter(|reach| !reached.contains(reach)).collect();
        assert_eq!(missing, [Reach::Fax, Reach::Any]);
    }

    #[test]
    fn parts_never_go_in_a_circle() {
        for category in Category::ALL {
            let mut at = Some(*category);
            for _ in 0..=Category::ALL.len() {
                at = at.and_then(part_of);
            }
            assert_eq!(at, None, "{category}");
        }
        for purpose in Purpose::ALL {
            let mut at = Some(*purpose);
            for _ in 0..=Purpose::ALL.len() {
                at = at.and_then(case_of);
            }
            assert_eq!(at, None, "{purpose}");
        }
    }

    #[test]
    fn a_contract_is_a_ground_of_its_own_under_each_law() {
        let grounds = grounds(PurposeKind::Contract, Basis::Contract);
        assert!(grounds.contains(&Alternative::Contract), "GDPR");
        assert!(grounds.contains(&Alternative::NecessaryForRequestedService), "Quebec");
        assert!(grounds.contains(&Alternative::ListedLegitimateUses), "India");
        assert!(super::grounds(PurposeKind::Marketing, Basis::Consent).is_empty());
    }
}
