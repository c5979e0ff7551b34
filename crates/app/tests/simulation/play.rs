//! Plays one step on a controller and on the model, and compares what came of it.

mod people;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::AppError;
use app::access::{Asker, Mode, Question as Asked, What, Whom, audience, audience_page, decide_one};
use app::consent::{
    Join, NewEvent, NewVisitorChoice, RecordConsent, VISITOR_KEPT_DAYS, join, record, record_visitor,
    withdraw_all,
};
use app::identity::SubjectRef;
use app::ledger::{LogFolder, Sequencer, verify};
use app::merges::{Merge, UndoMerge, merge, undo};
use app::retention::{Erase, Extent, Kept, erase};
use app::vault::{Collect, Correct, Disclosed, Read, collect, correct, read};
use gate::StaffReason;
use keys::KeyFolder;
use model::manifest::Manifest;
use model::{
    Act, Actor, Answer, CategoryName, LifetimeName, Origin, Personal, PurposeName, ReasonCode, RoleName,
    SubjectId, SystemName, Timestamp,
};
use store::MIGRATIONS;
use testkit::{Engine, TestDb};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::model::{Event, Held, Known, Model, Record, State};
use crate::step::{By, Field, PURPOSES, Step, Word};
use crate::support::{World, collect_request, put_manifest, service, shop, start};
use crate::words::{self, Question};

/// The profile of a customer at the record shop: what is handed over, and where it lies.
const PROFILE: [(&str, &str, &str); 5] = [
    ("CustomerId", "Customer.CustomerId", "identity"),
    ("FirstName", "Customer.FirstName", "identity"),
    ("Company", "Customer.Company", "account"),
    ("City", "Customer.City", "orders"),
    ("Email", "Customer.Email", "identity"),
];
const EMAIL: &str = "Customer.Email";

/// A controller, and what should be true of it.
pub(crate) struct Sim {
    pub(crate) runtime: Runtime,
    /// None only while the process restarts.
    world: Option<World>,
    pub(crate) db: TestDb,
    pub(crate) model: Model,
    pub(crate) manifest: Manifest,
    /// Whom the last step may have changed; `None`: anybody.
    pub(crate) touched: Option<BTreeSet<usize>>,
    sequencer: Option<Sequencer>,
    following: Option<JoinHandle<()>>,
}

/// The sample shop, with a second marketing purpose and one on legitimate interests.
fn manifest() -> Manifest {
    let mut value = serde_json::to_value(shop()).expect("json");
    let mut offers = value["purposes"]["newsletter"].clone();
    offers["channels"] = serde_json::json!(["email"]);
    offers["recipients"] = serde_json::json!([]);
    let mut survey = value["purposes"]["analytics"].clone();
    // Counting on people's devices needs consent by law; asking them about their orders does not.
    survey["kind"] = serde_json::json!("service");
    survey["basis"] =
        serde_json::json!({ "basis": "legitimate-interests", "balancing_test": "assessments/survey.md" });
    survey["categories"] = serde_json::json!(["commercial.orders"]);
    survey.as_object_mut().expect("a map").remove("on_withdraw");
    // Of somebody whose home nobody knows the laws of all regions served ask: here of one.
    value["controller"]["serves"] = serde_json::json!(["FR"]);
    value["purposes"]["offers"] = offers;
    value["purposes"]["survey"] = survey;
    value["services"]["mailer"]["purposes"]["offers"] = serde_json::json!({ "actions": ["use", "send"] });
    value["services"]["storefront"]["purposes"]["survey"] = serde_json::json!({ "actions": ["use"] });
    let mut manifest: Manifest = serde_json::from_value(value).expect("a manifest");
    // The shop's counsel has read every pack, so that the survey's ground may stand.
    for pack in law::pack::builtin().expect("the packs") {
        let review = model::manifest::PackReview {
            by: "Counsel".to_owned(),
            on: "2026-05-01".parse().expect("a day"),
            digest: app::law::digest(&pack.text),
        };
        manifest.law.reviewed.insert(pack.id.parse().expect("a name"), review);
    }
    // Here all systems of the shop carry the same customer numbers.
    let tables = manifest.systems.values_mut().flat_map(|system| system.tables.values_mut());
    for kind in
        tables.flat_map(|table| table.fields.values_mut()).filter_map(|field| field.identifier.as_mut())
    {
        if kind.is_own_number() {
            *kind = model::IdentifierKind::customer_number();
        }
    }
    manifest
}

