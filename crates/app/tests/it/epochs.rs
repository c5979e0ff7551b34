//! Epochs: a rotation loses nothing, brings nothing back, and ends what erasure promised.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use app::epochs::{self, EpochState, KeyBackups, KeyPlace, Rewrapped, Status, Waiting};
use app::retention::{Erase, Extent, erase};
use app::{AppError, Controller};
use keys::{Keeper, KeyFolder, RecordError, RecordPart};
use model::{Actor, ControllerName, SubjectId};
use store::key_record::KeyPart;
use testkit::TestDb;

use crate::support::{World, customer, on_both, put_manifest, shop};

const ADA: &[(&str, &str)] = &[("FirstName", "Ada"), ("Email", "ada@example.org"), ("City", "London")];
const GRACE: &[(&str, &str)] = &[("FirstName", "Grace"), ("Email", "grace@example.org")];

/// A controller whose keys lie in a folder, with keepers of these names.
struct Kept {
    world: World,
    folder: KeyFolder,
    base: PathBuf,
}

impl Kept {
    async fn open(db: &TestDb, keepers: &[&str], backups: Option<Arc<dyn KeyBackups>>) -> Self {
        put_manifest(db, &shop()).await;
        let base = db.folder().join("places");
        let folder = KeyFolder::at(base.join("keys"));
        let world = World::with_keys(db, folder.init().expect("new keys")).await;
        let log_key = world.controller.core().signer.verifier().to_string();
        let mut place = KeyPlace::new(folder.clone());
        place.backups = backups;
        for name in keepers {
            std::fs::create_dir(base.join(name)).expect("a folder");
            let keeper = Keeper::new(*name, base.join(name));
            keeper.mark(&log_key).expect("marked");
            place.keepers.push(keeper);
        }
        let controller = world.controller.clone().with_key_place(place);
        Self { world: World { controller, clock: world.clock }, folder, base }
    }

    /// Opens the next epoch and does all that can be done then.
    async fn rotate(&self) -> Rewrapped {
        epochs::open_next(&self.world.controller, &Actor::Operator).await.expect("it opens");
        self.finish().await
    }

    async fn finish(&self) -> Rewrapped {
        // Where other nodes may write, an epoch is closed a minute later.
        self.world.clock.turn_seconds(61);
        epochs::finish(&self.world.controller, &Actor::Operator, &mut |_| {}).await.expect("the steps")
    }

    async fn status(&self) -> Status {
        epochs::status(&self.world.controller).await.expect("a status")
    }

    async fn states(&self) -> Vec<EpochState> {
        self.status().await.epochs.iter().map(|epoch| epoch.state).collect()
    }

    fn has(&self, place: &str, epoch: u32) -> bool {
        self.base.join(place).join(format!("epoch-{epoch:06}.key")).exists()
    }
}

/// A destination of key backups that a test holds back.
#[derive(Default)]
struct Destination(AtomicBool);

impl KeyBackups for Destination {
    fn missing(&self, _epoch: u32) -> Vec<String> {
        if self.0.load(Ordering::SeqCst) { Vec::new() } else { vec!["offsite".to_owned()] }
    }
}

async fn erase_whole(world: &World, subject: SubjectId) {
    let extent = Extent::Person;
    let wish =
        Erase { subject, extent, actor: Actor::Customer, reason: None, request: None, idempotency: None };
    erase(&world.controller, wish).await.expect("erased");
}

async fn record(db: &TestDb, subject: SubjectId, part: KeyPart) -> Option<(i64, Vec<u8>)> {
    db.read("test", move |tx| store::key_record::find(tx, &subject, part)).await.expect("a record")
}

