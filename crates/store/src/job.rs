//! A transaction that waits for a database thread: its closure, and who waits for the answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::changes::Changes;
use crate::error::DbError;
use crate::tx::{Conn, Tx};

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// What became of one run of a closure.
pub(crate) enum Attempt {
    /// It succeeded: commit what it did.
    Keep,
    /// It failed for good or panicked: undo what it did.
    Undo,
    /// Something passing stood in its way: undo, and run it again.
    Again(DbError),
}

/// A waiting transaction, its types forgotten.
pub(crate) trait Job: Send {
    fn name(&self) -> &'static str;
    fn access(&self) -> Access;
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure once and keeps its outcome, in place of an earlier one.
    fn attempt(&mut self, conn: Conn<'_>) -> Attempt;
    /// Puts an error in place of the outcome.
    fn fail(&mut self, error: DbError);
    /// What the last run changed.
    fn changes(&self) -> &Changes;
    /// Sends the outcome to whoever waits.
    fn answer(self: Box<Self>);
}

/// The one [`Job`].
pub(crate) struct Task<T, E, F> {
    name: &'static str,
    access: Access,
    work: F,
    outcome: Option<Result<T, E>>,
    changes: Changes,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Task<T, E, F>
where
    F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    pub(crate) fn new(
        name: &'static str,
        access: Access,
        work: F,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        let task = Self { name, access, work, outcome: None, changes: Changes::default(), reply };
        (task, answer)
    }
}

impl<T, E, F> Job for Task<T, E, F>
where
    F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn access(&self) -> Access {
        self.access
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn attempt(&mut self, conn: Conn<'_>) -> Attempt {
        let mut tx = Tx::new(conn);
        // `Fn` cannot change what it captured, and the transaction is rolled
        // back: nothing half done can be seen after a panic.
        let ran = catch_unwind(AssertUnwindSafe(|| (self.work)(&mut tx)));
        let (failure, changes) = tx.into_end();
        self.changes = changes;
        match (ran, failure) {
            (_, Some(error)) if error.is_transient() => return Attempt::Again(error),
            (Ok(Ok(value)), None) => {
                self.outcome = Some(Ok(value));
                return Attempt::Keep;
            }
            // The closure swallowed an error: the transaction is broken all the same.
            (Ok(Ok(_)), Some(error)) => self.fail(error),
            (Ok(Err(error)), _) => self.outcome = Some(Err(error)),
            (Err(_), _) => {
                tracing::error!(transaction = self.name, "a transaction panicked");
                self.fail(DbError::Panicked);
            }
        }
        Attempt::Undo
    }

    fn fail(&mut self, error: DbError) {
        self.outcome = Some(Err(E::from(error)));
    }

    fn changes(&self) -> &Changes {
        &self.changes
    }

    fn answer(self: Box<Self>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(DbError::Closed.into()));
        // Whoever waited may have gone; the transaction stands all the same.
        drop(self.reply.send(outcome));
    }
}
