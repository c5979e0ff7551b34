//! Rows that a thread reads from a database, handed over through a short queue.
//!
//! Both drivers' cursors borrow their connection, so that a cursor cannot be kept
//! beside it; on a thread of its own it can simply be a loop.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::row::{self, Break, Reason, Row, RowError};
use crate::source::{Progress, SourceError};

/// Rows in the queue: enough to overlap, few enough to bound memory at their longest.
const QUEUE_ROWS: usize = 16;

/// The receiving end.
pub(crate) struct Feed(Receiver<Message>);

enum Message {
    Row(Result<Row, RowError>),
    End,
}

/// The sending end, for the thread that reads.
pub(crate) struct Outlet {
    queue: SyncSender<Message>,
    progress: Progress,
    line: u64,
}

/// The receiver is gone: nobody wants the rest.
pub(crate) struct Unwanted;

impl Feed {
    /// Runs `read` on a thread; it ends when the source does or when the feed is dropped.
    pub(crate) fn start<F>(progress: Progress, read: F) -> Result<Self, SourceError>
    where
        F: FnOnce(&mut Outlet) -> Result<(), Break> + Send + 'static,
    {
        let (queue, rows) = sync_channel(QUEUE_ROWS);
        let mut outlet = Outlet { queue, progress, line: 0 };
        let run = move || {
            let last = match read(&mut outlet) {
                Ok(()) => Message::End,
                Err(reason) => Message::Row(Err(RowError::Broken { line: outlet.line + 1, reason })),
            };
            // Where the feed is dropped, nobody waits for the end.
            let _ = outlet.queue.send(last);
        };
        let spawned = thread::Builder::new().name("import-source".to_owned()).spawn(run);
        spawned.map_err(|error| SourceError::Open(error.kind()))?;
        Ok(Self(rows))
    }

    pub(crate) fn next_row(&mut self) -> Option<Result<Row, RowError>> {
        match self.0.recv() {
            Ok(Message::Row(row)) => Some(row),
            Ok(Message::End) => None,
            Err(_) => Some(Err(RowError::Broken { line: 0, reason: Break::Stopped })),
        }
    }
}

impl Outlet {
    /// Hands over the next row; waits while the queue is full.
    pub(crate) fn send(&mut self, values: Result<Vec<Option<String>>, Reason>) -> Result<(), Unwanted> {
        self.line += 1;
        self.progress.add(1);
        self.queue.send(Message::Row(row::row(self.line, values))).map_err(|_| Unwanted)
    }
}

/// A name as both databases quote it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
