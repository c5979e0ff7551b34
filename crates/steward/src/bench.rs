//! `steward bench`: how fast the product is, each subject beside a plain way of doing the same
//! in the same run, on a real store with everything durable.

mod audience;
mod consent;
mod decision;
mod dice;
mod environment;
mod erasure;
mod http;
mod imports;
mod ledger;
mod load;
mod memory;
mod people;
mod report;
mod shop;
mod vault;
mod world;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::json;

use self::environment::Environment;
use self::people::People;
use self::report::Figure;
use self::world::{Folder, World};
use crate::cli::{Ended, Out};
use crate::config::ControllerConfig;

/// Rounds of which the median is printed.
const ROUNDS: usize = 5;

/// Measure how fast it is on this machine
///
/// Puts made-up people into a new store in a temporary folder and measures each subject
/// beside a plain way of doing the same, in the same run, with every write durable. With a
/// --config that names an empty PostgreSQL schema, that one is used in place of a SQLite
/// file; the people stay in it.
///
/// Example: steward bench --only decision --only audience --people 1000000
#[derive(Debug, Args)]
pub struct Bench {
    /// Measure this alone; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<Subject>,
    /// How many people there are
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    people: usize,
    /// Values of the person who is erased last
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    values: usize,
    /// Work in a new folder below this one
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The folder of the Online Retail data, for imports
    #[arg(long, value_name = "DIR")]
    retail: Option<PathBuf>,
    /// The store; `postgres` is the one of --config
    #[arg(long, value_enum)]
    store: Option<StoreChoice>,
    /// What the process that starts anew is told: the folder of a store with people in it
    #[arg(long, hide = true)]
    resident: Option<PathBuf>,
    /// That it fills the store's caches first
    #[arg(long, hide = true)]
    warm: bool,
}

/// Which store is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoreChoice {
    /// A SQLite file of its own.
    Sqlite,
    /// The PostgreSQL schema of --config.
    Postgres,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// Decisions inside the process.
    Decision,
    /// Decisions over HTTP, one by one and in batches.
    Http,
    /// Durable consent events.
    Consent,
    /// Entries given their places, and how soon a checkpoint covers them.
    Ledger,
    /// Profiles taken in and read.
    Vault,
    /// Imports of the Online Retail data.
    Imports,
    /// Erasures.
    Erasure,
    /// Audiences.
    Audience,
    /// Memory and start.
    Memory,
}

impl Bench {
    /// Measures and prints. Blocks: it is its own program, not a task among others.
    ///
    /// # Errors
    /// When the store does not open, or a measured call fails.
    pub(crate) fn run(self, store: Option<ControllerConfig>, out: Out) -> anyhow::Result<Ended> {
        if let Some(folder) = &self.resident {
            out.document(&crate::serve::runtime(0)?.block_on(memory::load(folder, self.warm))?);
            return Ok(Ended::Done);
        }
        let store = match self.store {
            Some(StoreChoice::Sqlite) => None,
            Some(StoreChoice::Postgres) => Some(store.context("--store postgres needs a --config")?),
            None => store,
        };
        let engine = if store.is_some() { "PostgreSQL" } else { "SQLite" };
        let runtime = crate::serve::runtime(0)?;
        let folder = Folder::make(self.folder.as_deref())?;
        let environment = Environment::look(folder.path())?;
        out.say(format!("{}, {engine}, {} people", environment.line(), self.people));
        let mut world = runtime.block_on(World::open(&folder, store))?;
        let people = People::put_in(world.controller(), self.people, out)?;
        let mut start = None;
        if engine == "SQLite" {
            drop(world);
            start = Some(memory::start(folder.path())?);
            world = runtime.block_on(World::reopen(folder.path()))?;
        }
        runtime.block_on(world.remember());
        let bench = Context {
            runtime,
            _folder: folder,
            world,
            people,
            start,
            values: self.values,
            retail: self.retail,
        };
        let mut figures = Vec::new();
        for subject in Subject::value_variants() {
            if self.only.is_empty() || self.only.contains(subject) {
                let measured = subject.measure(&bench)?;
                report::table(out, &measured);
                figures.extend(measured);
            }
        }
        out.json(&json!({
            "environment": environment, "store": engine, "people": self.people, "figures": figures,
        }));
        Ok(Ended::Done)
    }
}

/// What a subject measures with.
struct Context {
    runtime: tokio::runtime::Runtime,
    _folder: Folder,
    world: World,
    people: People,
    /// What a fresh process saw, on SQLite.
    start: Option<memory::Start>,
    values: usize,
    retail: Option<PathBuf>,
}

impl Context {
    /// Whether the store is PostgreSQL.
    fn is_postgres(&self) -> bool {
        self.world.config.controllers.iter().any(|block| block.store == crate::config::StoreKind::Postgres)
    }
}

impl Subject {
    fn measure(self, bench: &Context) -> anyhow::Result<Vec<Figure>> {
        match self {
            Self::Decision => decision::measure(bench),
            Self::Http => http::measure(bench),
            Self::Consent => consent::measure(bench),
            Self::Ledger => ledger::measure(bench),
            Self::Vault => vault::measure(bench),
            Self::Imports => imports::measure(bench),
            Self::Erasure => erasure::measure(bench),
            Self::Audience => audience::measure(bench),
            Self::Memory => memory::measure(bench),
        }
    }
}
