//! Asking: one answer however it is asked, an entry for every ask, and nothing told to those
//! who may not know.

use std::collections::BTreeSet;

use app::access::{
    AUDIENCE_KEPT_HOURS, Asker, Mode, Question, What, Whom, audience, audience_page, decide_batch,
    decide_one, decision,
};
use app::identity::SubjectRef;
use app::{AppError, Verdict};
use model::{Act, Action, Answer, Channel, FindingCode, Identifier, SubjectId};
use store::identity::SubjectState;

use crate::consent::{act, reader};
use crate::memory::an_audience_is_recorded_in_time;
use crate::support::{World, ask, email, entries, given, on_both, purpose, service, switch, whole};

fn newsletter() -> What {
    let mut what = What::new(purpose("newsletter"), Action::Send);
    what.channel = Some(Channel::Email);
    what
}

fn about(subject: SubjectId, what: What) -> Question {
    Question { subject: SubjectRef::Id(subject), what }
}

fn by_address(address: &str, what: What) -> Question {
    Question { subject: SubjectRef::Identifier(email(address)), what }
}

async fn one(world: &World, question: Question, asker: Asker) -> Verdict {
    decide_one(&world.controller, question, asker, Mode::default()).await.expect("an answer")
}

/// What the asker learns beside the entry's id.
fn told(verdict: &Verdict) -> (Answer, Vec<FindingCode>) {
    (verdict.answer, verdict.findings.iter().map(|reason| reason.code).collect())
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.findings.iter().map(|reason| reason.code.code()).collect()
}

/// Readers, of whom the others have each said no in a way of their own.
async fn crowd(world: &World) -> Vec<SubjectId> {
    let noes = [
        vec![],
        vec![],
        vec![Act::Withdrawn(whole("newsletter"))],
        vec![Act::Refused(switch("newsletter", Channel::Email))],
        vec![Act::Objected { purpose: None }],
        vec![Act::Restricted { category: None }],
        vec![Act::Deceased {}],
        vec![Act::AddressChanged { channel: Channel::Email }],
        vec![],
    ];
    let mut people = Vec::new();
    for (number, acts) in noes.into_iter().enumerate() {
        let subject = reader(world, &format!("reader-{number}@example.org")).await.subject;
        if !acts.is_empty() {
            act(world, subject, acts).await;
        }
        people.push(subject);
    }
    people
}

#[test]
fn a_batch_answers_in_its_order_what_each_question_alone_would_be_answered() {
    on_both(async |db| {
        let world = World::open(db).await;
        let people = crowd(&world).await;
        let mailer = || Asker::new(service("mailer"));
        let messages = What::new(purpose("service-messages"), Action::Read);
        let advertising = What::new(purpose("advertising"), Action::Use);
        let questions = || {
            let of_all = people.iter().flat_map(|id| {
                [newsletter(), messages.clone(), advertising.clone()].map(|what| about(*id, what))
            });
            let others = [
                about(SubjectId::random(), newsletter()),
                by_address("nobody@example.org", newsletter()),
                by_address("READER-0@example.org", newsletter()),
                about(people[0], newsletter()),
            ];
            of_all.chain(others).collect::<Vec<_>>()
        };
        let batch = decide_batch(&world.controller, questions(), mailer(), Mode::default());
        let batch = batch.await.expect("answers");
        let tried = Mode { dry_run: true, ..Mode::default() };
        let dry = decide_batch(&world.controller, questions(), mailer(), tried).await.expect("answers");
        assert_eq!(batch.len(), people.len() * 3 + 4);
        for ((question, of_batch), of_dry) in questions().into_iter().zip(&batch).zip(&dry) {
            let alone = one(&world, question, mailer()).await;
            assert_eq!(told(of_batch), told(&alone));
            assert_eq!(told(of_dry), told(&alone));
            assert!(of_batch.entry.is_some() && of_dry.entry.is_none());
        }
        // Three readers, two of them once more; and messages about orders to all but the dead and
        // the one whose data is restricted.
        assert_eq!(batch.iter().filter(|verdict| verdict.answer == Answer::Granted).count(), 3 + 2 + 7);
    });
}

