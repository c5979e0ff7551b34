//! `steward consent`: recording what a person chose, and where they stand.

use app::consent::{self, Look, NewEvent, RecordConsent, Recorded, StandingView};
use app::identity;
use clap::{Args, Subcommand};
use model::{Act, Actor, CategoryName, Channel, EventId, Origin, PurposeName, RecipientName, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::failure::{Ended, usage};
use super::identity::{Asking, Whom, Why};
use super::output::Out;
use super::session::Session;
use crate::http::WITHDRAW_AT;

/// What a person chose, and where they stand
#[derive(Debug, Subcommand)]
pub(crate) enum ConsentCommand {
    Record(Record),
    /// Show where a person stands on each purpose
    ///
    /// Example: steward consent show --subject sub_00000000000000000000000000 --as customer
    Show {
        #[command(flatten)]
        whom: Whom,
        /// Who looks: service:NAME, staff:ROLE:ACCOUNT, customer, operator
        #[arg(long = "as", value_name = "WHO")]
        asking: Asking,
    },
    Withdraw(Withdraw),
    /// Print the receipt of one event, as JSON-LD by ISO/IEC TS 27560
    ///
    /// Example: steward consent receipt evt_00000000000000000000000000
    /// --subject sub_00000000000000000000000000 --as customer
    Receipt {
        /// The event
        event: EventId,
        #[command(flatten)]
        whom: Whom,
        /// Who asks: customer, staff:ROLE:ACCOUNT, operator
        #[arg(long = "as", value_name = "WHO")]
        asking: Asking,
        #[command(flatten)]
        why: Why,
        /// The language of its words
        #[arg(long, value_name = "TAG", default_value = "en")]
        locale: String,
    },
}

/// Withdraw in one go: everything that leaves a choice, or some purposes
///
/// Each purpose is refused in the way its ground knows: withdrawn, objected, opted out.
///
/// Example: steward consent withdraw --subject sub_00000000000000000000000000 --origin phone
#[derive(Debug, Args)]
pub(crate) struct Withdraw {
    #[command(flatten)]
    whom: Whom,
    /// A purpose; may be given several times; without it everything that leaves a choice
    #[arg(long = "purpose", value_name = "NAME")]
    purposes: Vec<PurposeName>,
    /// Where it came from: phone, till, paper, staff, …
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    origin: Origin,
}

impl Withdraw {
    async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let reference = self.whom.reference()?;
        let opened = session.open().await?;
        let subject = identity::resolve(opened.controller(), reference).await?;
        let purposes = (!self.purposes.is_empty()).then(|| self.purposes.into_iter().collect());
        let wish = consent::Withdrawal {
            subject,
            purposes,
            origin: self.origin,
            shown: None,
            actor: Actor::Operator,
            request: None,
            idempotency: None,
        };
        let recorded = consent::withdraw(opened.controller(), wish).await;
        opened.close().await?;
        tell(session.out, &recorded?);
        Ok(Ended::Done)
    }
}

/// Record an act of a person: a yes, a no, a withdrawal, an objection …
///
/// Example: steward consent record --subject sub_00000000000000000000000000
/// --kind withdrawn --purpose newsletter --origin phone
#[derive(Debug, Args)]
pub(crate) struct Record {
    #[command(flatten)]
    whom: Whom,
    /// What was done: given, refused, withdrawn, objected, opted-out, restricted, …
    #[arg(long, value_name = "KIND")]
    kind: String,
    /// The purpose it is about
    #[arg(long, value_name = "NAME")]
    purpose: Option<PurposeName>,
    /// Only over this channel
    #[arg(long, value_name = "NAME")]
    channel: Option<Channel>,
    /// Only towards this recipient
    #[arg(long, value_name = "NAME")]
    recipient: Option<RecipientName>,
    /// The category that is restricted
    #[arg(long, value_name = "NAME")]
    category: Option<CategoryName>,
    /// Where it came from: phone, till, paper, staff, import, …
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    origin: Origin,
    /// When it happened (RFC 3339); without it now
    #[arg(long, value_name = "TIME")]
    occurred: Option<Timestamp>,
    /// Make the person, where nobody has the identifier
    #[arg(long)]
    create: bool,
}

