//! The people who are asked about: as many as are wanted, with keys and standings, put in
//! by large transactions.

use anyhow::Context;
use app::Controller;
use gate::Standing;
use keys::RecordPart;
use model::manifest::Region;
use model::{
    Act, AgeBand, Channel, EventFacts, EventId, Grade, LifetimeName, Origin, PurposeName, RecipientName,
    RegionSource, Signal, SubjectId, Switch, Timestamp,
};
use store::consent::{self, StandingRow};
use store::key_record::{self, KeyPart};
use store::{DbError, identity};

use super::dice::Dice;
use super::shop;
use crate::cli::Out;

/// People put in by one transaction.
const CHUNK: usize = 2_000;
/// Purposes that the shop's banner asks about.
const ASKED: u64 = 10;

/// Everybody, in the order of their ids.
pub(super) struct People(Vec<SubjectId>);

impl People {
    /// Puts `count` people in.
    pub(super) fn put_in(controller: &Controller, count: usize, out: Out) -> anyhow::Result<Self> {
        let mut ids: Vec<SubjectId> = (0..count).map(|_| SubjectId::random()).collect();
        // In the order of the index, so that a million rows are written once each.
        ids.sort_unstable();
        let mut draw = Draw::new(2026)?;
        let bar = out.bar("people", u64::try_from(count).ok());
        for chunk in ids.chunks(CHUNK) {
            put_chunk(controller, chunk, &mut draw)?;
            bar.inc(u64::try_from(chunk.len())?);
        }
        bar.finish_and_clear();
        Ok(Self(ids))
    }

    /// One of them, drawn uniformly.
    pub(super) fn pick(&self, dice: &mut Dice) -> anyhow::Result<SubjectId> {
        let place = usize::try_from(dice.below(self.0.len() as u64))?;
        self.0.get(place).copied().context("there are no people")
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn ids(&self) -> &[SubjectId] {
        &self.0
    }
}

fn put_chunk(controller: &Controller, ids: &[SubjectId], draw: &mut Draw) -> anyhow::Result<()> {
    let (core, now) = (controller.core(), controller.now());
    let lifetime = LifetimeName::new("identity")?;
    let (mut keys, mut standings) = (Vec::new(), Vec::new());
    for id in ids {
        let wrapped = core.keys.wrap(&core.keys.create(*id, RecordPart::Person, [&lifetime])?);
        keys.push((*id, i64::from(wrapped.epoch), wrapped.body));
        let standing = draw.standing(now)?;
        let row = StandingRow { suppressed: String::new(), body: serde_json::to_string(&standing)? };
        standings.push((*id, 1, row));
    }
    let ids = ids.to_vec();
    controller.db.write_long_blocking::<_, DbError, _>("bench.people", move |tx| {
        identity::create_many(tx, &ids, now)?;
        key_record::put_many(tx, KeyPart::Person, &keys)?;
        consent::put_standings(tx, &standings)
    })?;
    Ok(())
}

/// Draws what people said. Most answered a banner as a whole; some chose one by one, opted
/// out, objected, sent a signal or declined a recipient.
pub(super) struct Draw {
    dice: Dice,
    purposes: Vec<PurposeName>,
    recipients: Vec<RecipientName>,
    regions: Vec<Region>,
}

impl Draw {
    pub(super) fn new(seed: u64) -> anyhow::Result<Self> {
        let purposes = (1..=shop::PURPOSES).map(|number| PurposeName::new(&shop::purpose(number)));
        let recipients = (1..=shop::RECIPIENTS).map(|number| RecipientName::new(&shop::recipient(number)));
        let regions = ["FR", "GB", "DE", "IE", "US-CA", "US-TX", "CA", "BE"];
        Ok(Self {
            dice: Dice::new(seed),
            purposes: purposes.collect::<Result<_, _>>()?,
            recipients: recipients.collect::<Result<_, _>>()?,
            regions: regions.iter().map(|code| code.parse()).collect::<Result<_, _>>()?,
        })
    }

    /// One person's standing: about twelve words on the average.
    pub(super) fn standing(&mut self, now: Timestamp) -> anyhow::Result<Standing> {
        let days = i64::try_from(self.dice.below(700))?;
        let since = now.plus_days(-days - 1).plus_seconds(i64::try_from(self.dice.below(86_400))?);
        let acts = self.acts();
        let mut events = Vec::with_capacity(acts.len());
        for (place, act) in (0..).zip(acts) {
            let at = Timestamp::from_micros(since.micros() + place);
            events.push(EventFacts {
                id: EventId::from_bytes([0; 16]),
                act,
                occurred: at,
                recorded: at,
                origin: Origin::Portal,
                grade: Grade::Proven,
            });
        }
        Ok(Standing::fold(&events))
    }

    fn acts(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        if let Some(region) = self.pick_region() {
            acts.push(Act::RegionStated { region, source: RegionSource::Person });
        }
        if self.one_in(3) {
            acts.push(Act::AgeStated { band: AgeBand::Adult });
        }
        let whole = match self.dice.below(10) {
            0..=3 => Some(true),
            4..=6 => Some(false),
            _ => None,
        };
        for number in 0..ASKED {
            let yes = whole.unwrap_or_else(|| self.dice.below(2) == 0);
            let Some(purpose) = self.purposes.get(usize::try_from(number * 3 + 2).unwrap_or_default()) else {
                continue;
            };
            let switch = Switch { purpose: purpose.clone(), channel: None, recipient: None };
            acts.push(if yes { Act::Given(switch) } else { Act::Refused(switch) });
        }
        self.others(&mut acts);
        acts
    }

    fn others(&mut self, acts: &mut Vec<Act>) {
        if self.one_in(2) {
            acts.push(Act::AddressConfirmed { channel: Channel::Email });
        }
        if self.one_in(8) {
            acts.push(Act::AddressConfirmed { channel: Channel::Sms });
        }
        if self.one_in(20) {
            acts.push(Act::Objected { purpose: None });
        }
        if self.one_in(25) {
            acts.push(Act::SignalSeen { signal: Signal::Gpc });
        }
        if self.one_in(30) {
            acts.push(Act::OptedOut { purpose: None });
        }
        if self.one_in(50)
            && let Some(purpose) = self.pick_purpose()
        {
            acts.push(Act::Objected { purpose: Some(purpose) });
        }
        if self.one_in(40)
            && let Some(recipient) = self.pick_recipient()
        {
            acts.push(Act::RecipientDeclined { recipient });
        }
        if self.one_in(200) {
            acts.push(Act::Restricted { category: None });
        }
        if self.one_in(4)
            && let Some(purpose) = self.pick_purpose()
        {
            acts.push(Act::Withdrawn(Switch { purpose, channel: Some(Channel::Email), recipient: None }));
        }
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.dice.below(sides) == 0
    }

    fn pick_region(&mut self) -> Option<Region> {
        let place = self.dice.below(self.regions.len() as u64);
        self.regions.get(usize::try_from(place).ok()?).cloned()
    }

    /// One of the purposes.
    pub(super) fn pick_purpose(&mut self) -> Option<PurposeName> {
        let place = self.dice.below(self.purposes.len() as u64);
        self.purposes.get(usize::try_from(place).ok()?).cloned()
    }

    fn pick_recipient(&mut self) -> Option<RecipientName> {
        let place = self.dice.below(self.recipients.len() as u64);
        self.recipients.get(usize::try_from(place).ok()?).cloned()
    }
}
