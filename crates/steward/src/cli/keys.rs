//! `steward keys`: the key folder of a controller.

use clap::Subcommand;
use keys::KeyFolder;
use ledger::SignerKey;
use serde_json::json;

use super::failure::Ended;
use super::session::Session;

/// The keys of a controller
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make new keys, in the key folder of the configuration
    ///
    /// Keys are never written over. The first start of a new store makes them too; this
    /// command is for making them beforehand, on another medium say. Keep a copy of the
    /// folder in a safe place, and never in a backup of the data.
    ///
    /// Example: steward keys init --controller main
    Init,
    /// Say whether the keys open, and which log they sign
    ///
    /// Example: steward keys status
    Status,
}

impl KeysCommand {
    pub(crate) fn run(&self, session: &Session) -> anyhow::Result<Ended> {
        let config = session.config()?;
        let block = session.block(&config)?;
        let path = config.keys_of(block);
        let folder = KeyFolder::at(&path);
        let out = session.out;
        let ring = match self {
            Self::Init => folder.init()?,
            Self::Status if !folder.exists() => {
                out.json(&json!({ "folder": path, "exist": false }));
                out.say(format!("No keys in {} yet.", path.display()));
                return Ok(Ended::Refused);
            }
            Self::Status => folder.open()?,
        };
        let signer = SignerKey::from_seed(block.origin.as_str(), ring.log_seed())?;
        let (epoch, log_key) = (ring.current_epoch().number(), signer.verifier().to_string());
        out.json(&json!({ "folder": path, "exist": true, "epoch": epoch, "log_key": log_key }));
        out.say(match self {
            Self::Init => format!("Made new keys in {}: copy this folder to a keeper.", path.display()),
            Self::Status => format!("The keys in {} open.", path.display()),
        });
        out.facts([("epoch", &epoch.to_string()), ("log key", &log_key)]);
        Ok(Ended::Done)
    }
}
