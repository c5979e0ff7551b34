//! The database: threads with connections, and the queue before them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use dial::Tls;
use tokio::sync::oneshot;

use crate::changes::Changes;
use crate::error::{DbError, OpenError};
use crate::job::{Access, Job, Task};
use crate::migrate::{Migration, migrate};
use crate::postgres::{Place, Postgres};
use crate::queue::{Lane, Queue};
use crate::retry::{Engine, run_alone};
use crate::sqlite::{self, Sqlite};
use crate::stats::{Counters, Stats};
use crate::tx::{ReadTx, Tx};
use crate::writer;

/// Which database, and with how many threads.
#[derive(Clone)]
pub enum DbConfig {
    /// A SQLite file, made if it is missing; its folder must exist.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Threads that read; one more writes.
        readers: usize,
    },
    /// A schema of a PostgreSQL database, made if it is missing.
    Postgres {
        /// `postgres://user:password@host/database` or `key=value` words.
        dsn: String,
        /// The schema that holds this controller's tables.
        schema: String,
        /// Threads, each with a connection.
        threads: usize,
        /// What the operator says about TLS beside the address.
        tls: Tls,
    },
}

/// A handle on an open database; clones share it. Dropping the last one ends the
/// threads and waits for the transactions they are in.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    writes: Arc<Queue>,
    reads: Arc<Queue>,
    counters: Arc<Counters>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// The SQLite file; PostgreSQL has none of ours.
    file: Option<PathBuf>,
}

impl Db {
    /// Opens the database, checks the settings that the promises rest on,
    /// brings the schema up to date and starts the threads. Blocks meanwhile.
    pub fn open(config: &DbConfig, migrations: &'static [Migration]) -> Result<Self, OpenError> {
        let config = config.clone();
        // The PostgreSQL client refuses to work on a thread of an async runtime.
        thread::spawn(move || match config {
            DbConfig::Sqlite { path, readers } => open_sqlite(&path, readers, migrations),
            DbConfig::Postgres { dsn, schema, threads, tls } => {
                open_postgres(Place::new(&dsn, &schema, &tls)?, threads, migrations)
            }
        })
        .join()
        .unwrap_or(Err(OpenError::Thread))
    }

    /// Runs `work` in a writing transaction and answers when it is durable.
    /// `work` may run more than once, so everything random or new is made before.
    /// A future that is dropped leaves a transaction that has begun to its end.
    pub async fn write<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        answer(self.submit(name, Access::Write, Lane::Short, work)?.await)
    }

    /// Like [`Db::write`] for a chunk of long work (import, re-index): it does
    /// not stand in the way of those who wait for an answer.
    pub async fn write_long<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        answer(self.submit(name, Access::Write, Lane::Long, work)?.await)
    }

    /// Like [`Db::write`] for threads outside the async runtime (it panics inside).
    pub fn write_blocking<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let waiting = self.submit(name, Access::Write, Lane::Short, work)?;
        answer(waiting.blocking_recv())
    }

    /// Like [`Db::write_long`] for threads outside the async runtime (it panics inside).
    pub fn write_long_blocking<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let waiting = self.submit(name, Access::Write, Lane::Long, work)?;
        answer(waiting.blocking_recv())
    }

    /// Runs `work` in a reading transaction, which sees one state of the database.
    pub async fn read<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut ReadTx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let work = move |tx: &mut Tx<'_>| work(tx);
        answer(self.submit(name, Access::Read, Lane::Short, work)?.await)
    }

    /// Like [`Db::read`] for long reads (export, verification).
    pub async fn read_long<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut ReadTx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let work = move |tx: &mut Tx<'_>| work(tx);
        answer(self.submit(name, Access::Read, Lane::Long, work)?.await)
    }

    /// Like [`Db::read`] for threads outside the async runtime (it panics inside).
    pub fn read_blocking<T, E, F>(&self, name: &'static str, work: F) -> Result<T, E>
    where
        F: for<'c> Fn(&mut ReadTx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let work = move |tx: &mut Tx<'_>| work(tx);
        let waiting = self.submit(name, Access::Read, Lane::Short, work)?;
        answer(waiting.blocking_recv())
    }

    /// Empties SQLite's write-ahead log into the file. `secure_delete` overwrites what is
    /// erased in the file alone: until then the log still holds the key records of people who
    /// were erased. True when it is empty; false when a reader stood in the way, and it has
    /// to be tried again. PostgreSQL recycles its own log. Blocks: call it off the async runtime.
    pub fn empty_log(&self) -> Result<bool, DbError> {
        self.0.file.as_deref().map_or(Ok(true), sqlite::empty_log)
    }

    /// Tells `watcher` of every commit what it changed, before anybody who waits for it is
    /// answered. It runs on the database threads: it must be quick and must not ask the
    /// database. False: there is a watcher already.
    pub fn watch(&self, watcher: impl Fn(&Changes) + Send + Sync + 'static) -> bool {
        self.0.counters.watch.set(Box::new(watcher))
    }

    /// Whether everything that is written here passes this handle: a SQLite file in a data
    /// folder has one owner (its lock), a PostgreSQL schema may have many.
    #[must_use]
    pub fn is_ours_alone(&self) -> bool {
        self.0.file.is_some()
    }

    /// What the threads have done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = self.0.counters.read();
        stats.writes_waiting = self.0.writes.waiting() as u64;
        if !Arc::ptr_eq(&self.0.writes, &self.0.reads) {
            stats.reads_waiting = self.0.reads.waiting() as u64;
        }
        stats
    }

    fn submit<T, E, F>(
        &self,
        name: &'static str,
        access: Access,
        lane: Lane,
        work: F,
    ) -> Result<oneshot::Receiver<Result<T, E>>, DbError>
    where
        F: for<'c> Fn(&mut Tx<'c>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let (task, waiting) = Task::new(name, access, work);
        let queue = match access {
            Access::Read => &self.0.reads,
            Access::Write => &self.0.writes,
        };
        let job: Box<dyn Job> = Box::new(task);
        queue.push(job, lane).inspect_err(|error| {
            if *error == DbError::Busy {
                self.0.counters.refused.add(1);
            }
        })?;
        Ok(waiting)
    }
}