fn officer() -> (Actor, Option<StaffReason>) {
    let role = RoleName::new("privacy-officer").expect("a name");
    let code = ReasonCode::new("request").expect("a name");
    (Actor::Staff { account: "acc-1".to_owned(), role }, Some(StaffReason { code, ticket: "T-1".to_owned() }))
}

fn purpose(name: &str) -> PurposeName {
    PurposeName::new(name).expect("a name")
}

/// The code of a conflict, or the name of another refusal.
fn refusal(error: &AppError) -> String {
    match error {
        AppError::Conflict { code, .. } => (*code).to_owned(),
        AppError::Denied(_) => "denied".to_owned(),
        AppError::Erased(_) => "erased".to_owned(),
        AppError::NotFound(what) => format!("no {what}"),
        AppError::Invalid(faults) => format!("invalid {faults:?}"),
        other => format!("{other:?}"),
    }
}

/// What was expected of an act, beside what came of it.
#[track_caller]
fn came<T>(outcome: Result<T, AppError>, expected: Result<(), &str>) -> Option<T> {
    match (outcome, expected) {
        (Ok(done), Ok(())) => Some(done),
        (Err(error), Err(code)) => {
            assert_eq!(refusal(&error), code);
            None
        }
        (Ok(_), Err(code)) => panic!("done, and should be refused: {code}"),
        (Err(error), Ok(())) => panic!("refused, and should be done: {}", refusal(&error)),
    }
}

impl Sim {
    /// A new controller; `None` where PostgreSQL is left out.
    pub(crate) fn new(engine: Engine) -> Option<Self> {
        let db = TestDb::open(engine, MIGRATIONS)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let manifest = manifest();
        let world = runtime.block_on(async {
            put_manifest(&db, &manifest).await;
            let keys = KeyFolder::at(db.folder().join("keys")).init().expect("new keys");
            World::with_keys(&db, keys).await
        });
        let mut sim = Self {
            runtime,
            world: Some(world),
            db,
            model: Model::default(),
            manifest,
            touched: None,
            sequencer: None,
            following: None,
        };
        sim.begin();
        Some(sim)
    }

