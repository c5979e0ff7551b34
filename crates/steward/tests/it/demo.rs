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

/// A demo that was killed by a failing test must not go on.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn commands_work_beside_a_running_demo() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_steward"));
    let demo = command
        .args(["demo", "--keep", "shop", "--listen", "127.0.0.1:0"])
        .current_dir(folder.path())
        .env_remove("STEWARD_CONFIG")
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn();
    let mut demo = Running(demo.expect("the executable runs"));
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(demo.0.stdout.take().expect("a pipe")));
    let serving = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("commands")));
    let said = serving.expect("it serves").expect("a line");
    assert!(said.contains("steward.toml ledger verify"), "{said}");

    let beside = |arguments: &[&str], input: &str| {
        let ran = steward(folder.path(), &[&["--config", "shop/steward.toml"], arguments].concat(), input);
        let told = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.success(), "{arguments:?}: {told}{}", String::from_utf8_lossy(&ran.stderr));
        told
    };
    beside(&["ledger", "verify"], "");
    let given = ["--json", "consent", "record", "--identifier", "email", "--create", "--kind", "refused"];
    let told = beside(
        &[&given[..], &["--purpose", "newsletter", "--origin", "till"]].concat(),
        "new@shop.example\n",
    );
    let subject = serde_json::from_str::<Value>(&told).expect("JSON")["subject"].clone();
    let found = beside(&["--json", "subject", "lookup", "--identifier", "email"], "NEW@shop.example\n");
    assert_eq!(serde_json::from_str::<Value>(&found).expect("JSON")["subject"], subject);

    let told = std::process::Command::new("kill").args(["-INT", &demo.0.id().to_string()]).status();
    assert!(told.expect("`kill` runs").success());
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(demo.0.wait().expect("it ends").success(), "{rest:?}");
    assert!(!folder.path().join("shop/data/operator/socket").exists(), "the socket goes with the demo");
    beside(&["ledger", "verify"], "");
}
