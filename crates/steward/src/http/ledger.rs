//! The log: its head, and the files that anybody may check it by.

use app::ledger::LogFolder;
use axum::Json as Answer;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::Server;
use super::auth::{Addressed, Caller};
use super::problem::{Problem, ProblemBody};
use crate::installation::Hosted;

/// The head of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerHead)]
pub(crate) struct HeadBody {
    /// The log's name.
    origin: String,
    /// The key that its checkpoints are verified with (C2SP signed-note).
    verifier_key: String,
    /// How many entries the last published checkpoint covers.
    size: u64,
    /// That checkpoint as it is signed; none before the first entry.
    checkpoint: Option<String>,
}

/// The head of the controller's log.
#[utoipa::path(get, path = "/v1/ledger/head", tag = "ledger", security(("api_key" = [])), responses(
    (status = 200, description = "The head", body = HeadBody),
    (status = "default", description = "Not shown", body = ProblemBody)
))]
pub(crate) async fn head(caller: Caller) -> Result<Answer<HeadBody>, Problem> {
    let core = caller.controller().core();
    let key = core.signer.verifier();
    let published = folder(caller.hosted())?.published(key).map_err(|error| unreadable(&error))?;
    Ok(Answer(HeadBody {
        origin: key.name().to_owned(),
        verifier_key: key.to_string(),
        size: published.as_ref().map_or(0, |published| published.checkpoint.size),
        checkpoint: published.map(|published| published.note.to_string()),
    }))
}

/// A file of the log: `checkpoint`, `tile/…` (C2SP tlog-tiles), and for auditors
/// `tile/entries/…` and `set/…`.
#[utoipa::path(get, path = "/ledger/{*path}", tag = "ledger",
    params(("path" = String, Path, description = "The path below `/ledger/`, slashes included")),
    responses(
        (status = 200, description = "The file", body = String, content_type = "application/octet-stream"),
        (status = "default", description = "No such file", body = ProblemBody)
    ))]
pub(crate) async fn file(
    State(server): State<Server>,
    Addressed(hosted): Addressed,
    Path(path): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let found = folder(&hosted)?.public_file(&path).map_err(|error| unreadable(&error))?;
    let file = found.ok_or_else(|| Problem::not_found("file"))?;
    if file.auditors_only && !is_auditor(request, &server).await {
        return Err(Problem::not_found("file"));
    }
    let kind = if file.immutable { "application/octet-stream" } else { "text/plain; charset=utf-8" };
    let cache = match (file.immutable, file.auditors_only) {
        (true, false) => "public, max-age=31536000, immutable",
        (true, true) => "private, max-age=31536000, immutable",
        (false, _) => "public, max-age=2",
    };
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, cache)], file.bytes).into_response())
}

async fn is_auditor(request: Request, server: &Server) -> bool {
    let (mut parts, _) = request.into_parts();
    Caller::from_request_parts(&mut parts, server).await.is_ok_and(|caller| caller.key().audit)
}

fn folder(hosted: &Hosted) -> Result<LogFolder, Problem> {
    LogFolder::open(&hosted.ledger).map_err(|error| unreadable(&error))
}

fn unreadable(error: &app::ledger::LedgerError) -> Problem {
    tracing::error!(%error, "a file of the log cannot be read");
    Problem::internal()
}
