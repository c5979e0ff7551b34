//! What the laws of the packs ask of a use, worked out once for each kind of person and kept.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use law::clock::{ClockFiles, Clocks};
use law::code::{Alternative, Exception, Kind, Model, Purpose, Strength};
use law::{
    Answer, Asked, Categories, Controller, Day, LawAnswer, Library, Person, Term, Unit, UnknownMetric,
};
use model::manifest::{Manifest, Region};
use model::{AgeBand, Channel, Cited, Timestamp};

/// No clock on Earth is further from UTC than this.
const BEHIND_UTC_SECONDS: i64 = 12 * 3_600;
const AHEAD_OF_UTC_SECONDS: i64 = 14 * 3_600;

/// So many answers are kept for one use before they are forgotten and worked out anew.
const KEPT_MAX: usize = 4_096;

/// The laws that a policy is held against, and what the controller says of itself to them.
#[derive(Debug)]
pub struct Laws {
    library: Library,
    version: String,
    controller: Controller,
    clocks: Option<Clocks>,
    /// The days on which an answer may change, rising.
    turns: Vec<Day>,
    uses: RwLock<HashMap<LawUse, Arc<OfUse>>>,
}

impl Laws {
    /// The laws of a library for the controller of a manifest. `version` names the packs in the
    /// ledger: it changes whenever one of them or its review does.
    ///
    /// # Errors
    /// When the manifest answers a metric that no pack knows.
    pub fn new(library: Library, version: String, manifest: &Manifest) -> Result<Self, UnknownMetric> {
        let controller = Controller::of(&manifest.controller, &manifest.law)?;
        let turns = library.turning_days().into_iter().collect();
        let clocks = Clocks::new(ClockFiles::builtin()).ok();
        Ok(Self { library, version, controller, clocks, turns, uses: RwLock::default() })
    }

    /// The packs.
    #[must_use]
    pub const fn library(&self) -> &Library {
        &self.library
    }

    /// What the controller says of itself.
    #[must_use]
    pub const fn controller(&self) -> &Controller {
        &self.controller
    }

    /// What the ledger calls these packs with their reviews.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A fact by its name, such as `us-ca-ccpa/consent/sale`.
    #[must_use]
    pub fn cited(&self, fact: &str) -> Option<Cited> {
        let law = self.library.law(fact.split('/').next()?)?;
        let head = law.pack.heads().find(|head| &*head.name == fact)?;
        Some(Cited { fact: fact.to_owned(), citation: head.citation.clone(), reviewed: law.is_reviewed() })
    }

    pub(crate) fn of_use(&self, of: LawUse) -> Arc<OfUse> {
        if let Some(known) = self.uses.read().unwrap_or_else(PoisonError::into_inner).get(&of) {
            return Arc::clone(known);
        }
        let mut uses = self.uses.write().unwrap_or_else(PoisonError::into_inner);
        if uses.len() >= KEPT_MAX {
            uses.clear();
        }
        let fresh = Arc::new(OfUse { of: of.as_law(), kept: RwLock::default() });
        Arc::clone(uses.entry(of).or_insert(fresh))
    }

    /// What each law that applies to such a person asks of a use at a moment. A law begins and
    /// ends at midnight where the person is; where that is not known, whatever holds anywhere
    /// on Earth counts.
    pub(crate) fn rules(
        &self,
        of_use: &OfUse,
        regions: &[&Region],
        age: Option<AgeBand>,
        now: Timestamp,
    ) -> Arc<[LawRules]> {
        let (first, last) = self.spans(regions, now);
        let key = PersonKey::new(regions, age, (first, last));
        if let Some(key) = &key
            && let Some(known) = of_use.kept.read().unwrap_or_else(PoisonError::into_inner).get(key)
        {
            return Arc::clone(known);
        }
        let mut person = Person::within(regions.iter().map(|region| (*region).clone()));
        if let Some(band) = age {
            person = person.of_age(band);
        }
        let mut rules: Vec<LawRules> = Vec::new();
        for span in first..=last {
            let in_force = self.library.on(self.day_in(span));
            take(&mut rules, &in_force.ask(&person, &self.controller, &of_use.of));
        }
        let rules: Arc<[LawRules]> = rules.into();
        if let Some(key) = key {
            let mut kept = of_use.kept.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= KEPT_MAX {
                kept.clear();
            }
            kept.insert(key, Arc::clone(&rules));
        }
        rules
    }

    /// Between which days the person's day lies: two numbers, which differ where the day on
    /// which something changes has begun in one of their places and not in another.
    fn spans(&self, regions: &[&Region], now: Timestamp) -> (usize, usize) {
        let span = |day: Day| self.turns.partition_point(|turn| *turn <= day);
        let earliest = span(Day::of(now.plus_seconds(-BEHIND_UTC_SECONDS)));
        let latest = span(Day::of(now.plus_seconds(AHEAD_OF_UTC_SECONDS)));
        if earliest == latest {
            return (earliest, latest);
        }
        let days: Option<Vec<usize>> =
            regions.iter().map(|region| self.local_day(region, now).map(span)).collect();
        match days.as_deref() {
            None | Some([]) => (earliest, latest),
            Some(days) => {
                (days.iter().min().copied().unwrap_or(earliest), days.iter().max().copied().unwrap_or(latest))
            }
        }
    }

    fn local_day(&self, region: &Region, now: Timestamp) -> Option<Day> {
        let clocks = self.clocks.as_ref()?;
        let place = clocks.place(region.as_str()).ok()?;
        place.day_of(now).to_string().parse().ok()
    }

