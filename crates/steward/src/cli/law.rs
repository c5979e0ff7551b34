//! `steward law`: the laws as data, what they say on a day, and what changes between two.

mod deadline;
mod show;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::law::{Change, Day, Law, Library, Person, Turn};
use clap::{Args, Subcommand};
use law::code::Checked;
use model::manifest::{Manifest, Problem, Region};
use model::{Clock, SystemClock};
use serde_json::{Value, json};

use super::beside;
use super::failure::{Ended, usage};
use super::output::Out;
use super::session::Session;

/// The laws as data: what is known, and what they say on a day
///
/// Nothing of it is legal advice. Every fact says whether a source was read for it, every law
/// whether your reviewer has signed it: see `law: reviewed:` in the manifest.
#[derive(Debug, Args)]
pub(crate) struct LawArguments {
    /// Packs to use in the place of the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// The manifest that says what is so of the controller and what was reviewed; without it the
    /// configured one, if there is one
    #[arg(long, global = true, value_name = "DIR")]
    manifest: Option<PathBuf>,
    #[command(subcommand)]
    command: LawCommand,
}

#[derive(Debug, Subcommand)]
enum LawCommand {
    /// List every law that is known
    ///
    /// Example: steward law list
    List,
    /// Show one law, fact by fact, with its citations
    ///
    /// Example: steward law show eu-gdpr --section consent
    Show {
        /// Its id, as `steward law list` prints it
        id: String,
        /// Only this section
        #[arg(long, value_name = "SECTION")]
        section: Option<String>,
    },
    /// Say which laws are in force on a day
    ///
    /// Example: steward law at 2027-01-01 --region US-OK
    At {
        /// The day
        #[arg(value_name = "DATE")]
        day: Day,
        /// Only what applies to a person there
        #[arg(long, value_name = "REGION", value_parser = region)]
        region: Option<Region>,
    },
    /// Say what begins and ends from one day to another
    ///
    /// Example: steward law diff 2026-12-31 2027-01-01
    Diff {
        /// The earlier day
        #[arg(value_name = "DATE1")]
        from: Day,
        /// The later day
        #[arg(value_name = "DATE2")]
        to: Day,
    },
    Table(table::Table),
    Deadline(deadline::Deadlines),
    /// Look for mistakes in a folder of packs
    ///
    /// Example: steward law check law
    Check {
        /// The folder
        dir: PathBuf,
    },
}

impl LawArguments {
    pub(crate) fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        if let LawCommand::Check { dir } = &self.command {
            return Ok(check(&beside::path(dir), out));
        }
        let declared = declared(self.manifest, session)?;
        let library = library(self.packs.as_deref(), declared.as_ref())?;
        match self.command {
            LawCommand::List => list(&library, out),
            LawCommand::Show { id, section } => show::run(&library, &id, section.as_deref(), out)?,
            LawCommand::At { day, region } => at(&library, day, region, declared.as_ref(), out)?,
            LawCommand::Diff { from, to } => diff(&library, from, to, out),
            LawCommand::Table(table) => table.run(&library, declared.as_ref(), out)?,
            LawCommand::Deadline(deadline) => return deadline.run(&library, out),
            LawCommand::Check { .. } => {}
        }
        Ok(Ended::Done)
    }
}

fn region(text: &str) -> Result<Region, model::manifest::RegionError> {
    law::known_region(text)
}

/// Today in UTC.
fn today() -> Day {
    Day::of(SystemClock.now())
}

/// The manifest that was named, else the configured one where it can be read.
fn declared(given: Option<PathBuf>, session: &Session) -> anyhow::Result<Option<Manifest>> {
    if let Some(given) = given {
        let folder = beside::path(&given);
        let loaded = Manifest::load(&folder).map_err(|problems| wrong(&problems, "steward check"))?;
        return Ok(Some(loaded.manifest));
    }
    let config = session.config()?;
    let Ok(block) = session.block(&config) else { return Ok(None) };
    if !block.manifest.is_dir() {
        return Ok(None);
    }
    Ok(Manifest::load(&block.manifest).ok().map(|loaded| loaded.manifest))
}

