//! Imports: every row is accounted for, a second run changes nothing, and nobody else's rows move.

use std::collections::BTreeSet;
use std::path::PathBuf;

use app::imports::{ImportRequest, Report, Skip, run};
use connect::Source;
use model::{Actor, SystemName};
use testkit::shared_data;

use crate::support::{World, on_both};

fn request(system: &str, table: &str, source: Source) -> ImportRequest {
    ImportRequest {
        system: SystemName::new(system).expect("a name"),
        table: table.to_owned(),
        source,
        actor: Actor::Operator,
        purpose: None,
        dropped: BTreeSet::new(),
        rejects: None,
        on_progress: None,
    }
}

fn csv(file: impl Into<PathBuf>) -> Source {
    Source::Csv { file: file.into() }
}

async fn import(world: &World, system: &str, table: &str, source: Source) -> Report {
    run(&world.controller, request(system, table, source)).await.expect("the source is taken in")
}

/// What became of the rows: read, imported, unchanged, skipped, rejected.
fn counts(report: &Report) -> [u64; 5] {
    let tally = &report.tally;
    assert!(tally.balances());
    let skipped = tally.skipped.values().sum();
    let rejected = tally.rejected.values().sum();
    [tally.read, tally.imported, tally.unchanged, skipped, rejected]
}

#[test]
fn a_day_of_invoice_lines_becomes_sealed_records_and_a_second_run_changes_nothing() {
    let Some(folder) = shared_data("online-retail") else { return };
    on_both(async |db| {
        let world = World::open(db).await;
        let file = folder.join("day-2010-12-01.csv");
        let first = import(&world, "online-retail", "lines", csv(&file)).await;
        assert_eq!(counts(&first), [3_108, 1_968, 0, 1_140, 0]);
        assert_eq!((first.tally.skipped[&Skip::NamesNobody], first.tally.people_created), (1_140, 98));
        let again = import(&world, "online-retail", "lines", csv(&file)).await;
        assert_eq!(counts(&again), [3_108, 0, 1_968, 1_140, 0]);
    });
}
