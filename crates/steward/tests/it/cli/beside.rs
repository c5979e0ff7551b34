//! Commands beside a running server: they work on what it has open, through its socket.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{DONE, REFUSED, USAGE, ends, json, shop};

/// A server on a folder; it is stopped by SIGTERM.
struct Served(Child);

impl Served {
    fn start(folder: &Path) -> Self {
        let config = folder.join("steward.toml");
        let text = std::fs::read_to_string(&config).expect("the configuration");
        let text: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("listen ")).collect();
        std::fs::write(&config, format!("listen = \"127.0.0.1:0\"\n{}\n", text.join("\n"))).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
        command
            .arg("serve")
            .current_dir(folder)
            .env_remove("STEWARD_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let served = Self(command.spawn().expect("the executable runs"));
        let socket = folder.join("data/operator/socket");
        for _ in 0..200 {
            // One that died may have left its socket.
            if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
                ends(DONE, folder, &["manifest", "show"], "");
                return served;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server does not listen to operators");
    }

    fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        assert!(told.expect("`kill` runs").success());
        assert!(self.0.wait().expect("it ends").success(), "a stop in peace");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn every_command_works_while_the_server_runs() {
    let folder = shop();
    let here = folder.path();
    let served = Served::start(here);
    let mode = |path: &str| std::fs::metadata(here.join(path)).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode("data/operator"), mode("data/operator/socket")), (0o700, 0o600));

    let given = ["consent", "record", "--identifier", "email", "--create", "--kind", "given"];
    let given = [&given[..], &["--purpose", "newsletter", "--origin", "till"]].concat();
    let recorded = json(here, &given, "ada@shop.example\n");
    let subject = recorded["subject"].as_str().expect("an id").to_owned();
    // A file is meant where the command is called, not where the server runs.
    let elsewhere = here.join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    std::fs::write(elsewhere.join("address.txt"), "ADA@shop.example").expect("written");
    let look = ["subject", "lookup", "--identifier", "email", "--identifier-file", "address.txt"];
    assert_eq!(json(&elsewhere, &look, "")["subject"], subject.as_str());
    let export = ["subject", "export", "--subject", &subject, "--as", "customer", "--file", "out.json"];
    ends(DONE, &elsewhere, &export, "");
    let text = std::fs::read_to_string(elsewhere.join("out.json")).expect("the export");
    assert!(text.contains("ada@shop.example"));

    let ask = ["decide", "--as", "service:mailer", "--purpose", "newsletter", "--action", "send"];
    let ask = [&ask[..], &["--channel", "email", "--subject", &subject]].concat();
    assert!(ends(REFUSED, here, &ask, "").contains("consent-pending"));
    ends(DONE, here, &["api-key", "create", "--service", "mailer", "--label", "mail"], "");
    assert!(ends(DONE, here, &["api-key", "list"], "").contains("mailer"));
    assert!(ends(USAGE, here, &["apply"], "").contains("--yes"), "nobody is asked on the server's terminal");
    ends(
        REFUSED,
        here,
        &["consent", "show", "--subject", "sub_00000000000000000000000000", "--as", "customer"],
        "",
    );
    let report = json(here, &["ledger", "verify"], "");
    assert!(report["size"].as_u64().is_some_and(|size| size >= 1), "{report}");

    served.stop();
    assert!(!here.join("data/operator/socket").exists(), "the socket goes with its server");
    assert_eq!(json(here, &["ledger", "verify"], "")["store"]["unnumbered"], 0);
    assert_eq!(json(&elsewhere, &look, "")["subject"], subject.as_str());
}

#[test]
fn a_socket_whose_server_died_is_in_nobodys_way() {
    let folder = shop();
    let mut served = Served::start(folder.path());
    served.0.kill().expect("killed");
    served.0.wait().expect("ended");
    assert!(folder.path().join("data/operator/socket").exists());
    ends(DONE, folder.path(), &["manifest", "show"], "");
    Served::start(folder.path()).stop();
}
