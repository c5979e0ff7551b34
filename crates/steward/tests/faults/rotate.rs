//! Rotations that die at every point and are continued: no key is lost, none comes back, and the
//! old epoch's key is gone in the end.

use std::io::Write as _;

use serde_json::Value;
use testkit::Engine;

use crate::import::{BAD_ROWS, PEOPLE, ROWS, count, ran, write_source};
use crate::load::Random;
use crate::place::{Place, words};
use crate::points::{POINTS, Way};

const IMPORT: [&str; 5] = ["--json", "import", "online-retail", "lines", "lines.csv"];

#[test]
fn a_rotation_that_dies_at_any_point_is_continued_and_loses_nobodys_keys() {
    let place = Place::new(Engine::Sqlite).expect("SQLite is always there");
    let safe = tempfile::tempdir().expect("another medium");
    let mut config =
        std::fs::OpenOptions::new().append(true).open(place.path().join("steward.toml")).expect("a file");
    write!(config, "[[controllers.keepers]]\nname = \"safe\"\nfolder = {:?}\n", safe.path())
        .expect("written");
    write_source(&place.path().join("lines.csv"), 17);
    ran(&place, &IMPORT);
    place.done(&["keys", "keeper", "safe"]);
    let records = keys_of(&place.done(&["keys", "status"]));
    assert!(records >= PEOPLE, "{records}");

    let mut random = Random(7);
    for (name, _, passes_max) in POINTS.iter().filter(|(_, way, _)| *way == Way::Rotate) {
        let armed = format!("{name}@{}", 1 + random.below(*passes_max));
        let output = place.command(&["keys", "rotate"]).env(fault::POINT, &armed).output().expect("it runs");
        assert!(words(&output).contains(&format!("{}{name}", fault::DIED)), "{armed}: {}", words(&output));
        let continued = place.done(&["keys", "re-wrap"]);
        let status = &continued["epochs"];
        let epochs = status["epochs"].as_array().expect("epochs");
        let (current, earlier) = epochs.split_last().expect("an epoch");
        assert_eq!(current["state"], "current", "{armed}: {status}");
        assert!(earlier.iter().all(|epoch| epoch["state"] == "over"), "{armed}: {status}");
        assert_eq!(keys_of(&continued), records, "{armed}: every key is there once");
        let only = format!("epoch-{:06}.key", current["number"].as_u64().expect("a number"));
        for folder in [place.path().join("keys/main"), safe.path().to_owned()] {
            assert_eq!(epochs_in(&folder), std::slice::from_ref(&only), "{armed}: {}", folder.display());
        }
        place.verify();
    }
    let again = ran(&place, &IMPORT);
    assert_eq!((count(&again, "imported"), count(&again, "people_created")), (0, 0), "{again}");
    assert_eq!(count(&again, "unchanged"), ROWS - BAD_ROWS, "everybody's keys open");
}

/// How many key records hang on all epochs.
fn keys_of(answer: &Value) -> u64 {
    let epochs = answer["epochs"]["epochs"].as_array().expect("epochs");
    epochs.iter().filter_map(|epoch| epoch["keys"].as_u64()).sum()
}

/// Every file of an epoch in a folder.
fn epochs_in(folder: &std::path::Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).expect("a folder");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
    names.filter(|name| name.starts_with("epoch-")).collect()
}
