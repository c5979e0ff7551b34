//! `tests/deadlines/*.txt`: what happened when and where, the deadline, and why, one block per
//! case. Whoever finds the engine or a case wrong changes the one that the law contradicts.

use std::collections::BTreeMap;
use std::path::Path;

use law::clock::{Ask, Clocks, Due, Event, FactTerms, OpenTerms, Pause, PauseReason, Place, Start, TermKey};
use law::{Term, Unit};

use super::facts::facts;

const KEYS: [&str; 11] =
    ["fact", "term", "when", "place", "extended", "pause", "set", "due", "ends", "first", "why"];

/// One block: its line, and its keys with their values.
struct Case<'a> {
    line: usize,
    values: Vec<(&'a str, &'a str)>,
}

impl<'a> Case<'a> {
    fn all(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(own, _)| *own == key).map(|(_, value)| *value)
    }

    fn one(&self, key: &str) -> Option<&'a str> {
        self.all(key).next()
    }

    fn need(&self, key: &str) -> Result<&'a str, String> {
        self.one(key).ok_or_else(|| format!("`{key}:` is missing"))
    }
}

#[test]
fn every_case_of_the_lawyers_has_the_deadline_they_say() {
    let (clocks, facts) = (super::clocks(), facts());
    let mut wrong = Vec::new();
    let mut count = 0;
    for (file, text) in files() {
        for case in cases(&text) {
            count += 1;
            if let Err(what) = check(clocks, &facts, &case) {
                wrong.push(format!("crates/law/tests/deadlines/{file}:{}: {what}", case.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 150, "only {count} cases");
}

fn check(clocks: &Clocks, facts: &BTreeMap<String, FactTerms>, case: &Case<'_>) -> Result<(), String> {
    if let Some((key, _)) = case.values.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(format!("`{key}:` is no key of a case"));
    }
    if case.need("why")?.len() < 7 {
        return Err("`why:` must say why".into());
    }
    let place = clocks.place(case.need("place")?).map_err(|error| error.to_string())?;
    let pauses = case.all("pause").map(|text| pause(&place, text)).collect::<Result<Vec<_>, _>>()?;
    let mut asks = Vec::new();
    case.need("fact")?;
    for name in case.all("fact") {
        let fact = facts.get(name).ok_or_else(|| format!("there is no fact `{name}` in law/*.toml"))?;
        asks.push(ask(case, fact, &place, &pauses)?);
    }
    let open = open(case)?;
    let due = match asks.as_slice() {
        [ask] => clocks.due(ask, &open),
        asks => clocks.together(asks, &open).first.map_or(Due::Unset, Due::By),
    };
    compare(case, &due)
}

fn ask<'a>(
    case: &Case<'_>,
    fact: &'a FactTerms,
    place: &'a Place,
    pauses: &'a [Pause],
) -> Result<Ask<'a>, String> {
    let (event, at) = case.need("when")?.split_once(' ').ok_or("`when:` needs an event and a local time")?;
    let event = Event::from_code(event).ok_or_else(|| format!("`{event}` is no event"))?;
    if fact.event.is_some_and(|own| own != event) {
        return Err(format!("the fact is counted from `{}`", fact.event.unwrap_or(event)));
    }
    let start = Start { event, at: moment(place, at)? };
    let key = case.one("term").map(|code| TermKey::from_code(code).ok_or(format!("`{code}` is no term")));
    let mut ask = fact.ask(key.transpose()?, start, pauses, place).ok_or("the fact has no such term")?;
    if case.one("extended").is_some() {
        ask.extension = Some(fact.extend.ok_or("the fact has no `extend`")?);
    }
    Ok(ask)
}

fn compare(case: &Case<'_>, due: &Due) -> Result<(), String> {
    let got = match due {
        Due::Unset => "none".to_owned(),
        Due::Stopped(_) => "stopped".to_owned(),
        Due::By(deadline) => match &deadline.until {
            Some(until) => until.get(..16).unwrap_or_default().to_owned(),
            None => deadline.day.to_string(),
        },
    };
    let steps =
        due.deadline().map(|deadline| deadline.steps.iter().map(|step| format!("\n    {step}")).collect());
    let steps: String = steps.unwrap_or_default();
    let expected = case.need("due")?;
    if got != expected {
        return Err(format!("expected {expected}, counted {got}{steps}"));
    }
    let Some(deadline) = due.deadline() else { return Ok(()) };
    match (case.one("ends"), case.one("first")) {
        (Some(ends), _) if deadline.ends.to_string() != ends => {
            Err(format!("expected it to end at {ends}, counted {}", deadline.ends))
        }
        (_, Some(first)) if deadline.fact != first => {
            Err(format!("expected `{first}` to be the earliest, it is `{}`{steps}", deadline.fact))
        }
        _ => Ok(()),
    }
}

fn open(case: &Case<'_>) -> Result<OpenTerms, String> {
    let mut open = OpenTerms::default();
    for set in case.all("set") {
        let words: Vec<&str> = set.split(' ').collect();
        let [which, n, unit] = words.as_slice() else { return Err("`set:` is like `asap 5 day`".into()) };
        let unit = Unit::from_code(unit).ok_or_else(|| format!("`{unit}` is no unit"))?;
        let term = Some(Term::new(n.parse().map_err(|_| format!("`{n}` is no number"))?, unit));
        match *which {
            "asap" => open.asap = term,
            "reasonable" => open.reasonable = term,
            _ => return Err(format!("`{which}` is no term without a number")),
        }
    }
    Ok(open)
}

fn pause(place: &Place, text: &str) -> Result<Pause, String> {
    let wrong = || format!("`{text}` is not like `identity 2026-11-26 09:00 .. 2026-12-02 12:00`");
    let (reason, times) = text.split_once(' ').ok_or_else(wrong)?;
    let (from, to) = times.split_once(" .. ").ok_or_else(wrong)?;
    let to = if to == "open" { None } else { Some(moment(place, to)?) };
    Ok(Pause { from: moment(place, from)?, to, reason: PauseReason::from_code(reason).ok_or_else(wrong)? })
}

fn moment(place: &Place, text: &str) -> Result<model::Timestamp, String> {
    place.moment(&text.replace(' ', "T")).ok_or_else(|| format!("`{text}` is no local time"))
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once(": ") else {
            inside = false;
            continue;
        };
        if !inside {
            cases.push(Case { line: index + 1, values: Vec::new() });
            inside = true;
        }
        cases.last_mut().unwrap().values.push((key.trim(), value.trim()));
    }
    cases
}

fn files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/deadlines");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
        })
        .collect()
}
