//! How a caller names a write that may be sent twice.

use super::Caller;
use crate::error::AppError;
use crate::idempotency::Idempotency;

/// The longest idempotency key, in bytes.
pub const IDEMPOTENCY_KEY_BYTES_MAX: usize = 64;

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
            // Keyed by the caller's secret: the hash of a body tells nobody what it held.
            fingerprint: keys::hmac_sha256(self.request_key.expose(), &input),
        })
    }
}
