//! What can happen. A step names customers by their number and draws nothing while it runs, so
//! that a list of steps means the same when some of them are left out.

use model::{Act, AgeBand, CategoryName, Channel, GroundName, PurposeName, Signal, Switch};

/// Customers; few, so that they meet each other.
pub(crate) const CUSTOMERS: u8 = 8;

/// The purposes that are asked about, by their place here.
pub(crate) const PURPOSES: [&str; 6] =
    ["newsletter", "offers", "analytics", "personalisation", "advertising", "survey"];

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// The shop hands a customer over; `fresh`: with an address that is new. `own`: their own act.
    Customer { who: u8, fresh: bool, own: bool },
    /// A file with rows of several customers, each with a new address or the old one.
    Import { rows: Vec<(u8, bool)> },
    /// An order line; the number makes it another one.
    Order { who: u8, number: u64 },
    /// An invoice, which tax law keeps.
    Invoice { who: u8, number: u64 },
    /// A page view, taken in only where statistics are allowed.
    View { who: u8, number: u64 },
    /// What somebody says.
    Say { who: u8, words: Vec<Word>, by: By, hours_ago: Option<i64> },
    /// Everything is withdrawn in one go.
    WithdrawAll { who: u8 },
    /// The person corrects a field: the address (to a new one, or to another customer's), or the city.
    Correct { who: u8, field: Field, number: u64 },
    /// Staff merge two; the first leads, or the older.
    Merge { one: u8, other: u8, first_leads: bool },
    /// Staff undo one of the merges.
    Part { which: u8 },
    /// The person erases themselves.
    Erase { who: u8 },
    /// The person ends one lifetime.
    End { who: u8, lifetime: Lifetime },
    /// A recorded question.
    Ask { who: u8, question: u8 },
    /// An audience and its pages.
    Audience { question: u8 },
    /// A browser chooses.
    Visitor { visitor: u8, words: Vec<Word> },
    /// A browser turns out to be a customer.
    Join { visitor: u8, who: u8 },
    /// The clock moves by so many seconds, forward or back.
    Clock { seconds: i64 },
    /// Due jobs run, with upkeep.
    Jobs,
    /// The sequencer: a whole round, or only as far as this step of it.
    Sequence { until: u8 },
    /// The log is checked.
    Verify,
    /// The process ends and starts again on the same folder.
    Restart,
}

/// Who sends an act, and by which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The person in the portal.
    Portal,
    /// The person by a link in a letter.
    Mail,
    /// The shop's program, reporting.
    Shop,
    /// The privacy officer.
    Staff,
}

/// A field that can be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    NewAddress,
    AddressOf(u8),
    City,
}

/// Lifetimes that can end alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime {
    Orders,
    Account,
    Behaviour,
    Duty,
    Identity,
}

impl Lifetime {
    pub(crate) const ALL: [Self; 5] =
        [Self::Orders, Self::Account, Self::Behaviour, Self::Duty, Self::Identity];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Account => "account",
            Self::Behaviour => "behaviour",
            Self::Duty => "duty",
            Self::Identity => "identity",
        }
    }
}

/// A word about a purpose (by its place in [`PURPOSES`]), a channel or everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Given(u8, Option<Channel>),
    Refused(u8, Option<Channel>),
    Withdrawn(u8, Option<Channel>),
    Objected(Option<u8>),
    ObjectionEnded(Option<u8>),
    Lifted(u8),
    OptedOut(Option<u8>),
    OptedIn(Option<u8>),
    Restricted(bool),
    RestrictionLifted(bool),
    Confirmed,
    Changed,
    Gpc,
    Age(AgeBand),
    Dead,
    Alive,
}

/// What a restriction of a part covers.
pub(crate) const RESTRICTED: &str = "contact";

pub(crate) fn name(place: u8) -> PurposeName {
    PurposeName::new(PURPOSES[usize::from(place)]).expect("a name")
}

impl Word {
    pub(crate) fn act(self) -> Act {
        let switch = |place, channel| Switch { purpose: name(place), channel, recipient: None };
        let part = |whole: bool| (!whole).then(|| CategoryName::new(RESTRICTED).expect("a name"));
        match self {
            Self::Given(place, channel) => Act::Given(switch(place, channel)),
            Self::Refused(place, channel) => Act::Refused(switch(place, channel)),
            Self::Withdrawn(place, channel) => Act::Withdrawn(switch(place, channel)),
            Self::Objected(place) => Act::Objected { purpose: place.map(name) },
            Self::ObjectionEnded(place) => Act::ObjectionEnded { purpose: place.map(name) },
            Self::Lifted(place) => Act::ObjectionLifted {
                purpose: name(place),
                ground: GroundName::new("legal-claims").expect("a name"),
            },
            Self::OptedOut(place) => Act::OptedOut { purpose: place.map(name) },
            Self::OptedIn(place) => Act::OptedIn { purpose: place.map(name) },
            Self::Restricted(whole) => Act::Restricted { category: part(whole) },
            Self::RestrictionLifted(whole) => Act::RestrictionLifted { category: part(whole) },
            Self::Confirmed => Act::AddressConfirmed { channel: Channel::Email },
            Self::Changed => Act::AddressChanged { channel: Channel::Email },
            Self::Gpc => Act::SignalSeen { signal: Signal::Gpc },
            Self::Age(band) => Act::AgeStated { band },
            Self::Dead => Act::Deceased {},
            Self::Alive => Act::NotDeceased {},
        }
    }
}

