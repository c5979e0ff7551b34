//! From an id to its row: a table of rows, looked through from the place that the id names.
//!
//! The ids are random and of our own making, so their own bytes are the hash.

use model::SubjectId;

/// A place that holds no row.
const FREE: u32 = u32::MAX;

/// The rows of ids. Ids are never taken out: whoever is gone has an empty row.
#[derive(Debug, Clone, Default)]
pub(super) struct Index {
    ids: Vec<SubjectId>,
    /// Rows; a power of two of places, at most three quarters of them taken.
    places: Vec<u32>,
}

impl Index {
    pub(super) fn row(&self, id: &SubjectId) -> Option<usize> {
        self.find(id).ok()
    }

    /// The row of an id; a new one behind the last where it has none.
    pub(super) fn row_or_new(&mut self, id: SubjectId) -> usize {
        if (self.ids.len() + 1) * 4 > self.places.len() * 3 {
            self.grow((self.ids.len() + 1) * 2);
        }
        match self.find(&id) {
            Ok(row) => row,
            Err(place) => {
                let row = self.ids.len();
                self.ids.push(id);
                if let (Some(slot), Ok(number)) = (self.places.get_mut(place), u32::try_from(row)) {
                    *slot = number;
                }
                row
            }
        }
    }

    pub(super) fn ids(&self) -> &[SubjectId] {
        &self.ids
    }

    /// Makes room for so many ids.
    pub(super) fn reserve(&mut self, ids: usize) {
        self.ids.reserve_exact(ids.saturating_sub(self.ids.len()));
        self.grow(ids);
    }

    pub(super) fn bytes(&self) -> usize {
        self.ids.capacity() * 16 + self.places.capacity() * 4
    }

    /// The row of an id, or the free place where it belongs.
    fn find(&self, id: &SubjectId) -> Result<usize, usize> {
        let mask = self.places.len().wrapping_sub(1);
        let mut place = hash(id) & mask;
        for _ in 0..self.places.len() {
            let Some(row) = self.places.get(place).filter(|row| **row != FREE) else { break };
            let row = usize::try_from(*row).unwrap_or(usize::MAX);
            if self.ids.get(row) == Some(id) {
                return Ok(row);
            }
            place = (place + 1) & mask;
        }
        Err(place)
    }

    fn grow(&mut self, ids: usize) {
        let places = (ids * 4 / 3 + 8).next_power_of_two();
        if places <= self.places.len() {
            return;
        }
        self.places = vec![FREE; places];
        for row in 0..self.ids.len() {
            let Some(id) = self.ids.get(row).copied() else { continue };
            if let (Err(place), Ok(number)) = (self.find(&id), u32::try_from(row))
                && let Some(slot) = self.places.get_mut(place)
            {
                *slot = number;
            }
        }
    }
}

fn hash(id: &SubjectId) -> usize {
    let [.., a, b, c, d, e, f, g, h] = *id.as_bytes();
    usize::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h])).unwrap_or_default()
}
