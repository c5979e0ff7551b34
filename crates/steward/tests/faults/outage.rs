//! A PostgreSQL that goes away under a running server, and comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Reply, call};
use crate::place::Place;

/// Clients at once.
const CLIENTS: usize = 3;
/// How long the database is away.
const AWAY: Duration = Duration::from_secs(3);
/// How soon a request must be answered while it is, and how soon all is well again.
const PATIENCE: Duration = Duration::from_secs(30);

/// A PostgreSQL of this test's own, by a copy of the script that the suite uses.
struct Cluster(tempfile::TempDir);

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("script");
        std::fs::create_dir(&script).expect("a folder");
        let original = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../script/postgres"));
        std::fs::copy(original, script.join("postgres")).expect("copied");
        let cluster = Self(folder);
        cluster.run(&["start"]);
        cluster
    }

    fn run(&self, arguments: &[&str]) -> String {
        let script = self.0.path().join("script/postgres");
        let output = Command::new("bash").arg(script).args(arguments).output().expect("the script runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(Command::new("bash").arg(self.0.path().join("script/postgres")).arg("wipe").output());
    }
}

fn customer(number: u64) -> Value {
    json!({"system": "chinook", "table": "Customer",
        "fields": {"CustomerId": number, "FirstName": "Ada", "Email": format!("o{number}@faults.example")}})
}

fn collect(address: SocketAddr, key: &str, number: u64) -> Reply {
    let repeat = format!("outage-{number}");
    call(address, key, "POST", "/v1/subjects", Some(&repeat), &customer(number)).expect("the server lives")
}

/// What one client saw: the answers by status, and what was never acknowledged.
#[derive(Default)]
struct Seen {
    statuses: BTreeMap<(u16, String), u64>,
    acknowledged: Vec<(u64, String)>,
    open: Vec<u64>,
    slowest: Duration,
}

#[expect(clippy::disallowed_methods, reason = "how long an answer takes")]
fn client(address: SocketAddr, key: &str, next: &AtomicU64, enough: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    while !enough.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let reply = collect(address, key, number);
        seen.slowest = seen.slowest.max(begun.elapsed());
        let body = reply.json();
        let code = body["code"].as_str().unwrap_or_default().to_owned();
        *seen.statuses.entry((reply.status, code)).or_default() += 1;
        match reply.status {
            200 => seen.acknowledged.push((number, body["subject"].as_str().expect("an id").to_owned())),
            _ => {
                assert!(reply.head.to_ascii_lowercase().contains("retry-after"), "{}", reply.head);
                seen.open.push(number);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
    seen
}

#[expect(clippy::disallowed_methods, reason = "waits for another process in real time")]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what} takes too long");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The database stops in this way and starts again, while clients go on.
fn away_and_back(cluster: &Cluster, place: &Place, how: &str, next: &AtomicU64) -> u64 {
    let server = place.serve(&[]).unwrap_or_else(|ended| panic!("{}", ended.said));
    let (address, key) = (server.address, place.keys.shop.as_str());
    let enough = AtomicBool::new(false);
    let ready = || server.get(key, "/readyz").status;
    assert_eq!(ready(), 200);
    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(|| client(address, key, next, &enough))).collect();
        std::thread::sleep(Duration::from_secs(1));
        cluster.run(&["stop", how]);
        until("noticing that the database is away", || ready() == 503);
        assert_eq!(server.get(key, "/healthz").status, 200, "the process itself lives on");
        std::thread::sleep(AWAY);
        cluster.run(&["start"]);
        until("being ready again", || ready() == 200);
        std::thread::sleep(Duration::from_secs(1));
        enough.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().expect("every answer was right")).collect()
    });
    let mut people = 0;
    for seen in seen {
        println!("stopped {how}: {:?}, the slowest after {:?}", seen.statuses, seen.slowest);
        assert!(seen.slowest < PATIENCE);
        for (status, code) in seen.statuses.keys() {
            let is_clear = *status == 200
                || (*status == 503
                    && matches!(code.as_str(), "store-unreachable" | "outcome-unknown" | "busy"));
            assert!(is_clear, "{status} {code}");
        }
        assert!(!seen.acknowledged.is_empty() && !seen.open.is_empty(), "it was away under load");
        // What was acknowledged is there; what was not is done once when it is sent again.
        for (number, subject) in seen.acknowledged {
            let again = collect(address, key, number);
            assert!(again.is_replayed(), "an acknowledged request was lost");
            assert_eq!(again.done()["subject"], subject.as_str());
            people += 1;
        }
        for number in seen.open {
            collect(address, key, number).done();
            people += 1;
        }
    }
    let said = server.stop();
    assert!(!said.contains("panicked"), "{said}");
    people
}

#[test]
fn a_postgresql_that_stops_and_starts_again_under_load_costs_waiting_and_nothing_else() {
    if std::env::var("STEWARD_TEST_PG").is_ok_and(|dsn| dsn == "skip") {
        println!("SKIPPED: PostgreSQL is left out (STEWARD_TEST_PG=skip)");
        return;
    }
    let cluster = Cluster::start();
    let place = Place::on(&cluster.run(&["dsn"]));
    let next = AtomicU64::new(1);
    let mut people = 0;
    for how in ["immediate", "fast"] {
        people += away_and_back(&cluster, &place, how, &next);
        let report = place.verify();
        assert_eq!((&report["store"]["unnumbered"], &report["store"]["unpublished"]), (&0.into(), &0.into()));
        // The manifest, two keys, and one entry for each person: none is missing, none is twice.
        assert_eq!(report["size"].as_u64(), Some(3 + people), "one entry for each person");
    }
}
