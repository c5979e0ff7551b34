//! Runs: what is kept of them, and what a killed one leaves.

use std::sync::{Arc, Mutex};

use app::imports::{CHUNK_ROWS, ImportRequest, Tally, run};
use store::imports::ImportState;

use super::{counts, customers, import, total};
use crate::support::{World, on_both};

fn many(rows: usize) -> String {
    let rows = (1..=rows).map(|number| format!("{number},Name{number},name{number}@example.org\n"));
    std::iter::once("CustomerId,FirstName,Email\n".to_owned()).chain(rows).collect()
}

#[test]
fn a_run_that_dies_between_chunks_leaves_whole_chunks_and_the_next_run_goes_on_from_them() {
    on_both(async |db| {
        let world = World::open(db).await;
        let text = many(3_400);
        let dies = |progress: &app::imports::Progress| {
            assert!(progress.tally.read < 2_000, "killed on purpose after the second chunk");
        };
        let killed = ImportRequest { on_progress: Some(Box::new(dies)), ..customers(db, &text) };
        run(&world.controller, killed).await.expect_err("it died");
        let left = total(db, "subject");
        assert_eq!(left, 2 * CHUNK_ROWS);
        let runs =
            world.controller.db.read("test.runs", |tx| store::imports::newest(tx, 1)).await.expect("runs");
        assert_eq!((runs[0].state, runs[0].ended), (ImportState::Running, None));
        let kept: Tally = serde_json::from_str(&runs[0].counts).expect("counts");
        assert_eq!((kept.read, kept.imported), (2_000, 2_000));

        let report = import(&world, customers(db, &text)).await;
        assert_eq!(counts(&report), [3_400, 1_400, 2_000, 0, 0]);
        assert_eq!((total(db, "subject"), total(db, "identifier")), (3_400, 6_800));
    });
}

#[test]
fn a_run_keeps_its_counts_and_tells_its_progress() {
    on_both(async |db| {
        let world = World::open(db).await;
        let told = Arc::new(Mutex::new(Vec::<(u64, Option<u64>, u64)>::new()));
        let teller = Arc::clone(&told);
        let tell = move |progress: &app::imports::Progress| {
            let mut told = teller.lock().expect("a lock");
            told.push((progress.done, progress.total, progress.tally.read));
        };
        let text = many(2_100);
        let told_request = ImportRequest { on_progress: Some(Box::new(tell)), ..customers(db, &text) };
        let report = import(&world, told_request).await;
        let told = told.lock().expect("a lock").clone();
        assert_eq!(told.iter().map(|it| it.2).collect::<Vec<_>>(), [1_000, 2_000, 2_100]);
        let size = text.len() as u64;
        assert_eq!(told.last(), Some(&(size, Some(size), 2_100)));

        let id = report.import;
        let kept = world.controller.db.read("test.run", move |tx| store::imports::find(tx, &id)).await;
        let kept = kept.expect("read").expect("a run");
        assert_eq!((kept.state, kept.table.as_str()), (ImportState::Done, "Customer"));
        assert_eq!(serde_json::from_str::<Tally>(&kept.counts).expect("counts"), report.tally);
    });
}
