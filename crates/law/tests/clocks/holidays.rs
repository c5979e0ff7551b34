//! The holiday files against a list that was not made by our rules.

use std::collections::BTreeSet;
use std::path::Path;

use law::clock::{ClockFiles, DayKind};

/// Weekdays off from 2025 to 2030, printed by python-holidays 0.109 (MIT).
const OTHERS: &str = include_str!("../holidays/2025-2030.txt");

/// What our files leave out or add on purpose: place, day, and why.
const ON_PURPOSE: &[(&str, &str, &str)] = &[];

#[test]
fn our_holidays_fall_on_the_weekdays_another_program_says() {
    let clocks = super::clocks();
    let mut wrong = Vec::new();
    for line in OTHERS.lines() {
        let (place, days) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
        let (place, year) = place.split_once(' ').unwrap();
        let calendar = clocks.place(place).unwrap().calendar().clone();
        let theirs: BTreeSet<String> = days.split_whitespace().map(|day| format!("{year}-{day}")).collect();
        let ours: BTreeSet<String> = calendar
            .holidays()
            .map(|(day, _)| day)
            .filter(|day| calendar.kind(*day) == DayKind::Holiday && day.year().to_string() == year)
            .map(|day| day.to_string())
            .collect();
        for day in ours.symmetric_difference(&theirs) {
            if !ON_PURPOSE.iter().any(|(own, own_day, _)| *own == place && own_day == day) {
                wrong.push(format!(
                    "{place} {day}: ours {}, theirs {}",
                    ours.contains(day),
                    theirs.contains(day)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_holiday_file_of_the_folder_is_in_the_executable_and_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law/clocks/holidays");
    let names: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let built: BTreeSet<String> = ClockFiles::builtin().holidays.into_keys().collect();
    assert_eq!(names, built);
    for (name, text) in ClockFiles::builtin().holidays {
        let calendar = law::clock::Calendar::parse(&name, &text).unwrap();
        assert_eq!(calendar.id(), name);
        assert_eq!(calendar.years(), (2025, 2030), "{name}");
    }
}

#[test]
fn every_place_has_its_zone_and_its_holidays() {
    let clocks = super::clocks();
    let places: Vec<String> = clocks.places().map(str::to_owned).collect();
    assert!(places.len() > 100);
    for code in places {
        clocks.place(&code).unwrap();
    }
    assert_eq!(clocks.place("XX").unwrap_err().to_string(), "`XX` is no place of law/clocks/places.toml");
}

#[test]
fn every_jurisdiction_of_a_pack_is_a_place_or_a_union_of_places() {
    let clocks = super::clocks();
    for fact in super::facts::facts().values().filter(|fact| !fact.terms.is_empty()) {
        let jurisdiction = fact.jurisdiction.as_str();
        assert!(
            ["EU", "GLOBAL"].contains(&jurisdiction) || clocks.place(jurisdiction).is_ok(),
            "{} is counted under {jurisdiction}, for which there is no place",
            fact.fact
        );
    }
}
