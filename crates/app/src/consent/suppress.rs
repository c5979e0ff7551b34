//! Suppressions: keyed hashes that make an objection outlive the person's erasure (GDPR 21(3)).
//!
//! While the person lives their events say everything. A suppression waits for the day when
//! somebody brings the same address back, and is lifted by the person's own new act only. A yes
//! to one purpose reopens the address for that purpose alone: what the suppression said of the
//! others is taken over as an objection to all direct marketing, just before the yes, which
//! overrules it for its own purpose. Erasure writes anew whatever the person still objects to.

use gate::Standing;
use model::manifest::Manifest;
use model::{Act, Channel, Grade, IdentifierKind, Origin, PurposeName, Timestamp};
use store::{Tx, identity, retention};

use crate::controller::InForce;
use crate::error::AppError;
use crate::person::Person;

/// The scope that closes every channel.
const ALL: &str = "all";

/// What an act means for suppressions.
#[derive(Debug, PartialEq, Eq)]
enum Effect {
    /// Every channel is closed.
    CloseAll,
    /// These are closed.
    Close(Vec<Channel>),
    /// These are opened again.
    Open(Vec<Channel>),
}

/// Whether an identifier of this kind is an address or number of the channel.
pub(super) fn reaches(kind: &IdentifierKind, channel: Channel) -> bool {
    match channel {
        Channel::Email => kind.code() == "email",
        Channel::Sms | Channel::Phone => kind.code() == "phone",
        Channel::Push => kind.code() == "device-id",
        Channel::Post => kind.code() == "address",
    }
}

/// An act, as far as suppressions care.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done<'a> {
    pub(super) act: &'a Act,
    pub(super) origin: Origin,
    pub(super) grade: Grade,
}

/// Whether the person's own act is about to reopen an address for one purpose that a
/// suppression closed for all: then the objection that it stands for is to be recorded first.
/// An objection said since the address was claimed says it already.
pub(super) fn reopens_in_part(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &Person,
    done: Done<'_>,
) -> Result<bool, AppError> {
    if matches!(done.act, Act::ObjectionEnded { purpose: None }) {
        return Ok(false);
    }
    let Some(Effect::Open(channels)) = effect(&in_force.manifest, done) else { return Ok(false) };
    let reopened: Vec<Channel> =
        channels.into_iter().filter(|channel| person.suppressed.contains(channel)).collect();
    if reopened.is_empty() {
        return Ok(false);
    }
    let Some(objected) = person.standing.objects_to_marketing_since() else { return Ok(true) };
    for id in person.ids() {
        let met = identity::held(tx, &id)?.into_iter().any(|row| {
            row.recorded > objected && reopened.iter().any(|channel| reaches(&row.kind, *channel))
        });
        if met {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The scopes that an identifier of somebody who is erased stays closed for: what their
/// standing objects to at the end (GDPR 21(3)).
pub(crate) fn lasting(manifest: &Manifest, standing: &Standing, kind: &IdentifierKind) -> Vec<&'static str> {
    let reached = || Channel::ALL.into_iter().filter(|channel| reaches(kind, *channel));
    if reached().next().is_none() {
        return Vec::new();
    }
    if standing.objects_to_marketing() {
        return vec![ALL];
    }
    let objected = |channel: &Channel| {
        manifest.purposes.iter().any(|(name, purpose)| {
            purpose.kind.is_marketing()
                && purpose.channels.contains(channel)
                && standing.objected_since(name, true).is_some()
        })
    };
    reached().filter(objected).map(Channel::code).collect()
}

/// Closes an identifier of somebody who is erased for good. Answers how many scopes stay closed.
pub(crate) fn outlast(
    tx: &mut Tx<'_>,
    manifest: &Manifest,
    standing: &Standing,
    (kind, tomb): (&IdentifierKind, &[u8; 32]),
    now: Timestamp,
) -> Result<usize, AppError> {
    let scopes = lasting(manifest, standing, kind);
    for scope in &scopes {
        retention::suppress(tx, tomb, scope, kind, now)?;
    }
    Ok(scopes.len())
}

/// Writes or lifts the suppressions that follow from an act of a person who is taken.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &mut Person,
    done: Done<'_>,
    now: Timestamp,
) -> Result<(), AppError> {
    let Some(effect) = effect(&in_force.manifest, done) else { return Ok(()) };
    let mut known = Vec::new();
    for id in person.ids() {
        known.extend(identity::tombs(tx, &id)?);
    }
    for (kind, hash) in known {
        let reached: Vec<Channel> =
            Channel::ALL.into_iter().filter(|channel| reaches(&kind, *channel)).collect();
        match &effect {
            Effect::CloseAll if !reached.is_empty() => retention::suppress(tx, &hash, ALL, &kind, now)?,
            Effect::CloseAll => {}
            Effect::Close(channels) => {
                for channel in channels.iter().filter(|channel| reached.contains(channel)) {
                    retention::suppress(tx, &hash, channel.code(), &kind, now)?;
                }
            }
            Effect::Open(channels) => reopen(tx, &kind, &hash, channels, now)?,
        }
    }
    if let Effect::Open(channels) = effect {
        person.suppressed.retain(|closed| !channels.contains(closed));
        person.standing = person.standing.clone().with_suppressed(person.suppressed.iter().copied());
    }
    Ok(())
}

/// Lifts what closes these channels; of a suppression of everything the rest stays.
fn reopen(
    tx: &mut Tx<'_>,
    kind: &IdentifierKind,
    hash: &[u8; 32],
    channels: &[Channel],
    now: Timestamp,
) -> Result<(), AppError> {
    for channel in channels {
        retention::lift_suppression(tx, hash, channel.code(), now)?;
    }
    if retention::lift_suppression(tx, hash, ALL, now)? {
        for channel in Channel::ALL.into_iter().filter(|channel| !channels.contains(channel)) {
            retention::suppress(tx, hash, channel.code(), kind, now)?;
        }
    }
    Ok(())
}

fn effect(manifest: &Manifest, done: Done<'_>) -> Option<Effect> {
    let marketing =
        |name: &PurposeName| manifest.purposes.get(name).filter(|purpose| purpose.kind.is_marketing());
    let channels_of = |name: &PurposeName, only: Option<Channel>| {
        let purpose = marketing(name)?;
        Some(only.map_or_else(|| purpose.channels.iter().copied().collect(), |channel| vec![channel]))
    };
    let is_own_yes = done.origin.is_first_hand() && done.grade != Grade::Unknown;
    match done.act {
        Act::Objected { purpose: None } => Some(Effect::CloseAll),
        Act::Objected { purpose: Some(purpose) } => channels_of(purpose, None).map(Effect::Close),
        // Unsubscribing is saying to this address: no more.
        Act::Withdrawn(switch) | Act::Refused(switch) if done.origin == Origin::Mail => {
            channels_of(&switch.purpose, Some(switch.channel.unwrap_or(Channel::Email))).map(Effect::Close)
        }
        Act::Given(switch) if is_own_yes => channels_of(&switch.purpose, switch.channel).map(Effect::Open),
        Act::ObjectionEnded { purpose: None } if is_own_yes => Some(Effect::Open(Channel::ALL.to_vec())),
        Act::ObjectionEnded { purpose: Some(purpose) } if is_own_yes => {
            channels_of(purpose, None).map(Effect::Open)
        }
        _ => None,
    }
}
