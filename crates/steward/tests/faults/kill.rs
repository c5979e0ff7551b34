//! Servers that die: at every named point, and at moments that nobody chose.
//!
//! A killed process keeps its page cache, so this proves that nothing is half done; that
//! nothing is lost when the power goes is `power`'s proof.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use testkit::Engine;

use crate::import;
use crate::load::{self, CLIENTS, Random};
use crate::model::{Checked, People};
use crate::place::{Place, words};
use crate::points::{POINTS, Way};

/// How many kills; [`KILLS_IN_A_TEST_RUN`] where it is not set.
const KILLS: &str = "STEWARD_KILLS";
/// Kills of a test run; where in the list they begin is the seed's choice.
const KILLS_IN_A_TEST_RUN: usize = 20;
/// Where the random numbers begin.
const SEED: &str = "STEWARD_KILL_SEED";
/// Kills after which a new place is begun, so that checking the log stays quick.
const KILLS_PER_PLACE: usize = 12;
/// How long a server may go on until it comes to its point.
const POINT_SECONDS_MAX: u64 = 180;

/// What ends a server.
#[derive(Debug, Clone, Copy)]
enum End {
    Point(&'static str, u64),
    /// SIGKILL after so many milliseconds.
    Moment(u64),
}

/// What all kills came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) kills: u64,
    by_point: BTreeMap<&'static str, u64>,
    acknowledged: u64,
    people: u64,
    cut_done: u64,
    cut_undone: u64,
    entries: u64,
}

impl Tally {
    pub(crate) fn killed_at(&mut self, point: &'static str) {
        self.kills += 1;
        *self.by_point.entry(point).or_default() += 1;
    }

    fn add(&mut self, checked: Checked) {
        self.people += checked.people;
        self.cut_done += checked.cut_done;
        self.cut_undone += checked.cut_undone;
    }

    fn report(&self, engine: Engine, seed: u64) {
        println!(
            "{engine:?}, seed {seed}: {} kills, {} requests acknowledged and all there, {} people compared, \
             {} requests cut off ({} wholly done, {} not at all), {} entries verified",
            self.kills,
            self.acknowledged,
            self.people,
            self.cut_done + self.cut_undone,
            self.cut_done,
            self.cut_undone,
            self.entries
        );
        for (point, count) in &self.by_point {
            println!("  {count:>4}  {point}");
        }
    }
}

#[test]
fn on_sqlite_a_server_that_dies_at_any_point_leaves_nothing_half_done() {
    let count = asked_for();
    servers(Engine::Sqlite, count - on_postgres(count) - imports(count));
}

#[test]
fn on_postgresql_a_server_that_dies_at_any_point_leaves_nothing_half_done() {
    servers(Engine::Postgres, on_postgres(asked_for()));
}

#[test]
fn an_import_that_dies_at_any_point_is_continued_by_running_it_again() {
    let (seed, mut tally, kills) = (seed(), Tally::default(), imports(asked_for()));
    println!("{SEED}={seed}");
    let mut random = Random(seed);
    let points: Vec<_> = POINTS.iter().filter(|(_, way, _)| *way == Way::Import).collect();
    let first = random.below(points.len() as u64) as usize;
    // Each of them dies twice: at a point, and at a moment.
    for kill in 0..kills.div_ceil(2) {
        let (name, _, passes_max) = *points[(first + kill) % points.len()];
        import::killed(&mut tally, name, 1 + random.below(passes_max), &mut random);
    }
    tally.report(Engine::Sqlite, seed);
    let hit = points.iter().filter(|(name, ..)| tally.by_point.contains_key(name)).count();
    assert_eq!(hit, points.len().min(kills.div_ceil(2)), "each point was hit");
}

/// Kills that are spent on PostgreSQL, and on imports.
fn on_postgres(count: usize) -> usize {
    count / 4
}

fn imports(count: usize) -> usize {
    count / 10
}

fn served() -> Vec<(&'static str, u64)> {
    POINTS.iter().filter(|(_, way, _)| *way == Way::Serve).map(|(name, _, passes)| (*name, *passes)).collect()
}

fn asked_for() -> usize {
    std::env::var(KILLS).ok().and_then(|count| count.parse().ok()).unwrap_or(KILLS_IN_A_TEST_RUN)
}

