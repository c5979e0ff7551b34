//! A write that is sent twice is done once, and answered twice with the same words.

use model::Timestamp;
use store::services::{self, Answered};
use store::{ReadTx, Tx};

use super::Caller;
use crate::error::AppError;

/// The longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 64;

/// How long answers are kept: a day.
pub const ANSWERS_KEPT_SECONDS: i64 = 86_400;

/// One write as its caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    asker: String,
    key: String,
    fingerprint: [u8; 32],
}

/// What was answered the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The HTTP status.
    pub status: u16,
    /// The body of the answer.
    pub body: String,
}

impl Caller {
    /// The write that the caller names with an `Idempotency-Key`. `request` is everything
    /// that tells it from another one: method, path and body.
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

impl Idempotency {
    /// The answer that this write got before, if it was sent before. Ask for it first, in
    /// the write's own transaction or before it.
    ///
    /// # Errors
    /// `idempotency-mismatch` when the key was used for another write.
    pub fn replayed(&self, tx: &mut ReadTx<'_>) -> Result<Option<Replay>, AppError> {
        let Some(answered) = services::answered(tx, &self.asker, &self.key)? else { return Ok(None) };
        if answered.fingerprint != self.fingerprint {
            return Err(AppError::conflict(
                "idempotency-mismatch",
                "this idempotency key was used for another request: choose a new one",
            ));
        }
        let status = u16::try_from(answered.status).map_err(|_| AppError::Internal("a kept status"))?;
        Ok(Some(Replay { status, body: answered.body }))
    }

    /// Keeps the answer, in the write's own transaction.
    ///
    /// # Errors
    /// `idempotency-raced` when the same write is being done by another request at this
    /// moment; then nothing of this one may stay.
    pub fn keep(&self, tx: &mut Tx<'_>, status: u16, body: &str, now: Timestamp) -> Result<(), AppError> {
        let answered =
            Answered { fingerprint: self.fingerprint, status: status.into(), body: body.to_owned() };
        if services::keep_answer(tx, &self.asker, &self.key, &answered, now)? {
            return Ok(());
        }
        Err(AppError::conflict(
            "idempotency-raced",
            "the same request is being answered at this moment: send it again",
        ))
    }
}
