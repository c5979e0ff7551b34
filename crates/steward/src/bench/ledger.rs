//! The sequencer: entries a second, and how soon a checkpoint covers what was acknowledged.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::ledger::{LogFolder, Sequencer};
use store::DbError;
use store::measure::write_entries;

use super::dice::Dice;
use super::report::{Figure, Target, median, per_second, quantile};
use super::{Context, consent};
use crate::background::Background;

const NAME: &str = "ledger";
/// Entries of one round.
const ENTRIES: usize = 20_000;
/// Events whose way to the checkpoint is watched.
const WATCHED: usize = 40;
const ROUNDS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let controller = bench.world.controller();
    let core = controller.core();
    let (mut sequenced, mut plain) = (vec![], vec![]);
    let mut dice = Dice::new(5);
    for _ in 0..ROUNDS {
        let log = LogFolder::create(&bench.world.hosted.ledger)?;
        let mut sequencer =
            Sequencer::take_over(controller.db.clone(), log, Arc::clone(&core.signer), controller.clock())?;
        sequencer.flush()?;
        let transactions = consent::plain_rows(bench, &mut dice)?;
        let began = Instant::now();
        for rows in transactions {
            controller
                .db
                .write_long_blocking::<_, DbError, _>("bench.entries", move |tx| write_entries(tx, &rows))?;
        }
        plain.push(per_second(ENTRIES, began.elapsed()));
        let began = Instant::now();
        sequencer.flush()?;
        sequenced.push(per_second(ENTRIES, began.elapsed()));
    }
    let mut waits = bench.runtime.block_on(waits(bench))?;
    Ok(vec![
        Figure::new(NAME, "entries numbered, in tiles, signed and published", median(sequenced), "/s")
            .beside("the entries' rows by plain 500-row statements", median(plain))
            .target(Target::AtLeast(20_000.0)),
        Figure::new(NAME, "acknowledged to published checkpoint, p50", quantile(&mut waits, 0.5), "s"),
        Figure::new(NAME, "acknowledged to published checkpoint, slowest", quantile(&mut waits, 1.0), "s")
            .target(Target::AtMost(1.5)),
    ])
}

/// Seconds from the answer to an act until the published checkpoint covers its entry.
#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
async fn waits(bench: &Context) -> anyhow::Result<Vec<f64>> {
    let controller = bench.world.controller();
    let core = controller.core();
    let background = Background::start(&bench.world.installation).await?;
    let log = LogFolder::open(&bench.world.hosted.ledger)?;
    let mut dice = Dice::new(6);
    let mut waits = Vec::new();
    for _ in 0..WATCHED {
        let subject = bench.people.pick(&mut dice)?;
        let entry = consent::record_one(controller, subject, &mut dice).await?;
        let began = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let row = controller
                .db
                .read::<_, DbError, _>("bench.place", move |tx| store::ledger::find(tx, &entry))
                .await?;
            let place = row.and_then(|row| row.log_index).and_then(|index| u64::try_from(index).ok());
            let size = log.published(core.signer.verifier())?.map_or(0, |it| it.checkpoint.size);
            if place.is_some_and(|place| place < size) {
                break;
            }
        }
        waits.push(began.elapsed().as_secs_f64());
        tokio::time::sleep(Duration::from_millis(dice.below(300))).await;
    }
    background.stop().await;
    Ok(waits)
}
