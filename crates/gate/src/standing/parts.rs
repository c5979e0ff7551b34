//! A standing taken apart into what decisions ask of it, each part with a short key.
//!
//! Two standings whose parts have equal keys are decided alike: a decision asks what was
//! said and which word came later, never how much later (INVARIANT(order-decides)). So a
//! key holds the order of the moments in place of the moments.

use model::{Channel, PurposeName, RecipientName, Timestamp};

use super::Standing;
use super::registers::Registers;
use super::states::{Consent, Objection, OptOut};

/// Over which channel and towards whom something was said.
type About = (Option<Channel>, Option<RecipientName>);

/// What was said of one purpose, without its name, and of all purposes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    consents: Vec<(About, Timestamp, Consent)>,
    own_objection: Option<(Timestamp, Objection)>,
    own_opt_out: Option<(Timestamp, OptOut)>,
    /// The words on everything: to marketing, to sale, signals and restrictions.
    whole: Standing,
}

/// Marks in a key; each begins one word.
mod mark {
    pub(super) const CONSENT: u8 = 1;
    pub(super) const OBJECTION: u8 = 2;
    pub(super) const OBJECTION_TO_ALL: u8 = 3;
    pub(super) const OPT_OUT: u8 = 4;
    pub(super) const OPT_OUT_OF_ALL: u8 = 5;
    pub(super) const GPC: u8 = 6;
    pub(super) const RESTRICTION: u8 = 7;
    pub(super) const REGION: u8 = 8;
    pub(super) const AGE: u8 = 9;
    pub(super) const ADDRESS: u8 = 10;
    pub(super) const LIFE: u8 = 11;
    pub(super) const OUTSIDE: u8 = 12;
    pub(super) const RECIPIENT: u8 = 13;
    /// In place of a name or channel that was not said.
    pub(super) const NONE: u8 = 255;
}

/// Writes keys; kept between calls so that nothing is allocated anew.
#[derive(Debug, Default)]
pub(crate) struct KeyWriter {
    key: Vec<u8>,
    /// Where in the key the place of each moment stands.
    moments: Vec<(i64, usize)>,
}

impl KeyWriter {
    /// The key of what is said of everything and, where one is named, of one purpose.
    pub(crate) fn words(&mut self, standing: &Standing, about: Option<&PurposeName>) -> &[u8] {
        self.begin();
        if let Some(purpose) = about {
            for ((of, channel, recipient), at, state) in standing.consents.iter() {
                if of == purpose {
                    self.word(mark::CONSENT, state as u8, at);
                    self.key.push(channel.map_or(mark::NONE, |channel| channel as u8));
                    self.name(recipient.as_ref().map(RecipientName::as_str));
                }
            }
        }
        for (of, at, state) in standing.objections.iter() {
            match of {
                None => self.word(mark::OBJECTION_TO_ALL, state as u8, at),
                Some(of) if Some(of) == about => self.word(mark::OBJECTION, state as u8, at),
                Some(_) => {}
            }
        }
        for (of, at, state) in standing.opt_outs.iter() {
            match of {
                None => self.word(mark::OPT_OUT_OF_ALL, state as u8, at),
                Some(of) if Some(of) == about => self.word(mark::OPT_OUT, state as u8, at),
                Some(_) => {}
            }
        }
        for ((), at, state) in standing.gpc.iter() {
            self.word(mark::GPC, state as u8, at);
        }
        for (of, at, state) in standing.restrictions.iter() {
            self.word(mark::RESTRICTION, state as u8, at);
            self.name(of.as_ref().map(model::CategoryName::as_str));
        }
        self.end()
    }

    /// The key of where the person lives, how old they are, which addresses are confirmed, and
    /// whether they live and may be reached.
    pub(crate) fn rest(&mut self, standing: &Standing) -> &[u8] {
        self.begin();
        for region in standing.regions() {
            self.key.push(mark::REGION);
            self.text(&region.to_string());
        }
        for ((), _, band) in standing.age.iter() {
            self.key.extend([mark::AGE, band as u8]);
        }
        for (channel, _, state) in standing.addresses.iter() {
            self.key.extend([mark::ADDRESS, *channel as u8, state as u8]);
        }
        for ((), _, state) in standing.life.iter() {
            self.key.extend([mark::LIFE, state as u8]);
        }
        let outside = standing.outside;
        if outside != super::Outside::default() {
            self.key.extend([mark::OUTSIDE, u8::from(outside.erased), outside.suppressed]);
        }
        &self.key
    }

