//! What the gate finds whoever the person is.

use std::collections::BTreeMap;
use std::sync::Arc;

use law::code::Purpose;

use model::manifest::{ContractKind, Mode, Recipient, RecipientKind, RetentionStart, View};
use model::{Action, Actor, Basis, CategoryName, FindingCode, PurposeKind, Timestamp, is_reference};

use super::{Prepared, PreparedGround};
use crate::ask::Use;
use crate::decision::Finding;
use crate::permit::Obligations;
use crate::policy::{BuiltIn, LawUse, OfUse, Policy, PurposeRules, covers_action};

/// The longest time for which a service may be observed, in days.
const OBSERVED_DAYS_MAX: i64 = 90;

pub(super) fn prepare<'a>(policy: &'a Policy, asked: &'a Use, now: Timestamp) -> Prepared<'a> {
    let purpose = policy.purpose(&asked.purpose);
    let recipient = asked.recipient.as_ref().and_then(|name| policy.recipient(name));
    let mut findings = Vec::new();
    match purpose {
        None => findings.push(FindingCode::PurposeUndeclared.into()),
        Some(rules) => {
            declared(&mut findings, rules, asked);
            channel(&mut findings, rules, asked);
            recipients(&mut findings, rules, asked, recipient, now);
            retention(&mut findings, rules, asked, now);
        }
    }
    actor(&mut findings, policy, purpose, asked);
    findings.sort();
    let is_sale = purpose.is_some_and(|rules| is_sale(rules, asked, recipient));
    Prepared {
        policy,
        asked,
        now,
        purpose,
        findings,
        grounds: purpose.map(|rules| grounds(policy, rules, asked)).unwrap_or_default(),
        of_use: purpose.and_then(|rules| of_use(policy, rules, asked, is_sale)),
        is_sale,
        is_observed: is_observed(policy, asked, now),
    }
}

fn declared(findings: &mut Vec<Finding>, rules: &PurposeRules, asked: &Use) {
    // What is held is the person's to see, also where the manifest no longer declares it
    // (GDPR 15): access covers every category.
    if !is_access(rules.built_in, asked.action) {
        for category in asked.categories.difference(&rules.categories) {
            let detail = Some(category.to_string());
            findings.push(Finding { detail, ..FindingCode::CategoryUndeclared.into() });
        }
    }
    if !covers_action(rules, asked.action) {
        findings.push(FindingCode::ActionOutsidePurpose.into());
    }
    if !rules.is_disclosed {
        findings.push(FindingCode::NotDisclosed.into());
    }
}

/// Whether it is the person's access to what is held about them.
fn is_access(built_in: Option<BuiltIn>, action: Action) -> bool {
    built_in == Some(BuiltIn::Rights) && matches!(action, Action::Export | Action::Read)
}

/// Each ground with what is wrong with it for this question.
fn grounds<'a>(policy: &Policy, rules: &'a PurposeRules, asked: &Use) -> Vec<PreparedGround<'a>> {
    let is_special = || asked.categories.iter().any(|category| policy.is_special(category));
    rules
        .grounds
        .iter()
        .map(|ground| {
            let law = ground.law.as_ref();
            let mut codes = ground.findings.clone();
            if !carries_special_categories(ground.basis) && is_special() {
                codes.push(FindingCode::SpecialCategory);
            }
            let detail = law.map(ToString::to_string);
            let findings =
                codes.into_iter().map(|code| Finding { detail: detail.clone(), ..code.into() }).collect();
            PreparedGround {
                law,
                basis: ground.basis,
                findings,
                alternatives: &ground.alternatives,
                facts: &ground.facts,
            }
        })
        .collect()
}

/// The use as the laws see one. What is built in is nobody's to forbid: a person's own rights,
/// the safety of the system, its upkeep, claims at law.
fn of_use(policy: &Policy, rules: &PurposeRules, asked: &Use, is_sale: bool) -> Option<Arc<OfUse>> {
    let laws = policy.laws().filter(|_| rules.built_in.is_none())?;
    let mut categories: Vec<_> = asked.categories.iter().map(|name| policy.law_codes(name)).collect();
    categories.sort_unstable();
    categories.dedup();
    let mut purposes = rules.law_purposes.clone();
    match asked.action {
        Action::Train => purposes.push(Purpose::ModelTraining),
        Action::Collect => purposes.push(Purpose::Collection),
        Action::Keep => purposes.push(Purpose::Storage),
        Action::Share if is_sale => purposes.extend([Purpose::SharingThirdParty, Purpose::Sale]),
        _ => {}
    }
    Some(laws.of_use(LawUse { categories, purposes, channel: asked.channel }))
}

