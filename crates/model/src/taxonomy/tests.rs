//! Every entry of the taxonomies is complete and known to the other vocabularies.

use std::collections::BTreeSet;

use super::*;

/// The categories that the law data knows (its README, "Categories").
const LAW_CATEGORIES: &str = "\
     any sensitive children teen contact device-access account-credentials age-verification \
     app-usage belief biological biometric-id browsing-history card-expiry card-full-track \
     card-holder-name card-number card-pin card-service-code card-verification-code \
     citizenship-immigration communications-content context-high-expectation crime-victim \
     criminal customer-other-information customer-personal-information device-id disability \
     financial fingerprint gender-affirming genetic government-id hand-or-face-geometry health \
     health-insurance inferred-health intimate ip-address name-billing national-id \
     national-origin neural nonpublic-personal-information persistent-id phi photo-audio-video \
     political precise-location precise-location-near-health pseudonymised psychotherapy-notes \
     racial-ethnic religious reproductive retina-iris sex-life-orientation sexual-orientation \
     social-assistance social-status specific-identity substance-use trade-union \
     transgender-nonbinary voiceprint";

/// The purposes that the law data knows (its README, "Purposes").
const LAW_PURPOSES: &str = "\
     any service-delivery consent-based secondary-incompatible direct-marketing \
     targeted-advertising analytics sale sharing-third-party model-training profiling \
     profiling-significant automated-decision affiliate-marketing bias-detection collection \
     cross-border-transfer direct-marketing-account-number direct-marketing-corporate \
     direct-marketing-wireless-domain emergency excess-collection facility-directory \
     financial-incentive fundraising informational online-service preferences \
     profiling-high-risk research software-install storage tracking-near-health-facility \
     treatment-payment-operations value-added-service";

/// fideslang 3.1.4, data categories (Ethyca Inc., CC-BY-4.0).
const FIDESLANG_CATEGORIES: &str = "\
     system system.authentication system.operations user user.account user.account.settings \
     user.account.username user.authorization user.authorization.biometric \
     user.authorization.credentials user.authorization.password user.behavior \
     user.behavior.browsing_history user.behavior.media_consumption \
     user.behavior.purchase_history user.behavior.search_history user.biometric \
     user.biometric.fingerprint user.biometric.health user.biometric.retinal \
     user.biometric.voice user.childrens user.contact user.contact.address \
     user.contact.address.city user.contact.address.country user.contact.address.postal_code \
     user.contact.address.state user.contact.address.street user.contact.email \
     user.contact.fax_number user.contact.organization user.contact.phone_number \
     user.contact.url user.content user.content.private user.content.public \
     user.content.self_image user.criminal_history user.demographic user.demographic.age_range \
     user.demographic.date_of_birth user.demographic.gender user.demographic.language \
     user.demographic.marital_status user.demographic.political_opinion user.demographic.profile \
     user.demographic.race_ethnicity user.demographic.religious_belief \
     user.demographic.sexual_orientation user.device user.device.cookie user.device.cookie_id \
     user.device.device_id user.device.ip_address user.financial user.financial.bank_account \
     user.financial.credit_card user.government_id user.government_id.birth_certificate \
     user.government_id.drivers_license_number user.government_id.immigration \
     user.government_id.national_identification_number user.government_id.passport_number \
     user.government_id.vehicle_registration user.health_and_medical \
     user.health_and_medical.genetic user.health_and_medical.insurance_beneficiary_id \
     user.health_and_medical.record_id user.job_title user.location user.location.imprecise \
     user.location.precise user.name user.name.first user.name.last user.payment \
     user.privacy_preferences user.sensor user.social user.telemetry user.unique_id \
     user.unique_id.pseudonymous user.user_sensor user.workplace";

/// fideslang 3.1.4, data uses (Ethyca Inc., CC-BY-4.0).
const FIDESLANG_USES: &str = "\
     analytics analytics.reporting analytics.reporting.ad_performance \
     analytics.reporting.campaign_insights analytics.reporting.content_performance \
     analytics.reporting.system analytics.reporting.system.performance collect employment \
     employment.recruitment essential essential.fraud_detection essential.legal_obligation \
     essential.service essential.service.authentication essential.service.notifications \
     essential.service.notifications.email essential.service.notifications.sms \
     essential.service.operations essential.service.operations.improve \
     essential.service.operations.support essential.service.payment_processing \
     essential.service.security essential.service.upgrades finance functional functional.service \
     functional.service.improve functional.storage functional.storage.privacy_preferences \
     marketing marketing.advertising marketing.advertising.first_party \
     marketing.advertising.first_party.contextual marketing.advertising.first_party.targeted \
     marketing.advertising.frequency_capping marketing.advertising.negative_targeting \
     marketing.advertising.profiling marketing.advertising.serving \
     marketing.advertising.third_party marketing.advertising.third_party.targeted \
     marketing.communications marketing.communications.email marketing.communications.sms \
     operations personalize personalize.content personalize.content.limited \
     personalize.content.profiled personalize.content.profiling personalize.profiling \
     personalize.system sales third_party_sharing third_party_sharing.legal_obligation \
     train_ai_system";

fn words(list: &'static str) -> BTreeSet<&'static str> {
    list.split_whitespace().collect()
}

#[test]
fn every_line_of_the_tables_is_an_entry_with_a_name_of_its_own() {
    let lines = rows(include_str!("categories.txt")).count();
    assert_eq!(categories().len(), lines);
    let names: BTreeSet<_> = categories().iter().map(|category| &category.name).collect();
    assert_eq!(names.len(), lines);
    let titles: BTreeSet<_> = categories().iter().map(|category| category.title.in_language("fr")).collect();
    assert_eq!(titles.len(), lines);
}

#[test]
fn every_category_is_known_to_the_law_data_and_to_fideslang() {
    let (law, fideslang) = (words(LAW_CATEGORIES), words(FIDESLANG_CATEGORIES));
    for category in categories() {
        assert!(!category.law_codes.is_empty(), "{}", category.name);
        for code in &category.law_codes {
            assert!(law.contains(code), "{}: {code}", category.name);
        }
        assert!(fideslang.contains(category.fideslang), "{}: {}", category.name, category.fideslang);
        assert!(category.dpv.starts_with("https://w3id.org/dpv/pd#"), "{}", category.name);
    }
}

#[test]
fn every_kind_of_purpose_has_its_entry() {
    let (law, fideslang) = (words(LAW_PURPOSES), words(FIDESLANG_USES));
    assert_eq!(purpose_kinds().len(), PurposeKind::ALL.len());
    for kind in PurposeKind::ALL {
        let entry = purpose_kind(*kind).unwrap();
        for code in &entry.law_codes {
            assert!(law.contains(code), "{kind}: {code}");
        }
        assert!(fideslang.contains(entry.fideslang), "{kind}: {}", entry.fideslang);
        assert!(entry.dpv.starts_with("https://w3id.org/dpv#"), "{kind}");
    }
}

#[test]
fn special_categories_of_the_gdpr_are_special_here() {
    for name in [
        "health",
        "genetic",
        "biometric-id",
        "belief.religion",
        "belief.politics",
        "sex-life",
        "origin.ethnic",
    ] {
        assert_eq!(category(name).unwrap().sensitivity, Sensitivity::Special, "{name}");
    }
    assert_eq!(category("contact.email").unwrap().sensitivity, Sensitivity::Ordinary);
}
