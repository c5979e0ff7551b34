//! How data is used, in numbers.

use std::collections::{BTreeMap, BTreeSet};

use app::tally::census::PurposeStandings;
use app::tally::{self, Overview, Point};
use axum::response::{IntoResponse, Response};
use model::manifest::Manifest;
use model::{FindingCode, Timestamp};
use pages::chart::{Chart, Form, SERIES_MAX, Series};
use pages::console::{self as templates, OverviewView, Section};
use words::{Voice, Word};

use super::member::Member;
use crate::http::pages::{Failure, Page};

/// Days of the charts of asks.
const DAYS: i64 = 30;
/// Months of the charts of choices.
const MONTHS: usize = 12;
const DAY_SECONDS: i64 = 86_400;

/// The page.
pub(super) async fn page(member: Member) -> Result<Response, Failure> {
    let controller = member.controller();
    let now = controller.now();
    let numbers = tally::overview(controller, now.plus_days(-31 * 12)).await?;
    let in_force = controller.in_force()?;
    let frame = member.frame(Section::Overview)?;
    let drawing = Drawing { voice: frame.voice, manifest: &in_force.manifest, now };
    let view = OverviewView {
        numbers: drawing.numbers(&numbers),
        charts: vec![
            drawing.asks(&numbers.asks),
            drawing.by_purpose(&numbers.asks),
            drawing.findings(&numbers.findings),
            drawing.standings(&numbers.census.standings),
            drawing.choices("yes", "console-choices-title", &numbers.census.choices, &["given"]),
            drawing.choices(
                "no",
                "console-noes-title",
                &numbers.census.choices,
                &["refused", "withdrawn", "objected"],
            ),
            drawing.regions(&numbers.census.regions),
        ],
        note: {
            let voice = frame.voice;
            let held = [("moment", Word::from(voice.moment(numbers.census.at)))];
            let log = match numbers.behind {
                0 => voice.say("console-counted"),
                count => voice.tell("console-behind", &[("count", Word::from(count))]),
            };
            format!("{log} {}", voice.tell("console-census", &held))
        },
    };
    Ok(Page(templates::overview(frame, &view)).into_response())
}

struct Drawing<'m> {
    voice: Voice,
    manifest: &'m Manifest,
    now: Timestamp,
}

