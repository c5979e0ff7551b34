//! `steward subject show`: what is held of a person, as a purpose may see it.

use app::identity;
use app::vault::{self, Disclosed, Read};
use clap::Args;
use model::{CategoryName, PurposeName};
use serde_json::Value;

use super::failure::Ended;
use super::identity::{Asking, Whom, Why};
use super::output::Out;
use super::session::Session;

/// Show what is held of a person, as a purpose may see it
///
/// Whoever asks sees it as the manifest says: in the clear, masked or tokenised. The look
/// is recorded and stands in the person's timeline.
///
/// Example: steward subject show --subject sub_00000000000000000000000000
/// --as staff:support:acc-7 --reason customer-asked --ticket T-17
/// --purpose order-fulfilment --category contact.email
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    whom: Whom,
    /// Who looks: service:NAME, staff:ROLE:ACCOUNT, customer
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    #[command(flatten)]
    why: Why,
    /// For which purpose
    #[arg(long, value_name = "NAME")]
    purpose: PurposeName,
    /// A category; may be given several times. Without it all that the purpose needs
    #[arg(long = "category", value_name = "NAME")]
    categories: Vec<CategoryName>,
    /// Also values that corrections ended
    #[arg(long)]
    history: bool,
}

impl Show {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let reference = self.whom.reference()?;
        let opened = session.open().await?;
        let controller = opened.controller();
        let subject = identity::resolve(controller, reference).await?;
        let in_force = controller.in_force()?;
        let categories = if self.categories.is_empty() {
            in_force
                .manifest
                .purposes
                .get(&self.purpose)
                .map(|purpose| purpose.categories.clone())
                .unwrap_or_default()
        } else {
            self.categories.into_iter().collect()
        };
        let look = Read {
            subject,
            purpose: self.purpose,
            categories,
            actor: self.asking.0,
            reason: self.why.given(),
            request: None,
            with_history: self.history,
            with_records: true,
        };
        let looked = vault::read(controller, look).await;
        opened.close().await?;
        show(session.out, &looked?);
        Ok(Ended::Done)
    }
}

fn show(out: Out, disclosed: &Disclosed) {
    out.json(disclosed);
    let rows = disclosed.values.iter().map(|value| {
        let state = value.ended.map_or_else(String::new, |ended| format!("until {}", ended.date()));
        [value.category.to_string(), value.field.clone(), in_words(&value.value), value.source.clone(), state]
    });
    out.table(["category", "field", "value", "source", ""], rows);
    for record in &disclosed.records {
        let fields: Vec<_> =
            record.fields.iter().map(|(field, value)| format!("{field} {}", in_words(value))).collect();
        out.say(format!("{} {}: {}", record.kind, record.id, fields.join(", ")));
    }
    out.say(format!("Recorded as {}.", disclosed.entry));
}

fn in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
