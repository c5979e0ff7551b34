//! The deadline engine against calendars, cases of lawyers, and laws of its own.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests")]

mod cases;
mod facts;
mod files;
mod holidays;
mod properties;

use std::sync::LazyLock;

use law::clock::{ClockFiles, Clocks, Place};

static CLOCKS: LazyLock<Clocks> = LazyLock::new(|| Clocks::new(ClockFiles::builtin()).unwrap());

fn clocks() -> &'static Clocks {
    &CLOCKS
}

/// The place, read once for the thousands of questions of a property.
fn place(code: &str) -> Place {
    static PLACES: LazyLock<std::collections::BTreeMap<String, Place>> = LazyLock::new(|| {
        clocks().places().map(|code| (code.to_owned(), clocks().place(code).unwrap())).collect()
    });
    PLACES[code].clone()
}
