//! `steward ledger`: the log as its files and the store have it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::Controller;
use app::consent::Look;
use app::ledger::{
    Fault, LedgerError, LogFolder, Report, open_entry, prove, prove_opened, verify, verify_alone,
};
use clap::{Args, Subcommand};
use ledger::{SignerKey, VerifierKey};
use model::{EntryId, SubjectId};
use serde_json::json;
use store::ledger::EntryRow;

use super::failure::{Ended, refused, usage};
use super::identity::{Asking, Why};
use super::output::Out;
use super::session::Session;
use keys::KeyFolder;

/// The tamper-evident log
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    Verify(Verify),
    /// Say how long the log is, and how many entries still wait for it
    ///
    /// Example: steward ledger status
    Status,
    /// Print the key that verifies the log's checkpoints; give it to whoever checks them
    ///
    /// Example: steward ledger key > log.vkey
    Key,
    /// Print the proof that an entry stands in the log, as a .tlog-proof file
    ///
    /// With --subject the proof also opens the entry, or the set it names, for this person:
    /// whoever holds the file can check that the entry is about them. It says nothing about
    /// any other entry.
    ///
    /// Example: steward ledger proof ent_00000000000000000000000000 > entry.tlog-proof
    Proof {
        /// The entry
        entry: EntryId,
        /// The person for whom it is opened
        #[arg(long, value_name = "ID", requires = "asking")]
        subject: Option<SubjectId>,
        /// Who asks for it: customer, staff:ROLE:ACCOUNT, operator
        #[arg(long = "as", value_name = "WHO", requires = "subject")]
        asking: Option<Asking>,
        #[command(flatten)]
        why: Why,
    },
}

/// Recompute the whole log from its files, and compare it with the store
///
/// Every entry is hashed again up to the signed root; then head, timelines and sets of
/// the store are compared with it. With --files-only nothing but the files and the
/// verifier key is used, so that an outsider can do the same with a copy.
///
/// Example: steward ledger verify --files-only --folder log-copy --key-file log.vkey
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Check the files alone
    #[arg(long)]
    files_only: bool,
    /// The folder of the log; without it the configuration's
    #[arg(long, value_name = "DIR", requires = "files_only")]
    folder: Option<PathBuf>,
    /// The file with the log's verifier key; without it the own key
    #[arg(long, value_name = "FILE", requires = "files_only")]
    key_file: Option<PathBuf>,
}

impl LedgerCommand {
    /// Whether more is needed than the log's files and keys.
    pub(crate) const fn opens_the_store(&self) -> bool {
        match self {
            Self::Verify(verify) => !verify.files_only,
            Self::Key => false,
            Self::Status | Self::Proof { .. } => true,
        }
    }

    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        match self {
            Self::Verify(command) => return command.run(session).await,
            Self::Key => {
                let key = own_key(session)?;
                out.json(&json!({ "log_key": key.to_string() }));
                out.say(key.to_string());
            }
            Self::Status => {
                let opened = session.open().await?;
                let key = opened.controller().core().signer.verifier().clone();
                let log = LogFolder::create(&opened.hosted.ledger)?;
                let published = log.published(&key)?.map(|published| published.checkpoint);
                let (size, root) =
                    published.map_or((0, String::new()), |head| (head.size, head.root.to_string()));
                out.json(&json!({ "origin": key.name(), "size": size, "root": root }));
                let folder = opened.hosted.ledger.display().to_string();
                out.facts([
                    ("log", key.name()),
                    ("entries", &size.to_string()),
                    ("root", &root),
                    ("folder", &folder),
                ]);
            }
            Self::Proof { entry, subject, asking, why } => {
                let opened = session.open().await?;
                let controller = opened.controller();
                let key = controller.core().signer.verifier().clone();
                let log = LogFolder::create(&opened.hosted.ledger)?;
                let proof = match (subject, asking) {
                    (Some(subject), Some(asking)) => {
                        let look = Look { actor: asking.0, reason: why.given() };
                        let entry = open_entry(controller, subject, entry, look).await;
                        let proof = entry.map(|entry| prove_opened(&log, &key, &entry));
                        opened.close().await?;
                        proof??
                    }
                    _ => prove(&log, &key, &find(controller, entry).await?, None)?,
                };
                let proof = proof.to_string();
                out.json(&json!({ "entry": entry, "proof": proof }));
                out.say(proof.trim_end());
            }
        }
        Ok(Ended::Done)
    }
}

