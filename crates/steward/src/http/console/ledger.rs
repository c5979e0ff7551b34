//! The log's state.

use app::ledger::LogFolder;
use axum::response::{IntoResponse, Response};
use pages::console::{self as templates, LedgerView, Section};

use super::member::Member;
use crate::http::pages::{Failure, Page};

/// The page.
pub(super) async fn page(member: Member) -> Result<Response, Failure> {
    let (hosted, controller) = (member.visit().hosted(), member.controller());
    let core = controller.core();
    let key = core.signer.verifier();
    let folder = LogFolder::open(&hosted.ledger).map_err(|error| unreadable(&error))?;
    let published = folder.published(key).map_err(|error| unreadable(&error))?;
    let frame = member.frame(Section::Ledger)?;
    let size = published.as_ref().map_or(0, |published| published.checkpoint.size);
    let view = LedgerView {
        is_alive: hosted.is_log_alive(),
        origin: key.name().to_owned(),
        verifier_key: key.to_string(),
        size: frame.voice.number(i64::try_from(size).unwrap_or(i64::MAX)),
        made: frame.voice.moment(controller.now()),
        checkpoint: published.map(|published| published.note.to_string()).unwrap_or_default(),
    };
    Ok(Page(templates::ledger(frame, &view)).into_response())
}

fn unreadable(error: &app::ledger::LedgerError) -> Failure {
    tracing::error!(%error, "the log's files cannot be read");
    Failure::internal()
}
