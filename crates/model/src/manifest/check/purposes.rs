//! Purposes: grounds that fit, choices that are real, no more data than needed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Findings, Lint};
use crate::manifest::{Carries, Ground, OnWithdraw, Purpose, RecipientKind};
use crate::name::{CategoryName, PurposeName};
use crate::purpose::{Basis, Choice, PurposeKind};

pub(super) fn check(findings: &mut Findings<'_>) {
    for (name, purpose) in &findings.manifest().purposes {
        grounds(findings, name, purpose);
        if purpose.kind.is_necessity() {
            necessity(findings, name, purpose);
        } else {
            optional(findings, name, purpose);
        }
        explained(findings, name, purpose);
        kept(findings, name, purpose);
    }
    lifetimes_end(findings);
    switches_differ(findings);
    all_are_used(findings);
    categories_are_needed(findings);
}

fn grounds(findings: &mut Findings<'_>, name: &PurposeName, purpose: &Purpose) {
    let under = purpose.basis_under.iter().map(|(law, ground)| (Some(law.as_str()), ground));
    for (law, ground) in std::iter::once((None, &purpose.basis)).chain(under) {
        let general = ["purposes", name.as_str(), "basis"];
        let path = law.map_or(general.to_vec(), |law| vec!["purposes", name.as_str(), "basis_under", law]);
        if purpose.kind.is_necessity() && ground.basis == Basis::Consent {
            findings.add(
                Lint::ConsentForNecessity,
                &path,
                format!(
                    "`{name}` is a necessity ({}) and cannot stand on consent: nobody could refuse it",
                    purpose.kind
                ),
                "name the ground it really has, such as `contract` or `legal-obligation`",
            );
        }
        if let Some(lack) = unfounded(ground) {
            findings.add(
                Lint::UnfoundedLoosening,
                &path,
                format!("`{}` needs the fact it relies on", ground.basis),
                lack,
            );
        }
        if !purpose.kind.is_necessity()
            && purpose.kind != PurposeKind::Service
            && ground.basis.choice() == Choice::None
        {
            findings.add(
                Lint::OptionalWithoutChoice,
                &path,
                format!("`{name}` is {}, and `{}` leaves people no choice", purpose.kind, ground.basis),
                "use `consent`, or one of the grounds that can be objected to",
            );
        }
    }
}

fn unfounded(ground: &Ground) -> Option<&'static str> {
    match ground.basis {
        Basis::LegitimateInterests if ground.balancing_test.is_none() => {
            Some("say by `balancing_test:` where the balancing test lies")
        }
        Basis::OptOutLaw | Basis::ExistingCustomer if ground.citation.is_none() => {
            Some("name the law by `citation:`")
        }
        _ => None,
    }
}

fn necessity(findings: &mut Findings<'_>, name: &PurposeName, purpose: &Purpose) {
    let manifest = findings.manifest();
    for channel in &purpose.channels {
        if manifest.channels.get(channel).is_some_and(|used| used.carries == Carries::Marketing) {
            findings.add_at_item(
                Lint::NecessityOverMarketingChannel,
                &["purposes", name.as_str(), "channels"],
                channel.code(),
                format!("`{name}` is a necessity, and the channel `{channel}` carries marketing only"),
                "use a channel that carries necessary messages",
            );
        }
    }
    for recipient in &purpose.recipients {
        if manifest.recipients.get(recipient).is_some_and(|known| known.kind == RecipientKind::Advertising) {
            findings.add_at_item(
                Lint::NecessityWithAdvertiser,
                &["purposes", name.as_str(), "recipients"],
                recipient.as_str(),
                format!("`{name}` is a necessity and gives data to the advertiser `{recipient}`"),
                "take the recipient out, or declare an optional purpose for it",
            );
        }
    }
    for category in purpose.categories.iter().filter(|category| !may_need(purpose.kind, category)) {
        findings.add_at_item(
            Lint::NecessityTakesTooMuch,
            &["purposes", name.as_str(), "categories"],
            category.as_str(),
            format!("`{name}` is a necessity ({}) and cannot need `{category}`", purpose.kind),
            "take the category out, or declare an optional purpose for it",
        );
    }
}

/// Whether a necessity of this kind can need a category. What is known of somebody's
/// interests, habits and whereabouts serves none, but for tracing fraud and misuse.
fn may_need(kind: PurposeKind, category: &CategoryName) -> bool {
    let name = category.as_str();
    let group = name.split('.').next().unwrap_or(name);
    match group {
        "behaviour" | "location" => matches!(kind, PurposeKind::Security | PurposeKind::FraudPrevention),
        "inferred" => kind == PurposeKind::FraudPrevention && name == "inferred.score",
        "preferences" => name != "preferences.interests",
        "social" => false,
        "belief" | "origin" | "sex-life" | "genetic" => kind == PurposeKind::LegalClaims,
        _ => true,
    }
}

