//! Staff: their accounts, and how they sign in with a password and a second factor.
//!
//! Until passkeys come: Argon2id for the password, TOTP (RFC 6238) for the second factor, each
//! code once. Unknown names cost what known ones do. Every success and failure leaves an entry
//! under the account's id.
//!
//! Five wrong codes in a row beside the right password lock an account for a quarter of an hour:
//! that is how guessing the second factor ends. A wrong password locks nobody out, or every
//! stranger with a name could. It buys the guesser nothing: nobody is told which of the two was
//! wrong, so a right password shows itself only together with a right code, of which one in
//! 300,000 counts and five may be tried. What a client may try at all is limited by its address.

use gate::Record as _;
use keys::{FieldClass, Place};
use model::{
    Action, Actor, Answer, Entry, EntryId, EntryKind, Personal, PurposeName, RoleName, Secret, StaffId,
    Timestamp,
};
use store::staff::{self, StaffRow};
use store::{Tx, inventory};

use crate::controller::{Controller, Core};
use crate::error::AppError;
use crate::recorder::Recorder;

/// Wrong codes in a row, beside the right password, that lock an account.
pub const FAILURES_MAX: i64 = 5;
/// For how long, in minutes.
pub const LOCK_MINUTES: i64 = 15;
/// How long a session lives without being used, in minutes.
pub const IDLE_MINUTES: i64 = 20;
/// How long a session lives at most, in hours.
pub const SESSION_HOURS: i64 = 10;
/// The shortest password, in characters (NIST SP 800-63B).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// The longest password and name, in bytes.
const PASSWORD_BYTES_MAX: usize = 256;
const NAME_BYTES_MAX: usize = 64;
/// How exactly the last use of a session is noted, in seconds.
const SEEN_SECONDS: i64 = 60;

/// Secrets of second factors, under the controller's own key.
const TOTP: FieldClass = FieldClass { room: "staff", name: "totp" };

/// What its owner needs to sign in; shown this once.
#[derive(Debug)]
pub struct Credentials {
    /// The account.
    pub id: StaffId,
    /// The password, where one was made up.
    pub password: Option<Secret<String>>,
    /// The secret of the second factor, as an `otpauth:` address for an app.
    pub otpauth: Secret<String>,
    /// The same secret by itself, in base 32.
    pub totp: Secret<String>,
}

/// An account as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StaffSummary {
    /// The account.
    pub id: StaffId,
    /// The name by which its owner signs in.
    pub name: String,
    /// The role of the manifest.
    pub role: RoleName,
    /// When it was made.
    pub created: Timestamp,
    /// When it was shut.
    pub disabled: Option<Timestamp>,
}

/// Why a member of staff is not signed in. Nobody is told which.
#[derive(Debug, thiserror::Error)]
pub enum StaffLoginError {
    /// Name, password or code are wrong, or the account is locked or shut.
    #[error("name, password or code are not right, or the account is locked")]
    Refused,
    /// The question could not be answered.
    #[error(transparent)]
    Failed(#[from] AppError),
}

/// A living session of a member of staff.
#[derive(Debug)]
pub struct StaffSession {
    /// The account.
    pub id: StaffId,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: RoleName,
    /// When the session ends, however busy it is.
    pub until: Timestamp,
    hash: [u8; 32],
    form: Secret<String>,
}

impl StaffSession {
    /// Who it is, as the gate and the ledger know them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        actor(self.id, &self.role)
    }

    /// What every form of this session carries in a hidden field.
    #[must_use]
    pub fn form_token(&self) -> &str {
        self.form.expose()
    }

    /// Whether a form was made by a page of this session, compared in constant time.
    #[must_use]
    pub fn is_form_token(&self, presented: &str) -> bool {
        keys::constant_time_eq(self.form.expose().as_bytes(), presented.as_bytes())
    }
}

/// A session that has just begun: the token for the cookie, and until when.
#[derive(Debug)]
pub struct StaffSignedIn {
    /// The token; it is shown this once.
    pub token: Secret<String>,
    /// When the session ends.
    pub until: Timestamp,
}

