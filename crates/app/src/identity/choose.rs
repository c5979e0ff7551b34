//! Whom the identifiers of one row lead to: one rule for rows, files and choices.

use std::collections::HashMap;

use model::{IdentifierKind, SubjectId};
use store::ReadTx;
use store::identity::{self, Owner};

use super::Known;
use crate::error::AppError;

/// Where one identifier of a row leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Led {
    /// The leading identity that has it.
    pub(crate) leader: SubjectId,
    /// Whether it is proved: by its owner, or by the system of the row ([`Known::is_proof`]).
    pub(crate) verified: bool,
}

/// Where a whole row leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// A person we know.
    Person(SubjectId),
    /// Somebody new.
    Nobody,
    /// Two people: the row is refused.
    Disagree,
}

/// Chooses the person of a row by where each of its identifiers leads. Only an identifier
/// that is proved joins a row to a history:
///
/// 1. An identifier of a shared kind (a phone, a card) is passed over as long as the row
///    has one of another kind.
/// 2. Those that are proved decide: they lead to one person, whose row it is, or to two,
///    and the row is refused. What is merely claimed by somebody else changes neither.
/// 3. If none is proved, the claimed ones lead to their person only if every identifier of
///    the row does so: the row says nothing new about who that is. Where they lead to two
///    people, the row is refused.
/// 4. Else the row is about somebody new.
///
/// What the row then has in common with somebody else stays theirs.
pub(crate) fn choose<'a>(led: impl Iterator<Item = (&'a IdentifierKind, Option<Led>)> + Clone) -> Lead {
    let has_own = led.clone().any(|(kind, _)| !kind.is_shared());
    let telling = led.filter(|(kind, _)| !(has_own && kind.is_shared())).map(|(_, led)| led);
    let known = telling.clone().flatten();
    match one(known.clone().filter(|led| led.verified)) {
        Lead::Nobody => {}
        proved => return proved,
    }
    match one(known) {
        Lead::Person(_) if telling.clone().any(|led| led.is_none()) => Lead::Nobody,
        claimed => claimed,
    }
}

fn one(mut led: impl Iterator<Item = Led>) -> Lead {
    match led.next() {
        None => Lead::Nobody,
        Some(first) if led.all(|other| other.leader == first.leader) => Lead::Person(first.leader),
        Some(_) => Lead::Disagree,
    }
}

/// A row's person, and who has which of its identifiers.
pub(crate) struct Resolved {
    /// The person, if somebody known.
    pub(crate) person: Option<SubjectId>,
    /// The owner of each identifier, in the order of the row.
    pub(crate) owners: Vec<Option<Owner>>,
}

/// Resolves the identifiers of one row ([`choose`]).
///
/// # Errors
/// `identifiers-disagree` when they lead to two people.
pub(crate) fn resolve_row(tx: &mut ReadTx<'_>, known: &[Known]) -> Result<Resolved, AppError> {
    let wanted: Vec<_> = known.iter().map(|known| (&known.kind, &known.hash)).collect();
    let found: HashMap<_, _> =
        identity::owners(tx, &wanted)?.into_iter().map(|owner| (owner.hash, owner)).collect();
    let owners: Vec<Option<Owner>> = known.iter().map(|known| found.get(&known.hash).cloned()).collect();
    let led = known.iter().zip(&owners).map(|(known, owner)| {
        (
            &known.kind,
            owner
                .as_ref()
                .map(|owner| Led { leader: owner.leader, verified: owner.verified || known.is_proof() }),
        )
    });
    match choose(led) {
        Lead::Person(person) => Ok(Resolved { person: Some(person), owners }),
        Lead::Nobody => Ok(Resolved { person: None, owners }),
        Lead::Disagree => Err(AppError::conflict(
            "identifiers-disagree",
            "the identifiers lead to two people: send one person's, or merge them first",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_proved_joins_a_row_to_a_history() {
        let (ada, ben) = (SubjectId::random(), SubjectId::random());
        let proved = |leader| Some(Led { leader, verified: true });
        let claimed = |leader| Some(Led { leader, verified: false });
        type Row<'a> = (&'a [(&'a str, Option<Led>)], Lead);
        let table: &[Row<'_>] = &[
            (&[("email", None)], Lead::Nobody),
            (&[("email", claimed(ada))], Lead::Person(ada)),
            (&[("email", proved(ada))], Lead::Person(ada)),
            (&[("phone", claimed(ada))], Lead::Person(ada)),
            // A shared kind beside another one neither joins nor parts.
            (&[("email", None), ("phone", claimed(ada))], Lead::Nobody),
            (&[("email", None), ("phone", proved(ada))], Lead::Nobody),
            (&[("email", claimed(ben)), ("phone", proved(ada))], Lead::Person(ben)),
            (&[("phone", None), ("email", claimed(ada))], Lead::Person(ada)),
            // What is merely claimed does not lead a row that says something new.
            (&[("customer-number", None), ("email", claimed(ada))], Lead::Nobody),
            (&[("email", claimed(ada)), ("customer-number", None)], Lead::Nobody),
            (&[("customer-number", claimed(ada)), ("email", claimed(ada))], Lead::Person(ada)),
            // What is proved does, whatever others claim.
            (&[("customer-number", proved(ada)), ("email", None)], Lead::Person(ada)),
            (&[("customer-number", proved(ada)), ("email", claimed(ben))], Lead::Person(ada)),
            (&[("email", claimed(ben)), ("customer-number", proved(ada))], Lead::Person(ada)),
            // Two people are never one row.
            (&[("customer-number", proved(ada)), ("email", proved(ben))], Lead::Disagree),
            (&[("customer-number", claimed(ada)), ("email", claimed(ben))], Lead::Disagree),
        ];
        for (row, expected) in table {
            let kinds: Vec<(IdentifierKind, Option<Led>)> =
                row.iter().map(|(kind, led)| (kind.parse().unwrap(), *led)).collect();
            assert_eq!(choose(kinds.iter().map(|(kind, led)| (kind, *led))), *expected, "{row:?}");
        }
    }
}
