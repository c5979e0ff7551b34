//! What is kept in memory never contradicts an answer that was given.

use std::collections::BTreeSet;
use std::time::Duration;

use app::access::{
    AUDIENCE_KEPT_HOURS, Asker, Mode, Question, What, Whom, audience, audience_page, decide_batch, decide_one,
};
use app::identity::SubjectRef;
use app::retention::{Erase, Extent, erase};
use app::services::{self, Scopes};
use app::{AppError, Verdict, memory};
use model::{Act, Action, Actor, Answer, Channel, Secret, ServiceName, SubjectId};
use testkit::TestDb;

use crate::consent::{act, reader};
use crate::support::{Hurried, World, on_both, purpose, service, switch, whole};

/// A world whose memory is loaded, where one is kept: on SQLite.
async fn remembering(db: &TestDb) -> World {
    let world = World::open(db).await;
    load(&world).await;
    world
}

async fn load(world: &World) {
    let controller = world.controller.clone();
    let running = tokio::spawn(async move { memory::run(&controller, std::future::pending()).await });
    while !world.controller.knows_everybody() && !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn newsletter() -> What {
    let mut what = What::new(purpose("newsletter"), Action::Send);
    what.channel = Some(Channel::Email);
    what
}

/// Everybody to whom the newsletter may be sent.
fn readers() -> Whom {
    Whom {
        purpose: purpose("newsletter"),
        channel: Some(Channel::Email),
        categories: BTreeSet::new(),
        action: Action::Send,
    }
}

/// How many they are.
async fn counted(world: &World) -> u64 {
    audience(&world.controller, readers(), Asker::new(service("mailer"))).await.expect("an audience").count
}

fn question(subject: SubjectId) -> Question {
    Question { subject: SubjectRef::Id(subject), what: newsletter() }
}

async fn answer(world: &World, subject: SubjectId, mode: Mode) -> Verdict {
    decide_one(&world.controller, question(subject), Asker::new(service("mailer")), mode)
        .await
        .expect("an answer")
}

/// The answer from memory, which must be the store's and the recorded one.
async fn agreed(world: &World, subject: SubjectId) -> Answer {
    let dry = answer(world, subject, Mode { dry_run: true, strict: false }).await;
    let strict = answer(world, subject, Mode { dry_run: true, strict: true }).await;
    let recorded = answer(world, subject, Mode::default()).await;
    let batch = decide_batch(
        &world.controller,
        vec![question(subject), question(SubjectId::random())],
        Asker::new(service("mailer")),
        Mode { dry_run: true, strict: false },
    );
    let batch = batch.await.expect("answers");
    assert_eq!((dry.answer, &dry.findings), (strict.answer, &strict.findings));
    assert_eq!((dry.answer, &dry.findings), (recorded.answer, &recorded.findings));
    assert_eq!((dry.answer, &dry.findings), (batch[0].answer, &batch[0].findings));
    assert_eq!(batch[1].answer, Answer::Denied, "nobody is nobody");
    dry.answer
}

#[test]
fn an_answer_from_memory_follows_every_act_at_once() {
    on_both(async |db| {
        let world = remembering(db).await;
        assert_eq!(world.controller.knows_everybody(), world.controller.db.is_ours_alone());
        let ada = reader(&world, "ada@example.org").await.subject;
        let bob = reader(&world, "bob@example.org").await.subject;
        for subject in [ada, bob] {
            assert_eq!(agreed(&world, subject).await, Answer::Granted);
        }
        act(&world, ada, vec![Act::Withdrawn(whole("newsletter"))]).await;
        assert_eq!(agreed(&world, ada).await, Answer::Denied);
        // Long enough for the person to be read again, and once more after the next act.
        tokio::time::sleep(Duration::from_millis(450)).await;
        assert_eq!(agreed(&world, ada).await, Answer::Denied);
        act(&world, ada, vec![Act::Given(switch("newsletter", Channel::Email))]).await;
        assert_eq!(agreed(&world, ada).await, Answer::Granted);
        let request = Erase {
            subject: bob,
            extent: Extent::Person,
            actor: Actor::Customer,
            reason: None,
            request: None,
            idempotency: None,
        };
        erase(&world.controller, request).await.expect("erased");
        assert_eq!(agreed(&world, bob).await, Answer::Denied);
        tokio::time::sleep(Duration::from_millis(450)).await;
        assert_eq!(agreed(&world, bob).await, Answer::Denied);
    });
}

#[test]
fn an_audience_from_memory_holds_those_who_are_permitted_when_it_is_recorded() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut people = Vec::new();
        for number in 0..6 {
            people.push(reader(&world, &format!("reader-{number}@example.org")).await.subject);
        }
        act(&world, people[0], vec![Act::Objected { purpose: None }]).await;
        load(&world).await;
        act(&world, people[1], vec![Act::Withdrawn(whole("newsletter"))]).await;
        people.push(reader(&world, "late@example.org").await.subject);
        let asker = || Asker::new(service("mailer"));
        let found = audience(&world.controller, readers(), asker()).await.expect("an audience");
        let page = audience_page(&world.controller, found.id, None, 100, asker()).await.expect("a page");
        let mut wanted = people[2..].to_vec();
        wanted.sort();
        assert_eq!(page.subjects, wanted);
        assert_eq!(found.count, 5);
    });
}

