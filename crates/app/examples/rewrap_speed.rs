//! How long all keys take to be wrapped anew, and what writers notice of it:
//! `cargo run --release -p app --example rewrap_speed -- 1000000`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a measurement reads the clock, and stops at the first failure"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use app::Controller;
use app::epochs::{self, KeyPlace};
use keys::{KeyFolder, RecordPart};
use model::{Actor, ControllerName, LifetimeName, SubjectId};
use store::key_record::KeyPart;
use store::{Db, MIGRATIONS, identity, key_record};
use testkit::{Engine, TestClock, TestDb};

/// People who are made in one transaction.
const CHUNK: usize = 1_000;
/// Tasks that write meanwhile, each again as soon as it was answered.
const WRITERS: usize = 4;
/// How long writers are measured alone.
const ALONE: Duration = Duration::from_secs(5);

fn main() {
    let people: usize = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(db) = TestDb::open(engine, MIGRATIONS) else { continue };
        tokio::runtime::Runtime::new().expect("a runtime").block_on(measure(engine, &db, people));
    }
}

async fn measure(engine: Engine, db: &TestDb, people: usize) {
    let folder = KeyFolder::at(db.folder().join("places/keys"));
    let (keys, clock) = (folder.init().expect("new keys"), TestClock::default());
    let name = ControllerName::new("rosewood").expect("a name");
    let controller = Controller::open(name, (**db).clone(), keys, "speed.example/log", Arc::new(clock));
    let controller = controller.await.expect("it opens").with_key_place(KeyPlace::new(folder));
    let known = Arc::new(fill(&controller, people).await);
    let alone = write_until(db, &known, async { tokio::time::sleep(ALONE).await }).await;
    epochs::open_next(&controller, &Actor::Operator).await.expect("the next epoch");
    let mut seconds = 0.0;
    let during = write_until(db, &known, async {
        let began = Instant::now();
        let rewrapped = epochs::rewrap(&controller, &mut |_| {}).await.expect("re-wrapped");
        seconds = began.elapsed().as_secs_f64();
        assert_eq!(rewrapped.damaged, 0);
    })
    .await;
    println!(
        "{engine:?}: {people} keys wrapped anew in {seconds:.1} s ({:.0}/s); writers' p50 and p99 alone \
         {:.1} and {:.1} ms ({} writes), meanwhile {:.1} and {:.1} ms ({} writes)",
        people as f64 / seconds,
        percentile(&alone, 50),
        percentile(&alone, 99),
        alone.len(),
        percentile(&during, 50),
        percentile(&during, 99),
        during.len(),
    );
}

/// Makes people with keys for two lifetimes.
async fn fill(controller: &Controller, people: usize) -> Vec<SubjectId> {
    let lifetimes = ["identity", "account"].map(|name| LifetimeName::new(name).expect("a name"));
    let ids: Vec<SubjectId> = (0..people).map(|_| SubjectId::random()).collect();
    for chunk in ids.chunks(CHUNK) {
        let (chunk, core, now) = (chunk.to_vec(), controller.core(), controller.now());
        let records: Vec<_> = chunk
            .iter()
            .map(|id| {
                let keys = core.keys.create(*id, RecordPart::Person, &lifetimes).expect("new keys");
                let wrapped = core.keys.wrap(&keys);
                (*id, i64::from(wrapped.epoch), wrapped.body)
            })
            .collect();
        let put = controller.db.write_long("fill", move |tx| {
            for id in &chunk {
                identity::create(tx, id, now)?;
            }
            key_record::put_many(tx, KeyPart::Person, &records)
        });
        put.await.expect("stored");
    }
    ids
}

/// Milliseconds of every write that was answered until `end` resolves.
async fn write_until(db: &Db, known: &Arc<Vec<SubjectId>>, end: impl Future<Output = ()>) -> Vec<f64> {
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (db, known, stop) = (db.clone(), Arc::clone(known), Arc::clone(&stop));
            tokio::spawn(async move {
                let (mut took, mut next) = (Vec::new(), writer);
                while !stop.load(Ordering::Relaxed) {
                    next = (next + 7_919) % known.len();
                    let id = known.get(next).copied().expect("somebody");
                    let began = Instant::now();
                    db.write("write", move |tx| identity::take(tx, &id, model::Timestamp::from_micros(0)))
                        .await
                        .expect("written");
                    took.push(began.elapsed().as_secs_f64() * 1_000.0);
                }
                took
            })
        })
        .collect();
    end.await;
    stop.store(true, Ordering::Relaxed);
    let mut all = Vec::new();
    for writer in writers {
        all.extend(writer.await.expect("it ended"));
    }
    all.sort_by(f64::total_cmp);
    all
}

fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}
