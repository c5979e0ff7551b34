//! Who is known, what is held of them, and what stands against them: plain values.

use std::collections::{BTreeMap, BTreeSet};

use model::{Act, Channel, EventId, MergeId, SubjectId};

use crate::words::{Words, channels_of, is_marketing, says};

/// An event of a person as the store shows it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: EventId,
    pub(crate) act: Act,
    /// The moment from which it counts.
    pub(crate) counts: i64,
    pub(crate) recorded: i64,
}

/// A current value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) text: String,
    /// What the source last said, which a correction does not change.
    pub(crate) said: String,
    pub(crate) lifetime: &'static str,
    pub(crate) recorded: i64,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) kind: &'static str,
    pub(crate) key: u64,
    pub(crate) lifetime: &'static str,
    pub(crate) recorded: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Alone,
    Follows(usize),
    Erased,
}

/// Somebody who follows.
#[derive(Debug, Clone)]
pub(crate) struct Merge {
    pub(crate) id: MergeId,
    pub(crate) alias: usize,
    /// How many events the leader had.
    pub(crate) at: usize,
    /// Where the alias stood.
    words: Words,
    pub(crate) until: i64,
    pub(crate) undone: bool,
}

/// One identity.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) id: SubjectId,
    pub(crate) state: State,
    pub(crate) events: Vec<Event>,
    pub(crate) merges: Vec<Merge>,
    /// The channels that suppressions closed; `None`: it is closed by the identity's own
    /// address, else by an alias that followed in this merge.
    pub(crate) closed: BTreeSet<(Channel, Option<MergeId>)>,
    pub(crate) values: BTreeMap<&'static str, Held>,
    pub(crate) records: Vec<Record>,
    pub(crate) created: i64,
}

impl Identity {
    fn new(id: SubjectId, now: i64) -> Self {
        Self {
            id,
            state: State::Alone,
            events: Vec::new(),
            merges: Vec::new(),
            closed: BTreeSet::new(),
            values: BTreeMap::new(),
            records: Vec::new(),
            created: now,
        }
    }

    pub(crate) fn closed(&self) -> BTreeSet<Channel> {
        self.closed.iter().map(|(channel, _)| *channel).collect()
    }

    /// The person's clock, as far as it is known.
    pub(crate) fn last(&self) -> i64 {
        self.events.iter().map(|event| event.recorded).max().unwrap_or(self.created)
    }
}

/// What finds a person: a customer number or an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    Number(u8),
    Address(String),
}

/// What a suppression closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    All,
    Of(Channel),
}

/// A choice of a browser: when it was recorded, and what was said.
pub(crate) type Choice = (i64, Vec<Act>);

/// Everything that should be so.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) people: Vec<Identity>,
    /// Who has what, and since when on their own clock.
    pub(crate) owners: BTreeMap<Known, (usize, i64)>,
    pub(crate) tombs: BTreeMap<Known, i64>,
    pub(crate) suppressed: BTreeMap<String, BTreeSet<Scope>>,
    /// The address that the shop's own table has for a customer.
    pub(crate) source: BTreeMap<u8, String>,
    pub(crate) visitors: BTreeMap<u8, (model::VisitorId, Vec<Choice>)>,
    /// When the round of retention is due.
    pub(crate) round: Option<i64>,
    addresses: u64,
}

impl Model {
    pub(crate) fn fresh_address(&mut self) -> String {
        self.addresses += 1;
        format!("a{}@sim.example", self.addresses)
    }

    /// The address that the shop has for a customer; a new one where it is to have changed.
    pub(crate) fn source_address(&mut self, who: u8, fresh: bool) -> String {
        if fresh || !self.source.contains_key(&who) {
            let address = self.fresh_address();
            self.source.insert(who, address);
        }
        self.source[&who].clone()
    }

    pub(crate) fn add(&mut self, id: SubjectId, now: i64) -> usize {
        self.people.push(Identity::new(id, now));
        self.people.len() - 1
    }

    /// The identity that has the customer's number.
    pub(crate) fn owner(&self, who: u8) -> Option<usize> {
        self.owners.get(&Known::Number(who)).map(|(owner, _)| *owner)
    }

    pub(crate) fn leader(&self, place: usize) -> usize {
        match self.people[place].state {
            State::Follows(leader) => leader,
            State::Alone | State::Erased => place,
        }
    }

