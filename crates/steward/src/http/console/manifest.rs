//! What is declared, version by version.

use app::manifest;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::{IntoResponse, Response};
use model::manifest::Manifest;
use pages::console::{self as templates, ManifestView, Section};
use pages::table::{Column, Table};
use serde::Deserialize;
use words::Voice;

use super::member::Member;
use crate::http::pages::{Failure, Page};
use crate::http::portal::names::Names;

/// Which version.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    version: Option<u32>,
}

/// The page.
pub(super) async fn page(
    member: Member,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Failure> {
    let Ok(Query(wanted)) = wanted else { return Err(Failure::not_found()) };
    let controller = member.controller();
    let newest = controller.in_force()?.policy.version();
    let shown = manifest::version(controller, wanted.version.unwrap_or(newest)).await?;
    let changes = match shown.version.checked_sub(1).filter(|before| *before > 0) {
        None => None,
        Some(before) => Some(manifest::diff_versions(controller, before, shown.version).await?),
    };
    let frame = member.frame(Section::Manifest)?;
    let view = ManifestView {
        version: shown.version,
        newest,
        applied: frame.voice.moment(shown.applied),
        fingerprint: shown.fingerprint,
        entry: shown.entry.to_string(),
        changes: changes.map(|changes| changes.iter().map(ToString::to_string).collect()),
        purposes: purposes(frame.voice, &shown.manifest),
    };
    Ok(Page(templates::manifest(frame, &view)).into_response())
}

fn purposes(voice: Voice, manifest: &Manifest) -> Table {
    let column = |key: &str| Column::words(voice.say(key));
    let names = Names::new(voice, manifest);
    let rows = manifest.purposes.iter().map(|(name, purpose)| {
        let categories: Vec<String> =
            purpose.categories.iter().map(|category| names.category(category)).collect();
        let recipients: Vec<String> =
            purpose.recipients.iter().map(|recipient| names.recipient(recipient.as_str())).collect();
        vec![
            format!("{} ({name})", voice.pick(&purpose.title)),
            voice.say(&format!("console-basis-{}", purpose.basis.basis)),
            categories.join(", "),
            if recipients.is_empty() { "–".to_owned() } else { recipients.join(", ") },
        ]
    });
    let columns =
        ["console-purpose-head", "console-basis-head", "console-categories-head", "console-recipients-head"];
    Table::of_words(voice.say("console-purposes"), columns.map(column).to_vec(), rows)
}
