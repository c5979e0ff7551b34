//! Who a person is: finding them by what they are known by, claiming and proving identifiers.

mod category;
mod choose;
mod identify;
mod place;

use std::collections::HashSet;
use std::sync::Arc;

use gate::Standing;
use keys::{FieldClass, PersonKeys};
use model::{
    Channel, Identifier, IdentifierKind, NORMAL_FORM_VERSION, Personal, SubjectId, Timestamp, ValueId,
};
use store::identity::{self, IdentifierRow, Owner, SubjectState};
use store::{Tx, inventory, retention};

use crate::controller::{Controller, Core};
use crate::error::{AppError, Fault};
use crate::person::Person;
use crate::recorder::identity_lifetime;

pub(crate) use category::category;
pub use identify::{IDENTIFIERS_OF_ONE_MAX, Identified, Identify, Proof, identify};

pub(crate) use choose::{Lead, Led, Resolved, choose, resolve_row};
pub(crate) use place::{Home, Place};

/// Identifiers in one request at most.
pub const IDENTIFIERS_MAX: usize = 16;

/// The code of a transaction that another writer overtook; it runs again.
pub(crate) const RACED: &str = "raced";
/// How often a transaction that is overtaken runs.
pub(crate) const RACES_MAX: usize = 8;

/// Sealed identifiers, under the `identity` lifetime.
const IDENTIFIER: FieldClass = FieldClass { room: "identity", name: "identifier" };

/// A person as a request names them: by our id, or by something they are known by.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectRef {
    /// Our id.
    Id(SubjectId),
    /// Something they are known by.
    Identifier(Identifier),
}

/// An identifier ready to be looked up or claimed: its normal form and the hash it is found by.
#[derive(Debug)]
pub struct Known {
    /// Its kind.
    pub kind: IdentifierKind,
    /// The blind index of its normal form.
    pub hash: [u8; 32],
    /// The hash that tombstones and suppressions use.
    pub(crate) tomb: [u8; 32],
    /// As written.
    pub(crate) value: Personal<String>,
    /// Whether the caller vouches that its owner has proved it.
    pub verified: bool,
}

impl Known {
    /// Normalises an identifier and computes its hashes.
    ///
    /// # Errors
    /// When the value cannot be an identifier of its kind.
    pub fn new(core: &Core, identifier: Identifier, verified: bool) -> Result<Self, AppError> {
        let normal = identifier.kind.normalise(&identifier.value)?;
        let keys = &core.keys;
        Ok(Self {
            hash: keys.blind_index(&identifier.kind, NORMAL_FORM_VERSION, &normal),
            tomb: keys.tombstone(&identifier.kind, NORMAL_FORM_VERSION, &normal),
            kind: identifier.kind,
            value: identifier.value,
            verified,
        })
    }
}

impl Known {
    /// Whether the row's own system proves whose this is: it vouches for a number of the
    /// controller's own. An address it vouches for may have been claimed by somebody else before.
    pub(crate) fn is_proof(&self) -> bool {
        self.verified && self.kind.is_own_number()
    }

    /// The identifier that a profile value is.
    ///
    /// # Errors
    /// When the value cannot be an identifier of this kind.
    #[expect(clippy::disallowed_methods, reason = "normalising is one of the three places that may look")]
    pub(crate) fn of(core: &Core, kind: IdentifierKind, value: &Personal<String>) -> Result<Self, AppError> {
        Self::new(core, Identifier { kind, value: Personal::new(value.expose().clone()) }, false)
    }
}

/// Where a look-up led. Callers without the look-up scope never see the difference between
/// nobody and somebody who refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A living person, under the leading id.
    Person(SubjectId),
    /// Nobody has it.
    Nobody,
}

/// Looks a person up by one identifier.
///
/// # Errors
/// When the identifier is malformed or the store fails.
pub async fn look_up(controller: &Controller, identifier: Identifier) -> Result<Found, AppError> {
    let core = controller.core();
    let known = Known::new(&core, identifier, false)?;
    controller
        .db
        .read("identity.look_up", move |tx| {
            let found = identity::owner(tx, &known.kind, &known.hash)?;
            Ok(match found {
                Some(subject) => Found::Person(subject.leader.unwrap_or(subject.id)),
                None => Found::Nobody,
            })
        })
        .await
}

/// The person a reference leads to, under the leading id; an erased person's own id leads nowhere.
///
/// # Errors
/// When the identifier is malformed, the person is unknown or erased, or the store fails.
pub async fn resolve(controller: &Controller, reference: SubjectRef) -> Result<SubjectId, AppError> {
    match reference {
        SubjectRef::Identifier(identifier) => match look_up(controller, identifier).await? {
            Found::Person(id) => Ok(id),
            Found::Nobody => Err(AppError::NotFound("person")),
        },
        SubjectRef::Id(id) => {
            let row = controller.db.read("identity.resolve", move |tx| identity::find(tx, &id)).await?;
            match row {
                None => Err(AppError::NotFound("person")),
                Some(row) if row.state == SubjectState::Erased => Err(AppError::Erased(id)),
                Some(row) => Ok(row.leader.unwrap_or(id)),
            }
        }
    }
}

