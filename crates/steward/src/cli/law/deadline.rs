//! `steward law deadline`: when something is due, and how it was counted.

use anyhow::Context;
use clap::Args;
use law::clock::{
    Ask, ClockFiles, Clocks, Deadline, Due, Event, FactTerms, OpenTerms, Pause, PauseReason, Place, Start,
    TermKey,
};
use law::code::Checked;
use law::{Day, Library, Term, Unit};
use model::Timestamp;
use serde_json::{Value, json};

use crate::cli::failure::{Ended, usage};
use crate::cli::output::Out;

/// Count when something is due
///
/// Takes facts of the law packs and the local time at which it started, and shows the last
/// day, the moment from which on it is too late, and every step of the counting with its
/// source. With several facts the earliest wins. Not legal advice.
///
/// Example: steward law deadline --fact eu-gdpr/right/access --received 2026-11-24T10:00 --place DE
#[derive(Debug, Args)]
pub(crate) struct Deadlines {
    /// A fact of a law, like `eu-gdpr/right/access`; may be given several times
    #[arg(long = "fact", value_name = "FACT", required = true)]
    facts: Vec<String>,
    /// When it started, in the place's local time: 2026-11-24T10:00 (a receipt, or the fact's own event)
    #[arg(long, visible_alias = "at", value_name = "TIME")]
    received: String,
    /// Where it must be done: a country or a part of one, like DE, DE-BY, US-CA; else the law's own
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// Another time zone than the place's usual one, like America/Denver
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Another term of the fact than its main one, like `ack`, `appeal`, `second_stage`
    #[arg(long, value_name = "TERM", value_parser = term_key)]
    term: Option<TermKey>,
    /// With the extension that the law allows
    #[arg(long)]
    extend: bool,
    /// The clock stood still: FROM..TO in local time, or FROM.. while it still does
    #[arg(long = "pause", value_name = "FROM..TO")]
    pauses: Vec<String>,
    /// Why it stood still
    #[arg(long, value_name = "REASON", default_value = "identity", value_parser = ["identity", "clarification"])]
    pause_for: String,
    /// What this deployment sets for "without undue delay", like `3 day`
    #[arg(long, value_name = "TERM", value_parser = term)]
    asap: Option<Term>,
    /// What this deployment sets for "in reasonable time", like `30 day`
    #[arg(long, value_name = "TERM", value_parser = term)]
    reasonable: Option<Term>,
}

impl Deadlines {
    pub(crate) fn run(self, library: &Library, out: Out) -> anyhow::Result<Ended> {
        let clocks = Clocks::new(ClockFiles::builtin()).context("the clocks cannot be read")?;
        let facts = self.facts.iter().map(|name| terms_of(library, name)).collect::<Result<Vec<_>, _>>()?;
        let places = facts.iter().map(|fact| self.place_of(&clocks, fact)).collect::<Result<Vec<_>, _>>()?;
        let pauses = places.iter().map(|place| self.pauses_at(place)).collect::<Result<Vec<_>, _>>()?;
        let mut asks = Vec::with_capacity(facts.len());
        for ((fact, place), pauses) in facts.iter().zip(&places).zip(&pauses) {
            asks.push(self.ask(fact, place, pauses)?);
        }
        let open = OpenTerms { asap: self.asap, reasonable: self.reasonable };
        let together = clocks.together(&asks, &open);
        let tell_by = if self.extend { tell_by(&clocks, &asks, &open) } else { None };
        let standings: Vec<Standing> = asks.iter().filter_map(|ask| Standing::of(library, ask)).collect();
        let answers = || asks.iter().zip(&together.all);
        let all: Vec<Value> =
            answers().zip(&standings).map(|((ask, due), standing)| row_json(ask, due, standing)).collect();
        out.json(&json!({ "first": together.first, "tell_of_extension_by": tell_by, "facts": all }));
        out.table(
            ["Fact", "Term", "Due", "Too late from", "Source"],
            answers().map(|(ask, due)| row(ask, due)),
        );
        together.all.iter().for_each(|due| show_steps(out, due));
        if let Some(by) = &tell_by {
            out.say(format!("Tell the person of the extension and why by the end of {}.", by.day));
        }
        if let (Some(first), true) = (&together.first, asks.len() > 1) {
            out.say(format!("The earliest wins: {} ({}).", first.day, first.fact));
        }
        standings.iter().for_each(|standing| standing.show(out));
        Ok(Ended::Done)
    }

