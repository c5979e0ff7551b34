//! What a withdrawal ends: lifetimes whose data nothing else needs (`on_withdraw: erase`).

use gate::{ConsentState, Standing, Use};
use model::manifest::{Manifest, OnWithdraw, Purpose, builtin};
use model::{
    Act, Action, Actor, Basis, CategoryName, Channel, EntryId, JobId, LifetimeName, PurposeName, Timestamp,
};
use serde_json::json;
use store::Tx;
use store::key_record::KeyPart;

use crate::ask::{Asked, ask};
use crate::controller::{Core, InForce};
use crate::error::AppError;
use crate::person::{self, Person};
use crate::retention::{add_sweep, destroy};

/// The job under whose name data ends that a withdrawal leaves without a ground.
const JOB: &str = "withdrawal";

/// Ids for ending lifetimes, made before the transaction.
pub(super) struct EndIds {
    /// For as many entries as the manifest has lifetimes; none where nothing is withdrawn.
    entries: Vec<EntryId>,
    sweep: JobId,
    now: Timestamp,
}

impl EndIds {
    pub(super) fn new(manifest: &Manifest, now: Timestamp) -> Self {
        let entries = manifest.lifetimes.iter().map(|_| EntryId::random()).collect();
        Self { entries, sweep: JobId::ordered(now), now }
    }

    /// The ids that these acts may need.
    pub(super) fn of<'a>(
        manifest: &Manifest,
        acts: impl IntoIterator<Item = &'a Act>,
        now: Timestamp,
    ) -> Self {
        if acts.into_iter().any(|act| withdraws(act).is_some()) {
            return Self::new(manifest, now);
        }
        Self { entries: Vec::new(), sweep: JobId::ordered(now), now }
    }
}

/// Destroys the keys of the lifetimes that these acts leave without a ground and says so in an
/// entry for each; the rows go by a job.
pub(super) fn end_lifetimes<'a>(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    person: &mut Person,
    acts: impl IntoIterator<Item = &'a Act>,
    ids: &EndIds,
) -> Result<Vec<LifetimeName>, AppError> {
    let manifest = &in_force.manifest;
    let withdrawn: Vec<&PurposeName> = acts.into_iter().filter_map(withdraws).collect();
    let (mut ended, mut rows) = (Vec::new(), Vec::new());
    for (lifetime, entry) in manifest.lifetimes.keys().zip(&ids.entries) {
        if !is_left_alone(manifest, &person.standing, lifetime, &withdrawn) {
            continue;
        }
        // A withdrawal is recorded whatever retention may do about it.
        if has_key(tx, core, person, lifetime)? && may_end(tx, in_force, person, lifetime, *entry)? {
            rows.extend(destroy(tx, core, person, lifetime)?.into_iter().flatten());
            ended.push(lifetime.clone());
        }
    }
    add_sweep(tx, &ids.sweep, rows, ids.now)?;
    Ok(ended)
}

fn withdraws(act: &Act) -> Option<&PurposeName> {
    match act {
        Act::Withdrawn(switch) | Act::Refused(switch) => Some(&switch.purpose),
        _ => None,
    }
}

/// Whether nothing needs the data of a lifetime any more, because of what was withdrawn now.
/// The built-in purposes cover every category but hold none for themselves, and the built-in
/// lifetimes end in their own ways.
fn is_left_alone(
    manifest: &Manifest,
    standing: &Standing,
    lifetime: &LifetimeName,
    withdrawn: &[&PurposeName],
) -> bool {
    if builtin().lifetimes.contains_key(lifetime) {
        return false;
    }
    let is_of_lifetime = |category: &CategoryName| {
        manifest.categories.get(category).is_some_and(|used| used.lifetime == *lifetime)
    };
    let holds = |name: &PurposeName, purpose: &Purpose| {
        !builtin().purposes.contains_key(name) && purpose.categories.iter().any(is_of_lifetime)
    };
    // Few purposes were withdrawn, and most end no lifetime: they are looked at before the others.
    let ends = |name: &&PurposeName| {
        manifest
            .purposes
            .get(*name)
            .is_some_and(|purpose| purpose.on_withdraw == OnWithdraw::Erase && holds(name, purpose))
    };
    withdrawn.iter().any(ends)
        && !manifest
            .purposes
            .iter()
            .any(|(name, purpose)| holds(name, purpose) && needs(standing, name, purpose))
}

fn categories_of<'m>(manifest: &'m Manifest, lifetime: &LifetimeName) -> Vec<&'m CategoryName> {
    manifest.categories.iter().filter(|(_, used)| used.lifetime == *lifetime).map(|(name, _)| name).collect()
}

/// Whether a purpose still has a ground to hold its data: one that is not consent, a yes that
/// stands in any part, or the other ground that the manifest names for after a withdrawal.
fn needs(standing: &Standing, name: &PurposeName, purpose: &Purpose) -> bool {
    if purpose.grounds().any(|ground| ground.basis != Basis::Consent) {
        return true;
    }
    let channels = || std::iter::once(None).chain(Channel::ALL.map(Some));
    let recipients = || std::iter::once(None).chain(purpose.recipients.iter().map(Some));
    let mut states = channels()
        .flat_map(|channel| recipients().map(move |recipient| standing.consent(name, channel, recipient).0));
    states.any(|state| match state {
        ConsentState::Given | ConsentState::Pending | ConsentState::Unsettled => true,
        ConsentState::Withdrawn => purpose.on_withdraw != OnWithdraw::Erase,
        ConsentState::Unasked | ConsentState::Refused => false,
    })
}

/// Whether any identity of the person has a key of the lifetime.
fn has_key(tx: &mut Tx<'_>, core: &Core, person: &Person, lifetime: &LifetimeName) -> Result<bool, AppError> {
    if person.keys.lifetimes().any(|name| name == *lifetime) {
        return Ok(true);
    }
    for alias in &person.aliases {
        let keys = person::open_keys(tx, core, *alias, KeyPart::Person)?;
        if keys.is_some_and(|keys| keys.lifetimes().any(|name| name == *lifetime)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Retention's own work, so the built-in `operation` asks for it and its entry names the lifetime.
fn may_end(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &Person,
    lifetime: &LifetimeName,
    entry: EntryId,
) -> Result<bool, AppError> {
    let purpose = PurposeName::new("operation").map_err(|_| AppError::Internal("a built-in name"))?;
    let mut asked = Use::new(entry, Actor::Job(JOB.to_owned()), Action::Erase, purpose).about(person.id());
    asked.categories = categories_of(&in_force.manifest, lifetime).into_iter().cloned().collect();
    let details = json!({ "lifetime": lifetime, "because": JOB });
    let asked = ask(tx, in_force, Some(person), &asked, Some(details), person.row.clock)?;
    Ok(matches!(asked, Asked::Permitted(..)))
}
