//! Files of the clocks that are wrong, and local times that do not exist or exist twice.

use law::clock::{ClockFiles, Clocks};

/// What is said when this is changed in one of the files.
fn refused(change: impl Fn(&mut ClockFiles)) -> String {
    let mut files = ClockFiles::builtin();
    change(&mut files);
    match Clocks::new(files) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("was taken"),
    }
}

#[test]
fn a_wrong_rule_of_counting_is_refused_with_file_and_line() {
    let told = |from: &'static str, to: &'static str| {
        refused(|files| files.counting = files.counting.replacen(from, to, 1))
    };
    let expected = "law/clocks/counting.toml:17: `friday` is no kind of day off";
    assert_eq!(told("[\"saturday\", \"sunday\", \"holiday\"]", "[\"friday\"]"), expected);
    assert!(
        told("identity = \"pauses\"", "identity = \"waits\"").contains("`waits` is no effect on a clock")
    );
    assert!(told("first_day = \"not-counted\"", "first_day = \"half\"").contains("`half` is neither"));
    assert!(
        told("checked = \"source\"", "checked = \"memory\"")
            .contains("`checked` is `source` with a `source`")
    );
    assert!(
        told("term = { n = 3, unit = \"day\" }", "term = { n = 0, unit = \"asap\" }")
            .contains("an open term needs")
    );
    assert!(told("citation = ", "zitat = ").starts_with("law/clocks/counting.toml:"));
}

#[test]
fn a_place_without_a_zone_or_listed_twice_is_refused() {
    let told = |from: &'static str, to: &'static str| {
        refused(|files| files.places = files.places.replacen(from, to, 1))
    };
    assert!(told("Europe/Vienna", "Europe/Wien").ends_with("the time zone is not in the IANA database"));
    assert!(told("code = \"BE\"", "code = \"AT\"").ends_with("this place is listed twice"));
}

#[test]
fn a_place_whose_holidays_are_missing_or_wrong_says_so_when_it_is_asked_for() {
    let mut files = ClockFiles::builtin();
    files.holidays.remove("AT");
    files.holidays.insert("BE".into(), "schema = 1\nid = BE\n".into());
    let clocks = Clocks::new(files).unwrap();
    let told = |place: &str| clocks.place(place).unwrap_err().to_string();
    assert_eq!(told("AT"), "place `AT` names the holidays `AT`, for which there is no file");
    assert!(told("BE").starts_with("law/clocks/holidays/BE.toml:2: "), "{}", told("BE"));
    assert!(clocks.place("DE").is_ok());
}

#[test]
fn a_local_time_that_exists_twice_is_the_earlier_and_one_that_does_not_exist_the_next() {
    let place = super::place("DE");
    let utc = |local: &str| place.moment(local).unwrap().to_string();
    assert_eq!(utc("2026-10-25T02:30"), "2026-10-25T00:30:00Z");
    assert_eq!(utc("2026-03-29T02:30"), "2026-03-29T01:30:00Z");
    assert_eq!(utc("2026-11-24"), "2026-11-23T23:00:00Z");
    for text in ["", "2026-02-29", "2026-11-24T25:00", "tomorrow", "24.11.2026"] {
        assert_eq!(place.moment(text), None, "{text}");
    }
}

#[test]
fn a_day_whose_midnight_is_skipped_begins_with_its_first_moment() {
    // Clocks in Cairo go from 23:59:59 on 23 April 2026 to 01:00 on the 24th.
    let cairo = super::place("ZA").in_zone("Africa/Cairo").unwrap();
    assert_eq!(cairo.start_of("2026-04-24".parse().unwrap()).to_string(), "2026-04-23T22:00:00Z");
    assert!(super::place("ZA").in_zone("Africa/Nowhere").is_none());
}
