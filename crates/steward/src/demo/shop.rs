//! The demo's storefront: a handful of pages on a host of their own, with the banner put in by
//! its server. What a visitor has not allowed is not asked for: its script and its offer stand
//! inert in the page, and come from the shop's own host.

mod mail;
mod page;
mod relay;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, Method, Response, StatusCode, Uri};
use axum::response::{Html, IntoResponse as _};
use axum::routing::{any, get, post};
use connect::mailbox::MailboxServer;
use model::{Clock as _, SystemClock};
use tokio::net::TcpListener;
use words::{Locale, Voice};

use self::page::{ITEMS, Item, Parts};
use super::logins::Logins;

/// Below which path the shop hands requests on to Steward.
const PRIVACY: &str = "/privacy";
/// The site's pages at Steward.
const SITE: &str = "/site/shop";
/// The strictest policy under which the shop works.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// What the shop's pages look like, and the two things that a visitor may allow.
const STYLE: &str = include_str!("shop/shop.css");
const COUNT: &str = include_str!("shop/count.js");

/// The storefront and where it finds Steward.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) steward: SocketAddr,
    pub(super) mailbox: Arc<MailboxServer>,
    pub(super) logins: Logins,
}

/// Serves the storefront until the program ends.
pub(super) fn serve(listener: TcpListener, shop: Shop) -> tokio::task::JoinHandle<()> {
    let router = Router::new()
        .route("/", get(home))
        .route("/item/{name}", get(item).post(add))
        .route("/basket", get(basket))
        .route("/account", get(account))
        .route("/mail", get(letters))
        .route("/shop.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route("/count.js", get(async || file("text/javascript; charset=utf-8", COUNT)))
        .route("/count", post(async || StatusCode::NO_CONTENT))
        .route("/privacy/{*rest}", any(privacy))
        .route("/.well-known/gpc.json", get(signal))
        .fallback(missing)
        .with_state(shop);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the storefront ended");
        }
    })
}

fn file(media_type: &'static str, text: &'static str) -> Response<Body> {
    ([(CONTENT_TYPE, media_type), (CACHE_CONTROL, "public, max-age=60")], text).into_response()
}

async fn privacy(
    State(shop): State<Shop>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path_and_query().map_or("", |whole| whole.as_str());
    let rest = path.strip_prefix(PRIVACY).unwrap_or_default();
    handed_on(shop, &method, &format!("{SITE}{rest}"), &headers, body).await
}

async fn signal(State(shop): State<Shop>, headers: HeaderMap) -> Response<Body> {
    handed_on(shop, &Method::GET, "/.well-known/gpc.json", &headers, Bytes::new()).await
}

async fn handed_on(
    shop: Shop,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Response<Body> {
    match relay::ask(shop.steward, method, path, headers, body).await {
        Ok(answer) => answer.into_response(),
        Err(error) => {
            tracing::warn!(%error, "Steward did not answer the storefront");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

async fn home(State(shop): State<Shop>, headers: HeaderMap) -> Response<Body> {
    shown(shop, &headers, "/", page::home).await
}

async fn item(State(shop): State<Shop>, Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    match ITEMS.iter().find(|item| item.name == name) {
        Some(item) => shown(shop, &headers, &format!("/item/{name}"), |parts| page::item(parts, item)).await,
        None => missing(State(shop), headers).await,
    }
}

/// Puts an item into the basket: a cookie of this visit, which the shop cannot work without.
async fn add(Path(name): Path<String>, headers: HeaderMap) -> Response<Body> {
    let mut names: Vec<&str> = in_basket(&headers).iter().map(|item| item.name).collect();
    if let Some(item) = ITEMS.iter().find(|item| item.name == name) {
        names.push(item.name);
    }
    names.truncate(12);
    let cookie = format!("basket={}; Path=/; HttpOnly; SameSite=Lax", names.join("."));
    (StatusCode::SEE_OTHER, [(LOCATION, "/basket".to_owned()), (SET_COOKIE, cookie)]).into_response()
}

async fn basket(State(shop): State<Shop>, headers: HeaderMap) -> Response<Body> {
    let items = in_basket(&headers);
    shown(shop, &headers, "/basket", |parts| page::basket(parts, &items)).await
}

async fn account(State(shop): State<Shop>, headers: HeaderMap) -> Response<Body> {
    let portal = format!("http://{}/portal", shop.steward);
    shown(shop, &headers, "/account", |parts| page::account(parts, &portal)).await
}

/// The demo's mail page.
async fn letters(State(shop): State<Shop>, headers: HeaderMap) -> Response<Body> {
    let (letters, logins) = (shop.mailbox.letters(), shop.logins.clone());
    let now = SystemClock.now().seconds();
    shown(shop, &headers, "/mail", |parts| mail::page(parts, &letters, &logins, now)).await
}

async fn missing(State(shop): State<Shop>, headers: HeaderMap) -> Response<Body> {
    let mut response = shown(shop, &headers, "/", page::missing).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// A page of the shop with the banner and the link that Steward gives for it.
async fn shown(
    shop: Shop,
    headers: &HeaderMap,
    back: &str,
    write: impl FnOnce(&Parts) -> maud::Markup,
) -> Response<Body> {
    let part = async |name: &str| {
        let path = format!("{SITE}/{name}?back={back}");
        relay::ask(shop.steward, &Method::GET, &path, headers, Bytes::new()).await.ok()
    };
    let (banner, link) = (part("banner").await, part("link").await);
    let granted = banner.as_ref().and_then(|banner| banner.headers.get("steward-granted"));
    let granted = granted.and_then(|granted| granted.to_str().ok()).unwrap_or_default();
    let text = |answer: Option<relay::Answer>| {
        let answer = answer.filter(|answer| answer.status == StatusCode::OK);
        answer.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()).unwrap_or_default()
    };
    let parts = Parts {
        voice: Voice::of(language(headers)),
        granted: granted.split(' ').map(str::to_owned).collect(),
        address: back.to_owned(),
        banner: text(banner),
        link: text(link),
    };
    let policy = HeaderName::from_static("content-security-policy");
    let kept = [(policy, POLICY), (CACHE_CONTROL, "no-store")];
    (kept, Html(write(&parts).into_string())).into_response()
}

/// The language that Steward chooses too: its cookie first, then what the browser asks for.
fn language(headers: &HeaderMap) -> Locale {
    let chosen = cookie(headers, "language").and_then(Locale::from_tag);
    let asked = headers.get("accept-language").and_then(|value| value.to_str().ok());
    chosen.or_else(|| asked.map(Locale::negotiate)).unwrap_or_default()
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn in_basket(headers: &HeaderMap) -> Vec<&'static Item> {
    let names = cookie(headers, "basket").unwrap_or_default();
    names.split('.').filter_map(|name| ITEMS.iter().find(|item| item.name == name)).collect()
}
