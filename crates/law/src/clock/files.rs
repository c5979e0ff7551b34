//! The text files of the clocks, in the executable, and how a mistake in one is told.

use std::collections::BTreeMap;

/// Why a file of the clocks cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct ClockFileError {
    file: String,
    line: usize,
    what: String,
}

impl ClockFileError {
    /// An error at the line that holds `near`, else at the first line.
    pub(crate) fn new(file: &str, text: &str, what: &str, near: Option<&str>) -> Self {
        let line = near.and_then(|near| text.lines().position(|line| line.contains(near))).unwrap_or(0) + 1;
        Self { file: file.to_owned(), line, what: what.to_owned() }
    }
}

/// Reads a TOML text into its shape.
pub(crate) fn read<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, ClockFileError> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        ClockFileError { file: file.to_owned(), line, what: error.message().to_owned() }
    })
}

/// The texts that the clocks are made of: `law/clocks/`.
#[derive(Debug, Clone)]
pub struct ClockFiles {
    /// `counting.toml`.
    pub counting: String,
    /// `places.toml`.
    pub places: String,
    /// `holidays/*.toml` by file name without `.toml`.
    pub holidays: BTreeMap<String, String>,
}

impl ClockFiles {
    /// The files in the executable.
    #[must_use]
    pub fn builtin() -> Self {
        Self {
            counting: include_str!("../../../../law/clocks/counting.toml").to_owned(),
            places: include_str!("../../../../law/clocks/places.toml").to_owned(),
            holidays: HOLIDAYS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        }
    }
}

macro_rules! holidays {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../law/clocks/holidays/", $name, ".toml")))),+]
    };
}

/// Every holiday file; a test compares the list with the folder.
const HOLIDAYS: &[(&str, &str)] = holidays![
    "AT",
    "AU",
    "AU-ACT",
    "AU-NSW",
    "AU-QLD",
    "AU-VIC",
    "BE",
    "BG",
    "BR",
    "CA",
    "CA-ON",
    "CA-QC",
    "CH",
    "CH-GE",
    "CH-ZH",
    "CN",
    "CY",
    "CZ",
    "DE",
    "DE-BB",
    "DE-BE",
    "DE-BW",
    "DE-BY",
    "DE-HB",
    "DE-HE",
    "DE-HH",
    "DE-MV",
    "DE-NI",
    "DE-NW",
    "DE-RP",
    "DE-SH",
    "DE-SL",
    "DE-SN",
    "DE-ST",
    "DE-TH",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GB-NIR",
    "GB-SCT",
    "GR",
    "HR",
    "HU",
    "IE",
    "IN",
    "IS",
    "IT",
    "JP",
    "KR",
    "LI",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
    "US",
    "US-CA",
    "US-STATES",
    "ZA",
];
