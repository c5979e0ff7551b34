//! Repeating a write safely: the answer is kept in the write's own transaction.

use model::{SubjectId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::services::{self, Answered};
use store::{ReadTx, Tx};

use crate::error::AppError;

/// Answers are kept this long, in hours.
pub const ANSWERS_KEPT_HOURS: i64 = 24;

/// A caller's key for one write, and the hash of what it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// Who asks: the API key's id.
    pub asker: String,
    /// The caller's key: up to 64 visible ASCII characters.
    pub key: String,
    /// Hash over method, path and body of the request, keyed by the caller's secret
    /// ([`crate::services::Caller::idempotency`]).
    pub fingerprint: [u8; 32],
}

impl Idempotency {
    /// The answer given before under this key, if any.
    ///
    /// # Errors
    /// `idempotency-mismatch` when the key was used for another request.
    pub fn replayed<T: DeserializeOwned>(
        this: Option<&Self>,
        tx: &mut ReadTx<'_>,
    ) -> Result<Option<T>, AppError> {
        let Some(this) = this else { return Ok(None) };
        let Some(answered) = services::answered(tx, &this.asker, &this.key)? else { return Ok(None) };
        if answered.fingerprint != this.fingerprint {
            return Err(AppError::conflict(
                "idempotency-mismatch",
                "this idempotency key was used for another request: take a new key",
            ));
        }
        serde_json::from_str(&answered.body).map(Some).map_err(|_| {
            AppError::conflict("idempotency-mismatch", "this idempotency key was used for another act")
        })
    }

    /// Keeps the answer beside the write.
    ///
    /// # Errors
    /// `idempotency-race` when another request with the same key is ahead; repeat it then.
    pub fn keep<T: Serialize>(
        this: Option<&Self>,
        tx: &mut Tx<'_>,
        answer: &T,
        now: Timestamp,
    ) -> Result<(), AppError> {
        Self::keep_about(this, tx, answer, None, now)
    }

    /// Keeps an answer that quotes the data of the identity `about`: whatever ends any of that
    /// data forgets the answer ([`services::forget_answers_about`]).
    ///
    /// # Errors
    /// As [`Idempotency::keep`].
    pub(crate) fn keep_about<T: Serialize>(
        this: Option<&Self>,
        tx: &mut Tx<'_>,
        answer: &T,
        about: Option<&SubjectId>,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let Some(this) = this else { return Ok(()) };
        let body =
            serde_json::to_string(answer).map_err(|_| AppError::Internal("an answer does not serialise"))?;
        let answered = Answered { fingerprint: this.fingerprint, status: 200, body };
        if services::keep_answer(tx, &this.asker, &this.key, &answered, about, now)? {
            return Ok(());
        }
        Err(AppError::conflict("idempotency-race", "the same request is being answered: repeat it"))
    }
}
