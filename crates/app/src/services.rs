//! API keys of the business's programs and of auditors.
//!
//! A key reads `stw_<26 characters>_<52 characters>`: the key's id without its prefix, and
//! a secret of 256 random bits. The store keeps a hash of the secret; whoever reads the
//! store can use no key.

use std::collections::BTreeSet;
use std::sync::Arc;

use gate::Record as _;
use model::{
    Action, Actor, ApiKeyId, Entry, EntryId, EntryKind, PurposeName, Secret, ServiceName, Timestamp,
};
use store::services::{self, ApiKeyRow};

use crate::controller::Controller;
use crate::error::{AppError, Fault};
use crate::idempotency::Idempotency;
use crate::recorder::Recorder;

/// The longest label of a key, in bytes.
pub const LABEL_BYTES_MAX: usize = 128;

/// The longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 64;

/// What an API key may do, beside what the manifest says of its holder: both must agree.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scopes {
    /// The service of the manifest that it speaks for; none: an auditor's key.
    pub service: Option<ServiceName>,
    /// The actions it may ask for.
    #[serde(default)]
    pub actions: BTreeSet<Action>,
    /// The purposes it may ask for.
    #[serde(default)]
    pub purposes: BTreeSet<PurposeName>,
    /// Whether it may learn that nobody has an identifier.
    #[serde(default)]
    pub look_up: bool,
    /// Whether it may read the entries of the ledger.
    #[serde(default)]
    pub audit: bool,
}

/// Whoever presented a living key.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key.
    pub key_id: ApiKeyId,
    /// The service that it speaks for; none: an auditor.
    pub service: Option<ServiceName>,
    /// The actions it may ask for.
    pub actions: BTreeSet<Action>,
    /// The purposes it may ask for.
    pub purposes: BTreeSet<PurposeName>,
    /// Whether it may learn that nobody has an identifier.
    pub look_up: bool,
    /// Whether it may read the entries of the ledger.
    pub audit: bool,
    /// When the key ends.
    until: Option<Timestamp>,
    /// Keys the fingerprints of its requests; made of the secret, so that the store alone
    /// cannot test what a request said.
    request_key: Arc<Secret<[u8; 32]>>,
}

impl Caller {
    /// The caller as the gate and the ledger know it; none for an auditor, who asks nothing.
    #[must_use]
    pub fn actor(&self) -> Option<Actor> {
        self.service.clone().map(Actor::Service)
    }

    /// Whether the key's scope covers an action for a purpose. The manifest is asked by the gate.
    #[must_use]
    pub fn may(&self, action: Action, purpose: &PurposeName) -> bool {
        self.actions.contains(&action) && self.purposes.contains(purpose)
    }