#[test]
fn a_key_that_is_revoked_is_refused_with_the_next_request() {
    on_both(async |db| {
        let world = remembering(db).await;
        let scopes = Scopes {
            service: Some(ServiceName::new("mailer").expect("a name")),
            actions: [Action::Send].into_iter().collect(),
            purposes: [purpose("newsletter")].into_iter().collect(),
            look_up: false,
            audit: false,
        };
        let until = Some(world.controller.now().plus_days(1));
        let made = services::create(&world.controller, scopes, "mail".to_owned(), until, Actor::Operator);
        let (id, secret) = made.await.expect("a key");
        for _ in 0..3 {
            services::authenticate(&world.controller, &secret).await.expect("in force");
        }
        let wrong = Secret::new(format!("{}0", secret.expose()));
        assert!(services::authenticate(&world.controller, &wrong).await.is_err(), "another secret");
        world.clock.turn_seconds(2 * 86_400);
        assert!(services::authenticate(&world.controller, &secret).await.is_err(), "it is over");
        world.clock.turn_seconds(-2 * 86_400);
        services::authenticate(&world.controller, &secret).await.expect("in force");
        services::revoke(&world.controller, id, Actor::Operator).await.expect("revoked");
        assert!(services::authenticate(&world.controller, &secret).await.is_err(), "it is revoked");
    });
}

/// Asks for the one reader while the clock goes on: for an hour before the audience is recorded,
/// then for an hour while it is.
pub(crate) async fn an_audience_is_recorded_in_time(db: &TestDb, world: &World, hurried: &Hurried) {
    let ask = || audience(&world.controller, readers(), Asker::new(service("mailer")));
    let before = (world.controller.now(), db.dump());
    hurried.step(&[3_600, 0]);
    let found = ask().await.expect("a large audience takes its time");
    assert_eq!(found.count, 1);
    assert_eq!(found.until, before.0.plus_seconds(3_600 * (1 + AUDIENCE_KEPT_HOURS)));
    let before = db.dump();
    hurried.step(&[0, gate::PERMIT_SECONDS]);
    let late = ask().await;
    assert!(matches!(late, Err(AppError::Busy)), "{late:?}");
    assert!(db.dump().without(&before).is_empty(), "nothing is recorded");
}

#[test]
fn an_audience_from_memory_is_decided_when_it_is_recorded_and_refused_when_even_that_is_over() {
    on_both(async |db| {
        let (world, hurried) = World::hurried(db).await;
        reader(&world, "ada@example.org").await;
        load(&world).await;
        an_audience_is_recorded_in_time(db, &world, &hurried).await;
    });
}

#[test]
fn whose_stored_standing_does_not_read_is_in_the_audience_from_memory_too() {
    on_both(async |db| {
        let world = World::open(db).await;
        for number in 0..4 {
            reader(&world, &format!("reader-{number}@example.org")).await;
        }
        let lost = reader(&world, "ada@example.org").await.subject;
        let gone = reader(&world, "bob@example.org").await.subject;
        act(&world, gone, vec![Act::Withdrawn(whole("newsletter"))]).await;
        for id in [lost, gone] {
            db.tamper(&format!("UPDATE standing SET body = '{{\"from\": 9}}' WHERE subject_id = '{id}'"));
        }
        let from_store = counted(&world).await;
        load(&world).await;
        assert_eq!((from_store, counted(&world).await), (5, 5));
        assert_eq!(agreed(&world, lost).await, Answer::Granted);
        tokio::time::sleep(Duration::from_millis(450)).await;
        assert_eq!(counted(&world).await, 5, "they were read again");
        assert_eq!(agreed(&world, lost).await, Answer::Granted);
        assert_eq!(agreed(&world, gone).await, Answer::Denied);
    });
}

#[test]
fn where_memory_and_store_disagree_an_audience_comes_from_the_store_and_memory_is_loaded_anew() {
    on_both(async |db| {
        let world = World::open(db).await;
        let mut people = Vec::new();
        for number in 0..8 {
            people.push(reader(&world, &format!("reader-{number}@example.org")).await.subject);
        }
        people.sort();
        let gone = reader(&world, "bob@example.org").await.subject;
        act(&world, gone, vec![Act::Withdrawn(whole("newsletter"))]).await;
        load(&world).await;
        assert_eq!(counted(&world).await, 8);
        // Past the store, so that memory is not told. Only the first of them stays as they were.
        db.tamper(&format!(
            "UPDATE standing SET body = (SELECT body FROM standing WHERE subject_id = '{gone}') \
             WHERE subject_id <> '{}'",
            people[0]
        ));
        let mut counts = Vec::new();
        while counts.last() != Some(&1) && counts.len() < 40 {
            counts.push(counted(&world).await);
        }
        // Each draws one of eight members. Until it is one of the seven memory is believed; then
        // all of them are answered from the store, not all but the one who was drawn.
        assert_eq!(counts.pop(), Some(1), "{counts:?}");
        assert!(counts.iter().all(|count| *count == 8), "{counts:?}");
        let is_kept = world.controller.db.is_ours_alone();
        while world.controller.knows_everybody() != is_kept {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let dry = answer(&world, people[1], Mode { dry_run: true, strict: false }).await;
        assert_eq!(dry.answer, Answer::Denied, "memory holds what the store holds");
        assert_eq!(counted(&world).await, 1);
    });
}