    /// The place that was given, else the law's own where it is one.
    fn place_of(&self, clocks: &Clocks, fact: &FactTerms) -> anyhow::Result<Place> {
        let mend = "--place with a code of law/clocks/places.toml, like DE or US-CA";
        let place = match &self.place {
            Some(code) => clocks.place(code).map_err(|error| usage(error.to_string(), mend))?,
            None => clocks.place(&fact.jurisdiction).map_err(|_| {
                usage(
                    format!("`{}` holds in {}, which is no single place", fact.fact, fact.jurisdiction),
                    mend,
                )
            })?,
        };
        match &self.zone {
            None => Ok(place),
            Some(zone) => place.in_zone(zone).ok_or_else(|| {
                usage(format!("`{zone}` is no time zone"), "a name of the IANA database, like Europe/Berlin")
            }),
        }
    }

    fn pauses_at(&self, place: &Place) -> anyhow::Result<Vec<Pause>> {
        let reason = PauseReason::from_code(&self.pause_for).unwrap_or(PauseReason::Identity);
        let mend =
            "FROM..TO in local time, like 2026-11-26T09:00..2026-12-02T12:00, or FROM.. while it lasts";
        let wrong = |text: &str| usage(format!("`{text}` is no pause"), mend);
        self.pauses
            .iter()
            .map(|text| {
                let (from, to) = text.split_once("..").ok_or_else(|| wrong(text))?;
                let from = place.moment(from).ok_or_else(|| wrong(text))?;
                let to = match to {
                    "" => None,
                    to => Some(place.moment(to).filter(|to| *to >= from).ok_or_else(|| wrong(text))?),
                };
                Ok(Pause { from, to, reason })
            })
            .collect()
    }

    fn ask<'a>(&self, fact: &'a FactTerms, place: &'a Place, pauses: &'a [Pause]) -> anyhow::Result<Ask<'a>> {
        let start = Start { event: fact.event.unwrap_or(Event::Receipt), at: self.started(place)? };
        let has = || fact.terms.iter().map(|(key, _)| key.code()).collect::<Vec<_>>().join(", ");
        let no_term = || match self.term {
            Some(key) => usage(format!("`{}` has no `{key}`", fact.fact), format!("one of: {}", has())),
            None => usage(format!("`{}` has no term", fact.fact), "a fact with a deadline"),
        };
        let mut ask = fact.ask(self.term, start, pauses, place).ok_or_else(no_term)?;
        if self.extend {
            let none =
                || usage(format!("`{}` allows no extension", fact.fact), "the command without --extend");
            ask.extension = Some(fact.extend.filter(|_| self.term.is_none()).ok_or_else(none)?);
        }
        Ok(ask)
    }

    fn started(&self, place: &Place) -> anyhow::Result<Timestamp> {
        place.moment(&self.received).ok_or_else(|| {
            usage(
                format!("`{}` is no local time", self.received),
                "a time like 2026-11-24T10:00, without an offset",
            )
        })
    }
}

/// How far a fact can be relied on.
struct Standing {
    fact: String,
    checked: Checked,
    reviewed: bool,
    /// Whether it holds on the day on which the term started.
    in_force: bool,
}

