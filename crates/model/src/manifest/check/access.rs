//! Services and roles: who asks, for what, and with how much to see.

use std::collections::BTreeSet;

use super::{Findings, Lint};
use crate::manifest::{Asker, Mode, Role, Service, builtin};
use crate::name::{CategoryName, PurposeName, RoleName, ServiceName};
use crate::purpose::Choice;

/// The longest time a service may watch without enforcing, in days.
const OBSERVE_DAYS_MAX: i64 = 90;

pub(super) fn check(findings: &mut Findings<'_>) {
    for (name, service) in &findings.manifest().services {
        watches(findings, name, service);
        works_without_consent(findings, name, service);
        for purpose in service.purposes.keys() {
            may_ask(
                findings,
                Asker::Service,
                purpose,
                &["services", name.as_str(), "purposes", purpose.as_str()],
            );
        }
    }
    for (name, role) in &findings.manifest().roles {
        for purpose in &role.purposes {
            may_ask(findings, Asker::Staff, purpose, &["roles", name.as_str(), "purposes"]);
        }
        sees_no_more_than_needed(findings, name, role);
        if role.reasons.is_empty() {
            findings.add(
                Lint::RoleWithoutReasons,
                &["roles", name.as_str()],
                format!("`{name}` has no reasons to choose from, so it cannot look at anybody's data"),
                "add `reasons:`",
            );
        }
    }
}

fn watches(findings: &mut Findings<'_>, name: &ServiceName, service: &Service) {
    for (purpose, used) in &service.purposes {
        let Mode::Observe { from, until } = used.mode else { continue };
        let days = until.days_since(from);
        if !(0..=OBSERVE_DAYS_MAX).contains(&days) {
            findings.add(
                Lint::ObservesTooLong,
                &["services", name.as_str(), "purposes", purpose.as_str(), "mode"],
                format!("`{name}` would watch `{purpose}` for {days} days without enforcing"),
                format!("choose a last day 0 to {OBSERVE_DAYS_MAX} days after the first"),
            );
        }
    }
}

fn works_without_consent(findings: &mut Findings<'_>, name: &ServiceName, service: &Service) {
    let purposes = &findings.manifest().purposes;
    for purpose in &service.fails_without {
        let free = purposes.get(purpose).is_some_and(|purpose| purpose.basis.basis.choice() != Choice::None);
        if free {
            findings.add_at_item(
                Lint::FailsWithoutConsent,
                &["services", name.as_str(), "fails_without"],
                purpose.as_str(),
                format!(
                    "`{name}` does not work without `{purpose}`, which people are free to refuse (GDPR 7(4))"
                ),
                "make the service work without it, then take it out here",
            );
        }
    }
}

fn may_ask(findings: &mut Findings<'_>, asker: Asker, purpose: &PurposeName, path: &[&str]) {
    let Some(askers) = builtin().who_may_ask.get(purpose) else { return };
    if !askers.contains(&asker) {
        let askers: Vec<&str> = askers.iter().map(|asker| asker.code()).collect();
        findings.add_at_item(
            Lint::MayNotAsk,
            path,
            purpose.as_str(),
            format!("the built-in purpose `{purpose}` is not for the asker `{asker}`"),
            format!("take it out; it is for `{}`", askers.join("`, `")),
        );
    }
}

fn sees_no_more_than_needed(findings: &mut Findings<'_>, name: &RoleName, role: &Role) {
    let manifest = findings.manifest();
    // The built-in purposes cover every category.
    if role.purposes.iter().any(|purpose| builtin().purposes.contains_key(purpose)) {
        return;
    }
    let needed: BTreeSet<&CategoryName> = role
        .purposes
        .iter()
        .filter_map(|purpose| manifest.purposes.get(purpose))
        .flat_map(|purpose| &purpose.categories)
        .collect();
    for category in role.categories.iter().filter(|category| !needed.contains(category)) {
        findings.add_at_item(
            Lint::RoleSeesTooMuch,
            &["roles", name.as_str(), "categories"],
            category.as_str(),
            format!("`{name}` may see `{category}`, which none of its purposes needs"),
            "take it out",
        );
    }
}