#[test]
fn after_a_rotation_every_key_hangs_on_the_new_epoch_and_the_old_key_is_nowhere() {
    on_both(async |db| {
        let kept = Kept::open(db, &["safe", "attic"], None).await;
        let ada = customer(&kept.world, 17, ADA).await.subject;
        let before = record(db, ada, KeyPart::Person).await.expect("her keys").1;
        let mut steps = Vec::new();
        epochs::open_next(&kept.world.controller, &Actor::Operator).await.expect("it opens");
        let grace = customer(&kept.world, 18, GRACE).await.subject;
        assert_eq!(record(db, grace, KeyPart::Person).await.expect("keys").0, 2, "made while old keys hang");
        assert_eq!(kept.states().await, [EpochState::Leaving, EpochState::Current]);
        kept.world.clock.turn_seconds(61);
        let mut note = |step| steps.push(step);
        let rewrapped =
            epochs::finish(&kept.world.controller, &Actor::Operator, &mut note).await.expect("done");
        assert_eq!((rewrapped.damaged, rewrapped.moved > 0), (0, true));
        assert_eq!(
            steps.last().map(|step| (step.done, step.total)),
            Some((rewrapped.moved, rewrapped.moved))
        );
        assert_eq!(kept.states().await, [EpochState::Over, EpochState::Current]);
        for place in ["keys", "safe", "attic"] {
            assert!(!kept.has(place, 1) && kept.has(place, 2), "{place}");
        }
        let keys = &kept.world.controller.core().keys;
        let (epoch, now) = record(db, ada, KeyPart::Person).await.expect("her keys");
        assert_eq!((epoch, keys.open(ada, RecordPart::Person, &now).is_ok()), (2, true));
        let old = keys.open(ada, RecordPart::Person, &before).map(|_| ());
        assert_eq!(old, Err(RecordError::UnknownEpoch(1)), "a copy from before is dead");
        customer(&kept.world, 17, ADA).await;
    });
}

#[test]
fn who_was_erased_is_unreadable_for_whoever_holds_an_old_copy_once_the_epoch_is_over() {
    on_both(async |db| {
        let kept = Kept::open(db, &["safe"], None).await;
        let ada = customer(&kept.world, 17, ADA).await.subject;
        let copy = record(db, ada, KeyPart::Person).await.expect("her keys").1;
        erase_whole(&kept.world, ada).await;
        let opens = || {
            let thief = kept.folder.open().expect("the thief has the whole key folder, root included");
            thief.open(ada, RecordPart::Person, &copy).is_ok()
        };
        assert!(opens(), "until then the copy opens, and nobody is told otherwise");
        kept.rotate().await;
        assert!(!opens());
        assert_eq!(record(db, ada, KeyPart::Person).await, None, "and nothing brought her back");
    });
}

#[test]
fn a_key_that_is_destroyed_while_it_is_re_wrapped_stays_destroyed() {
    on_both(async |db| {
        let kept = Kept::open(db, &[], None).await;
        let ada = customer(&kept.world, 17, ADA).await.subject;
        let grace = customer(&kept.world, 18, GRACE).await.subject;
        epochs::open_next(&kept.world.controller, &Actor::Operator).await.expect("it opens");
        let read = db.read("test", |tx| store::key_epoch::hanging(tx, 1, 100)).await.expect("read");
        let keys = &kept.world.controller.core().keys;
        let moved: Vec<_> = read
            .into_iter()
            .map(|from| {
                let part = match from.part {
                    KeyPart::Person => RecordPart::Person,
                    KeyPart::Evidence => RecordPart::Evidence,
                };
                let wrapped = keys.rewrap(from.subject, part, &from.body).expect("opens").expect("is old");
                store::key_epoch::Moved { from, epoch: 2, body: wrapped.body }
            })
            .collect();
        // Between the reading and the writing Ada is erased and Grace is written about.
        erase_whole(&kept.world, ada).await;
        let again =
            keys.open(grace, RecordPart::Person, &record(db, grace, KeyPart::Person).await.expect("hers").1);
        let again = keys.wrap(&again.expect("opens"));
        let theirs = again.body.clone();
        db.write("test", move |tx| {
            store::key_record::put(tx, &grace, KeyPart::Person, i64::from(again.epoch), &again.body)
        })
        .await
        .expect("put");
        db.write("test", move |tx| store::key_epoch::move_records(tx, &moved)).await.expect("moved");
        assert_eq!(record(db, ada, KeyPart::Person).await, None);
        assert_eq!(record(db, grace, KeyPart::Person).await.expect("hers").1, theirs);
    });
}