    /// What a start does beside opening: it takes the log over and loads memory.
    fn begin(&mut self) {
        let log = LogFolder::create(self.db.folder().join("ledger")).expect("a folder");
        let signer = Arc::clone(&self.controller().core().signer);
        let clock = self.controller().clock();
        let taken = Sequencer::take_over((*self.db).clone(), log, signer, clock);
        self.sequencer = Some(taken.expect("the log is taken over"));
        let controller = self.controller();
        self.following = Some(self.runtime.spawn(async move {
            app::memory::run(&controller, std::future::pending()).await;
        }));
        if self.db.engine() == Engine::Sqlite {
            while !self.controller().knows_everybody() {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    }

    fn restart(&mut self) {
        let now = self.controller().now();
        self.sequencer = None;
        if let Some(following) = self.following.take() {
            following.abort();
            drop(self.runtime.block_on(following));
        }
        // Nothing holds the store open any more.
        self.world = None;
        self.db.reopen(MIGRATIONS);
        let keys = KeyFolder::at(self.db.folder().join("keys")).open().expect("the same keys");
        let world = self.runtime.block_on(World::with_keys(&self.db, keys));
        world.clock.set(now);
        self.world = Some(world);
        self.begin();
    }

    fn controller(&self) -> app::Controller {
        self.world.as_ref().expect("it runs").controller.clone()
    }

    pub(crate) fn now(&self) -> i64 {
        self.controller().now().micros()
    }

    pub(crate) fn play(&mut self, step: &Step) {
        self.touched = Some(BTreeSet::new());
        match step {
            Step::Customer { who, fresh, own } => self.customer(*who, *fresh, *own),
            Step::Import { rows } => self.import(rows),
            Step::Order { who, number } => self.record(*who, *number, "order-line"),
            Step::Invoice { who, number } => self.record(*who, *number, "invoice"),
            Step::View { who, number } => self.record(*who, *number, "page-view"),
            Step::Say { who, words, by, hours_ago } => self.say(*who, words, *by, *hours_ago),
            Step::WithdrawAll { who } => self.withdraw_all(*who),
            Step::Correct { who, field, number } => self.correct(*who, *field, *number),
            Step::Merge { one, other, first_leads } => self.merge(*one, *other, *first_leads),
            Step::Part { which } => self.part(*which),
            Step::Erase { who } => self.erase(*who),
            Step::End { who, lifetime } => self.end(*who, lifetime.name()),
            Step::Ask { who, question } => self.ask(*who, *question),
            Step::Audience { question } => self.audience(*question),
            Step::Visitor { visitor, words } => self.visitor(*visitor, words),
            Step::Join { visitor, who } => self.join(*visitor, *who),
            Step::Clock { seconds } => self.clock(*seconds),
            Step::Jobs => self.jobs(),
            Step::Sequence { until } => self.sequence(*until),
            Step::Verify => self.verify(),
            Step::Restart => self.restart(),
        }
    }

    fn touch(&mut self, place: usize) {
        let leader = self.model.leader(place);
        let all = self.model.all(leader);
        if let Some(touched) = &mut self.touched {
            touched.extend(all);
            touched.insert(place);
        }
    }

    fn id(&self, place: usize) -> SubjectId {
        self.model.people[place].id
    }

    /// Somebody who was erased, to see that nothing comes of it.
    fn erased(&self, who: u8) -> Option<usize> {
        let gone: Vec<usize> = (0..self.model.people.len())
            .filter(|place| self.model.people[*place].state == State::Erased)
            .collect();
        (!gone.is_empty()).then(|| gone[usize::from(who) % gone.len()])
    }

    /// Events of an identity that the model does not know, in their order. Their moments must
    /// rise strictly, after all that were before.
    fn new_events(&self, place: usize) -> Vec<store::consent::EventRow> {
        let id = self.id(place);
        let controller = self.controller();
        let read = controller.db.read("test", move |tx| store::consent::events(tx, &id));
        let mut rows = self.runtime.block_on(read).expect("events");
        let person = &self.model.people[place];
        let known: BTreeSet<_> = person.events.iter().map(|event| event.id).collect();
        rows.retain(|row| !known.contains(&row.facts.id));
        rows.sort_by_key(|row| row.facts.recorded);
        // What is said of a person comes after what was said under any identity of theirs.
        let all = self.model.all(place).into_iter();
        let mut last = all.map(|place| self.model.people[place].last()).max().expect("one at least");
        for row in &rows {
            let at = row.facts.recorded.micros();
            assert!(at > last || at == person.created, "a person's moments rise");
            last = at;
        }
        rows
    }

    /// Takes new events into the model: they must be these acts in this order.
    fn hear(&mut self, place: usize, rows: &[store::consent::EventRow], acts: &[Act]) {
        let found: Vec<&Act> = rows.iter().map(|row| &row.facts.act).collect();
        assert_eq!(found, acts.iter().collect::<Vec<_>>(), "what was recorded is what was done");
        for row in rows {
            let facts = &row.facts;
            let first_hand = matches!(facts.origin, Origin::Banner | Origin::Portal | Origin::Mail);
            let recorded = facts.recorded.micros();
            let counts = if first_hand { recorded } else { recorded.min(facts.occurred.micros()) };
            let event = Event { id: facts.id, act: facts.act.clone(), counts, recorded };
            self.model.people[place].events.push(event);
        }
    }

    fn profile(who: u8, address: &str) -> BTreeMap<&'static str, String> {
        PROFILE
            .iter()
            .map(|(column, ..)| {
                let text = match *column {
                    "CustomerId" => who.to_string(),
                    "Email" => address.to_owned(),
                    column => format!("{column}{who}"),
                };
                (*column, text)
            })
            .collect()
    }

    fn permits(&self, leader: usize, question: &Question) -> bool {
        self.model.words(leader).permit(&self.model.people[leader].closed(), question)
    }

    fn taking(purpose: &'static str, categories: &[&'static str]) -> Question {
        let mut question = words::question(if purpose == "analytics" { 4 } else { 8 });
        question.categories = categories.to_vec();
        question
    }

