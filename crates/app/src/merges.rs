//! Merging two identities of one person, and parting them again.
//!
//! A merge moves no data: both ids and both key records stay, one id leads, and reads,
//! erasure and sets follow it. It is an act of staff with a reason, or of the person who
//! has proved both; never the result of a shared number or address alone.

mod undo;

use gate::{StaffReason, Use};
use model::{Action, Actor, Answer, Channel, EntryId, MergeId, PurposeName, SubjectId, Timestamp};
use serde_json::{Value, json};
use store::identity::{self, Merge as MergeRow, SubjectState};
use store::{ReadTx, Tx, services};

use crate::ask::{Asked, Verdict, ask, foresee};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::{self, Person};

pub use undo::{Parted, UndoMerge, undo};

/// Identities that follow one leading identity at most.
pub const ALIASES_MAX: usize = 8;

/// How long a merge can be undone, in days.
pub const UNDO_DAYS: i64 = 90;

/// Two identities that are one person.
#[derive(Debug, Clone)]
pub struct Merge {
    /// One of them.
    pub one: SubjectId,
    /// The other.
    pub other: SubjectId,
    /// Which of the two leads; none: the older one.
    pub leader: Option<SubjectId>,
    /// The person, or a member of staff.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// What a merge did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Merged {
    /// The merge.
    pub id: MergeId,
    /// The identity that leads.
    pub leader: SubjectId,
    /// The identity that follows.
    pub alias: SubjectId,
    /// Until when it can be undone.
    pub undo_until: Timestamp,
    /// The entries that record it, one about each identity: the leader's first.
    pub entries: [EntryId; 2],
}

enum Outcome {
    Merged(Merged),
    Denied(Verdict),
}

