//! What a request may say: every fault is named by its place.

use gate::Standing;
use model::manifest::{Manifest, Purpose};
use model::{
    Act, Actor, AgeBand, CategoryName, Channel, Grade, PurposeName, REFERENCE_BYTES_MAX, RecipientName,
    Shown, Switch, Timestamp,
};

use super::{EVENTS_MAX, NewEvent, RecordConsent};
use crate::error::{AppError, Fault};

/// The longest text that says what was shown, in bytes.
const SHOWN_TEXT_BYTES_MAX: usize = 256;
/// Buttons at most.
const BUTTONS_MAX: usize = 16;

/// A no about something that the manifest does not declare. It may have left the manifest
/// after the person said something of it, so only the person's own standing can tell.
#[derive(Debug)]
pub(super) struct Doubt {
    about: About,
    fault: Fault,
}

#[derive(Debug)]
enum About {
    Purpose(PurposeName),
    Recipient(RecipientName),
}

impl Doubt {
    /// A doubt about a purpose, with the place where the request names it.
    pub(super) fn of(purpose: PurposeName, path: impl Into<String>) -> Self {
        Self { about: About::Purpose(purpose), fault: Fault::new(path, NO_PURPOSE) }
    }

    /// The same doubt, where the request calls its list another name than `events`.
    pub(super) fn in_list(mut self, name: &str) -> Self {
        self.fault.path = self.fault.path.replacen("events", name, 1);
        self
    }
}

/// Judges doubts, in the transaction that has taken the person: a no is accepted about whatever
/// they ever said something of (GDPR 7(3): withdrawing is as easy as giving was).
///
/// # Errors
/// [`AppError::Invalid`] with every fault.
pub(super) fn judge(doubts: &[Doubt], standing: &Standing) -> Result<(), AppError> {
    let is_invented = |doubt: &&Doubt| match &doubt.about {
        About::Purpose(purpose) => !standing.speaks_of(purpose),
        About::Recipient(recipient) => !standing.speaks_of_recipient(recipient),
    };
    let faults: Vec<Fault> = doubts.iter().filter(is_invented).map(|doubt| doubt.fault.clone()).collect();
    if faults.is_empty() { Ok(()) } else { Err(AppError::Invalid(faults)) }
}

const NO_PURPOSE: &str = "the manifest does not declare this purpose";
const NO_RECIPIENT: &str = "the manifest does not declare this recipient";

/// Checks a request against the manifest, and answers what is to be judged by the standing.
///
/// # Errors
/// [`AppError::Invalid`] with every fault.
pub(super) fn request(
    manifest: &Manifest,
    request: &RecordConsent,
    now: Timestamp,
) -> Result<Vec<Doubt>, AppError> {
    let mut faults = head(manifest, request);
    let doubts = events(manifest, &request.events, &request.actor, now, &mut faults);
    if faults.is_empty() { Ok(doubts) } else { Err(AppError::Invalid(faults)) }
}

/// What is wrong with a request beside its events.
pub(super) fn head(manifest: &Manifest, request: &RecordConsent) -> Vec<Fault> {
    let mut faults = Vec::new();
    if request.request.as_ref().is_some_and(|request| request.len() > REFERENCE_BYTES_MAX) {
        faults.push(Fault::new("request", format!("{REFERENCE_BYTES_MAX} bytes at most")));
    }
    actor(manifest, &request.actor, &mut faults);
    faults
}

/// A service speaks for people only if the manifest declares it, and a role likewise.
fn actor(manifest: &Manifest, actor: &Actor, faults: &mut Vec<Fault>) {
    let declared = match actor {
        Actor::Service(name) => manifest.services.contains_key(name),
        Actor::Staff { role, .. } => manifest.roles.contains_key(role),
        Actor::Customer | Actor::Agent(_) | Actor::Job(_) | Actor::Operator => true,
    };
    if !declared {
        faults.push(Fault::new("actor", "the manifest does not declare who sends this"));
    }
}

/// Checks events alone: a visitor's have no person yet. Answers what is to be judged by what
/// they said before.
pub(super) fn events(
    manifest: &Manifest,
    events: &[NewEvent],
    actor: &Actor,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if events.is_empty() || events.len() > EVENTS_MAX {
        faults.push(Fault::new("events", format!("1 to {EVENTS_MAX} events")));
        return doubts;
    }
    for (index, event) in events.iter().enumerate() {
        let mut at = At { path: format!("events[{index}]"), manifest, faults, doubts: &mut doubts };
        at.act(&event.act, actor);
        at.proof(event);
        at.age(event, now);
    }
    doubts
}

/// One event and the place where its faults are noted.
struct At<'a> {
    path: String,
    manifest: &'a Manifest,
    faults: &'a mut Vec<Fault>,
    doubts: &'a mut Vec<Doubt>,
}

