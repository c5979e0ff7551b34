//! Confirming an address that its owner has just proven.

use model::{Act, Actor, Channel, EntryId, EventId, Origin, Timestamp};
use store::{Tx, identity};

use super::{Batch, NewEvent, append, suppress};
use crate::controller::{Core, InForce};
use crate::error::AppError;
use crate::person::Person;

/// Records that the person, who is taken, proved that mail reaches them, unless that is known
/// or the manifest knows no mail. A yes that waited for it counts from now on.
///
/// A confirmation speaks of the channel, so nothing is recorded while the person has an address
/// that nobody proved: mail may go there.
pub(crate) fn confirm_email(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    person: &mut Person,
    id: (EventId, EntryId),
    now: Timestamp,
) -> Result<(), AppError> {
    let channel = Channel::Email;
    if person.standing.is_confirmed(channel) || !in_force.manifest.channels.contains_key(&channel) {
        return Ok(());
    }
    for id in person.ids().collect::<Vec<_>>() {
        let held = identity::held(tx, &id)?;
        if held.iter().any(|row| suppress::reaches(&row.kind, channel) && !row.verified) {
            return Ok(());
        }
    }
    let events = [NewEvent::new(Act::AddressConfirmed { channel }, Origin::Portal)];
    // Confirming an address lifts no suppression, so `spare` is for nothing.
    let batch = Batch { events: &events, ids: &[id], spare: id, actor: &Actor::Customer, request: None, now };
    append(tx, core, in_force, person, &batch)?;
    person.store_standing(tx)
}
