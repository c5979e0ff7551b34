//! What a correction took from a person must not come back with the next sync (GDPR 16).

use std::collections::HashSet;

use gate::Permit;
use keys::PersonKeys;
use model::{SubjectId, SystemName};
use store::ReadTx;

use super::mapping::ParsedRow;
use super::sealing::Sealer;
use crate::controller::Core;
use crate::error::AppError;
use crate::identity::Known;

/// Of the identifiers in `asked`, by their blind indexes, those that the row's system gave
/// before for the same field of this identity and that were corrected there since: the system
/// says what it said before, and the person another thing.
pub(crate) fn corrected_away<'c>(
    tx: &mut ReadTx<'c>,
    core: &Core,
    permit: &Permit<'c>,
    (subject, keys): (&SubjectId, &PersonKeys),
    system: &SystemName,
    (row, asked): (&ParsedRow, &HashSet<[u8; 32]>),
) -> Result<HashSet<[u8; 32]>, AppError> {
    let mut away = HashSet::new();
    let held = store::vault::values(tx, permit, subject)?;
    for value in &row.values {
        let Some(kind) = &value.identifier else { continue };
        let Ok(said) = Known::of(core, kind.clone(), &value.value) else { continue };
        if !asked.contains(&said.hash) {
            continue;
        }
        let same_field = |held: &&store::vault::ValueRow| {
            held.system == *system && *held.field == *value.field && held.category == value.category
        };
        for held in held.iter().filter(same_field) {
            if keys.has_ended(&held.lifetime, &held.sealed) {
                continue;
            }
            let sealer = Sealer::new(keys, &held.lifetime)?;
            if value.fingerprint(&sealer) != held.source_fingerprint {
                continue;
            }
            let holds = Known::of(core, kind.clone(), &sealer.open_value(&held.id, &held.sealed)?);
            if !holds.is_ok_and(|holds| holds.hash == said.hash) {
                away.insert(said.hash);
            }
        }
    }
    Ok(away)
}
