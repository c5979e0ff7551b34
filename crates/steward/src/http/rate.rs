//! How often one caller may come: a bucket of tokens each, in memory.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use model::Timestamp;

use super::problem::Problem;

/// Callers that are remembered at most. When there are more, those with a full bucket are
/// forgotten, which changes nothing for them.
const CALLERS_MAX: usize = 100_000;
const MICROS: u64 = 1_000_000;

/// One token per `refill_micros`, `burst` at most.
pub(crate) struct RateLimit<K> {
    refill_micros: u64,
    burst: u64,
    /// The moment at which each caller's bucket is full again, in microseconds (GCRA,
    /// the generic cell rate algorithm).
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// So many per `seconds`, and so many at once.
    pub(crate) fn new(count: u32, seconds: u32, burst: u32) -> Self {
        let refill_micros = u64::from(seconds) * MICROS / u64::from(count.max(1));
        Self { refill_micros, burst: u64::from(burst.max(1)), full_at: Mutex::default() }
    }

    /// Takes one token, or says how long to wait for it.
    pub(crate) fn take(&self, caller: K, now: Timestamp) -> Result<(), Problem> {
        let now = now.micros();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= CALLERS_MAX {
            full_at.retain(|_, full| *full > now);
        }
        let refill = i64::try_from(self.refill_micros).unwrap_or(i64::MAX);
        let bucket = refill.saturating_mul(i64::try_from(self.burst).unwrap_or(i64::MAX));
        let full = full_at.get(&caller).copied().unwrap_or(now);
        // A clock that went back leaves nobody waiting longer than one bucket.
        let full = full.clamp(now, now.saturating_add(bucket));
        let after = full.saturating_add(refill);
        let missing = after.saturating_sub(now).saturating_sub(bucket);
        if missing > 0 {
            full_at.insert(caller, full);
            return Err(Problem::too_many(missing.unsigned_abs().div_ceil(MICROS)));
        }
        // With nobody to forget, new callers go unlimited rather than memory without end.
        if full_at.len() < CALLERS_MAX || full_at.contains_key(&caller) {
            full_at.insert(caller, after);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_one_per_interval_and_callers_do_not_share() {
        let limit = RateLimit::new(60, 60, 3);
        let start = Timestamp::from_seconds(1_000);
        for _ in 0..3 {
            limit.take("a", start).expect("within the burst");
        }
        assert_eq!(limit.take("a", start).expect_err("used up").code(), "too-many-requests");
        limit.take("b", start).expect("another caller");
        limit.take("a", start.plus_seconds(1)).expect("one more after a second");
        limit.take("a", start.plus_seconds(1)).expect_err("and only one");
    }

    #[test]
    fn a_clock_that_goes_back_locks_nobody_out_for_long() {
        let limit = RateLimit::new(60, 60, 2);
        limit.take("a", Timestamp::from_seconds(1_000_000)).expect("one");
        limit.take("a", Timestamp::from_seconds(1_000)).expect_err("the bucket counts as empty");
        limit.take("a", Timestamp::from_seconds(1_002)).expect("and fills as always");
    }
}
