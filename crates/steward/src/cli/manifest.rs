//! `steward init`, `check`, `apply` and `manifest`: what the controller declares.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::AppError;
use app::manifest::{self, Version};
use clap::{Args, Subcommand};
use model::manifest::{
    Change, Date, Loaded, Manifest, Problem, Severity, check, json_schema, starting_manifest,
};
use model::{Actor, Clock, SystemClock};
use serde_json::{Value, json};

use super::beside;
use super::failure::{Ended, refused, usage};
use super::output::Out;
use super::session::Session;
use crate::config::DEFAULT_TEXT;

/// The folder of the manifest beside a configuration.
const MANIFEST_FOLDER: &str = "manifest";

/// Write a manifest and a configuration to start from
///
/// Makes DIR with `steward.toml` (every setting with its default and what it means),
/// `manifest/shop.yaml` (a commented manifest) and its JSON Schema for editors.
/// A file that is there already is never written over.
///
/// Example: steward init my-shop --origin privacy.my-shop.example/log
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder to write to
    dir: PathBuf,
    /// The name of the log in its checkpoints; it can never change
    #[arg(long, value_name = "NAME", default_value = "localhost/main")]
    origin: String,
}

impl Init {
    pub(crate) fn run(self, out: Out) -> anyhow::Result<Ended> {
        let Ok(origin) = serde_json::to_string(&self.origin) else {
            return Err(usage("the origin cannot be written", "a name like `shop.example/log`"));
        };
        let config = DEFAULT_TEXT.replace("origin = \"localhost/main\"", &format!("origin = {origin}"));
        let schema = serde_json::to_string_pretty(&json_schema())? + "\n";
        let manifest = self.dir.join(MANIFEST_FOLDER);
        let files = [
            (self.dir.join("steward.toml"), config),
            (manifest.join("shop.yaml"), starting_manifest().to_owned()),
            (manifest.join("manifest.schema.json"), schema),
        ];
        if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
            let text = format!("`{}` is there already and is not written over", taken.display());
            return Err(refused(text, "choose another folder"));
        }
        fs::create_dir_all(&manifest).with_context(|| format!("cannot make `{}`", manifest.display()))?;
        for (path, text) in &files {
            write_new(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
            out.say(format!("wrote {}", path.display()));
        }
        out.json(&json!({ "written": files.iter().map(|(path, _)| path).collect::<Vec<_>>() }));
        let dir = self.dir.display();
        out.say(format!(
            "Next: edit {dir}/manifest/shop.yaml, then\n  cd {dir}\n  steward check\n  steward apply"
        ));
        Ok(Ended::Done)
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// Look for mistakes in a manifest
///
/// Names file, line, column and the mend of each. An error keeps the manifest from being
/// applied and ends the command with 1; a warning is worth a thought.
///
/// Example: steward check my-shop/manifest
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The folder of the manifest; without it the one of the configuration
    dir: Option<PathBuf>,
}

impl Check {
    pub(crate) fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let (folder, out) = (folder(self.dir, session)?, session.out);
        let loaded = match Manifest::load(&folder) {
            Ok(loaded) => loaded,
            Err(problems) => {
                out.json(&json!({ "errors": problems.len(), "warnings": 0, "findings": as_json(&problems) }));
                problems.iter().for_each(|problem| out.say(problem.to_string()));
                out.say(format!(
                    "{}: {} errors, the manifest cannot be read",
                    folder.display(),
                    problems.len()
                ));
                return Ok(Ended::Refused);
            }
        };
        let today: Date = SystemClock.now().date().parse().context("the clock shows no day")?;
        let findings = check(&loaded, today);
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        let warnings = findings.len() - errors;
        let listed: Vec<Value> = findings
            .iter()
            .map(|finding| {
                json!({
                    "severity": finding.severity.code(), "code": finding.code.code(),
                    "file": &*finding.place.file, "line": finding.place.line, "column": finding.place.column,
                    "text": finding.text, "mend": finding.mend,
                })
            })
            .collect();
        out.json(&json!({ "errors": errors, "warnings": warnings, "findings": listed }));
        findings.iter().for_each(|finding| out.say(finding.to_string()));
        out.say(format!("{}: {errors} errors, {warnings} warnings", folder.display()));
        Ok(if errors == 0 { Ended::Done } else { Ended::Refused })
    }
}

fn as_json(problems: &[Problem]) -> Vec<Value> {
    let one = |problem: &Problem| {
        json!({
            "severity": "error", "code": "unreadable",
            "file": &*problem.place.file, "line": problem.place.line, "column": problem.place.column,
            "text": problem.text, "mend": problem.mend,
        })
    };
    problems.iter().map(one).collect()
}

