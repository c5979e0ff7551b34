//! `steward visitor`: choices of browsers without a known person.

use app::consent;
use clap::Subcommand;
use model::{Act, Actor, SubjectId, VisitorId};
use serde_json::json;

use super::failure::Ended;
use super::identity::Asking;
use super::session::Session;

/// Choices of browsers without a known person
#[derive(Debug, Subcommand)]
pub(crate) enum VisitorCommand {
    /// Show what a visitor chose and what they were shown
    ///
    /// Example: steward visitor show vis_00000000000000000000000000
    Show {
        /// The visitor, as their cookie names them
        visitor: VisitorId,
    },
    /// Turn a visitor's choices into those of the person they turned out to be
    ///
    /// Where the two differ, the more protective holds. The visitor is forgotten.
    ///
    /// Example: steward visitor join vis_00000000000000000000000000
    /// --subject sub_00000000000000000000000000 --as customer
    Join {
        /// The visitor
        visitor: VisitorId,
        /// The person
        #[arg(long, value_name = "ID")]
        subject: SubjectId,
        /// Who says so: service:NAME, customer, operator
        #[arg(long = "as", value_name = "WHO")]
        asking: Asking,
    },
    /// Forget a visitor at their wish
    ///
    /// Example: steward visitor forget vis_00000000000000000000000000
    Forget {
        /// The visitor
        visitor: VisitorId,
    },
}

impl VisitorCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let opened = session.open().await?;
        let controller = opened.controller();
        match self {
            Self::Show { visitor } => {
                let choices = consent::visitor(controller, visitor).await?;
                out.json(&json!({ "visitor": visitor, "choices": choices }));
                let rows = choices.iter().flat_map(|choice| {
                    let when = choice.recorded.to_string();
                    choice.acts.iter().map(move |act| [when.clone(), part(act, "kind"), about(act)])
                });
                out.table(["recorded", "act", "about"], rows);
            }
            Self::Join { visitor, subject, asking } => {
                let joining =
                    consent::Join { visitor, subject, actor: asking.0, request: None, idempotency: None };
                let joined = consent::join(controller, joining).await?;
                opened.close().await?;
                out.json(&joined);
                out.say(format!("{}: {} event(s)", joined.subject, joined.events.len()));
                return Ok(Ended::Done);
            }
            Self::Forget { visitor } => {
                let entry = consent::erase_visitor(controller, visitor, Actor::Operator, None).await?;
                opened.close().await?;
                out.json(&json!({ "visitor": visitor, "entry": entry }));
                out.say(format!("Nothing is kept of {visitor} ({entry})."));
                return Ok(Ended::Done);
            }
        }
        Ok(Ended::Done)
    }
}

/// What an act is about: its purpose, channel, recipient.
fn about(act: &Act) -> String {
    let parts = ["purpose", "channel", "recipient"].map(|name| part(act, name));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// One member of an act, as its JSON names it.
fn part(act: &Act, name: &str) -> String {
    json!(act).get(name).and_then(|part| part.as_str()).unwrap_or_default().to_owned()
}
