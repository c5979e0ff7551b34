//! What each section of a pack says besides what every fact has (law/README.md, Sections).

use super::read::{At, MaybeDay, Row, Value};
use crate::code::{
    AgeRule, Alternative, AssessmentTrigger, BreachClock, BreachTo, BreachTrigger, Category, ChangeStatus,
    Counterpart, DutyKind, Exception, ExemptLevel, Mechanism, Metric, Model, NoticeKind, Op, PenaltyPer,
    Purpose, Reach, Registry, RetentionSubject, Right, RightClock, SignalEffect, SignalName, Strength,
    VersionStatus,
};
use crate::hours::{Hours, WeekendHours};
use crate::term::Term;
use crate::territory::Territory;
use toml::de::DeValue;

/// What the facts of one section say.
pub(super) trait Body: Sized {
    /// Reads the section's own keys.
    fn read(row: &Row<'_>) -> Option<Self>;
}

/// A section's own keys: a struct, and how it is read.
macro_rules! section {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $key:ident : $of:ty),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        pub struct $type { $($(#[$doc])* #[doc = concat!("`", stringify!($key), "`")] pub $key: $of),+ }

        impl Body for $type {
            fn read(row: &Row<'_>) -> Option<Self> {
                $(let $key = row.get::<$of>(stringify!($key));)+
                Some(Self { $($key: $key?),+ })
            }
        }
    };
}

section! {
    /// A version of the law.
    Version {
        status: VersionStatus,
    }
}

section! {
    /// A set of conditions that must all hold for the law to apply; several facts are alternatives.
    AppliesWhen {
        all: Vec<Condition>,
        /// How the amount is adjusted from time to time, where it is.
        index: Option<String>,
    }
}

section! {
    /// Whom or what the law leaves out. A person decides whether it is so.
    Exempt {
        level: ExemptLevel,
    }
}

section! {
    /// The categories that the law calls sensitive.
    Sensitive {
        categories: Vec<Category>,
    }
}

section! {
    /// The age below which the law protects the young.
    Age {
        /// Years.
        under: u32,
        rule: AgeRule,
        /// National choices: the fact holds in these countries, before the general one.
        states: Vec<Territory>,
    }
}

section! {
    /// What a use of a category for a purpose needs.
    Consent {
        category: Category,
        purpose: Purpose,
        model: Model,
        strength: Strength,
        /// What may stand in the place of consent.
        alternatives: Vec<Alternative>,
        withdraw_as_easy: Option<bool>,
        proof_required: Option<bool>,
        bundling_forbidden: Option<bool>,
        /// Stop after withdrawal.
        revoke_within: Option<Term>,
        /// No new request before.
        reask_after: Option<Term>,
        /// How long consent holds.
        valid_for: Option<Term>,
        /// First and last year of age.
        ages: Option<Ages>,
        /// Radius of a place, in feet.
        radius_feet: Option<u32>,
        /// The fact states a quality (defaults, form of consent) and is no model.
        quality: Option<bool>,
    }
}

section! {
    /// What a message or call needs.
    Channel {
        channel: Reach,
        purpose: Purpose,
        model: Model,
        strength: Option<Strength>,
        exception: Option<Exception>,
        exception_within: Option<Term>,
        /// The fact holds only in these countries of the territory, before the general one.
        states: Vec<Territory>,
        optout_deadline: Option<Term>,
        /// Confirm consent again after.
        valid_for: Option<Term>,
        optout_in_every_message: Option<bool>,
        /// How long the way to opt out must work.
        mechanism_valid: Option<Term>,
        sender_identity_required: Option<bool>,
        postal_address_required: Option<bool>,
        registry: Option<Registry>,
        scrub_every: Option<Term>,
        /// Local time of the person.
        hours: Option<Hours>,
        /// Local time of the person.
        hours_weekend: Option<WeekendHours>,
        /// Consent may be asked once.
        once_only: Option<bool>,
        confirmation_within_minutes: Option<u32>,
        /// The fact states a quality (who must be named) and is no model.
        quality: Option<bool>,
    }
}

section! {
    /// What a person may ask for, and by when it is answered.
    RightFact {
        right: Right,
        respond: Term,
        extend: Option<Term>,
        /// Acknowledge.
        ack: Option<Term>,
        appeal: Option<Term>,
        clock: Option<RightClock>,
        clock_note: Option<String>,
        /// The number used in practice where the law gives none.
        practice: Option<Term>,
        free_per_year: Option<u32>,
        fee: Option<String>,
        verify: Option<String>,
        /// A longer limit for archives.
        backup_deletion: Option<Term>,
    }
}

section! {
    /// Who is told of a breach, and by when.
    Breach {
        to: BreachTo,
        recipient: String,
        deadline: Term,
        clock: BreachClock,
        /// From how many people on; 0 or 1: any.
        min_people: u32,
        trigger: BreachTrigger,
        encryption_safe_harbor: Option<bool>,
        content: Vec<String>,
        /// Follow-up report.
        second_stage: Option<Term>,
        /// Limit to assess a suspicion.
        assess_within: Option<Term>,
        /// How long monitoring is offered.
        identity_protection: Option<Term>,
        /// The state whose residents the row is about.
        state: Option<Territory>,
        risk_of_harm_exit: Option<bool>,
        /// `false` marks a row that says there is no such duty.
        required: Option<bool>,
    }
}

section! {
    /// A notice that people get.
    Notice {
        kind: NoticeKind,
        items: Vec<String>,
        deadline: Option<Term>,
        update_every: Option<Term>,
    }
}

section! {
    /// How long something is kept.
    RetentionFact {
        subject: RetentionSubject,
        /// Keep at least.
        min: Option<Term>,
        /// Erase by.
        max: Option<Term>,
        /// No rule of law.
        recommended: Option<Term>,
        prior_notice: Option<Term>,
    }
}

section! {
    /// A contract that is due.
    Contract {
        with: Counterpart,
        clauses: Vec<String>,
    }
}

section! {
    /// What a transfer abroad rests on.
    Transfer {
        mechanism: Mechanism,
        countries: Vec<Destination>,
        deadline: Option<Term>,
    }
}

section! {
    /// A standing duty.
    Duty {
        duty: DutyKind,
        items: Vec<String>,
        prior_notice: Option<Term>,
    }
}

section! {
    /// When an assessment is due.
    Assessment {
        triggers: Vec<AssessmentTrigger>,
        keep: Option<Term>,
    }
}

section! {
    /// A signal of the browser, and what it does.
    SignalFact {
        signal: SignalName,
        mandatory: bool,
        /// The law attaches conditions, or is drafted softly.
        conditional: Option<bool>,
        effects: Vec<SignalEffect>,
    }
}

section! {
    /// What a breach of the law costs.
    Penalty {
        /// In whole units of the currency.
        max_amount: Option<u64>,
        currency: Option<Currency>,
        percent_turnover: Option<f64>,
        per: Option<PenaltyPer>,
        private_right: Option<bool>,
        /// Time to mend before a penalty.
        cure: Option<Term>,
    }
}

section! {
    /// A change to watch.
    ChangeFact {
        status: ChangeStatus,
        effective: MaybeDay,
        /// A proposed limit.
        reask_after: Option<Term>,
    }
}

/// One condition of application: `{ metric, op, value, region? }`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Condition {
    /// What is asked of the controller.
    pub metric: Metric,
    /// How it is compared.
    pub op: Op,
    /// With what.
    pub value: Against,
    /// In which region it is counted; none: as a whole.
    pub region: Option<Territory>,
}

/// What a condition compares with.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Against {
    /// A number; 1 and 0 stand for yes and no.
    Number(f64),
    /// A territory.
    Territory(Territory),
    /// A kind of organisation.
    Word(String),
}