    fn customer(&mut self, who: u8, fresh: bool, own: bool) {
        let now = self.now();
        let address = self.model.source_address(who, fresh);
        let known = Known::Address(address.clone());
        let fields = Self::profile(who, &address);
        let leader = self.model.owner(who).map(|owner| self.model.leader(owner));
        // What a row brings is of the identity that its number names.
        let home = self.model.owner(who);
        let away = home.is_some_and(|home| self.is_corrected_away(&[home], &address));
        let unowned: Vec<Known> = [Known::Number(who), known.clone()]
            .into_iter()
            .filter(|known| !self.model.owners.contains_key(known))
            .filter(|known| !(away && matches!(known, Known::Address(_))))
            .collect();
        let entombed = unowned.iter().any(|known| self.model.tombs.contains_key(known));
        let taking = Self::taking(
            "order-fulfilment",
            &["identity.first-name", "contact.email", "contact.address.city"],
        );
        let expected = match leader {
            Some(leader) if !self.permits(leader, &taking) => Err("denied"),
            _ if entombed && !own => Err("erased-before"),
            _ => Ok(()),
        };
        if let Some(leader) = leader {
            self.touch(leader);
        }
        let row = fields.iter().map(|(column, text)| ((*column).to_owned(), text.clone().into())).collect();
        let mut request: Collect = collect_request("Customer", row);
        request.own_act = own;
        let done = self.runtime.block_on(collect(&self.controller(), request));
        let Some(done) = came(done, expected) else { return };
        self.model.tombs.retain(|known, _| !unowned.contains(known));
        assert_eq!(done.created, leader.is_none(), "a customer's number leads to its owner");
        let place = match leader {
            Some(leader) => leader,
            None => self.model.add(done.subject, now),
        };
        assert_eq!(done.subject, self.id(place));
        let home = home.unwrap_or(place);
        let stored = self.store_profile(home, &fields, now);
        assert_eq!(done.stored, stored, "what changed is stored");
        let others =
            self.model.owners.get(&known).is_some_and(|(owner, _)| self.model.leader(*owner) != place);
        let claims = unowned.contains(&known);
        unowned.into_iter().for_each(|known| self.model.claim(known, home, now));
        let changed = leader.is_some() && (claims || (others && stored > 0));
        self.note_changed(place, changed);
    }

    /// Whether the shop says an address that the person corrected away.
    fn is_corrected_away(&self, identities: &[usize], address: &str) -> bool {
        identities
            .iter()
            .filter_map(|place| self.model.people[*place].values.get(EMAIL))
            .any(|held| held.said == address && held.text != address)
    }

    /// Stores what a row says anew, and answers how many values.
    fn store_profile(&mut self, place: usize, fields: &BTreeMap<&'static str, String>, now: i64) -> usize {
        let mut stored = 0;
        for (column, field, lifetime) in PROFILE {
            let text = &fields[column];
            let person = &mut self.model.people[place];
            if person.values.get(field).is_none_or(|held| held.said != *text) {
                stored += 1;
                let held = Held { text: text.clone(), said: text.clone(), lifetime, recorded: now };
                person.values.insert(field, held);
            }
        }
        stored
    }

    /// An address that is new to somebody known ends the confirmation of its channel, or one that
    /// may still come in for another address.
    fn note_changed(&mut self, leader: usize, changed: bool) {
        let several = self.model.addresses(leader).len() > 1;
        let rows = self.new_events(leader);
        let is_noted = changed && (several || self.model.words(leader).confirmed());
        let acts = if is_noted { vec![Word::Changed.act()] } else { Vec::new() };
        self.hear(leader, &rows, &acts);
    }