#[test]
fn one_entry_names_everybody_with_the_same_answer_and_stands_in_each_timeline() {
    on_both(async |db| {
        let world = World::open(db).await;
        let people = crowd(&world).await;
        let questions = people.iter().map(|id| about(*id, newsletter())).collect();
        let asker = Asker::new(service("mailer"));
        let verdicts = decide_batch(&world.controller, questions, asker, Mode::default()).await;
        let verdicts = verdicts.expect("answers");
        let granted: BTreeSet<_> = verdicts
            .iter()
            .filter(|verdict| verdict.answer == Answer::Granted)
            .map(|verdict| verdict.entry)
            .collect();
        assert_eq!(granted.len(), 1, "one yes, one entry");
        for (id, verdict) in people.iter().zip(&verdicts) {
            let written = entries(&world, *id).await;
            let entry =
                written.iter().find(|entry| Some(entry.id) == verdict.entry).expect("in the timeline");
            assert_eq!(entry.answer.as_deref(), Some(verdict.answer.code()));
        }
        let nobody =
            decide_batch(&world.controller, Vec::new(), Asker::new(service("mailer")), Mode::default());
        assert!(matches!(nobody.await, Err(AppError::Invalid(_))));
    });
}

#[test]
fn every_ask_leaves_an_entry_a_no_too_and_a_dry_run_none() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let before = entries(&world, ada).await.len();
        let tried = Mode { dry_run: true, ..Mode::default() };
        let dry =
            decide_one(&world.controller, about(ada, newsletter()), Asker::new(service("mailer")), tried);
        assert_eq!(dry.await.expect("an answer").entry, None);
        assert_eq!(entries(&world, ada).await.len(), before);
        let yes = ask(&world, ada, "mailer", "newsletter").await;
        let no = ask(&world, ada, "storefront", "analytics").await;
        assert_eq!((yes.answer, no.answer), (Answer::Granted, Answer::Denied));
        assert!(yes.until.is_some_and(|until| until > world.controller.now()) && no.until.is_none());
        let written = entries(&world, ada).await;
        assert_eq!(written.len(), before + 2);
        for verdict in [&yes, &no] {
            assert!(written.iter().any(|entry| Some(entry.id) == verdict.entry));
        }
        let unknown =
            one(&world, by_address("nobody@example.org", newsletter()), Asker::new(service("mailer")));
        let unknown = unknown.await;
        assert_eq!(codes(&unknown), ["subject-unknown"]);
        let (mailer, entry) = (Asker::new(service("mailer")), unknown.entry.expect("an entry about nobody"));
        let recalled = decision(&world.controller, entry, &mailer, false).await.expect("recorded");
        assert_eq!(recalled.answer, Answer::Denied);
    });
}

#[test]
fn without_the_look_up_scope_somebody_unknown_looks_like_somebody_who_said_no() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let may_not = || Asker { look_up: false, ..Asker::new(service("mailer")) };
        for no in [Act::Refused(whole("newsletter")), Act::Objected { purpose: None }] {
            act(&world, ada, vec![no]).await;
            let refused = one(&world, by_address("ada@example.org", newsletter()), may_not()).await;
            let unknown = one(&world, by_address("nobody@example.org", newsletter()), may_not()).await;
            assert_eq!(told(&refused), told(&unknown));
            assert_eq!(codes(&refused), ["subject-unknown"]);
            let both = ["ada@example.org", "nobody@example.org"].map(|who| by_address(who, newsletter()));
            let batch =
                decide_batch(&world.controller, both.into_iter().collect(), may_not(), Mode::default());
            let batch = batch.await.expect("answers");
            assert_eq!(batch[0], batch[1], "nor by an entry that only one of them has");
        }
        let may =
            one(&world, by_address("ada@example.org", newsletter()), Asker::new(service("mailer"))).await;
        assert!(codes(&may).contains(&"consent-refused"));
    });
}

