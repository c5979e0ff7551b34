//! An address or number that changed is to be confirmed again.
//!
//! A confirmation speaks of a channel, not of one address, so whatever is claimed or released
//! afterwards without anybody vouching for it ends the confirmation.

use model::{Act, Actor, Channel, EntryId, EventId, IdentifierKind, Origin, Timestamp};
use store::{ReadTx, Tx, identity};

use super::{Batch, NewEvent, append, suppress};
use crate::controller::{Core, InForce};
use crate::error::AppError;
use crate::person::Person;

/// Ids of events that may be needed, made before the transaction: one for each channel, and
/// one beside them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangeIds(Vec<(EventId, EntryId)>);

impl ChangeIds {
    /// Enough for identifiers of any kind.
    pub(crate) fn all(now: Timestamp) -> Self {
        Self::of(Channel::ALL.len(), now)
    }

    /// Enough for identifiers of these kinds.
    pub(crate) fn new<'k>(kinds: impl IntoIterator<Item = &'k IdentifierKind>, now: Timestamp) -> Self {
        Self::of(channels(kinds).len(), now)
    }

    /// These and others together.
    pub(crate) fn add(&mut self, others: &Self) {
        self.0.extend(others.0.iter().copied());
    }

    fn of(channels: usize, now: Timestamp) -> Self {
        let spare = usize::from(channels > 0);
        let id = |_| (EventId::ordered(now), EntryId::random());
        Self((0..channels + spare).map(id).collect())
    }
}

/// Identifiers of a person that changed.
pub(crate) struct Changed<'a> {
    /// Their kinds.
    pub(crate) kinds: &'a [IdentifierKind],
    /// Whether something was released, so that there was an address before.
    pub(crate) released: bool,
    /// Who brings them.
    pub(crate) actor: &'a Actor,
    /// The caller's own id of the request.
    pub(crate) request: Option<&'a str>,
    /// Ids of the events.
    pub(crate) ids: &'a ChangeIds,
    /// When.
    pub(crate) now: Timestamp,
}

/// Notes that addresses of a person who is taken changed: for each channel that was confirmed,
/// or for which they had another address, whose confirmation may still come in late. `true`:
/// something was noted, and the standing is to be stored.
pub(crate) fn note_changed(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    person: &mut Person,
    changed: &Changed<'_>,
) -> Result<bool, AppError> {
    let mut events = Vec::new();
    for channel in channels(changed.kinds) {
        if changed.released || person.standing.is_confirmed(channel) || has_several(tx, person, channel)? {
            events.push(NewEvent::new(Act::AddressChanged { channel }, Origin::Api));
        }
    }
    let Some((spare, ids)) = changed.ids.0.split_first() else { return Ok(false) };
    if events.is_empty() {
        return Ok(false);
    }
    let Changed { actor, request, now, .. } = *changed;
    append(tx, core, in_force, person, &Batch { events: &events, ids, spare: *spare, actor, request, now })?;
    Ok(true)
}

/// The channels over which identifiers of these kinds are reached.
fn channels<'k>(kinds: impl IntoIterator<Item = &'k IdentifierKind>) -> Vec<Channel> {
    let kinds: Vec<&IdentifierKind> = kinds.into_iter().collect();
    let is_reached = |channel: &Channel| kinds.iter().any(|kind| suppress::reaches(kind, *channel));
    Channel::ALL.into_iter().filter(is_reached).collect()
}

/// Whether a person has more than one address or number of a channel.
fn has_several(tx: &mut ReadTx<'_>, person: &Person, channel: Channel) -> Result<bool, AppError> {
    let mut reached = 0;
    for id in person.ids() {
        let rows = identity::held(tx, &id)?;
        reached += rows.iter().filter(|row| suppress::reaches(&row.kind, channel)).count();
    }
    Ok(reached > 1)
}
