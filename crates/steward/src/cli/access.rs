//! `steward decide` and `steward audience`: asking whether data may be used.

use std::path::PathBuf;

use app::access::{self, Asker, Mode, Question, What};
use app::{Controller, Verdict};
use clap::Args;
use model::{Action, Answer, AudienceId, CategoryName, Channel, PurposeName, RecipientName, SubjectId};

use super::asks;
use super::failure::{Ended, in_words, usage};
use super::identity::{Asking, Whom, Why};
use super::output::Out;
use super::session::Session;

/// People on one page of an audience.
const PAGE_ITEMS: i64 = 1_000;

/// Ask whether a person's data may be used, and why not
///
/// The question and its answer are recorded in the ledger, unless it is a dry run. The
/// command ends with 1 when the answer is no, or one of the answers.
///
/// Example: steward decide --as service:mailer --purpose newsletter --action send
/// --channel email --identifier email --identifier-file address.txt
///
/// Many questions stand in a file, one JSON object per line as among the `items` of
/// POST /v1/decisions; with --json each answer is a line of JSON.
///
/// Example: steward decide --as service:mailer --file asks.ndjson
#[derive(Debug, Args)]
pub(crate) struct Decide {
    #[command(flatten)]
    whom: Whom,
    /// A file of questions, one JSON object per line; it is read as it is answered
    #[arg(long, value_name = "FILE", group = "Whom", conflicts_with_all = SINGLE)]
    file: Option<PathBuf>,
    /// Who asks: service:NAME, staff:ROLE:ACCOUNT, customer, operator
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    /// Why: a purpose of the manifest
    #[arg(long, value_name = "NAME", required_unless_present = "file")]
    purpose: Option<PurposeName>,
    /// What is to be done: use, send, read, share, …
    #[arg(long, value_name = "ACTION", default_value = "use")]
    action: Action,
    /// Over which channel, to send: email, sms, phone, push, post
    #[arg(long, value_name = "NAME")]
    channel: Option<Channel>,
    /// A category of data; may be given several times
    #[arg(long = "category", value_name = "NAME")]
    categories: Vec<CategoryName>,
    #[command(flatten)]
    why: Why,
    /// Towards whom, to share
    #[arg(long, value_name = "NAME")]
    recipient: Option<RecipientName>,
    /// Only try: nothing is recorded, nothing is permitted
    #[arg(long)]
    dry_run: bool,
}

/// What says a single question, beside a file of many.
const SINGLE: [&str; 10] = [
    "subject",
    "identifier",
    "identifier_file",
    "purpose",
    "action",
    "channel",
    "categories",
    "recipient",
    "reason",
    "ticket",
];

/// What is to be done, and why.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// Why: a purpose of the manifest
    #[arg(long, value_name = "NAME")]
    purpose: PurposeName,
    /// What is to be done: use, send, read, share, …
    #[arg(long, value_name = "ACTION", default_value = "use")]
    action: Action,
    /// Over which channel, to send: email, sms, phone, push, post
    #[arg(long, value_name = "NAME")]
    channel: Option<Channel>,
    /// A category of data; may be given several times
    #[arg(long = "category", value_name = "NAME")]
    categories: Vec<CategoryName>,
}

impl Decide {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let mode = Mode { strict: true, dry_run: self.dry_run };
        let asker = Asker::new(self.asking.0);
        if let Some(file) = &self.file {
            return asks::run(session, file, asker, mode).await;
        }
        let purpose = self.purpose.ok_or_else(|| usage("no purpose is named", "--purpose NAME"))?;
        let mut what = What::new(purpose, self.action);
        what.channel = self.channel;
        what.categories = self.categories.into_iter().collect();
        what.recipient = self.recipient;
        what.reason = self.why.given().map(|given| (given.code, given.ticket));
        let question = Question { subject: self.whom.reference()?, what };
        let opened = session.open().await?;
        let verdict = access::decide_one(opened.controller(), question, asker, mode).await?;
        opened.close().await?;
        tell(session.out, &verdict);
        Ok(if verdict.answer == Answer::Denied { Ended::Refused } else { Ended::Done })
    }
}

fn tell(out: Out, verdict: &Verdict) {
    out.json(verdict);
    let answer = words::words().text("en", &format!("answer-{}", verdict.answer), &[]);
    let until = verdict.until.map(|until| format!(", until {until}")).unwrap_or_default();
    let entry = verdict.entry.map_or_else(|| "not recorded".to_owned(), |entry| entry.to_string());
    out.say(format!("{answer}{until} ({entry})"));
    in_words(verdict).iter().for_each(|reason| out.say(format!("  - {reason}")));
}

/// Ask for everybody who may be used for a purpose, and list their ids
///
/// The audience is recorded as a set, and each of its people is asked about once more
/// before their id is printed.
///
/// Example: steward audience --as service:mailer --purpose newsletter --action send --channel email
#[derive(Debug, Args)]
pub(crate) struct Audience {
    /// Who asks: service:NAME
    #[arg(long = "as", value_name = "WHO")]
    asking: Asking,
    #[command(flatten)]
    what: Wanted,
    /// Only count: do not list the ids
    #[arg(long)]
    count: bool,
}

impl Audience {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        let whom = access::Whom {
            purpose: self.what.purpose,
            channel: self.what.channel,
            categories: self.what.categories.into_iter().collect(),
            action: self.what.action,
        };
        let asker = Asker::new(self.asking.0);
        let opened = session.open().await?;
        let controller = opened.controller();
        let audience = access::audience(controller, whom, asker.clone()).await?;
        let subjects = match self.count {
            true => Vec::new(),
            false => everybody(controller, audience.id, &asker).await?,
        };
        opened.close().await?;
        out.json(&serde_json::json!({ "audience": audience, "subjects": subjects }));
        subjects.iter().for_each(|subject| out.say(subject.to_string()));
        if !out.is_json() {
            out.remark(format!("{} people, {} ({})", audience.count, audience.id, audience.entry));
        }
        Ok(Ended::Done)
    }
}

/// The ids of an audience, page by page; each page is asked about anew.
async fn everybody(controller: &Controller, id: AudienceId, asker: &Asker) -> anyhow::Result<Vec<SubjectId>> {
    let (mut subjects, mut after) = (Vec::new(), None);
    loop {
        let page = access::audience_page(controller, id, after, PAGE_ITEMS, asker.clone()).await?;
        subjects.extend(page.subjects);
        after = page.next;
        if after.is_none() {
            return Ok(subjects);
        }
    }
}
