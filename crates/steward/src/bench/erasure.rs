//! Erasing somebody of whom little is held, and somebody of whom very much is.

use std::time::Instant;

use app::retention::{Erase, Extent, erase};
use app::vault::collect;
use model::{Actor, SubjectId, ValueId};
use store::DbError;
use store::measure::{PlainValue, write_values};

use super::report::{Figure, Target, median, millis};
use super::{Context, vault};

const NAME: &str = "erasure";
/// Values put in by one transaction.
const CHUNK: usize = 10_000;
/// Values of the person of whom little is held.
const FEW: usize = 10;
/// People of whom little is held that are erased.
const PEOPLE: usize = 25;

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let mut few = Vec::new();
    for number in 0..PEOPLE {
        let subject = person(bench, 10_000_000 + number, FEW)?;
        let began = Instant::now();
        bench.runtime.block_on(erase(bench.world.controller(), request(subject)))?;
        few.push(millis(began.elapsed()));
    }
    let subject = person(bench, 20_000_000, bench.values)?;
    let began = Instant::now();
    bench.runtime.block_on(erase(bench.world.controller(), request(subject)))?;
    let many = millis(began.elapsed());
    let few = median(few);
    Ok(vec![
        Figure::new(NAME, format!("erasing a person with {FEW} values, committed and read back"), few, "ms")
            .target(Target::AtMost(10.0)),
        Figure::new(NAME, format!("erasing a person with {} values", bench.values), many, "ms")
            .beside("the person with few values", few)
            .target(Target::AtMost(10.0)),
    ])
}

fn request(subject: SubjectId) -> Erase {
    Erase {
        subject,
        extent: Extent::Person,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    }
}

/// A new person with a profile and so many more values.
fn person(bench: &Context, number: usize, values: usize) -> anyhow::Result<SubjectId> {
    let controller = bench.world.controller();
    let subject = bench.runtime.block_on(collect(controller, vault::profile(number)?))?.subject;
    let now = controller.now();
    let more: Vec<usize> = (0..values).collect();
    for chunk in more.chunks(CHUNK) {
        let one = |number: &usize| PlainValue {
            subject,
            id: ValueId::ordered(now),
            category: "commercial.orders".to_owned(),
            field: format!("history.{number}"),
            lifetime: "account",
            recorded: now,
            value: vec![b'x'; 64],
        };
        let rows: Vec<PlainValue> = chunk.iter().map(one).collect();
        controller
            .db
            .write_long_blocking::<_, DbError, _>("bench.values", move |tx| write_values(tx, &rows))?;
    }
    Ok(subject)
}
