//! Receipts that a person, an auditor or another program can read.

use gate::Receipt;
use model::{Act, ConsentEvent, EventId, Grade, Origin, Shown, SubjectId, Switch, Timestamp};
use serde_json::Value;

use crate::cases::shop;

fn event(act: Act, shown: Option<Shown>) -> ConsentEvent {
    let at = Timestamp::from_seconds(1_795_521_600);
    ConsentEvent {
        id: EventId::from_bytes([1; 16]),
        subject: SubjectId::from_bytes([2; 16]),
        act,
        occurred: at,
        recorded: at.plus_seconds(2),
        origin: Origin::Banner,
        grade: Grade::Proven,
        shown,
        birth_year: None,
    }
}

fn switch(purpose: &str) -> Switch {
    Switch { purpose: purpose.parse().expect("a name"), channel: None, recipient: "mailer".parse().ok() }
}

fn receipt(event: &ConsentEvent, language: &str) -> Value {
    let mut manifest = shop();
    let newsletter = manifest.purposes.get_mut("newsletter").expect("the purpose");
    newsletter.title.0.insert("fr".parse().expect("a language"), "Lettre d'information".to_owned());
    newsletter.explanation.0.insert("fr".parse().expect("a language"), "Nos nouveautés.".to_owned());
    let withdraw_at = "https://shop.example/privacy/choices";
    Receipt { id: "ent_1", event, manifest: &manifest, language, withdraw_at }.to_json()
}

fn shown(locale: &str) -> Shown {
    Shown {
        text_sha256: "ab".repeat(32),
        locale: locale.to_owned(),
        button_order: vec!["refuse".to_owned(), "accept".to_owned()],
        notice_version: Some("3".to_owned()),
        surface: "https://shop.example/".to_owned(),
    }
}

#[test]
fn a_yes_has_a_receipt_in_english() {
    let event = event(Act::Given(switch("newsletter")), Some(shown("en")));
    insta::assert_json_snapshot!(receipt(&event, "en"));
}

#[test]
fn a_withdrawal_has_a_receipt_in_french() {
    let event = event(Act::Withdrawn(switch("newsletter")), Some(shown("fr-CA")));
    insta::assert_json_snapshot!(receipt(&event, "fr"));
}

#[test]
fn every_mandatory_field_of_the_standard_is_there() {
    let receipt = receipt(&event(Act::Refused(switch("newsletter")), Some(shown("en"))), "en");
    for field in [
        "/dct:conformsTo",
        "/dpv:hasIdentifier",
        "/dpv:hasDataSubject/dpv:hasIdentifier",
        "/dpv:hasNotice/0/dpv:hasIdentifier",
        "/dct:language",
        "/dpv:hasProcess/0/dpv:hasPurpose/0/skos:prefLabel",
        "/dpv:hasProcess/0/dpv:hasPersonalData/0/skos:broader",
        "/dpv:hasProcess/0/dpv:hasDataController/0",
        "/dpv:hasProcess/0/dpv:hasStorageCondition/0/dpv:hasLocation",
        "/dpv:hasProcess/0/dpv:hasStorageCondition/1/dpv:hasDuration/rdf:value",
        "/dpv:hasProcess/0/dpv:hasJurisdiction/0",
        "/dpv:hasProcess/0/dpv:hasRecipient/0",
        "/dpv:hasProcess/0/dpv:hasConsentControl/0/dpv:isExercisedAt",
        "/dpv:hasProcess/0/dpv:hasConsentStatus/0/dpv:isIndicatedAtTime",
        "/dpv:hasProcess/0/dpv:hasConsentStatus/0/dpv:isIndicatedBy",
        "/dpv:hasProcess/0/dpv:hasConsentStatus/0/dpv:hasDuration/rdf:value",
        "/dpv:hasEntity/controller/dpv:hasName",
        "/dpv:hasEntity/controller/dpv:hasAddress",
        "/dpv:hasEntity/controller/dpv:hasContact",
    ] {
        assert!(receipt.pointer(field).is_some_and(|value| !value.is_null()), "{field}");
    }
    let state = receipt.pointer("/dpv:hasProcess/0/dpv:hasConsentStatus/0/@type/0");
    assert_eq!(state.and_then(Value::as_str), Some("dpv:ConsentRefused"));
}

#[test]
fn an_objection_has_a_receipt_that_claims_no_consent() {
    let receipt = receipt(&event(Act::Objected { purpose: "statistics".parse().ok() }, None), "en");
    assert!(receipt.pointer("/dpv:hasProcess/0/dpv:hasConsentStatus").is_none());
    let basis = receipt.pointer("/dpv:hasProcess/0/dpv:hasLegalBasis/0").and_then(Value::as_str);
    assert_eq!(basis, Some("dpv:LegitimateInterest"));
    assert_eq!(receipt.pointer("/steward:event/steward:act/kind").and_then(Value::as_str), Some("objected"));
}
