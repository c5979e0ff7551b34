//! What the laws of ours say, for people who can read a statute.

mod cases;
mod properties;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use model::manifest::{Fact, FactValue};
use model::{AgeBand, Channel, PurposeKind, taxonomy};

use super::*;
use crate::code::{Metric, Model, Purpose, Strength};
use crate::day::Day;

/// The built-in packs, none of them reviewed.
static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::load(None, &BTreeMap::new()).unwrap());

const TODAY: &str = "2026-11-24";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn person(regions: &[&str]) -> Person {
    Person::within(regions.iter().map(|region| region.parse().unwrap()))
}

fn controller(established: &str, facts: &[(Metric, FactValue)]) -> Controller {
    Controller {
        established: BTreeSet::from([established.parse().unwrap()]),
        serves: BTreeSet::new(),
        facts: facts.iter().map(|(metric, value)| (*metric, Fact::Everywhere(value.clone()))).collect(),
    }
}

/// A shop of which nothing is known but that it is nowhere with a law of its own.
fn shop() -> Controller {
    controller("NZ", &[])
}

fn words(words: &[&str]) -> FactValue {
    FactValue::Words(words.iter().map(|word| (*word).to_owned()).collect())
}

fn of(kind: PurposeKind, categories: &[&str]) -> Use {
    categories.iter().fold(Use::for_kind(kind), |of_use, name| of_use.of(taxonomy::category(name).unwrap()))
}

fn mail() -> Use {
    of(PurposeKind::Marketing, &["contact.email"]).over(Channel::Email)
}

/// The facts that decide, as `law/section/id`, with the model.
fn decided(answer: &Answer<'_>) -> (Option<Model>, BTreeSet<String>) {
    let facts = answer.deciding().flat_map(|law| law.deciding().map(|ask| ask.fact.name.to_string()));
    (answer.model(), facts.collect())
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
