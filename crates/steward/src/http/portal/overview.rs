//! The first page: where things are, and what happened lately.

use app::{consent, timeline};
use axum::response::Response;
use model::Actor;
use pages::portal::Section;
use pages::portal::overview::{self as template, OverviewView};

use super::choices::is_on;
use super::customer::Customer;
use super::history::item;
use super::names::Names;
use crate::http::pages::Failure;

/// Uses on the first page.
const RECENT: usize = 4;

/// The page.
pub(super) async fn page(customer: Customer) -> Result<Response, Failure> {
    let (controller, subject) = (customer.controller(), customer.subject());
    let standing = consent::standing(controller, subject, Actor::Customer).await?;
    let uses = timeline::timeline(controller, subject, None, RECENT, Actor::Customer).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let optional = standing.purposes.iter().filter(|purpose| !purpose.locked);
    let view = OverviewView {
        allowed: optional.clone().filter(|purpose| is_on(purpose, &standing)).count(),
        optional: optional.count(),
        recent: uses.items.iter().map(|use_| item(names, use_)).collect(),
    };
    Ok(customer.shown(template::page(customer.frame(Section::Overview)?, &view)))
}
