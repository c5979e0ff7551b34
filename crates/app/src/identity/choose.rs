//! Whom the identifiers of one row lead to: one rule for rows, files and choices.

use std::collections::HashMap;

use model::IdentifierKind;
use store::ReadTx;
use store::identity::{self, Owner};

use super::{Known, Place};
use crate::error::AppError;

/// Where one identifier of a row leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Led {
    /// The identity that has it, and the one that leads that.
    pub(crate) place: Place,
    /// Whether it is proved: by its owner, or by the system of the row ([`Known::is_proof`]).
    pub(crate) verified: bool,
}

/// Where a whole row leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// A person we know, and which of their identities the row goes to.
    Person(Place),
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
/// What the row then has in common with somebody else stays theirs. Of the identities of its
/// person the row goes to the one that has the first of its identifiers that lead to them: a
/// proved one, if there is any, and none of a shared kind, unless there is no other ([`Place`]).
pub(crate) fn choose<'a>(led: impl Iterator<Item = (&'a IdentifierKind, Option<Led>)> + Clone) -> Lead {
    match person(led.clone()) {
        Lead::Person(place) => Lead::Person(home(led, place)),
        other => other,
    }
}

fn person<'a>(led: impl Iterator<Item = (&'a IdentifierKind, Option<Led>)> + Clone) -> Lead {
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
        Some(first) if led.all(|other| other.place.leader == first.place.leader) => Lead::Person(first.place),
        Some(_) => Lead::Disagree,
    }
}

fn home<'a>(led: impl Iterator<Item = (&'a IdentifierKind, Option<Led>)>, found: Place) -> Place {
    led.filter_map(|(kind, led)| Some((kind, led?)))
        .filter(|(_, led)| led.place.leader == found.leader)
        .min_by_key(|(kind, led)| (kind.is_shared(), !led.verified))
        .map_or(found, |(_, led)| led.place)
}

/// A row's person, and who has which of its identifiers.
pub(crate) struct Resolved {
    /// The person and the identity that the row goes to, if somebody known.
    pub(crate) place: Option<Place>,
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
                .map(|owner| Led { place: Place::of(owner), verified: owner.verified || known.is_proof() }),
        )
    });
    match choose(led) {
        Lead::Person(place) => Ok(Resolved { place: Some(place), owners }),
        Lead::Nobody => Ok(Resolved { place: None, owners }),
        Lead::Disagree => Err(AppError::conflict(
            "identifiers-disagree",
            "the identifiers lead to two people: send one person's, or merge them first",
        )),
    }
}

#[cfg(test)]
mod tests {
    use model::SubjectId;

    use super::*;

    #[test]
    fn only_what_is_proved_joins_a_row_to_a_history() {
        let [ada, ben] = [SubjectId::random(), SubjectId::random()].map(|leader| Place {
            leader,
            home: leader,
            is_new: false,
        });
        let proved = |place| Some(Led { place, verified: true });
        let claimed = |place| Some(Led { place, verified: false });
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
    #[test]
    fn a_row_goes_to_the_identity_that_it_names_by_the_best_of_its_identifiers() {
        let [leader, alias, third] = [SubjectId::random(), SubjectId::random(), SubjectId::random()];
        let of = |home, verified| Some(Led { place: Place { leader, home, is_new: false }, verified });
        type Row<'a> = (&'a [(&'a str, Option<Led>)], SubjectId);
        let table: &[Row<'_>] = &[
            (&[("email", of(alias, false))], alias),
            (&[("email", of(leader, false)), ("customer-number", of(alias, true))], alias),
            (&[("customer-number", of(leader, true)), ("email", of(alias, true))], leader),
            (&[("phone", of(leader, true)), ("email", of(alias, false))], alias),
            (&[("phone", of(alias, false))], alias),
            (&[("customer-number", of(third, true)), ("phone", of(alias, true)), ("email", None)], third),
        ];
        for (row, home) in table {
            let kinds: Vec<(IdentifierKind, Option<Led>)> =
                row.iter().map(|(kind, led)| (kind.parse().unwrap(), *led)).collect();
            let found = choose(kinds.iter().map(|(kind, led)| (kind, *led)));
            assert_eq!(found, Lead::Person(Place { leader, home: *home, is_new: false }), "{row:?}");
        }
    }
}