impl Value for Condition {
    fn expected() -> String {
        "expected { metric = …, op = …, value = …, region = … }".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let Some(table) = value.as_table() else {
            return at.wrong("this is no condition", Self::expected());
        };
        let row = at.row(table, "a condition");
        let (metric, op, region) = (row.get::<Metric>("metric"), row.get::<Op>("op"), row.get("region"));
        let value = match (op?, metric?) {
            (Op::In, Metric::EntityType) => row.get("value").map(Against::Word),
            (Op::In, _) => row.get("value").map(Against::Territory),
            _ => row.get("value").map(Against::Number),
        };
        Some(Self { metric: metric?, op: op?, value: value?, region: region? })
    }
}

/// First and last year of age: `[13, 15]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Ages {
    /// The first year of age that counts.
    pub first: u32,
    /// The last year of age that counts.
    pub last: u32,
}

impl Value for Ages {
    fn expected() -> String {
        "expected the first and the last year of age, like [13, 15]".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        match Vec::<u32>::read(value, at)?.as_slice() {
            [first, last] if first <= last && *last < 120 => Some(Self { first: *first, last: *last }),
            _ => at.wrong("these are no ages", Self::expected()),
        }
    }
}

/// A country that a transfer may go to: a region, `EU-EEA`, or `US-DPF` for those who take
/// part in the Data Privacy Framework.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Destination {
    /// Everybody there.
    Territory(Territory),
    /// Participants of a framework only.
    Framework(String),
}

impl Value for Destination {
    fn expected() -> String {
        format!("{}, or `US-DPF`", Territory::expected())
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        match value.as_str() {
            Some(framework @ "US-DPF") => Some(Self::Framework(framework.to_owned())),
            _ => Territory::read(value, at).map(Self::Territory),
        }
    }
}

/// A currency by ISO 4217, such as `EUR`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Currency(pub String);

impl Value for Currency {
    fn expected() -> String {
        "expected a currency of ISO 4217, like `EUR`".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let code =
            value.as_str().filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()));
        code.map(|code| Self(code.to_owned())).or_else(|| at.wrong("this is no currency", Self::expected()))
    }
}
