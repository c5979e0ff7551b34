//! Which region lies in which law's territory.

use std::fmt;
use std::str::FromStr;

use model::manifest::{Region, RegionError};

/// The member states of the Union, with the parts of them that have codes of their own and
/// lie inside it (Åland and the outermost regions, TFEU 349 and 355).
const UNION: &str = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK \
                     AX GF GP MF MQ RE YT";

/// The other states of the European Economic Area, to which the same acts extend.
const AREA: &str = "IS LI NO";

/// The countries and territories of ISO 3166-1.
const COUNTRIES: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY \
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK \
FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK \
ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM \
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF \
TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The parts of countries whose laws differ by part (ISO 3166-2). For other countries any
/// part of the right shape is taken.
const PARTS: &[(&str, &str)] = &[
    (
        "US",
        "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC \
         ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI",
    ),
    ("CA", "AB BC MB NB NL NS NT NU ON PE QC SK YT"),
    ("AU", "ACT NSW NT QLD SA TAS VIC WA"),
];

/// Parts of the United States that have a country's code too; the packs write `US-PR`.
const AS_PART: &[(&str, &str)] =
    &[("PR", "US-PR"), ("GU", "US-GU"), ("VI", "US-VI"), ("AS", "US-AS"), ("MP", "US-MP"), ("UM", "US-UM")];

/// Where a law, or one of its conditions, holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Territory {
    /// Everywhere (`GLOBAL`).
    World,
    /// The Union and the European Economic Area (`EU`, `EU-EEA`).
    Union,
    /// A country or a part of one.
    Place(Region),
}

/// How a region lies to a territory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lies {
    /// Outside.
    Outside,
    /// The region is larger than the territory: who is in it may be inside (`US` to `US-CA`).
    Perhaps,
    /// Inside.
    Inside,
}

impl Territory {
    /// How a region lies to this territory.
    #[must_use]
    pub fn of(&self, region: &Region) -> Lies {
        let region = normal(region.as_str());
        let country = region.split('-').next().unwrap_or(region);
        let place = match self {
            Self::World => return Lies::Inside,
            Self::Union if is_union(country) || country == "EU" => return Lies::Inside,
            Self::Union => return Lies::Outside,
            Self::Place(place) => normal(place.as_str()),
        };
        let of_place = place.split('-').next().unwrap_or(place);
        if place == region || place == country {
            Lies::Inside
        } else if of_place == region || (region == "EU" && is_union(of_place)) {
            Lies::Perhaps
        } else {
            Lies::Outside
        }
    }

    /// Whether all of another territory lies inside this one.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::World, _) | (Self::Union, Self::Union) => true,
            (_, Self::World) | (Self::Place(_), Self::Union) => false,
            (_, Self::Place(region)) => self.of(region) == Lies::Inside,
        }
    }
}

impl FromStr for Territory {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        match text {
            "GLOBAL" => Ok(Self::World),
            "EU" | "EU-EEA" => Ok(Self::Union),
            other => known_region(other).map(Self::Place),
        }
    }
}

impl fmt::Display for Territory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::World => f.pad("GLOBAL"),
            Self::Union => f.pad("EU"),
            Self::Place(region) => f.pad(region.as_str()),
        }
    }
}

impl serde::Serialize for Territory {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a region and refuses one that does not exist: `XX`, `US-CF`.
///
/// # Errors
/// When the text is no region, or no country or part of one bears the code.
pub fn known_region(text: &str) -> Result<Region, RegionError> {
    let region: Region = text.parse()?;
    if is_known(&region) { Ok(region) } else { Err(RegionError) }
}

/// Whether a region exists: a country of ISO 3166-1 or the Union, and, where parts differ in
/// law, one of its parts.
#[must_use]
pub fn is_known(region: &Region) -> bool {
    let country = region.country();
    if region.as_str() == "EU" {
        return true;
    }
    if !is_listed(COUNTRIES, country) {
        return false;
    }
    let Some((_, part)) = region.as_str().split_once('-') else { return true };
    PARTS.iter().find(|(of, _)| *of == country).is_none_or(|(_, parts)| is_listed(parts, part))
}

/// Whether a country lies in the Union or the European Economic Area.
#[must_use]
pub fn is_union(country: &str) -> bool {
    is_listed(UNION, country) || is_listed(AREA, country)
}

fn is_listed(list: &str, code: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == code)
}

/// A region as the packs write it.
fn normal(region: &str) -> &str {
    AS_PART.iter().find(|(country, _)| *country == region).map_or(region, |(_, part)| part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lies(territory: &str, region: &str) -> Lies {
        territory.parse::<Territory>().unwrap().of(&region.parse().unwrap())
    }

    #[test]
    fn the_union_reaches_its_members_the_area_and_the_outermost_regions() {
        for inside in ["DE", "FR", "IS", "LI", "NO", "RE", "AX", "EU", "DE-BY"] {
            assert_eq!(lies("EU", inside), Lies::Inside, "{inside}");
        }
        for outside in ["CH", "GB", "US", "TR", "GL"] {
            assert_eq!(lies("EU-EEA", outside), Lies::Outside, "{outside}");
        }
    }

    #[test]
    fn a_country_holds_its_parts_and_may_be_any_of_them() {
        assert_eq!(lies("US", "US-CA"), Lies::Inside);
        assert_eq!(lies("US-CA", "US-CA"), Lies::Inside);
        assert_eq!(lies("US-CA", "US-NV"), Lies::Outside);
        assert_eq!(lies("US-CA", "US"), Lies::Perhaps);
        assert_eq!(lies("CA-QC", "CA"), Lies::Perhaps);
        assert_eq!(lies("CA", "US-CA"), Lies::Outside);
        assert_eq!(lies("US-PR", "PR"), Lies::Inside);
        assert_eq!(lies("US", "PR"), Lies::Inside);
        assert_eq!(lies("GLOBAL", "TV"), Lies::Inside);
        assert_eq!(lies("DE", "EU"), Lies::Perhaps);
    }

    #[test]
    fn a_region_that_is_misspelt_is_refused() {
        for wrong in ["UK", "US-CF", "XX", "usa", "CA-QUE", "EU-DE", "us-ca", "US-", ""] {
            assert!(known_region(wrong).is_err(), "{wrong}");
        }
        for right in ["GB", "US-CA", "CA-QC", "DE", "DE-BY", "AU-NSW", "EU", "US-DC"] {
            assert!(known_region(right).is_ok(), "{right}");
        }
    }
}