fn answer<T, E: From<DbError>>(answer: Result<Result<T, E>, oneshot::error::RecvError>) -> Result<T, E> {
    answer.unwrap_or_else(|_| Err(DbError::Closed.into()))
}

fn open_sqlite(path: &std::path::Path, readers: usize, migrations: &[Migration]) -> Result<Db, OpenError> {
    let path = sqlite::absolute(path)?;
    let mut engine = Sqlite::open(&path, Access::Write)?;
    migrate(&mut engine, migrations)?;
    let readers = readers.max(1);
    let mut db = Inner::new(Arc::new(Queue::new(1)), Arc::new(Queue::new(readers)));
    db.file = Some(path.clone());
    let (queue, counters) = (Arc::clone(&db.writes), Arc::clone(&db.counters));
    db.start("store-write", move || writer::serve(engine, &queue, &counters))?;
    for _ in 0..readers {
        db.start_engine("store-read", Sqlite::open(&path, Access::Read)?, &db.reads)?;
    }
    Ok(Db(Arc::new(db)))
}

fn open_postgres(place: Place, threads: usize, migrations: &[Migration]) -> Result<Db, OpenError> {
    place.prepare()?;
    migrate(&mut Postgres::new(place.clone()), migrations)?;
    let threads = threads.max(1);
    let queue = Arc::new(Queue::new(threads));
    let db = Inner::new(Arc::clone(&queue), queue);
    for _ in 0..threads {
        db.start_engine("store", Postgres::new(place.clone()), &db.writes)?;
    }
    Ok(Db(Arc::new(db)))
}

impl Inner {
    fn new(writes: Arc<Queue>, reads: Arc<Queue>) -> Self {
        Self { writes, reads, counters: Arc::default(), threads: Mutex::default(), file: None }
    }

    /// Starts a thread that runs every transaction of `queue` on its own.
    fn start_engine(
        &self,
        name: &str,
        mut engine: impl Engine + Send + 'static,
        queue: &Arc<Queue>,
    ) -> Result<(), OpenError> {
        let (queue, counters) = (Arc::clone(queue), Arc::clone(&self.counters));
        self.start(name, move || {
            while let Some((job, lane)) = queue.take() {
                run_alone(&mut engine, job, &counters);
                queue.done(lane);
            }
        })
    }

    fn start(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let thread =
            thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|_| OpenError::Thread)?;
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.push(thread);
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.writes.close();
        self.reads.close();
        let threads = self.threads.get_mut().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            // The last handle may die on a database thread, in a closure that held it.
            if thread.thread().id() != thread::current().id() {
                drop(thread.join());
            }
        }
    }
}
