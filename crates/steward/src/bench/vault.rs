//! Profiles of 20 fields, taken in and read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use app::Controller;
use app::vault::{Collect, Read, collect, read};
use model::{Actor, CategoryName, PurposeName, ServiceName, SubjectId, SystemName, ValueId};
use store::DbError;
use store::measure::{PlainValue, read_values, write_values};
use tokio::task::JoinSet;

use super::dice::Dice;
use super::report::{Figure, Target, median, per_second};
use super::{Context, shop};

const NAME: &str = "vault";
/// Callers, each with one profile under way.
const CALLERS: usize = 128;
/// How long each kind is done in one round.
const TIME: Duration = Duration::from_secs(4);
/// Profiles of the plain baseline in one round.
const PLAIN: usize = 5_000;
/// Profiles of one plain transaction.
const PLAIN_TX: usize = 100;
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let controller = bench.world.controller();
    let (mut collected, mut reads, mut plain_writes, mut plain_reads) = (vec![], vec![], vec![], vec![]);
    let mut dice = Dice::new(8);
    let taken = Arc::new(Mutex::new(Vec::new()));
    let number = Arc::new(AtomicUsize::new(1));
    for _ in 0..ROUNDS {
        let (rows, subjects) = plain_rows(bench, &mut dice)?;
        let began = Instant::now();
        for rows in rows {
            controller
                .db
                .write_long_blocking::<_, DbError, _>("bench.plain", move |tx| write_values(tx, &rows))?;
        }
        plain_writes.push(per_second(PLAIN, began.elapsed()));
        let began = Instant::now();
        for subject in &subjects {
            let subject = *subject;
            controller
                .db
                .read_blocking::<_, DbError, _>("bench.plain", move |tx| read_values(tx, &subject))?;
        }
        plain_reads.push(per_second(subjects.len(), began.elapsed()));
        let (numbers, into) = (Arc::clone(&number), Arc::clone(&taken));
        collected.push(bench.runtime.block_on(callers(controller, move |controller| {
            let (number, into) = (numbers.fetch_add(1, Ordering::Relaxed), Arc::clone(&into));
            async move {
                let subject = collect(&controller, profile(number)?).await?.subject;
                into.lock().unwrap_or_else(PoisonError::into_inner).push(subject);
                Ok(())
            }
        }))?);
        let known = Arc::new(taken.lock().unwrap_or_else(PoisonError::into_inner).clone());
        ensure!(!known.is_empty(), "no profile was taken in");
        let next = Arc::new(AtomicUsize::new(0));
        reads.push(bench.runtime.block_on(callers(controller, move |controller| {
            let place = next.fetch_add(7_919, Ordering::Relaxed) % known.len();
            let subject = known.get(place).copied();
            async move {
                if let Some(subject) = subject {
                    let shown = read(&controller, look(subject)?).await?;
                    ensure!(shown.values.len() + 2 >= shop::FIELDS, "only {} values", shown.values.len());
                }
                Ok(())
            }
        }))?);
    }
    Ok(vec![
        Figure::new(NAME, "profiles of 20 fields collected, sealed, durable", median(collected), "/s")
            .beside("their values in the clear by plain 500-row statements", median(plain_writes))
            .target(Target::AtLeast(5_000.0)),
        Figure::new(NAME, "profiles read, opened and recorded", median(reads), "/s")
            .beside("their values in the clear, one after the other", median(plain_reads))
            .target(Target::AtLeast(20_000.0)),
    ])
}

/// How often a second many callers do something.
#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
async fn callers<F>(
    controller: &Controller,
    act: impl Fn(Controller) -> F + Clone + Send + 'static,
) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let count = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    let end = Instant::now() + TIME + TIME / 4;
    for _ in 0..CALLERS {
        let (controller, act, count) = (controller.clone(), act.clone(), Arc::clone(&count));
        running.spawn(async move {
            while Instant::now() < end {
                act(controller.clone()).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    tokio::time::sleep(TIME / 4).await;
    let (began, before) = (Instant::now(), count.load(Ordering::Relaxed));
    tokio::time::sleep(TIME).await;
    let speed = per_second(count.load(Ordering::Relaxed) - before, began.elapsed());
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(speed)
}

/// The profile of a person of this number, who is new.
pub(super) fn profile(number: usize) -> anyhow::Result<Collect> {
    let mut fields = BTreeMap::from([
        ("number".to_owned(), format!("{number}").into()),
        ("email".to_owned(), format!("person{number}@bench.example").into()),
    ]);
    for field in 3..=shop::FIELDS {
        fields.insert(shop::field(field), format!("what field {field} says of person {number}").into());
    }
    Ok(Collect {
        system: SystemName::new("bench")?,
        table: "profiles".to_owned(),
        identifiers: Vec::new(),
        fields,
        purpose: None,
        actor: Actor::Service(ServiceName::new(shop::SERVICE)?),
        request: None,
        gpc: false,
        own_act: false,
        idempotency: None,
    })
}

fn look(subject: SubjectId) -> anyhow::Result<Read> {
    let fields = (3..=shop::FIELDS).map(|number| CategoryName::new(&format!("bench.field-{number:02}")));
    let mut categories: BTreeSet<CategoryName> = fields.collect::<Result<_, _>>()?;
    categories.insert(CategoryName::new("contact.email")?);
    categories.insert(CategoryName::new("identity.customer-number")?);
    Ok(Read {
        subject,
        purpose: PurposeName::new(shop::PROFILES)?,
        categories,
        actor: Actor::Service(ServiceName::new(shop::SERVICE)?),
        reason: None,
        request: None,
        with_history: false,
        with_records: false,
    })
}

type Plain = (Vec<Vec<PlainValue>>, Vec<SubjectId>);

/// The values of as many profiles in the clear, and whose they are.
fn plain_rows(bench: &Context, dice: &mut Dice) -> anyhow::Result<Plain> {
    let now = bench.world.controller().now();
    let mut subjects = BTreeSet::new();
    while subjects.len() < PLAIN.min(bench.people.len()) {
        subjects.insert(bench.people.pick(dice)?);
    }
    let subjects: Vec<SubjectId> = subjects.into_iter().collect();
    let of = |subject: &SubjectId| {
        let subject = *subject;
        (1..=shop::FIELDS).map(move |field| PlainValue {
            subject,
            id: ValueId::ordered(now),
            category: format!("bench.field-{field:02}"),
            // A name of its own for each round's value: one value of a field is current.
            field: format!("profiles.{}-{}", shop::field(field), now.micros()),
            lifetime: "account",
            recorded: now,
            value: format!("what field {field} says of somebody").into_bytes(),
        })
    };
    let rows = subjects.chunks(PLAIN_TX).map(|chunk| chunk.iter().flat_map(of).collect()).collect();
    Ok((rows, subjects))
}
