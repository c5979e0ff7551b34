//! A clock that stands still until a test turns it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::{Clock, Timestamp};

/// A settable clock; clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.micros())))
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.micros(), Ordering::SeqCst);
    }

    /// Moves the clock by seconds (negative: back) and answers the new time.
    pub fn turn_seconds(&self, seconds: i64) -> Timestamp {
        let now = self.now().plus_seconds(seconds);
        self.set(now);
        now
    }

    /// Moves the clock by days of 24 hours (negative: back) and answers the new time.
    pub fn turn_days(&self, days: i64) -> Timestamp {
        let now = self.now().plus_days(days);
        self.set(now);
        now
    }
}

impl Default for TestClock {
    /// Noon UTC of 24 November 2026.
    fn default() -> Self {
        Self::at(Timestamp::from_seconds(1_795_521_600))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
