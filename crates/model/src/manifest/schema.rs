//! The JSON Schema of the manifest's files, for completion in editors.

use super::{Manifest, Problem};

/// The schema of one file of a manifest.
///
/// Sections may stand in any file, and a file laid over another names only what differs.
/// So nothing is required here that another file may bring; the loader sees that the
/// whole is complete.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Manifest).to_value();
    if let Some(file) = schema.as_object_mut() {
        file.remove("required");
        let types = file.get_mut("$defs").and_then(serde_json::Value::as_object_mut);
        for entry in types.into_iter().flatten().filter_map(|(_, definition)| definition.as_object_mut()) {
            entry.remove("required");
        }
        file.insert("title".to_owned(), "Steward manifest".into());
        file.insert(
            "description".to_owned(),
            "One file of a manifest: any of its sections. All YAML files of a folder make one manifest."
                .into(),
        );
        if let Some(properties) = file.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
            properties.insert(
                "extends".to_owned(),
                serde_json::json!({
                    "type": "string",
                    "description": "The folder of another manifest, relative to this one, over which this one is laid."
                }),
            );
        }
    }
    schema
}

/// The commented manifest that `steward init` writes for a new shop to start from.
#[must_use]
pub const fn starting_manifest() -> &'static str {
    include_str!("starting.yaml")
}

/// One YAML text of the manifest's strict subset as JSON, for validating against the schema.
///
/// # Errors
/// When the text is not of that subset.
pub fn yaml_to_json(file: &str, text: &str) -> Result<serde_json::Value, Problem> {
    let node = super::yaml::parse(&file.into(), text)?;
    Ok(node.map_or(serde_json::Value::Null, |node| node.to_json()))
}