#[test]
fn an_observed_service_goes_on_but_never_against_what_the_person_said() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let observed = ask(&world, ada, "storefront", "personalisation").await;
        assert_eq!((observed.answer, codes(&observed)), (Answer::Observed, vec!["consent-missing"]));
        assert!(observed.until.is_none(), "there is no permit");
        let written = entries(&world, ada).await;
        let entry = written.iter().find(|entry| Some(entry.id) == observed.entry).expect("recorded");
        assert_eq!(entry.answer.as_deref(), Some("observed"));
        // Nobody is no reason to stop it, unless it could tell nobody from somebody who refused.
        let what = || What::new(purpose("personalisation"), Action::Use);
        for (look_up, answer) in [(true, Answer::Observed), (false, Answer::Denied)] {
            let asker = Asker { look_up, ..Asker::new(service("storefront")) };
            let unknown = one(&world, by_address("nobody@example.org", what()), asker).await;
            assert_eq!((unknown.answer, codes(&unknown)), (answer, vec!["subject-unknown"]));
        }
        act(&world, ada, vec![Act::Refused(whole("personalisation"))]).await;
        assert_eq!(ask(&world, ada, "storefront", "personalisation").await.answer, Answer::Denied);
        act(&world, ada, vec![given("personalisation")]).await;
        world.clock.turn_days(90);
        assert_eq!(ask(&world, ada, "storefront", "personalisation").await.answer, Answer::Granted);
        let bob = reader(&world, "bob@example.org").await.subject;
        assert_eq!(ask(&world, bob, "storefront", "personalisation").await.answer, Answer::Denied);
    });
}

#[test]
fn a_browser_s_signal_denies_advertising_in_spite_of_a_yes_and_on_other_devices_too() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        act(&world, ada, vec![given("advertising"), given("analytics")]).await;
        let with_signal = |name: &str| {
            let asker = Asker { gpc: true, ..Asker::new(service("storefront")) };
            one(&world, about(ada, What::new(purpose(name), Action::Use)), asker)
        };
        assert_eq!(ask(&world, ada, "storefront", "advertising").await.answer, Answer::Granted);
        assert_eq!(codes(&with_signal("advertising").await), ["gpc"]);
        assert_eq!(with_signal("analytics").await.answer, Answer::Granted);
        act(&world, ada, vec![Act::SignalSeen { signal: model::Signal::Gpc }]).await;
        assert_eq!(codes(&ask(&world, ada, "storefront", "advertising").await), ["gpc"]);
    });
}

fn whom() -> Whom {
    Whom {
        purpose: purpose("newsletter"),
        channel: Some(Channel::Email),
        categories: BTreeSet::new(),
        action: Action::Send,
    }
}