#[test]
fn a_keeper_that_is_away_delays_the_end_of_an_epoch_and_is_named() {
    on_both(async |db| {
        let kept = Kept::open(db, &["safe", "attic"], None).await;
        customer(&kept.world, 17, ADA).await;
        epochs::finish(&kept.world.controller, &Actor::Operator, &mut |_| {})
            .await
            .expect("all keepers have it");
        let (attic, away) = (kept.base.join("attic"), kept.base.join("away"));
        std::fs::rename(&attic, &away).expect("taken away");
        kept.rotate().await;
        let status = kept.status().await;
        assert_eq!(status.epochs[0].state, EpochState::Closed);
        let attic_takes = Waiting::KeeperTakes { keeper: "attic".to_owned() };
        assert!(status.epochs[0].waiting.contains(&attic_takes), "{status:?}");
        assert!(status.keepers[1].trouble.as_ref().is_some_and(|why| why.contains("away")), "{status:?}");
        assert!(kept.has("keys", 1) && kept.has("safe", 1), "nothing is destroyed meanwhile");
        assert!(!status.is_late);
        kept.world.clock.turn_days(4);
        assert!(kept.status().await.is_late);
        std::fs::rename(&away, &attic).expect("back again");
        kept.finish().await;
        assert_eq!(kept.states().await, [EpochState::Over, EpochState::Current]);
        assert!(!kept.has("keys", 1) && !kept.has("safe", 1) && !kept.has("attic", 1));
    });
}

#[test]
fn no_key_is_destroyed_before_its_successors_backup_was_read_back() {
    on_both(async |db| {
        let offsite = Arc::new(Destination::default());
        let kept = Kept::open(db, &[], Some(offsite.clone())).await;
        customer(&kept.world, 17, ADA).await;
        kept.rotate().await;
        let waiting = kept.status().await.epochs[0].waiting.clone();
        assert!(waiting.contains(&Waiting::KeyBackup { destination: "offsite".to_owned() }), "{waiting:?}");
        assert!(kept.has("keys", 1));
        offsite.0.store(true, Ordering::SeqCst);
        kept.finish().await;
        assert_eq!(kept.states().await, [EpochState::Over, EpochState::Current]);
        assert!(!kept.has("keys", 1));
    });
}

#[test]
fn an_epoch_is_followed_when_it_has_lasted_its_days_and_not_before() {
    on_both(async |db| {
        let kept = Kept::open(db, &[], None).await;
        kept.world.clock.turn_days(29);
        assert_eq!(epochs::turn(&kept.world.controller).await.expect("a turn").current, 1);
        kept.world.clock.turn_days(2);
        assert_eq!(epochs::turn(&kept.world.controller).await.expect("a turn").current, 2);
        kept.world.clock.turn_seconds(61);
        assert_eq!(epochs::turn(&kept.world.controller).await.expect("a turn").current, 2);
        assert_eq!(kept.states().await, [EpochState::Over, EpochState::Current]);
    });
}

#[test]
fn while_the_root_key_is_away_everything_goes_on_but_no_epoch_is_opened() {
    on_both(async |db| {
        let kept = Kept::open(db, &[], None).await;
        let root = kept.base.join("keys").join("root.key");
        std::fs::rename(&root, kept.base.join("root")).expect("taken away");
        customer(&kept.world, 17, ADA).await;
        kept.world.clock.turn_days(31);
        let refused = epochs::open_next(&kept.world.controller, &Actor::Operator).await;
        assert!(matches!(refused, Err(AppError::Conflict { code: "keys-wait", .. })), "{refused:?}");
        let status = epochs::turn(&kept.world.controller).await.expect("a turn");
        assert_eq!((status.current, status.is_late), (1, false));
        kept.world.clock.turn_days(3);
        assert!(epochs::turn(&kept.world.controller).await.expect("a turn").is_late);
        std::fs::rename(kept.base.join("root"), &root).expect("back again");
        assert_eq!(epochs::turn(&kept.world.controller).await.expect("a turn").current, 2);
    });
}

