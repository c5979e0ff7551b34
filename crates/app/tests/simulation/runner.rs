//! Runs the steps of a seed; a failure is shrunk, and says how to repeat it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use testkit::Engine;

use crate::check::Checks;
use crate::play::Sim;
use crate::step::{Step, steps};

/// Another seed than those of the test run; several are separated by commas.
const SEED: &str = "STEWARD_SIM_SEED";
/// Seeds from there on, each one more than the last.
const SEEDS: &str = "STEWARD_SIM_SEEDS";
/// How many steps.
const STEPS: &str = "STEWARD_SIM_STEPS";
/// Tries to make a failure shorter at most.
const TRIES_MAX: usize = 150;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// The seeds to run.
pub(crate) fn seeds(fixed: &[u64]) -> Vec<u64> {
    match number(SEED) {
        None => fixed.to_vec(),
        Some(first) => (first..first + number(SEEDS).unwrap_or(1)).collect(),
    }
}

/// How many steps to run.
pub(crate) fn length(usual: usize) -> usize {
    number(STEPS).map_or(usual, |steps| usize::try_from(steps).expect("a count"))
}

/// Runs so many steps of a seed.
///
/// # Panics
/// When the controller and the model disagree, with the shortest list of steps that was found.
pub(crate) fn simulate(engine: Engine, seed: u64, count: usize) {
    let steps = steps(seed, count);
    let Some(failure) = run(engine, &steps) else {
        println!("{engine:?}, seed {seed}: {count} steps as the model says");
        return;
    };
    let (short, failure) = shrink(engine, steps[..=failure.step.min(count - 1)].to_vec(), failure);
    let list: String = short.iter().map(|step| format!("    {step:?},\n")).collect();
    panic!(
        "seed {seed} on {engine:?} fails. Repeat it:\n  {SEED}={seed} {STEPS}={count} cargo test -p app --test \
         simulation on_{}\nIn {} steps:\n{list}at step {}: {}",
        if engine == Engine::Sqlite { "sqlite" } else { "postgresql" },
        short.len(),
        failure.step,
        failure.said
    );
}

/// Where and how it failed.
pub(crate) struct Failure {
    step: usize,
    pub(crate) said: String,
}

thread_local! {
    /// Whether this thread is playing: then a panic is an answer and nothing to print.
    static PLAYS: Cell<bool> = const { Cell::new(false) };
}
static QUIET: Once = Once::new();

fn quietly<T>(play: impl FnOnce() -> T) -> std::thread::Result<T> {
    QUIET.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !PLAYS.get() {
                usual(panic);
            }
        }));
    });
    PLAYS.set(true);
    let played = catch_unwind(AssertUnwindSafe(play));
    PLAYS.set(false);
    played
}

/// Plays steps on a new controller.
pub(crate) fn run(engine: Engine, steps: &[Step]) -> Option<Failure> {
    let mut at = 0;
    let played = quietly(|| {
        let Some(mut sim) = Sim::new(engine) else { return };
        let mut checks = Checks::new(&sim);
        for (number, step) in steps.iter().enumerate() {
            at = number;
            checks.before(&sim, number);
            sim.play(step);
            checks.after(&mut sim, number, number + 1 == steps.len());
        }
    });
    played.err().map(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Failure { step: at, said: said.unwrap_or_default() }
    })
}

/// Leaves out parts of a failing list, as long as it still fails: halves first, then less and less.
fn shrink(engine: Engine, mut steps: Vec<Step>, mut failure: Failure) -> (Vec<Step>, Failure) {
    let (mut part, mut tries) = (steps.len() / 2, 0);
    while part > 0 && tries < TRIES_MAX {
        let (mut from, mut shorter) = (0, false);
        while from < steps.len() && tries < TRIES_MAX {
            let mut fewer = steps.clone();
            fewer.drain(from..(from + part).min(steps.len()));
            tries += 1;
            match run(engine, &fewer) {
                Some(found) if !fewer.is_empty() => {
                    fewer.truncate(found.step + 1);
                    (steps, failure, shorter) = (fewer, found, true);
                }
                _ => from += part,
            }
        }
        if !shorter || part > 1 {
            part /= 2;
        }
    }
    (steps, failure)
}
