//! Files that pages load. The name holds the content's hash, so browsers keep them for ever.

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::response::{IntoResponse, Response};

use super::failure::Failure;

/// A style sheet or script.
pub(super) async fn file(Path(file): Path<String>) -> Result<Response, Failure> {
    let asset = pages::asset::find(&file).ok_or_else(Failure::not_found)?;
    let headers = [
        (CONTENT_TYPE, asset.media_type()),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (VARY, "Accept-Encoding"),
    ];
    Ok((headers, asset.text).into_response())
}
