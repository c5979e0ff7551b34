//! `steward import`: rows of a file or table, taken in by the manifest's mapping.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::imports::{self, ImportError, ImportRequest, RejectsFile, Report};
use clap::Args;
use connect::Source;
use model::manifest::SystemKind;
use model::{Actor, PurposeName, Secret, SystemName};

use super::beside;
use super::failure::{Ended, refused, usage};
use super::identity::Asking;
use super::output::Out;
use super::session::Session;

/// Take in the rows of a file or table
///
/// SYSTEM and TABLE name the mapping in the manifest, SOURCE where the rows are: a CSV
/// file (also gzipped), a SQLite file, or for PostgreSQL a file that holds the connection
/// string. A column that the manifest does not declare refuses the source. A second run of
/// the same source finds everything unchanged. Ends with 1 when rows were rejected.
///
/// Example: steward import online-retail lines orders.csv.gz --rejects rejects.csv
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The system of the manifest
    system: SystemName,
    /// The table of that system
    table: String,
    /// Where the rows are
    source: PathBuf,
    /// The table's name in the source, where it differs, such as `public.customer`
    #[arg(long, value_name = "NAME")]
    source_table: Option<String>,
    /// Who imports: operator, service:NAME
    #[arg(long = "as", value_name = "WHO")]
    asking: Option<Asking>,
    /// For which purpose; without it the one that the manifest names for the table
    #[arg(long, value_name = "NAME")]
    purpose: Option<PurposeName>,
    /// An undeclared column to leave out; may be given several times
    #[arg(long = "drop", value_name = "COLUMN")]
    dropped: Vec<String>,
    /// A new file for line and reason of every rejected row, never the row
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

impl Import {
    pub(crate) async fn run(mut self, session: &Session) -> anyhow::Result<Ended> {
        self.source = beside::path(&self.source);
        self.rejects = self.rejects.as_deref().map(beside::path);
        let out = session.out;
        let opened = session.open().await?;
        let in_force = opened.controller().in_force()?;
        let Some(declared) = in_force.manifest.systems.get(&self.system) else {
            return Err(usage(
                format!("the manifest declares no system `{}`", self.system),
                "steward manifest show --json",
            ));
        };
        let bar = out.bar("importing", None);
        let moving = bar.clone();
        let request = ImportRequest {
            source: self.source(declared.kind)?,
            rejects: self.rejects.as_deref().map(new_file).transpose()?,
            system: self.system,
            table: self.table,
            actor: self.asking.map_or(Actor::Operator, |asking| asking.0),
            purpose: self.purpose,
            dropped: self.dropped.into_iter().collect(),
            on_progress: Some(Box::new(move |progress| {
                if let Some(total) = progress.total {
                    moving.set_length(total);
                }
                moving.set_position(progress.done);
            })),
        };
        let ran = imports::run(opened.controller(), request).await;
        bar.finish_and_clear();
        opened.close().await?;
        let report = ran.map_err(explain)?;
        tell(out, &report);
        Ok(if report.tally.rejected.is_empty() { Ended::Done } else { Ended::Refused })
    }

    fn source(&self, kind: SystemKind) -> anyhow::Result<Source> {
        let table = self.source_table.clone().unwrap_or_else(|| self.table.clone());
        Ok(match kind {
            SystemKind::Csv => Source::Csv { file: self.source.clone() },
            SystemKind::Sqlite => Source::Sqlite { file: self.source.clone(), table },
            SystemKind::Postgres => {
                let text = fs::read_to_string(&self.source)
                    .with_context(|| format!("cannot read `{}`", self.source.display()))?;
                Source::Postgres { login: Secret::new(text.trim().to_owned()), table }
            }
        })
    }
}

/// A new file that only its owner may read.
fn new_file(path: &Path) -> anyhow::Result<RejectsFile> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    Ok(Box::new(made.with_context(|| format!("cannot make the new file `{}`", path.display()))?))
}

/// What the input is to blame for ends with 2, what broke with 3.
fn explain(error: ImportError) -> anyhow::Error {
    match error {
        ImportError::App(error) => error.into(),
        ImportError::Undeclared(_) => {
            refused(error.to_string(), "declare them, or add --drop COLUMN for each")
        }
        ImportError::Source(_)
        | ImportError::NoColumns
        | ImportError::Missing(_)
        | ImportError::TooManyKeys => {
            usage(error.to_string(), "another SOURCE, or another mapping in the manifest")
        }
        ImportError::Broken { .. } | ImportError::Rejects(_) | ImportError::ManifestChanged => error.into(),
    }
}

fn tell(out: Out, report: &Report) {
    out.json(report);
    let tally = &report.tally;
    out.say(format!("{} rows read ({})", tally.read, report.import));
    out.facts([
        ("imported", &tally.imported.to_string()),
        ("unchanged", &tally.unchanged.to_string()),
        ("skipped", &tally.skipped.values().sum::<u64>().to_string()),
        ("rejected", &tally.rejected.values().sum::<u64>().to_string()),
        ("new people", &tally.people_created.to_string()),
    ]);
    for (reason, count) in &tally.rejected {
        out.say(format!("  rejected as {}: {count}", reason.code()));
    }
    if !report.dropped.is_empty() {
        out.say(format!("Left out: {}.", report.dropped.join(", ")));
    }
    if !report.missing.is_empty() {
        out.say(format!("Declared, but not in the source: {}.", report.missing.join(", ")));
    }
}