    /// Every identity of a person, the leading one first.
    pub(crate) fn all(&self, leader: usize) -> Vec<usize> {
        let follow =
            (0..self.people.len()).filter(|place| self.people[*place].state == State::Follows(leader));
        std::iter::once(leader).chain(follow).collect()
    }

    pub(crate) fn living(&self) -> Vec<usize> {
        (0..self.people.len()).filter(|place| self.people[*place].state == State::Alone).collect()
    }

    /// Where an identity stands: its events in their order, and whoever followed from when on.
    pub(crate) fn words(&self, place: usize) -> Words {
        let person = &self.people[place];
        let mut words = Words::default();
        for (index, event) in person.events.iter().enumerate() {
            words = self.with_merges_at(person, index, words);
            words.hear(&event.act, event.counts);
        }
        self.with_merges_at(person, person.events.len(), words)
    }

    fn with_merges_at(&self, person: &Identity, index: usize, words: Words) -> Words {
        let here = person.merges.iter().filter(|merge| !merge.undone && merge.at == index);
        here.fold(words, |words, merge| words.both(&merge.words))
    }

    pub(crate) fn merge(&mut self, id: MergeId, leader: usize, alias: usize, until: i64) {
        let words = self.words(alias);
        let at = self.people[leader].events.len();
        for channel in self.people[alias].closed() {
            self.people[leader].closed.insert((channel, Some(id)));
        }
        self.people[leader].merges.push(Merge { id, alias, at, words, until, undone: false });
        self.people[alias].state = State::Follows(leader);
    }

    /// Both stand alone again. A no that was said meanwhile and holds is of both.
    pub(crate) fn part(&mut self, leader: usize, id: MergeId) {
        let merge = self.people[leader].merges.iter_mut().find(|merge| merge.id == id).expect("a merge");
        merge.undone = true;
        let (alias, at) = (merge.alias, merge.at);
        let since = self.people[leader].events[at..].to_vec();
        let mut said = Words::default();
        since.iter().for_each(|event| said.hear(&event.act, event.counts));
        let noes = said.noes();
        let holds = |event: &Event| says(&event.act).is_some_and(|(thing, _)| noes.contains(&thing));
        let own: BTreeSet<EventId> = self.people[alias].events.iter().map(|event| event.id).collect();
        let taken: Vec<Event> =
            since.into_iter().filter(|event| holds(event) && !own.contains(&event.id)).collect();
        self.people[alias].events.extend(taken);
        self.people[alias].state = State::Alone;
        self.people[leader].closed.retain(|(_, merge)| *merge != Some(id));
    }

    /// Claims something for an identity; an address that is suppressed closes its channels.
    pub(crate) fn claim(&mut self, known: Known, place: usize, now: i64) {
        let leader = self.leader(place);
        if let Known::Address(address) = &known {
            for scope in self.suppressed.get(address).into_iter().flatten() {
                match scope {
                    Scope::All => Channel::ALL.iter().for_each(|channel| {
                        self.people[leader].closed.insert((*channel, None));
                    }),
                    Scope::Of(channel) => {
                        self.people[leader].closed.insert((*channel, None));
                    }
                }
            }
        }
        let since = now.max(self.people[leader].last() + 1);
        self.owners.insert(known, (place, since));
    }

    /// The addresses of a person, and since when.
    pub(crate) fn addresses(&self, leader: usize) -> Vec<(String, i64)> {
        let all = self.all(leader);
        let own = self.owners.iter().filter(|(_, (owner, _))| all.contains(owner));
        own.filter_map(|(known, (_, since))| match known {
            Known::Address(address) => Some((address.clone(), *since)),
            Known::Number(_) => None,
        })
        .collect()
    }

    /// Whether the person's own act reopens, for one purpose, an address that was closed for all:
    /// then an objection to the rest comes first.
    pub(crate) fn reopens_in_part(&self, leader: usize, act: &Act, first_hand: bool) -> bool {
        if matches!(act, Act::ObjectionEnded { purpose: None }) {
            return false;
        }
        let Some(Effect::Open(channels)) = effect(act, first_hand, false) else { return false };
        let closed = self.people[leader].closed();
        let reopened: Vec<Channel> =
            channels.into_iter().filter(|channel| closed.contains(channel)).collect();
        if reopened.is_empty() {
            return false;
        }
        let Some(objected) = self.words(leader).objects_to_marketing() else { return true };
        reopened.contains(&Channel::Email)
            && self.addresses(leader).iter().any(|(_, since)| *since > objected)
    }

