//! The demo: what a new user runs first.

use std::path::Path;

use model::EntryId;
use serde_json::Value;
use store::{DbConfig, MIGRATIONS};
use testkit::{Engine, TestDb};

use crate::cli::steward;

#[test]
fn the_demo_walks_the_main_job_on_a_fresh_machine_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let walked = steward(folder.path(), &["demo", "--once", "--listen", "127.0.0.1:0"], "");
    let told = String::from_utf8_lossy(&walked.stdout);
    assert!(walked.status.success(), "{told}\n{}", String::from_utf8_lossy(&walked.stderr));
    for step in
        ["Declare", "Collect", "Denied", "Permitted", "Audience", "Withdraw", "Timeline", "Erase", "Verify"]
    {
        assert!(told.contains(step), "{step}\n{told}");
    }
    let own = told.lines().find_map(|line| line.trim().strip_prefix("folder")).expect("a folder").trim();
    assert!(!Path::new(own).exists(), "{own}");
}

#[test]
fn a_demo_that_is_kept_can_be_verified_by_command_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let walked = steward(
        folder.path(),
        &["--json", "demo", "--once", "--keep", "shop", "--listen", "127.0.0.1:0"],
        "",
    );
    assert!(walked.status.success(), "{}", String::from_utf8_lossy(&walked.stderr));
    let summary: Value = serde_json::from_slice(&walked.stdout).expect("JSON");
    assert_eq!(summary["failed"], 0, "{summary}");
    let verified = steward(folder.path(), &["--config", "shop/steward.toml", "ledger", "verify"], "");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[test]
fn the_demo_walks_the_main_job_on_postgresql_too() {
    // Opens and migrates a schema that is dropped with `db`; the demo finds it empty of people.
    let db = TestDb::open(Engine::Postgres, MIGRATIONS).expect("STEWARD_TEST_PG is set");
    let DbConfig::Postgres { dsn, schema, .. } = db.config() else { panic!("PostgreSQL was asked for") };
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("dsn"), dsn).expect("written");
    let config = format!(
        "[[controllers]]\nname = \"main\"\norigin = \"localhost/{}\"\nstore = \"postgres\"\n\
         schema = \"{schema}\"\ndsn_file = \"dsn\"\n",
        EntryId::random()
    );
    std::fs::write(folder.path().join("pg.toml"), config).expect("written");
    let walked =
        steward(folder.path(), &["--config", "pg.toml", "demo", "--once", "--listen", "127.0.0.1:0"], "");
    let told = String::from_utf8_lossy(&walked.stdout);
    assert!(walked.status.success(), "{told}\n{}", String::from_utf8_lossy(&walked.stderr));
    assert!(told.contains("Permitted"), "{told}");
}
