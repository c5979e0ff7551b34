//! What must be so after every step.

use std::collections::{BTreeMap, BTreeSet};

use app::AppError;
use app::access::Mode;
use app::vault::Disclosed;
use model::{Identifier, IdentifierKind, Personal};
use testkit::Engine;
use testkit::dump::{People, people};

use crate::model::{Known, State};
use crate::play::Sim;
use crate::step::QUESTIONS;
use crate::words::question;

const DRY: Mode = Mode { strict: false, dry_run: true };
const STRICT: Mode = Mode { strict: true, dry_run: true };

/// Compares the controller with the model, and its rows with those before.
pub(crate) struct Checks {
    before: Option<People>,
    /// How often everything is compared, and how often the rows, in steps.
    every: usize,
    rows_every: usize,
}

impl Checks {
    pub(crate) fn new(sim: &Sim) -> Self {
        let (every, rows_every) = if sim.db.engine() == Engine::Sqlite { (5, 2) } else { (9, 4) };
        Self { before: None, every, rows_every }
    }

    /// Before step `number`.
    pub(crate) fn before(&mut self, sim: &Sim, number: usize) {
        self.before = number.is_multiple_of(self.rows_every).then(|| people(&sim.db));
    }

    /// After step `number`; `last`: everything, whatever the number.
    pub(crate) fn after(&mut self, sim: &mut Sim, number: usize, last: bool) {
        if let (Some(before), Some(touched)) = (self.before.take(), &sim.touched) {
            rows_of_others(sim, &before, touched);
        }
        if last || number.is_multiple_of(self.every) {
            everybody(sim);
            identifiers(sim);
        } else {
            somebody(sim, number);
        }
        if last {
            sim.verify();
        }
    }
}

/// Nobody's rows changed but those of whom the step was about.
fn rows_of_others(sim: &Sim, before: &People, touched: &BTreeSet<usize>) {
    let after = people(&sim.db);
    let touched: BTreeSet<String> =
        touched.iter().map(|place| sim.model.people[*place].id.to_string()).collect();
    for (id, rows) in before.iter().filter(|(id, _)| !touched.contains(*id)) {
        let now = after.get(id).cloned().unwrap_or_default();
        let changed: Vec<_> = rows.symmetric_difference(&now).collect();
        assert!(changed.is_empty(), "rows of somebody else changed: {changed:?}");
    }
}

/// One of everybody, and one of those who are gone.
fn somebody(sim: &Sim, number: usize) {
    let all = sim.model.people.len();
    if all == 0 {
        return;
    }
    let place = sim.model.leader(number.wrapping_mul(7_919) % all);
    answers(sim, place, [u8::try_from(number % usize::from(QUESTIONS)).expect("small")]);
    shown(sim, place);
}

fn everybody(sim: &Sim) {
    for place in 0..sim.model.people.len() {
        if sim.model.leader(place) == place {
            answers(sim, place, 0..QUESTIONS);
            shown(sim, place);
        }
    }
}

/// What is answered from memory is what is answered from the store, and what the model says.
fn answers(sim: &Sim, place: usize, questions: impl IntoIterator<Item = u8>) {
    let person = &sim.model.people[place];
    let (words, closed) = (sim.model.words(place), person.closed());
    for number in questions {
        let question = question(number);
        let permitted = person.state != State::Erased && words.permit(&closed, &question);
        for mode in [DRY, STRICT] {
            let answered = sim.decide(place, &question, mode);
            assert_eq!(
                answered, permitted,
                "{question:?} about {place} ({mode:?}); words {words:?}, closed {closed:?}"
            );
        }
    }
}

/// Exactly what is held is shown; of somebody erased, nothing, and of the dead, not to somebody who
/// says that they are the person.
fn shown(sim: &Sim, place: usize) {
    let looked = sim.look(place);
    if sim.model.people[place].state == State::Erased {
        assert!(matches!(looked, Err(AppError::Erased(_))), "{looked:?}");
        return;
    }
    if sim.model.words(place).is_dead() {
        assert!(matches!(looked, Err(AppError::Denied(_))), "{looked:?}");
        return;
    }
    let found = found(&looked.expect("the person sees their own"));
    let mut held: BTreeMap<(String, String), usize> = BTreeMap::new();
    for identity in sim.model.all(place) {
        let person = &sim.model.people[identity];
        let values = person.values.iter().map(|(field, held)| ((*field).to_owned(), held.text.clone()));
        let records = person.records.iter().map(|record| (record.kind.to_owned(), record.key.to_string()));
        values.chain(records).for_each(|each| *held.entry(each).or_default() += 1);
    }
    assert_eq!(found, held, "what is shown of {place} is what is held");
}

fn found(disclosed: &Disclosed) -> BTreeMap<(String, String), usize> {
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut found = BTreeMap::new();
    for value in &disclosed.values {
        *found.entry((value.field.clone(), text(&value.value))).or_default() += 1;
    }
    for record in &disclosed.records {
        let key = ["lines.InvoiceNo", "Invoice.InvoiceId", "page_views.view_id"]
            .iter()
            .find_map(|field| record.fields.get(*field));
        let key = key.map(text).unwrap_or_default();
        *found.entry((record.kind.to_string(), key)).or_default() += 1;
    }
    found
}

/// Every number and address finds its owner, and nobody else is found.
fn identifiers(sim: &Sim) {
    for who in 1..=crate::step::CUSTOMERS {
        let owner = sim.model.owner(who).map(|owner| sim.model.people[sim.model.leader(owner)].id);
        assert_eq!(sim.find(who), owner, "customer {who}");
    }
    for known in sim.model.owners.keys().chain(sim.model.tombs.keys()) {
        let Known::Address(address) = known else { continue };
        let owner = sim.model.owners.get(known);
        let owner = owner.map(|(owner, _)| sim.model.people[sim.model.leader(*owner)].id);
        let value = Personal::new(address.clone());
        assert_eq!(sim.find_by(Identifier { kind: IdentifierKind::email(), value }), owner, "{address}");
    }
}
