//! What counts on a day.

use super::applies::{self, Applying};
use super::controller::Controller;
use super::person::Person;
use super::uses::Use;
use super::{Answer, Law, answer};
use crate::code::Metric;
use crate::day::Day;
use crate::pack::{
    Age, AppliesWhen, Assessment, Breach, Channel, Consent, Contract, Duty, Exempt, Fact, Head, Notice,
    Penalty, RetentionFact, RightFact, SignalFact, Transfer,
};
use crate::set::Categories;

/// A law in force, with what counts of it on the day.
#[derive(Debug, Clone)]
pub struct LawOn<'l> {
    /// The law.
    pub law: &'l Law,
    day: Day,
    /// What it calls sensitive on the day.
    pub sensitive: Categories,
}

/// The facts of a section that count on the day.
macro_rules! counted {
    ($($(#[$doc:meta])* $section:ident: $body:ty),+ $(,)?) => {
        impl<'l> LawOn<'l> {
            $($(#[$doc])*
            pub fn $section(&self) -> impl Iterator<Item = &'l Fact<$body>> + use<'l> {
                let day = self.day;
                self.law.pack.$section.iter().filter(move |fact| fact.head.holds_on(day))
            })+
        }
    };
}

counted! {
    /// When it applies.
    applies_when: AppliesWhen,
    /// What it leaves out.
    exempt: Exempt,
    /// Whom it protects as young.
    age: Age,
    /// What a use needs.
    consent: Consent,
    /// What a message or call needs.
    channel: Channel,
    /// What a person may ask for.
    right: RightFact,
    /// Who is told of a breach.
    breach: Breach,
    /// The notices people get.
    notice: Notice,
    /// How long things are kept.
    retention: RetentionFact,
    /// The contracts that are due.
    contract: Contract,
    /// What a transfer rests on.
    transfer: Transfer,
    /// Standing duties.
    duty: Duty,
    /// When an assessment is due.
    assessment: Assessment,
    /// Signals of browsers.
    signal: SignalFact,
    /// What it costs.
    penalty: Penalty,
}

impl<'l> LawOn<'l> {
    fn new(law: &'l Law, day: Day) -> Self {
        let sensitive = law
            .pack
            .sensitive
            .iter()
            .filter(|fact| fact.head.holds_on(day))
            .flat_map(|fact| fact.body.categories.iter().copied())
            .collect();
        Self { law, day, sensitive }
    }

    /// Every fact that counts on the day, sections `version` and `change` aside.
    pub fn heads(&self) -> impl Iterator<Item = &'l Head> + use<'l> {
        let day = self.day;
        let counts = move |head: &&Head| head.holds_on(day) && !matches!(head.section, "version" | "change");
        self.law.pack.heads().filter(counts).collect::<Vec<_>>().into_iter()
    }

    /// Whether the law calls any of these categories sensitive.
    #[must_use]
    pub fn is_sensitive(&self, categories: Categories) -> bool {
        self.sensitive.meets(categories)
    }

    /// The metrics its conditions ask for.
    pub fn metrics(&self) -> impl Iterator<Item = Metric> + use<'l> {
        self.applies_when().flat_map(|fact| fact.body.all.iter().map(|condition| condition.metric))
    }
}

/// Every law in force on a day, ordered by id.
#[derive(Debug, Clone)]
pub struct InForce<'l> {
    day: Day,
    laws: Vec<LawOn<'l>>,
}

impl<'l> InForce<'l> {
    pub(super) fn new(laws: &'l [Law], day: Day) -> Self {
        let laws =
            laws.iter().filter(|law| law.pack.is_in_force(day)).map(|law| LawOn::new(law, day)).collect();
        Self { day, laws }
    }

    /// The day.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }

    /// Every law in force, ordered by id.
    #[must_use]
    pub fn laws(&self) -> &[LawOn<'l>] {
        &self.laws
    }

    /// The laws that apply to a person, to what the controller is, and to a use where one is
    /// asked about (a use can show that a law of a sector applies).
    pub fn applying<'v>(
        &'v self,
        person: &Person,
        controller: &Controller,
        of_use: Option<&Use>,
    ) -> Vec<Applying<'l, 'v>> {
        self.laws.iter().filter_map(|law| applies::applying(law, person, controller, of_use)).collect()
    }

    /// What every law that applies asks of a use.
    #[must_use]
    pub fn ask(&self, person: &Person, controller: &Controller, of_use: &Use) -> Answer<'l> {
        let applying = self.applying(person, controller, Some(of_use));
        let laws = applying.iter().map(|applying| answer::of_law(applying, person, of_use)).collect();
        answer::lend_parents(Answer { laws })
    }
}