    /// What an act does to suppressions.
    pub(crate) fn follow(&mut self, leader: usize, act: &Act, first_hand: bool, by_mail: bool) {
        let Some(effect) = effect(act, first_hand, by_mail) else { return };
        for (address, _) in self.addresses(leader) {
            let scopes = self.suppressed.entry(address).or_default();
            match &effect {
                Effect::CloseAll => drop(scopes.insert(Scope::All)),
                Effect::Close(channels) if channels.contains(&Channel::Email) => {
                    scopes.insert(Scope::Of(Channel::Email));
                }
                Effect::Close(_) => {}
                Effect::Open(channels) => {
                    scopes.retain(|scope| !channels.iter().any(|channel| *scope == Scope::Of(*channel)));
                    if scopes.remove(&Scope::All) {
                        let rest = Channel::ALL.into_iter().filter(|channel| !channels.contains(channel));
                        scopes.extend(rest.map(Scope::Of));
                    }
                }
            }
        }
        if let Effect::Open(channels) = effect {
            self.people[leader].closed.retain(|(channel, _)| !channels.contains(channel));
        }
    }

    /// Everything of a person goes; what finds them is marked, what they object to lasts.
    pub(crate) fn erase(&mut self, leader: usize, tombs_until: i64) {
        let words = self.words(leader);
        let all = self.all(leader);
        let email = ["newsletter", "offers"];
        for known in self.owned(&all) {
            self.owners.remove(&known);
            self.tombs.insert(known.clone(), tombs_until);
            let Known::Address(address) = known else { continue };
            let scopes = self.suppressed.entry(address).or_default();
            if words.objects_to_marketing().is_some() {
                scopes.insert(Scope::All);
            } else if email.iter().any(|purpose| words.objects(purpose).is_some()) {
                scopes.insert(Scope::Of(Channel::Email));
            }
        }
        for place in all {
            self.people[place].state = State::Erased;
            self.people[place].values.clear();
            self.people[place].records.clear();
        }
    }

    fn owned(&self, all: &[usize]) -> Vec<Known> {
        self.owners
            .iter()
            .filter(|(_, (owner, _))| all.contains(owner))
            .map(|(known, _)| known.clone())
            .collect()
    }

    /// One lifetime of a person goes.
    pub(crate) fn end(&mut self, leader: usize, lifetime: &str) {
        for place in self.all(leader) {
            self.people[place].values.retain(|_, held| held.lifetime != lifetime);
            self.people[place].records.retain(|record| record.lifetime != lifetime);
        }
    }

    /// Whether a withdrawal leaves the behaviour of a person without a ground.
    pub(crate) fn behaviour_is_over(&self, leader: usize, acts: &[Act]) -> bool {
        let withdrew = acts.iter().any(|act| match act {
            Act::Withdrawn(switch) | Act::Refused(switch) => {
                matches!(switch.purpose.as_str(), "analytics" | "advertising")
            }
            _ => false,
        });
        let words = self.words(leader);
        let needed = [("analytics", false), ("personalisation", true), ("advertising", false)];
        withdrew && !needed.iter().any(|(purpose, keeps)| words.still_needs(purpose, *keeps))
    }
}

enum Effect {
    CloseAll,
    Close(Vec<Channel>),
    Open(Vec<Channel>),
}

fn effect(act: &Act, first_hand: bool, by_mail: bool) -> Option<Effect> {
    let reached = |purpose: &model::PurposeName, only: Option<Channel>| {
        let purpose = purpose.as_str();
        is_marketing(purpose).then(|| only.map_or_else(|| channels_of(purpose).to_vec(), |only| vec![only]))
    };
    match act {
        Act::Objected { purpose: None } => Some(Effect::CloseAll),
        Act::Objected { purpose: Some(purpose) } => reached(purpose, None).map(Effect::Close),
        Act::Withdrawn(switch) | Act::Refused(switch) if by_mail => {
            reached(&switch.purpose, Some(switch.channel.unwrap_or(Channel::Email))).map(Effect::Close)
        }
        Act::Given(switch) if first_hand => reached(&switch.purpose, switch.channel).map(Effect::Open),
        Act::ObjectionEnded { purpose: None } if first_hand => Some(Effect::Open(Channel::ALL.to_vec())),
        Act::ObjectionEnded { purpose: Some(purpose) } if first_hand => {
            reached(purpose, None).map(Effect::Open)
        }
        _ => None,
    }
}
