//! Which category of data an identifier of a kind is.

use model::manifest::Manifest;
use model::{CategoryName, IdentifierKind};

/// The category of an identifier of this kind: as the manifest maps it, else as the taxonomy
/// has it. None: the gate cannot be asked about it, so it cannot be taken in.
pub(crate) fn category(manifest: &Manifest, kind: &IdentifierKind) -> Option<CategoryName> {
    let tables = manifest.systems.values().flat_map(|system| system.tables.values());
    let mut fields = tables.flat_map(|table| table.fields.values());
    let mapped = fields.find(|field| field.identifier.as_ref() == Some(kind));
    mapped.and_then(|field| field.category.clone()).or_else(|| built_in(kind))
}

/// The category that the taxonomy has for an identifier of this kind.
fn built_in(kind: &IdentifierKind) -> Option<CategoryName> {
    let name = match kind.code() {
        "email" => "contact.email",
        "phone" => "contact.phone",
        "device-id" => "identity.device-id",
        "customer-number" => "identity.customer-number",
        _ => return None,
    };
    CategoryName::new(name).ok()
}
