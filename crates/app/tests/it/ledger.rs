//! The log: whoever trusts it loses everything if entries go missing, change or fork.

use std::path::PathBuf;
use std::sync::Arc;

use app::ledger::check::SetFault;
use app::ledger::{Fault, LedgerError, LogFolder, Report, Sequencer, prove, verify, verify_alone};
use ledger::disclosure::About;
use ledger::tree::{leaf_hash, root};
use ledger::{Hash, Opening, Set, SignerKey, canonical};
use model::{EntryId, SetId, SubjectId, Timestamp};
use serde_json::{Value, json};
use store::ledger::EntryRow;
use store::{Db, DbError, MIGRATIONS, Tx};
use testkit::{TestClock, TestDb};

const ORIGIN: &str = "ledger.example/shop";

/// A log on one of the test's databases.
struct Log {
    db: Db,
    folder: PathBuf,
    signer: Arc<SignerKey>,
    clock: TestClock,
}

impl Log {
    fn new(db: &TestDb) -> Self {
        let signer = Arc::new(SignerKey::from_seed(ORIGIN, &[7; 32]).unwrap());
        Self { db: Db::clone(db), folder: db.folder().join("ledger"), signer, clock: TestClock::default() }
    }

    fn files(&self) -> LogFolder {
        LogFolder::create(&self.folder).unwrap()
    }

    fn take_over(&self) -> Result<Sequencer, LedgerError> {
        let clock = Arc::new(self.clock.clone());
        Sequencer::take_over(self.db.clone(), self.files(), Arc::clone(&self.signer), clock)
    }

    fn sequencer(&self) -> Sequencer {
        self.take_over().unwrap()
    }

    fn write(&self, work: impl for<'c> Fn(&mut Tx<'c>) -> Result<(), DbError> + Send + 'static) {
        self.db.write_blocking("test", work).unwrap();
    }

    /// Adds entries about nobody.
    fn add(&self, count: usize) {
        let rows: Vec<EntryRow> = (0..count).map(|_| entry(self.clock.turn_seconds(0), None)).collect();
        self.write(move |tx| rows.iter().try_for_each(|row| store::ledger::add(tx, row)));
    }

    fn sequence(&self, count: usize) {
        self.add(count);
        self.sequencer().flush().unwrap();
    }

    fn verify(&self) -> Result<Report, Fault> {
        verify(&self.files(), self.signer.verifier(), Some(&self.db), &mut |_| {})
    }

    fn verify_alone(&self) -> Result<Report, Fault> {
        verify_alone(&self.files(), self.signer.verifier(), &self.db, &mut |_| {})
    }

    fn verify_files(&self) -> Result<Report, Fault> {
        verify(&self.files(), self.signer.verifier(), None, &mut |_| {})
    }

    fn rows(&self) -> Vec<EntryRow> {
        let rows =
            self.db.read_blocking::<_, DbError, _>("rows", |tx| store::sequence::rows(tx, 0, i64::MAX));
        rows.unwrap()
    }

    fn all_files(&self) -> Vec<(String, Vec<u8>)> {
        let folder = files::Folder::open(&self.folder).unwrap();
        let paths = folder.list("").unwrap();
        paths.into_iter().map(|path| (path.clone(), folder.get(&path).unwrap().unwrap())).collect()
    }

    fn checkpoint(&self) -> String {
        std::fs::read_to_string(self.folder.join("checkpoint")).unwrap()
    }

    /// Flips a bit of a file.
    fn damage(&self, path: &str, at: usize) {
        let path = self.folder.join(path);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
}

fn entry(now: Timestamp, extra: Option<(&str, Value)>) -> EntryRow {
    entry_of(EntryId::random(), now, extra)
}

fn entry_of(id: EntryId, now: Timestamp, extra: Option<(&str, Value)>) -> EntryRow {
    let mut value = json!({
        "format": 1, "id": id, "kind": "operation", "time": now.seconds(), "actor": "operator", "policy": 1,
    });
    if let Some((name, part)) = extra {
        value[name] = part;
    }
    EntryRow {
        id,
        recorded: now,
        kind: "operation".into(),
        actor: "operator".into(),
        purpose: None,
        answer: None,
        body: canonical::encode_entry(&value).unwrap(),
        log_index: None,
    }
}

