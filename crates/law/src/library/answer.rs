//! What the laws ask of a use, law by law (law/README.md, rules 2 to 5).

mod cover;
mod given;

use std::collections::BTreeSet;

use self::cover::{covers_category, covers_purpose, covers_reach, more_specific};
pub use self::given::{Given, Met};
use super::Law;
use super::applies::{Applies, Applying};
use super::on::LawOn;
use super::person::Person;
use super::uses::Use;
use crate::code::{AgeRule, Alternative, Category, Kind, Model, Purpose, Strength};
use crate::pack::{Age, Channel, Consent, Fact, Head};
use crate::set::Categories;
use crate::territory::Lies;

/// What every law that applies asks of one use.
#[derive(Debug, Clone)]
pub struct Answer<'l> {
    /// Law by law, ordered by id. Each is satisfied by itself, on a ground of its own.
    pub laws: Vec<LawAnswer<'l>>,
}

impl<'l> Answer<'l> {
    /// The strictest model of all laws; none: every law is silent, and nothing is allowed by it.
    #[must_use]
    pub fn model(&self) -> Option<Model> {
        self.laws.iter().filter_map(LawAnswer::model).max()
    }

    /// The laws that ask for the strictest model.
    pub fn deciding(&self) -> impl Iterator<Item = &LawAnswer<'l>> {
        let model = self.model();
        self.laws.iter().filter(move |law| model.is_some() && law.model() == model)
    }

    /// The forms in which consent must come, where consent is the ground, over all laws that ask
    /// for it.
    #[must_use]
    pub fn strengths(&self) -> BTreeSet<Strength> {
        let asking = self.laws.iter().filter(|law| law.model() >= Some(Model::OptIn));
        asking.flat_map(LawAnswer::strengths).collect()
    }

    /// Whether the named facts let the use go on without consent until the person says no: every
    /// law asks for no more than that, each that speaks was reviewed, and one of the facts named
    /// decides under a law that applies. The fact is one that a person signed for in the manifest.
    #[must_use]
    pub fn is_loosened_by(&self, named: &BTreeSet<&str>) -> bool {
        let speaks: Vec<&LawAnswer<'_>> = self.laws.iter().filter(|law| !law.asks.is_empty()).collect();
        speaks.iter().all(|law| law.model() <= Some(Model::OptOut) && law.law.is_reviewed())
            && speaks.iter().any(|law| law.asks.iter().any(|ask| named.contains(&*ask.fact.name)))
    }
}

/// What one law asks of one use.
#[derive(Debug, Clone)]
pub struct LawAnswer<'l> {
    /// The law.
    pub law: &'l Law,
    /// How sure it is that it applies.
    pub applies: Applies,
    /// The condition by which it applies.
    pub because: Option<&'l Head>,
    /// What it asks: every one must be met. Empty: the law is silent on the use.
    pub asks: Vec<Ask<'l>>,
    /// Facts on the form of consent, for where consent is the ground.
    pub qualities: Vec<&'l Fact<Consent>>,
    /// The fact by which a parent agrees in the person's place.
    pub parent: Option<&'l Fact<Age>>,
}

impl LawAnswer<'_> {
    /// The strictest model it asks for; none: silent.
    #[must_use]
    pub fn model(&self) -> Option<Model> {
        self.asks.iter().map(Ask::model).max()
    }

    /// The asks of the strictest model.
    pub fn deciding(&self) -> impl Iterator<Item = &Ask<'_>> {
        let model = self.model();
        self.asks.iter().filter(move |ask| Some(ask.model()) == model)
    }

    /// The forms in which consent must come under this law, where consent is the ground.
    #[must_use]
    pub fn strengths(&self) -> BTreeSet<Strength> {
        let asked = self.asks.iter().filter(|ask| ask.model() == Model::OptIn).filter_map(Ask::strength);
        let qualities = self.qualities.iter().map(|fact| fact.body.strength);
        let parent = self.parent.map(|_| Strength::Parental);
        asked.chain(qualities).chain(parent).filter(|strength| *strength != Strength::Implied).collect()
    }

    /// Every fact the answer rests on.
    pub fn facts(&self) -> impl Iterator<Item = &Head> {
        let asks = self.asks.iter().map(|ask| ask.fact);
        let qualities = self.qualities.iter().map(|fact| &fact.head);
        asks.chain(qualities).chain(self.parent.map(|fact| &fact.head))
    }
}

/// One thing that a law asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ask<'l> {
    /// What every fact has: name, citation, whether it was looked up.
    pub fact: &'l Head,
    /// What the fact says.
    pub asked: Asked<'l>,
}

/// What a fact that asks something says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked<'l> {
    /// What a use of a category for a purpose needs.
    Consent(&'l Consent),
    /// What a message or call needs.
    Channel(&'l Channel),
}

impl<'l> Ask<'l> {
    /// The model, a country's open choice taken as opt-in.
    #[must_use]
    pub const fn model(&self) -> Model {
        match self.asked {
            Asked::Consent(consent) => consent.model.effective(),
            Asked::Channel(channel) => channel.model.effective(),
        }
    }

    /// In which form consent must come.
    #[must_use]
    pub const fn strength(&self) -> Option<Strength> {
        match self.asked {
            Asked::Consent(consent) => Some(consent.strength),
            Asked::Channel(channel) => channel.strength,
        }
    }

    /// What may stand in the place of consent.
    #[must_use]
    pub fn alternatives(&self) -> &'l [Alternative] {
        match self.asked {
            Asked::Consent(consent) => &consent.alternatives,
            Asked::Channel(_) => &[],
        }
    }
}

