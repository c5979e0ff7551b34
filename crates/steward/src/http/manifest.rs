//! The manifest in force, and what changed between two versions.

use app::manifest::{self, Version};
use axum::Json as Answer;
use axum::extract::Query;
use model::manifest::Change;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::problem::{Problem, ProblemBody};

/// The manifest in force.
#[derive(Serialize, ToSchema)]
#[schema(as = Manifest)]
pub(crate) struct ManifestBody {
    /// Counted from 1.
    version: u32,
    /// SHA-256 of the canonical text in hexadecimal.
    fingerprint: String,
    /// When it was applied.
    #[schema(value_type = String, format = DateTime)]
    applied: model::Timestamp,
    /// The entry that records the act.
    #[schema(value_type = String)]
    entry: model::EntryId,
    /// What it declares (`docs/manifest.schema.json`).
    #[schema(value_type = Object)]
    manifest: model::manifest::Manifest,
}

impl From<Version> for ManifestBody {
    fn from(version: Version) -> Self {
        let Version { version, fingerprint, applied, entry, manifest } = version;
        Self { version, fingerprint, applied, entry, manifest }
    }
}

/// The manifest in force.
#[utoipa::path(get, path = "/v1/manifest", tag = "manifest", security(("api_key" = [])), responses(
    (status = 200, description = "The version in force", body = ManifestBody),
    (status = "default", description = "There is none, or not for this caller", body = ProblemBody)
))]
pub(crate) async fn current(caller: Caller) -> Result<Answer<ManifestBody>, Problem> {
    Ok(Answer(manifest::current(caller.controller()).await?.into()))
}

/// Which two versions to compare.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Versions {
    /// The earlier version.
    from: u32,
    /// The later version.
    to: u32,
}

/// What changed between two versions.
#[derive(Serialize, ToSchema)]
#[schema(as = ManifestDiff)]
pub(crate) struct DiffBody {
    /// The changes, in the order of the manifest's sections.
    #[schema(value_type = Vec<Object>)]
    changes: Vec<Change>,
}

/// What changed between two versions of the manifest.
#[utoipa::path(get, path = "/v1/manifest/diff", tag = "manifest", security(("api_key" = [])),
    params(Versions),
    responses(
        (status = 200, description = "The changes", body = DiffBody),
        (status = "default", description = "One of the versions does not exist", body = ProblemBody)
    ))]
pub(crate) async fn diff(
    caller: Caller,
    versions: Result<Query<Versions>, axum::extract::rejection::QueryRejection>,
) -> Result<Answer<DiffBody>, Problem> {
    let Ok(Query(versions)) = versions else {
        return Err(Problem::malformed("", "name two versions: `?from=1&to=2`"));
    };
    let changes = manifest::diff_versions(caller.controller(), versions.from, versions.to).await?;
    Ok(Answer(DiffBody { changes }))
}
