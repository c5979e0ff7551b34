//! What must be true of a person, kept beside the server: whatever was acknowledged is there,
//! and what was not is there wholly or not at all.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::client::{Reply, call};
use crate::place::{Keys, Server};

/// A person as the client knows them.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    number: u64,
    pub(crate) subject: String,
    pub(crate) living: bool,
    /// Whether they said yes to the newsletter.
    yes: bool,
    name: String,
    /// The id of the name's value, which a correction replaces.
    name_value: String,
    /// Entries that were acknowledged; looks of the checks are not among them.
    entries: BTreeSet<String>,
}

/// What a person's data show.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    yes: bool,
    name: String,
    name_value: String,
    entries: BTreeSet<String>,
}

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    /// A new customer.
    Collect(u64),
    /// Yes or no to the newsletter, and the confirmed address with it: two events, one act.
    Consent(bool),
    /// A recorded question.
    Decide,
    /// Another first name.
    Correct(String),
    /// Everything goes.
    Erase,
    /// Everybody who may have the newsletter.
    Audience,
}

impl Op {
    /// Whether the same request may be sent twice; a second question is another question.
    fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Decide | Self::Audience)
    }
}

/// A request that was sent, and can be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) op: Op,
    /// Whom it is about, by place in the list.
    person: Option<usize>,
    path: String,
    body: Value,
    repeat: String,
}

/// One client's people; no other client touches them.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    /// Sent, and not answered before the server died.
    pub(crate) pending: Option<Sent>,
    /// Whoever was touched since the last check.
    touched: BTreeSet<usize>,
    pub(crate) acknowledged: u64,
}

/// What a check of one client's people came to.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Checked {
    pub(crate) people: u64,
    /// Requests that were cut off and had been done.
    pub(crate) cut_done: u64,
    /// Requests that were cut off and had not been done.
    pub(crate) cut_undone: u64,
}

impl Sent {
    pub(crate) fn new(op: Op, people: &People, person: Option<usize>, repeat: String) -> Self {
        let subject = person.map(|place| people.all[place].subject.clone()).unwrap_or_default();
        let (path, body) = match &op {
            Op::Collect(number) => (
                "/v1/subjects".to_owned(),
                json!({"system": "chinook", "table": "Customer", "fields": {
                    "CustomerId": number, "FirstName": first_name(*number), "Email": email(*number)}}),
            ),
            Op::Consent(yes) => (
                "/v1/consents".to_owned(),
                json!({"subject": {"id": subject}, "by": "customer", "events": [
                    {"kind": if *yes { "given" } else { "withdrawn" }, "purpose": "newsletter", "origin": "portal"},
                    {"kind": "address-confirmed", "channel": "email", "origin": "mail"}]}),
            ),
            Op::Decide => ("/v1/decisions".to_owned(), may_mail(&subject, false)),
            Op::Correct(name) => (
                format!("/v1/subjects/{subject}/corrections"),
                json!({"value": person.map(|place| people.all[place].name_value.clone()), "new": name,
                       "purpose": "rights", "by": "customer"}),
            ),
            Op::Erase => {
                (format!("/v1/subjects/{subject}/erasures"), json!({"scope": "person", "by": "customer"}))
            }
            Op::Audience => (
                "/v1/audiences".to_owned(),
                json!({"purpose": "newsletter", "channel": "email", "categories": ["contact.email"]}),
            ),
        };
        Self { op, person, path, body, repeat }
    }

    pub(crate) fn send(&self, address: SocketAddr, keys: &Keys) -> Option<Reply> {
        let repeat = self.op.is_repeatable().then_some(self.repeat.as_str());
        let key = if matches!(self.op, Op::Decide | Op::Audience) { &keys.mailer } else { &keys.shop };
        call(address, key, "POST", &self.path, repeat, &self.body)
    }
}

impl People {
    /// Those who can be asked about.
    pub(crate) fn living(&self) -> Vec<usize> {
        (0..self.all.len()).filter(|place| self.all[*place].living).collect()
    }