#[test]
fn entries_of_random_rounds_make_the_log_that_a_naive_computation_makes() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        let mut sequencer = log.sequencer();
        let mut added = 0;
        while added < 1_000 {
            let count = usize::from(getrandom::u32().unwrap() as u8).min(1_000 - added);
            log.add(count);
            added += count;
            log.clock.turn_seconds(1);
            sequencer.round().unwrap();
        }
        sequencer.flush().unwrap();
        let leaves: Vec<Hash> = log.rows().iter().map(|row| leaf_hash(&row.body)).collect();
        let expected = format!("{ORIGIN}\n1000\n{}\n\n", root(&leaves));
        assert!(log.checkpoint().starts_with(&expected), "{}", log.checkpoint());
        let report = log.verify().unwrap();
        assert_eq!(report.checkpoint.size, 1_000);
        assert_eq!(log.verify_files().unwrap().checkpoint, report.checkpoint);
        assert!(
            log.all_files().iter().all(|(path, _)| !path.starts_with("tile/0/000.p")),
            "partial tiles behind a full one are gone"
        );
    });
}

#[test]
fn checkpoints_are_at_least_a_second_apart() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        let mut sequencer = log.sequencer();
        log.add(3);
        assert_eq!(sequencer.round().unwrap().published, Some(3));
        log.add(2);
        let round = sequencer.round().unwrap();
        assert_eq!((round.numbered, round.published), (2, None));
        log.clock.turn_seconds(1);
        assert_eq!(sequencer.round().unwrap().published, Some(5));
        log.clock.turn_seconds(1);
        assert_eq!(sequencer.round().unwrap().published, None);
    });
}

/// Runs the steps of a round up to `stop`, as if the process died there.
fn die_after(log: &Log, stop: usize) {
    let mut sequencer = log.sequencer();
    let steps: [fn(&mut Sequencer); 5] = [
        |it| assert!(it.number().unwrap() > 0),
        |it| it.write_sets().unwrap(),
        |it| it.write_files().unwrap(),
        |it| it.sign().unwrap(),
        |it| it.publish().unwrap(),
    ];
    for step in &steps[..stop] {
        step(&mut sequencer);
    }
}

#[test]
fn a_crash_between_any_two_steps_ends_in_the_same_bytes() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(250);
        for stop in 0..=5 {
            log.add(stop + 3);
            die_after(&log, stop);
            let before = log.all_files();
            log.sequencer().flush().unwrap();
            let after = log.all_files();
            let kept = |(path, bytes): &(String, Vec<u8>)| {
                path == "checkpoint" || path.contains(".p/") || after.contains(&(path.clone(), bytes.clone()))
            };
            assert!(before.iter().all(kept), "a file changed after a crash behind step {stop}");
            log.verify().unwrap_or_else(|fault| panic!("after step {stop}: {fault}"));
            // Once more from nothing: the files are a pure function of the rows.
            let copy = Log { folder: db.folder().join(format!("copy-{stop}")), ..Log::new(db) };
            copy.sequencer();
            let made = copy.all_files();
            assert!(after.iter().filter(|(path, _)| !path.contains(".p/")).all(|file| made.contains(file)));
        }
    });
}

#[test]
fn a_sequencer_that_was_overtaken_can_neither_number_nor_sign() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(10);
        let (mut old, mut late) = (log.sequencer(), log.sequencer());
        log.add(5);
        assert!(matches!(old.number(), Err(LedgerError::Fenced)));
        // One that is overtaken between its steps.
        late.number().unwrap();
        late.write_files().unwrap();
        let mut new = log.sequencer();
        log.add(5);
        new.flush().unwrap();
        let published = log.checkpoint();
        assert!(matches!(late.sign(), Err(LedgerError::Fenced)));
        late.publish().unwrap();
        assert_eq!(log.checkpoint(), published, "an old checkpoint never replaces a newer one");
        assert_eq!(log.verify().unwrap().checkpoint.size, 20);
    });
}

#[test]
fn two_sequencers_at_once_never_fork() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..15 {
                        log.add(7);
                        match log.take_over().and_then(|mut sequencer| sequencer.flush()) {
                            Ok(_) | Err(LedgerError::Fenced) => {}
                            Err(LedgerError::Store(DbError::Contention)) => {}
                            Err(other) => panic!("{other}"),
                        }
                    }
                });
            }
        });
        log.sequencer().flush().unwrap();
        assert_eq!(log.verify().unwrap().checkpoint.size, 210);
    });
}