/// Lets identifiers in that nobody has. Somebody erased comes back only by their own act,
/// which lifts the tombstones; the suppressions stay.
///
/// # Errors
/// `erased-before` when one of the identifiers belongs to somebody erased and this is not
/// their own act.
fn admit(tx: &mut Tx<'_>, hashes: &[[u8; 32]], own_act: bool, now: Timestamp) -> Result<(), AppError> {
    let entombed = retention::tombstones(tx, hashes)?;
    if entombed.is_empty() {
        return Ok(());
    }
    if !own_act {
        return Err(AppError::conflict(
            "erased-before",
            "this person was erased: only their own act (portal, banner, signed session) brings them back",
        ));
    }
    for (hash, _) in entombed {
        retention::lift_tombstone(tx, &hash, now)?;
    }
    Ok(())
}

/// Identifiers to be claimed together for one person.
pub(crate) struct Claims<'a> {
    /// The identifiers of the row.
    pub(crate) known: &'a [Known],
    /// Where each led when the person was chosen.
    pub(crate) owners: &'a [Option<Owner>],
    /// The id of each, should it be stored.
    pub(crate) value_ids: &'a [ValueId],
    /// Whether this is the person's own act, which alone lifts tombstones.
    pub(crate) own_act: bool,
    /// Blind indexes of what a correction took from the person: the source saying the same
    /// again claims it no more.
    pub(crate) corrected: &'a HashSet<[u8; 32]>,
    /// The identity that gets what nobody has.
    pub(crate) home: &'a Home,
    /// When.
    pub(crate) now: Timestamp,
}

/// What became of identifiers that were to be claimed.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    /// Kinds of those that somebody else has: they stay theirs.
    pub(crate) unclaimed: Vec<IdentifierKind>,
    /// Kinds of those that are new to the person and that nobody vouches for.
    pub(crate) unproved: Vec<IdentifierKind>,
}

/// Claims the identifiers that nobody has, sealed under the `identity` lifetime of the home.
/// Those the person has already are marked as verified where the caller vouches for it;
/// those of somebody else stay theirs, and their kinds are answered, but for the shared
/// ones. What is new and unproved is answered too: a confirmation does not reach it. Suppressions that meet a new identifier close its channel.
///
/// # Errors
/// `erased-before` as above; [`RACED`] when somebody else claims one at the same moment:
/// the whole transaction is to run again, and then finds them ([`write_again`]).
pub(crate) fn claim(tx: &mut Tx<'_>, person: &mut Person, claims: &Claims<'_>) -> Result<Claimed, AppError> {
    let Claims { known, owners, value_ids, own_act, corrected, home, now } = *claims;
    let unowned: Vec<[u8; 32]> = known
        .iter()
        .zip(owners)
        .filter(|(identifier, owner)| owner.is_none() && !corrected.contains(&identifier.hash))
        .map(|(identifier, _)| identifier.tomb)
        .collect();
    admit(tx, &unowned, own_act, now)?;
    let mut claimed = Claimed::default();
    let mut fresh = HashSet::new();
    for ((identifier, owner), value_id) in known.iter().zip(owners).zip(value_ids) {
        match owner {
            Some(owner) if person.ids().any(|id| id == owner.subject) => {
                if identifier.verified {
                    identity::verify(tx, &identifier.kind, &identifier.hash, &owner.subject)?;
                }
            }
            Some(_) if identifier.kind.is_shared() => {}
            Some(_) => claimed.unclaimed.push(identifier.kind.clone()),
            None if corrected.contains(&identifier.hash) => {}
            None if !fresh.insert(identifier.hash) => {
                if identifier.verified {
                    identity::verify(tx, &identifier.kind, &identifier.hash, &home.id())?;
                }
            }
            None => {
                claim_one(tx, person, home, (identifier, value_id))?;
                if !identifier.verified {
                    claimed.unproved.push(identifier.kind.clone());
                }
            }
        }
    }
    Ok(claimed)
}

fn claim_one(
    tx: &mut Tx<'_>,
    person: &mut Person,
    home: &Home,
    (identifier, value_id): (&Known, &ValueId),
) -> Result<(), AppError> {
    let row = IdentifierRow {
        kind: identifier.kind.clone(),
        hash: identifier.hash,
        subject: home.id(),
        value_id: *value_id,
        verified: identifier.verified,
        // On the person's own clock, so that what they said before and after is told apart.
        recorded: person.row.clock,
        sealed: seal(home.keys(person), value_id, &identifier.value)?,
        tomb: identifier.tomb,
    };
    if !identity::claim(tx, &row)? {
        return Err(raced());
    }
    close_suppressed(tx, person, identifier)
}