    /// Learns the id of a person's name; `None` when the server died first.
    pub(crate) fn learn(&mut self, address: SocketAddr, keys: &Keys, place: usize) -> Option<()> {
        let person = &mut self.all[place];
        if person.name_value.is_empty() {
            let read = call(
                address,
                &keys.shop,
                "POST",
                "/v1/subjects/read",
                None,
                &first_name_of(&person.subject),
            )?;
            person.name_value = read.done()["values"][0]["id"].as_str().expect("an id").to_owned();
        }
        Some(())
    }

    /// Notes what the server acknowledged.
    #[track_caller]
    pub(crate) fn acknowledge(&mut self, sent: &Sent, reply: &Reply) {
        let done = match (&sent.op, reply.status) {
            // Nobody qualifies: that is an answer.
            (Op::Audience, 403) => return,
            _ => reply.done(),
        };
        self.acknowledged += 1;
        let entry = || done["entry"].as_str().expect("an entry").to_owned();
        if let Op::Collect(number) = sent.op {
            self.touched.insert(self.all.len());
            self.all.push(Person {
                number,
                subject: done["subject"].as_str().expect("an id").to_owned(),
                living: true,
                yes: false,
                name: first_name(number),
                name_value: String::new(),
                entries: BTreeSet::from([entry()]),
            });
            return;
        }
        let Some(place) = sent.person else { return };
        self.touched.insert(place);
        let person = &mut self.all[place];
        match &sent.op {
            Op::Consent(yes) => {
                person.yes = *yes;
                let events = done["events"].as_array().expect("events");
                assert_eq!(events.len(), 2);
                person
                    .entries
                    .extend(events.iter().map(|event| event["entry"].as_str().expect("an entry").to_owned()));
            }
            Op::Decide => {
                assert_eq!(done["answer"], if person.yes { "granted" } else { "denied" }, "{done}");
                person.entries.insert(entry());
            }
            Op::Correct(name) => {
                person.name.clone_from(name);
                person.name_value = done["value"].as_str().expect("an id").to_owned();
                person.entries.insert(entry());
            }
            Op::Erase => person.living = false,
            Op::Collect(_) | Op::Audience => {}
        }
    }

    /// Compares everything that was touched, and some others, with what the server shows, and
    /// sends what was cut off again: then it is done once, whatever became of it before.
    pub(crate) fn check(&mut self, server: &Server, keys: &Keys) -> Checked {
        let mut checked = Checked::default();
        if let Some(sent) = self.pending.take() {
            let was_done = self.check_cut(server, keys, &sent);
            if sent.op.is_repeatable() {
                let reply = sent.send(server.address, keys).expect("the server lives");
                assert_eq!(
                    reply.is_replayed(),
                    was_done,
                    "{sent:?}: a request is answered again if it was done"
                );
                self.acknowledge(&sent, &reply);
            }
            if was_done { checked.cut_done += 1 } else { checked.cut_undone += 1 }
        }
        let older = self.all.len().saturating_sub(3);
        let chosen: BTreeSet<usize> =
            std::mem::take(&mut self.touched).into_iter().chain(older..self.all.len()).collect();
        for place in chosen {
            let seen = self.see(server, keys, place);
            let person = &mut self.all[place];
            checked.people += 1;
            match seen {
                None => assert!(!person.living, "{person:?} is gone"),
                Some(seen) => {
                    assert!(person.living, "{person:?} was erased");
                    assert_eq!(seen, person.should_show(&seen), "{person:?}");
                    person.name_value = seen.name_value;
                }
            }
        }
        checked
    }

