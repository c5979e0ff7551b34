//! Two nodes whose clocks disagree by two seconds, against a model of one person in a few lines.

use app::access::{Asker, Mode, Question, What, decide_one};
use app::consent::{NewEvent, record};
use app::identity::SubjectRef;
use gate::Standing;
use keys::KeyFolder;
use model::{Act, Action, Answer, Origin, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::MIGRATIONS;
use testkit::{Engine, TestDb};

use super::{about, reader, stored};
use crate::support::{World, given, purpose, put_manifest, service, shop, whole};

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Node, what, and how many seconds ago another system says it happened (none: own act).
    Act(usize, Word, Option<i64>),
    Ask(usize),
    /// Both clocks move on by so many microseconds.
    Turn(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Given,
    Refused,
    Withdrawn,
    ObjectionEnded,
    Objected,
}

impl Word {
    fn act(self) -> Act {
        let newsletter = purpose("newsletter");
        match self {
            Self::Given => given("newsletter"),
            Self::Refused => Act::Refused(whole("newsletter")),
            Self::Withdrawn => Act::Withdrawn(whole("newsletter")),
            Self::ObjectionEnded => Act::ObjectionEnded { purpose: Some(newsletter) },
            Self::Objected => Act::Objected { purpose: Some(newsletter) },
        }
    }

    const fn is_objection(self) -> bool {
        matches!(self, Self::ObjectionEnded | Self::Objected)
    }
}

/// What should happen: the person's one clock, and every word with the moment it counts from.
struct Model {
    clock: i64,
    words: Vec<(i64, Word)>,
}

impl Model {
    /// A write about the person through a node whose clock shows `now`.
    fn take(&mut self, now: i64) -> i64 {
        self.clock = now.max(self.clock + 1);
        self.clock
    }

    /// The latest word wins; of two at one moment the more protective, which the order of
    /// [`Word`] gives.
    fn last(&self, is_objection: bool) -> Option<(i64, Word)> {
        self.words.iter().copied().filter(|(_, word)| word.is_objection() == is_objection).max()
    }

    fn permits(&self) -> bool {
        let Some((yes, Word::Given)) = self.last(false) else { return false };
        !matches!(self.last(true), Some((no, Word::Objected)) if no >= yes)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let word = prop_oneof![
        Just(Word::Given),
        Just(Word::Given),
        Just(Word::Refused),
        Just(Word::Withdrawn),
        Just(Word::Objected),
        Just(Word::ObjectionEnded),
    ];
    prop_oneof![
        5 => (0..2_usize, word, prop::option::of(-3..6_i64)).prop_map(|(node, word, ago)| Step::Act(node, word, ago)),
        3 => (0..2_usize).prop_map(Step::Ask),
        2 => prop_oneof![Just(0), Just(1), 1..3_000_000_i64].prop_map(Step::Turn),
    ]
}

/// Runs `cases` random interleavings on one engine, each about a person of its own.
fn two_nodes_agree(engine: Engine, cases: u32) {
    let Some(db) = TestDb::open(engine, MIGRATIONS) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let nodes = runtime.block_on(async {
        put_manifest(&db, &shop()).await;
        let folder = KeyFolder::at(db.folder().join("keys"));
        let one = World::with_keys(&db, folder.init().expect("new keys")).await;
        let other = World::with_keys(&db, folder.open().expect("the same keys")).await;
        [one, other]
    });
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let steps = prop::collection::vec(step(), 1..14);
    runner
        .run(&(steps, any::<u64>()), |(steps, seed)| {
            runtime.block_on(case(&nodes, &steps, seed));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{engine:?}: {failure}"));
}

async fn case(nodes: &[World; 2], steps: &[Step], seed: u64) {
    let start = crate::support::start();
    nodes[0].clock.set(start);
    nodes[1].clock.set(start.plus_seconds(-2));
    let address = format!("reader-{}@example.org", model::EventId::random());
    let ada = reader(&nodes[0], &address).await;
    let (first, last) = (ada.events[0].recorded.micros(), ada.events[1].recorded.micros());
    let mut model = Model { clock: last, words: vec![(first, Word::Given)] };
    for step in steps {
        match *step {
            Step::Turn(micros) => {
                for node in nodes {
                    node.clock.set(Timestamp::from_micros(node.controller.now().micros() + micros));
                }
            }
            Step::Act(node, word, ago) => {
                let now = nodes[node].controller.now();
                let origin = if ago.is_none() { Origin::Portal } else { Origin::Api };
                let occurred = ago.map(|ago| now.plus_seconds(-ago));
                let event = NewEvent { occurred, ..NewEvent::new(word.act(), origin) };
                let recorded =
                    record(&nodes[node].controller, about(SubjectRef::Id(ada.subject), vec![event]))
                        .await
                        .expect("recorded");
                let at = model.take(now.micros());
                assert_eq!(recorded.events[0].recorded.micros(), at, "the person's clock rises strictly");
                let counts = occurred.map_or(at, |occurred| occurred.micros().min(at));
                model.words.push((counts, word));
            }
            Step::Ask(node) => {
                let question = Question {
                    subject: SubjectRef::Id(ada.subject),
                    what: What::new(purpose("newsletter"), Action::Use),
                };
                let asker = Asker::new(service("mailer"));
                let verdict = decide_one(&nodes[node].controller, question, asker, Mode::default())
                    .await
                    .expect("an answer");
                model.take(nodes[node].controller.now().micros());
                assert_eq!(verdict.answer == Answer::Granted, model.permits(), "{verdict:?}");
            }
        }
    }
    let (kept, mut events) = stored(&nodes[0], ada.subject).await;
    shuffle(&mut events, seed);
    assert_eq!(Standing::fold(&events), kept, "the order of reading does not matter");
}

/// Fisher-Yates with a small generator: any order will do, and the seed shrinks.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for last in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, (seed >> 33) as usize % (last + 1));
    }
}

#[test]
fn two_nodes_with_clocks_two_seconds_apart_agree_with_a_model_on_sqlite() {
    two_nodes_agree(Engine::Sqlite, 60);
}

#[test]
fn two_nodes_with_clocks_two_seconds_apart_agree_with_a_model_on_postgresql() {
    two_nodes_agree(Engine::Postgres, 15);
}

#[test]
fn acts_that_reach_both_nodes_at_once_get_moments_of_their_own() {
    crate::support::on_both(async |db| {
        put_manifest(db, &shop()).await;
        let folder = KeyFolder::at(db.folder().join("keys"));
        let one = World::with_keys(db, folder.init().expect("new keys")).await;
        let other = World::with_keys(db, folder.open().expect("the same keys")).await;
        other.clock.turn_seconds(-2);
        let ada = reader(&one, super::ADDRESS).await.subject;
        let mut tasks = tokio::task::JoinSet::new();
        for turn in 0..24 {
            let node = [&one, &other][turn % 2].controller.clone();
            let act = if turn % 3 == 0 { Word::Withdrawn.act() } else { Word::Given.act() };
            let events = vec![NewEvent::new(act, Origin::Portal); 2];
            tasks.spawn(async move { record(&node, about(SubjectRef::Id(ada), events)).await });
        }
        let mut moments = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let recorded = done.expect("no panic").expect("recorded");
            moments.extend(recorded.events.iter().map(|event| event.recorded));
        }
        moments.sort();
        assert!(moments.windows(2).all(|pair| pair[0] < pair[1]), "two acts share a moment");
        let (kept, events) = stored(&one, ada).await;
        assert_eq!((events.len(), Standing::fold(&events)), (50, kept));
    });
}
