//! Grant and permit: the only keys to personal data.
//!
//! `decide` alone makes a [`Grant`]. A grant becomes a [`Permit`] only by writing its ledger
//! entry, and what opens, writes or sends personal data takes `&Permit`: an act without an
//! entry does not compile.
//!
//! A permit cannot be made from outside:
//! ```compile_fail,E0451
//! fn forge(scope: std::sync::Arc<gate::Scope>, entry: model::EntryId) -> gate::Permit<'static> {
//!     gate::Permit { scope, entry, until: model::Timestamp::default(), brand: std::marker::PhantomData }
//! }
//! ```
//! nor cloned:
//! ```compile_fail,E0599
//! fn twice(permit: gate::Permit<'static>) -> gate::Permit<'static> { permit.clone() }
//! ```
//! nor can a grant be made or cloned:
//! ```compile_fail,E0451
//! fn forge(scope: std::sync::Arc<gate::Scope>, entry: model::Entry) -> gate::Grant {
//!     gate::Grant { scope, entry, until: model::Timestamp::default() }
//! }
//! ```
//! ```compile_fail,E0599
//! fn twice(grant: gate::Grant) -> gate::Grant { grant.clone() }
//! ```
//! nor does a permit outlive the transaction that wrote its entry:
//! ```compile_fail
//! fn longer<'c>(permit: gate::Permit<'c>) -> gate::Permit<'static> { permit }
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::sync::Arc;

use model::manifest::View;
use model::{Action, CategoryName, Entry, EntryId, Personal, PurposeName, SubjectId, Timestamp};

/// How long a grant and its permit live.
pub const PERMIT_SECONDS: i64 = 60;

/// Whose data a permit opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Covered {
    Nobody,
    /// One person: the leading identity, and those that follow it.
    One(SubjectId, BTreeSet<SubjectId>),
    Many(BTreeSet<SubjectId>),
}

/// What is to be kept to when the grant is used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Obligations {
    /// How each category may be seen.
    pub views: BTreeMap<CategoryName, View>,
    /// Whether the message must carry a way to unsubscribe at once (RFC 8058).
    pub unsubscribe: bool,
    /// Until when what is collected may be kept, where that counts from collection.
    pub keep_until: Option<Timestamp>,
}

/// What a grant covers. It can be looked at through [`Grant`] and [`Permit`] only.
#[derive(Debug)]
pub struct Scope {
    pub(crate) covered: Covered,
    pub(crate) purpose: PurposeName,
    pub(crate) action: Action,
    pub(crate) obligations: Obligations,
}

/// The answer yes, before it stands in the ledger.
#[must_use = "a grant that is not recorded permits nothing"]
#[derive(Debug)]
pub struct Grant {
    pub(crate) scope: Arc<Scope>,
    pub(crate) entry: Entry,
    pub(crate) until: Timestamp,
}

/// What writes ledger entries: a transaction of the store, or a fake in tests.
pub trait Record<'c> {
    /// Why the entry could not be written.
    type Error;

    /// Writes an entry and says its id.
    ///
    /// # Errors
    /// When the entry could not be written; then there is no permit.
    fn record(&mut self, entry: &Entry) -> Result<EntryId, Self::Error>;
}

impl Grant {
    /// Writes the entry; only then is there a permit. It lives no longer than what wrote it.
    ///
    /// # Errors
    /// When the entry could not be written.
    pub fn record<'c, R: Record<'c>>(&self, ledger: &mut R) -> Result<Permit<'c>, R::Error> {
        let entry = ledger.record(&self.entry)?;
        Ok(Permit { scope: Arc::clone(&self.scope), entry, until: self.until, brand: PhantomData })
    }

    /// The entry to be written.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// What is to be kept to.
    #[must_use]
    pub fn obligations(&self) -> &Obligations {
        &self.scope.obligations
    }

    /// The moment at which the grant ends.
    #[must_use]
    pub const fn until(&self) -> Timestamp {
        self.until
    }
}

/// The right to do what was granted, once, now, by whoever holds it.
#[must_use = "a permit is there to be shown to what opens data"]
#[derive(Debug)]
pub struct Permit<'c> {
    scope: Arc<Scope>,
    entry: EntryId,
    until: Timestamp,
    /// Invariant in `'c`, so that a permit is of no use outside its own transaction.
    brand: PhantomData<fn(&'c ()) -> &'c ()>,
}

