//! Who asks: an API key, as extractors. A handler that takes one cannot run without it.
//!
//! No key, an unknown key, a wrong secret: 401, one answer for all. A key without the right:
//! 403 with the scope that is missing. What a caller may not see answers 404.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use app::Controller;
use app::services::{self, AuthError};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use model::{Action, Actor, ApiKeyId, PurposeName, Secret, StaffId, SubjectId, Timestamp, Via};

use super::Server;
use super::client::{Client, Clients};
use super::listener::Peer;
use super::problem::Problem;
use super::rate::RateLimit;
use crate::config::Config;
use crate::installation::Hosted;

/// The header that names a controller where an installation hosts several.
const CONTROLLER_HEADER: &str = "steward-controller";

/// Whose budget of look-ups it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Looker {
    Key(ApiKeyId),
    Staff(StaffId),
}

/// Tries of one person in a day to change what they are found by: a refused one says that the
/// text belongs to somebody.
const IDENTIFIERS_PER_DAY: u32 = 5;

/// How often callers may come. What is counted apart has a budget apart: whoever guesses keys
/// of the API uses up nobody's tries to sign in.
pub(crate) struct Gatekeeper {
    requests: RateLimit<ApiKeyId>,
    lookups: RateLimit<Looker>,
    failures: RateLimit<Client>,
    attempts: RateLimit<Client>,
    choices: RateLimit<Client>,
    identifiers: RateLimit<SubjectId>,
    clients: Clients,
}

impl Gatekeeper {
    pub(crate) fn new(config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            requests: RateLimit::new(limits.requests_per_second, 1, limits.requests_burst),
            lookups: RateLimit::new(limits.lookups_per_minute, 60, limits.lookups_per_minute),
            failures: RateLimit::new(limits.failures_per_minute, 60, limits.failures_per_minute),
            attempts: RateLimit::new(limits.attempts_per_minute, 60, limits.attempts_per_minute),
            choices: RateLimit::new(limits.choices_per_minute, 60, limits.choices_per_minute),
            identifiers: RateLimit::new(IDENTIFIERS_PER_DAY, 86_400, IDENTIFIERS_PER_DAY),
            clients: Clients::new(&config.trusted_proxies),
        }
    }

    /// Counts a request without a key in force against the client it comes from.
    fn spend_failure(&self, peer: IpAddr, headers: &HeaderMap, now: Timestamp) -> Result<(), Problem> {
        self.failures.take(self.clients.of(peer, headers), now)
    }

    /// Counts a visitor's choice against the client it comes from.
    pub(crate) fn spend_choice(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), Problem> {
        self.choices.take(self.clients.of(peer, headers), now)
    }

    /// Counts a person's try to change what they are found by.
    pub(crate) fn spend_identifier(&self, subject: SubjectId, now: Timestamp) -> Result<(), Problem> {
        self.identifiers.take(subject, now)
    }

    /// Counts a try to sign in against the client it comes from.
    pub(crate) fn spend_attempt(
        &self,
        peer: IpAddr,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<(), Problem> {
        self.attempts.take(self.clients.of(peer, headers), now)
    }

    /// Takes one look-up from the budget of a member of staff.
    pub(crate) fn spend_staff_lookup(&self, staff: StaffId, now: Timestamp) -> Result<(), Problem> {
        self.lookups.take(Looker::Staff(staff), now)
    }
}

/// The controller that a request means. It needs no key: what is public takes it alone.
pub(crate) struct Addressed(pub(crate) Arc<Hosted>);

impl FromRequestParts<Server> for Addressed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let meant = server.installation().meant(text(CONTROLLER_HEADER), text(HOST.as_str()));
        meant.cloned().map(Self).ok_or_else(|| Problem::not_found("controller"))
    }
}

/// A caller with a key in force.
pub(crate) struct Caller {
    hosted: Arc<Hosted>,
    key: Arc<services::Caller>,
    controller: Controller,
    server: Server,
}

impl Caller {
    /// The controller that the key belongs to.
    pub(crate) fn hosted(&self) -> &Hosted {
        &self.hosted
    }

    /// The controller's use cases; what they record names the service and this key.
    pub(crate) fn controller(&self) -> &Controller {
        &self.controller
    }

    /// The key and its scopes.
    pub(crate) fn key(&self) -> &services::Caller {
        &self.key
    }

    /// Who asks, as the gate and the ledger know it. An auditor asks for nothing.
    pub(crate) fn actor(&self) -> Result<Actor, Problem> {
        self.key.actor().ok_or_else(|| Problem::forbidden("an auditor's key asks for no use of data"))
    }

    /// Refuses a purpose outside the key's scope.
    pub(crate) fn for_purpose(&self, purpose: &PurposeName) -> Result<(), Problem> {
        if self.key.purposes.contains(purpose) {
            return Ok(());
        }
        Err(Problem::forbidden(format!("the key may not ask for the purpose `{purpose}`")))
    }

    /// Refuses an action outside the key's scope.
    pub(crate) fn for_action(&self, action: Action) -> Result<(), Problem> {
        if self.key.actions.contains(&action) {
            return Ok(());
        }
        Err(Problem::forbidden(format!("the key may not ask for the action `{action}`")))
    }

    /// Takes one look-up from the key's budget.
    pub(crate) fn spend_lookup(&self) -> Result<(), Problem> {
        self.server.gatekeeper().lookups.take(Looker::Key(self.key.key_id), self.controller().now())
    }
}

impl FromRequestParts<Server> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let Addressed(hosted) = Addressed::from_request_parts(parts, server).await?;
        let gatekeeper = server.gatekeeper();
        let now = hosted.controller.now();
        let key = match presented(&parts.headers) {
            Some(token) => services::authenticate(&hosted.controller, &token).await,
            None => Err(AuthError::Refused),
        };
        match key {
            Ok(key) => {
                gatekeeper.requests.take(key.key_id, now)?;
                let via = key.service.clone().map(|service| Via { service, key: key.key_id });
                let controller = hosted.controller.through(via);
                Ok(Self { hosted, key, controller, server: server.clone() })
            }
            Err(AuthError::Failed(error)) => Err(error.into()),
            Err(AuthError::Refused) => {
                if let Some(ConnectInfo(Peer(peer))) = parts.extensions.get() {
                    gatekeeper.spend_failure(*peer, &parts.headers, now)?;
                }
                Err(Problem::unauthorised())
            }
        }
    }
}

/// The key that a request presents.
fn presented(headers: &HeaderMap) -> Option<Secret<String>> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim().to_owned()))
}

/// An action that a route is for, as a type.
pub(crate) trait Permission: Send + Sync + 'static {
    /// The action that the key must have in its scope.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl Permission for $name {
            const ACTION: Action = Action::$name;
        }
    )+};
}

permissions!(
    /// Take data in, consent events among it.
    Collect,
    /// Look at data.
    Read,
    /// Correct data.
    Correct,
    /// Hand a person's data out.
    Export,
    /// Make data unreadable.
    Erase,
    /// Join two identities, or part them.
    Merge,
);

/// A caller whose key has the action in its scope.
pub(crate) struct May<P>(Caller, PhantomData<P>);

impl<P> Deref for May<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<P: Permission> FromRequestParts<Server> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, server).await?;
        caller.for_action(P::ACTION)?;
        Ok(Self(caller, PhantomData))
    }
}
