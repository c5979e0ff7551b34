//! What a request may say: every fault is named by its place.

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

/// Checks a request against the manifest.
///
/// # Errors
/// [`AppError::Invalid`] with every fault.
pub(super) fn request(manifest: &Manifest, request: &RecordConsent, now: Timestamp) -> Result<(), AppError> {
    let mut faults = Vec::new();
    if request.request.as_ref().is_some_and(|request| request.len() > REFERENCE_BYTES_MAX) {
        faults.push(Fault::new("request", format!("{REFERENCE_BYTES_MAX} bytes at most")));
    }
    actor(manifest, &request.actor, &mut faults);
    events(manifest, &request.events, &request.actor, now, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(AppError::Invalid(faults)) }
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

/// Checks events alone: a visitor's have no person yet.
pub(super) fn events(
    manifest: &Manifest,
    events: &[NewEvent],
    actor: &Actor,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) {
    if events.is_empty() || events.len() > EVENTS_MAX {
        faults.push(Fault::new("events", format!("1 to {EVENTS_MAX} events")));
        return;
    }
    for (index, event) in events.iter().enumerate() {
        let mut at = At { path: format!("events[{index}]"), manifest, faults };
        at.act(&event.act, actor);
        at.proof(event);
        at.age(event, now);
    }
}

/// One event and the place where its faults are noted.
struct At<'a> {
    path: String,
    manifest: &'a Manifest,
    faults: &'a mut Vec<Fault>,
}

impl At<'_> {
    fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(Fault::new(format!("{}.{field}", self.path), message));
    }

    fn act(&mut self, act: &Act, actor: &Actor) {
        match act {
            Act::Given(switch) => self.given(switch),
            Act::Refused(switch) | Act::Withdrawn(switch) => {
                self.switch(switch);
            }
            Act::Objected { purpose: Some(purpose) }
            | Act::ObjectionEnded { purpose: Some(purpose) }
            | Act::OptedOut { purpose: Some(purpose) }
            | Act::OptedIn { purpose: Some(purpose) } => {
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
            Act::RecipientDeclined { recipient } | Act::RecipientAccepted { recipient } => {
                self.recipient(recipient);
            }
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
            self.fault("purpose", "the manifest does not declare this purpose");
        }
        purpose
    }

    /// A no is taken for anything that is declared; a yes only where there is a switch.
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
            self.fault("recipient", "the manifest does not declare this recipient");
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