    /// A request that was cut off was done wholly or not at all. True when it was done.
    fn check_cut(&mut self, server: &Server, keys: &Keys, sent: &Sent) -> bool {
        if let Op::Collect(number) = sent.op {
            let found = look_up(server, keys, number);
            if let Some(subject) = &found {
                let entries = timeline(server, keys, subject).expect("they live");
                assert_eq!(entries.len(), 1, "a person is taken in with the entry that says so");
            }
            return found.is_some();
        }
        let Some(place) = sent.person else { return false };
        let Some(seen) = self.see(server, keys, place) else {
            assert_eq!(sent.op, Op::Erase, "only an erasure takes somebody away");
            return true;
        };
        let before = self.all[place].should_show(&seen);
        assert!(seen.entries.is_superset(&before.entries), "{sent:?} lost entries");
        let new = seen.entries.difference(&before.entries).count();
        let mut wanted = before.clone();
        wanted.entries.clone_from(&seen.entries);
        match (&sent.op, new) {
            (_, 0) => {}
            (Op::Consent(yes), 2) => wanted.yes = *yes,
            (Op::Decide, 1) => {}
            (Op::Correct(name), 1) => {
                wanted.name.clone_from(name);
                wanted.name_value.clone_from(&seen.name_value);
            }
            (op, new) => panic!("{op:?} left {new} entries"),
        }
        assert_eq!(seen, wanted, "{sent:?} is half done");
        self.all[place].entries = seen.entries;
        new > 0
    }

    /// What the server shows of a person; nothing of somebody who is gone, and then nowhere.
    fn see(&self, server: &Server, keys: &Keys, place: usize) -> Option<Seen> {
        let person = &self.all[place];
        let found = look_up(server, keys, person.number);
        let entries = timeline(server, keys, &person.subject);
        let asked = server.post(&keys.mailer, "/v1/decisions", &may_mail(&person.subject, true)).done();
        let read = first_name_of(&person.subject);
        let read = server.post(&keys.shop, "/v1/subjects/read", &read);
        let Some(subject) = found else {
            assert_eq!(entries, None, "no timeline is left of somebody who is gone");
            assert_eq!(asked["answer"], "denied");
            assert_eq!(read.status, 404, "nothing is read of somebody who is gone");
            return None;
        };
        assert_eq!(subject, person.subject);
        let read = read.done();
        let values = read["values"].as_array().expect("values");
        assert_eq!(values.len(), 1, "one first name: {values:?}");
        Some(Seen {
            yes: asked["answer"] == "granted",
            name: values[0]["value"].as_str().expect("a name").to_owned(),
            name_value: values[0]["id"].as_str().expect("an id").to_owned(),
            entries: entries.expect("a timeline"),
        })
    }
}

impl Person {
    /// What must be seen; the id of a name that nobody corrected is learnt by looking.
    fn should_show(&self, seen: &Seen) -> Seen {
        let name_value = if self.name_value.is_empty() { &seen.name_value } else { &self.name_value };
        Seen {
            yes: self.yes,
            name: self.name.clone(),
            name_value: name_value.clone(),
            entries: self.entries.clone(),
        }
    }
}

/// Whom an address leads to.
fn look_up(server: &Server, keys: &Keys, number: u64) -> Option<String> {
    let body = json!({"identifier": {"kind": "email", "value": email(number)}});
    let reply = server.post(&keys.shop, "/v1/subjects/lookup", &body);
    if reply.status == 404 {
        return None;
    }
    Some(reply.done()["subject"].as_str().expect("an id").to_owned())
}

/// The entries about a person, without looks and the entries of sets.
fn timeline(server: &Server, keys: &Keys, subject: &str) -> Option<BTreeSet<String>> {
    let reply = server.get(&keys.shop, &format!("/v1/subjects/{subject}/timeline"));
    if matches!(reply.status, 404 | 410) {
        return None;
    }
    let page = reply.done();
    assert!(page["next"].is_null(), "one page holds everything");
    let items = page["items"].as_array().expect("items").iter();
    let own = items.filter(|item| !matches!(item["kind"].as_str(), Some("read" | "audience" | "erase")));
    Some(own.map(|item| item["entry"].as_str().expect("an entry").to_owned()).collect())
}

fn may_mail(subject: &str, dry_run: bool) -> Value {
    json!({"subject": {"id": subject}, "purpose": "newsletter", "action": "send", "channel": "email",
           "categories": ["contact.email"], "dry_run": dry_run})
}

fn first_name_of(subject: &str) -> Value {
    json!({"subject": {"id": subject}, "purpose": "order-fulfilment", "categories": ["identity.first-name"]})
}

fn email(number: u64) -> String {
    format!("p{number}@faults.example")
}

fn first_name(number: u64) -> String {
    format!("Ada{number}")
}
