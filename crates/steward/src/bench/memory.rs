//! Memory per standing, and how soon after a start decisions are answered.

use std::time::Instant;

use app::access::{Mode, decide_one};

use super::dice::Dice;
use super::report::{Figure, Target, median};
use super::{Context, decision};

const NAME: &str = "memory";

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let controller = bench.world.controller();
    let mut dice = Dice::new(9);
    let mut first = Vec::new();
    for _ in 0..100 {
        let (question, asker) = decision::question(bench.people.pick(&mut dice)?, &mut dice)?;
        let began = Instant::now();
        let mode = Mode { strict: true, dry_run: true };
        bench.runtime.block_on(decide_one(controller, question, asker, mode))?;
        first.push(began.elapsed().as_secs_f64());
    }
    Ok(vec![
        Figure::new(NAME, "a decision from the primary store, nothing in memory", median(first), "s")
            .target(Target::AtMost(5.0)),
    ])
}