fn optional(findings: &mut Findings<'_>, name: &PurposeName, purpose: &Purpose) {
    let manifest = findings.manifest();
    if purpose.kind.is_marketing() {
        for channel in &purpose.channels {
            if manifest.channels.get(channel).is_some_and(|used| used.carries == Carries::Service) {
                findings.add_at_item(
                    Lint::MarketingOverServiceChannel,
                    &["purposes", name.as_str(), "channels"],
                    channel.code(),
                    format!(
                        "the channel `{channel}` carries necessary messages only, and `{name}` is {}",
                        purpose.kind
                    ),
                    "use a channel that carries marketing",
                );
            }
        }
    }
    if purpose.grounds().all(|ground| ground.basis == Basis::Consent) {
        return;
    }
    for category in purpose
        .categories
        .iter()
        .filter(|category| manifest.categories.contains_key(*category) && manifest.is_special(category))
    {
        findings.add_at_item(
            Lint::SpecialWithoutConsent,
            &["purposes", name.as_str(), "categories"],
            category.as_str(),
            format!(
                "`{category}` is a special category, and `{name}` does not stand on consent alone (GDPR 9)"
            ),
            "use `consent` under every law, or take the category out",
        );
    }
}

fn explained(findings: &mut Findings<'_>, name: &PurposeName, purpose: &Purpose) {
    let path = ["purposes", name.as_str(), "no_choice_because"];
    if purpose.is_locked() && purpose.no_choice_because.is_empty() {
        findings.add(
            Lint::NoChoiceUnexplained,
            &path,
            format!("`{name}` has no switch, and nothing tells people why"),
            "write `no_choice_because:` in one plain sentence",
        );
    }
    if !purpose.is_locked() && !purpose.no_choice_because.is_empty() {
        findings.add(
            Lint::ChoiceExplainedAway,
            &path,
            format!("`{name}` has a switch, so `no_choice_because` is never shown"),
            "take the text out",
        );
    }
}

fn kept(findings: &mut Findings<'_>, name: &PurposeName, purpose: &Purpose) {
    if purpose.retention.is_none() {
        findings.add(
            Lint::RetentionMissing,
            &["purposes", name.as_str()],
            format!("nothing says how long `{name}` needs its data"),
            "add `retention: { keep: 2 years, from: last-activity }`",
        );
    }
    if purpose.on_withdraw == (OnWithdraw::Keep { basis: Basis::Consent }) {
        findings.add(
            Lint::KeptOnConsent,
            &["purposes", name.as_str(), "on_withdraw"],
            "who has withdrawn has left no consent to keep data on",
            "use `erase`, or name the other ground",
        );
    }
}

fn lifetimes_end(findings: &mut Findings<'_>) {
    for (name, lifetime) in &findings.manifest().lifetimes {
        if lifetime.retention.is_none() {
            findings.add(
                Lint::RetentionMissing,
                &["lifetimes", name.as_str()],
                format!("nothing says when the lifetime `{name}` ends"),
                "add `retention: { keep: 2 years, from: last-activity }`",
            );
        }
    }
}

/// One switch stands for one purpose (GDPR 7 and recital 43): people must be able to
/// tell two switches apart by what they read.
fn switches_differ(findings: &mut Findings<'_>) {
    let mut seen: BTreeMap<String, &PurposeName> = BTreeMap::new();
    for (name, purpose) in &findings.manifest().purposes {
        if purpose.is_locked() {
            continue;
        }
        let mut twin = None;
        for texts in [&purpose.title, &purpose.explanation] {
            for (language, text) in &texts.0 {
                let read = format!("{language} {}", text.trim().to_lowercase());
                if let Some(first) = seen.insert(read, name).filter(|first| *first != name) {
                    twin = twin.or(Some(first));
                }
            }
        }
        if let Some(first) = twin {
            findings.add(
                Lint::OneSwitchForTwo,
                &["purposes", name.as_str()],
                format!("`{name}` reads like `{first}`: one switch would stand for both"),
                "give each its own title and explanation, or make them one purpose",
            );
        }
    }
}

fn all_are_used(findings: &mut Findings<'_>) {
    let manifest = findings.manifest();
    let services = manifest.services.values().flat_map(|service| service.purposes.keys());
    let roles = manifest.roles.values().flat_map(|role| &role.purposes);
    let tables = manifest.systems.values().flat_map(|system| system.tables.values());
    let used: BTreeSet<&PurposeName> =
        services.chain(roles).chain(tables.filter_map(|table| table.purpose.as_ref())).collect();
    for name in manifest.purposes.keys().filter(|name| !used.contains(name)) {
        findings.add(
            Lint::UnusedPurpose,
            &["purposes", name.as_str()],
            format!("no service, role or table uses `{name}`"),
            "take it out, or let a service ask for it",
        );
    }
}

fn categories_are_needed(findings: &mut Findings<'_>) {
    let manifest = findings.manifest();
    let needed: BTreeSet<&CategoryName> =
        manifest.purposes.values().flat_map(|purpose| &purpose.categories).collect();
    // A column that holds such a category has a finding of its own, which says more.
    let tables = manifest.systems.values().flat_map(|system| system.tables.values());
    let held: BTreeSet<&CategoryName> = tables
        .flat_map(|table| table.fields.values())
        .filter_map(|field| field.category.as_ref().filter(|_| field.ignore.is_none()))
        .collect();
    let superfluous = |name: &&CategoryName| !needed.contains(name) && !held.contains(name);
    for name in manifest.categories.keys().filter(superfluous) {
        findings.add(
            Lint::UnneededCategory,
            &["categories", name.as_str()],
            format!("no purpose needs `{name}`"),
            "take it out, and stop collecting it",
        );
    }
}