fn library(packs: Option<&Path>, declared: Option<&Manifest>) -> anyhow::Result<Library> {
    let folder = packs.map(beside::path);
    let packs = folder.as_deref().map_or_else(law::pack::builtin, law::pack::load_folder);
    let packs = packs.map_err(|problems| wrong(&problems, "steward law check DIR"))?;
    let reviews = match declared {
        Some(manifest) => law::reviews(&packs, &manifest.law, digest),
        None => BTreeMap::new(),
    };
    Ok(Library::new(packs, &reviews))
}

/// The digest that a review names: SHA-256 of the pack's text, in hexadecimal digits.
fn digest(text: &str) -> String {
    keys::sha256(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn controller(declared: Option<&Manifest>) -> anyhow::Result<law::Controller> {
    let Some(manifest) = declared else { return Ok(law::Controller::default()) };
    law::Controller::of(&manifest.controller, &manifest.law)
        .map_err(|error| usage(error.to_string(), "a metric of law/README.md under `law: facts:`"))
}

fn wrong(problems: &[Problem], mend: &str) -> anyhow::Error {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    usage(lines.join("\n       "), mend)
}

/// `reviewed by Counsel on 2026-11-20`, or `unreviewed`.
fn state(law: &Law) -> String {
    law.review.as_ref().map_or_else(
        || "unreviewed".to_owned(),
        |review| format!("reviewed by {} on {}", review.by, review.on),
    )
}

fn list(library: &Library, out: Out) {
    let today = today();
    let row = |law: &Law| {
        let pack = &law.pack;
        let facts = pack.heads().count();
        let read = pack.heads().filter(|head| head.checked == Checked::Source).count();
        let force = if pack.is_in_force(today) { "in force" } else { "not in force" };
        (facts, read, force)
    };
    let laws: Vec<Value> = library
        .laws()
        .iter()
        .map(|law| {
            let (pack, (facts, read, force)) = (&law.pack, row(law));
            json!({
                "id": law.id(), "title": pack.title, "short": pack.short, "jurisdiction": pack.jurisdiction,
                "kind": pack.kind, "citation": pack.citation, "as_of": pack.as_of, "state": force,
                "facts": facts, "facts_with_source": read, "review": law.review,
            })
        })
        .collect();
    out.json(&json!({ "laws": laws, "legal_advice": false }));
    let rows = library.laws().iter().map(|law| {
        let (pack, (facts, read, force)) = (&law.pack, row(law));
        [
            law.id().to_owned(),
            pack.short.clone(),
            pack.jurisdiction.to_string(),
            pack.kind.to_string(),
            force.to_owned(),
            format!("{read} of {facts}"),
            state(law),
        ]
    });
    out.table(["LAW", "NAME", "WHERE", "KIND", "TODAY", "FACTS WITH A SOURCE", "REVIEW"], rows);
    out.say("None of this is legal advice; a law that is unreviewed may tighten, and loosens nothing.");
}

fn at(
    library: &Library,
    day: Day,
    region: Option<Region>,
    declared: Option<&Manifest>,
    out: Out,
) -> anyhow::Result<()> {
    let in_force = library.on(day);
    let controller = controller(declared)?;
    let laws: Vec<(&law::LawOn<'_>, Option<law::Applying<'_, '_>>)> = match &region {
        None => in_force.laws().iter().map(|law| (law, None)).collect(),
        Some(region) => {
            let person = Person::within([region.clone()]);
            let applying = in_force.applying(&person, &controller, None);
            applying.into_iter().map(|applying| (applying.law, Some(applying))).collect()
        }
    };
    let versions = |law: &Law| law.pack.versions_on(day).map(|v| v.head.id.clone()).collect::<Vec<_>>();
    let as_json: Vec<Value> = laws
        .iter()
        .map(|(on, applying)| {
            json!({
                "id": on.law.id(), "short": on.law.pack.short, "jurisdiction": on.law.pack.jurisdiction,
                "kind": on.law.pack.kind, "versions": versions(on.law), "facts": on.heads().count(),
                "applies": applying.map(|applying| applying.applies),
                "because": applying.and_then(|applying| applying.because).map(|head| &*head.name),
                "review": on.law.review,
            })
        })
        .collect();
    out.json(&json!({ "day": day, "region": region.as_ref().map(Region::as_str), "laws": as_json }));
    out.say(format!("{} laws on {day}:", laws.len()));
    let rows = laws.iter().map(|(on, applying)| {
        let why = applying.and_then(|applying| applying.because);
        [
            on.law.id().to_owned(),
            on.law.pack.short.clone(),
            on.law.pack.jurisdiction.to_string(),
            versions(on.law).join(", "),
            on.heads().count().to_string(),
            why.map_or_else(String::new, |head| format!("{}: {}", head.id, head.citation)),
            state(on.law),
        ]
    });
    out.table(["LAW", "NAME", "WHERE", "VERSION", "FACTS", "APPLIES BY", "REVIEW"], rows);
    Ok(())
}

fn diff(library: &Library, from: Day, to: Day, out: Out) {
    let changes = library.changes(from, to);
    let as_json: Vec<Value> = changes.iter().map(change_as_json).collect();
    out.json(&json!({ "from": from, "to": to, "changes": as_json }));
    if changes.is_empty() {
        out.say(format!("Nothing begins or ends from {from} to {to}."));
    }
    for change in &changes {
        let pack = &change.law.pack;
        let whole = match change.whole {
            Some(Turn::Begins) => " begins",
            Some(Turn::Ends) => " ends",
            None => "",
        };
        out.say(format!("{} ({}, {}){whole}; {}", pack.id, pack.short, pack.jurisdiction, state(change.law)));
        for fact in &change.noted {
            out.say(format!("    to note   {} ({})", fact.head.text, fact.head.citation));
        }
        if change.whole.is_some() {
            out.say(format!("    {} facts: steward law show {}", change.facts.len(), pack.id));
            continue;
        }
        for (turn, head) in &change.facts {
            let verb = if *turn == Turn::Begins { "begins" } else { "ends  " };
            out.say(format!("    {verb}    {}/{}: {} ({})", head.section, head.id, head.text, head.citation));
        }
    }
}

fn change_as_json(change: &Change<'_>) -> Value {
    let facts: Vec<Value> = change
        .facts
        .iter()
        .map(|(turn, head)| {
            json!({ "turn": turn, "fact": &*head.name, "text": head.text, "citation": head.citation, "checked": head.checked })
        })
        .collect();
    let noted: Vec<Value> = change
        .noted
        .iter()
        .map(|fact| json!({ "fact": &*fact.head.name, "text": fact.head.text, "citation": fact.head.citation, "effective": fact.body.effective }))
        .collect();
    json!({ "law": change.law.id(), "whole": change.whole, "review": change.law.review, "facts": facts, "noted": noted })
}

fn check(folder: &Path, out: Out) -> Ended {
    let (packs, problems) = match law::pack::load_folder(folder) {
        Ok(packs) => (packs, Vec::new()),
        Err(problems) => (Vec::new(), problems),
    };
    let as_json: Vec<Value> = problems
        .iter()
        .map(|problem| {
            json!({
                "file": &*problem.place.file, "line": problem.place.line, "column": problem.place.column,
                "text": problem.text, "mend": problem.mend,
            })
        })
        .collect();
    out.json(&json!({ "packs": packs.len(), "errors": problems.len(), "findings": as_json }));
    problems.iter().for_each(|problem| out.say(problem.to_string()));
    let facts: usize = packs.iter().map(|pack| pack.heads().count()).sum();
    match problems.len() {
        0 => out.say(format!("{}: {} packs, {facts} facts, no errors", folder.display(), packs.len())),
        errors => out.say(format!("{}: {errors} errors", folder.display())),
    }
    if problems.is_empty() { Ended::Done } else { Ended::Refused }
}
