//! The files that the shops hand over: customers of the record shop, orders, page views.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use app::Controller;
use app::identity::{self, Identify, Proof, SubjectRef};
use app::imports::{self, ImportRequest, Report};
use connect::Source;
use model::{Actor, Identifier, PurposeName, ServiceName, SystemName, Timestamp};

use super::Ordered;
use super::customers::OLD_HEADER;
use super::dice::Dice;
use super::life::Life;

const ARTICLES: [&str; 8] = [
    "The Shelf by the Window",
    "A Field Guide to Rain",
    "Night Trains of Europe",
    "Blue Kettle (LP)",
    "The Bread Book",
    "Letters from a Lighthouse",
    "Rosewood Candle",
    "Harbour Songs (LP)",
];
const PAGES: [&str; 7] =
    ["/", "/books", "/records", "/gifts", "/basket", "/books/rain", "/records/blue-kettle"];

/// The customers whom the record shop brought. The web shop gives each a number of its own,
/// which happens to be the same: numbers of two shops join nobody by themselves.
pub(super) async fn record_shop(
    controller: &Controller,
    folder: &Path,
    lives: &[Life],
) -> anyhow::Result<()> {
    let mut text = format!("{OLD_HEADER}\n");
    for life in lives.iter().filter(|life| life.is_old) {
        let _ = writeln!(text, "{}", life.customer.old_line());
    }
    take_in(controller, folder, ("chinook", "Customer"), &text, Actor::Operator).await?;
    for life in lives.iter().filter(|life| life.is_old) {
        let number = |kind: &str| -> anyhow::Result<Identifier> {
            Ok(Identifier { kind: kind.parse()?, value: life.customer.number.to_string().into() })
        };
        let known = SubjectRef::Identifier(number("record-shop-number")?);
        let request = Identify {
            subject: identity::resolve(controller, known).await?,
            identifier: number("customer-number")?,
            proof: Some(Proof::System),
            purpose: PurposeName::new("order-fulfilment")?,
            actor: Actor::Service(ServiceName::new("storefront")?),
            reason: None,
            request: None,
            idempotency: None,
        };
        identity::identify(controller, request).await?;
    }
    Ok(())
}

/// The orders of a week.
pub(super) async fn orders(
    controller: &Controller,
    folder: &Path,
    ordered: &[Ordered],
    dice: &mut Dice,
) -> anyhow::Result<()> {
    if ordered.is_empty() {
        return Ok(());
    }
    let mut text = "order_id,customer_id,ordered_at,article,quantity,total\n".to_owned();
    for order in ordered {
        let article = dice.pick(&ARTICLES).copied().unwrap_or_default();
        let (quantity, price) = (dice.between(1, 3), dice.between(6, 38));
        let at = order.at;
        let id = format!("R{}-{}", order.customer, at.seconds());
        let _ = writeln!(text, "{id},{},{at},{article},{quantity},{}.50", order.customer, quantity * price);
    }
    let storefront = Actor::Service(ServiceName::new("storefront")?);
    take_in(controller, folder, ("web-shop", "orders"), &text, storefront).await?;
    Ok(())
}

/// The pages that some customers looked at in a week; those who did not allow it are refused.
pub(super) async fn page_views(
    controller: &Controller,
    folder: &Path,
    (since, until): (Timestamp, Timestamp),
    here: &[u32],
    dice: &mut Dice,
) -> anyhow::Result<u64> {
    let seconds = until.seconds() - since.seconds();
    let mut text = "view_id,customer_id,viewed_at,page\n".to_owned();
    let mut count = 0;
    for customer in here {
        if !dice.chance(9) {
            continue;
        }
        let from = dice.between(0, seconds - 3_600);
        for step in 0..dice.between(2, 5) {
            let at = since.plus_seconds(from + step * 45);
            let page = dice.pick(&PAGES).copied().unwrap_or_default();
            let _ = writeln!(text, "V{customer}-{},{customer},{at},{page}", at.seconds());
            count += 1;
        }
    }
    if count == 0 {
        return Ok(0);
    }
    let storefront = Actor::Service(ServiceName::new("storefront")?);
    Ok(take_in(controller, folder, ("web-shop", "page_views"), &text, storefront).await?.tally.imported)
}

async fn take_in(
    controller: &Controller,
    folder: &Path,
    (system, table): (&str, &str),
    text: &str,
    actor: Actor,
) -> anyhow::Result<Report> {
    let file = File(folder.join(format!("{table}.csv")));
    fs::write(&file.0, text).with_context(|| format!("cannot write `{}`", file.0.display()))?;
    let request = ImportRequest {
        system: SystemName::new(system)?,
        table: table.to_owned(),
        source: Source::Csv { file: file.0.clone() },
        actor,
        purpose: None,
        dropped: std::collections::BTreeSet::new(),
        rejects: None,
        on_progress: None,
    };
    Ok(imports::run(controller, request).await?)
}

/// A file that is gone when this ends, whatever happens.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
