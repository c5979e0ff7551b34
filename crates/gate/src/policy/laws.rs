//! Which of the laws that a manifest names apply in a region. Until the law packs come, the
//! names alone say it: `gdpr` and `us-state` are families, `us-ca` or `us-ca-ccpa` belong to
//! a state, `ca-casl` to a country.

use model::LawFamily;
use model::manifest::Region;

/// Countries under the GDPR (the Union and the EEA) or its British form.
const GDPR: [&str; 32] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "EU", "FI", "FR", "GB", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// How closely a law fits a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It belongs to a family of laws.
    Family,
    /// It is the region's own.
    Own,
}

/// Whether and how a law applies to people in a region. Where only the country is known,
/// the laws of all its parts apply: they are satisfied one by one.
pub(crate) fn applies(law: &LawFamily, region: &Region) -> Option<Fit> {
    let (law, country) = (law.as_str(), region.country());
    match law {
        "gdpr" => return GDPR.contains(&country).then_some(Fit::Family),
        "us-state" => return (country == "US").then_some(Fit::Family),
        _ => {}
    }
    let mut parts = law.split('-');
    let law_country = parts.next()?;
    if !law_country.eq_ignore_ascii_case(country) {
        return None;
    }
    let law_state = parts.next().filter(|part| part.len() == 2);
    let state = region.as_str().split_once('-').map(|(_, state)| state);
    match (law_state, state) {
        (Some(law_state), Some(state)) => law_state.eq_ignore_ascii_case(state).then_some(Fit::Own),
        _ => Some(Fit::Own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(law: &str, region: &str) -> Option<Fit> {
        applies(&LawFamily::new(law).expect("a law"), &region.parse().expect("a region"))
    }

    #[test]
    fn laws_apply_where_their_names_say() {
        assert_eq!(fit("gdpr", "FR"), Some(Fit::Family));
        assert_eq!(fit("gdpr", "US-CA"), None);
        assert_eq!(fit("us-state", "US-CA"), Some(Fit::Family));
        assert_eq!(fit("us-ca-ccpa", "US-CA"), Some(Fit::Own));
        assert_eq!(fit("us-ca", "US-TX"), None);
        assert_eq!(fit("us-ca", "US"), Some(Fit::Own));
        assert_eq!(fit("ca-casl", "CA-QC"), Some(Fit::Own));
        assert_eq!(fit("ca-casl", "FR"), None);
    }
}