/// Puts the store back to its first `size` entries, as an older copy of the database has it.
/// The next `waiting` entries are there without their place.
fn set_back(db: &TestDb, size: usize, waiting: usize) {
    let end = size + waiting;
    db.tamper(&format!(
        "DELETE FROM ledger_entry WHERE log_index >= {end};
             UPDATE ledger_entry SET log_index = NULL WHERE log_index >= {size};
             UPDATE ledger_head SET size = {size}, checkpoint_size = 0, checkpoint = '';"
    ));
}

#[test]
fn a_store_older_than_the_published_log_gets_its_entries_back() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(700);
        let (rows, files) = (log.rows(), log.all_files());
        set_back(db, 300, 50);
        let mut sequencer = log.sequencer();
        assert_eq!(log.rows(), rows);
        assert_eq!(log.all_files(), files);
        log.add(1);
        sequencer.flush().unwrap();
        assert_eq!(log.verify().unwrap().checkpoint.size, 701);
    });
}

#[test]
fn a_store_older_than_the_published_log_is_refused_without_the_bundles() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(300);
        set_back(db, 100, 0);
        std::fs::remove_file(log.folder.join("tile/entries/000")).unwrap();
        let refused = log.take_over().map(drop).unwrap_err();
        assert!(matches!(refused, LedgerError::Behind { published: 300, stored: 100, .. }), "{refused}");
        assert!(refused.to_string().contains("tile/entries/000"), "{refused}");
    });
}

#[test]
fn a_store_with_another_history_than_the_published_log_is_refused() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(20);
        let changed = entry(log.clock.turn_seconds(0), None);
        set_back(db, 10, 0);
        let hex: String = changed.body.iter().map(|byte| format!("{byte:02x}")).collect();
        db.tamper(&format!("UPDATE ledger_entry SET body = X'{hex}' WHERE log_index = 4"));
        assert!(matches!(log.take_over().map(drop), Err(LedgerError::Differs { index: 4 })));
    });
}

#[test]
fn a_damaged_right_edge_is_made_again_from_the_store() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(300);
        let files = log.all_files();
        log.damage("tile/0/001.p/44", 5);
        std::fs::remove_file(log.folder.join("tile/entries/001.p/44")).unwrap();
        log.sequencer();
        assert_eq!(log.all_files(), files);
        log.verify().unwrap();
    });
}

#[test]
fn a_changed_byte_in_any_file_is_found_and_named() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(300);
        let named = |path: &str, at: usize, name: &str| {
            log.damage(path, at);
            for fault in [log.verify().unwrap_err(), log.verify_files().unwrap_err()] {
                assert!(fault.to_string().contains(name), "{path}: {fault}");
            }
            log.damage(path, at);
        };
        named("checkpoint", 40, "checkpoint");
        named("tile/0/000", 32 * 17, "entry 17 ");
        named("tile/0/001.p/44", 3, "entry 256 ");
        named("tile/1/000.p/1", 3, "tile/1/000.p/1");
        named("tile/entries/000", 20, "entry 0 ");
        named("tile/entries/001.p/44", 0, "tile/entries/001.p/44");
        log.verify().unwrap();
        std::fs::remove_file(log.folder.join("tile/entries/000")).unwrap();
        assert!(log.verify().unwrap_err().to_string().contains("`tile/entries/000` is missing"));
    });
}

