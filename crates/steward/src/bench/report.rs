//! What was measured, and how it is printed.

use std::time::Duration;

use serde::Serialize;

use crate::cli::Out;

/// One figure beside its baseline.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// The subject that measured it.
    pub(crate) subject: &'static str,
    /// What was measured.
    pub(crate) what: String,
    /// The median of the rounds.
    pub(crate) value: f64,
    /// The unit of `value` and of the baseline.
    pub(crate) unit: &'static str,
    /// What it is held against, measured in the same run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline: Option<Baseline>,
    /// The least or the most that `value`, or the ratio, is to reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<Target>,
    /// Whether the target is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) met: Option<bool>,
}

/// The plain way of doing the same.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Baseline {
    /// What it does.
    pub(crate) what: &'static str,
    /// Its median.
    pub(crate) value: f64,
    /// The figure over the baseline.
    pub(crate) ratio: f64,
}

/// What a figure is to reach.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    /// The value at most.
    AtMost(f64),
    /// The value at least.
    AtLeast(f64),
    /// The ratio to the baseline at least.
    RatioAtLeast(f64),
}

impl Figure {
    pub(crate) fn new(
        subject: &'static str,
        what: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Self {
        Self { subject, what: what.into(), value, unit, baseline: None, target: None, met: None }
    }

    /// Beside the plain way of doing the same.
    pub(crate) fn beside(mut self, what: &'static str, value: f64) -> Self {
        self.baseline = Some(Baseline { what, value, ratio: self.value / value });
        self
    }

    /// With what it is to reach; said after [`Figure::beside`].
    pub(crate) fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self.met = match target {
            Target::AtMost(most) => Some(self.value <= most),
            Target::AtLeast(least) => Some(self.value >= least),
            Target::RatioAtLeast(least) => self.baseline.as_ref().map(|baseline| baseline.ratio >= least),
        };
        self
    }

    fn row(&self) -> [String; 6] {
        let target = match self.target {
            None => String::new(),
            Some(Target::AtMost(most)) => format!("≤ {} {}", short(most), self.unit),
            Some(Target::AtLeast(least)) => format!("≥ {} {}", short(least), self.unit),
            Some(Target::RatioAtLeast(least)) => format!("≥ {least} of plain"),
        };
        let met = match self.met {
            None => "",
            Some(true) => "met",
            Some(false) => "missed",
        };
        let (plain, ratio) = self.baseline.as_ref().map_or_else(Default::default, |baseline| {
            (format!("{} ({})", short(baseline.value), baseline.what), format!("{:.2}", baseline.ratio))
        });
        [
            self.what.clone(),
            format!("{} {}", short(self.value), self.unit),
            plain,
            ratio,
            target,
            met.to_owned(),
        ]
    }
}

/// Prints the figures as a table.
pub(crate) fn table(out: Out, figures: &[Figure]) {
    let header = ["figure", "measured", "plain", "ratio", "target", ""];
    out.table(header, figures.iter().map(Figure::row));
}

/// A number with three digits that count.
fn short(value: f64) -> String {
    let digits = match value.abs() {
        small if small < 1.0 => 3,
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

/// The middle of some measurements.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    quantile(&mut values, 0.5)
}

/// The value below which `share` of the measurements lie.
pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a small count is a small count"
    )]
    let place = (last as f64 * share).round() as usize;
    values.get(place).copied().unwrap_or(f64::NAN)
}

/// How many a second.
pub(crate) fn per_second(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Milliseconds of a duration.
pub(crate) fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}
