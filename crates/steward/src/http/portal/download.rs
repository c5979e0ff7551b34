//! Handing the person's data out as a file.

use app::exports::{self, ExportKind, ExportRequest};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use model::Actor;
use pages::portal::document::{csv, html};
use pages::portal::{Section, download as template};
use serde::Deserialize;

use super::customer::{Act, Customer};
use super::document::document;
use super::names::Names;
use crate::http::pages::Failure;

/// The page.
pub(super) async fn page(customer: Customer) -> Result<Response, Failure> {
    let page = template::page(customer.frame(Section::Download)?, customer.csrf());
    Ok(customer.shown(page))
}

/// Which file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DownloadBody {
    kind: ExportKind,
    form: FileForm,
}

/// In which form.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FileForm {
    Html,
    Csv,
    Json,
}

/// Makes the file. No copy of it is kept.
pub(super) async fn download(act: Act<DownloadBody>) -> Result<Response, Failure> {
    let Act { who: customer, body } = act;
    let controller = customer.controller();
    let request = ExportRequest {
        subject: customer.subject(),
        kind: body.kind,
        actor: Actor::Customer,
        reason: None,
        request: None,
        idempotency: None,
    };
    let export = exports::export(controller, request).await?;
    let in_force = controller.in_force()?;
    let names = Names::new(customer.voice(), &in_force.manifest);
    let readable = || document(names, body.kind, &export.document);
    let (ending, kind, text) = match body.form {
        FileForm::Html => {
            ("html", "text/html; charset=utf-8", html(names.voice(), &readable()).into_string())
        }
        FileForm::Csv => ("csv", "text/csv; charset=utf-8", csv(&readable())),
        FileForm::Json => {
            let text = serde_json::to_string_pretty(&export.document).map_err(|_| Failure::internal())?;
            ("json", "application/json", text)
        }
    };
    let file = format!(
        "attachment; filename=\"{}-{}.{ending}\"",
        names.voice().say("download-file"),
        controller.now().date()
    );
    Ok(([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, file)], text).into_response())
}
