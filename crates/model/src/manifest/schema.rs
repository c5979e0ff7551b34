//! The JSON Schema of the manifest's files, for completion in editors.

use super::Manifest;

/// The schema of one file of a manifest. As sections may stand in any file, none is
/// required in each, and `extends` is allowed.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    let mut schema = schemars::schema_for!(Manifest).to_value();
    if let Some(file) = schema.as_object_mut() {
        file.remove("required");
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
