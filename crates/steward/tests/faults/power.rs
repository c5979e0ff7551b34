//! Power that goes: disks rebuilt as a cut may leave them, and compared with what the process
//! had told the world by then.
//!
//! The real executable runs under `strace`, which records what it asks of the disk and what it
//! sends to clients, in one order. At many moments the disk is rebuilt with the unsynced
//! dropped, torn or out of order (`disk`), opened, and checked.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use app::ledger::{LogFolder, Sequencer, verify_alone};
use ledger::{LogCheck, SignerKey};
use model::{EntryId, SubjectId, SystemClock};
use steward::config::Config;
use steward::installation::{Hosted, Parts};
use store::identity::SubjectState;
use testkit::Engine;

use crate::disk::Disk;
use crate::load::{self, CLIENTS, Random};
use crate::model::People;
use crate::place::{Place, Server, executable, signal};
use crate::trace::{self, CALLS, Event};

/// How many disks; [`DISKS_IN_A_TEST_RUN`] where it is not set.
const DISKS: &str = "STEWARD_DISKS";
/// Disks of a test run.
const DISKS_IN_A_TEST_RUN: usize = 500;
/// Where the random numbers begin.
const SEED: &str = "STEWARD_POWER_SEED";
/// Clients send requests until the published log is this long: two bundles are full.
const ENTRIES: u64 = 600;
/// How long they may take for it.
const LOAD_SECONDS_MAX: u64 = 120;

/// What was recorded of an installation's first minutes.
struct Recording {
    /// The folder as it was before.
    place: Place,
    events: Vec<Event>,
}

/// What the process had told the world at a moment.
#[derive(Debug, Clone, Default)]
struct Told {
    entries: BTreeSet<String>,
    erased: BTreeSet<String>,
    checkpoints: Vec<String>,
    applied: bool,
}

#[test]
fn when_the_power_goes_nothing_that_was_acknowledged_is_lost() {
    let count = std::env::var(DISKS).ok().and_then(|count| count.parse().ok()).unwrap_or(DISKS_IN_A_TEST_RUN);
    let Some(recording) = record(None) else { return };
    let (tried, lost, failed) = cut(&recording, 0, count, usize::MAX);
    println!(
        "{tried} disks rebuilt from {} events with {lost} changes dropped or torn: {} do not hold",
        recording.events.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(lost > tried as u64, "cuts that lose nothing prove nothing");
}

#[test]
fn without_synchronous_commits_the_same_test_finds_what_was_lost() {
    must_fail(fault::Promise::SqliteSynchronous);
}

#[test]
fn without_the_fsync_of_tiles_the_same_test_finds_what_was_lost() {
    must_fail(fault::Promise::TileSynced);
}

fn must_fail(promise: fault::Promise) {
    let Some(recording) = record(Some(promise)) else { return };
    // The later half: then there is a log with whole bundles that can be lost.
    let (tried, _, failed) = cut(&recording, recording.events.len() / 2, DISKS_IN_A_TEST_RUN, 1);
    println!("{}: {} of {tried} disks do not hold: {failed:#?}", promise.name(), failed.len());
    assert!(!failed.is_empty(), "{} broken, and nobody noticed", promise.name());
}

fn seed() -> u64 {
    std::env::var(SEED).ok().and_then(|seed| seed.parse().ok()).unwrap_or(4711)
}

/// Runs the first minutes of an installation under `strace`; `None` where there is none.
fn record(broken: Option<fault::Promise>) -> Option<Recording> {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("SKIPPED: power loss is not tried without `strace` (apt-get install strace)");
        return None;
    }
    let memory = Path::new("/dev/shm");
    let mut place = Place::bare(Engine::Sqlite, memory.is_dir().then_some(memory)).expect("SQLite");
    let traces = tempfile::tempdir().expect("a folder");
    place.wrap = Some(Wrap { traces: traces.path().to_owned(), count: AtomicUsize::new(0), broken });
    place.set_up();
    serve(&place);
    let wrap = place.wrap.take().expect("as above");
    let mut events = Vec::new();
    for number in 0..wrap.count.load(Ordering::SeqCst) {
        let text = whole_trace(&traces.path().join(format!("trace.{number}")));
        trace::read(&text, place.path(), &mut events);
        if number == 0 {
            events.push(Event::Done);
        }
    }
    Some(Recording { place, events })
}

