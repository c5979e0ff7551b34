//! `steward api-key`: the keys of the business's programs.

use std::collections::BTreeSet;

use app::services::{self, KeySummary, Scopes};
use clap::{Args, Subcommand};
use model::manifest::Manifest;
use model::{Action, Actor, ApiKeyId, PurposeName, ServiceName};
use serde_json::json;

use super::failure::Ended;
use super::output::Out;
use super::session::Session;

/// API keys of the business's programs
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyCommand {
    Create(Create),
    /// List the keys, without their secrets
    ///
    /// Example: steward api-key list
    List,
    /// Make a key worthless at once
    ///
    /// Example: steward api-key revoke key_00000000000000000000000000
    Revoke {
        /// The key's id, as the list shows it
        id: ApiKeyId,
    },
}

/// Make a key; its secret is shown this once
///
/// Without --action and --purpose the key may do all that the manifest lets the service do.
/// To act for a person or a member of staff (`by` in a request) it also needs the purpose `rights`.
///
/// Example: steward api-key create --service mailer --label "mail program"
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The service of the manifest that it speaks for
    #[arg(long, value_name = "NAME", required_unless_present = "audit")]
    service: Option<ServiceName>,
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    label: String,
    /// An action it may ask for; may be given several times
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<Action>,
    /// A purpose it may ask for; may be given several times
    #[arg(long = "purpose", value_name = "NAME")]
    purposes: Vec<PurposeName>,
    /// It may learn that nobody has an identifier
    #[arg(long)]
    look_up: bool,
    /// It may read the entries of the ledger
    #[arg(long)]
    audit: bool,
    /// It ends after so many days
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: Option<i64>,
}

impl ApiKeyCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let opened = session.open().await?;
        let controller = opened.controller();
        match self {
            Self::Create(create) => {
                let in_force = controller.in_force()?;
                let until = create.days.map(|days| controller.now().plus_days(days));
                let label = create.label.clone();
                let scopes = create.scopes(&in_force.manifest);
                let (id, secret) =
                    services::create(controller, scopes, label, until, Actor::Operator).await?;
                opened.close().await?;
                out.json(&json!({ "id": id, "key": secret.expose(), "until": until }));
                if !out.is_json() {
                    out.remark("The key is shown this once; the store keeps a hash of it.");
                    out.print(secret.expose());
                }
            }
            Self::List => list(out, &services::list(controller).await?),
            Self::Revoke { id } => {
                services::revoke(controller, id, Actor::Operator).await?;
                opened.close().await?;
                out.json(&json!({ "revoked": id }));
                out.say(format!("{id} is revoked."));
            }
        }
        Ok(Ended::Done)
    }
}

impl Create {
    /// What the key may do: as named, else all that the manifest lets the service do.
    fn scopes(self, manifest: &Manifest) -> Scopes {
        let declared = self.service.as_ref().and_then(|name| manifest.services.get(name));
        let uses = declared.map(|service| &service.purposes);
        let or_all = |named: Vec<Action>| -> BTreeSet<Action> {
            if named.is_empty() {
                uses.into_iter()
                    .flat_map(|uses| uses.values())
                    .flat_map(|used| used.actions.clone())
                    .collect()
            } else {
                named.into_iter().collect()
            }
        };
        let purposes = if self.purposes.is_empty() {
            uses.into_iter().flat_map(|uses| uses.keys().cloned()).collect()
        } else {
            self.purposes.into_iter().collect()
        };
        Scopes {
            actions: or_all(self.actions),
            purposes,
            service: self.service,
            look_up: self.look_up,
            audit: self.audit,
        }
    }
}

fn list(out: Out, keys: &[KeySummary]) {
    out.json(&keys);
    let rows = keys.iter().map(|key| {
        let state = match (key.revoked, key.until) {
            (Some(at), _) => format!("revoked {}", at.date()),
            (None, Some(until)) => format!("until {}", until.date()),
            (None, None) => "in force".to_owned(),
        };
        let service = key.scopes.service.as_ref().map_or_else(|| "auditor".to_owned(), ToString::to_string);
        let purposes = key.scopes.purposes.iter().map(PurposeName::as_str).collect::<Vec<_>>().join(" ");
        [key.id.to_string(), key.label.clone(), service, purposes, state]
    });
    out.table(["key", "label", "service", "purposes", "state"], rows);
}
