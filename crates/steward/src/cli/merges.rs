//! `steward subject merge | part | identify`: who is who.

use std::path::PathBuf;

use app::identity::{self, Identify, Proof, SubjectRef, identify};
use app::merges::{self, Merge as MergeAct, UndoMerge};
use clap::Args;
use model::{Identifier, IdentifierKind, MergeId, PurposeName, SubjectId};

use super::failure::Ended;
use super::identity::{Asking, Why, identifier_value};
use super::session::Session;

/// Join two identities of one person
///
/// No data moves: one leads, the other follows. Where their choices differ, the more
/// protective holds. It can be undone for 90 days with `steward subject part`.
///
/// Example: steward subject merge --one sub_00000000000000000000000000
/// --other sub_00000000000000000000000001 --as staff:privacy-officer:acc-7 --reason request --ticket T-12
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// One of them
    #[arg(long, value_name = "ID")]
    one: SubjectId,
    /// The other
    #[arg(long, value_name = "ID")]
    other: SubjectId,
    /// Which of the two leads; without it the older one
    #[arg(long, value_name = "ID")]
    leader: Option<SubjectId>,
    /// Who merges: customer, staff:ROLE:ACCOUNT
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    #[command(flatten)]
    why: Why,
}

impl Merge {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let act = MergeAct {
            one: self.one,
            other: self.other,
            leader: self.leader,
            reason: self.why.given(),
            actor: self.asking.0,
            request: None,
            idempotency: None,
        };
        let opened = session.open().await?;
        let merged = merges::merge(opened.controller(), act).await;
        opened.close().await?;
        let merged = merged?;
        out.json(&merged);
        out.say(format!("{} leads, {} follows ({})", merged.leader, merged.alias, merged.id));
        out.say(format!("It can be undone until {}.", merged.undo_until.date()));
        Ok(Ended::Done)
    }
}

/// Part two identities again, within 90 days of their merge
///
/// Each stands where its own choices put it; every no of the time in between holds for both.
///
/// Example: steward subject part mrg_00000000000000000000000000
/// --as staff:privacy-officer:acc-7 --reason request --ticket T-12
#[derive(Debug, Args)]
pub(crate) struct Part {
    /// The merge, as `steward subject merge` printed it
    merge: MergeId,
    /// Who parts them: customer, staff:ROLE:ACCOUNT
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    #[command(flatten)]
    why: Why,
}

impl Part {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let reason = self.why.given();
        let act =
            UndoMerge { id: self.merge, actor: self.asking.0, reason, request: None, idempotency: None };
        let opened = session.open().await?;
        let parted = merges::undo(opened.controller(), act).await;
        opened.close().await?;
        let parted = parted?;
        out.json(&parted);
        out.say(format!("{} and {} stand alone again.", parted.leader, parted.alias));
        Ok(Ended::Done)
    }
}

/// Add an identifier to a person, or note that they proved it
///
/// The identifier is read from a file or the standard input, never from the command line.
/// What somebody else is known by stays theirs.
///
/// Example: steward subject identify --of sub_00000000000000000000000000 --identifier email
/// --identifier-file address.txt --proof code --as customer
#[derive(Debug, Args)]
pub(crate) struct IdentifyCommand {
    /// The person
    #[arg(long = "of", value_name = "ID")]
    of: SubjectId,
    /// The kind of the identifier: email, phone, customer-number, …
    #[arg(long, value_name = "KIND")]
    identifier: IdentifierKind,
    /// The file with the identifier on one line; without it the standard input
    #[arg(long, value_name = "FILE")]
    identifier_file: Option<PathBuf>,
    /// How they proved it: link, code, document, system; without it, it is merely claimed
    #[arg(long, value_name = "HOW", value_parser = proof)]
    proof: Option<Proof>,
    /// For which purpose it is taken in
    #[arg(long, value_name = "NAME", default_value = "rights")]
    purpose: PurposeName,
    /// Who says so: customer, staff:ROLE:ACCOUNT, service:NAME
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    #[command(flatten)]
    why: Why,
}

impl IdentifyCommand {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let value = identifier_value(self.identifier_file.as_deref())?;
        let opened = session.open().await?;
        let subject = identity::resolve(opened.controller(), SubjectRef::Id(self.of)).await?;
        let request = Identify {
            subject,
            identifier: Identifier { kind: self.identifier, value },
            proof: self.proof,
            purpose: self.purpose,
            reason: self.why.given(),
            actor: self.asking.0,
            request: None,
            idempotency: None,
        };
        let identified = identify(opened.controller(), request).await;
        opened.close().await?;
        let identified = identified?;
        out.json(&identified);
        let state = if identified.verified { "proved" } else { "claimed" };
        out.say(format!("{}: {} {state} ({})", identified.subject, identified.kind, identified.entry));
        Ok(Ended::Done)
    }
}

fn proof(text: &str) -> Result<Proof, String> {
    serde_json::from_value(text.into()).map_err(|_| "one of `link`, `code`, `document`, `system`".to_owned())
}
