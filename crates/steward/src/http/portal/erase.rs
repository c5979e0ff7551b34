//! Deleting everything: a preview, a fresh code, then the erasure.

use app::login::{self, LoginError};
use app::retention::{self, Erase, Extent, Kept, Plan, Stays};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::{Actor, Answer};
use pages::Surface;
use pages::portal::erase::{self as template, EraseView, StaysView};
use pages::portal::{Section, sign_in::CodeView};

use super::customer::{Act, Customer, session_cookie};
use super::names::Names;
use super::sign_in::{CodeBody, Nothing, code_view, failed};
use crate::http::pages::{Failure, Page, see};

/// What would go, what would stay, why and until when. Nothing is done.
pub(super) async fn preview(customer: Customer) -> Result<Response, Failure> {
    let controller = customer.controller();
    let plan = retention::plan(controller, wish(&customer)).await?;
    let in_force = controller.in_force()?;
    let view = view(Names::new(customer.voice(), &in_force.manifest), &customer, &plan);
    Ok(customer.shown(template::preview(customer.frame(Section::Erase)?, &view)))
}

/// The page for a code without a code asked for: back to the preview.
pub(super) async fn begin_anew() -> Response {
    see(Section::Erase.address())
}

/// Sends a fresh code and asks for it.
pub(super) async fn begin(act: Act<Nothing>) -> Result<Response, Failure> {
    let customer = act.who;
    let tag = customer.visit().locale().tag();
    let requested =
        login::request_again(customer.controller(), customer.session(), tag).await.map_err(failed)?;
    ask(&customer, &code_view(requested.id, String::new()))
}

/// Erases, if the code is right.
pub(super) async fn erase(act: Act<CodeBody>) -> Result<Response, Failure> {
    let Act { who: customer, body } = act;
    let controller = customer.controller();
    let (login, code) = body.parts()?;
    match login::confirm_again(controller, customer.session(), login, &code).await {
        Ok(()) => {}
        Err(LoginError::Refused) => {
            let page = ask(&customer, &code_view(login, customer.voice().say("code-refused")))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
        Err(error) => return Err(failed(error)),
    }
    let erased = retention::erase(controller, wish(&customer)).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let stays: Vec<StaysView> = erased.stays.iter().map(|stays| stays_view(names, stays)).collect();
    let mut frame = customer.visit().frame(Surface::Bare, "");
    frame.address = Section::Overview.address().to_owned();
    let page = template::done(frame, &erased.entry.to_string(), &stays);
    let mut response = Page(page).into_response();
    session_cookie(customer.visit(), "", 0).set(&mut response);
    Ok(response)
}

fn ask(customer: &Customer, view: &CodeView) -> Result<Response, Failure> {
    let mut frame = customer.frame(Section::Erase)?;
    frame.address = Section::Erase.address().to_owned();
    Ok(customer.shown(template::confirm(frame, customer.csrf(), view)))
}

fn wish(customer: &Customer) -> Erase {
    Erase {
        subject: customer.subject(),
        extent: Extent::Person,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    }
}

fn view(names: Names<'_>, customer: &Customer, plan: &Plan) -> EraseView {
    let why = || plan.verdict.findings.iter().map(|reason| names.why_not(reason.code));
    EraseView {
        csrf: customer.csrf().to_owned(),
        goes: plan.ends.iter().map(|ends| (names.lifetime(&ends.lifetime), ends.items)).collect(),
        identifiers: plan.identifiers,
        entries: plan.entries,
        stays: plan.stays.iter().map(|stays| stays_view(names, stays)).collect(),
        denied: if plan.verdict.answer == Answer::Granted { Vec::new() } else { why().collect() },
    }
}

fn stays_view(names: Names<'_>, stays: &Stays) -> StaysView {
    let voice = names.voice();
    let what = voice.say(match stays.what {
        Kept::Evidence => "stays-evidence",
        Kept::Duty => "stays-duty",
        Kept::Tombstone => "stays-tombstone",
        Kept::Suppression => "stays-suppression",
    });
    let purpose = stays.purpose.as_ref().map(|purpose| names.purpose(purpose.as_str()));
    let basis = voice.say(&format!("basis-{}", stays.basis));
    let parts = [purpose, Some(basis), stays.citation.clone()];
    StaysView { what, why: parts.into_iter().flatten().collect::<Vec<_>>().join(", "), until: stays.until }
}
