//! The receipt of a consent event, in the words of the W3C Data Privacy Vocabulary.
//!
//! Fields follow ISO/IEC TS 27560:2023 as the vocabulary's guide "consent-27560" maps them
//! (JSON-LD, profiles `receipt-record` and `receipt-eu-gdpr`). What the standard has no word
//! for stands under `steward:`.

use model::manifest::{
    ContractKind, Ground, Manifest, Period, PeriodUnit, Purpose, Recipient, RecipientKind,
};
use model::taxonomy::{self, Sensitivity};
use model::{Act, Basis, CategoryName, ConsentEvent, LawFamily, PurposeName, RecipientName, Shown};
use serde_json::{Map, Value, json};

use crate::policy::applies;

/// What a receipt is made of.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a> {
    /// The receipt's own id: that of the ledger entry which records the event.
    pub id: &'a str,
    /// The event.
    pub event: &'a ConsentEvent,
    /// The manifest that was in force.
    pub manifest: &'a Manifest,
    /// The language of the texts, as a BCP 47 tag.
    pub language: &'a str,
    /// Where the person can withdraw: an address of the portal.
    pub withdraw_at: &'a str,
}

impl Receipt<'_> {
    /// The receipt as JSON-LD.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let event = self.event;
        let profile =
            if self.is_under_gdpr() { "dpv-27560:receipt-eu-gdpr" } else { "dpv-27560:receipt-record" };
        let mut receipt = json!({
            "@context": {
                "dct": "http://purl.org/dc/terms/",
                "dpv": "https://w3id.org/dpv#",
                "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
                "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
                "loc": "https://w3id.org/dpv/loc#",
                "pd": "https://w3id.org/dpv/pd#",
                "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
                "skos": "http://www.w3.org/2004/02/skos/core#",
                "steward": "urn:steward:",
            },
            "@type": ["dpv:ConsentReceipt"],
            "dct:conformsTo": profile,
            "dpv:hasIdentifier": self.id,
            "dct:created": event.recorded,
            "dct:creator": "controller",
            "dct:language": self.language,
            "dpv:hasDataSubject": { "@type": ["dpv:DataSubject"], "dpv:hasIdentifier": event.subject },
            "dpv:hasProcess": self.processes(),
            "dpv:hasEntity": self.entities(),
            "steward:event": {
                "dct:identifier": event.id,
                "steward:act": event.act,
                "steward:occurred": event.occurred,
                "steward:origin": event.origin,
                "steward:grade": event.grade,
            },
        });
        if let (Some(fields), Some(shown)) = (receipt.as_object_mut(), &event.shown) {
            fields.insert("dpv:hasNotice".to_owned(), json!([notice(shown)]));
        }
        receipt
    }

    fn processes(&self) -> Vec<Value> {
        let declared = purpose_of(&self.event.act)
            .and_then(|name| self.manifest.purposes.get(name).map(|purpose| self.process(name, purpose)));
        declared.into_iter().collect()
    }

    fn process(&self, name: &PurposeName, purpose: &Purpose) -> Value {
        let controller = &self.manifest.controller;
        let kind = taxonomy::purpose_kind(purpose.kind).map_or("dpv:Purpose", |kind| kind.dpv.as_str());
        let serves: Vec<String> = controller.serves.iter().map(|region| format!("loc:{region}")).collect();
        let recipients: Vec<String> =
            self.recipients(purpose).map(|(name, _)| format!("recipient:{name}")).collect();
        let categories: Vec<Value> =
            purpose.categories.iter().map(|category| self.personal_data(category)).collect();
        let mut process = json!({
            "@type": ["dpv:Process"],
            "dpv:hasPurpose": [{
                "@type": ["dpv:Purpose"],
                "dct:identifier": name,
                "skos:broader": kind,
                "skos:prefLabel": purpose.title.in_language(self.language),
                "skos:definition": purpose.explanation.in_language(self.language),
            }],
            "dpv:hasLegalBasis": [legal_basis(&purpose.basis)],
            "dpv:hasPersonalData": categories,
            "dpv:hasProcessing": ["dpv:Collect", "dpv:Store", "dpv:Use"],
            "dpv:hasDataSource": ["dpv:DataSubjectDataSource"],
            "dpv:hasDataController": ["controller"],
            "dpv:hasStorageCondition": [
                { "@type": ["dpv:StorageLocation"], "dpv:hasLocation": format!("loc:{}", controller.country) },
                { "@type": ["dpv:StorageDuration"], "dpv:hasDuration": duration(purpose) },
            ],
            "dpv:hasJurisdiction": serves,
            "dpv:hasRecipient": recipients,
            "dpv:hasConsentControl": [{
                "@type": ["dpv:WithdrawConsent"],
                "dpv:isExercisedAt": self.withdraw_at,
            }],
        });
        if let Some(fields) = process.as_object_mut() {
            if let Some(status) = consent_status(&self.event.act) {
                fields.insert("dpv:hasConsentStatus".to_owned(), json!([self.status(status)]));
            }
            if self.is_under_gdpr() {
                fields.insert("dpv:hasRight".to_owned(), json!(RIGHTS));
            }
        }
        process
    }

    /// The event itself: state, time, who and where. A consent holds until it is withdrawn.
    fn status(&self, status: &str) -> Value {
        let surface = self.event.shown.as_ref().map_or(self.event.origin.code(), |shown| &shown.surface);
        json!({
            "@type": [status, "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedAtTime": self.event.facts().effective(),
            "dpv:isIndicatedBy": "person",
            "dpv:isExercisedAt": surface,
            "dpv:hasDuration": { "@type": ["dpv:UntilEventDuration"], "rdf:value": "withdrawal" },
        })
    }

    fn personal_data(&self, category: &CategoryName) -> Value {
        let class = self.manifest.class_of(category);
        let own_title = self.manifest.categories.get(category).map(|used| &used.title);
        let title = own_title.filter(|title| !title.is_empty()).or(class.map(|class| &class.title));
        let kind = match class.map(|class| class.sensitivity) {
            Some(Sensitivity::Ordinary) => "dpv:PersonalData",
            Some(Sensitivity::Sensitive) => "dpv:SensitivePersonalData",
            Some(Sensitivity::Special) | None => "dpv:SpecialCategoryPersonalData",
        };
        json!({
            "@type": [kind],
            "dct:identifier": category,
            "skos:broader": class.map_or("dpv:PersonalData", |class| class.dpv.as_str()),
            "skos:prefLabel": title.map_or(category.as_str(), |title| title.in_language(self.language)),
        })
    }

    fn entities(&self) -> Value {
        let controller = &self.manifest.controller;
        let mut entities = Map::new();
        entities.insert(
            "controller".to_owned(),
            json!({
                "@type": ["dpv:DataController"],
                "dpv:hasName": controller.name,
                "dpv:hasAddress": controller.address,
                "dpv:hasContact": controller.contact,
                "dpv:hasLocation": format!("loc:{}", controller.country),
            }),
        );
        entities.insert(
            "person".to_owned(),
            json!({ "@type": ["dpv:DataSubject"], "dpv:hasIdentifier": self.event.subject }),
        );
        let purpose = purpose_of(&self.event.act).and_then(|name| self.manifest.purposes.get(name));
        for (name, recipient) in purpose.into_iter().flat_map(|purpose| self.recipients(purpose)) {
            entities.insert(
                format!("recipient:{name}"),
                json!({
                    "@type": [recipient_role(recipient)],
                    "dpv:hasName": recipient.name,
                    "dpv:hasLocation": format!("loc:{}", recipient.country),
                }),
            );
        }
        Value::Object(entities)
    }

    /// The recipients that the choice is about: the one it names, else all of the purpose.
    fn recipients<'p>(
        &'p self,
        purpose: &'p Purpose,
    ) -> impl Iterator<Item = (&'p RecipientName, &'p Recipient)> {
        let only = match &self.event.act {
            Act::Given(switch) | Act::Refused(switch) | Act::Withdrawn(switch) => switch.recipient.as_ref(),
            _ => None,
        };
        purpose
            .recipients
            .iter()
            .filter(move |name| only.is_none_or(|only| only == *name))
            .filter_map(|name| Some((name, self.manifest.recipients.get(name)?)))
    }

    fn is_under_gdpr(&self) -> bool {
        let controller = &self.manifest.controller;
        let gdpr = LawFamily::new("gdpr").ok();
        std::iter::once(&controller.country)
            .chain(&controller.serves)
            .any(|region| gdpr.as_ref().is_some_and(|gdpr| applies(gdpr, region).is_some()))
    }
}