/// Merges two identities of one person. Where their choices differ, the more protective
/// holds until the person is asked.
///
/// # Errors
/// [`AppError::Denied`], [`AppError::NotFound`], [`AppError::Erased`], and conflicts:
/// `already-merged`, `too-many-identities`, `proof-missing` (the person has not proved an
/// identifier of both).
pub async fn merge(controller: &Controller, request: Merge) -> Result<Merged, AppError> {
    if request.one == request.other {
        return Err(AppError::invalid("other", "an identity cannot be merged with itself"));
    }
    if request.leader.is_some_and(|leader| leader != request.one && leader != request.other) {
        return Err(AppError::invalid("leader", "one of the two identities leads"));
    }
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let act =
        Act { request, id: MergeId::ordered(now), entries: [EntryId::random(), EntryId::random()], now };
    let outcome = controller.db.write("merges.merge", move |tx| act.run(tx, &core, &in_force)).await?;
    match outcome {
        Outcome::Merged(merged) => Ok(merged),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

struct Act {
    request: Merge,
    id: MergeId,
    entries: [EntryId; 2],
    now: Timestamp,
}

impl Act {
    fn run(&self, tx: &mut Tx<'_>, core: &Core, in_force: &InForce) -> Result<Outcome, AppError> {
        if let Some(before) = Idempotency::replayed(self.request.idempotency.as_ref(), tx)? {
            return Ok(Outcome::Merged(before));
        }
        let (mut leader, alias) = self.take_both(tx, core)?;
        // What either of them says from here on comes after what both said before.
        leader.come_after(tx, alias.row.clock)?;
        if self.request.actor == Actor::Customer {
            for person in [&leader, &alias] {
                refuse_unproved(tx, person)?;
            }
        }
        let about = Question {
            actor: &self.request.actor,
            reason: self.request.reason.as_ref(),
            request: self.request.request.as_deref(),
            entries: self.entries,
            now: self.now,
        };
        let details = json!({ "merge": self.id, "leader": leader.id(), "alias": alias.id() });
        if let Some(denial) = about.ask(tx, in_force, &leader, &alias, &details)? {
            return Ok(Outcome::Denied(denial));
        }
        let undo_until = self.now.plus_days(UNDO_DAYS);
        let row = MergeRow {
            leader: leader.id(),
            id: self.id,
            alias: alias.id(),
            // By the leader's own clock, which the wall's may be behind: what they said before is
            // theirs, what is said from here on is of both.
            merged: leader.row.clock,
            undo_until,
            undone: None,
            leader_suppressed: codes(&leader.suppressed),
        };
        identity::add_merge(tx, &row)?;
        identity::set_state(tx, &alias.id(), SubjectState::Alias, Some(&leader.id()))?;
        for id in [leader.id(), alias.id()] {
            services::forget_answers_about(tx, &id)?;
        }
        // The alias keeps its own standing, from which it goes on if the merge is undone.
        for channel in alias.suppressed {
            if !leader.suppressed.contains(&channel) {
                leader.suppressed.push(channel);
            }
        }
        leader.standing =
            leader.standing.protective_merge(&alias.standing).with_suppressed(leader.suppressed.clone());
        leader.store_standing(tx)?;
        let merged =
            Merged { id: self.id, leader: row.leader, alias: row.alias, undo_until, entries: self.entries };
        Idempotency::keep(self.request.idempotency.as_ref(), tx, &merged, self.now)?;
        Ok(Outcome::Merged(merged))
    }

    /// Takes both rows in the order of the ids; answers the leader first.
    fn take_both(&self, tx: &mut Tx<'_>, core: &Core) -> Result<(Box<Person>, Box<Person>), AppError> {
        let (one, other) = (self.request.one, self.request.other);
        let first = take_leading(tx, core, one.min(other), self.now)?;
        let second = take_leading(tx, core, one.max(other), self.now)?;
        let leader = match self.request.leader {
            Some(leader) => leader,
            None => older(tx, first.id(), second.id())?,
        };
        let (leader, alias) = if first.id() == leader { (first, second) } else { (second, first) };
        if !alias.aliases.is_empty() {
            return Err(AppError::conflict(
                "already-merged",
                "the identity that is to follow leads others: let it lead, or undo its merges first",
            ));
        }
        if leader.aliases.len() >= ALIASES_MAX {
            return Err(AppError::conflict(
                "too-many-identities",
                format!("{ALIASES_MAX} identities follow one at most"),
            ));
        }
        Ok((leader, alias))
    }
}

/// Takes the row of an identity that leads, or stands alone.
fn take_leading(
    tx: &mut Tx<'_>,
    core: &Core,
    id: SubjectId,
    now: Timestamp,
) -> Result<Box<Person>, AppError> {
    let person = person::take_living(tx, core, id, now)?;
    if person.id() == id {
        return Ok(person);
    }
    Err(AppError::conflict(
        "already-merged",
        format!("`{id}` follows `{}` already: merge that one, or undo the merge first", person.id()),
    ))
}

fn older(tx: &mut Tx<'_>, one: SubjectId, other: SubjectId) -> Result<SubjectId, AppError> {
    let (one_made, other_made) = (identity::created(tx, &one)?, identity::created(tx, &other)?);
    Ok(if (one_made, one) <= (other_made, other) { one } else { other })
}

/// A person joins identities only whose identifiers they have proved, and not by one that
/// several people commonly share.
fn refuse_unproved(tx: &mut ReadTx<'_>, person: &Person) -> Result<(), AppError> {
    let held = identity::held(tx, &person.id())?;
    if held.iter().any(|row| row.verified && !row.kind.is_shared()) {
        return Ok(());
    }
    Err(AppError::conflict(
        "proof-missing",
        "the person has to prove an address or number of both identities first",
    ))
}

/// The question to the gate about both identities, each with an entry of its own.
struct Question<'a> {
    actor: &'a Actor,
    reason: Option<&'a StaffReason>,
    request: Option<&'a str>,
    /// The entries' ids: the leader's first.
    entries: [EntryId; 2],
    now: Timestamp,
}

impl Question<'_> {
    /// Asks about both. A no about one of them is asked first and is the only entry, so that
    /// no entry tells of a merge that did not happen.
    fn ask(
        &self,
        tx: &mut Tx<'_>,
        in_force: &InForce,
        leader: &Person,
        alias: &Person,
        details: &Value,
    ) -> Result<Option<Verdict>, AppError> {
        let [of_leader, of_alias] = self.entries;
        let mut both = [(leader, self.about(of_leader, leader)), (alias, self.about(of_alias, alias))];
        both.sort_by_key(|(person, asked)| {
            foresee(in_force, &person.standing, asked, self.now).answer == Answer::Granted
        });
        for (person, asked) in &both {
            if let Asked::Refused(verdict) =
                ask(tx, in_force, Some(person), asked, Some(details.clone()), self.now)?
            {
                return Ok(Some(verdict));
            }
        }
        Ok(None)
    }

    #[expect(clippy::expect_used, reason = "the text is a constant that follows the rule for names")]
    fn about(&self, entry: EntryId, person: &Person) -> Use {
        let purpose = PurposeName::new("rights").expect("a name");
        let mut asked = Use::new(entry, self.actor.clone(), Action::Merge, purpose).about(person.id());
        asked.reason = self.reason.cloned();
        asked.request = self.request.map(str::to_owned);
        asked
    }
}

/// The codes of channels as they are stored, joined by blanks.
fn codes(channels: &[Channel]) -> String {
    channels.iter().map(|channel| channel.code()).collect::<Vec<_>>().join(" ")
}
