//! One question about many people: a batch, or an audience.

use std::collections::{BTreeMap, BTreeSet};

use model::{About, Basis, EntryId, EntryKind, RestrictionException, SubjectId};

use crate::decide::Prepared;
use crate::decision::{Denial, Enforcement, Finding};
use crate::permit::{Covered, Grant};
use crate::standing::Standing;

/// Whom the answer to one question permits, and why it denies the others.
///
/// Each person is decided as [`crate::decide`] would (INVARIANT(audience-equals-decide)).
#[must_use]
#[derive(Debug)]
pub struct Selection<'p, 'a> {
    prepared: &'p Prepared<'a>,
    granted: BTreeSet<SubjectId>,
    /// Identities that follow somebody granted.
    followers: BTreeSet<SubjectId>,
    bases: BTreeSet<Option<Basis>>,
    exceptions: BTreeSet<Option<RestrictionException>>,
    denied: Vec<DeniedGroup<'p, 'a>>,
}

/// People who are denied for the same reasons.
#[derive(Debug)]
pub struct DeniedGroup<'p, 'a> {
    prepared: &'p Prepared<'a>,
    findings: Vec<Finding>,
    enforcement: Enforcement,
    members: BTreeSet<SubjectId>,
}

impl<'a> Prepared<'a> {
    /// Decides about many people. The subject of the question itself is not looked at.
    pub fn select<'s>(
        &self,
        people: impl IntoIterator<Item = (SubjectId, &'s Standing)>,
    ) -> Selection<'_, 'a> {
        let mut denied: BTreeMap<(Vec<Finding>, Enforcement), BTreeSet<SubjectId>> = BTreeMap::new();
        let mut selection = Selection {
            prepared: self,
            granted: BTreeSet::new(),
            followers: BTreeSet::new(),
            bases: BTreeSet::new(),
            exceptions: BTreeSet::new(),
            denied: Vec::new(),
        };
        for (subject, standing) in people {
            let verdict = self.verdict(standing);
            if verdict.findings.is_empty() {
                selection.granted.insert(subject);
                selection.bases.insert(verdict.basis);
                selection.exceptions.insert(verdict.exception);
            } else {
                denied.entry((verdict.findings, verdict.enforcement)).or_default().insert(subject);
            }
        }
        selection.denied = denied
            .into_iter()
            .map(|((findings, enforcement), members)| DeniedGroup {
                prepared: self,
                findings,
                enforcement,
                members,
            })
            .collect();
        selection
    }
}

impl<'p, 'a> Selection<'p, 'a> {
    /// The people who are permitted.
    #[must_use]
    pub const fn granted(&self) -> &BTreeSet<SubjectId> {
        &self.granted
    }

    /// The others, grouped by why.
    #[must_use]
    pub fn denied(&self) -> &[DeniedGroup<'p, 'a>] {
        &self.denied
    }

    /// Covers identities too that follow the people who are permitted: each pair names the
    /// leading identity and the one that follows. Followers of anybody else stay uncovered.
    pub fn with_followers(mut self, pairs: impl IntoIterator<Item = (SubjectId, SubjectId)>) -> Self {
        let of_granted = pairs.into_iter().filter(|(leader, _)| self.granted.contains(leader));
        self.followers = of_granted.map(|(_, follower)| follower).collect();
        self
    }

    /// One grant for everybody who is permitted, with one entry that names them as `about`
    /// says. The entry carries the basis and the exception that all of them share.
    pub fn grant(&self, entry: EntryId, kind: EntryKind, about: About) -> Grant {
        let covered = Covered::Many(self.granted.union(&self.followers).copied().collect());
        let mut grant = self.prepared.grant(about, covered, shared(&self.bases), shared(&self.exceptions));
        grant.entry.id = entry;
        grant.entry.kind = kind;
        grant
    }
}

impl DeniedGroup<'_, '_> {
    /// Every reason, in the order of the gate.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether it stops the caller.
    #[must_use]
    pub const fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    /// Whom it is about.
    #[must_use]
    pub const fn members(&self) -> &BTreeSet<SubjectId> {
        &self.members
    }

    /// One denial for the whole group, with one entry that names them as `about` says.
    pub fn denial(&self, entry: EntryId, about: About) -> Denial {
        let mut denied = self.prepared.denial_entry(about, &self.findings, self.enforcement);
        denied.id = entry;
        Denial { findings: self.findings.clone(), enforcement: self.enforcement, entry: denied }
    }
}

/// The one value of a set that has exactly one.
pub(crate) fn shared<T: Copy + Ord>(values: &BTreeSet<Option<T>>) -> Option<T> {
    match (values.len(), values.first()) {
        (1, Some(value)) => *value,
        _ => None,
    }
}
