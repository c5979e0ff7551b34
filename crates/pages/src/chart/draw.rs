//! The drawing itself.

use maud::{Markup, html};

use super::{Chart, Form, Series, axis};

/// Pixels from the top of the drawing to the highest rule.
const TOP: f64 = 20.0;
/// Pixels of the drawing above its ground line; the style sheet gives the whole 240.
const GROUND: f64 = 212.0;
/// Where the names of places stand.
const NAMES: f64 = 232.0;
/// The label of a rule that fits into the narrower gutter, in characters.
const SHORT_LABEL: usize = 5;
/// Pixels left of the drawing for the labels of rules.
const GUTTER: u32 = 48;
const GUTTER_LONG: u32 = 84;
/// The narrowest drawing on a small screen and on a wide one (`36rem` in the style sheet), in
/// pixels: as many names of places are written as fit there.
const AREA_NARROW: usize = 210;
const AREA_WIDE: usize = 500;
/// Room that a name takes: for each of its characters, and around it.
const CHARACTER: usize = 8;
const AROUND: usize = 10;

/// The picture of a chart that has something to show.
pub(super) fn plot(chart: &Chart) -> Markup {
    let rules = axis::rules(highest(chart));
    let scale = Scale { top: rules.last().copied().unwrap_or(1) };
    let labelled = if chart.summary.is_empty() {
        format!("{}-title", chart.id)
    } else {
        format!("{0}-title {0}-summary", chart.id)
    };
    let labels: Vec<(i64, String)> =
        rules.iter().filter(|rule| **rule > 0).map(|rule| (*rule, chart.voice.number(*rule))).collect();
    let is_long = labels.iter().any(|(_, label)| label.chars().count() > SHORT_LABEL);
    let gutter = if is_long { GUTTER_LONG } else { GUTTER };
    html! {
        // Two drawings side by side: labels of fixed width, and the rest as wide as there is room.
        div class="plot" role="img" aria-labelledby=(labelled) {
            svg class="rules" width=(gutter) height="240" aria-hidden="true" focusable="false" {
                @for (rule, label) in &labels {
                    text x=(gutter - 8) y=(round(scale.height(*rule) + 4.0)) text-anchor="end" { (label) }
                }
            }
            svg class="area" width="100%" height="240" aria-hidden="true" focusable="false" {
                @for rule in &rules {
                    line class=(if *rule == 0 { "base" } else { "rule" }) x1="0" x2="100%" y1=(scale.y(*rule)) y2=(scale.y(*rule)) {}
                }
                @match chart.form {
                    Form::Bars => { (bars(chart, scale)) }
                    Form::Stacked => { (stacks(chart, scale)) }
                    Form::Lines => { (lines(chart, scale)) }
                }
                (names(&chart.places))
            }
        }
    }
}

