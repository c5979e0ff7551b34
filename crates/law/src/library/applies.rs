//! Which laws apply to a person, a controller and a use.

use super::controller::{Circumstances, Controller};
use super::on::LawOn;
use super::person::Person;
use super::uses::Use;
use crate::code::Metric;
use crate::pack::{AppliesWhen, Fact, Head};
use crate::territory::Lies;

/// How sure it is that a law applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applies {
    /// Something that would say so is not known: it is taken to apply.
    Assumed,
    /// A condition of the law holds.
    Yes,
}

/// A law that applies, and why.
#[derive(Debug, Clone, Copy)]
pub struct Applying<'l, 'v> {
    /// The law with what counts of it on the day.
    pub law: &'v LawOn<'l>,
    /// How sure it is.
    pub applies: Applies,
    /// The condition that holds, or the first that may; none: the pack names none on the day.
    pub because: Option<&'l Head>,
    /// Whether the person is in its territory for certain.
    pub lies: Lies,
}

/// Whether a law applies; none: it does not.
pub(super) fn applying<'l, 'v>(
    law: &'v LawOn<'l>,
    person: &Person,
    controller: &Controller,
    of_use: Option<&Use>,
) -> Option<Applying<'l, 'v>> {
    let pack = &law.law.pack;
    let lies = lies(law, person, controller);
    let circumstances = Circumstances { kind: pack.kind, person, of_use };
    let conditions: Vec<(&'l Fact<AppliesWhen>, Option<bool>)> = law
        .applies_when()
        .filter(|fact| lies > Lies::Outside || is_about_establishment(fact))
        .map(|fact| (fact, all(fact, controller, &circumstances)))
        .collect();
    if let Some((because, _)) = conditions.iter().find(|(_, holds)| *holds == Some(true)) {
        // A law of a sector that may or may not reach the person does so where the controller is in it.
        return Some(Applying { law, applies: Applies::Yes, because: Some(&because.head), lies });
    }
    let reaches = lies == Lies::Inside || (lies == Lies::Perhaps && pack.kind.is_general());
    let may = conditions
        .iter()
        .find(|(fact, holds)| holds.is_none() && (reaches || is_about_establishment(fact)))
        .map(|(fact, _)| &fact.head);
    let silent = law.applies_when().next().is_none();
    let assumed = may.is_some() || (reaches && silent);
    assumed.then_some(Applying { law, applies: Applies::Assumed, because: may, lies })
}

/// How the person lies to the law's territory. Of an unknown person, and of one of whom only
/// the country is known, the law is taken where the controller serves people there.
fn lies(law: &LawOn<'_>, person: &Person, controller: &Controller) -> Lies {
    let territory = &law.law.pack.jurisdiction;
    let known = person.regions.iter().map(|region| territory.of(region)).max();
    let serves = || {
        let served = controller.serves.iter().map(|region| territory.of(region)).max();
        served.is_none_or(|served| served > Lies::Outside)
    };
    match known {
        Some(Lies::Inside) => Lies::Inside,
        Some(Lies::Outside) => Lies::Outside,
        None | Some(Lies::Perhaps) if serves() => Lies::Perhaps,
        None | Some(Lies::Perhaps) => Lies::Outside,
    }
}

/// A condition of establishment reaches every person, wherever they are.
fn is_about_establishment(fact: &Fact<AppliesWhen>) -> bool {
    fact.body.all.iter().any(|condition| condition.metric == Metric::Establishment)
}

/// Whether all conditions hold: no, where one does not; else unknown, where one is.
fn all(fact: &Fact<AppliesWhen>, controller: &Controller, of: &Circumstances<'_>) -> Option<bool> {
    let answers: Vec<Option<bool>> =
        fact.body.all.iter().map(|condition| controller.holds(condition, of)).collect();
    if answers.contains(&Some(false)) {
        return Some(false);
    }
    answers.into_iter().collect::<Option<Vec<bool>>>().map(|_| true)
}
