//! The standings of many people, kept in memory by column: as many bytes as there are
//! purposes, and a decision about everybody is a pass over three columns.
//!
//! A column holds, for each person, the number of a *shape*: what was said, and in which
//! order. Few people say something that nobody else said, so there are few shapes, and one
//! decision about a shape is the decision about everybody who has it
//! (INVARIANT(order-decides), INVARIANT(audience-equals-decide)).

mod column;
mod index;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use model::{PurposeName, SubjectId};

use self::column::Column;
use self::index::Index;
use crate::standing::Standing;
use crate::standing::parts::{KeyWriter, Words};

/// The standings of many people.
#[derive(Debug, Default)]
pub struct Standings {
    index: Index,
    /// The person's version, at least 1, cut to 32 bits; 0 in the row of somebody who is gone.
    versions: Vec<u32>,
    /// What is said of all purposes; it stands for every purpose that has no column yet.
    whole: Column,
    purposes: HashMap<PurposeName, Column>,
    rest: Column,
    recipients: Column,
    words: Shapes<Words>,
    rests: Shapes<Standing>,
    declined: Shapes<Standing>,
    writer: KeyWriter,
    present: usize,
}

/// Different parts, each with its number. Number 0 is the part in which nothing was said.
#[derive(Debug)]
struct Shapes<T> {
    number_of: HashMap<Box<[u8]>, u32>,
    shapes: Vec<T>,
}

/// What a decision for one purpose asks of a person: people of one class are decided alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Class {
    words: u32,
    rest: u32,
    recipients: u32,
}

impl<T: Default> Default for Shapes<T> {
    fn default() -> Self {
        Self { number_of: HashMap::from([(Box::default(), 0)]), shapes: vec![T::default()] }
    }
}

impl<T> Shapes<T> {
    fn number(&mut self, key: &[u8], shape: impl FnOnce() -> T) -> u32 {
        if let Some(number) = self.number_of.get(key) {
            return *number;
        }
        let number = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
        self.shapes.push(shape());
        self.number_of.insert(key.into(), number);
        number
    }

    fn get(&self, number: u32) -> Option<&T> {
        self.shapes.get(usize::try_from(number).ok()?)
    }
}

impl Standings {
    /// Makes room for so many people.
    pub fn reserve(&mut self, people: usize) {
        self.index.reserve(people);
        self.versions.reserve_exact(people.saturating_sub(self.versions.len()));
        for column in [&mut self.whole, &mut self.rest, &mut self.recipients] {
            column.reserve(people);
        }
    }

    /// Keeps where a living person stands at a version, in place of what was kept before.
    pub fn put(&mut self, id: SubjectId, version: i64, standing: &Standing) {
        let row = self.index.row_or_new(id);
        let whole = self.words.number(self.writer.words(standing, None), || standing.words(None));
        let rest = self.rests.number(self.writer.rest(standing), || standing.rest());
        let recipients = self.declined.number(self.writer.recipients(standing), || standing.of_recipients());
        for purpose in standing.purposes_named() {
            if !self.purposes.contains_key(purpose) {
                // Until now nobody has spoken of it by name.
                self.purposes.insert(purpose.clone(), self.whole.clone());
            }
        }
        match self.versions.get_mut(row) {
            Some(slot) => {
                self.present += usize::from(*slot == 0);
                *slot = cut(version);
            }
            None => {
                self.versions.push(cut(version));
                self.present += 1;
            }
        }
        self.whole.put(row, whole);
        self.rest.put(row, rest);
        self.recipients.put(row, recipients);
        for column in self.purposes.values_mut() {
            column.put(row, whole);
        }
        let mut last = None;
        for purpose in standing.purposes_named() {
            if last == Some(purpose) {
                continue;
            }
            last = Some(purpose);
            let key = self.writer.words(standing, Some(purpose));
            let number = self.words.number(key, || standing.words(Some(purpose)));
            if let Some(column) = self.purposes.get_mut(purpose) {
                column.put(row, number);
            }
        }
    }

    /// Forgets somebody: erased, merged into somebody else, or not known any more.
    pub fn remove(&mut self, id: &SubjectId) {
        let slot = self.index.row(id).and_then(|row| self.versions.get_mut(row));
        if let Some(slot) = slot.filter(|slot| **slot != 0) {
            *slot = 0;
            self.present -= 1;
        }
    }

    /// How many people are kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.present
    }

    /// Whether nobody is kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.present == 0
    }

    /// About how many bytes this takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let columns = self.purposes.values().chain([&self.whole, &self.rest, &self.recipients]);
        let keys = |count: usize| count * 256;
        self.index.bytes()
            + self.versions.capacity() * 4
            + columns.map(Column::bytes).sum::<usize>()
            + keys(self.words.shapes.len() + self.rests.shapes.len() + self.declined.shapes.len())
    }

    /// Whether the person is kept at this very version.
    #[must_use]
    pub fn is_at(&self, id: &SubjectId, version: i64) -> bool {
        let row = self.index.row(id);
        row.and_then(|row| self.versions.get(row)).is_some_and(|kept| *kept != 0 && *kept == cut(version))
    }

    /// The class of a person for a purpose; none where the person is not kept.
    #[must_use]
    pub fn class(&self, id: &SubjectId, purpose: &PurposeName) -> Option<Class> {
        let row = self.index.row(id)?;
        self.versions.get(row).filter(|version| **version != 0)?;
        let words = self.purposes.get(purpose).unwrap_or(&self.whole);
        Some(Class {
            words: words.shape(row)?,
            rest: self.rest.shape(row)?,
            recipients: self.recipients.shape(row)?,
        })
    }

    /// Where people of a class stand, as far as decisions for the purpose ask.
    #[must_use]
    pub fn standing(&self, class: Class, purpose: &PurposeName) -> Option<Standing> {
        let (words, rest) = (self.words.get(class.words)?, self.rests.get(class.rest)?);
        Some(Standing::joined(purpose, words, rest, self.declined.get(class.recipients)?))
    }

    /// Everybody with the class that a question for `purpose` asks for. Where it asks for no
    /// recipient, what was said of recipients is left out of the class.
    pub fn classes(
        &self,
        purpose: &PurposeName,
        with_recipients: bool,
    ) -> impl Iterator<Item = (SubjectId, Class)> {
        let words = self.purposes.get(purpose).unwrap_or(&self.whole);
        let rows = self.index.ids().iter().zip(&self.versions).enumerate();
        rows.filter(|(_, (_, version))| **version != 0).filter_map(move |(row, (id, _))| {
            let recipients = if with_recipients { self.recipients.shape(row)? } else { 0 };
            let class = Class { words: words.shape(row)?, rest: self.rest.shape(row)?, recipients };
            Some((*id, class))
        })
    }
}

/// A version in 32 bits, never 0. Two versions of one person that are cut to the same lie
/// four thousand million writes apart.
fn cut(version: i64) -> u32 {
    let [.., a, b, c, d] = version.to_be_bytes();
    u32::from_be_bytes([a, b, c, d]).max(1)
}