/// Whether a basis can carry special categories at all (GDPR 9(2) knows no balancing of
/// interests, and no opt-out).
const fn carries_special_categories(basis: Basis) -> bool {
    !matches!(basis, Basis::LegitimateInterests | Basis::OptOutLaw | Basis::ExistingCustomer)
}

/// Whether Global Privacy Control speaks against it: purposes that sell, share or advertise
/// by behaviour, and giving data of an optional purpose to somebody who uses it as their own.
fn is_sale(rules: &PurposeRules, asked: &Use, recipient: Option<&Recipient>) -> bool {
    let is_third_party = |recipient: &Recipient| {
        recipient.kind == RecipientKind::Advertising
            || recipient
                .contract
                .as_ref()
                .is_some_and(|c| matches!(c.kind, ContractKind::ThirdParty | ContractKind::JointController))
    };
    rules.is_sale()
        || (!rules.is_necessity() && asked.action == Action::Share && recipient.is_some_and(is_third_party))
}

fn channel(findings: &mut Vec<Finding>, rules: &PurposeRules, asked: &Use) {
    match asked.channel {
        None if asked.action == Action::Send => findings.push(FindingCode::ChannelMissing.into()),
        Some(channel) if !rules.channels.contains(&channel) => {
            findings.push(FindingCode::ChannelUndeclared.into());
        }
        None | Some(_) => {}
    }
}

fn recipients(
    findings: &mut Vec<Finding>,
    rules: &PurposeRules,
    asked: &Use,
    recipient: Option<&Recipient>,
    now: Timestamp,
) {
    let Some(name) = &asked.recipient else {
        if asked.action == Action::Share {
            findings.push(FindingCode::RecipientMissing.into());
        }
        return;
    };
    let Some(recipient) = recipient.filter(|_| rules.recipients.contains(name)) else {
        findings.push(FindingCode::RecipientUndeclared.into());
        return;
    };
    match &recipient.contract {
        // Courts and offices act by law, not by contract.
        None if recipient.kind == RecipientKind::Authority => {}
        None => findings.push(FindingCode::ContractMissing.into()),
        Some(contract) if now < contract.signed.start() => findings.push(FindingCode::ContractMissing.into()),
        Some(contract) if contract.until.is_some_and(|last| now >= last.start().plus_days(1)) => {
            findings.push(FindingCode::ContractExpired.into());
        }
        Some(_) => {}
    }
}

/// Until when data held since `since` may be kept, where that counts from collection.
fn keep_until(rules: &PurposeRules, since: Timestamp) -> Option<Timestamp> {
    rules
        .retention
        .filter(|retention| retention.from == RetentionStart::Collection)
        .map(|retention| since.plus_days(retention.keep.days_at_most()))
}

fn retention(findings: &mut Vec<Finding>, rules: &PurposeRules, asked: &Use, now: Timestamp) {
    let until = asked.held_since.and_then(|since| keep_until(rules, since));
    if asked.action != Action::Erase && until.is_some_and(|until| now >= until) {
        findings.push(FindingCode::RetentionOver.into());
    }
}

