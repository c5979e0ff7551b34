//! A controller on a test database, with the sample shop's manifest in force.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use app::Controller;
use app::access::{Asker, Mode, Question, What, decide_one};
use app::identity::SubjectRef;
use app::vault::Collected;
use keys::KeyRing;
use model::manifest::Manifest;
use model::{
    Act, Action, Actor, Channel, Clock, ControllerName, EntryId, Identifier, Personal, PurposeName,
    ServiceName, SubjectId, Switch, Timestamp,
};
use store::MIGRATIONS;
use store::ledger::EntryRow;
use store::manifest::ManifestVersion;
use testkit::{TestClock, TestDb};

/// The moment at which tests begin.
pub(crate) fn start() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a moment")
}

/// One hosted controller of a test, and the clock that it reads.
pub(crate) struct World {
    pub(crate) controller: Controller,
    pub(crate) clock: TestClock,
}

/// The sample shop's manifest as resolved.
pub(crate) fn shop() -> Manifest {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/manifest");
    Manifest::load(std::path::Path::new(folder)).expect("the sample manifest loads").resolved()
}

/// The sample shop's manifest where its customers' e-mail addresses are vouched for.
pub(crate) fn vouching() -> Manifest {
    let mut manifest = shop();
    for field in manifest
        .systems
        .values_mut()
        .flat_map(|system| system.tables.values_mut())
        .flat_map(|table| table.fields.values_mut())
    {
        field.verified |= field.identifier == Some(model::IdentifierKind::email());
    }
    manifest
}

impl World {
    /// A controller with the sample shop's manifest and new keys.
    pub(crate) async fn open(db: &TestDb) -> Self {
        Self::with_manifest(db, &shop()).await
    }

    /// A controller with this manifest and new keys.
    pub(crate) async fn with_manifest(db: &TestDb, manifest: &Manifest) -> Self {
        put_manifest(db, manifest).await;
        Self::with_keys(db, KeyRing::generate()).await
    }

    /// A controller whose clock the test hurries on; [`World::clock`] is not what it reads.
    pub(crate) async fn hurried(db: &TestDb) -> (Self, Arc<Hurried>) {
        put_manifest(db, &shop()).await;
        let hurried = Arc::new(Hurried::default());
        let name = ControllerName::new("rosewood").expect("a name");
        let (keys, clock) = (KeyRing::generate(), Arc::clone(&hurried));
        let controller = Controller::open(name, (**db).clone(), keys, "test.example/rosewood/2026", clock)
            .await
            .expect("the controller opens");
        (Self { controller, clock: TestClock::at(start()) }, hurried)
    }

    /// A controller with these keys on whatever the store holds.
    pub(crate) async fn with_keys(db: &TestDb, keys: KeyRing) -> Self {
        let clock = TestClock::at(start());
        let name = ControllerName::new("rosewood").expect("a name");
        let controller = Controller::open(
            name,
            (**db).clone(),
            keys,
            "test.example/rosewood/2026",
            Arc::new(clock.clone()),
        )
        .await
        .expect("the controller opens");
        Self { controller, clock }
    }
}

/// A clock that goes on when somebody has looked.
#[derive(Debug, Default)]
pub(crate) struct Hurried(Mutex<(i64, VecDeque<i64>)>);

impl Hurried {
    /// By how many seconds after each of the next looks; then it stands.
    pub(crate) fn step(&self, seconds: &[i64]) {
        self.0.lock().expect("whole").1 = seconds.iter().copied().collect();
    }
}

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        let mut clock = self.0.lock().expect("whole");
        let now = start().plus_seconds(clock.0);
        clock.0 += clock.1.pop_front().unwrap_or_default();
        now
    }
}

/// Puts a manifest in force without the ledgered act, for tests that are not about it.
pub(crate) async fn put_manifest(db: &TestDb, manifest: &Manifest) {
    let value = serde_json::to_value(manifest).expect("json");
    let body = String::from_utf8(ledger::canonical::encode(&value).expect("canonical")).expect("text");
    let row = ManifestVersion {
        version: 1,
        fingerprint: String::new(),
        body,
        applied: start(),
        entry: EntryId::random(),
    };
    db.write("test.manifest", move |tx| store::manifest::add(tx, &row))
        .await
        .expect("the manifest is stored");
}