/// Random numbers that a seed repeats (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn small(&mut self, end: u8) -> u8 {
        u8::try_from(self.below(u64::from(end))).expect("it is below")
    }

    fn who(&mut self) -> u8 {
        1 + self.small(CUSTOMERS)
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn purpose(&mut self) -> u8 {
        self.small(6)
    }

    /// A purpose that stands on consent.
    fn switch(&mut self) -> (u8, Option<Channel>) {
        match self.small(8) {
            0 | 1 => (0, None),
            2 => (0, Some(Channel::Email)),
            3 => (0, Some(Channel::Post)),
            4 => (1, [None, Some(Channel::Email)][usize::from(self.small(2))]),
            5 => (2, None),
            6 => (3, None),
            _ => (4, None),
        }
    }

    fn about(&mut self) -> Option<u8> {
        (!self.one_in(3)).then(|| self.purpose())
    }

    /// A word of the person; `visitor`: one that a browser can say.
    fn word(&mut self, visitor: bool) -> Word {
        let (place, channel) = self.switch();
        match self.below(if visitor { 40 } else { 50 }) {
            0..=12 => Word::Given(place, channel),
            13..=16 => Word::Refused(place, channel),
            17..=21 => Word::Withdrawn(place, channel),
            22..=25 => Word::Objected(self.about()),
            26..=28 => Word::ObjectionEnded(self.about()),
            29..=31 => Word::OptedOut((!self.one_in(2)).then_some(4)),
            32..=34 => Word::OptedIn((!self.one_in(2)).then_some(4)),
            35..=36 => Word::Gpc,
            37..=39 => Word::Age(AgeBand::ALL[[0, 0, 0, 1, 2][usize::from(self.small(5))]]),
            40..=43 => Word::Confirmed,
            44 => Word::Changed,
            45..=46 => Word::Restricted(self.one_in(2)),
            47..=48 => Word::RestrictionLifted(self.one_in(2)),
            _ => [Word::Alive, Word::Alive, Word::Dead][usize::from(self.small(3))],
        }
    }

    fn words(&mut self, visitor: bool) -> Vec<Word> {
        (0..=self.below(3)).map(|_| self.word(visitor)).collect()
    }

    fn say(&mut self) -> Step {
        let by =
            [By::Portal, By::Portal, By::Portal, By::Mail, By::Shop, By::Staff][usize::from(self.small(6))];
        let mut words = self.words(false);
        if by == By::Staff && self.one_in(3) {
            words.push(Word::Lifted(self.purpose()));
        }
        let hours_ago =
            (by == By::Shop && self.one_in(2)).then(|| [-3, 1, 5, 30, 400][usize::from(self.small(5))]);
        Step::Say { who: self.who(), words, by, hours_ago }
    }

    fn clock(&mut self) -> Step {
        const HOUR: i64 = 3_600;
        let far = i64::try_from(self.below(1_000)).expect("small");
        let seconds = match self.below(20) {
            0..=5 => 1 + far / 10,
            6..=10 => HOUR + far,
            11..=12 => (1 + far % 40) * 24 * HOUR,
            13 => 300 * 24 * HOUR,
            14 if self.one_in(4) => 1_200 * 24 * HOUR,
            15 => -1,
            16..=17 => -far,
            18 => -(HOUR * (1 + far % 60)),
            19 => -(24 * HOUR * (1 + far % 100)),
            _ => 0,
        };
        Step::Clock { seconds }
    }

    fn step(&mut self) -> Step {
        let (who, number) = (self.who(), self.below(1_000_000));
        match self.below(100) {
            0..=11 => Step::Customer { who, fresh: self.one_in(3), own: self.one_in(3) },
            12..=14 => {
                let mut rows: Vec<(u8, bool)> =
                    (0..=self.below(4)).map(|_| (self.who(), self.one_in(3))).collect();
                rows.sort_unstable();
                rows.dedup_by_key(|(who, _)| *who);
                Step::Import { rows }
            }
            15..=16 => Step::Order { who, number },
            17 => Step::Invoice { who, number },
            18..=20 => Step::View { who, number },
            21..=46 => self.say(),
            47 => Step::WithdrawAll { who },
            48..=53 => {
                let field = match self.below(4) {
                    0 => Field::City,
                    1 => Field::AddressOf(self.who()),
                    _ => Field::NewAddress,
                };
                Step::Correct { who, field, number }
            }
            54..=59 => Step::Merge { one: who, other: self.who(), first_leads: self.one_in(2) },
            60..=64 => Step::Part { which: self.small(8) },
            65..=67 => Step::Erase { who },
            68..=70 => Step::End { who, lifetime: Lifetime::ALL[usize::from(self.small(5))] },
            71..=76 => Step::Ask { who, question: self.small(QUESTIONS) },
            77..=79 => Step::Audience { question: self.small(QUESTIONS) },
            80..=82 => Step::Visitor { visitor: self.small(3), words: self.words(true) },
            83..=84 => Step::Join { visitor: self.small(3), who },
            85..=92 => self.clock(),
            93..=94 => Step::Jobs,
            95..=96 => Step::Sequence { until: self.small(6) },
            97 => Step::Verify,
            _ => Step::Restart,
        }
    }
}

/// The number of questions in `words::question`.
pub(crate) const QUESTIONS: u8 = 9;

/// The steps of a seed.
pub(crate) fn steps(seed: u64, count: usize) -> Vec<Step> {
    let mut random = Random(seed);
    (0..count).map(|_| random.step()).collect()
}
