//! The store of a standing: for each key, the latest state and when it was set.

use model::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A state of a register. The order is from least to most protective of the person.
pub(crate) trait State: Copy + Ord {
    /// Whether the state lets the business do more than silence would.
    fn loosens(self) -> bool;
}

/// Last-writer-wins registers in one sorted vector: small, and quick to search.
///
/// INVARIANT(order-free): `set` keeps the greatest (time, state) per key. That is a maximum,
/// so the result is the same in whatever order, and however often, events are applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registers<K, V>(Vec<(K, Timestamp, V)>);

impl<K, V> Default for Registers<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V: State> Registers<K, V> {
    pub(crate) fn set(&mut self, key: K, at: Timestamp, state: V) {
        match self.0.binary_search_by(|(known, ..)| known.cmp(&key)) {
            Err(place) => self.0.insert(place, (key, at, state)),
            Ok(place) => {
                if let Some(register) = self.0.get_mut(place)
                    && (register.1, register.2) < (at, state)
                {
                    (register.1, register.2) = (at, state);
                }
            }
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<(Timestamp, V)> {
        let place = self.0.binary_search_by(|(known, ..)| known.cmp(key)).ok()?;
        self.0.get(place).map(|(_, at, state)| (*at, *state))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, Timestamp, V)> {
        self.0.iter().map(|(key, at, state)| (key, *at, *state))
    }

    /// Takes over every state of `other` that does not loosen, each from its own moment.
    pub(crate) fn take_nos(&mut self, other: &Self)
    where
        K: Clone,
    {
        for (key, at, state) in other.iter().filter(|(_, _, state)| !state.loosens()) {
            self.set(key.clone(), at, state);
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord + Clone, V: State> Registers<K, V> {
    /// The registers of one person out of those of two identities: per key the more
    /// protective state. A state that loosens is kept only where both have it, from the
    /// earlier moment of the two, so that a later no of either still counts; a state that
    /// protects counts from its latest moment.
    /// `unsettled` is what stands where one of them loosens and the other is silent.
    pub(crate) fn protective_merge(&self, other: &Self, unsettled: Option<V>) -> Self {
        let mut merged = Self::default();
        for (mine, theirs) in [(self, other), (other, self)] {
            for (key, at, state) in mine.iter() {
                match theirs.get(key) {
                    Some((their_at, their_state)) => {
                        merged.insert(key, merge_both((at, state), (their_at, their_state)));
                    }
                    None if state.loosens() => {
                        if let Some(unsettled) = unsettled {
                            merged.insert(key, (at, unsettled));
                        }
                    }
                    None => merged.insert(key, (at, state)),
                }
            }
        }
        merged
    }

    fn insert(&mut self, key: &K, (at, state): (Timestamp, V)) {
        if let Err(place) = self.0.binary_search_by(|(known, ..)| known.cmp(key)) {
            self.0.insert(place, (key.clone(), at, state));
        }
    }
}

fn merge_both<V: State>(mine: (Timestamp, V), theirs: (Timestamp, V)) -> (Timestamp, V) {
    let state = mine.1.max(theirs.1);
    let at = if state.loosens() { mine.0.min(theirs.0) } else { mine.0.max(theirs.0) };
    (at, state)
}

impl<K: Serialize, V: Serialize> Serialize for Registers<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(key, at, state)| (key, at.micros(), state)))
    }
}

impl<'de, K: DeserializeOwned + Ord, V: DeserializeOwned + State> Deserialize<'de> for Registers<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut registers = Self::default();
        for (key, at, state) in Vec::<(K, i64, V)>::deserialize(deserializer)? {
            registers.set(key, Timestamp::from_micros(at), state);
        }
        Ok(registers)
    }
}
