//! Parting two identities that were merged.

use std::collections::BTreeSet;

use gate::{StaffReason, Standing};
use model::{Actor, Channel, EntryId, EventId, MergeId, SubjectId, Timestamp};
use serde_json::json;
use store::consent::EventRow;
use store::identity::{self, Merge as MergeRow, SubjectState};
use store::key_record::KeyPart;
use store::{ReadTx, Tx, consent, retention, services};

use super::Question;
use crate::ask::Verdict;
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::identity::suppressed_channels;
use crate::person::{self, Person};

/// A merge that is to be undone.
#[derive(Debug, Clone)]
pub struct UndoMerge {
    /// The merge.
    pub id: MergeId,
    /// The person, or a member of staff.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// Two identities that stand alone again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Parted {
    /// The merge that was undone.
    pub id: MergeId,
    /// The identity that led.
    pub leader: SubjectId,
    /// The identity that followed.
    pub alias: SubjectId,
    /// The entries that record it, one about each identity: the leader's first.
    pub entries: [EntryId; 2],
}

enum Outcome {
    Parted(Parted),
    Denied(Verdict),
}

/// Undoes a merge. Each identity stands where its own events put it; what was recorded
/// since the merge stays with the leader, and every no of that time holds for both.
///
/// # Errors
/// [`AppError::Denied`], [`AppError::NotFound`], [`AppError::Erased`], and conflicts:
/// `undone-already`, `undo-over` after 90 days.
pub async fn undo(controller: &Controller, request: UndoMerge) -> Result<Parted, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let act = Act { request, entries: [EntryId::random(), EntryId::random()], now };
    let outcome = controller.db.write("merges.undo", move |tx| act.run(tx, &core, &in_force)).await?;
    match outcome {
        Outcome::Parted(parted) => Ok(parted),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

struct Act {
    request: UndoMerge,
    entries: [EntryId; 2],
    now: Timestamp,
}

impl Act {
    fn run(&self, tx: &mut Tx<'_>, core: &Core, in_force: &InForce) -> Result<Outcome, AppError> {
        if let Some(before) = Idempotency::replayed(self.request.idempotency.as_ref(), tx)? {
            return Ok(Outcome::Parted(before));
        }
        let merge = identity::find_merge(tx, &self.request.id)?.ok_or(AppError::NotFound("merge"))?;
        let (mut leader, mut alias) = take_both(tx, core, &merge, self.now)?;
        // What the alias says from here on comes after the noes that it takes over.
        alias.come_after(tx, leader.row.clock)?;
        self.refuse_late(tx)?;
        let about = Question {
            actor: &self.request.actor,
            reason: self.request.reason.as_ref(),
            request: self.request.request.as_deref(),
            entries: self.entries,
            now: self.now,
        };
        let details = json!({ "undone": merge.id, "leader": merge.leader, "alias": merge.alias });
        if let Some(denial) = about.ask(tx, in_force, &leader, &alias, &details)? {
            return Ok(Outcome::Denied(denial));
        }
        identity::undo_merge(tx, &merge.leader, &merge.id, self.now)?;
        identity::set_state(tx, &alias.id(), SubjectState::Active, None)?;
        services::forget_answers_about(tx, &merge.leader)?;
        leader.aliases.retain(|id| *id != merge.alias);
        restore_leader(tx, &mut leader, &alias, &merge)?;
        take_over(tx, &mut alias, &merge)?;
        // What it was told since is sealed under it, and its addresses go with it.
        for channel in closed_since(tx, alias.id(), merge.merged)? {
            if !alias.suppressed.contains(&channel) {
                alias.suppressed.push(channel);
            }
        }
        alias.standing = alias.standing.clone().with_suppressed(alias.suppressed.iter().copied());
        alias.store_standing(tx)?;
        let parted = Parted { id: merge.id, leader: merge.leader, alias: merge.alias, entries: self.entries };
        Idempotency::keep(self.request.idempotency.as_ref(), tx, &parted, self.now)?;
        Ok(Outcome::Parted(parted))
    }

    /// Looks at the merge again, now that both rows are taken.
    fn refuse_late(&self, tx: &mut Tx<'_>) -> Result<(), AppError> {
        let merge = identity::find_merge(tx, &self.request.id)?.ok_or(AppError::NotFound("merge"))?;
        if merge.undone.is_some() {
            return Err(AppError::conflict("undone-already", "the merge was undone already"));
        }
        if self.now > merge.undo_until {
            let day = merge.undo_until.date();
            return Err(AppError::conflict("undo-over", format!("the merge could be undone until {day}")));
        }
        Ok(())
    }
}

/// Takes the rows of leader and alias in the order of their ids.
fn take_both(
    tx: &mut Tx<'_>,
    core: &Core,
    merge: &MergeRow,
    now: Timestamp,
) -> Result<(Box<Person>, Box<Person>), AppError> {
    let (leader, row) = if merge.leader < merge.alias {
        let leader = person::take_living(tx, core, merge.leader, now)?;
        (leader, identity::take(tx, &merge.alias, now)?)
    } else {
        let row = identity::take(tx, &merge.alias, now)?;
        (person::take_living(tx, core, merge.leader, now)?, row)
    };
    let row = row.ok_or(AppError::NotFound("person"))?;
    let keys = person::open_keys(tx, core, merge.alias, KeyPart::Person)?
        .ok_or(AppError::Internal("an alias has no key record"))?;
    let (standing, suppressed) = person::standing(tx, merge.alias)?;
    Ok((leader, Box::new(Person { row, keys, standing, suppressed, aliases: Vec::new() })))
}

/// The alias kept its own standing. What was withdrawn or refused while the two were one was
/// said by either of them, so it holds for both until the person is asked. Those events become
/// the alias's own, with their ids, moments and entries, so that folding its events again comes
/// to the same standing, also when the other identity is erased.
fn take_over(tx: &mut Tx<'_>, alias: &mut Person, merge: &MergeRow) -> Result<(), AppError> {
    let own: BTreeSet<EventId> =
        consent::events(tx, &alias.id())?.into_iter().map(|event| event.facts.id).collect();
    let since: Vec<EventRow> = consent::events(tx, &merge.leader)?
        .into_iter()
        .filter(|event| event.facts.recorded >= merge.merged && !own.contains(&event.facts.id))
        .collect();
    let mut noes = Standing::default();
    noes.take_nos(&Standing::fold(since.iter().map(|event| &event.facts)));
    // An event counts among the noes where taking it in changes nothing there.
    let is_no = |event: &EventRow| {
        let alone = Standing::fold([&event.facts]);
        let mut with = noes.clone();
        with.apply(&event.facts);
        alone != Standing::default() && with == noes
    };
    let taken: Vec<EventRow> = since.into_iter().filter(is_no).collect();
    consent::add_events(tx, &alias.id(), &taken)?;
    for event in &taken {
        alias.standing.apply(&event.facts);
    }
    Ok(())
}

/// The leader's standing out of its own events and those of the identities that still
/// follow it. Channels that only suppressions of the parting identity closed open again.
fn restore_leader(
    tx: &mut Tx<'_>,
    leader: &mut Person,
    alias: &Person,
    merge: &MergeRow,
) -> Result<(), AppError> {
    let standing = person::fold(tx, leader.id())?;
    let mut closed = person::channels(&merge.leader_suppressed);
    closed.extend(closed_since(tx, leader.id(), merge.merged)?);
    for other in &leader.aliases {
        closed.extend(person::standing(tx, *other)?.1);
    }
    leader.suppressed.retain(|channel| closed.contains(channel) || !alias.suppressed.contains(channel));
    leader.standing = standing.with_suppressed(leader.suppressed.iter().copied());
    leader.store_standing(tx)
}

/// The channels that suppressions close by addresses which an identity has claimed since a moment.
fn closed_since(tx: &mut ReadTx<'_>, subject: SubjectId, since: Timestamp) -> Result<Vec<Channel>, AppError> {
    let hashes: Vec<[u8; 32]> =
        identity::tombs_since(tx, &subject, since)?.into_iter().map(|(_, tomb)| tomb).collect();
    let scopes = retention::suppressed(tx, &hashes)?;
    Ok(scopes.iter().flat_map(|(_, scope)| suppressed_channels(scope)).collect())
}
