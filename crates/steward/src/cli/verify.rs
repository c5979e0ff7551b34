//! `steward verify`: checking a proof file, offline.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ledger::disclosure::About;
use ledger::{Disclosure, Proof};
use model::SubjectId;
use serde_json::{Value, json};

use super::failure::{Ended, refused, usage};
use super::ledger::verifier_key;
use super::session::Session;

/// The longest proof file.
const PROOF_BYTES_MAX: u64 = 1024 * 1024;

/// Check a .tlog-proof file: that its entry stands in the log, and whom it is about
///
/// Nothing but the file and the log's verifier key is used; without --key-file the own log's.
/// With --subject it also says whether the entry is about this person. Ends with 1 when the
/// proof does not hold.
///
/// Example: steward verify entry.tlog-proof --key-file log.vkey --subject sub_00000000000000000000000000
#[derive(Debug, Args)]
pub(crate) struct VerifyFile {
    /// The proof
    file: PathBuf,
    /// The file with the log's verifier key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The person whom the entry should be about
    #[arg(long, value_name = "ID")]
    subject: Option<SubjectId>,
}

impl VerifyFile {
    pub(crate) fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let key = verifier_key(session, self.key_file.as_deref())?;
        let mut bytes = Vec::new();
        let name = self.file.display();
        let file = fs::File::open(&self.file).with_context(|| format!("cannot open `{name}`"))?;
        file.take(PROOF_BYTES_MAX)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read `{name}`"))?;
        let proof = Proof::parse(&bytes).map_err(|error| {
            usage(format!("`{name}` is no proof: {error}"), "steward ledger proof ENTRY > FILE")
        })?;
        let (checkpoint, disclosure) = proof.verify_disclosed(&key).map_err(|error| broken(&error))?;
        if let Some(subject) = self.subject {
            about(&disclosure, &subject)?;
        }
        let entry: Value =
            serde_json::from_slice(&disclosure.entry).map_err(|error| broken(&error.classify()))?;
        out.json(&json!({
            "holds": true, "origin": checkpoint.origin, "size": checkpoint.size,
            "about": self.subject, "entry": entry,
        }));
        let text = |field: &str| entry.get(field).and_then(Value::as_str).unwrap_or("–").to_owned();
        out.say(format!(
            "The proof holds: the entry stands in `{}` among {} entries.",
            checkpoint.origin, checkpoint.size
        ));
        if let Some(subject) = self.subject {
            out.say(format!("It is about {subject}."));
        }
        out.facts([
            ("entry", &text("id")),
            ("kind", &text("kind")),
            ("actor", &text("actor")),
            ("purpose", &text("purpose")),
            ("answer", &text("answer")),
        ]);
        Ok(Ended::Done)
    }
}

fn broken(error: &dyn std::fmt::Debug) -> anyhow::Error {
    refused(
        format!("the proof does not hold: {error:?}"),
        "ask whoever gave you the file for a new one, and the log's own people for its key",
    )
}

/// Checks that the entry is about this person, by what the proof opens.
fn about(disclosure: &Disclosure, subject: &SubjectId) -> anyhow::Result<()> {
    let is = app::ledger::is_about(disclosure, subject);
    let opened = match &disclosure.about {
        None => "the proof opens the entry for nobody",
        Some(About::Tag(_) | About::Set(_)) => "the entry is about somebody else",
    };
    if is {
        Ok(())
    } else {
        Err(refused(opened, "steward ledger proof ENTRY --subject ID --as customer > FILE"))
    }
}