impl ConsentCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        match self {
            Self::Record(record) => record.run(session).await,
            Self::Withdraw(command) => command.run(session).await,
            Self::Receipt { event, whom, asking, why, locale } => {
                let reference = whom.reference()?;
                let opened = session.open().await?;
                let subject = identity::resolve(opened.controller(), reference).await?;
                let look = Look { actor: asking.0, reason: why.given() };
                let receipt =
                    consent::receipt(opened.controller(), subject, event, &locale, WITHDRAW_AT, look).await;
                opened.close().await?;
                session.out.document(&receipt?);
                Ok(Ended::Done)
            }
            Self::Show { whom, asking } => {
                let reference = whom.reference()?;
                let opened = session.open().await?;
                let subject = identity::resolve(opened.controller(), reference).await?;
                let standing = consent::standing(opened.controller(), subject, asking.0).await;
                opened.close().await?;
                show(session.out, &standing?);
                Ok(Ended::Done)
            }
        }
    }
}

impl Record {
    async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let mut event = NewEvent::new(self.act()?, self.origin);
        event.occurred = self.occurred;
        let subject = self.whom.reference()?;
        let opened = session.open().await?;
        let request = RecordConsent {
            subject,
            create: self.create,
            events: vec![event],
            actor: Actor::Operator,
            request: None,
            idempotency: None,
        };
        let recorded = consent::record(opened.controller(), request).await;
        opened.close().await?;
        tell(out, &recorded?);
        Ok(Ended::Done)
    }

    fn act(&self) -> anyhow::Result<Act> {
        let parts = [
            ("kind", Some(self.kind.clone())),
            ("purpose", self.purpose.as_ref().map(ToString::to_string)),
            ("channel", self.channel.as_ref().map(ToString::to_string)),
            ("recipient", self.recipient.as_ref().map(ToString::to_string)),
            ("category", self.category.as_ref().map(ToString::to_string)),
        ];
        let act: Map<String, Value> =
            parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?.into()))).collect();
        serde_json::from_value(act.into()).map_err(|error| {
            usage(format!("this is no act of a person: {error}"), "steward consent record --help")
        })
    }
}

fn tell(out: Out, recorded: &Recorded) {
    out.json(recorded);
    for event in &recorded.events {
        out.say(format!("{}: {} ({})", recorded.subject, event.event, event.entry));
    }
    for lifetime in &recorded.ended {
        out.say(format!("Nothing else needs the lifetime `{lifetime}`: its key is destroyed."));
    }
}

fn origin(text: &str) -> Result<Origin, String> {
    let codes = || Origin::ALL.map(Origin::code).join("`, `");
    Origin::from_code(text).ok_or_else(|| format!("one of `{}`", codes()))
}

fn show(out: Out, standing: &StandingView) {
    out.json(standing);
    let rows = standing.purposes.iter().map(|purpose| {
        let state = if purpose.locked { "no switch".to_owned() } else { code(&purpose.state) };
        let since = purpose.since.map(|since| since.date()).unwrap_or_default();
        let objected = purpose.objected_since.map(|since| format!("objected {}", since.date()));
        let opted_out = purpose.opted_out_since.map(|since| format!("opted out {}", since.date()));
        let more = [objected, opted_out].into_iter().flatten().collect::<Vec<_>>().join(", ");
        [purpose.purpose.to_string(), purpose.basis.code().to_owned(), state, since, more]
    });
    out.table(["purpose", "basis", "state", "since", ""], rows);
    if !standing.suppressed.is_empty() {
        let channels: Vec<_> = standing.suppressed.iter().map(|channel| channel.code()).collect();
        out.say(format!("Not to be contacted by {}.", channels.join(", ")));
    }
}

/// The code of something that serialises as one.
fn code(value: &impl Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
