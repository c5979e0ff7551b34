//! Letters of our own: what they say, and handing them to the mail server.

use connect::mail::{Letter, MailError};
use model::{EntryId, Personal};
use words::{Word, words};

use crate::controller::Controller;
use crate::error::AppError;
use crate::login::CODE_MINUTES;

/// A login code on its way.
pub(crate) struct CodeLetter {
    /// The address.
    pub(crate) to: Personal<String>,
    /// The code.
    pub(crate) code: Personal<String>,
    /// The language.
    pub(crate) locale: String,
    /// The entry of the permit; it names the letter.
    pub(crate) entry: EntryId,
}

/// What became of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The server took it.
    Taken,
    /// The server refused it for good: trying again helps nobody.
    Refused,
}

/// Mails a login code.
///
/// # Errors
/// When no server is configured, or it cannot take the letter now: to be tried again.
pub(crate) async fn send_code(controller: &Controller, code: CodeLetter) -> Result<Handed, AppError> {
    let name = controller.in_force()?.manifest.controller.name.clone();
    hand_over(controller, letter(code, &name)).await
}

#[expect(clippy::disallowed_methods, reason = "a sender is one of the three places that may look")]
fn letter(code: CodeLetter, controller: &str) -> Letter {
    let (locale, minutes) = (code.locale.as_str(), CODE_MINUTES);
    let text = |key: &str, args: &[(&str, Word<'_>)]| words().text(locale, key, args);
    let paragraphs = [
        text("mail-greeting", &[]),
        text("mail-code-text", &[("code", spaced(code.code.expose()).into()), ("minutes", minutes.into())]),
        text("mail-code-unasked", &[]),
        text("mail-signature", &[("controller", controller.into())]),
    ];
    Letter {
        to: code.to,
        subject: words().text(locale, "mail-code-subject", &[("controller", controller.into())]),
        text: Personal::new(paragraphs.join("\n\n") + "\n"),
        id: code.entry.to_string(),
    }
}

/// A code in groups of four, which are easier to read and to say.
fn spaced(code: &str) -> String {
    code.split_at_checked(4).map_or_else(|| code.to_owned(), |(first, rest)| format!("{first} {rest}"))
}

async fn hand_over(controller: &Controller, letter: Letter) -> Result<Handed, AppError> {
    let mailer = controller.mailer().ok_or(AppError::Internal("no mail server is configured"))?;
    let sent = tokio::task::spawn_blocking(move || mailer.send(&letter)).await;
    match sent.map_err(|_| AppError::Internal("sending a letter ended early"))? {
        Ok(()) => Ok(Handed::Taken),
        Err(error @ (MailError::Refused | MailError::Unsendable)) => {
            tracing::warn!(%error, "a letter did not go");
            Ok(Handed::Refused)
        }
        Err(error @ MailError::Login) => {
            tracing::error!(%error, "letters wait until the operator mends it");
            Err(AppError::Busy)
        }
        Err(error) => {
            tracing::warn!(%error, "a letter waits");
            Err(AppError::Busy)
        }
    }
}