/// How commands of a place are recorded.
#[derive(Debug)]
pub(crate) struct Wrap {
    traces: PathBuf,
    count: AtomicUsize,
    broken: Option<fault::Promise>,
}

impl Wrap {
    /// The command under `strace`, whose process it stays.
    pub(crate) fn command(&self) -> Command {
        let trace = self.traces.join(format!("trace.{}", self.count.fetch_add(1, Ordering::SeqCst)));
        let mut command = Command::new("strace");
        command.args(["-D", "-f", "--seccomp-bpf", "-xx", "-s", "16777216", "-e", CALLS, "-o"]).arg(trace);
        command.arg(executable());
        if let Some(promise) = self.broken {
            command.env(fault::BREAK, promise.name());
        }
        command
    }
}

/// The trace, once the recorder has written all of it.
fn whole_trace(path: &Path) -> Vec<u8> {
    for _ in 0..600 {
        let text = std::fs::read(path).expect("a trace");
        let last = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        if last.windows(3).any(|window| window == b"+++") {
            return text;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("`strace` does not end: {}", path.display());
}

fn serve(place: &Place) {
    let mut command = place.command(&["serve"]);
    let mut server = Server::start(&mut command).unwrap_or_else(|ended| panic!("{}", ended.said));
    let mut people = vec![People::default(); CLIENTS];
    let (enough, mut random) = (AtomicBool::new(false), Random(seed()));
    let address = server.address;
    std::thread::scope(|scope| {
        scope.spawn(|| load::run(&mut people, address, &place.keys, &mut random, &enough));
        for _ in 0..LOAD_SECONDS_MAX * 4 {
            std::thread::sleep(Duration::from_millis(250));
            let published = String::from_utf8_lossy(&server.get("", "/ledger/checkpoint").body).into_owned();
            let size = published.lines().nth(1).and_then(|size| size.parse::<u64>().ok());
            if size.is_some_and(|size| size >= ENTRIES) {
                break;
            }
        }
        enough.store(true, Ordering::Relaxed);
    });
    signal(&server.child, "TERM");
    server.wait(Duration::from_secs(60)).expect("it stops");
    println!("recorded {} requests", people.iter().map(|own| own.acknowledged).sum::<u64>());
}

/// Cuts the power at so many moments after the event `from`, until `failed_max` disks do not
/// hold: how many disks were tried, how many changes they lost, and which do not hold.
fn cut(recording: &Recording, from: usize, count: usize, failed_max: usize) -> (usize, u64, Vec<String>) {
    let seed = seed();
    println!("{SEED}={seed}");
    let mut random = Random(seed);
    let range = (recording.events.len() - from) as u64;
    let mut moments: Vec<usize> = (0..count).map(|_| from + random.below(range) as usize).collect();
    moments.sort_unstable();
    let mut disk = Disk::of_files(recording.place.path(), &["steward.toml"]);
    let (mut told, mut lost, mut tried, mut failed) = (Told::default(), 0, 0, Vec::new());
    let mut next = 0;
    for batch in moments.chunks(2) {
        if failed.len() >= failed_max {
            break;
        }
        let mut built = Vec::new();
        for moment in batch {
            for (at, event) in recording.events.iter().enumerate().take(*moment).skip(next) {
                disk.apply(at, event);
                told.hear(event);
            }
            next = next.max(*moment);
            let folder =
                tempfile::tempdir_in(recording.place.path().parent().expect("a folder")).expect("a folder");
            disk.cut(&mut random, folder.path());
            lost += disk.lost;
            built.push((*moment, folder, told.clone()));
        }
        tried += built.len();
        std::thread::scope(|scope| {
            let checks: Vec<_> = built
                .iter()
                .map(|(moment, folder, told)| (moment, scope.spawn(|| check(folder.path(), told))))
                .collect();
            for (moment, check) in checks {
                let outcome = check.join().unwrap_or_else(|_| Err("the check panicked".to_owned()));
                failed.extend(outcome.err().map(|why| format!("cut after event {moment}: {why}")));
            }
        });
    }
    (tried, lost, failed)
}

impl Told {
    fn hear(&mut self, event: &Event) {
        let bytes = match event {
            Event::Done => {
                self.applied = true;
                return;
            }
            Event::Sent(bytes) => bytes,
            _ => return,
        };
        let text = String::from_utf8_lossy(bytes);
        let entries = text.split("\"ent_").skip(1).filter_map(|rest| rest.split('"').next());
        self.entries.extend(entries.map(|rest| format!("ent_{rest}")));
        if let Some(erased) = text.split("\"erased\":{\"subject\":\"").nth(1) {
            self.erased.extend(erased.split('"').next().map(str::to_owned));
        }
        if let Some((_, rest)) = text.split_once(
            "faults.example/main
",
        ) {
            self.checkpoints.push(format!(
                "faults.example/main
{rest}"
            ));
        }
    }
}

/// Opens a rebuilt disk as a start does, and holds it against what the world was told.
fn check(folder: &Path, told: &Told) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = Config::load(&folder.join("steward.toml")).map_err(|error| error.to_string())?;
    let parts = Parts::of(&config, &config.controllers[0]).map_err(|error| error.to_string())?;
    let (origin, ledger) = (parts.origin.clone(), parts.ledger.clone());
    let hosted = match runtime.block_on(Hosted::open(parts, Arc::new(SystemClock))) {
        Ok(hosted) => hosted,
        // Before anything was acknowledged a start may ask for a new beginning.
        Err(_) if !told.applied => return Ok(()),
        Err(error) => return Err(format!("does not open: {error:#}")),
    };
    let controller = &hosted.controller;
    if told.applied {
        controller.in_force().map_err(|error| format!("the manifest is lost: {error}"))?;
    }
    let core = controller.core();
    let key = core.signer.verifier().clone();
    let signer = SignerKey::from_seed(origin.as_str(), core.keys.log_seed()).expect("a key");
    let log = LogFolder::create(&ledger).map_err(|error| error.to_string())?;
    let mut sequencer =
        Sequencer::take_over(controller.db.clone(), log.clone(), Arc::new(signer), controller.clock())
            .map_err(|error| format!("the log is not taken over: {error}"))?;
    sequencer.flush().map_err(|error| format!("the log does not go on: {error}"))?;
    verify_alone(&log, &key, &controller.db, &mut |_| {})
        .map_err(|fault| format!("does not verify: {fault}"))?;
    let known: Result<Vec<_>, _> =
        told.checkpoints.iter().map(|text| ledger::Checkpoint::open(text.as_bytes(), &key)).collect();
    let known = known.map_err(|error| format!("a checkpoint was published that is none: {error}"))?;
    let read = |path: &str| log.read(path);
    if !known.is_empty() {
        LogCheck { read: &read, key: &key, known: &known }
            .run(&mut |_, _| Ok(()), &mut |_| {})
            .map_err(|broken| format!("a published checkpoint is no part of the log: {broken}"))?;
    }
    let (entries, erased) = (told.entries.clone(), told.erased.clone());
    let missing = controller.db.read_blocking::<_, store::DbError, _>("check", move |tx| {
        for entry in &entries {
            let id: EntryId = entry.parse().expect("an id");
            if store::ledger::find(tx, &id)?.is_none() {
                return Ok(Some(format!("the acknowledged entry {entry} is lost")));
            }
        }
        for subject in &erased {
            let id: SubjectId = subject.parse().expect("an id");
            let state = store::identity::find(tx, &id)?.map(|row| row.state);
            if state != Some(SubjectState::Erased) {
                return Ok(Some(format!("the erased {subject} is back")));
            }
        }
        Ok(None)
    });
    missing.map_err(|error| error.to_string())?.map_or(Ok(()), Err)
}