/// Rights that the person has beside this choice: withdrawal, access, rectification, erasure,
/// restriction, portability, complaint.
const RIGHTS: [&str; 7] = [
    "eu-gdpr:A7-3",
    "eu-gdpr:A15",
    "eu-gdpr:A16",
    "eu-gdpr:A17",
    "eu-gdpr:A18",
    "eu-gdpr:A20",
    "eu-gdpr:A77",
];

/// The state of a consent after this act, of those that the vocabulary knows.
const fn consent_status(act: &Act) -> Option<&'static str> {
    match act {
        Act::Given(_) => Some("dpv:ConsentGiven"),
        Act::Refused(_) => Some("dpv:ConsentRefused"),
        Act::Withdrawn(_) => Some("dpv:ConsentWithdrawn"),
        _ => None,
    }
}

/// The purpose that an act names.
const fn purpose_of(act: &Act) -> Option<&PurposeName> {
    match act {
        Act::Given(switch) | Act::Refused(switch) | Act::Withdrawn(switch) => Some(&switch.purpose),
        Act::Objected { purpose }
        | Act::ObjectionEnded { purpose }
        | Act::OptedOut { purpose }
        | Act::OptedIn { purpose } => purpose.as_ref(),
        Act::ObjectionLifted { purpose, .. } => Some(purpose),
        _ => None,
    }
}