/// The permit does not cover the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCovered {
    /// It does not cover the category.
    #[error("the permit does not cover `{0}`")]
    Category(CategoryName),
    /// It covers the category masked or tokenised only.
    #[error("the permit does not show `{0}` in the clear")]
    View(CategoryName),
}

impl Permit<'_> {
    /// Whether the permit covers this category of this person's data.
    #[must_use]
    pub fn covers(&self, subject: &SubjectId, category: &CategoryName) -> bool {
        self.covers_person(subject) && self.scope.obligations.views.contains_key(category)
    }

    /// Whether the permit covers this identity of a person at all.
    #[must_use]
    pub fn covers_person(&self, subject: &SubjectId) -> bool {
        match &self.scope.covered {
            Covered::Nobody => false,
            Covered::One(leader, aliases) => leader == subject || aliases.contains(subject),
            Covered::Many(covered) => covered.contains(subject),
        }
    }

    /// The one person it is about, by the leading identity; none where it is about nobody or many.
    #[must_use]
    pub fn subject(&self) -> Option<SubjectId> {
        match &self.scope.covered {
            Covered::One(leader, _) => Some(*leader),
            Covered::Nobody | Covered::Many(_) => None,
        }
    }

    /// How values of a category may be seen; none: not at all.
    #[must_use]
    pub fn view(&self, category: &CategoryName) -> Option<View> {
        self.scope.obligations.views.get(category).copied()
    }

    /// What is to be kept to.
    #[must_use]
    pub fn obligations(&self) -> &Obligations {
        &self.scope.obligations
    }

    /// Why the data may be used.
    #[must_use]
    pub fn purpose(&self) -> &PurposeName {
        &self.scope.purpose
    }

    /// What may be done.
    #[must_use]
    pub fn action(&self) -> Action {
        self.scope.action
    }

    /// The ledger entry that stands for it.
    #[must_use]
    pub const fn entry(&self) -> EntryId {
        self.entry
    }

    /// Whether the permit still lives.
    #[must_use]
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        now < self.until
    }

    /// Lets a value out in the clear.
    ///
    /// # Errors
    /// When the permit does not cover the category, or not in the clear.
    #[expect(clippy::disallowed_methods, reason = "this is the one way out, and it asks for the permit")]
    pub fn reveal<'p, T>(
        &'p self,
        value: &'p Personal<T>,
        category: &CategoryName,
    ) -> Result<Revealed<'p, T>, NotCovered> {
        match self.view(category) {
            Some(View::Clear) => Ok(Revealed(Held::Clear(value.expose()))),
            Some(View::Masked | View::Tokenised) => Err(NotCovered::View(category.clone())),
            None => Err(NotCovered::Category(category.clone())),
        }
    }

    /// Lets a value out as the permit says: `hide` makes of it what a masked or tokenised
    /// view shows, and is not asked for a clear one.
    ///
    /// # Errors
    /// When the permit does not cover the category.
    #[expect(clippy::disallowed_methods, reason = "this is the one way out, and it asks for the permit")]
    pub fn reveal_as<'p, T>(
        &'p self,
        value: &'p Personal<T>,
        category: &CategoryName,
        hide: impl FnOnce(&T, View) -> T,
    ) -> Result<Revealed<'p, T>, NotCovered> {
        match self.view(category) {
            Some(View::Clear) => Ok(Revealed(Held::Clear(value.expose()))),
            Some(view) => Ok(Revealed(Held::Hidden(hide(value.expose(), view)))),
            None => Err(NotCovered::Category(category.clone())),
        }
    }
}

/// A value on its way out, under a permit. It can be serialised and nothing else.
pub struct Revealed<'p, T>(Held<'p, T>);

enum Held<'p, T> {
    Clear(&'p T),
    Hidden(T),
}

impl<T: serde::Serialize> serde::Serialize for Revealed<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Held::Clear(value) => value.serialize(serializer),
            Held::Hidden(value) => value.serialize(serializer),
        }
    }
}

impl<T> std::fmt::Debug for Revealed<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("‹personal›")
    }
}
