//! What each customer does in the months before the demo, as a list of deeds with their times.

use model::{
    Act, CategoryName, Channel, Grade, Origin, PurposeName, RecipientName, RegionSource, Shown, Signal,
    Switch, Timestamp,
};

use app::consent::NewEvent;

use super::customers::Customer;
use super::dice::Dice;

/// How many days of history there are.
pub(super) const DAYS: i64 = 240;
/// The purposes that have a switch on the web shop's forms.
pub(super) const OPTIONAL: [&str; 4] = ["newsletter", "analytics", "personalisation", "advertising"];
/// What stood on the form beside the switches, in either language; a proof names its hash.
const FORM: [(&str, &str); 2] = [
    ("en", "You can choose what we may do beyond your orders. Refuse all. Accept all. Choose one by one."),
    (
        "fr",
        "Vous pouvez choisir ce que nous faisons au-delà de vos commandes. Tout refuser. Tout accepter. \
         Choisir un par un.",
    ),
];

/// Something a customer does, or that is done at their wish.
pub(super) enum Deed {
    /// Opens an account: the web shop hands the row over.
    Join,
    /// Says what may be done.
    Choose(Vec<NewEvent>),
    /// Follows the link in the mail that confirms the address.
    ConfirmAddress,
    /// Looks at everything and puts the city right.
    CorrectCity,
    /// Asks for a copy of everything.
    Export,
    /// Asks to be forgotten.
    Erase,
    /// Orders something; the shop asks three questions about it at the end of the week.
    Order,
}

/// A deed and its time.
pub(super) struct Dated {
    pub(super) at: Timestamp,
    pub(super) deed: Deed,
}

/// A customer with everything they do.
pub(super) struct Life {
    pub(super) customer: Customer,
    /// Whether they came with the record shop, before the history begins.
    pub(super) is_old: bool,
    /// In the order of time.
    pub(super) deeds: Vec<Dated>,
}

impl Life {
    /// Makes up the life of a customer; `start` is the day on which the history begins.
    pub(super) fn new(customer: Customer, dice: &mut Dice, start: Timestamp) -> anyhow::Result<Self> {
        // The record shop had a third of today's customers; the others came faster and faster.
        let is_old = customer.number > 7 && customer.number.is_multiple_of(3);
        let joined = if customer.number <= 7 {
            dice.between(20, 60)
        } else {
            dice.between(2, DAYS - 2).max(dice.between(2, DAYS - 2))
        };
        let mut life = Self { customer, is_old, deeds: Vec::new() };
        let first_choice = if is_old { life.former(dice, start)? } else { life.join(dice, start, joined)? };
        if let Some(day) = first_choice {
            life.later(dice, start, day)?;
        }
        life.rights(dice, start, if is_old { 10 } else { joined });
        life.deeds.sort_by_key(|dated| dated.at);
        if let Some(last) = life.deeds.iter().position(|dated| matches!(dated.deed, Deed::Erase)) {
            life.deeds.truncate(last + 1);
        }
        Ok(life)
    }

    fn add(&mut self, at: Timestamp, deed: Deed) {
        self.deeds.push(Dated { at, deed });
    }

    /// What the record shop knew, as its import brings it; then perhaps a first visit.
    fn former(&mut self, dice: &mut Dice, start: Timestamp) -> anyhow::Result<Option<i64>> {
        let said = start.plus_days(-dice.between(30, 900));
        let imported = |act| NewEvent {
            occurred: Some(said),
            grade: Some(Grade::Asserted),
            ..NewEvent::new(act, Origin::Import)
        };
        let mut events = vec![imported(Act::RegionStated {
            region: self.customer.place().region.parse()?,
            source: RegionSource::Account,
        })];
        let newsletter = switch("newsletter")?;
        match dice.below(10) {
            0..=4 => {
                events.push(imported(Act::Given(newsletter)));
                events.push(imported(Act::AddressConfirmed { channel: Channel::Email }));
            }
            5 | 6 => events.push(imported(Act::Refused(newsletter))),
            _ => {}
        }
        self.add(start.plus_seconds(9 * 3_600), Deed::Choose(events));
        if !dice.chance(45) {
            return Ok(None);
        }
        let day = dice.between(5, DAYS - 30);
        let events = self.choices(dice)?;
        self.add(moment(dice, start, day), Deed::Choose(events));
        Ok(Some(day))
    }