#[test]
fn what_was_changed_in_the_store_is_found() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(300);
        let row = log.rows().swap_remove(7);
        db.tamper("DELETE FROM ledger_entry WHERE log_index = 7");
        assert!(matches!(log.verify(), Err(Fault::MissingRow { index: 7 })));
        log.write(move |tx| store::sequence::replay_entry(tx, &row).map(drop));
        log.verify().unwrap();

        db.tamper("UPDATE ledger_entry SET actor = 'customer' WHERE log_index = 299");
        assert!(matches!(log.verify(), Err(Fault::ChangedColumns { index: 299 })));
        db.tamper("UPDATE ledger_entry SET actor = 'operator' WHERE log_index = 299");

        let swap = |low: i64, high: i64| {
            format!(
                "UPDATE ledger_entry SET log_index = 9999 WHERE log_index = {low};
                 UPDATE ledger_entry SET log_index = {low} WHERE log_index = {high};
                 UPDATE ledger_entry SET log_index = {high} WHERE log_index = 9999;"
            )
        };
        db.tamper(&swap(20, 280));
        assert!(matches!(log.verify(), Err(Fault::ChangedRow { index: 20 })));
        db.tamper(&swap(20, 280));

        db.tamper("UPDATE ledger_entry SET body = X'7b7d' WHERE log_index = 256");
        assert!(matches!(log.verify(), Err(Fault::ChangedRow { index: 256 })));
        db.tamper("DELETE FROM ledger_entry WHERE log_index = 256");
        assert!(matches!(log.verify(), Err(Fault::MissingRow { index: 256 })));
    });
}

#[test]
fn a_head_that_does_not_fit_the_log_is_found() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(5);
        let early = log.checkpoint();
        log.clock.turn_seconds(1);
        log.sequence(5);
        db.tamper("UPDATE ledger_head SET size = 11");
        assert!(matches!(log.verify(), Err(Fault::Beyond { from: 10, found: 0, expected: 1 })));
        db.tamper("UPDATE ledger_head SET size = 10, checkpoint_size = 9");
        assert!(matches!(log.verify(), Err(Fault::Head { .. })));
        db.tamper("UPDATE ledger_head SET checkpoint_size = 10");
        log.verify().unwrap();
        std::fs::write(log.folder.join("checkpoint"), early).unwrap();
        assert!(matches!(log.verify(), Err(Fault::Unpublished { published: 5, stored: 10 })));
        // Whoever owns the log alone knows that a process died between signing and publishing.
        let report = log.verify_alone().unwrap();
        assert_eq!((report.published, report.checkpoint.size), (5, 10));
        // Taking over mends it: the newer one is signed and stored.
        log.sequencer();
        log.verify().unwrap();
    });
}

/// Adds people and an entry that names them as a set; answers the set and its members.
fn add_set(log: &Log, count: u8) -> (SetId, EntryId, Vec<(SubjectId, [u8; 32])>) {
    let (id, entry_id, now) = (SetId::random(), EntryId::random(), log.clock.turn_seconds(0));
    let people: Vec<(SubjectId, [u8; 32])> = (1..=count).map(|n| (SubjectId::random(), [n; 32])).collect();
    let leaf = |(subject, trace): &(SubjectId, [u8; 32])| {
        Opening::of(trace, &id.to_string()).tag(&subject.to_string())
    };
    let set = Set::new(people.iter().map(leaf).collect()).unwrap();
    let named = json!({"id": id, "root": set.root().to_string(), "count": set.count()});
    let row = entry_of(entry_id, now, Some(("set", named)));
    let members: Vec<SubjectId> = people.iter().map(|(subject, _)| *subject).collect();
    let leaves: Vec<[u8; 32]> = set.leaves().iter().map(|leaf| *leaf.as_bytes()).collect();
    let root = *set.root().as_bytes();
    log.write(move |tx| {
        for member in &members {
            store::identity::create(tx, member, now)?;
        }
        store::ledger::add(tx, &row)?;
        store::ledger::add_set(tx, &id, &entry_id, now, &root, &leaves)?;
        store::ledger::add_timeline(tx, &entry_id, now, Some(&id), &members)
    });
    (id, entry_id, people)
}

