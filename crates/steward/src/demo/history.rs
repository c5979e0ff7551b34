//! The months before the demo begins: a shop's customers, their orders and what they looked at,
//! what they allowed and took back, what the shop asked and was refused.
//!
//! Everything is made through the use cases that the API calls, by a clock that runs through
//! those months: events, entries and timelines carry the time at which they would have
//! happened. The log is begun afterwards, so that its order is the order of time.

mod acts;
mod customers;
mod dice;
mod files;
mod life;
mod week;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use app::Controller;
use app::manifest;
use model::manifest::Loaded;
use model::{Actor, Clock, SubjectId, Timestamp};
use tokio::task::JoinSet;

use self::acts::Person;
use self::customers::Customer;
use self::dice::Dice;
use self::life::{DAYS, Dated, Deed, Life};

/// Customers whose portal the demo names: one reads English, one French.
pub(crate) const NAMED: [&str; 2] = ["olive.hartley@mail.example", "zoe.charpentier@mail.example"];
/// How many customers there are.
pub(crate) const CUSTOMERS: u32 = 1_000;
/// People who act at one time, so that they share the store's commits.
const AT_ONCE: usize = 96;
/// How many days pass before the shop's own questions are asked.
const WEEK_DAYS: i64 = 7;

/// On which day the shop's present manifest came into force.
const CHANGED_ON: i64 = 150;

/// What was put in.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lived {
    /// Customers, erased ones among them.
    pub(crate) customers: u32,
    /// Orders.
    pub(crate) orders: usize,
    /// Pages that customers looked at, as far as they were taken in.
    pub(crate) views: u64,
    /// Choices of customers and visitors.
    pub(crate) choices: usize,
    /// Questions to the gate.
    pub(crate) questions: usize,
}

/// A clock that stands.
struct Standing(Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The same controller at a moment of the past.
fn at(controller: &Controller, moment: Timestamp) -> Controller {
    controller.by_clock(Arc::new(Standing(moment)))
}

/// Whom each customer number became; numbers begin at 1.
#[derive(Clone, Default)]
struct People(Arc<Mutex<std::collections::BTreeMap<u32, SubjectId>>>);

impl People {
    fn get(&self, number: u32) -> Option<SubjectId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&number).copied()
    }

    fn put(&self, number: u32, subject: SubjectId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(number, subject);
    }

    fn forget(&self, number: u32) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}

/// When the history begins: midnight, so many days ago.
pub(crate) fn start(now: Timestamp) -> Timestamp {
    Timestamp::from_seconds(now.seconds().div_euclid(86_400) * 86_400).plus_days(-DAYS)
}

/// Lives through the months before now, under the shop's past manifest and then its present
/// one. `folder` takes the files that are read in, and holds none of them afterwards.
pub(crate) async fn live(
    controller: &Controller,
    [before, present]: &[Loaded; 2],
    folder: &Path,
    seed: u64,
) -> anyhow::Result<Lived> {
    let start = start(controller.now());
    manifest::apply(&at(controller, start.plus_seconds(7 * 3_600)), before, Actor::Operator).await?;
    let lives = lives(seed, start)?;
    let people = People::default();
    let mut lived = Lived { customers: CUSTOMERS, ..Lived::default() };
    files::record_shop(&at(controller, start.plus_seconds(8 * 3_600)), folder, &lives).await?;
    let mut queues: Vec<(Arc<Customer>, std::vec::IntoIter<Dated>)> =
        lives.into_iter().map(|life| (Arc::new(life.customer), life.deeds.into_iter())).collect();
    let mut pages = Dice::fork(seed, 2);
    let mut shop = week::Shop::new(controller, &people, Dice::fork(seed, 3));
    let mut since = start;
    while since < start.plus_days(DAYS) {
        let until = since.plus_days(WEEK_DAYS).min(start.plus_days(DAYS));
        if since >= start.plus_days(CHANGED_ON) && controller.in_force()?.policy.version() == 1 {
            manifest::apply(&at(controller, since), present, Actor::Operator).await?;
        }
        let ordered = act(controller, &people, &mut queues, until, &mut lived).await?;
        let customers: Vec<Arc<Customer>> = queues.iter().map(|(customer, _)| Arc::clone(customer)).collect();
        let here: Vec<u32> =
            customers.iter().map(|who| who.number).filter(|number| people.get(*number).is_some()).collect();
        files::orders(&at(controller, until), folder, &ordered, &mut pages).await?;
        lived.views +=
            files::page_views(&at(controller, until), folder, (since, until), &here, &mut pages).await?;
        lived.orders += ordered.len();
        let asked = shop.week(since, until, &here, &ordered).await?;
        lived.questions += asked.questions;
        lived.choices += asked.choices;
        since = until;
    }
    Ok(lived)
}

fn lives(seed: u64, start: Timestamp) -> anyhow::Result<Vec<Life>> {
    let mut dice = Dice::fork(seed, 1);
    (1..=CUSTOMERS)
        .map(|number| {
            let customer = Customer::new(number, &mut dice);
            Life::new(customer, &mut Dice::fork(seed, 1_000 + u64::from(number)), start)
        })
        .collect()
}

/// An order: whose, and when.
#[derive(Debug, Clone, Copy)]
struct Ordered {
    customer: u32,
    at: Timestamp,
}

/// Lets everybody do what they do before `until`, and answers who ordered.
async fn act(
    controller: &Controller,
    people: &People,
    queues: &mut [(Arc<Customer>, std::vec::IntoIter<Dated>)],
    until: Timestamp,
    lived: &mut Lived,
) -> anyhow::Result<Vec<Ordered>> {
    let (mut running, mut ordered) = (JoinSet::new(), Vec::new());
    for (customer, queue) in queues {
        let mut due = Vec::new();
        while let Some(dated) = queue.as_slice().first()
            && dated.at < until
        {
            match &dated.deed {
                Deed::Order => ordered.push(Ordered { customer: customer.number, at: dated.at }),
                Deed::Choose(events) => lived.choices += events.len(),
                _ => {}
            }
            due.extend(queue.next());
        }
        if due.is_empty() {
            continue;
        }
        if running.len() >= AT_ONCE
            && let Some(done) = running.join_next().await
        {
            let () = done??;
        }
        let person = Person::new(controller.clone(), people.clone(), Arc::clone(customer));
        running.spawn(async move {
            let number = person.customer.number;
            person.act(due).await.with_context(|| format!("customer {number}"))
        });
    }
    while let Some(done) = running.join_next().await {
        let () = done??;
    }
    ordered.sort_by_key(|order| (order.at, order.customer));
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_history_again() {
        let start = start(Timestamp::from_seconds(1_795_521_600));
        let told = |seed| {
            let lives = lives(seed, start).expect("lives");
            lives
                .iter()
                .map(|life| (life.is_old, life.deeds.iter().map(|d| d.at).collect()))
                .collect::<Vec<(_, Vec<_>)>>()
        };
        assert_eq!(told(1), told(1));
        assert_ne!(told(1), told(2));
    }

    #[test]
    fn nothing_happens_before_the_history_begins_or_after_it_ends() {
        let start = start(Timestamp::from_seconds(1_795_521_600));
        for life in lives(3, start).expect("lives") {
            assert!(life.deeds.iter().all(|deed| deed.at >= start && deed.at < start.plus_days(DAYS)));
        }
    }
}
