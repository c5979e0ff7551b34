//! `steward serve`.

use clap::Args;

use super::failure::Ended;
use super::session::Session;

/// Serve API and pages until SIGTERM
///
/// Opens every controller of the configuration, publishes their logs, and answers /v1, /portal,
/// /console, /site and /ledger.
///
/// Example: steward serve --config /etc/steward/steward.toml
#[derive(Debug, Args)]
pub(crate) struct Serve {}

impl Serve {
    pub(crate) fn run(self, session: &Session) -> anyhow::Result<Ended> {
        crate::serve::run(&session.config()?)?;
        Ok(Ended::Done)
    }
}