fn seed() -> u64 {
    std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(seed_of_now)
}

/// A seed from the time of day, which the report prints.
#[expect(clippy::disallowed_methods, reason = "a seed, which is printed; nothing is decided by it")]
fn seed_of_now() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time");
    now.as_micros() as u64 % 1_000_000_000
}

/// Kills so many servers, at every point in turn and now and then at a random moment.
fn servers(engine: Engine, kills: usize) {
    let (seed, mut tally, points) = (seed(), Tally::default(), served());
    println!("{SEED}={seed}");
    let mut random = Random(seed);
    let mut next = random.below(points.len() as u64) as usize;
    // A few kills see points from all over the list, many see each.
    let leap = if kills >= 2 * points.len() { 1 } else { 7 };
    let mut killed = 0;
    while killed < kills {
        let Some(place) = Place::new(engine) else { return };
        let mut people = vec![People::default(); CLIENTS];
        for _ in 0..KILLS_PER_PLACE.min(kills - killed) {
            let end = if killed % 8 == 7 {
                End::Moment(random.below(1_500))
            } else {
                let (name, passes_max) = points[next % points.len()];
                next += leap;
                End::Point(name, 1 + random.below(passes_max))
            };
            one(&place, &mut people, end, &mut random, &mut tally);
            killed += 1;
        }
        tally.acknowledged += people.iter().map(|own| own.acknowledged).sum::<u64>();
    }
    tally.report(engine, seed);
    let missed: Vec<_> = points.iter().filter(|(name, _)| !tally.by_point.contains_key(name)).collect();
    assert!(kills < 2 * points.len() || missed.is_empty(), "not hit: {missed:?}");
}

/// One life and death, and the check of what is left.
fn one(place: &Place, people: &mut [People], end: End, random: &mut Random, tally: &mut Tally) {
    let armed = match end {
        End::Point(name, pass) => format!("{name}@{pass}"),
        End::Moment(_) => String::new(),
    };
    match (place.serve(&[(fault::POINT, &armed)]), end) {
        // Some points are met while the log is taken over.
        (Err(ended), End::Point(name, _)) => {
            assert!(ended.said.contains(&format!("{}{name}", fault::DIED)), "{}", ended.said);
            tally.killed_at(name);
        }
        (Err(ended), End::Moment(_)) => panic!("the server does not start: {}", ended.said),
        (Ok(mut server), end) => {
            let enough = AtomicBool::new(false);
            let (address, keys) = (server.address, &place.keys);
            std::thread::scope(|scope| {
                let clients = scope.spawn(|| load::run(people, address, keys, random, &enough));
                match end {
                    End::Moment(after) => {
                        std::thread::sleep(Duration::from_millis(after));
                        server.kill();
                        tally.killed_at("at a random moment (SIGKILL)");
                    }
                    End::Point(name, _) => {
                        let died = server.wait(Duration::from_secs(POINT_SECONDS_MAX));
                        enough.store(died.is_none(), std::sync::atomic::Ordering::Relaxed);
                        let (_, said) = died.unwrap_or_else(|| panic!("nothing came to `{armed}`"));
                        assert!(said.contains(&format!("{}{name}", fault::DIED)), "{armed}: {said}");
                        tally.killed_at(name);
                    }
                }
                clients.join().expect("every answer was right");
            });
        }
    }
    // Before anything is mended: what is on disk holds.
    let output = place.run(&["ledger", "verify"]);
    // Beside PostgreSQL a command cannot know that no server lives which is about to publish.
    let is_unpublished = place.engine == Engine::Postgres && words(&output).contains("is not published");
    assert!(output.status.success() || is_unpublished, "after {armed}: {}", words(&output));
    let server = place.serve(&[]).unwrap_or_else(|ended| panic!("after {armed}: {}", ended.said));
    for own in people.iter_mut() {
        tally.add(own.check(&server, &place.keys));
    }
    server.stop();
    let report = place.verify();
    assert_eq!((&report["store"]["unnumbered"], &report["store"]["unpublished"]), (&0.into(), &0.into()));
    tally.entries += report["size"].as_u64().expect("a size");
}