    fn import(&mut self, rows: &[(u8, bool)]) {
        let now = self.now();
        let mut text = "CustomerId,FirstName,Company,City,Email\n".to_owned();
        let mut planned = Vec::new();
        for (who, fresh) in rows {
            let address = self.model.source_address(*who, *fresh);
            let fields = Self::profile(*who, &address);
            let line: Vec<&str> = PROFILE.iter().map(|(column, ..)| fields[column].as_str()).collect();
            text.push_str(&line.join(","));
            text.push('\n');
            planned.push((*who, address, fields));
        }
        let taking = Self::taking("order-fulfilment", &["contact.email", "contact.address.city"]);
        let mut taken = Vec::new();
        for (who, address, fields) in planned {
            let home = self.model.owner(who);
            let owner = self.model.owners.get(&Known::Address(address.clone())).map(|(owner, _)| *owner);
            let entombed = |known: &Known| {
                !self.model.owners.contains_key(known) && self.model.tombs.contains_key(known)
            };
            if entombed(&Known::Number(who)) || entombed(&Known::Address(address.clone())) {
                continue;
            }
            if let Some(home) = home {
                let leader = self.model.leader(home);
                self.touch(home);
                if !self.permits(leader, &taking) {
                    continue;
                }
            }
            taken.push((who, address, fields, home, owner));
        }
        let file = self.db.folder().join("customers.csv");
        std::fs::write(&file, text).expect("a file");
        let request = app::imports::ImportRequest {
            system: SystemName::new("chinook").expect("a name"),
            table: "Customer".to_owned(),
            source: connect::Source::Csv { file },
            actor: Actor::Operator,
            purpose: None,
            dropped: BTreeSet::new(),
            rejects: None,
            on_progress: None,
        };
        let report = self.runtime.block_on(app::imports::run(&self.controller(), request)).expect("a report");
        let rejected: u64 = report.tally.rejected.values().sum();
        assert_eq!(rejected, (rows.len() - taken.len()) as u64, "{:?}", report.tally.rejected);
        let mut changed = BTreeSet::new();
        for (who, address, fields, home, owner) in taken {
            let known = Known::Address(address.clone());
            let place = match home {
                Some(home) => home,
                None => {
                    let id = self.find(who).expect("a customer who was taken in is found");
                    let place = self.model.add(id, now);
                    self.model.claim(Known::Number(who), place, now);
                    place
                }
            };
            let leader = self.model.leader(place);
            let away = self.is_corrected_away(&[place], &address);
            let stored = self.store_profile(place, &fields, now);
            let claims = owner.is_none() && !away;
            if claims {
                self.model.claim(known, place, now);
            }
            let others = owner.is_some_and(|owner| self.model.leader(owner) != leader);
            if home.is_some() && (claims || (others && stored > 0)) {
                changed.insert(leader);
            }
            self.touch(leader);
        }
        for leader in changed {
            self.note_changed(leader, true);
        }
    }

    /// Whom a customer's number finds.
    pub(crate) fn find(&self, who: u8) -> Option<SubjectId> {
        let kind = "customer-number".parse().expect("a kind");
        self.find_by(model::Identifier { kind, value: Personal::new(who.to_string()) })
    }

    pub(crate) fn find_by(&self, identifier: model::Identifier) -> Option<SubjectId> {
        let found = self.runtime.block_on(app::identity::look_up(&self.controller(), identifier));
        match found.expect("a look-up") {
            app::identity::Found::Person(id) => Some(id),
            app::identity::Found::Nobody => None,
        }
    }