/// What a law that applies asks of a use.
pub(super) fn of_law<'l>(applying: &Applying<'l, '_>, person: &Person, of_use: &Use) -> LawAnswer<'l> {
    let law = applying.law;
    let mut answer = LawAnswer {
        law: law.law,
        applies: applying.applies,
        because: applying.because,
        asks: Vec::new(),
        qualities: Vec::new(),
        parent: None,
    };
    if !law.law.pack.kind.decides_consent() {
        return answer;
    }
    let consent: Vec<&'l Fact<Consent>> = law.consent().collect();
    for categories in of_use.categories() {
        for purpose in of_use.purposes() {
            let about = About { law, person, of_use, categories: *categories, purpose: *purpose };
            consent_asks(&consent, &about, &mut answer);
        }
    }
    if of_use.has_channel() {
        for purpose in of_use.purposes() {
            channel_asks(law, person, of_use, *purpose, &mut answer.asks);
        }
    }
    answer.parent = parent(law, person);
    answer
}

/// A law that asks for consent and says nothing of age takes the age of the laws beside it: the
/// consent of the mail rules is that of the general law (ePrivacy 2(f), GDPR 8).
pub(super) fn lend_parents(mut answer: Answer<'_>) -> Answer<'_> {
    let lent = answer.laws.iter().filter_map(|law| law.parent).max_by_key(|fact| fact.body.under);
    for law in answer.laws.iter_mut().filter(|law| law.law.pack.age.is_empty()) {
        law.parent = lent;
    }
    answer
}

/// One category and one purpose of a use, under one law.
struct About<'a, 'l> {
    law: &'a LawOn<'l>,
    person: &'a Person,
    of_use: &'a Use,
    categories: Categories,
    purpose: Purpose,
}

/// Takes the facts whose category covers the data or the person and whose purpose covers the
/// use, and drops each that another is more specific than (rule 2).
fn consent_asks<'l>(facts: &[&'l Fact<Consent>], about: &About<'_, 'l>, answer: &mut LawAnswer<'l>) {
    let covering: Vec<&'l Fact<Consent>> = facts
        .iter()
        .copied()
        .filter(|fact| fact.body.purpose != Purpose::ConsentBased)
        .filter(|fact| is_matter_of(about.law.law.pack.kind, &fact.body, about.of_use))
        .filter(|fact| covers_purpose(fact.body.purpose, about.purpose))
        .filter(|fact| covers_category(about.law, &fact.body, about.categories, about.person))
        .collect();
    let (qualities, models): (Vec<_>, Vec<_>) =
        covering.into_iter().partition(|fact| fact.body.quality == Some(true));
    for fact in qualities {
        if !answer.qualities.iter().any(|known| known.head.name == fact.head.name) {
            answer.qualities.push(fact);
        }
    }
    for fact in &models {
        let dropped = models.iter().any(|other| more_specific(about.law, &other.body, &fact.body));
        if !dropped {
            push(&mut answer.asks, Ask { fact: &fact.head, asked: Asked::Consent(&fact.body) });
        }
    }
}

/// Laws of kind channel decide only messages, calls and access to devices (rule 4), and the
/// services on top of communication that they name.
fn is_matter_of(kind: Kind, fact: &Consent, of_use: &Use) -> bool {
    kind != Kind::Channel
        || fact.category == Category::DeviceAccess
        || matches!(fact.purpose, Purpose::ValueAddedService | Purpose::SoftwareInstall)
        || of_use.has_channel()
}

/// The facts on the way of a message; what a country chose goes before the general fact.
fn channel_asks<'l>(
    law: &LawOn<'l>,
    person: &Person,
    of_use: &Use,
    purpose: Purpose,
    asks: &mut Vec<Ask<'l>>,
) {
    let covering: Vec<&'l Fact<Channel>> = law
        .channel()
        .filter(|fact| fact.body.quality != Some(true))
        .filter(|fact| covers_reach(fact.body.channel, of_use))
        .filter(|fact| covers_purpose(fact.body.purpose, purpose))
        .filter(|fact| holds_in(&fact.body.states, person))
        .collect();
    for fact in &covering {
        let dropped =
            covering.iter().any(|other| cover::channel_goes_before(&other.body, &fact.body, person));
        if !dropped {
            push(asks, Ask { fact: &fact.head, asked: Asked::Channel(&fact.body) });
        }
    }
}

fn push<'l>(asks: &mut Vec<Ask<'l>>, ask: Ask<'l>) {
    if !asks.iter().any(|known| known.fact.name == ask.fact.name) {
        asks.push(ask);
    }
}

/// Whether a national fact concerns the person; of an unknown person it may.
fn holds_in(states: &[crate::territory::Territory], person: &Person) -> bool {
    states.is_empty()
        || person.regions.is_empty()
        || person.regions.iter().any(|region| states.iter().any(|state| state.of(region) > Lies::Outside))
}

/// The fact by which a parent agrees: the person may be younger than it says. A country's own
/// choice goes before the general age.
fn parent<'l>(law: &LawOn<'l>, person: &Person) -> Option<&'l Fact<Age>> {
    let parental = |fact: &&'l Fact<Age>| fact.body.rule != AgeRule::SelfOptIn;
    let concerning: Vec<&'l Fact<Age>> =
        law.age().filter(parental).filter(|fact| holds_in(&fact.body.states, person)).collect();
    let all_chose = !person.regions.is_empty()
        && person.regions.iter().all(|region| {
            concerning
                .iter()
                .any(|fact| fact.body.states.iter().any(|state| state.of(region) == Lies::Inside))
        });
    concerning
        .into_iter()
        .filter(|fact| !(all_chose && fact.body.states.is_empty()))
        .filter(|fact| person.ages.may_be_under(fact.body.under))
        .max_by_key(|fact| fact.body.under)
}