    fn join(&mut self, dice: &mut Dice, start: Timestamp, day: i64) -> anyhow::Result<Option<i64>> {
        let at = moment(dice, start, day);
        self.add(at, Deed::Join);
        let mut events = vec![NewEvent::new(
            Act::RegionStated { region: self.customer.place().region.parse()?, source: RegionSource::Person },
            Origin::Portal,
        )];
        events.extend(self.choices(dice)?);
        self.add(at.plus_seconds(dice.between(20, 90)), Deed::Choose(events));
        if self.customer.number <= 7 || dice.chance(70) {
            self.add(at.plus_seconds(dice.between(100, 7_200)), Deed::ConfirmAddress);
        }
        if dice.chance(80) {
            self.add(at.plus_seconds(dice.between(7_201, 9_000)), Deed::Order);
        }
        Ok(Some(day))
    }

    /// A first choice about every optional purpose, with what was shown.
    fn choices(&self, dice: &mut Dice) -> anyhow::Result<Vec<NewEvent>> {
        let place = self.customer.place();
        let mut events = Vec::new();
        // Most press one of the two buttons; the others choose one by one. The registration
        // form asks about two purposes, the account's page about all.
        let whole = dice.chance(62).then(|| dice.chance(place.yes));
        let asked = if self.customer.number <= 7 || dice.chance(40) { 4 } else { 2 };
        for (purpose, more) in OPTIONAL.into_iter().zip([12, 4, 0, 0]).take(asked) {
            let yes = whole.unwrap_or_else(|| dice.chance(place.yes.saturating_sub(8) + more));
            let act = if yes { Act::Given(switch(purpose)?) } else { Act::Refused(switch(purpose)?) };
            events
                .push(NewEvent { shown: Some(shown(place.language)), ..NewEvent::new(act, Origin::Portal) });
        }
        Ok(events)
    }

    /// Changes of mind, signals, objections, restrictions, further orders.
    fn later(&mut self, dice: &mut Dice, start: Timestamp, day: i64) -> anyhow::Result<()> {
        let later = |dice: &mut Dice| {
            let day = dice.between(day + 1, (day + 150).min(DAYS - 1).max(day + 1));
            moment(dice, start, day.min(DAYS - 1))
        };
        let place = self.customer.place();
        for (purpose, percent) in OPTIONAL.into_iter().zip([16, 9, 6, 8]) {
            if dice.chance(percent) {
                let origin = if purpose == "newsletter" { Origin::Mail } else { Origin::Portal };
                self.add(
                    later(dice),
                    Deed::Choose(vec![NewEvent::new(Act::Withdrawn(switch(purpose)?), origin)]),
                );
            } else if dice.chance(4) {
                let act = Act::Given(switch(purpose)?);
                let event =
                    NewEvent { shown: Some(shown(place.language)), ..NewEvent::new(act, Origin::Portal) };
                self.add(later(dice), Deed::Choose(vec![event]));
            }
        }
        let mut rare = |percent: u64, act: Act| {
            if dice.chance(percent) {
                let at = later(dice);
                self.add(at, Deed::Choose(vec![NewEvent::new(act, Origin::Portal)]));
            }
        };
        rare(if place.region == "US-CA" { 22 } else { 3 }, Act::SignalSeen { signal: Signal::Gpc });
        rare(3, Act::Objected { purpose: None });
        rare(1, Act::Objected { purpose: Some(PurposeName::new("fraud-prevention")?) });
        rare(2, Act::RecipientDeclined { recipient: RecipientName::new("ad-network")? });
        rare(1, Act::Restricted { category: Some(CategoryName::new("commercial.orders")?) });
        for _ in 0..dice.below(4) {
            self.add(later(dice), Deed::Order);
        }
        Ok(())
    }

    /// Rights that few customers use. The named ones keep their accounts.
    fn rights(&mut self, dice: &mut Dice, start: Timestamp, day: i64) {
        let from = (day + 3).min(DAYS - 1);
        for (percent, deed) in [(3, Deed::Export), (2, Deed::CorrectCity), (2, Deed::Erase)] {
            let (happens, on) = (dice.chance(percent), dice.between(from, DAYS - 1));
            let at = moment(dice, start, on);
            if happens && self.customer.number > 7 {
                self.add(at, deed);
            }
        }
    }
}

/// A moment of a day on which people are awake.
pub(super) fn moment(dice: &mut Dice, start: Timestamp, day: i64) -> Timestamp {
    start.plus_days(day).plus_seconds(dice.between(7 * 3_600, 22 * 3_600))
}

pub(super) fn switch(purpose: &str) -> anyhow::Result<Switch> {
    Ok(Switch { purpose: PurposeName::new(purpose)?, channel: None, recipient: None })
}

/// The form of the account page as it was shown.
pub(super) fn shown(language: &str) -> Shown {
    let text = FORM.iter().find(|(of, _)| *of == language).map_or("", |(_, text)| text);
    Shown {
        text_sha256: keys::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
        locale: language.to_owned(),
        button_order: ["refuse", "accept", "choose"].map(str::to_owned).to_vec(),
        notice_version: Some("3".to_owned()),
        surface: "account/choices".to_owned(),
    }
}