async fn find(controller: &Controller, entry: EntryId) -> anyhow::Result<EntryRow> {
    let found = controller.db.read("ledger.find", move |tx| store::ledger::find(tx, &entry)).await?;
    found.ok_or_else(|| refused(format!("there is no entry `{entry}`"), "an id that a command printed"))
}

impl Verify {
    async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let report = if self.files_only {
            let key = verifier_key(session, self.key_file.as_deref())?;
            let folder = match self.folder {
                Some(folder) => folder,
                None => {
                    let config = session.config()?;
                    config.data_of(session.block(&config)?).join("ledger")
                }
            };
            let log = LogFolder::open(&folder)
                .with_context(|| format!("the log's folder `{}`", folder.display()))?;
            check(out, log, key, None, false).await
        } else {
            let opened = session.open().await?;
            let key = opened.controller().core().signer.verifier().clone();
            let log = LogFolder::create(&opened.hosted.ledger)?;
            check(out, log, key, Some(opened.controller().db.clone()), opened.owns_log()).await
        };
        match report? {
            Ok(report) => {
                tell(out, &report);
                Ok(Ended::Done)
            }
            Err(fault @ Fault::Unpublished { .. }) => Err(refused(
                format!("the log does not hold: {fault}"),
                "start `steward serve`, which publishes what a process that died left unpublished, and verify again",
            )),
            // That the store or a file could not be read says nothing about the log.
            Err(Fault::Ledger(error @ (LedgerError::Store(_) | LedgerError::Files(_)))) => {
                Err(anyhow::Error::new(error).context("the log could not be checked"))
            }
            Err(fault) => Err(refused(
                format!("the log does not hold: {fault}"),
                "keep the files as they are and find out who wrote to them",
            )),
        }
    }
}

/// The verifier key in a file; without one, the configured log's own.
pub(crate) fn verifier_key(session: &Session, file: Option<&Path>) -> anyhow::Result<VerifierKey> {
    let Some(path) = file else { return own_key(session) };
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    text.trim().parse().map_err(|_| {
        usage(format!("`{}` holds no verifier key", path.display()), "steward ledger key > FILE")
    })
}

/// The key of the configured log, from its key folder.
fn own_key(session: &Session) -> anyhow::Result<VerifierKey> {
    let config = session.config()?;
    let block = session.block(&config)?;
    let ring = KeyFolder::at(config.keys_of(block)).open()?;
    Ok(SignerKey::from_seed(block.origin.as_str(), ring.log_seed())?.verifier().clone())
}

async fn check(
    out: Out,
    log: LogFolder,
    key: VerifierKey,
    store: Option<store::Db>,
    owns_log: bool,
) -> anyhow::Result<Result<Report, Fault>> {
    let bar = out.bar("checking", Some(0));
    let checked = tokio::task::spawn_blocking(move || {
        let mut progress = |progress: ledger::verify::Progress| {
            bar.set_length(progress.entries_total);
            bar.set_position(progress.entries_done);
        };
        let report = match &store {
            Some(db) if owns_log => verify_alone(&log, &key, db, &mut progress),
            store => verify(&log, &key, store.as_ref(), &mut progress),
        };
        bar.finish_and_clear();
        report
    });
    Ok(checked.await?)
}

fn tell(out: Out, report: &Report) {
    let checkpoint = &report.checkpoint;
    let store =
        report.store.map(|store| json!({ "unpublished": store.unpublished, "unnumbered": store.unnumbered }));
    out.json(&json!({
        "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.to_string(),
        "sets": report.sets, "published": report.published, "store": store,
    }));
    out.say(format!("The log `{}` holds.", checkpoint.origin));
    out.say(format!("  {} entries, recomputed to the signed root {}", checkpoint.size, checkpoint.root));
    out.say(format!("  {} sets compared with their entries", report.sets));
    if report.published < checkpoint.size {
        out.say(format!(
            "  the last checkpoint is signed and not published yet: the world sees the one of {} entries; \
             the next start publishes it",
            report.published
        ));
    }
    match report.store {
        None => out.say("  the files alone were checked"),
        Some(store) => out.say(format!(
            "  the store agrees; {} of its entries wait for the next checkpoint",
            store.unpublished.saturating_add(store.unnumbered)
        )),
    }
}