#[test]
fn a_damaged_key_record_keeps_its_epoch_open_and_no_other() {
    on_both(async |db| {
        let kept = Kept::open(db, &[], None).await;
        let ada = customer(&kept.world, 17, ADA).await.subject;
        let grace = customer(&kept.world, 18, GRACE).await.subject;
        let (epoch, mut body) = record(db, ada, KeyPart::Person).await.expect("hers");
        let last = body.len() - 1;
        body[last] ^= 1;
        db.write("test", move |tx| store::key_record::put(tx, &ada, KeyPart::Person, epoch, &body))
            .await
            .expect("damaged");
        assert_eq!(kept.rotate().await.damaged, 1);
        let status = kept.status().await;
        assert_eq!((status.epochs[0].state, status.epochs[0].keys), (EpochState::Leaving, 1));
        assert_eq!(record(db, grace, KeyPart::Person).await.expect("hers").0, 2);
        assert!(kept.has("keys", 1));
    });
}

#[test]
fn a_store_opens_with_the_keys_of_its_epochs_only() {
    on_both(async |db| {
        let kept = Kept::open(db, &[], None).await;
        let open = async |keys| {
            let (name, clock) = (ControllerName::new("rosewood").expect("a name"), kept.world.clock.clone());
            let origin = "test.example/rosewood/2026";
            match Controller::open(name, (**db).clone(), keys, origin, Arc::new(clock)).await {
                Ok(controller) => Ok(controller.core().keys.epochs()),
                Err(AppError::Conflict { code, .. }) => Err(code),
                Err(other) => panic!("{other:?}"),
            }
        };
        let stale = kept.folder.open().expect("the keys as they are");
        // A rotation that died after its key was on disk is finished by the next start.
        kept.folder.make_epoch(2).expect("made");
        assert_eq!(open(kept.folder.open().expect("opens")).await, Ok(vec![1, 2]));
        assert_eq!(open(stale).await, Ok(vec![1, 2]), "another node finds the new epoch in the folder");
        let kept = Kept { world: World::with_keys(db, kept.folder.open().expect("opens")).await, ..kept };
        let place = KeyPlace::new(kept.folder.clone());
        let controller = kept.world.controller.clone().with_key_place(place);
        kept.world.clock.turn_seconds(61);
        epochs::finish(&controller, &Actor::Operator, &mut |_| {}).await.expect("closed");
        assert_eq!(open(keys::KeyRing::generate()).await, Err("epoch-key-missing"));
        kept.folder.make_epoch(3).expect("made");
        assert_eq!(open(kept.folder.open().expect("opens")).await, Ok(vec![2, 3]));
        kept.folder.destroy_epoch(3).expect("destroyed");
        kept.folder.make_epoch(3).expect("another of the same number");
        assert_eq!(open(kept.folder.open().expect("opens")).await, Err("epoch-key-differs"));
    });
}

#[test]
fn readers_and_writers_go_on_while_everything_is_re_wrapped() {
    on_both(async |db| {
        let kept = Kept::open(db, &[], None).await;
        for number in 0..40 {
            customer(&kept.world, number, &[("FirstName", "Ada")]).await;
        }
        let made = Mutex::new(0);
        let writing = async {
            for number in 100..130 {
                customer(&kept.world, number, &[("FirstName", "Grace")]).await;
                customer(&kept.world, number - 100, &[("FirstName", "Augusta")]).await;
                *made.lock().expect("whole") += 1;
            }
        };
        let rotating = async {
            for _ in 0..3 {
                let controller = &kept.world.controller;
                epochs::open_next(controller, &Actor::Operator).await.expect("it opens");
                epochs::finish(controller, &Actor::Operator, &mut |_| {}).await.expect("the steps");
            }
        };
        tokio::join!(writing, rotating);
        kept.finish().await;
        assert_eq!(*made.lock().expect("whole"), 30);
        let status = kept.status().await;
        assert_eq!(status.current, 4);
        assert!(status.epochs[..3].iter().all(|epoch| epoch.state == EpochState::Over), "{status:?}");
        for number in 0..40 {
            customer(&kept.world, number, &[("FirstName", "Ada")]).await;
        }
    });
}
