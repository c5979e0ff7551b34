//! `steward staff`: the accounts by which staff sign in to the console.

use std::path::{Path, PathBuf};

use anyhow::Context;
use app::staff::{self, Credentials, StaffSummary};
use clap::{Args, Subcommand};
use model::{RoleName, Secret};
use serde_json::json;

use super::beside;
use super::failure::Ended;
use super::output::Out;
use super::session::Session;

/// Accounts of staff for the console
#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    Add(Add),
    /// List the accounts
    ///
    /// Example: steward staff list
    List,
    /// Shut an account and end its sessions at once
    ///
    /// Example: steward staff disable anna
    Disable {
        /// The name by which its owner signs in
        name: String,
    },
    Reset(Reset),
}

/// Make an account for a role of the manifest
///
/// Its password, where none is given, and the secret of its second factor are shown this once.
/// Put the otpauth address into an authenticator app, as a QR code say.
///
/// Example: steward staff add anna --role support
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The name by which its owner signs in: lower-case letters, digits and `-_.`
    name: String,
    /// A role of the manifest
    #[arg(long, value_name = "NAME")]
    role: RoleName,
    /// A file with the password, 12 characters at least; without it one is made up
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Give an account a new password and second factor, and open it again
///
/// Example: steward staff reset anna
#[derive(Debug, Args)]
pub(crate) struct Reset {
    /// The name by which its owner signs in
    name: String,
    /// A file with the password, 12 characters at least; without it one is made up
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl StaffCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let opened = session.open().await?;
        let controller = opened.controller();
        match self {
            Self::Add(Add { name, role, password_file }) => {
                let password = password_file.as_deref().map(read).transpose()?;
                let made = staff::add(controller, &name, role, password).await?;
                opened.close().await?;
                show(out, &made);
            }
            Self::List => list(out, &staff::list(controller).await?),
            Self::Disable { name } => {
                let id = staff::disable(controller, &name).await?;
                opened.close().await?;
                out.json(&json!({ "disabled": id }));
                out.say(format!("{id} is shut and signed out."));
            }
            Self::Reset(Reset { name, password_file }) => {
                let password = password_file.as_deref().map(read).transpose()?;
                let made = staff::reset(controller, &name, password).await?;
                opened.close().await?;
                show(out, &made);
            }
        }
        Ok(Ended::Done)
    }
}

fn read(path: &Path) -> anyhow::Result<Secret<String>> {
    let text = std::fs::read_to_string(beside::path(path)).map_err(|error| error.kind());
    let text = text.map_err(|kind| anyhow::anyhow!("cannot read `{}`: {kind}", path.display()));
    Ok(Secret::new(text.context("the password")?.trim_end_matches(['\r', '\n']).to_owned()))
}

fn show(out: Out, made: &Credentials) {
    let password = made.password.as_ref().map(Secret::expose);
    out.json(&json!({ "id": made.id, "password": password, "otpauth": made.otpauth.expose() }));
    if !out.is_json() {
        out.remark(format!("The account is {}. This is shown this once:", made.id));
        if let Some(password) = password {
            out.print(format!("password  {password}"));
        }
        out.print(format!("otpauth   {}", made.otpauth.expose()));
    }
}

fn list(out: Out, accounts: &[StaffSummary]) {
    out.json(&json!({ "staff": accounts }));
    let rows = accounts.iter().map(|account| {
        let state = account.disabled.map_or_else(|| "open".to_owned(), |at| format!("shut {}", at.date()));
        [account.id.to_string(), account.name.clone(), account.role.to_string(), state]
    });
    out.table(["account", "name", "role", "state"], rows);
}
