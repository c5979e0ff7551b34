//! `steward subject`: one person, found, shown, handed out, erased, joined with another.

use app::identity::{self, Found, SubjectRef};
use clap::{Args, Subcommand};
use serde_json::json;

use super::exports::Export;
use super::failure::Ended;
use super::identity::Whom;
use super::merges::{IdentifyCommand, Merge, Part};
use super::retention::Erase;
use super::session::Session;
use super::timeline::Timeline;
use super::vault::Show;

/// One person: found, shown, handed out, erased, joined with another
#[derive(Debug, Subcommand)]
pub(crate) enum SubjectCommand {
    Lookup(Lookup),
    Show(Show),
    Export(Export),
    Timeline(Timeline),
    Erase(Erase),
    Merge(Merge),
    Part(Part),
    Identify(IdentifyCommand),
}

impl SubjectCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        match self {
            Self::Lookup(command) => command.run(session).await,
            Self::Show(command) => command.run(session).await,
            Self::Export(command) => command.run(session).await,
            Self::Timeline(command) => command.run(session).await,
            Self::Erase(command) => command.run(session).await,
            Self::Merge(command) => command.run(session).await,
            Self::Part(command) => command.run(session).await,
            Self::Identify(command) => command.run(session).await,
        }
    }
}

/// Find a person's id by what they are known by
///
/// The identifier is read from a file or the standard input, never from the command line,
/// which others on the machine can see. Ends with 1 when nobody is known by it.
///
/// Example: steward subject lookup --identifier email --identifier-file address.txt
#[derive(Debug, Args)]
pub(crate) struct Lookup {
    #[command(flatten)]
    whom: Whom,
}

impl Lookup {
    async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let (reference, out) = (self.whom.reference()?, session.out);
        let opened = session.open().await?;
        let found = match reference {
            SubjectRef::Identifier(identifier) => identity::look_up(opened.controller(), identifier).await?,
            reference => Found::Person(identity::resolve(opened.controller(), reference).await?),
        };
        match found {
            Found::Person(subject) => {
                out.json(&json!({ "subject": subject }));
                out.say(subject.to_string());
                Ok(Ended::Done)
            }
            Found::Nobody => {
                out.json(&json!({ "subject": null }));
                out.say("Nobody is known by it.");
                Ok(Ended::Refused)
            }
        }
    }
}