    /// The key of what was said of recipients.
    pub(crate) fn recipients(&mut self, standing: &Standing) -> &[u8] {
        self.begin();
        for (recipient, _, state) in standing.recipients.iter() {
            self.key.extend([mark::RECIPIENT, state as u8]);
            self.text(recipient.as_str());
        }
        &self.key
    }

    fn begin(&mut self) {
        self.key.clear();
        self.moments.clear();
    }

    fn word(&mut self, mark: u8, state: u8, at: Timestamp) {
        self.key.extend([mark, state]);
        self.moments.push((at.micros(), self.key.len()));
        // Two bytes, for as many moments as a standing could ever hold.
        self.key.extend([0, 0]);
    }

    fn name(&mut self, name: Option<&str>) {
        match name {
            None => self.key.push(mark::NONE),
            Some(name) => self.text(name),
        }
    }

    /// A text of at most 64 bytes, led by its length.
    fn text(&mut self, text: &str) {
        self.key.push(u8::try_from(text.len()).unwrap_or(mark::NONE - 1));
        self.key.extend_from_slice(text.as_bytes());
    }

    /// Puts the place of each moment in their order where it belongs.
    fn end(&mut self) -> &[u8] {
        self.moments.sort_unstable();
        let (mut place, mut last) = (0_u16, None);
        for (at, offset) in &self.moments {
            if last.is_some_and(|last| last != *at) {
                place = place.saturating_add(1);
            }
            last = Some(*at);
            if let Some(slot) = self.key.get_mut(*offset..*offset + 2) {
                slot.copy_from_slice(&place.to_be_bytes());
            }
        }
        &self.key
    }
}

impl Standing {
    /// The purposes that the person spoke of by name; one may come several times.
    pub(crate) fn purposes_named(&self) -> impl Iterator<Item = &PurposeName> {
        let consents = self.consents.iter().map(|(key, ..)| &key.0);
        let objections = self.objections.iter().filter_map(|(key, ..)| key.as_ref());
        let opt_outs = self.opt_outs.iter().filter_map(|(key, ..)| key.as_ref());
        consents.chain(objections).chain(opt_outs)
    }

    /// What is said of everything and, where one is named, of one purpose.
    pub(crate) fn words(&self, about: Option<&PurposeName>) -> Words {
        let of_purpose = self.consents.iter().filter(|(key, ..)| Some(&key.0) == about);
        Words {
            consents: of_purpose.map(|(key, at, state)| ((key.1, key.2.clone()), at, state)).collect(),
            own_objection: about.and_then(|name| self.objections.get(&Some(name.clone()))),
            own_opt_out: about.and_then(|name| self.opt_outs.get(&Some(name.clone()))),
            whole: Self {
                objections: only(&self.objections),
                opt_outs: only(&self.opt_outs),
                restrictions: self.restrictions.clone(),
                gpc: self.gpc.clone(),
                ..Self::default()
            },
        }
    }

    /// Where the person lives, their age, addresses, life and reach.
    pub(crate) fn rest(&self) -> Self {
        Self {
            regions: self.regions.clone(),
            age: self.age.clone(),
            addresses: self.addresses.clone(),
            life: self.life.clone(),
            outside: self.outside,
            ..Self::default()
        }
    }

    /// What was said of recipients.
    pub(crate) fn of_recipients(&self) -> Self {
        Self { recipients: self.recipients.clone(), ..Self::default() }
    }

    /// The parts put together again, as a decision about `purpose` sees the person.
    pub(crate) fn joined(purpose: &PurposeName, words: &Words, rest: &Self, recipients: &Self) -> Self {
        let mut standing = rest.clone();
        standing.recipients = recipients.recipients.clone();
        standing.objections = words.whole.objections.clone();
        standing.opt_outs = words.whole.opt_outs.clone();
        standing.restrictions = words.whole.restrictions.clone();
        standing.gpc = words.whole.gpc.clone();
        for ((channel, recipient), at, state) in &words.consents {
            standing.consents.set((purpose.clone(), *channel, recipient.clone()), *at, *state);
        }
        if let Some((at, state)) = words.own_objection {
            standing.objections.set(Some(purpose.clone()), at, state);
        }
        if let Some((at, state)) = words.own_opt_out {
            standing.opt_outs.set(Some(purpose.clone()), at, state);
        }
        standing
    }
}

/// The word on everything alone.
fn only<V: super::registers::State>(
    words: &Registers<Option<PurposeName>, V>,
) -> Registers<Option<PurposeName>, V> {
    let mut kept = Registers::default();
    if let Some((at, state)) = words.get(&None) {
        kept.set(None, at, state);
    }
    kept
}