impl Standing {
    fn of(library: &Library, ask: &Ask<'_>) -> Option<Self> {
        let law = library.law(ask.fact.split('/').next()?)?;
        let head = law.pack.heads().find(|head| &*head.name == ask.fact)?;
        let day: Day = ask.place.day_of(ask.start.at).to_string().parse().ok()?;
        Some(Self {
            fact: ask.fact.to_owned(),
            checked: head.checked,
            reviewed: law.is_reviewed(),
            in_force: law.pack.is_in_force(day) && head.holds_on(day),
        })
    }

    fn show(&self, out: Out) {
        if !self.in_force {
            out.say(format!("{} is not in force on that day.", self.fact));
        }
        let checked = match self.checked {
            Checked::Source => "a source was read for it",
            Checked::Memory => "written from memory, not looked up",
        };
        let reviewed =
            if self.reviewed { "your reviewer has signed its law" } else { "nobody has reviewed its law" };
        out.say(format!("{}: {checked}; {reviewed}.", self.fact));
    }
}

/// When the person must be told of an extension: while the plain term runs (GDPR art. 12(3) and
/// the laws built on it; in California within the 45 days).
fn tell_by(clocks: &Clocks, asks: &[Ask<'_>], open: &OpenTerms) -> Option<Deadline> {
    let plain: Vec<Ask<'_>> = asks.iter().map(|ask| Ask { extension: None, ..ask.clone() }).collect();
    clocks.together(&plain, open).first
}

fn terms_of(library: &Library, name: &str) -> anyhow::Result<FactTerms> {
    let law = name.split('/').next().unwrap_or_default();
    let unknown =
        || usage(format!("there is no fact `{name}` with a term"), "steward law show LAW lists the facts");
    library.law(law).and_then(|law| FactTerms::of(&law.pack, name)).ok_or_else(unknown)
}

fn row(ask: &Ask<'_>, due: &Due) -> [String; 5] {
    let (day, late) = match due {
        Due::By(deadline) => (
            deadline.until.clone().unwrap_or_else(|| format!("end of {}", deadline.day)),
            deadline.ends.to_string(),
        ),
        Due::Unset => ("the law sets none".to_owned(), String::new()),
        Due::Stopped(since) => {
            (format!("stands still since {}", ask.place.local_text(*since)), String::new())
        }
    };
    [ask.fact.to_owned(), ask.term.to_string(), day, late, ask.citation.to_owned()]
}

fn row_json(ask: &Ask<'_>, due: &Due, standing: &Standing) -> Value {
    let (state, since) = match due {
        Due::By(_) => ("due", None),
        Due::Unset => ("unset", None),
        Due::Stopped(since) => ("stopped", Some(since)),
    };
    json!({
        "fact": ask.fact,
        "citation": ask.citation,
        "term": ask.term,
        "place": ask.place.code(),
        "zone": ask.place.zone_name(),
        "state": state,
        "stopped_since": since,
        "deadline": due.deadline(),
        "checked": standing.checked,
        "reviewed": standing.reviewed,
        "in_force": standing.in_force,
    })
}

fn show_steps(out: Out, due: &Due) {
    if let Some(deadline) = due.deadline() {
        out.say(format!("How {} was counted ({}):", deadline.fact, deadline.zone));
        for step in &deadline.steps {
            out.say(format!("  {step}"));
        }
    }
}

fn term_key(text: &str) -> Result<TermKey, String> {
    let all = || TermKey::ALL.iter().map(|key| key.code()).collect::<Vec<_>>().join(", ");
    TermKey::from_code(text).ok_or_else(|| format!("expected one of {}", all()))
}

/// A number and a unit: `3 day`, `10 business-day`.
fn term(text: &str) -> Result<Term, String> {
    let wrong = || "expected a number and a unit, like `3 day` or `10 business-day`".to_owned();
    let (n, unit) = text.split_once([' ', '-']).ok_or_else(wrong)?;
    let unit = Unit::from_code(unit.trim_end_matches('s')).filter(|unit| unit.is_counted());
    let n = n.parse().ok().filter(|n| (1..=1_000).contains(n)).ok_or_else(wrong)?;
    Ok(Term::new(n, unit.ok_or_else(wrong)?))
}
