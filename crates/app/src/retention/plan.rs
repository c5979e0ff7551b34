//! What an erasure would end and what would stay: looked at, not done.

use std::collections::{BTreeMap, BTreeSet};

use gate::Standing;
use model::{EntryId, LifetimeName, SubjectId, Timestamp};
use store::identity::{self, SubjectState};
use store::key_record::{self, KeyPart};
use store::{ReadTx, retention, vault};

use super::grounds::{Kept, Stays, duty, holding};
use super::{Erase, Extent};
use crate::ask::{Verdict, foresee};
use crate::consent::lasting;
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::person::{self, open_keys};

/// What an erasure would do now.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Plan {
    /// Whom, by the leading id.
    pub subject: SubjectId,
    /// What the gate would answer.
    pub verdict: Verdict,
    /// How many identities of the person it covers.
    pub identities: usize,
    /// What ends, by lifetime.
    pub ends: Vec<Ends>,
    /// What stays, why and until when.
    pub stays: Vec<Stays>,
    /// How many identifiers end.
    pub identifiers: usize,
    /// How many consent events end (their proof stays as evidence).
    pub events: i64,
    /// How many entries of the ledger no longer lead to the person.
    pub entries: i64,
}

/// A lifetime that ends.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ends {
    /// The lifetime.
    pub lifetime: LifetimeName,
    /// How many values and records are gone with it.
    pub items: i64,
}

/// Says what an erasure would end, what would stay, and whether the gate would permit it.
/// Nothing is done and nothing is recorded.
///
/// # Errors
/// [`AppError::NotFound`], [`AppError::Erased`].
pub async fn plan(controller: &Controller, request: Erase) -> Result<Plan, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let entry = EntryId::random();
    controller
        .db
        .read_long("retention.plan", move |tx| look(tx, &core, &in_force, &request, entry, now))
        .await
}

fn look(
    tx: &mut ReadTx<'_>,
    core: &Core,
    in_force: &InForce,
    request: &Erase,
    entry: EntryId,
    now: Timestamp,
) -> Result<Plan, AppError> {
    let subject = request.subject;
    let found = identity::find(tx, &subject)?.ok_or(AppError::NotFound("person"))?;
    if found.state == SubjectState::Erased {
        return Err(AppError::Erased(subject));
    }
    let leader = found.leader.unwrap_or(subject);
    let mut ids = identity::aliases(tx, &leader)?;
    ids.insert(0, leader);
    let (standing, _) = person::standing(tx, leader)?;
    let mut sum = Sum::default();
    for id in &ids {
        sum.add(tx, core, in_force, (*id, &standing), now)?;
    }
    let verdict = foresee(in_force, &standing, &request.question(entry, leader), now);
    let mut plan = sum.into_plan(leader, ids.len(), verdict, now)?;
    if let Extent::Lifetime(lifetime) = &request.extent {
        plan.ends.retain(|ends| ends.lifetime == *lifetime);
        plan.stays.retain(|stays| stays.lifetime.as_ref() == Some(lifetime));
        (plan.identifiers, plan.events, plan.entries) = (0, 0, 0);
    }
    Ok(plan)
}

/// What the identities of a person come to together.
#[derive(Default)]
struct Sum {
    ends: BTreeMap<LifetimeName, i64>,
    duties: BTreeMap<LifetimeName, Stays>,
    has_evidence: bool,
    evidence: i64,
    identifiers: usize,
    suppressions: i64,
    events: i64,
    entries: i64,
}

impl Sum {
    fn add(
        &mut self,
        tx: &mut ReadTx<'_>,
        core: &Core,
        in_force: &InForce,
        (id, standing): (SubjectId, &Standing),
        now: Timestamp,
    ) -> Result<(), AppError> {
        let keys = open_keys(tx, core, id, KeyPart::Person)?
            .ok_or(AppError::Internal("a living person has no key record"))?;
        let mut counts: BTreeMap<LifetimeName, i64> =
            vault::count_by_lifetime(tx, &id)?.into_iter().collect();
        // Rows of a lifetime that ended before wait for their sweep: nothing ends with them.
        let living: BTreeSet<LifetimeName> = keys.lifetimes().collect();
        counts.retain(|lifetime, _| living.contains(lifetime));
        for lifetime in living {
            counts.entry(lifetime).or_default();
        }
        for (lifetime, items) in counts {
            let newest = retention::newest(tx, &id, &lifetime)?;
            match newest.and_then(|newest| duty(&in_force.manifest, &lifetime, newest, now, now)) {
                Some(stays) => self.add_duty(lifetime, stays, items),
                None => *self.ends.entry(lifetime).or_default() += items,
            }
        }
        let tombs = identity::tombs(tx, &id)?;
        self.identifiers += tombs.len();
        // What is closed already, and what the erasure closes for good.
        let hashes: Vec<[u8; 32]> = tombs.iter().map(|(_, tomb)| *tomb).collect();
        let mut closed: BTreeSet<([u8; 32], String)> =
            retention::suppressed(tx, &hashes)?.into_iter().collect();
        for (kind, tomb) in &tombs {
            let scopes = lasting(&in_force.manifest, standing, kind);
            closed.extend(scopes.into_iter().map(|scope| (*tomb, scope.to_owned())));
        }
        self.suppressions += i64::try_from(closed.len()).unwrap_or(i64::MAX);
        let traces = retention::traces(tx, &id)?;
        self.events += traces.events;
        self.entries += traces.entries;
        self.evidence += traces.evidence;
        self.has_evidence |= key_record::find(tx, &id, KeyPart::Evidence)?.is_some();
        Ok(())
    }

    fn add_duty(&mut self, lifetime: LifetimeName, stays: Stays, items: i64) {
        let kept = self.duties.entry(lifetime).or_insert_with(|| Stays { items: Some(0), ..stays.clone() });
        kept.items = kept.items.map(|before| before + items);
        kept.until = kept.until.max(stays.until);
    }

    fn into_plan(
        self,
        subject: SubjectId,
        identities: usize,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<Plan, AppError> {
        let mut stays: Vec<Stays> = self.duties.into_values().collect();
        if self.has_evidence {
            stays.push(Stays { items: Some(self.evidence), ..holding(Kept::Evidence, now)? });
        }
        if self.identifiers > 0 {
            let items = i64::try_from(self.identifiers).ok();
            stays.push(Stays { items, ..holding(Kept::Tombstone, now)? });
        }
        if self.suppressions > 0 {
            stays.push(Stays { items: Some(self.suppressions), ..holding(Kept::Suppression, now)? });
        }
        Ok(Plan {
            subject,
            verdict,
            identities,
            ends: self.ends.into_iter().map(|(lifetime, items)| Ends { lifetime, items }).collect(),
            stays,
            identifiers: self.identifiers,
            events: self.events,
            entries: self.entries,
        })
    }
}
