//! The policy: the manifest made ready to be asked.

mod asked;
mod built_in;
mod laws;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use law::Categories;
use law::code::{Alternative, Purpose as LawPurpose};
use model::manifest::{
    Confirmation, Decides, Effect, Ground, Manifest, Purpose, Recipient, Retention, Role, Service,
};
use model::taxonomy::{self, Sensitivity};
use model::{
    Action, Basis, CategoryName, Channel, Choice, FindingCode, LawFamily, PurposeKind, PurposeName,
    RecipientName, RoleName, ServiceName,
};

pub use asked::Laws;
pub(crate) use asked::{AskRule, LawRules, LawUse, OfUse};
pub(crate) use built_in::BuiltIn;
pub(crate) use laws::applies;

/// The manifest, compiled when it changes and never when it is asked.
#[derive(Debug)]
pub struct Policy {
    version: u32,
    fingerprint: [u8; 32],
    purposes: HashMap<PurposeName, PurposeRules>,
    recipients: BTreeMap<RecipientName, Recipient>,
    services: BTreeMap<ServiceName, Service>,
    roles: BTreeMap<RoleName, Role>,
    unconfirmed_channels: BTreeSet<Channel>,
    is_special: HashMap<CategoryName, bool>,
    law_codes: HashMap<CategoryName, Categories>,
    laws: Option<Laws>,
}

/// What the gate needs to know of a purpose.
#[derive(Debug)]
pub(crate) struct PurposeRules {
    pub(crate) kind: PurposeKind,
    pub(crate) built_in: Option<BuiltIn>,
    pub(crate) is_disclosed: bool,
    pub(crate) categories: BTreeSet<CategoryName>,
    pub(crate) recipients: BTreeSet<RecipientName>,
    pub(crate) channels: BTreeSet<Channel>,
    pub(crate) retention: Option<Retention>,
    /// What the law packs call it.
    pub(crate) law_purposes: Vec<LawPurpose>,
    /// The general ground first, then those under single laws. Never empty.
    pub(crate) grounds: Vec<GroundRules>,
}

/// A ground, and what is wrong with it.
#[derive(Debug, Clone)]
pub(crate) struct GroundRules {
    /// The law it is for; none: every law that no other ground names.
    pub(crate) law: Option<LawFamily>,
    pub(crate) basis: Basis,
    pub(crate) findings: Vec<FindingCode>,
    /// What it is in the place of consent, in the words of the packs.
    pub(crate) alternatives: Vec<Alternative>,
    /// The facts of the packs that it relies on.
    pub(crate) facts: BTreeSet<String>,
}

impl Policy {
    /// Compiles a manifest. `version` counts the manifests that this controller has applied,
    /// `fingerprint` is the SHA-256 of this one's canonical form.
    #[must_use]
    pub fn compile(manifest: &Manifest, version: u32, fingerprint: [u8; 32]) -> Self {
        let declared =
            manifest.purposes.iter().map(|(name, purpose)| (name.clone(), compile_purpose(purpose)));
        Self {
            version,
            fingerprint,
            // The built-in necessities come last: a manifest cannot widen them.
            purposes: declared.chain(built_in::compile(manifest)).collect(),
            recipients: manifest.recipients.clone(),
            services: manifest.services.clone(),
            roles: manifest.roles.clone(),
            unconfirmed_channels: manifest
                .channels
                .iter()
                .filter(|(_, channel)| channel.confirm == Confirmation::None)
                .map(|(channel, _)| *channel)
                .collect(),
            is_special: manifest
                .categories
                .keys()
                .map(|category| (category.clone(), manifest.is_special(category)))
                .collect(),
            law_codes: manifest
                .categories
                .keys()
                .filter_map(|category| {
                    let class = manifest.class_of(category)?;
                    Some((category.clone(), law::vocabulary::category_codes(class)))
                })
                .collect(),
            laws: None,
        }
    }

    /// The same policy under laws. Without any, the names of the laws in the manifest alone say
    /// which ground counts where.
    #[must_use]
    pub fn under(self, laws: Laws) -> Self {
        Self { laws: Some(laws), ..self }
    }

    /// The laws that it is held against.
    #[must_use]
    pub const fn laws(&self) -> Option<&Laws> {
        self.laws.as_ref()
    }

    /// The codes of a category in the packs; of one that nobody knows, personal data of any kind.
    pub(crate) fn law_codes(&self, category: &CategoryName) -> Categories {
        self.law_codes.get(category).copied().unwrap_or_else(|| {
            taxonomy::category(category.as_str()).map_or(Categories::EMPTY, law::vocabulary::category_codes)
        })
    }

    /// Which of the controller's manifests this is.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The SHA-256 of the manifest's canonical form.
    #[must_use]
    pub const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    pub(crate) fn purpose(&self, name: &PurposeName) -> Option<&PurposeRules> {
        self.purposes.get(name)
    }