#[test]
fn each_member_of_a_set_gets_a_proof_and_erasing_one_leaves_the_others() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.add(3);
        let (id, entry_id, people) = add_set(&log, 5);
        log.sequencer().flush().unwrap();
        assert_eq!(log.verify().unwrap().sets, 1);
        let find = |id: EntryId| {
            let row = log.db.read_blocking::<_, DbError, _>("find", move |tx| store::ledger::find(tx, &id));
            row.unwrap().unwrap()
        };
        let (subject, trace) = &people[2];
        let key = log.signer.verifier();
        let prove_it = || prove(&log.files(), key, &find(entry_id), Some((subject, trace)));
        let proof = prove_it().unwrap();
        let read = ledger::Proof::parse(proof.to_string().as_bytes()).unwrap();
        let (_, told) = read.verify_disclosed(key).unwrap();
        let entry: Value = canonical::parse_entry(&told.entry).unwrap();
        let Some(About::Set(member)) = told.about else { panic!("the proof opens no set") };
        let root: Hash = entry["set"]["root"].as_str().unwrap().parse().unwrap();
        member.verify(&subject.to_string(), &root, 5).unwrap();
        assert!(member.verify(&people[1].0.to_string(), &root, 5).is_err());

        // Another person is erased: the others' proofs stay good.
        let gone = people[0].0;
        log.write(move |tx| store::ledger::sweep_timeline(tx, &gone, 100).map(drop));
        log.verify().unwrap();
        prove_it().unwrap();
        assert!(prove(&log.files(), key, &find(entry_id), Some((subject, &[99; 32]))).is_err());

        log.damage(&format!("set/{id}"), 20);
        assert!(matches!(
            log.verify(),
            Err(Fault::Set { what: SetFault::Damaged | SetFault::OtherFile, .. })
        ));
        std::fs::remove_file(log.folder.join(format!("set/{id}"))).unwrap();
        assert!(matches!(log.verify_files(), Err(Fault::Set { index: _, what: SetFault::Missing, .. })));
    });
}

#[test]
fn more_people_in_the_timeline_than_the_set_names_are_found() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        let (id, entry_id, _) = add_set(&log, 3);
        log.sequencer().flush().unwrap();
        let (stranger, now) = (SubjectId::random(), log.clock.turn_seconds(0));
        log.write(move |tx| {
            store::identity::create(tx, &stranger, now)?;
            store::ledger::add_timeline(tx, &entry_id, now, Some(&id), &[stranger])
        });
        assert!(matches!(log.verify(), Err(Fault::Set { what: SetFault::TooManyMembers, .. })));
    });
}

#[test]
fn a_timeline_that_names_no_entry_is_found() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(2);
        let (subject, lost, now) = (SubjectId::random(), EntryId::random(), log.clock.turn_seconds(0));
        log.write(move |tx| {
            store::identity::create(tx, &subject, now)?;
            store::ledger::add_timeline(tx, &lost, now, None, &[subject])
        });
        assert!(matches!(log.verify(), Err(Fault::LostEntry(id)) if id == lost));
    });
}

#[test]
fn an_entry_has_no_proof_before_a_checkpoint_covers_it() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.sequence(2);
        log.add(1);
        log.sequencer().number().unwrap();
        let row = log.rows().pop().unwrap();
        assert!(matches!(prove(&log.files(), log.signer.verifier(), &row, None), Err(LedgerError::NotYet)));
    });
}

#[test]
fn the_world_sees_checkpoint_and_hash_tiles_and_auditors_the_rest() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        log.add(300);
        let (id, ..) = add_set(&log, 2);
        log.sequencer().flush().unwrap();
        let seen = |path: &str| {
            let file = log.files().public_file(path).unwrap();
            file.map(|file| (file.immutable, file.auditors_only))
        };
        assert_eq!(seen("checkpoint"), Some((false, false)));
        assert_eq!(seen("tile/0/000"), Some((true, false)));
        assert_eq!(seen("tile/0/001.p/45"), Some((true, false)));
        assert_eq!(seen("tile/entries/000"), Some((true, true)));
        assert_eq!(seen(&format!("set/{id}")), Some((true, true)));
        for path in ["", "tile", "tile/0/1", "../checkpoint", "/checkpoint", ".lock", "tile/0/000/", "set/x"]
        {
            assert_eq!(seen(path), None, "{path}");
        }
    });
}

#[test]
fn the_task_publishes_what_was_acknowledged_before_it_stops() {
    TestDb::each(MIGRATIONS, |db| {
        let log = Log::new(db);
        let sequencer = log.sequencer();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let nudge = Arc::new(tokio::sync::Notify::new());
        let task = runtime.spawn(app::ledger::run(sequencer, Arc::clone(&nudge), async {
            let _ = stopped.await;
        }));
        log.add(5_000);
        nudge.notify_one();
        stop.send(()).unwrap();
        runtime.block_on(task).unwrap().unwrap();
        assert_eq!(log.verify().unwrap().checkpoint.size, 5_000);
    });
}