    /// The write that the caller names with an `Idempotency-Key`. `request` is everything
    /// that tells it from another one: method, path and body. Its fingerprint is keyed by
    /// the caller's secret, because a plain hash of a body with an address can be guessed.
    ///
    /// # Errors
    /// [`AppError::Invalid`] unless the key has 1 to 64 visible ASCII characters.
    pub fn idempotency(&self, key: &str, request: &[&[u8]]) -> Result<Idempotency, AppError> {
        let is_fine =
            (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if !is_fine {
            let message = format!("1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible ASCII characters");
            return Err(AppError::invalid("Idempotency-Key", message));
        }
        let mut input = Vec::new();
        for part in request {
            input.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            input.extend_from_slice(part);
        }
        Ok(Idempotency {
            asker: self.key_id.to_string(),
            key: key.to_owned(),
            fingerprint: keys::hmac_sha256(self.request_key.expose(), &input),
        })
    }
}

/// A key as a list shows it: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeySummary {
    /// The key.
    pub id: ApiKeyId,
    /// What people call it.
    pub label: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

/// Why a key was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// It is malformed, unknown, wrong, over or revoked; nobody is told which.
    #[error("the API key is not valid")]
    Refused,
    /// The question could not be answered.
    #[error(transparent)]
    Failed(#[from] AppError),
}

/// Makes an API key, with its entry. The secret is shown this once.
///
/// # Errors
/// [`AppError::Invalid`] when the manifest does not declare the service or a purpose, the
/// label is empty or too long, or the key would be over already.
pub async fn create(
    controller: &Controller,
    scopes: Scopes,
    label: String,
    until: Option<Timestamp>,
    actor: Actor,
) -> Result<(ApiKeyId, Secret<String>), AppError> {
    let now = controller.now();
    let in_force = controller.in_force()?;
    check(&in_force.manifest, &scopes, &label, until, now)?;
    let (id, secret) = (ApiKeyId::random(), keys::random_token());
    let body =
        serde_json::to_string(&scopes).map_err(|_| AppError::Internal("the scopes do not serialise"))?;
    let hash = keys::api_key_hash(&secret);
    let row = ApiKeyRow { id, hash, label, body, created: now, until, revoked: None };
    let entry = key_entry(id, actor, in_force.policy.version(), now);
    controller
        .db
        .write("services.create_key", move |tx| {
            Recorder::about_nobody(tx).record(&entry)?;
            services::add_key(tx, &row).map_err(AppError::from)
        })
        .await?;
    Ok((id, Secret::new(format!("stw_{}_{}", without_prefix(id), secret.expose()))))
}

/// Finds out whose key was presented. A revocation acts with the next request: the key's row
/// is read each time, or remembered until any key is written.
///
/// # Errors
/// [`AuthError::Refused`] without a reason; [`AuthError::Failed`] when the store failed.
pub async fn authenticate(
    controller: &Controller,
    presented: &Secret<String>,
) -> Result<Arc<Caller>, AuthError> {
    let now = controller.now();
    let (id, secret) = split(presented).ok_or(AuthError::Refused)?;
    let hash = keys::api_key_hash(&secret);
    let memory = controller.memory();
    if let Some(caller) = memory.and_then(|memory| memory.caller(&id, &hash)) {
        let is_over = caller.until.is_some_and(|until| until <= now);
        return if is_over { Err(AuthError::Refused) } else { Ok(caller) };
    }
    let stamp = memory.map(|memory| memory.key_stamp());
    let row: Option<ApiKeyRow> = controller
        .db
        .read("services.authenticate", move |tx| services::find_key(tx, &id))
        .await
        .map_err(AppError::Store)?;
    // An unknown key costs a comparison too.
    let kept = row.as_ref().map_or([0; 32], |row| row.hash);
    let fits = keys::constant_time_eq(&kept, &hash);
    let row = row.filter(|_| fits).ok_or(AuthError::Refused)?;
    if row.revoked.is_some() || row.until.is_some_and(|until| until <= now) {
        return Err(AuthError::Refused);
    }
    let scopes = read_scopes(&row.body)?;
    let request_key = keys::hmac_sha256(secret.expose().as_bytes(), b"steward/request-fingerprint/v1");
    let caller = Arc::new(Caller {
        key_id: row.id,
        until: row.until,
        service: scopes.service,
        actions: scopes.actions,
        purposes: scopes.purposes,
        look_up: scopes.look_up,
        audit: scopes.audit,
        request_key: Arc::new(Secret::new(request_key)),
    });
    if let (Some(memory), Some(stamp)) = (memory, stamp) {
        memory.remember(stamp, hash, &caller);
    }
    Ok(caller)
}

/// Revokes a key at once, with its entry.
///
/// # Errors
/// [`AppError::NotFound`] when it is unknown or revoked already.
pub async fn revoke(controller: &Controller, id: ApiKeyId, actor: Actor) -> Result<(), AppError> {
    let now = controller.now();
    let version = controller.in_force().map_or(0, |in_force| in_force.policy.version());
    let entry = key_entry(id, actor, version, now);
    controller
        .db
        .write("services.revoke_key", move |tx| {
            if !services::revoke_key(tx, &id, now)? {
                return Err(AppError::NotFound("living API key"));
            }
            Recorder::about_nobody(tx).record(&entry).map(drop)
        })
        .await
}

/// Every key, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn list(controller: &Controller) -> Result<Vec<KeySummary>, AppError> {
    let rows = controller.db.read("services.keys", services::keys).await?;
    rows.into_iter()
        .map(|row| {
            Ok(KeySummary {
                id: row.id,
                scopes: read_scopes(&row.body)?,
                label: row.label,
                created: row.created,
                until: row.until,
                revoked: row.revoked,
            })
        })
        .collect()
}

fn check(
    manifest: &model::manifest::Manifest,
    scopes: &Scopes,
    label: &str,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), AppError> {
    let mut faults = Vec::new();
    if label.trim().is_empty() || label.len() > LABEL_BYTES_MAX {
        faults.push(Fault::new("label", format!("a label has 1 to {LABEL_BYTES_MAX} bytes")));
    }
    if let Some(service) = scopes.service.as_ref().filter(|name| !manifest.services.contains_key(*name)) {
        faults.push(Fault::new("service", format!("the manifest declares no service `{service}`")));
    }
    for purpose in scopes.purposes.iter().filter(|name| !manifest.purposes.contains_key(*name)) {
        faults.push(Fault::new("purposes", format!("the manifest declares no purpose `{purpose}`")));
    }
    if scopes.service.is_none() && !scopes.audit {
        faults.push(Fault::new("service", "a key speaks for a service, or is an auditor's"));
    }
    if scopes.service.is_none() && !(scopes.actions.is_empty() && scopes.purposes.is_empty()) {
        faults.push(Fault::new("actions", "an auditor's key asks for nothing"));
    }
    if until.is_some_and(|until| until <= now) {
        faults.push(Fault::new("until", "the key would be over already"));
    }
    if faults.is_empty() { Ok(()) } else { Err(AppError::Invalid(faults)) }
}

/// An entry about a key, which its `request` names.
fn key_entry(id: ApiKeyId, actor: Actor, version: u32, now: Timestamp) -> Entry {
    let mut entry = Entry::new(EntryId::random(), EntryKind::Key, now, actor, version);
    entry.request = Some(id.to_string());
    entry
}

fn read_scopes(body: &str) -> Result<Scopes, AppError> {
    serde_json::from_str(body).map_err(|_| AppError::Internal("the stored scopes do not read"))
}

fn without_prefix(id: ApiKeyId) -> String {
    let text = id.to_string();
    text.split_once('_').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

/// The id and the secret of a presented key, if it has the shape of one.
fn split(presented: &Secret<String>) -> Option<(ApiKeyId, Secret<String>)> {
    let (id, secret) = presented.expose().strip_prefix("stw_")?.split_once('_')?;
    let id = format!("{}_{id}", ApiKeyId::PREFIX).parse().ok()?;
    Some((id, Secret::new(secret.to_owned())))
}