    pub(crate) fn recipient(&self, name: &RecipientName) -> Option<&Recipient> {
        self.recipients.get(name)
    }

    pub(crate) fn service(&self, name: &ServiceName) -> Option<&Service> {
        self.services.get(name)
    }

    pub(crate) fn role(&self, name: &RoleName) -> Option<&Role> {
        self.roles.get(name)
    }

    /// Whether laws treat the category as special; one that nobody knows counts as special.
    pub(crate) fn is_special(&self, category: &CategoryName) -> bool {
        self.is_special.get(category).copied().unwrap_or_else(|| {
            taxonomy::category(category.as_str())
                .is_none_or(|class| class.sensitivity == Sensitivity::Special)
        })
    }

    /// Whether an address or number of this channel is confirmed before it is used: those of
    /// mail, text messages and calls, unless the manifest says that the shop verifies them.
    #[must_use]
    pub fn asks_confirmation(&self, channel: Channel) -> bool {
        matches!(channel, Channel::Email | Channel::Sms | Channel::Phone)
            && !self.unconfirmed_channels.contains(&channel)
    }
}

impl PurposeRules {
    /// Whether people have no switch for it: neither consent nor objection nor opt-out.
    pub(crate) const fn is_necessity(&self) -> bool {
        self.kind.is_necessity()
    }

    /// Whether it sells, shares or advertises by behaviour, which Global Privacy Control denies.
    pub(crate) const fn is_sale(&self) -> bool {
        matches!(self.kind, PurposeKind::Advertising | PurposeKind::Sharing)
    }
}

fn compile_purpose(purpose: &Purpose) -> PurposeRules {
    let under = purpose.basis_under.iter().map(|(law, ground)| (Some(law.clone()), ground));
    PurposeRules {
        kind: purpose.kind,
        built_in: None,
        is_disclosed: !purpose.title.is_empty() && !purpose.explanation.is_empty(),
        categories: purpose.categories.clone(),
        recipients: purpose.recipients.clone(),
        channels: purpose.channels.clone(),
        retention: purpose.retention,
        law_purposes: law_purposes(purpose),
        grounds: std::iter::once((None, &purpose.basis))
            .chain(under)
            .map(|(law, ground)| GroundRules {
                law,
                basis: ground.basis,
                findings: ground_findings(purpose.kind, ground),
                alternatives: law::vocabulary::grounds(purpose.kind, ground.basis),
                facts: ground.facts.clone(),
            })
            .collect(),
    }
}

/// What the packs call a purpose: by its kind, and by the decisions that rest on it.
fn law_purposes(purpose: &Purpose) -> Vec<LawPurpose> {
    let mut purposes = law::vocabulary::purpose_codes(purpose.kind);
    match (purpose.decides, purpose.effect) {
        (Decides::No, _) | (_, Effect::None) => {}
        (Decides::Assists, _) => purposes.push(LawPurpose::ProfilingSignificant),
        (Decides::Alone, _) => {
            purposes.extend([LawPurpose::ProfilingSignificant, LawPurpose::AutomatedDecision]);
        }
    }
    purposes
}

/// What is wrong with a ground, whoever it is about.
fn ground_findings(kind: PurposeKind, ground: &Ground) -> Vec<FindingCode> {
    let is_named = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let names_law = is_named(&ground.citation) || !ground.facts.is_empty();
    let mut findings = Vec::new();
    if !is_possible(kind, ground.basis) {
        findings.push(FindingCode::BasisImpossible);
    }
    if ground.basis == Basis::LegitimateInterests && !is_named(&ground.balancing_test) {
        findings.push(FindingCode::BalancingTestMissing);
    }
    if matches!(ground.basis, Basis::OptOutLaw | Basis::ExistingCustomer) && !names_law {
        findings.push(FindingCode::LooseningUnnamed);
    }
    findings
}

/// Whether a purpose of this kind can stand on this basis at all. A necessity never asks for
/// consent, and what is not needed never claims that it is.
fn is_possible(kind: PurposeKind, basis: Basis) -> bool {
    match basis {
        Basis::Consent | Basis::OptOutLaw => !kind.is_necessity(),
        Basis::ExistingCustomer => kind == PurposeKind::Marketing,
        Basis::LegitimateInterests | Basis::PublicTask => true,
        Basis::Contract | Basis::LegalObligation | Basis::VitalInterests => {
            debug_assert_eq!(basis.choice(), Choice::None);
            kind.is_necessity() || matches!(kind, PurposeKind::Service | PurposeKind::Loyalty)
        }
    }
}

/// Every action that a declared purpose of this kind covers: training is a purpose of its own.
pub(crate) fn covers_action(rules: &PurposeRules, action: Action) -> bool {
    match rules.built_in {
        Some(built_in) => built_in.actions().contains(&action),
        None => action != Action::Train || rules.kind == PurposeKind::AiTraining,
    }
}