#[test]
fn an_audience_is_everybody_whom_a_decision_would_permit_and_no_one_else() {
    on_both(async |db| {
        let world = World::open(db).await;
        let people = crowd(&world).await;
        let mut permitted = BTreeSet::new();
        for id in &people {
            if ask(&world, *id, "mailer", "newsletter").await.answer == Answer::Granted {
                permitted.insert(*id);
            }
        }
        let mailer = || Asker::new(service("mailer"));
        let asked = audience(&world.controller, whom(), mailer()).await.expect("an audience");
        assert_eq!(asked.count, 3);
        let (mut members, mut after) = (BTreeSet::new(), None);
        loop {
            let page = audience_page(&world.controller, asked.id, after, 2, mailer()).await.expect("a page");
            assert_eq!(page.left_out, 0);
            assert!(page.subjects.is_empty() || page.entry.is_some());
            members.extend(page.subjects);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(members, permitted);
        for id in &people {
            let named = entries(&world, *id).await.iter().any(|entry| entry.id == asked.entry);
            assert_eq!(named, permitted.contains(id), "the entry names its people and nobody else");
        }
    });
}

#[test]
fn who_withdraws_after_the_audience_was_asked_for_is_left_out_of_its_pages() {
    on_both(async |db| {
        let world = World::open(db).await;
        let people = crowd(&world).await;
        let mailer = || Asker::new(service("mailer"));
        let asked = audience(&world.controller, whom(), mailer()).await.expect("an audience");
        act(&world, people[0], vec![Act::Withdrawn(whole("newsletter"))]).await;
        let page = audience_page(&world.controller, asked.id, None, 100, mailer()).await.expect("a page");
        assert_eq!((page.left_out, page.subjects.len(), page.next), (1, 2, None));
        assert!(!page.subjects.contains(&people[0]));

        let other = audience_page(&world.controller, asked.id, None, 100, Asker::new(service("campaigns")));
        assert!(matches!(other.await, Err(AppError::NotFound(_))));
        world.clock.turn_seconds(AUDIENCE_KEPT_HOURS * 3_600);
        let late = audience_page(&world.controller, asked.id, None, 100, mailer()).await;
        assert!(matches!(late, Err(AppError::NotFound(_))));
    });
}

#[test]
fn an_audience_for_a_service_that_may_not_ask_is_denied_and_the_denial_stays() {
    on_both(async |db| {
        let world = World::open(db).await;
        crowd(&world).await;
        let warehouse = Asker::new(service("warehouse"));
        let Err(AppError::Denied(verdict)) = audience(&world.controller, whom(), warehouse.clone()).await
        else {
            panic!("the warehouse sends no newsletter");
        };
        assert!(codes(&verdict).contains(&"service-not-allowed"));
        let entry = verdict.entry.expect("recorded");
        let recalled = decision(&world.controller, entry, &warehouse, false).await.expect("its own");
        assert_eq!((recalled.answer, recalled.purpose), (Answer::Denied, Some(purpose("newsletter"))));
        let stranger = decision(&world.controller, entry, &Asker::new(service("mailer")), false).await;
        assert!(matches!(stranger, Err(AppError::NotFound(_))));
        let auditor = decision(&world.controller, entry, &Asker::new(service("mailer")), true).await;
        assert_eq!(auditor.expect("an auditor sees it").entry, entry);

        let read = Whom { action: Action::Read, ..whom() };
        let read = audience(&world.controller, read, Asker::new(service("mailer"))).await;
        assert!(matches!(read, Err(AppError::Invalid(_))));
        let statistics = Whom { purpose: purpose("analytics"), channel: None, action: Action::Use, ..whom() };
        let nobody = audience(&world.controller, statistics, Asker::new(service("storefront"))).await;
        assert_eq!(nobody.expect("nobody said yes").count, 0);
    });
}

#[test]
fn a_merged_identity_is_asked_about_under_the_one_that_leads() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let also = reader(&world, "ada@work.example").await.subject;
        act(&world, also, vec![Act::Withdrawn(whole("newsletter"))]).await;
        let set_state = move |tx: &mut store::Tx<'_>| {
            store::identity::set_state(tx, &also, SubjectState::Alias, Some(&ada))
        };
        world.controller.db.write("test.alias", set_state).await.expect("an alias");
        let asked = audience(&world.controller, whom(), Asker::new(service("mailer"))).await;
        assert_eq!(asked.expect("an audience").count, 1);
        let address: Identifier = email("ada@work.example");
        let question = Question { subject: SubjectRef::Identifier(address), what: newsletter() };
        let verdicts = decide_batch(
            &world.controller,
            vec![question, about(also, newsletter()), about(ada, newsletter())],
            Asker::new(service("mailer")),
            Mode::default(),
        );
        let verdicts = verdicts.await.expect("answers");
        assert!(verdicts.iter().all(|verdict| verdict.answer == Answer::Granted));
        assert_eq!(ask(&world, also, "mailer", "newsletter").await.answer, Answer::Granted);
        assert!(entries(&world, ada).await.iter().any(|entry| Some(entry.id) == verdicts[0].entry));
    });
}