/// Makes an account for a role of the manifest in force. Without a password one is made up.
///
/// # Errors
/// [`AppError::Invalid`]; `name-taken`.
pub async fn add(
    controller: &Controller,
    name: &str,
    role: RoleName,
    password: Option<Secret<String>>,
) -> Result<Credentials, AppError> {
    let in_force = controller.in_force()?;
    if !in_force.manifest.roles.contains_key(&role) {
        return Err(AppError::invalid("role", format!("the manifest declares no role `{role}`")));
    }
    let is_fine = (1..=NAME_BYTES_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte));
    if !is_fine {
        return Err(AppError::invalid("name", "1 to 64 lower-case letters, digits and `-_.`"));
    }
    let (now, id) = (controller.now(), StaffId::random());
    let made = Made::new(controller, id, password).await?;
    let row = StaffRow {
        id,
        name: name.to_owned(),
        role,
        password: made.hash.clone(),
        totp: made.sealed.clone(),
        totp_step: 0,
        failures: 0,
        locked: Timestamp::default(),
        created: now,
        disabled: None,
    };
    let entry = account_entry(id, in_force.policy.version(), now);
    controller
        .db
        .write("staff.add", move |tx| {
            if !staff::add(tx, &row)? {
                return Err(AppError::conflict("name-taken", "another account has this name"));
            }
            Recorder::about_nobody(tx).record(&entry).map(drop)
        })
        .await?;
    Ok(made.credentials(id, name, controller.core().name.as_str()))
}

