//! What a site shows its visitors: banner, preference page, the choice itself. The site's own
//! server stands in front and hands requests on, so that the cookie is the site's own.

mod offer;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use ::pages::site::{self as templates, BANNER_BUTTONS, OPT_OUT_BUTTONS, PREFERENCE_BUTTONS};
use ::pages::{Surface, asset};
use app::consent::VISITOR_KEPT_DAYS;
use app::sites::{self, Answer, SiteChoice};
use axum::extract::Path;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use model::PurposeName;
use serde_json::json;
use words::Locale;

use self::offer::Offered;
use self::place::{Back, SitePlace, is_back};
use super::Server;
use super::pages::{Choosing, Cookie, Failure, Form, Page, Visit, see};

/// The cookie that carries a visitor's choice.
pub(crate) const CHOICE: &str = "choice";
/// How long it is kept: a yes and a no equally long.
const KEPT_SECONDS: i64 = VISITOR_KEPT_DAYS * 86_400;
/// By which the banner's answer tells the site's server what the visitor allowed, so that its
/// page can hold the rest back.
const GRANTED: &str = "steward-granted";
/// What the fields of switches begin with.
const ALLOW: &str = "allow.";
/// The day on which the support of Global Privacy Control last changed.
const GPC_SINCE: &str = "2026-11-24";

/// The pages of sites, without what is done around them.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/site/{site}/banner", get(banner))
        .route("/site/{site}/link", get(link))
        .route("/site/{site}/preferences", get(preferences))
        .route("/site/{site}/opt-out", get(opt_out))
        .route("/site/{site}/choice", post(choose))
        .route("/site/{site}/language", post(language))
        .route("/site/{site}/banner.js", get(script))
        .route("/site/{site}/assets/{file}", get(file))
        .route("/.well-known/gpc.json", get(signal))
}

/// The choice that a request's cookie carries.
fn chosen(visit: &Visit, headers: &HeaderMap) -> Option<SiteChoice> {
    let cookie = visit.cookies(headers).get(CHOICE)?;
    sites::open_cookie(visit.controller(), cookie)
}

/// The banner, for the site's server to put at the top of a page; nothing once everything that
/// is asked has an answer.
async fn banner(visit: Visit, place: SitePlace, back: Back, headers: HeaderMap) -> Result<Response, Failure> {
    let offered = Offered::of(&visit, &place)?;
    let choice = chosen(&visit, &headers);
    let granted = [(GRANTED, granted(&visit, choice.as_ref())?)];
    if choice.is_some_and(|choice| choice.answers(&offered.names())) {
        return Ok((granted, Page(::pages::PreEscaped(String::new()))).into_response());
    }
    let offer = offered.offer(&back.0);
    let surface = format!("site/{}/banner", place.site);
    let mut outcome = Ok(());
    let part = templates::banner(&offer, |said| {
        offered.proof(&visit, said, &BANNER_BUTTONS, surface).unwrap_or_else(|error| {
            outcome = Err(error);
            String::new()
        })
    });
    outcome.map(|()| (granted, Page(part)).into_response())
}

/// What a visitor allowed and their browser's signal does not speak against.
fn granted(visit: &Visit, choice: Option<&SiteChoice>) -> Result<String, Failure> {
    let closed = match visit.gpc() {
        true => sites::closed_by_gpc(&visit.controller().in_force()?.manifest),
        false => BTreeSet::new(),
    };
    let granted = choice.into_iter().flat_map(|choice| &choice.granted);
    Ok(granted
        .filter(|purpose| !closed.contains(*purpose))
        .map(PurposeName::as_str)
        .collect::<Vec<_>>()
        .join(" "))
}

/// The link for a page's foot.
async fn link(visit: Visit, place: SitePlace, back: Back) -> Result<Response, Failure> {
    let offered = Offered::of(&visit, &place)?;
    Ok(Page(templates::link(&offered.offer(&back.0))).into_response())
}

/// The page on which everything can be seen and changed.
async fn preferences(
    visit: Visit,
    place: SitePlace,
    back: Back,
    headers: HeaderMap,
) -> Result<Page, Failure> {
    let mut offered = Offered::of(&visit, &place)?;
    let choice = chosen(&visit, &headers);
    offered.show(choice.as_ref());
    let offer = offered.offer(&back.0);
    let mut frame = visit.frame(Surface::Portal, "");
    frame.base.clone_from(&place.base);
    frame.home.clone_from(&back.0);
    frame.address = format!("{}/preferences", place.base);
    let remembered = choice.map(|choice| visit.voice().day(choice.until()));
    let surface = format!("site/{}/preferences", place.site);
    let mut outcome = Ok(());
    let page = templates::preferences(frame, &offer, &offered.necessary, remembered.as_deref(), |said| {
        offered.proof(&visit, said, &PREFERENCE_BUTTONS, surface).unwrap_or_else(|error| {
            outcome = Err(error);
            String::new()
        })
    });
    outcome.map(|()| Page(page))
}

