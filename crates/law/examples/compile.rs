//! How long it takes to read all packs, to look at a day, and to ask.
//!
//! `cargo run -p law --example compile --profile bench-fast`
#![expect(clippy::print_stdout, reason = "the answer of the example")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use law::{Controller, Day, Library, Person, Use};
use model::{Channel, PurposeKind, taxonomy};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut best = f64::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        let library = Library::load(None, &BTreeMap::new()).map_err(|_| "a pack is wrong")?;
        std::hint::black_box(&library);
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    println!("read and check all packs: {best:.2} ms");
    let library = Library::load(None, &BTreeMap::new()).map_err(|_| "a pack is wrong")?;
    let day: Day = "2026-11-24".parse()?;
    let start = Instant::now();
    let today = library.on(day);
    println!("look at a day: {:.3} ms", start.elapsed().as_secs_f64() * 1e3);
    let shop = Controller { established: BTreeSet::from(["FR".parse()?]), ..Controller::default() };
    let mut asked = 0_u32;
    let start = Instant::now();
    // Forty purposes: the kinds over and over, each with four categories, for twelve regions.
    for at in 0..40_usize {
        let kind = PurposeKind::ALL.iter().copied().cycle().nth(at).unwrap_or(PurposeKind::Marketing);
        let mut of_use = Use::for_kind(kind).over(Channel::Email);
        for category in taxonomy::categories().iter().cycle().skip(at * 7).take(4) {
            of_use = of_use.of(category);
        }
        for region in ["DE", "FR", "GB", "CH", "US-CA", "US-CO", "US-TX", "CA-QC", "BR", "JP", "IN", "AU"] {
            let person = Person::within([region.parse()?]);
            std::hint::black_box(today.ask(&person, &shop, &of_use));
            asked += 1;
        }
    }
    let took = start.elapsed().as_secs_f64() * 1e3;
    println!(
        "{asked} asks (40 purposes, 12 regions): {took:.2} ms, {:.1} µs each",
        took * 1e3 / f64::from(asked)
    );
    Ok(())
}