fn legal_basis(ground: &Ground) -> Value {
    let concept = match ground.basis {
        Basis::Consent => "dpv:Consent",
        Basis::Contract => "dpv:Contract",
        Basis::LegalObligation => "dpv:LegalObligation",
        Basis::VitalInterests => "dpv:VitalInterest",
        Basis::PublicTask => "dpv:PublicInterest",
        Basis::LegitimateInterests => "dpv:LegitimateInterest",
        Basis::OptOutLaw | Basis::ExistingCustomer => {
            return json!({
                "@type": "dpv:LegalBasis",
                "skos:broader": ["dpv:LegalBasis"],
                "skos:prefLabel": ground.citation.as_deref().unwrap_or(ground.basis.code()),
            });
        }
    };
    json!(concept)
}

fn duration(purpose: &Purpose) -> Value {
    match purpose.retention {
        Some(retention) => json!({
            "@type": "dpv:TemporalDuration",
            "rdf:value": iso_8601(retention.keep),
            "steward:from": retention.from.code(),
        }),
        None => json!({ "@type": "dpv:UntilEventDuration", "rdf:value": "withdrawal" }),
    }
}

fn iso_8601(period: Period) -> String {
    let unit = match period.unit {
        PeriodUnit::Day => 'D',
        PeriodUnit::Month => 'M',
        PeriodUnit::Year => 'Y',
    };
    format!("P{}{unit}", period.count)
}

fn recipient_role(recipient: &Recipient) -> &'static str {
    match recipient.contract.as_ref().map(|contract| contract.kind) {
        Some(ContractKind::Processor | ContractKind::ServiceProvider | ContractKind::BusinessAssociate) => {
            "dpv:DataProcessor"
        }
        Some(ContractKind::JointController) => "dpv:JointDataControllers",
        None if recipient.kind == RecipientKind::Authority => "dpv:Authority",
        Some(ContractKind::ThirdParty) | None => "dpv:ThirdParty",
    }
}

fn notice(shown: &Shown) -> Value {
    json!({
        "@type": ["dpv:ConsentNotice"],
        "dpv:hasIdentifier": format!("sha256:{}", shown.text_sha256),
        "dct:language": shown.locale,
        "dpv:hasLocation": shown.surface,
        "steward:noticeVersion": shown.notice_version,
        "steward:buttonOrder": shown.button_order,
    })
}
