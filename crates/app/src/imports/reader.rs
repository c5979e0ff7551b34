//! Reads a source row by row on a thread of its own and makes chunks ready for their
//! transactions: formats checked, identifiers hashed, keys numbered, ids drawn.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;

use connect::{Break, Row, RowError, Rows};
use model::manifest::RepeatedKeys;
use model::{EntryId, Personal, RecordId, SetId, SubjectId, Timestamp, ValueId};

use super::chunk::{Chunk, Context, Item, answers_max};
use super::tally::{Reject, Rejection, Skip};
use super::{CHUNK_ROWS, KEYS_MAX};
use crate::consent::ChangeIds;
use crate::controller::Controller;
use crate::error::AppError;
use crate::identity::Known;
use crate::vault::mapping::ParsedRow;

/// How a source ended.
#[derive(Debug)]
pub(super) enum End {
    /// After its last row.
    Whole,
    /// In its midst.
    Broken { line: u64, reason: Break },
    /// There were more keys than a run remembers.
    TooManyKeys,
}

/// Reads one source.
pub(super) struct Reader {
    controller: Controller,
    context: Arc<Context>,
    names: Vec<String>,
    rows: Rows,
    /// How often each key came, under the first half of its SHA-256.
    keys: HashMap<u128, u32>,
}

/// What a row came to before its transaction.
enum Made {
    Item(Box<Item>),
    Skip(Skip),
    Reject(Rejection, String),
    TooManyKeys,
}

impl Reader {
    /// Starts the thread; it ends with the source, or when nobody takes its chunks any more.
    pub(super) fn start(
        controller: &Controller,
        context: &Arc<Context>,
        names: Vec<String>,
        rows: Rows,
    ) -> Result<Receiver<Chunk>, AppError> {
        let (outlet, chunks) = super::queue();
        let (controller, context) = (controller.clone(), Arc::clone(context));
        let mut reader = Self { controller, context, names, rows, keys: HashMap::new() };
        let read = move || {
            loop {
                let chunk = reader.chunk();
                let is_last = chunk.end.is_some();
                if outlet.send(chunk).is_err() || is_last {
                    return;
                }
            }
        };
        let spawned = thread::Builder::new().name("import-reader".to_owned()).spawn(read);
        spawned.map_err(|_| AppError::Internal("no thread to read the source on"))?;
        Ok(chunks)
    }

    fn chunk(&mut self) -> Chunk {
        let now = self.controller.now();
        let mut chunk = Chunk::default();
        while chunk.end.is_none() && chunk.tally.read < CHUNK_ROWS as u64 {
            self.step(&mut chunk, now);
        }
        let answers = answers_max(chunk.items.len());
        chunk.ids = (0..answers).map(|_| (EntryId::random(), SetId::random())).collect();
        let progress = self.rows.progress();
        (chunk.done, chunk.total) = (progress.done(), progress.total());
        chunk
    }

    /// Takes one row into the chunk.
    fn step(&mut self, chunk: &mut Chunk, now: Timestamp) {
        let (line, made) = match self.rows.next() {
            None => {
                chunk.end = Some(End::Whole);
                return;
            }
            Some(Err(RowError::Broken { line, reason })) => {
                chunk.end = Some(End::Broken { line, reason });
                return;
            }
            Some(Err(RowError::Rejected { line, reason })) => {
                (line, Made::Reject(Rejection::Malformed, reason.to_string()))
            }
            Some(Ok(row)) => (row.line(), self.make(row, now)),
        };
        match made {
            Made::Item(item) => chunk.items.push(*item),
            Made::Skip(reason) => *chunk.tally.skipped.entry(reason).or_default() += 1,
            Made::Reject(reason, detail) => {
                chunk.tally.reject(reason);
                chunk.rejects.push(Reject::new(line, reason, detail));
            }
            Made::TooManyKeys => {
                chunk.end = Some(End::TooManyKeys);
                return;
            }
        }
        chunk.tally.read += 1;
    }

    fn make(&mut self, row: Row, now: Timestamp) -> Made {
        let line = row.line();
        let values = self.names.iter().zip(row.into_values());
        let values = values.filter_map(|(name, value)| Some((name.as_str(), value?)));
        let mut parsed = match self.context.mapping.read(values) {
            Ok(parsed) => parsed,
            Err(AppError::Invalid(faults)) => {
                let faults = faults.iter().map(|fault| format!("{}: {}", column(&fault.path), fault.message));
                return Made::Reject(Rejection::Malformed, faults.collect::<Vec<_>>().join("; "));
            }
            Err(other) => return Made::Reject(Rejection::Malformed, other.to_string()),
        };
        if parsed.identifiers.is_empty() {
            return Made::Skip(Skip::NamesNobody);
        }
        let mut known = Vec::with_capacity(parsed.identifiers.len());
        for (identifier, verified) in std::mem::take(&mut parsed.identifiers) {
            let kind = identifier.kind.clone();
            match Known::new(&self.context.core, identifier, verified) {
                Ok(identifier) => known.push(identifier),
                Err(_) => return Made::Reject(Rejection::Malformed, format!("not a well-formed `{kind}`")),
            }
        }
        match self.number(&mut parsed) {
            Numbered::Fine => {}
            Numbered::Twice => return Made::Reject(Rejection::KeyTwice, String::new()),
            Numbered::TooMany => return Made::TooManyKeys,
        }
        Made::Item(Box::new(Item {
            line,
            values: if parsed.key.is_none() { ids(parsed.values.len(), now) } else { Vec::new() },
            identifiers: ids(known.len(), now),
            changes: ChangeIds::new(known.iter().map(|known| &known.kind), now),
            record: RecordId::ordered(now),
            subject: SubjectId::random(),
            row: parsed,
            known,
        }))
    }

    /// Tells rows with the same key apart: by their number in the order of the source where
    /// the manifest says so, else the later one is not taken. The number is part of the
    /// key, so that a second run of the same source finds every row again.
    #[expect(clippy::disallowed_methods, reason = "a row's key is completed before it is hashed")]
    fn number(&mut self, row: &mut ParsedRow) -> Numbered {
        let (Some(record), Some(key)) = (&self.context.mapping.record, &mut row.key) else {
            return Numbered::Fine;
        };
        let hash = keys::sha256(key.expose().as_bytes());
        let half = hash.iter().take(16).fold(0_u128, |half, byte| half << 8 | u128::from(*byte));
        let count = self.keys.entry(half).or_default();
        let number = *count;
        *count += 1;
        if self.keys.len() > KEYS_MAX {
            return Numbered::TooMany;
        }
        match (number, record.repeated_keys) {
            (0, _) => Numbered::Fine,
            (_, RepeatedKeys::Reject) => Numbered::Twice,
            (_, RepeatedKeys::Number) => {
                *key = Personal::new(format!("{}#{number};", key.expose()));
                Numbered::Fine
            }
        }
    }
}

enum Numbered {
    Fine,
    Twice,
    TooMany,
}

fn ids(count: usize, now: Timestamp) -> Vec<ValueId> {
    (0..count).map(|_| ValueId::ordered(now)).collect()
}

/// `Email` of `fields.Email`.
fn column(path: &str) -> &str {
    path.strip_prefix("fields.").unwrap_or(path)
}