    /// A day of a span: the one on which it begins.
    fn day_in(&self, span: usize) -> Day {
        let turn = span.checked_sub(1).and_then(|before| self.turns.get(before));
        match (turn, self.turns.first()) {
            (Some(turn), _) => *turn,
            (None, Some(first)) => first.plus(-1),
            (None, None) => Day::from_days(0),
        }
    }
}

/// A use as the laws see one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LawUse {
    /// The codes of each category, in order, each once.
    pub(crate) categories: Vec<Categories>,
    pub(crate) purposes: Vec<Purpose>,
    pub(crate) channel: Option<Channel>,
}

impl LawUse {
    fn as_law(&self) -> law::Use {
        let mut of = law::Use::default();
        for purpose in &self.purposes {
            of = of.also(*purpose);
        }
        for codes in &self.categories {
            of = of.of_codes(*codes);
        }
        match self.channel {
            Some(channel) => of.over(channel),
            None => of,
        }
    }
}

/// One use, with what the laws ask about each kind of person who was asked about so far.
#[derive(Debug)]
pub(crate) struct OfUse {
    of: law::Use,
    kept: RwLock<HashMap<PersonKey, Arc<[LawRules]>>>,
}

/// The kind of person: where they are, how old, and between which days of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct PersonKey {
    regions: [[u8; 6]; 3],
    age: Option<AgeBand>,
    spans: (usize, usize),
}

impl PersonKey {
    /// None for somebody of more regions than are kept.
    fn new(regions: &[&Region], age: Option<AgeBand>, spans: (usize, usize)) -> Option<Self> {
        let mut codes = [[0; 6]; 3];
        if regions.len() > codes.len() {
            return None;
        }
        for (code, region) in codes.iter_mut().zip(regions) {
            let text = region.as_str().as_bytes();
            code.get_mut(..text.len())?.copy_from_slice(text);
        }
        Some(Self { regions: codes, age, spans })
    }
}

/// What one law asks of one use about one kind of person.
#[derive(Debug)]
pub(crate) struct LawRules {
    pub(crate) id: Arc<str>,
    /// The family of laws it belongs to; empty: none.
    pub(crate) family: &'static str,
    pub(crate) is_reviewed: bool,
    pub(crate) asks: Vec<AskRule>,
    /// The fact by which a parent agrees in the person's place.
    pub(crate) parent: Option<Arc<Cited>>,
}

/// One thing that a law asks.
#[derive(Debug)]
pub(crate) struct AskRule {
    pub(crate) model: Model,
    /// What may stand in the place of consent.
    pub(crate) alternatives: Vec<Alternative>,
    /// The forms in which consent must come beyond a clear act.
    pub(crate) forms: Vec<Strength>,
    /// The rule for one's own customers, where the law knows it here.
    pub(crate) exception: Option<Exception>,
    /// For how many days after the sale it holds, at least.
    pub(crate) exception_days: Option<i64>,
    pub(crate) cited: Arc<Cited>,
}

/// Takes what the laws answer on one more day: whatever one of the days asks is asked.
fn take(rules: &mut Vec<LawRules>, answer: &Answer<'_>) {
    for law in &answer.laws {
        let kind = law.law.pack.kind;
        // A law of messages, of devices or of a sector that is silent here has nothing to satisfy.
        if !kind.decides_consent() || (law.asks.is_empty() && kind != Kind::Omnibus) {
            continue;
        }
        let fresh = rules_of(law);
        match rules.iter_mut().find(|known| known.id == fresh.id) {
            None => rules.push(fresh),
            Some(known) => {
                for ask in fresh.asks {
                    if !known.asks.iter().any(|other| other.cited == ask.cited) {
                        known.asks.push(ask);
                    }
                }
                known.parent = known.parent.take().or(fresh.parent);
            }
        }
    }
}

fn rules_of(law: &LawAnswer<'_>) -> LawRules {
    let is_reviewed = law.law.is_reviewed();
    let cited = |head: &law::Head| {
        Arc::new(Cited {
            fact: head.name.to_string(),
            citation: head.citation.clone(),
            reviewed: is_reviewed,
        })
    };
    let qualities = law.qualities.iter().map(|fact| fact.body.strength);
    let asks = law.asks.iter().map(|ask| {
        let mut forms: Vec<Strength> = ask
            .strength()
            .into_iter()
            .chain(qualities.clone())
            .filter(|form| !matches!(form, Strength::Standard | Strength::Implied | Strength::Parental))
            .collect();
        forms.sort_unstable();
        forms.dedup();
        let channel = match ask.asked {
            Asked::Channel(channel) => Some(channel),
            Asked::Consent(_) => None,
        };
        AskRule {
            model: ask.model(),
            alternatives: ask.alternatives().to_vec(),
            forms,
            exception: channel.and_then(|channel| channel.exception),
            exception_days: channel.and_then(|channel| channel.exception_within).and_then(days_at_least),
            cited: cited(ask.fact),
        }
    });
    LawRules {
        id: Arc::clone(&law.law.pack.id),
        family: law.law.pack.family.code(),
        is_reviewed,
        asks: asks.collect(),
        parent: law.parent.map(|fact| cited(&fact.head)),
    }
}

/// The days that a term has in any case: 28 a month.
fn days_at_least(term: Term) -> Option<i64> {
    let days = match term.unit {
        Unit::Day | Unit::BusinessDay => 1,
        Unit::Week => 7,
        Unit::Month => 28,
        Unit::Year => 365,
        _ => return None,
    };
    Some(i64::from(term.n) * days)
}
