//! One hosted controller: its store, keys, policy, log and clock.

use std::sync::{Arc, PoisonError, RwLock};

use connect::mail::Mailer;
use gate::{Permit, Policy};
use keys::KeyRing;
use ledger::SignerKey;
use model::manifest::Manifest;
use model::{Clock, ControllerName, Timestamp, Via};
use store::{Db, manifest};

use crate::epochs::{self, KeyPlace};
use crate::error::AppError;
use crate::memory::Memory;
use crate::slow::Slow;
use crate::tally::census;

/// What a closure on a database thread needs beside its transaction. Shared, never changed.
pub struct Core {
    /// The controller.
    pub name: ControllerName,
    /// Its keys.
    pub keys: KeyRing,
    /// Signs the checkpoints of its log; the key's name is the log's origin.
    pub signer: Arc<SignerKey>,
}

/// The manifest in force and the policy compiled from it, for whoever asks by way of `via`.
#[derive(Clone)]
pub struct InForce {
    /// The manifest.
    pub manifest: Arc<Manifest>,
    /// The policy.
    pub policy: Arc<Policy>,
    /// The service and the key through which is asked: every entry says so.
    pub via: Option<Via>,
    clock: Arc<dyn Clock>,
}

impl InForce {
    /// Refuses to go on under a permit that is over: the answer to the question may be another
    /// one by now.
    ///
    /// # Errors
    /// [`AppError::Busy`]: nothing was done, and the caller asks again.
    pub(crate) fn refuse_over(&self, permit: &Permit<'_>) -> Result<(), AppError> {
        if permit.is_valid_at(self.clock.now()) { Ok(()) } else { Err(AppError::Busy) }
    }
}

/// One controller of this installation. Every subject, key, manifest, store and log
/// belongs to exactly one; nothing moves between two. Clones share everything but `via`.
#[derive(Clone)]
pub struct Controller {
    /// The store.
    pub db: Db,
    core: Arc<Core>,
    clock: Arc<dyn Clock>,
    in_force: Arc<RwLock<Option<Arc<InForce>>>>,
    /// None where others write to the store too.
    memory: Option<Arc<Memory>>,
    via: Option<Via>,
    mailer: Option<Arc<Mailer>>,
    slow: Arc<Slow>,
    key_place: Option<Arc<KeyPlace>>,
    census: Arc<census::Last>,
}

impl Controller {
    /// Puts a controller together and loads the manifest in force, if one was applied.
    ///
    /// `origin` names the log in its checkpoints, such as `steward.example/rosewood/2026`.
    ///
    /// # Errors
    /// When the store fails, holds a manifest that this version cannot read, or hangs on epochs
    /// whose keys are not among these.
    pub async fn open(
        name: ControllerName,
        db: Db,
        keys: KeyRing,
        origin: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AppError> {
        let signer = SignerKey::from_seed(origin, keys.log_seed())
            .map_err(|_| AppError::Internal("the log's origin cannot be a key name"))?;
        let core = Arc::new(Core { name, keys, signer: Arc::new(signer) });
        let memory = watched(&db);
        let controller = Self {
            db,
            core,
            clock,
            in_force: Arc::default(),
            memory,
            via: None,
            mailer: None,
            slow: Arc::default(),
            key_place: None,
            census: Arc::default(),
        };
        let (core, now) = (controller.core(), controller.now());
        let settled = controller.db.write("open", move |tx| epochs::settle(tx, &core.keys, now)).await?;
        settled.forget.into_iter().for_each(|epoch| controller.core.keys.forget_epoch(epoch));
        controller.reload().await?;
        Ok(controller)
    }

    /// The same controller with a server for its letters; without one they wait.
    #[must_use]
    pub fn with_mailer(self, mailer: Mailer) -> Self {
        Self { mailer: Some(Arc::new(mailer)), ..self }
    }

    /// The server for its letters.
    pub(crate) fn mailer(&self) -> Option<Arc<Mailer>> {
        self.mailer.clone()
    }

    /// What was counted last of what is held.
    pub(crate) fn last_census(&self) -> &census::Last {
        &self.census
    }

    /// Turns of slow arithmetic, such as hashing a password.
    pub(crate) fn slow(&self) -> &Slow {
        &self.slow
    }

    /// The same controller with the place where its keys lie; without one no epoch is opened.
    #[must_use]
    pub fn with_key_place(self, place: KeyPlace) -> Self {
        Self { key_place: Some(Arc::new(place)), ..self }
    }

    /// The place where its keys lie.
    #[must_use]
    pub fn key_place(&self) -> Option<Arc<KeyPlace>> {
        self.key_place.clone()
    }

    /// The present moment by the injected clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The clock itself.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// What closures on database threads need.
    #[must_use]
    pub fn core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    /// The manifest in force and its policy.
    ///
    /// # Errors
    /// [`AppError::NoManifest`] before the first `apply`.
    pub fn in_force(&self) -> Result<Arc<InForce>, AppError> {
        let in_force = self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone();
        let in_force = in_force.ok_or(AppError::NoManifest)?;
        Ok(match &self.via {
            None => in_force,
            Some(_) => Arc::new(InForce { via: self.via.clone(), ..(*in_force).clone() }),
        })
    }

    /// Whether every standing is in memory, so that dry runs are answered without the store.
    #[must_use]
    pub fn knows_everybody(&self) -> bool {
        self.memory.as_ref().is_some_and(|memory| memory.knows_everybody())
    }

    /// What this process remembers; none where others write to the store too.
    pub(crate) const fn memory(&self) -> Option<&Arc<Memory>> {
        self.memory.as_ref()
    }

    /// The same controller as asked through a service and its key, which every decision and
    /// entry then names beside whoever the service says it acts for.
    #[must_use]
    pub fn through(&self, via: Option<Via>) -> Self {
        Self { via, ..self.clone() }
    }

    /// The same controller by another clock: what is done through it carries that clock's time.
    /// A generator of sample data lives through past months this way.
    #[must_use]
    pub fn by_clock(&self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self.clone() }
    }

    /// Loads the newest manifest of the store, when it is newer than the one in memory.
    /// Nodes call this as they follow the log.
    ///
    /// # Errors
    /// When the store fails, or holds a manifest that this version cannot read.
    pub async fn reload(&self) -> Result<(), AppError> {
        let latest = self.db.read("manifest", manifest::latest).await?;
        let Some(latest) = latest else { return Ok(()) };
        let version = u32::try_from(latest.version).map_err(|_| AppError::Internal("manifest version"))?;
        if self.in_force().is_ok_and(|in_force| in_force.policy.version() >= version) {
            return Ok(());
        }
        let manifest: Manifest = serde_json::from_str(&latest.body)
            .map_err(|_| AppError::Internal("the stored manifest does not read"))?;
        let laws = crate::law::laws(&manifest)
            .map_err(|_| AppError::Internal("the stored manifest answers what no law asks"))?;
        let policy = Policy::compile(&manifest, version, keys::sha256(latest.body.as_bytes())).under(laws);
        let (manifest, policy) = (Arc::new(manifest), Arc::new(policy));
        let fresh = Arc::new(InForce { manifest, policy, via: None, clock: self.clock() });
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        Ok(())
    }
}

/// A memory that is told what every commit changes, where all of them pass this handle.
fn watched(db: &Db) -> Option<Arc<Memory>> {
    let memory = Arc::new(Memory::default());
    let told = Arc::clone(&memory);
    (db.is_ours_alone() && db.watch(move |changes| told.note(changes))).then_some(memory)
}
