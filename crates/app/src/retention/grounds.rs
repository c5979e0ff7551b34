//! Why something stays after an erasure, and until when.

use model::manifest::{Manifest, Purpose, Retention, RetentionStart, builtin};
use model::{Basis, LifetimeName, PurposeKind, PurposeName, Timestamp};

use crate::error::AppError;
use crate::recorder::evidence_lifetime;

/// What sort of thing stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// Sealed proof of what the person chose and asked for.
    Evidence,
    /// Values and records that a law obliges the controller to keep.
    Duty,
    /// Keyed hashes that keep an import or a copy from bringing the person back.
    Tombstone,
    /// Keyed hashes of what must not be contacted.
    Suppression,
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stays {
    /// What sort of thing.
    pub what: Kept,
    /// The lifetime whose key seals it; none for keyed hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<LifetimeName>,
    /// The purpose of the manifest that wants it kept; none for what Steward itself keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeName>,
    /// How many; only a plan counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<i64>,
    /// The legal ground.
    pub basis: Basis,
    /// The law relied on, as people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// Until when.
    pub until: Timestamp,
}

/// Whether a lifetime is kept for a legal ground: `duty`, or `duty.` and the ground's name.
pub(super) fn is_duty(lifetime: &LifetimeName) -> bool {
    let name = lifetime.as_str();
    name == "duty" || name.starts_with("duty.")
}

/// The legal duty that keeps a lifetime of a person longest, if one still runs at `now`.
/// `newest` is when its last value or record was recorded, `ended` when the person was
/// erased or is to be.
pub(super) fn duty(
    manifest: &Manifest,
    lifetime: &LifetimeName,
    newest: Timestamp,
    ended: Timestamp,
    now: Timestamp,
) -> Option<Stays> {
    if !is_duty(lifetime) {
        return None;
    }
    duties(manifest, lifetime)
        .filter_map(|(name, purpose)| {
            let until = until(purpose.retention.as_ref()?, newest, ended)?;
            Some(Stays {
                what: Kept::Duty,
                lifetime: Some(lifetime.clone()),
                purpose: Some(name.clone()),
                items: None,
                basis: purpose.basis.basis,
                citation: purpose.basis.citation.clone(),
                until,
            })
        })
        .filter(|stays| stays.until > now)
        .max_by_key(|stays| stays.until)
}

/// The legal duties of the manifest that need something of a lifetime.
pub(super) fn duties<'m>(
    manifest: &'m Manifest,
    lifetime: &LifetimeName,
) -> impl Iterator<Item = (&'m PurposeName, &'m Purpose)> {
    let builtin = builtin();
    manifest
        .purposes
        .iter()
        .filter(|(name, purpose)| {
            purpose.kind == PurposeKind::LegalDuty && !builtin.purposes.contains_key(*name)
        })
        .filter(move |(_, purpose)| {
            purpose.categories.iter().any(|category| manifest.lifetime_of(category) == Some(lifetime))
        })
}

/// What Steward itself keeps after an erasure at `now`, by the name of its holding.
pub(super) fn holding(what: Kept, now: Timestamp) -> Result<Stays, AppError> {
    let (name, lifetime) = match what {
        Kept::Evidence => ("consent-proof", Some(evidence_lifetime())),
        Kept::Tombstone => ("tombstones", None),
        Kept::Suppression => ("suppressions", None),
        Kept::Duty => return Err(AppError::Internal("a duty is no holding")),
    };
    let holding =
        builtin().holdings.get(name).ok_or(AppError::Internal("a built-in holding is not declared"))?;
    Ok(Stays {
        what,
        lifetime,
        purpose: None,
        items: None,
        basis: holding.basis.basis,
        citation: holding.basis.citation.clone(),
        until: now.plus_days(holding.retention.keep.days_at_most()),
    })
}

/// The end of a retention whose values were last recorded at `newest`. What counts from the
/// person's last act or the end of the relation counts from `ended`, which is later.
fn until(retention: &Retention, newest: Timestamp, ended: Timestamp) -> Option<Timestamp> {
    let start = match retention.from {
        RetentionStart::Collection => newest,
        RetentionStart::YearEnd => year_end(newest)?,
        RetentionStart::LastActivity
        | RetentionStart::RelationEnd
        | RetentionStart::ContractEnd
        | RetentionStart::CaseClosed
        | RetentionStart::Withdrawal => ended,
    };
    Some(start.plus_days(retention.keep.days_at_most()))
}

/// The first moment of the year.
pub(super) fn year_start(at: Timestamp) -> Option<Timestamp> {
    let year: i64 = at.date().split('-').next()?.parse().ok()?;
    Timestamp::from_date(&format!("{year:04}-01-01")).ok()
}

/// The first moment of the year after.
fn year_end(at: Timestamp) -> Option<Timestamp> {
    let year: i64 = at.date().split('-').next()?.parse().ok()?;
    Timestamp::from_date(&format!("{:04}-01-01", year + 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn a_year_ends_with_its_last_day() {
        let next = moment("2027-01-01T00:00:00Z");
        assert_eq!(year_end(moment("2026-11-24T09:00:00Z")), Some(next));
        assert_eq!(year_end(moment("2026-12-31T23:59:59Z")), Some(next));
        assert_eq!(year_end(next), Some(moment("2028-01-01T00:00:00Z")));
    }

    #[test]
    fn only_a_lifetime_named_as_a_duty_is_one() {
        for (name, is) in [("duty", true), ("duty.tax", true), ("dutyfree", false), ("orders", false)] {
            assert_eq!(is_duty(&LifetimeName::new(name).expect("a name")), is, "{name}");
        }
    }

    #[test]
    fn every_holding_has_a_ground_and_a_term() {
        let now = moment("2026-11-24T09:00:00Z");
        for what in [Kept::Evidence, Kept::Tombstone, Kept::Suppression] {
            let stays = holding(what, now).expect("declared");
            assert!(stays.citation.is_some() && stays.until > now, "{what:?}");
        }
    }
}
