//! The scale of a chart: round numbers from nought.

/// Rules above nought.
const RULES_WANTED: i64 = 4;

/// Round numbers from 0 to one that is not below `highest`.
pub(super) fn rules(highest: i64) -> Vec<i64> {
    let step = step(highest.max(1));
    let count = highest.max(1).div_ceil_by(step);
    (0..=count).map(|at| at.saturating_mul(step)).collect()
}

/// The smallest of 1, 2, 5 · 10ⁿ of which few reach `highest`.
fn step(highest: i64) -> i64 {
    let mut power: i64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if highest.div_ceil_by(step) <= RULES_WANTED {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

trait DivCeil {
    fn div_ceil_by(self, by: Self) -> Self;
}

impl DivCeil for i64 {
    fn div_ceil_by(self, by: Self) -> Self {
        self / by + Self::from(self % by != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_round_few_and_reach_the_highest() {
        for (highest, expected) in [
            (0, vec![0, 1]),
            (1, vec![0, 1]),
            (7, vec![0, 2, 4, 6, 8]),
            (100, vec![0, 50, 100]),
            (1_234, vec![0, 500, 1_000, 1_500]),
        ] {
            assert_eq!(rules(highest), expected, "{highest}");
        }
        assert!(rules(i64::MAX).len() <= 6, "no number is too large");
    }
}