/// The page against selling and sharing, where something here does so.
async fn opt_out(visit: Visit, place: SitePlace, back: Back, headers: HeaderMap) -> Result<Page, Failure> {
    let offered = Offered::of(&visit, &place)?;
    if !offered.sells() {
        return Err(Failure::not_found());
    }
    let sold = sites::closed_by_gpc(&visit.controller().in_force()?.manifest);
    let asked = offered.names();
    let choice = chosen(&visit, &headers);
    let is_refused =
        |choice: &SiteChoice| sold.intersection(&asked).all(|name| choice.refused.contains(name));
    let is_off = visit.gpc() || choice.as_ref().is_some_and(is_refused);
    let mut frame = visit.frame(Surface::Portal, "");
    frame.base.clone_from(&place.base);
    frame.home.clone_from(&back.0);
    frame.address = format!("{}/opt-out", place.base);
    let surface = format!("site/{}/opt-out", place.site);
    let mut outcome = Ok(());
    let page = templates::opt_out(frame, &offered.offer(&back.0), is_off, |said| {
        offered.proof(&visit, said, &OPT_OUT_BUTTONS, surface).unwrap_or_else(|error| {
            outcome = Err(error);
            String::new()
        })
    });
    outcome.map(|()| Page(page))
}

/// Takes a choice: one event with its entry, and the cookie. Without script back to the page.
async fn choose(
    Choosing(visit): Choosing,
    place: SitePlace,
    headers: HeaderMap,
    form: Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let mut fields = form.body;
    let back = fields.remove("back").filter(|back| is_back(back));
    let shown = fields.remove("shown").and_then(|proof| sites::open_shown(visit.controller(), &proof));
    let (shown, is_recent) = shown.ok_or_else(Failure::stale_form)?;
    let offered = Offered::of(&visit, &place)?;
    let is_current = is_recent && offered.is_said_by(&shown, &place);
    let granted = match fields.remove("choice").as_deref() {
        Some("accept") => offered.names(),
        Some("refuse") => BTreeSet::new(),
        Some("save") => ticked(&fields)?,
        Some("opt-out") => {
            let choice = sites::opt_out(visit.controller(), chosen(&visit, &headers), shown).await?;
            let back = format!("{}/opt-out?back={}", place.base, back.as_deref().unwrap_or("/"));
            return Ok(taken(&visit, &choice, see(&back)));
        }
        _ => return Err(Failure::malformed()),
    };
    // A yes counts for what was shown; a no may always be said.
    if !granted.is_empty() && !is_current {
        return Err(Failure::stale_form());
    }
    let answer = Answer { before: chosen(&visit, &headers), granted, shown, gpc: visit.gpc() };
    let choice = sites::answer(visit.controller(), answer).await?;
    let wants_json = headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes() == b"application/json");
    let response = if wants_json {
        let said = visit.voice().say("site-saved");
        Json(json!({ "granted": choice.granted, "refused": choice.refused, "said": said })).into_response()
    } else {
        see(&back.unwrap_or_else(|| format!("{}/preferences", place.base)))
    };
    Ok(taken(&visit, &choice, response))
}

/// The answer to a choice, with its cookie.
fn taken(visit: &Visit, choice: &SiteChoice, mut response: Response) -> Response {
    let value = sites::cookie(visit.controller(), choice);
    let cookie =
        Cookie { name: CHOICE, value: &value, kept_seconds: Some(KEPT_SECONDS), is_local: visit.is_local() };
    cookie.set(&mut response);
    response
}

/// The purposes whose switches are on.
fn ticked(fields: &BTreeMap<String, String>) -> Result<BTreeSet<PurposeName>, Failure> {
    let names = fields.keys().map(|field| {
        let name = field.strip_prefix(ALLOW).ok_or_else(Failure::malformed)?;
        PurposeName::new(name).map_err(|_| Failure::malformed())
    });
    names.collect()
}

/// Keeps the chosen language until the browser is closed.
async fn language(
    visit: Visit,
    place: SitePlace,
    form: Form<BTreeMap<String, String>>,
) -> Result<Response, Failure> {
    let chosen = form.body.get("language").and_then(|tag| Locale::from_tag(tag));
    let chosen = chosen.ok_or_else(Failure::malformed)?;
    let cookie =
        Cookie { name: "language", value: chosen.tag(), kept_seconds: None, is_local: visit.is_local() };
    let mut response = see(&format!("{}/preferences", place.base));
    cookie.set(&mut response);
    Ok(response)
}

/// The banner's script under a name that stays, for sites that name it in their pages.
async fn script(_: SitePlace) -> Response {
    let script = asset::BANNER_SCRIPT;
    let headers = [(CONTENT_TYPE, script.media_type()), (CACHE_CONTROL, "public, max-age=3600")];
    (headers, script.text).into_response()
}

/// A file of these pages, below the site's own path.
async fn file(Path((_, file)): Path<(String, String)>) -> Result<Response, Failure> {
    let asset = asset::find(&file).ok_or_else(Failure::not_found)?;
    let headers =
        [(CONTENT_TYPE, asset.media_type()), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.text).into_response())
}

/// Says that Global Privacy Control is honoured (GPC specification, 4).
async fn signal() -> Response {
    let body = json!({ "gpc": true, "lastUpdate": GPC_SINCE });
    (StatusCode::OK, [(CACHE_CONTROL, "public, max-age=86400")], Json(body)).into_response()
}