/// Releases the identifier that a corrected value was, so that it no longer finds the person.
pub(crate) fn release(
    tx: &mut Tx<'_>,
    core: &Core,
    person: &Person,
    kind: &IdentifierKind,
    value: &Personal<String>,
) -> Result<(), AppError> {
    let Ok(known) = Known::of(core, kind.clone(), value) else { return Ok(()) };
    for id in person.ids() {
        identity::release(tx, kind, &known.hash, &id)?;
    }
    Ok(())
}

pub(crate) fn taken(kind: &IdentifierKind) -> AppError {
    AppError::conflict("identifier-taken", format!("another person has this `{kind}`"))
}

/// Takes over the suppressions that a newly claimed identifier meets.
fn close_suppressed(tx: &mut Tx<'_>, person: &mut Person, identifier: &Known) -> Result<(), AppError> {
    for (_, scope) in retention::suppressed(tx, &[identifier.tomb])? {
        close(person, &scope);
    }
    Ok(())
}

/// The channels that a suppression closes: `all`, or the one of a code.
pub(crate) fn suppressed_channels(scope: &str) -> Vec<Channel> {
    match scope {
        "all" => Channel::ALL.to_vec(),
        code => code.parse().into_iter().collect(),
    }
}

/// Closes the channels of one suppression.
pub(crate) fn close(person: &mut Person, scope: &str) {
    for channel in suppressed_channels(scope) {
        if !person.suppressed.contains(&channel) {
            person.suppressed.push(channel);
        }
    }
    let standing: Standing = person.standing.clone();
    person.standing = standing.with_suppressed(person.suppressed.iter().copied());
}

fn place(value_id: &str) -> keys::Place<'_> {
    let column = inventory::IDENTIFIER_SEALED;
    keys::Place { table: column.table, column: column.column, value: value_id }
}

/// Seals an identifier as its owner wrote it.
pub(crate) fn seal(
    keys: &PersonKeys,
    value_id: &ValueId,
    value: &Personal<String>,
) -> Result<Vec<u8>, AppError> {
    let subkey = keys.subkey(&identity_lifetime(), IDENTIFIER)?;
    Ok(subkey.seal(place(&value_id.to_string()), value)?.into_bytes())
}

/// Opens an identifier as its owner wrote it.
pub(crate) fn open(keys: &PersonKeys, row: &IdentifierRow) -> Result<Personal<String>, AppError> {
    let subkey = keys.subkey(&identity_lifetime(), IDENTIFIER)?;
    Ok(subkey.open_text(place(&row.value_id.to_string()), &row.sealed)?)
}

/// Another writer was faster.
pub(crate) fn raced() -> AppError {
    AppError::conflict(RACED, "somebody else wrote about the same people at the same moment: try again")
}

/// Runs a writing transaction, and again from its beginning when another writer overtook it
/// ([`RACED`]): the next run sees what that one wrote.
///
/// # Errors
/// Those of `work`; [`AppError::Busy`] when it is overtaken every time.
pub(crate) async fn write_again<T, F>(
    controller: &Controller,
    name: &'static str,
    work: F,
) -> Result<T, AppError>
where
    F: for<'c> Fn(&mut Tx<'c>) -> Result<T, AppError> + Send + Sync + 'static,
    T: Send + 'static,
{
    let work = Arc::new(work);
    for _ in 0..RACES_MAX {
        let again = Arc::clone(&work);
        match controller.db.write(name, move |tx| again(tx)).await {
            Err(AppError::Conflict { code: RACED, .. }) => {}
            other => return other,
        }
    }
    Err(AppError::Busy)
}

/// Normalises the identifiers of one request, naming every fault by its place.
///
/// # Errors
/// When there are too many, or some are malformed.
pub fn all_known(
    core: &Core,
    identifiers: Vec<(Identifier, bool)>,
    path: &str,
) -> Result<Vec<Known>, AppError> {
    if identifiers.len() > IDENTIFIERS_MAX {
        return Err(AppError::invalid(path, format!("{IDENTIFIERS_MAX} identifiers at most")));
    }
    let mut faults = Vec::new();
    let mut known = Vec::new();
    for (index, (identifier, verified)) in identifiers.into_iter().enumerate() {
        match identifier.kind.normalise(&identifier.value) {
            Ok(_) => known.push(Known::new(core, identifier, verified)?),
            Err(error) => faults.push(Fault::new(format!("{path}[{index}]"), error.to_string())),
        }
    }
    if faults.is_empty() { Ok(known) } else { Err(AppError::Invalid(faults)) }
}
