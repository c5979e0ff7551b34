//! `steward subject export`: what is held, for the person to take away.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use app::exports::{self, ExportKind, ExportRequest};
use app::identity;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::beside;
use super::failure::{Ended, usage};
use super::identity::{Asking, Whom, Why};
use super::session::Session;

/// Hand out what is held of a person
///
/// Two kinds: access (everything held, with history, choices and uses; GDPR 15) and
/// portability (what the person gave or generated; GDPR 20). The document is written to
/// a new file that only its owner may read, or with `--file -` to the standard output.
///
/// Example: steward subject export --subject sub_00000000000000000000000000
/// --as customer --kind access --file export.json
#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(flatten)]
    whom: Whom,
    /// Who asks for it: customer, staff:ROLE:ACCOUNT
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    #[command(flatten)]
    why: Why,
    /// Which right it answers
    #[arg(long, value_enum, default_value_t = Kind::Access)]
    kind: Kind,
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Access,
    Portability,
}

impl Export {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let reference = self.whom.reference()?;
        let opened = session.open().await?;
        let wish = ExportRequest {
            subject: identity::resolve(opened.controller(), reference).await?,
            kind: match self.kind {
                Kind::Access => ExportKind::Access,
                Kind::Portability => ExportKind::Portability,
            },
            actor: self.asking.0,
            reason: self.why.given(),
            request: None,
            idempotency: None,
        };
        let to_stdout = self.file.as_os_str() == "-";
        if !to_stdout && beside::path(&self.file).exists() {
            return Err(usage(format!("`{}` is there already", self.file.display()), "another --file"));
        }
        let exported = exports::export(opened.controller(), wish).await;
        opened.close().await?;
        let exported = exported?;
        if to_stdout {
            out.document(&exported.document);
            return Ok(Ended::Done);
        }
        write_private(&beside::path(&self.file), &exported.document)
            .with_context(|| format!("cannot write `{}`", self.file.display()))?;
        out.json(&json!({ "entry": exported.entry, "file": self.file }));
        out.say(format!("Wrote {} ({}).", self.file.display(), exported.entry));
        Ok(Ended::Done)
    }
}

fn write_private(path: &PathBuf, document: &Value) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all((serde_json::to_string_pretty(document)? + "\n").as_bytes())?;
    Ok(file.sync_all()?)
}
