//! Which of a person's identities a row goes to: one rule for rows, files and choices.

use keys::PersonKeys;
use model::{LifetimeName, SubjectId};
use store::Tx;
use store::identity::Owner;
use store::key_record::KeyPart;

use crate::controller::Core;
use crate::error::AppError;
use crate::person::{self, Person};

/// Where a row leads.
///
/// The row goes to its *home*: the identity that has the identifier by which the row leads to
/// the person; of several a proved one, and none of a shared kind, unless there is no other
/// ([`choose`](super::choose)). A merge moves no data, so what an identity gave before is found
/// again under its own keys, a source that says the same again finds it unchanged, and parting
/// the two leaves each with what was said of it. Questions to the gate, standing and version are
/// the *leader's*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The person, by the leading identity.
    pub(crate) leader: SubjectId,
    /// The identity whose keys seal the row, and which its new identifiers find.
    pub(crate) home: SubjectId,
    /// Whether nobody knew the person before this row.
    pub(crate) is_new: bool,
}

impl Place {
    /// The place of a row that makes a person.
    pub(crate) const fn of_new(subject: SubjectId) -> Self {
        Self { leader: subject, home: subject, is_new: true }
    }

    /// The place of whoever has an identifier.
    pub(crate) const fn of(owner: &Owner) -> Self {
        Self { leader: owner.leader, home: owner.subject, is_new: false }
    }
}

/// The home of a row with its keys opened, beside the person whose row is taken.
pub(crate) struct Home {
    id: SubjectId,
    /// Its keys, where it is not the leading identity.
    follower: Option<PersonKeys>,
}

impl Home {
    /// The leading identity.
    pub(crate) fn of_leader(person: &Person) -> Self {
        Self { id: person.id(), follower: None }
    }

    /// The home of a place, opened.
    ///
    /// # Errors
    /// [`RACED`](super::RACED) when it was parted from its leader since the look.
    pub(crate) fn open(
        tx: &mut Tx<'_>,
        core: &Core,
        person: &Person,
        place: Place,
    ) -> Result<Self, AppError> {
        if place.home == person.id() {
            return Ok(Self::of_leader(person));
        }
        if !person.aliases.contains(&place.home) {
            return Err(super::raced());
        }
        let keys = person::open_keys(tx, core, place.home, KeyPart::Person)?
            .ok_or(AppError::Internal("an alias has no key record"))?;
        Ok(Self { id: place.home, follower: Some(keys) })
    }

    /// The identity.
    pub(crate) const fn id(&self) -> SubjectId {
        self.id
    }

    /// Its keys.
    pub(crate) fn keys<'k>(&'k self, person: &'k Person) -> &'k PersonKeys {
        self.follower.as_ref().unwrap_or(&person.keys)
    }

    /// Begins the lifetimes that it does not have yet.
    pub(crate) fn begin(
        &mut self,
        tx: &mut Tx<'_>,
        core: &Core,
        person: &mut Person,
        lifetimes: &[LifetimeName],
    ) -> Result<(), AppError> {
        let keys = self.follower.as_mut().unwrap_or(&mut person.keys);
        let mut changed = false;
        for lifetime in lifetimes {
            changed |= keys.ensure_lifetime(lifetime)?;
        }
        if changed { person::store_keys(tx, core, keys) } else { Ok(()) }
    }
}
