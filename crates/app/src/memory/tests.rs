//! What followers that overtake each other leave, and what a loading that fails does.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gate::Standing;
use keys::KeyRing;
use model::{
    Act, Clock, ControllerName, EventFacts, EventId, Grade, Origin, PurposeName, SubjectId, Switch, Timestamp,
};
use store::MIGRATIONS;
use store::consent::StandingRow;
use testkit::{Engine, TestClock, TestDb};

use super::follow::load;
use super::{Changes, Memory, Read, lock, run};
use crate::Controller;

/// A memory that is loaded, and knows nobody.
fn loaded() -> Memory {
    let memory = Memory::default();
    lock(&memory.touched).is_kept = true;
    memory.is_loaded.store(true, Ordering::Release);
    memory
}

fn written(memory: &Memory, id: SubjectId) {
    memory.note(&Changes { subjects: vec![id], keys: false });
}

fn at(id: SubjectId, version: i64) -> Vec<Read> {
    vec![Read { id, found: Some((version, Standing::default())) }]
}

fn tells(memory: &Memory, id: &SubjectId, version: i64) -> bool {
    let purpose = PurposeName::new("newsletter").expect("a name");
    memory.standing_at(id, version, &purpose).is_some()
}

#[test]
fn a_follower_that_is_overtaken_does_not_bring_the_older_standing_back() {
    let (memory, ada) = (loaded(), SubjectId::random());
    written(&memory, ada);
    let (slow, old) = (memory.behind(), at(ada, 1));
    written(&memory, ada);
    let (quick, new) = (memory.behind(), at(ada, 2));
    memory.settle(&quick, &new);
    assert!(tells(&memory, &ada, 2));
    memory.settle(&slow, &old);
    assert!(tells(&memory, &ada, 2), "what was read first came last");
    assert!(memory.touched().is_empty());
}

#[test]
fn who_is_written_about_while_they_are_read_is_not_believed_until_they_are_read_again() {
    let (memory, ada) = (loaded(), SubjectId::random());
    written(&memory, ada);
    let behind = memory.behind();
    written(&memory, ada);
    memory.settle(&behind, &at(ada, 1));
    assert_eq!(memory.touched(), vec![ada]);
    assert!(!tells(&memory, &ada, 1));
    memory.settle(&memory.behind(), &at(ada, 2));
    assert!(tells(&memory, &ada, 2));
}

#[test]
fn a_follower_from_before_everybody_was_forgotten_takes_nobody_in() {
    let (memory, ada) = (loaded(), SubjectId::random());
    written(&memory, ada);
    let behind = memory.behind();
    memory.forget_everybody();
    lock(&memory.touched).is_kept = true;
    written(&memory, ada);
    assert!(memory.behind().is_empty(), "nobody is followed while everybody is loaded");
    memory.is_loaded.store(true, Ordering::Release);
    memory.settle(&behind, &at(ada, 1));
    assert!(!tells(&memory, &ada, 1));
    assert_eq!(memory.touched(), vec![ada]);
}

#[test]
fn whose_stored_standing_does_not_read_counts_as_written_about() {
    let (memory, ada) = (loaded(), SubjectId::random());
    let row = StandingRow { suppressed: String::new(), body: "{\"from\": \"another version\"".to_owned() };
    memory.take_in(vec![(ada, 1, Some(row))]);
    assert_eq!(memory.touched(), vec![ada]);
    memory.settle(&memory.behind(), &at(ada, 1));
    assert!(tells(&memory, &ada, 1), "folded again they are in memory");
}

async fn controller(db: &TestDb) -> Controller {
    let name = ControllerName::new("rosewood").expect("a name");
    let start: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a moment");
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at(start));
    let origin = "test.example/rosewood/2026";
    Controller::open(name, (**db).clone(), KeyRing::generate(), origin, clock).await.expect("it opens")
}

/// Waits until it is so.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it did not come to that");
}

#[test]
fn a_loading_that_fails_leaves_nothing_behind_and_is_tried_again() {
    let db = TestDb::open(Engine::Sqlite, MIGRATIONS).expect("a store");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let controller = controller(&db).await;
        let memory = Arc::clone(controller.memory().expect("on SQLite there is one"));
        db.tamper("ALTER TABLE standing RENAME TO elsewhere");
        load(&controller, &memory).await.expect_err("there are no standings");
        written(&memory, SubjectId::random());
        assert!(memory.touched().is_empty(), "who fell behind is not counted for nobody");
        assert!(!controller.knows_everybody());
        let running = tokio::spawn({
            let controller = controller.clone();
            async move { run(&controller, std::future::pending()).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        db.tamper("ALTER TABLE elsewhere RENAME TO standing");
        until(|| controller.knows_everybody()).await;
        running.abort();
    });
}

#[test]
fn what_a_class_says_is_forgotten_with_everybody() {
    let purpose = PurposeName::new("newsletter").expect("a name");
    let said = |act: fn(Switch) -> Act| {
        let switch = Switch { purpose: purpose.clone(), channel: None, recipient: None };
        let at = Timestamp::from_seconds(1_750_000_000);
        let facts = EventFacts {
            id: EventId::ordered(at),
            act: act(switch),
            occurred: at,
            recorded: at,
            origin: Origin::Portal,
            grade: Grade::Asserted,
        };
        Standing::fold([&facts])
    };
    let (yes, no) = (said(Act::Given), said(Act::Withdrawn));
    let (memory, ada) = (loaded(), SubjectId::random());
    let told = |standing: &Standing| {
        memory.people_mut().put(ada, 1, standing);
        let people = memory.everybody().expect("everybody");
        let class = people.class(&ada, &purpose).expect("a class");
        let joined = memory.joined(&people, class, &purpose).expect("a standing");
        assert_eq!(Some((*joined).clone()), people.standing(class, &purpose));
        assert!(Arc::ptr_eq(&joined, &memory.joined(&people, class, &purpose).expect("the same")));
        (class, joined)
    };
    let (before, _) = told(&yes);
    memory.forget_everybody();
    memory.is_loaded.store(true, Ordering::Release);
    let (after, joined) = told(&no);
    assert_eq!(before, after, "the numbers begin anew");
    assert!(joined.consent(&purpose, None, None).0 == gate::ConsentState::Withdrawn);
}
