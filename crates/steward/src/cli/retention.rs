//! `steward subject erase`: a person, or one lifetime of theirs.

use app::identity;
use app::retention::{self, Erase as Wish, Extent, Plan, Stays};
use clap::Args;
use model::{Actor, LifetimeName};

use super::failure::{Ended, in_words, usage};
use super::identity::{Asking, Whom, Why};
use super::output::Out;
use super::session::Session;

/// Erase a person, or one lifetime of theirs, for good
///
/// The keys are destroyed and the rows deleted; what a law obliges the controller to keep
/// stays, and the answer says what, why and until when. `--dry-run` shows the plan and
/// does nothing. There is no way back.
///
/// Example: steward subject erase --subject sub_00000000000000000000000000 --as customer --dry-run
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    whom: Whom,
    /// Who asks for it: customer, staff:ROLE:ACCOUNT, operator
    #[arg(long = "as", value_name = "WHO")]
    asking: Option<Asking>,
    #[command(flatten)]
    why: Why,
    /// Only this lifetime
    #[arg(long, value_name = "NAME")]
    lifetime: Option<LifetimeName>,
    /// Show what would end and what would stay
    #[arg(long)]
    dry_run: bool,
    /// Do it; needed unless it is a dry run
    #[arg(long)]
    yes: bool,
}

impl Erase {
    pub(crate) async fn run(self, session: &Session) -> anyhow::Result<Ended> {
        let out = session.out;
        if !self.dry_run && !self.yes {
            return Err(usage("erasing cannot be undone", "--dry-run first, then --yes"));
        }
        let reference = self.whom.reference()?;
        let opened = session.open().await?;
        let controller = opened.controller();
        let wish = Wish {
            subject: identity::resolve(controller, reference).await?,
            extent: self.lifetime.map_or(Extent::Person, Extent::Lifetime),
            actor: self.asking.map_or(Actor::Operator, |asking| asking.0),
            reason: self.why.given(),
            request: None,
            idempotency: None,
        };
        if self.dry_run {
            let plan = retention::plan(controller, wish).await?;
            out.json(&plan);
            show_plan(out, &plan);
            let permitted = plan.verdict.findings.is_empty();
            return Ok(if permitted { Ended::Done } else { Ended::Refused });
        }
        let erased = retention::erase(controller, wish).await;
        opened.close().await?;
        let erased = erased?;
        out.json(&erased);
        let ended: Vec<_> = erased.ended.iter().map(LifetimeName::as_str).collect();
        out.say(format!("Erased for good: {} ({}).", ended.join(", "), erased.entry));
        show_stays(out, &erased.stays);
        Ok(Ended::Done)
    }
}

fn show_plan(out: Out, plan: &Plan) {
    for reason in in_words(&plan.verdict) {
        out.say(format!("It would be denied: {reason}"));
    }
    out.say("What would end:");
    out.table(
        ["lifetime", "values and records"],
        plan.ends.iter().map(|ends| [ends.lifetime.to_string(), ends.items.to_string()]),
    );
    out.say(format!(
        "With it {} identifiers, {} choices, and {} entries of the ledger lead to nobody.",
        plan.identifiers, plan.events, plan.entries
    ));
    show_stays(out, &plan.stays);
}

fn show_stays(out: Out, stays: &[Stays]) {
    if stays.is_empty() {
        return out.say("Nothing stays.");
    }
    out.say("What stays:");
    let rows = stays.iter().map(|stays| {
        let what = serde_json::to_value(stays.what).ok();
        let what = what.as_ref().and_then(|code| code.as_str()).unwrap_or_default().to_owned();
        let why = stays.citation.clone().unwrap_or_else(|| stays.basis.code().to_owned());
        [what, why, stays.until.date()]
    });
    out.table(["what", "why", "until"], rows);
}
