//! The description of the API, made from the handlers.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder};

/// The description without its paths, which come from the handlers.
pub(super) fn frame() -> OpenApi {
    let mut info = Info::new("Steward", "1");
    info.description = Some(
        "May I use this customer's data for this? Every use is asked here, decided by the manifest and \
         the person's own choices, and recorded in a ledger that cannot be changed unseen."
            .to_owned(),
    );
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("stw_<key id>_<secret>")
        .description(Some("An API key of one controller, scoped to actions and purposes."))
        .build();
    let mut components = Components::new();
    components.add_security_scheme("api_key", SecurityScheme::Http(key));
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// The description of this API.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "operation", responses(
    (status = 200, description = "OpenAPI 3.1", body = Object)
))]
pub(crate) async fn document() -> Json<OpenApi> {
    Json(super::description())
}
