//! Durable consent events with the sequencer running, beside plain statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::Controller;
use app::consent::{NewEvent, RecordConsent, record};
use app::identity::SubjectRef;
use model::{Act, Actor, EntryId, EventId, Origin, PurposeName, ServiceName, Shown, SubjectId, Switch};
use store::DbError;
use store::measure::{PlainEvent, write_events};
use tokio::task::JoinSet;

use super::dice::Dice;
use super::report::{Figure, Target, median, per_second};
use super::{Context, shop};
use crate::background::Background;

const NAME: &str = "consent";
/// Writers, each with one event under way.
const WRITERS: usize = 256;
/// How long events are written in one round.
const TIME: Duration = Duration::from_secs(4);
/// Rows of the plain baseline in one round.
const PLAIN: usize = 20_000;
/// Rows of one plain transaction.
const PLAIN_TX: usize = 500;
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let controller = bench.world.controller();
    let (mut events, mut plain) = (vec![], vec![]);
    let mut dice = Dice::new(3);
    for _ in 0..ROUNDS {
        let rows = plain_rows(bench, &mut dice)?;
        let began = Instant::now();
        for rows in rows {
            controller
                .db
                .write_long_blocking::<_, DbError, _>("bench.plain", move |tx| write_events(tx, &rows))?;
        }
        plain.push(per_second(PLAIN, began.elapsed()));
        events.push(bench.runtime.block_on(written(bench, &mut dice))?);
    }
    let target = match bench.is_postgres() {
        true => Target::RatioAtLeast(0.3),
        false => Target::AtLeast(10_000.0),
    };
    Ok(vec![
        Figure::new(NAME, "durable consent events, 256 writers, sequencer running", median(events), "/s")
            .beside("the same rows by plain 500-row statements", median(plain))
            .target(target),
    ])
}

/// Events per second of many writers.
#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
async fn written(bench: &Context, dice: &mut Dice) -> anyhow::Result<f64> {
    let background = Background::start(&bench.world.installation).await?;
    let count = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for writer in 0..WRITERS as u64 {
        let subjects = (0..2_000).map(|_| bench.people.pick(dice)).collect::<anyhow::Result<Vec<_>>>()?;
        let (controller, count) = (bench.world.controller().clone(), Arc::clone(&count));
        let mut dice = Dice::new(1_000 + writer);
        running.spawn(async move {
            for subject in subjects.iter().cycle() {
                record_one(&controller, *subject, &mut dice).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    tokio::time::sleep(TIME / 4).await;
    let (began, before) = (Instant::now(), count.load(Ordering::Relaxed));
    tokio::time::sleep(TIME).await;
    let speed = per_second(count.load(Ordering::Relaxed) - before, began.elapsed());
    running.abort_all();
    while let Some(ended) = running.join_next().await {
        match ended {
            Ok(failed) => failed?,
            Err(error) if error.is_cancelled() => {}
            Err(error) => return Err(error.into()),
        }
    }
    background.stop().await;
    Ok(speed)
}

/// One proven yes or no, with what the person was shown.
pub(super) async fn record_one(
    controller: &Controller,
    subject: SubjectId,
    dice: &mut Dice,
) -> anyhow::Result<EntryId> {
    let number = 3 * (1 + usize::try_from(dice.below(10))?);
    let switch =
        Switch { purpose: PurposeName::new(&shop::purpose(number))?, channel: None, recipient: None };
    let act = if dice.below(2) == 0 { Act::Given(switch) } else { Act::Withdrawn(switch) };
    let mut event = NewEvent::new(act, Origin::Portal);
    event.shown = Some(Shown {
        text_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        locale: "en".to_owned(),
        button_order: vec!["reject".to_owned(), "accept".to_owned()],
        notice_version: Some("3".to_owned()),
        surface: "portal/choices".to_owned(),
    });
    let request = RecordConsent {
        subject: SubjectRef::Id(subject),
        create: false,
        events: vec![event],
        actor: Actor::Service(ServiceName::new(shop::SERVICE)?),
        request: None,
        idempotency: None,
    };
    let recorded = record(controller, request).await?;
    recorded.events.first().map(|event| event.entry).ok_or_else(|| anyhow::anyhow!("no event"))
}

/// Rows as an event leaves them, each transaction's about different people.
pub(super) fn plain_rows(bench: &Context, dice: &mut Dice) -> anyhow::Result<Vec<Vec<PlainEvent>>> {
    let now = bench.world.controller().now();
    let standing = serde_json::to_string(&super::people::Draw::new(dice.below(1_000))?.standing(now)?)?;
    let one = |subject| PlainEvent {
        subject,
        event: EventId::ordered(now),
        entry: EntryId::random(),
        recorded: now,
        purpose: shop::purpose(3),
        body: vec![b'x'; 1_100],
        standing: standing.clone(),
    };
    let mut transactions = Vec::new();
    for _ in 0..PLAIN.div_ceil(PLAIN_TX) {
        let mut subjects = std::collections::BTreeSet::new();
        while subjects.len() < PLAIN_TX.min(bench.people.len()) {
            subjects.insert(bench.people.pick(dice)?);
        }
        transactions.push(subjects.into_iter().map(one).collect());
    }
    Ok(transactions)
}
