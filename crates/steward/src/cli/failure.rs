//! How commands end: the exit code, and for a failure what, where and what to do.

use std::process::ExitCode;

use app::{AppError, Reason, Verdict};
use serde_json::json;
use store::FolderLockError;
use words::Words;

use super::output::Out;
use crate::config::ConfigError;

/// How a command ended; the exit code of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Done.
    Done = 0,
    /// Refused or denied, or something was found.
    Refused = 1,
    /// The command or its input is wrong.
    Usage = 2,
    /// Something failed that should work.
    Fault = 3,
}

impl Ended {
    /// How a command ended, by its exit code.
    pub(crate) const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Done,
            1 => Self::Refused,
            2 => Self::Usage,
            _ => Self::Fault,
        }
    }
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(ended as u8)
    }
}

/// A failure that a command words itself.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Told {
    ended: Ended,
    text: String,
    mend: Option<String>,
}

/// The command or its input is wrong.
pub(crate) fn usage(text: impl Into<String>, mend: impl Into<String>) -> anyhow::Error {
    Told { ended: Ended::Usage, text: text.into(), mend: Some(mend.into()) }.into()
}

/// What was asked for is refused.
pub(crate) fn refused(text: impl Into<String>, mend: impl Into<String>) -> anyhow::Error {
    Told { ended: Ended::Refused, text: text.into(), mend: Some(mend.into()) }.into()
}

/// Prints a failure and says how the command ended.
pub(crate) fn report(out: &Out, error: &anyhow::Error) -> Ended {
    let told = read(error);
    if out.is_json() {
        out.document(&json!({ "error": told.text, "mend": told.mend, "exit": told.ended as u8 }));
    }
    out.remark(format!("error: {}", told.text));
    if let Some(mend) = &told.mend {
        out.remark(format!("  try: {mend}"));
    }
    told.ended
}

fn read(error: &anyhow::Error) -> Told {
    if let Some(told) = error.downcast_ref::<Told>() {
        return Told { ended: told.ended, text: told.text.clone(), mend: told.mend.clone() };
    }
    if let Some(app) = error.chain().find_map(|cause| cause.downcast_ref::<AppError>()) {
        return of_app(app);
    }
    let text = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    if error.chain().any(|cause| cause.is::<ConfigError>()) {
        return Told { ended: Ended::Usage, text, mend: None };
    }
    let is_taken = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref::<FolderLockError>(), Some(FolderLockError::Taken(_)))
    };
    let mend = error.chain().any(is_taken).then(|| {
        "run it again in a moment: the owner may be another command. A running `steward serve` would \
         have answered through its socket; if it did not, its log says why"
            .to_owned()
    });
    Told { ended: Ended::Fault, text, mend }
}

fn of_app(error: &AppError) -> Told {
    let told = |ended, text: String, mend: Option<&str>| Told { ended, text, mend: mend.map(str::to_owned) };
    match error {
        AppError::Denied(verdict) => {
            told(Ended::Refused, format!("denied: {}", in_words(verdict).join(" ")), None)
        }
        AppError::Invalid(faults) => {
            let lines: Vec<_> =
                faults.iter().map(|fault| format!("{}: {}", fault.path, fault.message)).collect();
            told(Ended::Usage, lines.join("\n       "), None)
        }
        AppError::NoManifest => {
            told(Ended::Refused, "no manifest is applied".to_owned(), Some("steward apply DIR"))
        }
        AppError::NotFound(_) | AppError::Conflict { .. } | AppError::Erased(_) => {
            told(Ended::Refused, error.to_string(), None)
        }
        AppError::Busy => told(Ended::Fault, error.to_string(), Some("run the command again")),
        AppError::Store(_) | AppError::Keys(_) | AppError::Internal(_) => {
            let chain = std::iter::successors(Some(error as &dyn std::error::Error), |cause| cause.source());
            told(Ended::Fault, chain.map(ToString::to_string).collect::<Vec<_>>().join(": "), None)
        }
    }
}

/// Why the gate said no, and what would permit, one sentence pair per reason.
pub(crate) fn in_words(verdict: &Verdict) -> Vec<String> {
    verdict.findings.iter().map(|reason| reason_in_words(words::words(), reason)).collect()
}

fn reason_in_words(words: &Words, reason: &Reason) -> String {
    let why = words.text("en", &format!("finding-{}", reason.code), &[]);
    let mend = words.text("en", &format!("finding-{}-remedy", reason.code), &[]);
    let about = reason.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    format!("{why}{about} {mend} [{}, {}]", reason.code, reason.citation())
}