    fn record(&mut self, who: u8, number: u64, kind: &'static str) {
        let Some(owner) = self.model.owner(who) else { return };
        let (leader, now) = (self.model.leader(owner), self.now());
        self.touch(leader);
        let text = |pairs: &[(&str, &str)]| -> Vec<(String, Personal<String>)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned().into())).collect()
        };
        let (who, key) = (who.to_string(), number.to_string());
        let (system, table, row, taking, lifetime) = match kind {
            "order-line" => (
                "online-retail",
                "lines",
                text(&[("InvoiceNo", &key), ("StockCode", "85123A"), ("CustomerID", &who)]),
                Self::taking("order-fulfilment", &["commercial.orders"]),
                "orders",
            ),
            "invoice" => (
                "chinook",
                "Invoice",
                text(&[
                    ("InvoiceId", &key),
                    ("CustomerId", &who),
                    ("InvoiceDate", "2026-11-01T00:00:00Z"),
                    ("Total", "9.90"),
                ]),
                Self::taking("order-fulfilment", &["commercial.invoices"]),
                "duty",
            ),
            _ => (
                "web-shop",
                "page_views",
                text(&[
                    ("view_id", &key),
                    ("customer_id", &who),
                    ("viewed_at", "2026-11-01T00:00:00Z"),
                    ("page", "/a"),
                ]),
                Self::taking("analytics", &["behaviour.browsing"]),
                "behaviour",
            ),
        };
        // Tax law asks for the invoices of the dead too.
        let is_restricted_only = kind == "invoice" && self.model.words(leader).is_dead();
        let permitted = match is_restricted_only {
            true => self.model.words(leader).alive().permit(&BTreeSet::new(), &taking),
            false => self.permits(leader, &taking),
        };
        let mut request = collect_request(table, row);
        request.system = SystemName::new(system).expect("a name");
        let done = self.runtime.block_on(collect(&self.controller(), request));
        let Some(done) = came(done, if permitted { Ok(()) } else { Err("denied") }) else { return };
        assert_eq!((done.subject, done.created), (self.id(leader), false));
        let person = &mut self.model.people[owner];
        let is_there = person.records.iter().any(|record| record.kind == kind && record.key == number);
        assert_eq!(done.stored, usize::from(!is_there));
        if !is_there {
            person.records.push(Record { kind, key: number, lifetime, recorded: now });
        }
    }

    fn say(&mut self, who: u8, said: &[Word], by: By, hours_ago: Option<i64>) {
        let place = self.model.owner(who).or_else(|| self.erased(who));
        let Some(place) = place else { return };
        let (actor, origin) = match by {
            By::Portal => (Actor::Customer, Origin::Portal),
            By::Mail => (Actor::Customer, Origin::Mail),
            By::Shop => (service("storefront"), Origin::Api),
            By::Staff => (officer().0, Origin::Staff),
        };
        let occurred = hours_ago.map(|hours| Timestamp::from_micros(self.now()).plus_seconds(-hours * 3_600));
        let acts: Vec<Act> = said.iter().map(|word| word.act()).collect();
        let events =
            acts.iter().map(|act| NewEvent { occurred, ..NewEvent::new(act.clone(), origin) }).collect();
        let request = RecordConsent {
            subject: SubjectRef::Id(self.id(place)),
            create: false,
            events,
            actor,
            request: None,
            idempotency: None,
        };
        let is_gone = self.model.people[place].state == State::Erased;
        let done = self.runtime.block_on(record(&self.controller(), request));
        if came(done, if is_gone { Err("erased") } else { Ok(()) }).is_some() {
            self.heard(place, &acts, by);
        }
    }

    /// Takes the acts of somebody into the model, with the objections that a suppression stands for.
    fn heard(&mut self, place: usize, acts: &[Act], by: By) {
        let leader = self.model.leader(place);
        self.touch(leader);
        let first_hand = matches!(by, By::Portal | By::Mail);
        let rows = self.new_events(leader);
        let mut rows = rows.as_slice();
        for act in acts {
            let spare = first_hand && self.model.reopens_in_part(leader, act, first_hand);
            let mut expected = vec![act.clone()];
            if spare {
                expected.insert(0, Act::Objected { purpose: None });
            }
            let (now, rest) = rows.split_at(expected.len().min(rows.len()));
            self.hear(leader, now, &expected);
            rows = rest;
            let opens = matches!(act, Act::Given(_) | Act::ObjectionEnded { .. });
            if first_hand || !opens {
                self.model.follow(leader, act, first_hand, by == By::Mail);
            }
        }
        self.hear(leader, rows, &[]);
        if self.model.behaviour_is_over(leader, acts) {
            self.model.end(leader, "behaviour");
        }
    }

    fn withdraw_all(&mut self, who: u8) {
        let Some(place) = self.model.owner(who) else { return };
        let id = self.id(place);
        let controller = &self.controller();
        let done = withdraw_all(controller, id, Origin::Portal, None, Actor::Customer, None);
        let done = self.runtime.block_on(done);
        came(done, Ok(()));
        let mut acts = vec![Act::Objected { purpose: None }, Act::OptedOut { purpose: None }];
        let mut names = PURPOSES.to_vec();
        names.sort_unstable();
        acts.extend(names.into_iter().map(|name| match name {
            "survey" => Act::Objected { purpose: Some(purpose(name)) },
            name => Act::Withdrawn(model::Switch { purpose: purpose(name), channel: None, recipient: None }),
        }));
        self.heard(place, &acts, By::Portal);
    }

    fn clock(&mut self, seconds: i64) {
        let next = Timestamp::from_micros(self.now()).plus_seconds(seconds);
        if next > start().plus_days(-300) && next < start().plus_days(1_460) {
            self.world.as_ref().expect("it runs").clock.set(next);
        }
    }

    fn jobs(&mut self) {
        self.touched = None;
        let controller = &self.controller();
        self.runtime.block_on(async {
            app::jobs::upkeep(controller).await.expect("upkeep");
            app::jobs::run_due(controller).await.expect("jobs");
        });
        let now = self.now();
        self.model.tombs.retain(|_, until| *until > now);
        if self.model.round.is_none_or(|due| due <= now) {
            self.terms(now);
            self.model.round = Some(Timestamp::from_micros(now).plus_days(1).micros());
        }
    }

    /// Ends what is over of everybody.
    fn terms(&mut self, now: i64) {
        let term = |name: &str| {
            let lifetime = &self.manifest.lifetimes[&LifetimeName::new(name).expect("a name")];
            let days = lifetime.retention.as_ref().expect("a term").keep.days_at_most();
            Timestamp::from_micros(now).plus_days(-days).micros()
        };
        let (behaviour, account, orders) = (term("behaviour"), term("account"), term("orders"));
        for leader in self.model.living() {
            let all = self.model.all(leader);
            let activity = all.iter().flat_map(|place| {
                let person = &self.model.people[*place];
                let events = person.events.iter().map(|event| event.recorded);
                let rows = person.values.values().map(|held| held.recorded);
                events.chain(rows).chain(person.records.iter().map(|record| record.recorded))
            });
            let activity = activity.max();
            for place in all {
                let person = &mut self.model.people[place];
                person.records.retain(|record| record.lifetime != "behaviour" || record.recorded > behaviour);
            }
            for (name, over) in [("account", account), ("orders", orders)] {
                if activity.is_some_and(|last| last <= over) {
                    self.model.end(leader, name);
                }
            }
        }
    }

    fn sequence(&mut self, until: u8) {
        let sequencer = self.sequencer.as_mut().expect("there is one");
        let done = match until {
            0 | 1 => sequencer.round().map(drop),
            2 => sequencer.number().map(drop),
            3 => sequencer.number().and_then(|_| sequencer.write_files()),
            4 => sequencer.number().and_then(|_| sequencer.write_files()).and_then(|()| sequencer.sign()),
            _ => sequencer.flush().map(drop),
        };
        done.expect("the log goes on");
    }

    /// The log, recomputed from its files and compared with the store.
    pub(crate) fn verify(&mut self) {
        self.sequencer.as_mut().expect("there is one").flush().expect("the log goes on");
        let log = LogFolder::open(self.db.folder().join("ledger")).expect("a folder");
        let signer = Arc::clone(&self.controller().core().signer);
        let report = verify(&log, signer.verifier(), Some(&self.db), &mut |_| {}).expect("the log holds");
        let store = report.store.expect("the store was asked");
        assert_eq!((store.unpublished, store.unnumbered), (0, 0));
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(following) = self.following.take() {
            following.abort();
        }
    }
}

/// Whether a choice of a visitor is taken over by somebody who stands so: a yes only where the
/// person said nothing else, and nothing that takes back a no.
fn protects(before: &words::Words, act: &Act) -> bool {
    match act {
        Act::Given(switch) => {
            before.consent(switch.purpose.as_str(), switch.channel).is_none_or(|(rank, _)| rank == 0)
        }
        Act::ObjectionEnded { .. } | Act::OptedIn { .. } => false,
        Act::AgeStated { .. } => {
            let rank = words::says(act).map(|(_, rank)| rank);
            before.age().is_none_or(|age| rank >= Some(age))
        }
        _ => true,
    }
}