/// The sign of a series in the legend.
pub(super) fn swatch(form: Form, at: usize) -> Markup {
    html! {
        svg class="plot-sign" viewBox="0 0 26 13" aria-hidden="true" focusable="false" {
            @if form == Form::Lines {
                g class="plot" { line class=(class(at)) x1="1" x2="25" y1="6.5" y2="6.5" {} }
            } @else {
                rect class=(class(at)) x="0" y="0" width="26" height="13" rx="2" {}
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Scale {
    top: i64,
}

impl Scale {
    #[expect(clippy::cast_precision_loss, reason = "a drawing needs a few digits only")]
    fn height(self, value: i64) -> f64 {
        GROUND - (GROUND - TOP) * (value.clamp(0, self.top) as f64 / self.top.max(1) as f64)
    }

    fn y(self, value: i64) -> String {
        round(self.height(value))
    }
}

fn highest(chart: &Chart) -> i64 {
    let at = |place: usize| chart.drawn().iter().map(move |series| value(series, place));
    let places = 0..chart.places.len();
    match chart.form {
        Form::Stacked => places.map(|place| at(place).fold(0, i64::saturating_add)).max(),
        Form::Bars | Form::Lines => places.flat_map(at).max(),
    }
    .unwrap_or_default()
}

fn value(series: &Series, place: usize) -> i64 {
    series.values.get(place).copied().flatten().unwrap_or_default().max(0)
}

fn bars(chart: &Chart, scale: Scale) -> Markup {
    let (slot, count) = (slot(chart), float(chart.drawn().len()));
    html! {
        @for place in 0..chart.places.len() {
            @for (at, series) in chart.drawn().iter().enumerate() {
                @let width = slot * 0.7 / count;
                (bar(float(place) * slot + slot * 0.15 + float(at) * width, width, scale, (0, value(series, place)), at))
            }
        }
    }
}

fn stacks(chart: &Chart, scale: Scale) -> Markup {
    let slot = slot(chart);
    html! {
        @for place in 0..chart.places.len() {
            @for at in 0..chart.drawn().len() {
                @let below = chart.drawn().iter().take(at).map(|series| value(series, place)).fold(0, i64::saturating_add);
                @let own = chart.drawn().get(at).map_or(0, |series| value(series, place));
                (bar(float(place) * slot + slot * 0.15, slot * 0.7, scale, (below, below.saturating_add(own)), at))
            }
        }
    }
}

/// A bar from one number to another, `x` and `width` in per cent.
fn bar(x: f64, width: f64, scale: Scale, (from, to): (i64, i64), at: usize) -> Markup {
    let (low, high) = (scale.height(from), scale.height(to));
    html! {
        @if to > from {
            rect class=(class(at)) x={ (round(x)) "%" } width={ (round(width)) "%" } y=(round(high)) height=(round(low - high)) {}
        }
    }
}

/// A line per series, broken where nothing is known; a single place is a short stroke.
fn lines(chart: &Chart, scale: Scale) -> Markup {
    let slot = slot(chart);
    let x = |place: usize| format!("{}%", round((float(place) + 0.5) * slot));
    html! {
        @for (at, series) in chart.drawn().iter().enumerate() {
            @for (place, pair) in series.values.windows(2).take(chart.places.len().saturating_sub(1)).enumerate() {
                @if let [Some(from), Some(to)] = pair {
                    line class=(class(at)) x1=(x(place)) x2=(x(place + 1)) y1=(scale.y(*from)) y2=(scale.y(*to)) {}
                }
            }
            @if let ([_], [Some(only)]) = (chart.places.as_slice(), series.values.as_slice()) {
                line class=(class(at)) x1="45%" x2="55%" y1=(scale.y(*only)) y2=(scale.y(*only)) {}
            }
        }
    }
}

/// The names of places, as many as fit; on a small screen fewer.
fn names(places: &[String]) -> Markup {
    let slot = 100.0 / float(places.len().max(1));
    let longest = places.iter().map(|place| place.chars().count()).max().unwrap_or_default();
    let every = |area: usize| places.len().div_ceil((area / (longest * CHARACTER + AROUND)).max(1)).max(1);
    let (narrow, wide) = (every(AREA_NARROW), every(AREA_WIDE));
    html! {
        @for (at, place) in places.iter().enumerate().filter(|(at, _)| at % wide == 0 || at % narrow == 0) {
            @let is_narrow = at % narrow == 0;
            @let is_wide = at % wide == 0;
            @let class = match (is_narrow, is_wide) { (true, true) => None, (false, _) => Some("wide-only"), (true, false) => Some("narrow-only") };
            text class=[class] x={ (round((float(at) + 0.5) * slot)) "%" } y=(NAMES) text-anchor="middle" { (place) }
        }
    }
}

fn slot(chart: &Chart) -> f64 {
    100.0 / float(chart.places.len().max(1))
}

const fn class(at: usize) -> &'static str {
    match at {
        0 => "s1",
        1 => "s2",
        2 => "s3",
        3 => "s4",
        4 => "s5",
        _ => "s6",
    }
}

#[expect(clippy::cast_precision_loss, reason = "a drawing has few places")]
fn float(count: usize) -> f64 {
    count as f64
}

/// Two digits are finer than any screen.
fn round(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_touch_however_many_places_there_are() {
        for (count, name) in
            [(1, "2026-11-24"), (30, "2026-11-24"), (12, "Nov"), (400, "a very long name of a region")]
        {
            let places = vec![name.to_owned(); count];
            let text = names(&places).into_string();
            let written = |hidden: &str| text.matches("<text").count() - text.matches(hidden).count();
            let room = name.chars().count() * CHARACTER + AROUND;
            for (hidden, area) in [("wide-only", AREA_NARROW), ("narrow-only", AREA_WIDE)] {
                let fits = written(hidden) * room <= area || written(hidden) == 1;
                assert!(fits, "{count} {name}: {} in {area} pixels", written(hidden));
            }
        }
    }
}
