//! The bounded queue before the database threads, with a lane for long work.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::DbError;
use crate::job::Job;

/// Transactions that may wait in a lane.
pub(crate) const WAITING_MAX: usize = 1024;

/// Which of the two lanes a transaction waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Someone waits for the answer.
    Short,
    /// A chunk of long work: taken in turn with short ones, so that neither
    /// starves, and never by all threads at once.
    Long,
}

/// Waiting transactions, shared by those who ask and the threads that work.
pub(crate) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    long_running_max: usize,
}

#[derive(Default)]
struct State {
    short: VecDeque<Box<dyn Job>>,
    long: VecDeque<Box<dyn Job>>,
    long_running: usize,
    long_turn: bool,
    closed: bool,
}

impl Queue {
    /// A queue that `threads` threads will empty.
    pub(crate) fn new(threads: usize) -> Self {
        Self { state: Mutex::default(), ready: Condvar::new(), long_running_max: (threads / 2).max(1) }
    }

    /// Adds a transaction, or refuses it when the lane is full.
    pub(crate) fn push(&self, job: Box<dyn Job>, lane: Lane) -> Result<(), DbError> {
        let mut state = self.lock();
        if state.closed {
            return Err(DbError::Closed);
        }
        let waiting = match lane {
            Lane::Short => &mut state.short,
            Lane::Long => &mut state.long,
        };
        if waiting.len() >= WAITING_MAX {
            return Err(DbError::Busy);
        }
        waiting.push_back(job);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// Waits for the next transaction; `None` when the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<(Box<dyn Job>, Lane)> {
        let mut state = self.lock();
        loop {
            if let Some(taken) = state.next(self.long_running_max) {
                return Some(taken);
            }
            if state.closed && state.long.is_empty() {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next short transaction if one waits already.
    pub(crate) fn take_short(&self) -> Option<Box<dyn Job>> {
        self.lock().short.pop_front()
    }

    /// Tells that a transaction taken from `lane` is done.
    pub(crate) fn done(&self, lane: Lane) {
        if lane == Lane::Long {
            self.lock().long_running -= 1;
            self.ready.notify_all();
        }
    }

    /// How many transactions wait.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.lock();
        state.short.len() + state.long.len()
    }

    /// Refuses new transactions; the waiting ones are still done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_all();
    }

    /// The state is consistent between any two of its statements, so a panic
    /// elsewhere while it was locked does no harm.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self, long_running_max: usize) -> Option<(Box<dyn Job>, Lane)> {
        let long_allowed = self.long_running < long_running_max;
        if long_allowed
            && (self.long_turn || self.short.is_empty())
            && let Some(job) = self.long.pop_front()
        {
            self.long_running += 1;
            self.long_turn = false;
            return Some((job, Lane::Long));
        }
        self.long_turn = true;
        self.short.pop_front().map(|job| (job, Lane::Short))
    }
}