impl Drawing<'_> {
    fn numbers(&self, overview: &Overview) -> Vec<(String, String)> {
        let state = |wanted: &str| {
            overview.census.states.iter().find(|(state, _)| state == wanted).map_or(0, |(_, count)| *count)
        };
        let asks: i64 = overview.asks.iter().map(|point| point.entries).sum();
        [
            ("console-people", state("active")),
            ("console-erased", state("erased")),
            ("console-series-asks", asks),
        ]
        .map(|(key, number)| (self.voice.say(key), self.voice.number(number)))
        .to_vec()
    }

    fn chart(&self, id: &str, title: &str, form: Form) -> Chart {
        Chart {
            voice: self.voice,
            id: id.to_owned(),
            title: self.voice.say(title),
            summary: String::new(),
            form,
            places_head: self.voice.say("console-day"),
            places: Vec::new(),
            series: Vec::new(),
        }
    }

    fn today(&self) -> i64 {
        self.now.seconds().div_euclid(DAY_SECONDS)
    }

    fn is_recent(&self, point: &Point) -> bool {
        point.day > self.today() - DAYS
    }

    /// Asks of each day by answer.
    fn asks(&self, points: &[Point]) -> Chart {
        let days: Vec<i64> = (self.today() - DAYS + 1..=self.today()).collect();
        let of = |answer: &str, day: i64| -> i64 {
            points.iter().filter(|one| one.name == answer && one.day == day).map(|one| one.entries).sum()
        };
        let series = |answer: &str| Series {
            name: self.voice.say(&format!("short-answer-{answer}")),
            values: days.iter().map(|day| Some(of(answer, *day))).collect(),
        };
        let sum = |answer: &str| days.iter().map(|day| of(answer, *day)).sum::<i64>();
        let (granted, denied) = (Word::from(sum("granted")), Word::from(sum("denied")));
        Chart {
            summary: self.voice.tell("console-asks-summary", &[("granted", granted), ("denied", denied)]),
            places: days.iter().map(|day| date(*day)).collect(),
            series: ["granted", "denied", "observed"].into_iter().map(series).collect(),
            ..self.chart("asks", "console-asks-title", Form::Stacked)
        }
    }

    /// Asks of each day by purpose.
    fn by_purpose(&self, points: &[Point]) -> Chart {
        let chart = self.chart("purposes", "console-asks-purpose-title", Form::Stacked);
        self.over_days(chart, points, |point| point.purpose.as_str(), |name| self.purpose(name))
    }

    /// Why asks of each day were refused.
    fn findings(&self, points: &[Point]) -> Chart {
        let chart = self.chart("findings", "console-findings-title", Form::Stacked);
        self.over_days(chart, points, |point| point.name.as_str(), |code| self.finding(code))
    }

    /// The last days with a series per key, the most frequent one first.
    fn over_days<'p>(
        &self,
        chart: Chart,
        points: &'p [Point],
        key: impl Fn(&'p Point) -> &'p str,
        name: impl Fn(&str) -> String,
    ) -> Chart {
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        let mut counts: BTreeMap<(&str, i64), i64> = BTreeMap::new();
        for point in points.iter().filter(|point| self.is_recent(point)) {
            *totals.entry(key(point)).or_default() += point.entries;
            *counts.entry((key(point), point.day)).or_default() += point.entries;
        }
        let mut keys: Vec<(&str, i64)> = totals.into_iter().collect();
        keys.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
        let days: Vec<i64> = (self.today() - DAYS + 1..=self.today()).collect();
        let value = |key: &str, day: i64| Some(counts.get(&(key, day)).copied().unwrap_or_default());
        let series = keys.iter().map(|(key, _)| Series {
            name: name(key),
            values: days.iter().map(|day| value(key, *day)).collect(),
        });
        let series = series.collect();
        Chart { places: days.iter().map(|day| date(*day)).collect(), series, ..chart }
    }

    /// Choices of some sort by purpose and month.
    fn choices(&self, id: &str, title: &str, points: &[Point], acts: &[&str]) -> Chart {
        let month = |day: i64| {
            Timestamp::from_seconds(day * DAY_SECONDS).date().get(..7).unwrap_or_default().to_owned()
        };
        let wanted: Vec<&Point> = points
            .iter()
            .filter(|point| acts.contains(&point.name.as_str()) && !point.purpose.is_empty())
            .collect();
        let months: BTreeSet<String> = wanted.iter().map(|point| month(point.day)).collect();
        let skipped = months.len().saturating_sub(MONTHS);
        let months: Vec<String> = months.into_iter().skip(skipped).collect();
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        for point in &wanted {
            *totals.entry(&point.purpose).or_default() += point.entries;
        }
        let mut purposes: Vec<(&str, i64)> = totals.into_iter().collect();
        purposes.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        let series = purposes.iter().take(2 * SERIES_MAX).map(|(purpose, _)| Series {
            name: self.purpose(purpose),
            values: months
                .iter()
                .map(|wanted_month| {
                    let these = wanted
                        .iter()
                        .filter(|one| one.purpose == *purpose && month(one.day) == *wanted_month);
                    Some(these.map(|one| one.entries).sum())
                })
                .collect(),
        });
        let series = series.collect();
        Chart {
            places_head: self.voice.say("console-month"),
            places: months,
            series,
            ..self.chart(id, title, Form::Lines)
        }
    }

    /// Where people stand now on each purpose, the most allowed one first.
    fn standings(&self, standings: &[PurposeStandings]) -> Chart {
        let mut standings: Vec<&PurposeStandings> = standings.iter().collect();
        standings.sort_by_key(|one| std::cmp::Reverse(one.yes));
        let places = ["console-stand-yes", "console-stand-no", "console-stand-unasked"];
        let series = standings.into_iter().map(|one| Series {
            name: self.purpose(one.purpose.as_str()),
            values: vec![Some(one.yes), Some(one.no), Some(one.unasked)],
        });
        Chart {
            places_head: self.voice.say("console-stand-head"),
            places: places.map(|key| self.voice.say(key)).to_vec(),
            series: series.collect(),
            ..self.chart("standings", "console-standings-title", Form::Bars)
        }
    }

    fn regions(&self, regions: &[(String, i64)]) -> Chart {
        let name = |code: &str| {
            if code.is_empty() { self.voice.say("console-unknown-region") } else { code.to_owned() }
        };
        Chart {
            places_head: self.voice.say("console-region-head"),
            places: regions.iter().map(|(code, _)| name(code)).collect(),
            series: vec![Series {
                name: self.voice.say("console-series-people"),
                values: regions.iter().map(|(_, count)| Some(*count)).collect(),
            }],
            ..self.chart("regions", "console-regions-title", Form::Bars)
        }
    }

    fn purpose(&self, name: &str) -> String {
        if name.is_empty() {
            return self.voice.say("console-no-purpose");
        }
        purpose_title(self.voice, self.manifest, name)
    }

    fn finding(&self, code: &str) -> String {
        let known = FindingCode::ALL.iter().any(|one| one.code() == code);
        let text = known.then(|| self.voice.try_say(&format!("finding-{code}"))).flatten();
        text.unwrap_or_else(|| code.to_owned())
    }
}

/// A day as a date that is short in every language (ISO 8601).
fn date(day: i64) -> String {
    Timestamp::from_seconds(day * DAY_SECONDS).date()
}

/// What the manifest calls a purpose, else its name.
pub(super) fn purpose_title(voice: Voice, manifest: &Manifest, name: &str) -> String {
    let built_in = &model::manifest::builtin().purposes;
    let found = manifest.purposes.iter().chain(built_in).find(|(known, _)| known.as_str() == name);
    found.map_or_else(|| name.to_owned(), |(_, purpose)| voice.pick(&purpose.title).to_owned())
}