/// Put a manifest in force
///
/// Shows what changes and asks; then it is a new version with an entry in the ledger.
/// The manifest that is in force already changes nothing.
///
/// Example: steward apply my-shop/manifest --yes
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The folder of the manifest; without it the one of the configuration
    dir: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl Apply {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let (folder, out) = (folder(self.dir, session)?, session.out);
        let loaded = load(&folder)?;
        let opened = session.open().await?;
        let before = match manifest::current(opened.controller()).await {
            Ok(current) => Some(current.version),
            Err(AppError::NoManifest) => None,
            Err(error) => return Err(error.into()),
        };
        let changes = manifest::preview(opened.controller(), &loaded).await?;
        match before {
            None => out.say("This is the first manifest."),
            Some(version) if changes.is_empty() => {
                out.say(format!("Nothing differs from version {version}."))
            }
            Some(version) => {
                out.say(format!("What changes from version {version}:"));
                list(out, &changes);
            }
        }
        if !self.yes && (before.is_none() || !changes.is_empty()) && !agreed()? {
            out.say("Nothing was applied.");
            return Ok(Ended::Refused);
        }
        let applied = manifest::apply(opened.controller(), &loaded, Actor::Operator).await?;
        out.json(&applied);
        applied.warnings.iter().for_each(|warning| out.remark(format!("warning: {warning}")));
        let verb = if applied.is_new { "is now" } else { "stays" };
        out.say(format!("Version {} {verb} in force ({}).", applied.version, applied.entry));
        opened.close().await?;
        Ok(Ended::Done)
    }
}

fn load(folder: &Path) -> anyhow::Result<Loaded> {
    Manifest::load(folder).map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        usage(lines.join("\n       "), format!("steward check {}", folder.display()))
    })
}

/// Asks the person at the terminal.
fn agreed() -> anyhow::Result<bool> {
    if beside::is_beside() || !io::stdin().is_terminal() {
        return Err(usage("nobody is at the terminal to agree", "add --yes"));
    }
    eprint_question("Apply? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn eprint_question(question: &str) -> io::Result<()> {
    let mut stream = io::stderr();
    stream.write_all(question.as_bytes())?;
    stream.flush()
}

/// The folder that is meant: as given, else as configured. A folder that only holds a
/// `manifest` folder, as `steward init` makes it, means that one.
fn folder(given: Option<PathBuf>, session: &Session) -> anyhow::Result<PathBuf> {
    let Some(given) = given else {
        let config = session.config()?;
        return Ok(session.block(&config)?.manifest.clone());
    };
    let given = beside::path(&given);
    let inside = given.join(MANIFEST_FOLDER);
    let is_yaml = |path: PathBuf| path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let has_yaml = given.read_dir().is_ok_and(|entries| entries.flatten().any(|entry| is_yaml(entry.path())));
    Ok(if !has_yaml && inside.is_dir() { inside } else { given })
}

fn list(out: Out, changes: &[Change]) {
    changes.iter().for_each(|change| out.say(format!("  - {change}")));
}

/// The manifest in force, and its versions
#[derive(Debug, Subcommand)]
pub(crate) enum ManifestCommand {
    /// Show a version: the purposes it declares, and with --json all of it
    ///
    /// Example: steward manifest show
    Show {
        /// Its number; without it the one in force
        #[arg(long, value_name = "NUMBER")]
        version: Option<u32>,
    },
    /// Say what changed from one version to another
    ///
    /// Example: steward manifest diff 1 2
    Diff {
        /// The earlier version
        from: u32,
        /// The later version
        to: u32,
    },
    /// Print the JSON Schema of the manifest's files, for editors
    ///
    /// Example: steward manifest schema > manifest.schema.json
    Schema,
}

impl ManifestCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        match self {
            Self::Schema => return schema(out),
            Self::Show { version } => {
                let opened = session.open().await?;
                let shown = match version {
                    Some(number) => manifest::version(opened.controller(), number).await?,
                    None => manifest::current(opened.controller()).await?,
                };
                out.json(&shown);
                show(out, &shown);
            }
            Self::Diff { from, to } => {
                let opened = session.open().await?;
                let changes = manifest::diff_versions(opened.controller(), from, to).await?;
                out.json(&changes);
                list(out, &changes);
                if changes.is_empty() {
                    out.say("Nothing differs.");
                }
            }
        }
        Ok(Ended::Done)
    }
}

fn show(out: Out, version: &Version) {
    let manifest = &version.manifest;
    out.say(format!(
        "{}: version {} since {} ({})",
        manifest.controller.name, version.version, version.applied, version.entry
    ));
    let rows = manifest.purposes.iter().map(|(name, purpose)| {
        let choice = if purpose.is_locked() { "no switch" } else { "people choose" };
        [
            name.to_string(),
            purpose.kind.code().to_owned(),
            purpose.basis.basis.code().to_owned(),
            choice.to_owned(),
            purpose.categories.len().to_string(),
        ]
    });
    out.table(["purpose", "kind", "basis", "choice", "categories"], rows);
}

/// Prints the JSON Schema of the manifest's files.
pub(crate) fn schema(out: Out) -> anyhow::Result<Ended> {
    out.document(&json_schema());
    Ok(Ended::Done)
}
