//! Decisions inside the process.

use std::collections::HashSet;
use std::hint::black_box;
use std::time::Instant;

use app::access::{Asker, Mode, Question, What, decide_one};
use app::identity::SubjectRef;
use gate::{Standing, Use, decide};
use model::{Action, Actor, Channel, EntryId, PurposeName, ServiceName, SubjectId};

use super::dice::Dice;
use super::report::{Figure, Target, median, quantile};
use super::{Context, ROUNDS, shop};

const NAME: &str = "decision";
/// Decisions of one round.
const ASKS: usize = 20_000;

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let controller = bench.world.controller();
    let mut dice = Dice::new(1);
    let (mut medians, mut tails, mut gates, mut plain) = (vec![], vec![], vec![], vec![]);
    let allowed: HashSet<SubjectId> = bench.people.ids().iter().step_by(2).copied().collect();
    let standings = some_standings(bench)?;
    let in_force = controller.in_force()?;
    for _ in 0..ROUNDS {
        let mut took = Vec::with_capacity(ASKS);
        for _ in 0..ASKS {
            let (question, asker) = question(bench.people.pick(&mut dice)?, &mut dice)?;
            let mode = Mode { strict: false, dry_run: true };
            let began = Instant::now();
            let verdict = bench.runtime.block_on(decide_one(controller, question, asker, mode))?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
            black_box(verdict);
        }
        medians.push(quantile(&mut took, 0.5));
        tails.push(quantile(&mut took, 0.99));
        took.clear();
        for standing in &standings {
            let asked = gate_question(&mut dice)?;
            let began = Instant::now();
            let _ = black_box(decide(&in_force.policy, standing, &asked, controller.now()));
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        gates.push(quantile(&mut took, 0.5));
        took.clear();
        for _ in 0..ASKS {
            let id = bench.people.pick(&mut dice)?;
            let began = Instant::now();
            black_box(allowed.contains(&id));
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        plain.push(quantile(&mut took, 0.5));
    }
    let plain = median(plain);
    Ok(vec![
        Figure::new(NAME, "in-process decision about anybody, p50", median(medians), "µs")
            .beside("a set of ids looked into", plain)
            .target(Target::AtMost(2.0)),
        Figure::new(NAME, "in-process decision about anybody, p99", median(tails), "µs"),
        Figure::new(NAME, "the gate alone, the standing at hand, p50", median(gates), "µs"),
    ])
}

/// A question of the bench's service about a person, over some purpose.
pub(super) fn question(id: SubjectId, dice: &mut Dice) -> anyhow::Result<(Question, Asker)> {
    let what = what(dice)?;
    let asker = Asker::new(Actor::Service(ServiceName::new(shop::SERVICE)?));
    Ok((Question { subject: SubjectRef::Id(id), what }, asker))
}

/// Something to be done: to send over a channel, or to use.
pub(super) fn what(dice: &mut Dice) -> anyhow::Result<What> {
    let number = 1 + usize::try_from(dice.below(shop::PURPOSES as u64))?;
    let mut what = What::new(PurposeName::new(&shop::purpose(number))?, Action::Use);
    if number.is_multiple_of(3) {
        what.action = Action::Send;
        what.channel = Some(Channel::Email);
    }
    what.categories = ["identity.first-name", "contact.email"]
        .into_iter()
        .map(model::CategoryName::new)
        .collect::<Result<_, _>>()?;
    Ok(what)
}

fn gate_question(dice: &mut Dice) -> anyhow::Result<Use> {
    let what = what(dice)?;
    let actor = Actor::Service(ServiceName::new(shop::SERVICE)?);
    let mut asked = Use::new(EntryId::random(), actor, what.action, what.purpose);
    asked.channel = what.channel;
    asked.categories = what.categories;
    Ok(asked)
}

fn some_standings(bench: &Context) -> anyhow::Result<Vec<Standing>> {
    let mut draw = super::people::Draw::new(7)?;
    let now = bench.world.controller().now();
    (0..ASKS).map(|_| draw.standing(now)).collect()
}
