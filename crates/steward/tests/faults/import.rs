//! Imports that die, and are run again.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use testkit::Engine;

use crate::kill::Tally;
use crate::load::Random;
use crate::place::{Place, words};

/// Rows of the source: several chunks.
pub(crate) const ROWS: u64 = 3_500;
/// Different people in it.
pub(crate) const PEOPLE: u64 = 700;
/// Rows whose quantity is no number.
pub(crate) const BAD_ROWS: u64 = 7;

/// Kills an import at a point, runs it again, and compares with what the source says.
pub(crate) fn killed(tally: &mut Tally, point: &'static str, pass: u64, random: &mut Random) {
    let place = Place::new(Engine::Sqlite).expect("SQLite is always there");
    let first = random.below(1_000_000);
    write_source(&place.path().join("lines.csv"), first);
    let import = ["--json", "import", "online-retail", "lines", "lines.csv"];
    let armed = format!("{point}@{pass}");
    let output = place.command(&import).env(fault::POINT, &armed).output().expect("it runs");
    assert!(words(&output).contains(&format!("{}{point}", fault::DIED)), "{armed}: {}", words(&output));
    tally.killed_at(point);
    place.verify();

    // At a random moment, too: the import goes on where it was.
    let mut child = place.command(&import).spawn().expect("it runs");
    std::thread::sleep(Duration::from_millis(random.below(1_200)));
    drop(child.kill());
    child.wait().expect("it ends");
    tally.killed_at("an import at a random moment (SIGKILL)");
    place.verify();

    let whole = ran(&place, &import);
    let (imported, unchanged) = (count(&whole, "imported"), count(&whole, "unchanged"));
    assert_eq!(count(&whole, "read"), ROWS);
    assert_eq!(imported + unchanged + BAD_ROWS, ROWS, "{whole}");
    let again = ran(&place, &import);
    assert_eq!((count(&again, "imported"), count(&again, "people_created")), (0, 0), "{again}");
    assert_eq!(count(&again, "unchanged"), ROWS - BAD_ROWS, "nothing is there twice and nothing is missing");
    // Everybody is there once, with their orders.
    for _ in 0..3 {
        let number = first + random.below(PEOPLE);
        let looked = place
            .command(&["--json", "subject", "lookup", "--identifier", "gift-shop-number"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .and_then(|mut child| {
                use std::io::Write as _;
                child.stdin.take().expect("a pipe").write_all(number.to_string().as_bytes())?;
                child.wait_with_output()
            })
            .expect("it runs");
        assert_eq!(looked.status.code(), Some(0), "{number}: {}", words(&looked));
    }
    place.verify();
}

/// Runs the import to its end: rows that were rejected end it with 1.
pub(crate) fn ran(place: &Place, import: &[&str]) -> Value {
    let output = place.run(import);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

pub(crate) fn count(report: &Value, name: &str) -> u64 {
    let tally = if report["tally"].is_object() { &report["tally"] } else { report };
    tally[name].as_u64().unwrap_or_else(|| panic!("no `{name}` in {report}"))
}

pub(crate) fn write_source(path: &Path, first: u64) {
    let mut text =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n".to_owned();
    for row in 0..ROWS {
        let quantity =
            if row % (ROWS / BAD_ROWS) == 3 { "many".to_owned() } else { (row % 12 + 1).to_string() };
        let number = first + row % PEOPLE;
        writeln!(
            text,
            "{},{},A LANTERN,{quantity},2010-12-01 08:26:00,2.55,{number}.0,France",
            500_000 + row,
            80_000 + row % 50
        )
        .expect("text");
    }
    std::fs::write(path, text).expect("written");
}