fn actor(findings: &mut Vec<Finding>, policy: &Policy, purpose: Option<&PurposeRules>, asked: &Use) {
    // Whoever a program acts for, the program itself must be declared.
    let is_unknown = |service| policy.service(service).is_none();
    if asked.via.as_ref().is_some_and(|via| is_unknown(&via.service)) {
        findings.push(FindingCode::ServiceUnknown.into());
    }
    let built_in = purpose.and_then(|rules| rules.built_in);
    if built_in.is_some_and(|built_in| !built_in.is_for(&asked.actor)) {
        findings.push(FindingCode::ActorNotAllowed.into());
        return;
    }
    match &asked.actor {
        Actor::Service(name) => match policy.service(name) {
            None => findings.push(FindingCode::ServiceUnknown.into()),
            Some(service) => {
                let granted = service.purposes.get(&asked.purpose);
                if !granted.is_some_and(|granted| granted.actions.contains(&asked.action)) {
                    findings.push(FindingCode::ServiceNotAllowed.into());
                }
            }
        },
        Actor::Staff { role, .. } => staff(findings, policy, built_in, role, asked),
        Actor::Customer | Actor::Agent(_) => {
            let is_own_data = matches!(asked.action, Action::Collect | Action::Correct);
            if built_in.is_none() && !is_own_data {
                findings.push(FindingCode::ActorNotAllowed.into());
            }
        }
        Actor::Job(_) => {
            if built_in.is_none() {
                findings.push(FindingCode::ActorNotAllowed.into());
            }
        }
        Actor::Operator => {
            let is_upkeep = matches!(
                asked.action,
                Action::Collect
                    | Action::Keep
                    | Action::Correct
                    | Action::Erase
                    | Action::Export
                    | Action::Merge
            );
            if built_in.is_none() && !is_upkeep {
                findings.push(FindingCode::ActorNotAllowed.into());
            }
        }
    }
}

fn staff(
    findings: &mut Vec<Finding>,
    policy: &Policy,
    built_in: Option<BuiltIn>,
    role: &model::RoleName,
    asked: &Use,
) {
    let Some(role) = policy.role(role) else {
        findings.push(FindingCode::RoleUnknown.into());
        return;
    };
    // An export is whole, whoever makes it for the person; what the role does not name it
    // shows masked.
    let is_export = asked.action == Action::Export && is_access(built_in, asked.action);
    let may = role.purposes.contains(&asked.purpose)
        && role.actions.contains(&asked.action)
        && (is_export || asked.categories.is_subset(&role.categories));
    if !may {
        findings.push(FindingCode::RoleNotAllowed.into());
    }
    let is_reason_good = asked
        .reason
        .as_ref()
        .is_some_and(|reason| role.reasons.contains_key(&reason.code) && is_reference(&reason.ticket));
    if !is_reason_good {
        findings.push(FindingCode::ReasonMissing.into());
    }
}

/// Whether the service that asks is observed for this purpose: between the two days of the
/// manifest, and for 90 days at most.
fn is_observed(policy: &Policy, asked: &Use, now: Timestamp) -> bool {
    let Actor::Service(name) = &asked.actor else { return false };
    let mode = policy
        .service(name)
        .and_then(|service| service.purposes.get(&asked.purpose))
        .map(|granted| granted.mode);
    match mode {
        Some(Mode::Observe { from, until }) => {
            let end = until.start().plus_days(1).min(from.start().plus_days(OBSERVED_DAYS_MAX));
            from.start() <= now && now < end
        }
        Some(Mode::Enforce) | None => false,
    }
}

/// What is to be kept to where the answer is yes.
pub(super) fn obligations(
    policy: &Policy,
    purpose: Option<&PurposeRules>,
    asked: &Use,
    now: Timestamp,
) -> Obligations {
    let view = |category: &CategoryName| match &asked.actor {
        Actor::Service(name) => {
            policy.service(name).map_or(View::Masked, |service| service.view_of(category))
        }
        Actor::Staff { role, .. } => policy
            .role(role)
            .filter(|role| role.categories.contains(category))
            .map_or(View::Masked, |role| role.view_of(category)),
        Actor::Customer | Actor::Agent(_) | Actor::Job(_) | Actor::Operator => View::Clear,
    };
    let views: BTreeMap<_, _> =
        asked.categories.iter().map(|category| (category.clone(), view(category))).collect();
    let is_marketing = purpose.is_some_and(|rules| {
        matches!(rules.kind, PurposeKind::Marketing | PurposeKind::Advertising | PurposeKind::Loyalty)
    });
    Obligations {
        views,
        unsubscribe: asked.action == Action::Send && is_marketing,
        keep_until: purpose
            .filter(|_| asked.action == Action::Collect)
            .and_then(|rules| keep_until(rules, asked.held_since.unwrap_or(now))),
    }
}