/// Every account, in the order of the names.
///
/// # Errors
/// When the store fails.
pub async fn list(controller: &Controller) -> Result<Vec<StaffSummary>, AppError> {
    let rows = controller.db.read("staff.list", staff::list).await?;
    let summary = |row: StaffRow| StaffSummary {
        id: row.id,
        name: row.name,
        role: row.role,
        created: row.created,
        disabled: row.disabled,
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Shuts an account and ends its sessions at once.
///
/// # Errors
/// [`AppError::NotFound`] when there is no open account of this name.
pub async fn disable(controller: &Controller, name: &str) -> Result<StaffId, AppError> {
    let now = controller.now();
    let version = controller.in_force().map_or(0, |in_force| in_force.policy.version());
    let (name, entry) = (name.to_owned(), EntryId::random());
    controller
        .db
        .write("staff.disable", move |tx| {
            let row = staff::by_name(tx, &name)?.ok_or(AppError::NotFound("open account"))?;
            if !staff::disable(tx, &row.id, now)? {
                return Err(AppError::NotFound("open account"));
            }
            staff::end_all(tx, &row.id)?;
            let entry = Entry { id: entry, ..account_entry(row.id, version, now) };
            Recorder::about_nobody(tx).record(&entry)?;
            Ok(row.id)
        })
        .await
}

/// Gives an account a new password and second factor, opens it again and ends its sessions.
///
/// # Errors
/// [`AppError::NotFound`] when there is no account of this name; [`AppError::Invalid`].
pub async fn reset(
    controller: &Controller,
    name: &str,
    password: Option<Secret<String>>,
) -> Result<Credentials, AppError> {
    let wanted = name.to_owned();
    let row = controller.db.read("staff.find", move |tx| staff::by_name(tx, &wanted)).await?;
    let id = row.ok_or(AppError::NotFound("account"))?.id;
    let made = Made::new(controller, id, password).await?;
    let version = controller.in_force().map_or(0, |in_force| in_force.policy.version());
    let entry = account_entry(id, version, controller.now());
    let (hash, sealed) = (made.hash.clone(), made.sealed.clone());
    controller
        .db
        .write("staff.reset", move |tx| {
            staff::reset(tx, &id, &hash, &sealed)?;
            staff::end_all(tx, &id)?;
            Recorder::about_nobody(tx).record(&entry).map(drop)
        })
        .await?;
    Ok(made.credentials(id, name, controller.core().name.as_str()))
}

/// Signs in with name, password and a code of the second factor.
///
/// # Errors
/// [`StaffLoginError::Refused`] without a reason; [`StaffLoginError::Failed`].
pub async fn sign_in(
    controller: &Controller,
    name: &str,
    password: Secret<String>,
    code: Secret<String>,
) -> Result<StaffSignedIn, StaffLoginError> {
    let now = controller.now();
    let wanted = name.to_owned();
    let row = controller.db.read("staff.find", move |tx| staff::by_name(tx, &wanted)).await;
    let row = row.map_err(AppError::Store)?;
    let kept = row.as_ref().map(|row| row.password.clone());
    let fits = controller.slow().run(move || keys::is_password(kept.as_deref(), &password)).await?;
    let step = second_factor(&controller.core(), row.as_ref(), &code, now)?;
    let version = controller.in_force()?.policy.version();
    let attempt = Attempt { row, fits, step: step.filter(|_| fits), entry: EntryId::random(), version, now };
    let token = keys::random_token();
    let hash = keys::session_hash(&token);
    let until = now.plus_seconds(3_600 * SESSION_HOURS);
    let begun = controller.db.write("staff.sign_in", move |tx| attempt.run(tx, &hash, until)).await?;
    if begun { Ok(StaffSignedIn { token, until }) } else { Err(StaffLoginError::Refused) }
}

/// The session of a token, if it lives and the manifest still has its role.
///
/// # Errors
/// When the store fails.
pub async fn find(controller: &Controller, token: &Secret<String>) -> Result<Option<StaffSession>, AppError> {
    let now = controller.now();
    let hash = keys::session_hash(token);
    let found = controller.db.read("staff.session", move |tx| staff::session(tx, &hash)).await?;
    let Some(row) = found else { return Ok(None) };
    let has_role = controller.in_force()?.manifest.roles.contains_key(&row.role);
    if !has_role || row.until <= now || row.seen.plus_seconds(60 * IDLE_MINUTES) <= now {
        return Ok(None);
    }
    if row.seen.plus_seconds(SEEN_SECONDS) <= now {
        controller.db.write("staff.seen", move |tx| staff::seen(tx, &hash, now)).await?;
    }
    let form = keys::form_token(token);
    Ok(Some(StaffSession { id: row.staff, name: row.name, role: row.role, until: row.until, hash, form }))
}

/// Signs out.
///
/// # Errors
/// When the store fails.
pub async fn end(controller: &Controller, session: &StaffSession) -> Result<(), AppError> {
    let hash = session.hash;
    controller.db.write("staff.end", move |tx| staff::end(tx, &hash)).await?;
    Ok(())
}

/// An attempt to sign in, of which everything slow is done.
struct Attempt {
    row: Option<StaffRow>,
    /// Whether the password is right.
    fits: bool,
    /// The step of the second factor, where password and code are right.
    step: Option<i64>,
    entry: EntryId,
    version: u32,
    now: Timestamp,
}

impl Attempt {
    /// Begins a session or counts a failure; either way there is an entry, also for a name that
    /// nobody has, so that it costs the same.
    fn run(&self, tx: &mut Tx<'_>, hash: &[u8; 32], until: Timestamp) -> Result<bool, AppError> {
        let Some(row) = &self.row else {
            self.record(tx, Actor::Job("login".to_owned()), Answer::Denied)?;
            return Ok(false);
        };
        let is_open = row.disabled.is_none() && row.locked <= self.now;
        let begins = match self.step.filter(|_| is_open) {
            Some(step) => staff::succeeded(tx, row, step, self.now)?,
            None => false,
        };
        if begins {
            staff::begin(tx, hash, &row.id, self.now, until)?;
        } else if is_open && self.fits {
            let until = self.now.plus_seconds(60 * LOCK_MINUTES);
            staff::failed(tx, &row.id, FAILURES_MAX, (self.now, until))?;
        }
        let answer = if begins { Answer::Granted } else { Answer::Denied };
        self.record(tx, actor(row.id, &row.role), answer)?;
        Ok(begins)
    }

    fn record(&self, tx: &mut Tx<'_>, actor: Actor, answer: Answer) -> Result<(), AppError> {
        let mut entry = Entry::new(self.entry, EntryKind::Login, self.now, actor, self.version);
        entry.purpose = PurposeName::new("security").ok();
        entry.action = Some(Action::Use);
        entry.answer = Some(answer);
        Recorder::about_nobody(tx).record(&entry).map(drop)
    }
}

/// A new password and second factor.
struct Made {
    hash: Vec<u8>,
    sealed: Vec<u8>,
    password: Option<Secret<String>>,
    totp: Secret<String>,
}

impl Made {
    async fn new(
        controller: &Controller,
        id: StaffId,
        given: Option<Secret<String>>,
    ) -> Result<Self, AppError> {
        let made_up = given.is_none().then(|| {
            let token = keys::random_token();
            Secret::new(token.expose().chars().take(20).collect::<String>())
        });
        let password = match given {
            Some(password) => password,
            None => Secret::new(made_up.as_ref().map(|made| made.expose().clone()).unwrap_or_default()),
        };
        let length = password.expose().chars().count();
        if length < PASSWORD_CHARS_MIN || password.expose().len() > PASSWORD_BYTES_MAX {
            let message =
                format!("{PASSWORD_CHARS_MIN} characters at least, {PASSWORD_BYTES_MAX} bytes at most");
            return Err(AppError::invalid("password", message));
        }
        let hash = controller.slow().run(move || keys::hash_password(&password)).await?;
        let hash = hash.ok_or(AppError::Internal("there is no memory to hash a password"))?;
        let totp = keys::totp_secret();
        let text = Personal::new(totp.expose().clone());
        let sealed =
            controller.core().keys.own_subkey(TOTP).seal(place(&id.to_string()), &text)?.into_bytes();
        Ok(Self { hash, sealed, password: made_up, totp })
    }

    fn credentials(self, id: StaffId, name: &str, controller: &str) -> Credentials {
        let otpauth = format!(
            "otpauth://totp/Steward%20{controller}:{name}?secret={}&issuer=Steward%20{controller}",
            self.totp.expose()
        );
        Credentials { id, password: self.password, otpauth: Secret::new(otpauth), totp: self.totp }
    }
}

/// The step whose code this is. A name that nobody has costs a comparison too.
#[expect(clippy::disallowed_methods, reason = "a sealed secret is opened for the comparison alone")]
fn second_factor(
    core: &Core,
    row: Option<&StaffRow>,
    code: &Secret<String>,
    now: Timestamp,
) -> Result<Option<i64>, AppError> {
    let (secret, last) = match row {
        Some(row) => {
            let place_id = row.id.to_string();
            let opened = core.keys.own_subkey(TOTP).open_text(place(&place_id), &row.totp)?;
            (Secret::new(opened.expose().clone()), row.totp_step)
        }
        None => (keys::totp_secret(), 0),
    };
    let typed: String = code.expose().chars().filter(|letter| !letter.is_whitespace()).collect();
    let step = keys::totp_step(&secret, &Secret::new(typed), now.seconds(), last);
    Ok(step.filter(|_| row.is_some()))
}

fn place(id: &str) -> Place<'_> {
    let column = inventory::STAFF_TOTP;
    Place { table: column.table, column: column.column, value: id }
}

fn actor(id: StaffId, role: &RoleName) -> Actor {
    Actor::Staff { account: id.to_string(), role: role.clone() }
}

/// An entry about an account, which its `request` names.
fn account_entry(id: StaffId, version: u32, now: Timestamp) -> Entry {
    let mut entry = Entry::new(EntryId::random(), EntryKind::Staff, now, Actor::Operator, version);
    entry.request = Some(id.to_string());
    entry
}