#[test]
fn a_program_that_left_the_manifest_acts_for_nobody_any_more() {
    on_both(async |db| {
        let mut world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let via = |name: &str| model::Via {
            service: model::ServiceName::new(name).expect("a name"),
            key: model::ApiKeyId::random(),
        };
        for (name, expected) in [("mailer", None), ("no-such-program", Some(FindingCode::ServiceUnknown))] {
            world.controller = world.controller.through(Some(via(name)));
            let verdict = ask(&world, ada, "mailer", "newsletter").await;
            assert_eq!(told(&verdict).1.first().copied(), expected, "{name}");
            let entry = entries(&world, ada).await.into_iter().find(|entry| Some(entry.id) == verdict.entry);
            let body = entry.expect("an entry").body;
            assert!(String::from_utf8_lossy(&body).contains(name), "the entry names it");
        }
    });
}

#[test]
fn staff_of_a_declared_role_who_give_no_reason_see_nothing() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let role = model::RoleName::new("privacy-officer").expect("a name");
        let actor = model::Actor::Staff { account: "acc-1".to_owned(), role };
        let look = app::consent::Look { actor, reason: None };
        let refused = app::consent::standing(&world.controller, ada, look.clone()).await;
        let Err(AppError::Denied(verdict)) = refused else { panic!("{refused:?}") };
        assert_eq!(told(&verdict), (Answer::Denied, vec![FindingCode::ReasonMissing]));
        let code = model::ReasonCode::new("request").expect("a name");
        let reason = Some(gate::StaffReason { code, ticket: "T-1".to_owned() });
        let look = app::consent::Look { reason, ..look };
        app::consent::standing(&world.controller, ada, look).await.expect("with a reason");
    });
}

#[test]
fn who_is_erased_while_a_batch_is_answered_is_answered_as_erased_and_stops_nobody_else() {
    on_both(async |db| {
        let world = World::open(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let ben = reader(&world, "ben@example.org").await.subject;
        // What the batch sees on PostgreSQL when an erasure commits between two of its reads.
        let gone = move |tx: &mut store::Tx<'_>| {
            store::key_record::destroy(tx, &ada, store::key_record::KeyPart::Person)
        };
        world.controller.db.write("test.gone", gone).await.expect("destroyed");
        let what = || What::new(purpose("service-messages"), Action::Read);
        let questions = [ada, ben].map(|id| Question { subject: SubjectRef::Id(id), what: what() });
        let asker = Asker::new(service("mailer"));
        let verdicts = decide_batch(&world.controller, questions.into(), asker, Mode::default()).await;
        let verdicts = verdicts.expect("the batch is answered");
        let codes: Vec<_> = verdicts[0].findings.iter().map(|reason| reason.code).collect();
        assert!(codes.contains(&model::FindingCode::Erased), "{codes:?}");
        assert!(verdicts[1].findings.iter().all(|reason| reason.code != model::FindingCode::Erased));
    });
}

#[test]
fn a_batch_whose_permit_is_over_when_it_is_recorded_permits_nobody_and_records_nothing() {
    on_both(async |db| {
        let (world, hurried) = World::hurried(db).await;
        let ada = reader(&world, "ada@example.org").await.subject;
        let before = db.dump();
        let ask = || {
            let asker = Asker::new(service("mailer"));
            decide_batch(&world.controller, vec![about(ada, newsletter())], asker, Mode::default())
        };
        hurried.step(&[gate::PERMIT_SECONDS]);
        let late = ask().await;
        assert!(matches!(late, Err(AppError::Busy)), "{late:?}");
        assert!(db.dump().without(&before).is_empty());
        hurried.step(&[gate::PERMIT_SECONDS - 1]);
        assert_eq!(ask().await.expect("in time")[0].answer, Answer::Granted);
    });
}

#[test]
fn an_audience_is_decided_when_it_is_recorded_and_refused_when_even_that_is_over() {
    on_both(async |db| {
        let (world, hurried) = World::hurried(db).await;
        reader(&world, "ada@example.org").await;
        an_audience_is_recorded_in_time(db, &world, &hurried).await;
    });
}