/// Runs `body` on an empty database of each engine, at the newest schema.
pub(crate) fn on_both(body: impl AsyncFn(&TestDb)) {
    TestDb::each_async(MIGRATIONS, body);
}

/// A service of the sample shop.
pub(crate) fn service(name: &str) -> Actor {
    Actor::Service(ServiceName::new(name).expect("a name"))
}

/// An e-mail address as an identifier.
pub(crate) fn email(address: &str) -> Identifier {
    Identifier { kind: model::IdentifierKind::email(), value: Personal::new(address.to_owned()) }
}

/// A customer's number in the record shop: the `chinook` system gives it out.
pub(crate) fn record_shop_number(number: impl ToString) -> Identifier {
    Identifier {
        kind: "record-shop-number".parse().expect("a kind"),
        value: Personal::new(number.to_string()),
    }
}

/// Takes in one customer of the sample shop by the `chinook` mapping, as the storefront does.
pub(crate) async fn customer(world: &World, number: u32, fields: &[(&str, &str)]) -> Collected {
    let mut row: Vec<(String, Personal<String>)> = vec![("CustomerId".to_owned(), number.to_string().into())];
    row.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned().into())));
    app::vault::collect(&world.controller, collect_request("Customer", row))
        .await
        .expect("a customer is taken in")
}

/// A request to take in one row of the `chinook` system.
pub(crate) fn collect_request(table: &str, row: Vec<(String, Personal<String>)>) -> app::vault::Collect {
    app::vault::Collect {
        system: model::SystemName::new("chinook").expect("a name"),
        table: table.to_owned(),
        identifiers: Vec::new(),
        fields: row.into_iter().collect(),
        purpose: None,
        actor: service("storefront"),
        request: None,
        gpc: false,
        own_act: false,
        idempotency: None,
    }
}

/// Imports a text as a table of the `chinook` system, as the operator does.
pub(crate) async fn imported(world: &World, db: &TestDb, table: &str, text: &str) -> app::imports::Report {
    let file = db.folder().join(format!("{table}.csv"));
    std::fs::write(&file, text).expect("a file");
    let request = app::imports::ImportRequest {
        system: model::SystemName::new("chinook").expect("a name"),
        table: table.to_owned(),
        source: connect::Source::Csv { file },
        actor: Actor::Operator,
        purpose: None,
        dropped: BTreeSet::new(),
        rejects: None,
        on_progress: None,
    };
    app::imports::run(&world.controller, request).await.expect("the source is taken in")
}

/// A purpose by its name.
pub(crate) fn purpose(name: &str) -> PurposeName {
    PurposeName::new(name).expect("a name")
}

/// The switch of a purpose as a whole.
pub(crate) fn whole(name: &str) -> Switch {
    Switch { purpose: purpose(name), channel: None, recipient: None }
}

/// The switch of a purpose over one channel.
pub(crate) fn switch(name: &str, channel: Channel) -> Switch {
    Switch { channel: Some(channel), ..whole(name) }
}

/// A yes to a purpose as a whole.
pub(crate) fn given(name: &str) -> Act {
    Act::Given(whole(name))
}

/// What a service is answered that asks about one person: to send over e-mail where the
/// service sends, else to use.
pub(crate) async fn ask(world: &World, subject: SubjectId, by: &str, name: &str) -> app::Verdict {
    let sends = by == "mailer";
    let mut what = What::new(purpose(name), if sends { Action::Send } else { Action::Use });
    what.channel = sends.then_some(Channel::Email);
    let question = Question { subject: SubjectRef::Id(subject), what };
    decide_one(&world.controller, question, Asker::new(service(by)), Mode::default())
        .await
        .expect("an answer")
}

/// The entries of one person's timeline, newest first.
pub(crate) async fn entries(world: &World, subject: SubjectId) -> Vec<EntryRow> {
    world
        .controller
        .db
        .read("test.timeline", move |tx| store::ledger::timeline(tx, &subject, None, 1_000))
        .await
        .expect("a timeline")
}
