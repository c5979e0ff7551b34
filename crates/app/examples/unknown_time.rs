//! How long an answer takes about somebody who said no and about nobody, for a caller who may
//! not know which it is: `cargo run --release -p app --example unknown_time`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a measurement reads the clock, and stops at the first failure"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::Controller;
use app::access::{Asker, Mode, Question, What, decide_one};
use app::consent::{NewEvent, RecordConsent, record};
use app::identity::SubjectRef;
use keys::KeyRing;
use model::manifest::Manifest;
use model::{Act, Action, Actor, Channel, ControllerName, Identifier, IdentifierKind, Origin, Personal};
use model::{PurposeName, ServiceName, Switch};
use store::MIGRATIONS;
use testkit::{Engine, TestClock, TestDb};

/// Pairs of questions, asked in turns so that both meet the same machine.
const ROUNDS: usize = 500;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(db) = TestDb::open(engine, MIGRATIONS) else { continue };
        let medians = runtime.block_on(measure(&db));
        for (who, median) in medians {
            println!("{engine:?}, {who}: median {} µs of {ROUNDS}", median.as_micros());
        }
    }
}

async fn measure(db: &TestDb) -> BTreeMap<&'static str, Duration> {
    let controller = controller(db).await;
    let newsletter = || PurposeName::new("newsletter").expect("a name");
    let no = Act::Refused(Switch { purpose: newsletter(), channel: None, recipient: None });
    let refusal = RecordConsent {
        subject: SubjectRef::Identifier(email("ada@example.org")),
        create: true,
        events: vec![NewEvent::new(no, Origin::Portal)],
        actor: Actor::Customer,
        request: None,
        idempotency: None,
    };
    record(&controller, refusal).await.expect("a no is recorded");
    let mailer = Actor::Service(ServiceName::new("mailer").expect("a name"));
    let asker = Asker { look_up: false, ..Asker::new(mailer) };
    let mut taken: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for (who, address) in [("said no", "ada@example.org"), ("nobody", "nobody@example.org")] {
            let mut what = What::new(newsletter(), Action::Send);
            what.channel = Some(Channel::Email);
            let question = Question { subject: SubjectRef::Identifier(email(address)), what };
            let began = Instant::now();
            decide_one(&controller, question, asker.clone(), Mode::default()).await.expect("an answer");
            taken.entry(who).or_default().push(began.elapsed());
        }
    }
    taken.into_iter().map(|(who, times)| (who, median(times))).collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn email(address: &str) -> Identifier {
    Identifier { kind: IdentifierKind::email(), value: Personal::new(address.to_owned()) }
}

async fn controller(db: &TestDb) -> Controller {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/manifest");
    let loaded = Manifest::load(std::path::Path::new(folder)).expect("the sample manifest loads");
    let name = ControllerName::new("rosewood").expect("a name");
    let clock = TestClock::at("2026-11-24T09:00:00Z".parse().expect("a moment"));
    let opened =
        Controller::open(name, (**db).clone(), KeyRing::generate(), "test.example/rosewood", Arc::new(clock));
    let controller = opened.await.expect("the controller opens");
    app::manifest::apply(&controller, &loaded, Actor::Operator).await.expect("it is applied");
    controller
}
