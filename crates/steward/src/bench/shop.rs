//! The shop that is measured: the sample shop, grown to 40 purposes, 5 channels and 20
//! recipients, with a system whose profiles have 20 fields.

use std::fmt::Write as _;

/// The service that the bench asks as.
pub(super) const SERVICE: &str = "bench";
/// The purpose that profiles are kept for.
pub(super) const PROFILES: &str = "bench-profiles";
/// Purposes beside that one and the eight of the sample shop.
pub(super) const PURPOSES: usize = 31;
/// Recipients beside the four of the sample shop.
pub(super) const RECIPIENTS: usize = 16;
/// Fields of a profile, the customer number and the address among them.
pub(super) const FIELDS: usize = 20;

/// The manifest, as the file `bench/manifest/bench.yaml` beside the sample shop's.
pub(super) fn manifest() -> String {
    let mut text = String::from("manifest: 1\nextends: ../../shop/manifest\n\n");
    categories(&mut text);
    text.push_str(
        "\nchannels:\n  phone: { sender: Rosewood, confirm: none }\n  push: { sender: Rosewood, confirm: none }\n",
    );
    purposes(&mut text);
    recipients(&mut text);
    services(&mut text);
    system(&mut text);
    text
}

/// The optional purposes whose names the bench draws from.
pub(super) fn purpose(number: usize) -> String {
    format!("bench-{number:02}")
}

/// A recipient that the bench draws from.
pub(super) fn recipient(number: usize) -> String {
    format!("vendor-{number:02}")
}

/// The column of a profile.
pub(super) fn field(number: usize) -> String {
    format!("field_{number:02}")
}

fn categories(text: &mut String) {
    text.push_str("categories:\n");
    for number in 3..=FIELDS {
        let _ = writeln!(
            text,
            "  bench.field-{number:02}: {{ lifetime: account, like: preferences.interests, title: {{ en: Field {number}, fr: Champ {number} }} }}"
        );
    }
}

/// A third each rest on consent everywhere, on an opt-out law in the United States, and on
/// legitimate interests; one is what the profiles are for.
fn purposes(text: &mut String) {
    let _ = write!(
        text,
        "\npurposes:\n  {PROFILES}:\n    kind: contract\n    title: {{ en: Your profile, fr: Votre profil }}\n    explanation:\n      en: We keep what you tell us about yourself to serve you.\n      fr: Nous gardons ce que vous nous dites de vous pour vous servir.\n    basis: contract\n    retention: {{ keep: 3 years, from: last-activity }}\n    no_choice_because:\n      en: Without it there is no profile.\n      fr: Sans cela, il n'y a pas de profil.\n    categories:\n      - identity.customer-number\n      - contact.email\n"
    );
    for number in 3..=FIELDS {
        let _ = writeln!(text, "      - bench.field-{number:02}");
    }
    for number in 1..=PURPOSES {
        let (kind, basis) = match number % 3 {
            0 => ("marketing", "    basis: consent\n    channels: [email, phone, push, post]\n"),
            1 => (
                "advertising",
                "    basis: consent\n    basis_under:\n      us-state: { basis: opt-out-law, citation: CCPA 1798.120 }\n",
            ),
            _ => (
                "analytics",
                "    basis: { basis: legitimate-interests, balancing_test: assessments/bench.md }\n",
            ),
        };
        let recipients = format!("    recipients: [{}]\n", recipient(1 + number % RECIPIENTS));
        let _ = write!(
            text,
            "  {}:\n    kind: {kind}\n    title: {{ en: Purpose {number}, fr: Finalité {number} }}\n    explanation:\n      en: What the purpose number {number} does for you.\n      fr: Ce que la finalité {number} fait pour vous.\n{basis}    categories: [identity.first-name, contact.email, preferences.interests]\n    retention: {{ keep: 2 years, from: last-activity }}\n    on_withdraw: erase\n{}",
            purpose(number),
            if kind == "analytics" { "" } else { &recipients }
        );
    }
}

fn recipients(text: &mut String) {
    text.push_str("\nrecipients:\n");
    for number in 1..=RECIPIENTS {
        let _ = write!(
            text,
            "  {}:\n    name: Vendor {number} Ltd\n    kind: messaging\n    country: FR\n    if_declined:\n      en: Nothing else changes.\n      fr: Rien d'autre ne change.\n    contract:\n      kind: processor\n      signed: 2025-03-01\n      until: 2039-02-28\n      summary:\n        en: It sends our letters and uses your address for nothing else.\n        fr: Elle envoie nos lettres et n'utilise votre adresse à aucune autre fin.\n",
            recipient(number)
        );
    }
}

fn services(text: &mut String) {
    text.push_str(
        "\nservices:\n  bench:\n    title: { en: The bench, fr: Le banc d'essai }\n    stage: production\n    purposes:\n      bench-profiles: { actions: [collect, read, use, correct] }\n",
    );
    for number in 1..=PURPOSES {
        let _ = writeln!(text, "      {}: {{ actions: [collect, read, use, send, share] }}", purpose(number));
    }
}

fn system(text: &mut String) {
    text.push_str(
        "\nsystems:\n  bench:\n    kind: csv\n    note: Made-up profiles\n    tables:\n      profiles:\n        purpose: bench-profiles\n        fields:\n          number: { category: identity.customer-number, identifier: bench-number, verified: true }\n          email: { category: contact.email, identifier: email }\n",
    );
    for number in 3..=FIELDS {
        let _ = writeln!(text, "          {}: {{ category: bench.field-{number:02} }}", field(number));
    }
}