impl At<'_> {
    fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(Fault::new(format!("{}.{field}", self.path), message));
    }

    fn act(&mut self, act: &Act, actor: &Actor) {
        match act {
            Act::Given(switch) => self.given(switch),
            Act::Refused(switch) | Act::Withdrawn(switch) => self.no(switch),
            Act::Objected { purpose: Some(purpose) } | Act::OptedOut { purpose: Some(purpose) } => {
                self.no_to_purpose(purpose);
            }
            Act::ObjectionEnded { purpose: Some(purpose) } | Act::OptedIn { purpose: Some(purpose) } => {
                self.purpose(purpose);
            }
            Act::ObjectionLifted { purpose, .. } => {
                self.purpose(purpose);
                if !matches!(actor, Actor::Staff { .. } | Actor::Operator) {
                    self.fault("kind", "only staff can record a compelling ground (GDPR 21(1))");
                }
            }
            Act::Restricted { category: Some(category) }
            | Act::RestrictionLifted { category: Some(category) } => self.category(category),
            Act::AddressConfirmed { channel } | Act::AddressChanged { channel } => self.channel(*channel),
            Act::RecipientDeclined { recipient } => self.no_to_recipient(recipient),
            Act::RecipientAccepted { recipient } => self.recipient(recipient),
            Act::Joined { .. } => self.fault("kind", "a visitor is joined by signing in, not by an event"),
            Act::Objected { purpose: None }
            | Act::ObjectionEnded { purpose: None }
            | Act::OptedOut { purpose: None }
            | Act::OptedIn { purpose: None }
            | Act::SignalSeen { .. }
            | Act::AgeStated { .. }
            | Act::RegionStated { .. }
            | Act::Restricted { category: None }
            | Act::RestrictionLifted { category: None }
            | Act::NoticeShown { .. }
            | Act::Deceased {}
            | Act::NotDeceased {} => {}
        }
    }

    fn purpose(&mut self, name: &PurposeName) -> Option<Purpose> {
        let purpose = self.manifest.purposes.get(name).cloned();
        if purpose.is_none() {
            self.fault("purpose", NO_PURPOSE);
        }
        purpose
    }

    /// A no over a channel is taken whether or not the manifest still declares the channel.
    fn no(&mut self, switch: &Switch) {
        self.no_to_purpose(&switch.purpose);
        if let Some(recipient) = &switch.recipient {
            self.no_to_recipient(recipient);
        }
    }

    fn no_to_purpose(&mut self, name: &PurposeName) {
        if !self.manifest.purposes.contains_key(name) {
            self.doubts.push(Doubt::of(name.clone(), format!("{}.purpose", self.path)));
        }
    }

    fn no_to_recipient(&mut self, name: &RecipientName) {
        if !self.manifest.recipients.contains_key(name) {
            let fault = Fault::new(format!("{}.recipient", self.path), NO_RECIPIENT);
            self.doubts.push(Doubt { about: About::Recipient(name.clone()), fault });
        }
    }

    /// A yes is taken only where there is a switch.
    fn given(&mut self, switch: &Switch) {
        let Some(purpose) = self.switch(switch) else { return };
        if purpose.is_locked() {
            self.fault("purpose", "this purpose has no switch: it needs no consent");
        }
        if switch.channel.is_some_and(|channel| !purpose.channels.contains(&channel)) {
            self.fault("channel", "the purpose does not use this channel");
        }
        if switch.recipient.as_ref().is_some_and(|recipient| !purpose.recipients.contains(recipient)) {
            self.fault("recipient", "the purpose does not name this recipient");
        }
    }

    fn switch(&mut self, switch: &Switch) -> Option<Purpose> {
        if let Some(channel) = switch.channel {
            self.channel(channel);
        }
        if let Some(recipient) = &switch.recipient {
            self.recipient(recipient);
        }
        self.purpose(&switch.purpose)
    }

    fn channel(&mut self, channel: Channel) {
        if !self.manifest.channels.contains_key(&channel) {
            self.fault("channel", "the manifest does not declare this channel");
        }
    }

    fn recipient(&mut self, recipient: &RecipientName) {
        if !self.manifest.recipients.contains_key(recipient) {
            self.fault("recipient", NO_RECIPIENT);
        }
    }

    /// A category in use, or one above categories in use.
    fn category(&mut self, category: &CategoryName) {
        let is_used = self.manifest.categories.keys().any(|used| {
            used.as_str()
                .strip_prefix(category.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        });
        if !is_used {
            self.fault("category", "the manifest uses no such category");
        }
    }

    fn proof(&mut self, event: &NewEvent) {
        if event.grade == Some(Grade::Proven) && event.shown.is_none() {
            self.fault("shown", "a proven act says what was shown (GDPR 7(1)); else it is `asserted`");
        }
        if let Some(shown) = &event.shown {
            self.shown(shown);
        }
    }

    fn shown(&mut self, shown: &Shown) {
        let is_hash = shown.text_sha256.len() == 64
            && shown.text_sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash {
            self.fault("shown.text_sha256", "64 hexadecimal digits in lower case");
        }
        let texts = shown.button_order.iter().chain(&shown.notice_version);
        let is_short = texts
            .chain([&shown.locale, &shown.surface])
            .all(|text| !text.is_empty() && text.len() <= SHOWN_TEXT_BYTES_MAX);
        if !is_short || shown.button_order.len() > BUTTONS_MAX {
            self.fault(
                "shown",
                format!("texts of 1 to {SHOWN_TEXT_BYTES_MAX} bytes, {BUTTONS_MAX} buttons at most"),
            );
        }
    }

    /// A year of birth goes with a stated age, and never makes somebody older.
    fn age(&mut self, event: &NewEvent, now: Timestamp) {
        let Some(birth_year) = event.birth_year else { return };
        let year = now.date().get(..4).and_then(|year| year.parse().ok()).unwrap_or(0);
        match event.act {
            Act::AgeStated { band } if band >= AgeBand::from_birth_year(birth_year, year) => {}
            Act::AgeStated { .. } => {
                self.fault("band", "the year of birth says that the person is younger");
            }
            _ => self.fault("birth_year", "a year of birth goes with a stated age only"),
        }
    }
}
