//! The commands as an operator runs them: the executable itself, its output and exit codes.

mod beside;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use clap::CommandFactory;
use serde_json::Value;
use steward::cli::Arguments;

/// Exit codes, as `steward --help` documents them.
const DONE: i32 = 0;
const REFUSED: i32 = 1;
const USAGE: i32 = 2;
const FAULT: i32 = 3;

/// Runs a command in a folder, with a text on its standard input.
pub(crate) fn steward(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_steward"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("STEWARD_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable runs");
    // A command that refuses its arguments does not wait for its input.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the command ends")
}

/// Runs a command that must end with this code, and gives its output.
fn ends(code: i32, folder: &Path, arguments: &[&str], input: &str) -> String {
    let output = steward(folder, arguments, input);
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{text}");
    text
}

/// The standard output of a command that must be done, as JSON.
fn json(folder: &Path, arguments: &[&str], input: &str) -> Value {
    let output = steward(folder, &[&["--json"], arguments].concat(), input);
    assert_eq!(output.status.code(), Some(DONE), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A folder in which the sample shop's manifest is in force.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop/manifest");
    ends(DONE, folder.path(), &["init", "."], "");
    ends(DONE, folder.path(), &["apply", examples.to_str().expect("text"), "--yes"], "");
    folder
}

#[test]
fn every_command_explains_itself() {
    fn help(command: &mut clap::Command, path: &str, text: &mut String) {
        let path = format!("{path} {}", command.get_name());
        text.push_str(&format!("\n==={path}\n{}", command.clone().term_width(100).render_long_help()));
        let names: Vec<String> =
            command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
        for name in names.iter().filter(|name| *name != "help") {
            help(command.find_subcommand_mut(name).expect("a command"), &path, text);
        }
    }
    let mut text = String::new();
    help(&mut Arguments::command(), "", &mut text);
    for example in ["Example: steward init", "Example: steward import", "Example: steward subject erase"] {
        assert!(text.contains(example), "{example}");
    }
    insta::assert_snapshot!("help", text);
}

#[test]
fn from_nothing_to_a_decision_by_commands_alone() {
    let folder = shop();
    let here = folder.path();
    std::fs::write(
        here.join("lines.csv"),
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
         536365,85123A,A LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n\
         536366,22633,A CUP,1,2010-12-01 08:28:00,1.85,,United Kingdom\n\
         536367,84406B,A HANGER,many,2010-12-01 08:34:00,2.75,13047.0,United Kingdom\n",
    )
    .expect("a file");
    let import = ["import", "online-retail", "lines", "lines.csv", "--rejects", "rejects.csv"];
    let told = ends(REFUSED, here, &import, "");
    assert!(told.contains("3 rows read") && told.contains("malformed: 1"), "{told}");
    let rejects = std::fs::read_to_string(here.join("rejects.csv")).expect("a rejects file");
    assert!(rejects.contains("malformed") && !rejects.contains("13047"), "{rejects}");

    let name = ["--identifier", "gift-shop-number"];
    let found = json(here, &[&["subject", "lookup"], &name[..]].concat(), "17850\n");
    let subject = found["subject"].as_str().expect("an id").to_owned();
    let ask = [
        "decide",
        "--as",
        "service:mailer",
        "--purpose",
        "newsletter",
        "--action",
        "send",
        "--channel",
        "email",
        "--subject",
        &subject,
    ];
    let told = ends(REFUSED, here, &ask, "");
    assert!(told.contains("consent-missing"), "{told}");
    let given = [
        "consent",
        "record",
        "--subject",
        &subject,
        "--purpose",
        "newsletter",
        "--channel",
        "post",
        "--origin",
        "paper",
        "--kind",
        "given",
    ];
    ends(DONE, here, &given, "");
    let told = ends(DONE, here, &["consent", "show", "--subject", &subject, "--as", "customer"], "");
    assert!(told.contains("newsletter"), "{told}");
    let timeline = json(here, &["subject", "timeline", "--subject", &subject, "--as", "customer"], "");
    assert!(timeline["items"].as_array().is_some_and(|items| items.len() >= 3), "{timeline}");
    let plan = json(here, &["subject", "erase", "--subject", &subject, "--as", "customer", "--dry-run"], "");
    assert!(plan["ends"].as_array().is_some_and(|ends| !ends.is_empty()), "{plan}");
    ends(DONE, here, &["subject", "erase", "--subject", &subject, "--as", "customer", "--yes"], "");
    ends(REFUSED, here, &[&["subject", "lookup"], &name[..]].concat(), "17850");
    let report = json(here, &["ledger", "verify"], "");
    assert!(report["size"].as_u64().is_some_and(|size| size >= 5), "{report}");
    assert_eq!(report["store"]["unnumbered"], 0);
}

#[test]
fn a_log_that_was_tampered_with_is_found_from_its_files_alone() {
    let folder = shop();
    let here = folder.path();
    let key = ends(DONE, here, &["ledger", "key"], "");
    std::fs::write(here.join("log.vkey"), key).expect("a file");
    let verify =
        ["ledger", "verify", "--files-only", "--folder", "data/main/ledger", "--key-file", "log.vkey"];
    ends(DONE, here, &verify, "");
    let entries = here.join("data/main/ledger/tile/entries/000.p/1");
    let mut bytes = std::fs::read(&entries).expect("the bundle of one entry");
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    std::fs::write(&entries, bytes).expect("written");
    let told = ends(REFUSED, here, &verify, "");
    assert!(told.contains("does not hold"), "{told}");
}

#[test]
fn keys_are_rotated_and_their_epochs_are_told() {
    let folder = shop();
    let here = folder.path();
    let before = json(here, &["keys", "status"], "");
    assert_eq!((&before["epoch"], &before["epochs"]["epochs"][0]["state"]), (&1.into(), &"current".into()));
    let rotated = json(here, &["keys", "rotate"], "");
    let epochs = &rotated["epochs"]["epochs"];
    assert_eq!((&epochs[0]["state"], &epochs[1]["state"]), (&"over".into(), &"current".into()), "{rotated}");
    assert!(!here.join("keys/main/epoch-000001.key").exists());
    let told = ends(DONE, here, &["keys", "status"], "");
    assert!(told.contains("under epoch 2") && told.contains("No keeper"), "{told}");
    let log = ends(DONE, here, &["ledger", "verify"], "");
    assert!(log.contains("holds"), "{log}");
    ends(USAGE, here, &["keys", "keeper", "nobody"], "");
}

#[test]
fn bad_input_ends_with_its_code_and_a_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let mends = |code: i32, arguments: &[&str], input: &str, words: &[&str]| {
        let told = ends(code, here, arguments, input);
        for word in words {
            assert!(told.contains(word), "{arguments:?}\n{told}");
        }
    };
    mends(USAGE, &["decied"], "", &["decide"]);
    mends(USAGE, &["--config", "none.toml", "keys", "status"], "", &["none.toml"]);
    mends(REFUSED, &["check", "."], "", &["steward init"]);
    ends(DONE, here, &["init", "."], "");
    mends(REFUSED, &["init", "."], "", &["not written over"]);
    mends(REFUSED, &["manifest", "show"], "", &["steward apply"]);
    mends(USAGE, &["apply"], "", &["--yes"]);
    ends(DONE, here, &["apply", "--yes"], "");
    mends(FAULT, &["keys", "init"], "", &["never written over"]);
    mends(USAGE, &["subject", "erase", "--subject", "sub_x"], "", &["sub_"]);
    mends(USAGE, &["subject", "lookup", "--identifier", "email"], "", &["one line"]);
    mends(USAGE, &["subject", "lookup", "--identifier", "email"], "not an address", &["identifier"]);
    mends(USAGE, &["import", "nowhere", "lines", "x.csv"], "", &["declares no system"]);
    mends(
        USAGE,
        &["consent", "record", "--identifier", "email", "--kind", "sold", "--origin", "till"],
        "a@shop.example",
        &["no act"],
    );
    std::fs::write(here.join("manifest/shop.yaml"), "manifest: 1\ncontroler: {}\n").expect("written");
    mends(REFUSED, &["check"], "", &["shop.yaml:2:1", "controller"]);
    std::fs::write(here.join("steward.toml"), "listn = \"127.0.0.1:1\"\n").expect("written");
    mends(USAGE, &["manifest", "show"], "", &["did you mean `listen`"]);
}

#[test]
fn a_data_folder_in_use_is_said_with_what_to_do() {
    let folder = shop();
    let _owner = store::FolderLock::take(&folder.path().join("data")).expect("the folder is free");
    let told = ends(FAULT, folder.path(), &["manifest", "show"], "");
    assert!(told.contains("in use") && told.contains("steward serve"), "{told}");
}

#[test]
fn an_identifier_never_stands_in_the_output() {
    let folder = shop();
    let canary = "canary-person@shop.example";
    let record = [
        "consent",
        "record",
        "--identifier",
        "email",
        "--create",
        "--kind",
        "given",
        "--purpose",
        "newsletter",
        "--origin",
        "till",
    ];
    let told = ends(DONE, folder.path(), &record, canary);
    let found = ends(DONE, folder.path(), &["subject", "lookup", "--identifier", "email"], canary);
    assert!(!told.contains("canary") && !found.contains("canary"), "{told}{found}");
}

/// What a command of `JSON` printed under this name.
fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}

#[test]
fn people_are_joined_known_and_parted_and_a_proof_is_checked_offline_by_commands_alone() {
    let folder = shop();
    let here = folder.path();
    let person = |address: &str| {
        let given = ["consent", "record", "--identifier", "email", "--create", "--purpose", "newsletter"];
        let rest = ["--channel", "email", "--origin", "paper", "--kind", "given"];
        json(here, &[&given[..], &rest].concat(), address)
    };
    let (ada, other) = (person("ada@example.org\n"), person("ada@example.com\n"));
    let (one, two) = (text(&ada, "subject"), text(&other, "subject"));

    let staff = ["--as", "staff:privacy-officer:acc-7", "--reason", "request", "--ticket", "T-1"];
    let merge = ["subject", "merge", "--one", &one, "--other", &two];
    ends(REFUSED, here, &[&merge[..], &["--as", "staff:privacy-officer:acc-7"]].concat(), "");
    let merged = json(here, &[&merge[..], &staff].concat(), "");
    let parted = json(here, &[&["subject", "part", &text(&merged, "id")], &staff[..]].concat(), "");
    assert_eq!(text(&parted, "leader"), text(&merged, "leader"));

    let number = ["subject", "identify", "--of", &one, "--identifier", "phone", "--as", "customer"];
    let identified = json(here, &[&number[..], &["--proof", "code"]].concat(), "+44 20 7946 0018\n");
    assert_eq!(identified["verified"], true);

    let withdrawn = json(here, &["consent", "withdraw", "--subject", &one, "--origin", "phone"], "");
    let event = text(&withdrawn["events"][0], "event");
    let receipt = json(here, &["consent", "receipt", &event, "--subject", &one, "--as", "customer"], "");
    assert!(receipt["@context"].is_object(), "{receipt}");

    let entry = text(&withdrawn["events"][0], "entry");
    let own = ["ledger", "proof", &entry, "--subject", &one, "--as", "customer"];
    let file = text(&json(here, &own, ""), "proof");
    std::fs::write(here.join("own.tlog-proof"), file).expect("a file");
    let key = text(&json(here, &["ledger", "key"], ""), "log_key");
    std::fs::write(here.join("log.vkey"), key).expect("a file");
    let verify = ["verify", "own.tlog-proof", "--key-file", "log.vkey"];
    ends(DONE, here, &verify, "");
    let told = ends(DONE, here, &[&verify[..], &["--subject", &one]].concat(), "");
    assert!(told.contains("It is about"), "{told}");
    ends(REFUSED, here, &[&verify[..], &["--subject", &two]].concat(), "");
    ends(REFUSED, here, &["ledger", "proof", &entry, "--subject", &two, "--as", "customer"], "");
    // One letter of the entry inside the proof is another.
    let mut bytes = std::fs::read(here.join("own.tlog-proof")).expect("a file");
    let extra = bytes.windows(6).position(|window| window == b"extra ").expect("the entry") + 80;
    bytes[extra] = if bytes[extra] == b'A' { b'B' } else { b'A' };
    std::fs::write(here.join("bad.tlog-proof"), bytes).expect("a file");
    let changed = ["verify", "bad.tlog-proof", "--key-file", "log.vkey"];
    assert_ne!(steward(here, &changed, "").status.code(), Some(DONE), "a changed entry does not hold");
    ends(REFUSED, here, &["visitor", "forget", "vis_00000000000000000000000000"], "");
}

#[test]
fn many_questions_are_answered_from_a_file_line_by_line() {
    let folder = shop();
    let here = folder.path();
    let given = ["consent", "record", "--identifier", "email", "--create", "--kind", "given"];
    let given = [&given[..], &["--purpose", "newsletter", "--channel", "post", "--origin", "paper"]].concat();
    let ada = json(here, &given, "ada@shop.example\n")["subject"].as_str().expect("an id").to_owned();
    let ask = |subject: &str, channel: &str| {
        format!(
            "{{\"subject\":{subject},\"purpose\":\"newsletter\",\"action\":\"send\",\"channel\":\"{channel}\"}}\n"
        )
    };
    let (known, nobody) = (
        format!("{{\"id\":\"{ada}\"}}"),
        "{\"identifier\":{\"kind\":\"email\",\"value\":\"canary@shop.example\"}}".to_owned(),
    );
    // More than are asked together, with an empty line between.
    let many = 1_100;
    let text = format!("{}\n{}", ask(&known, "post").repeat(many), ask(&nobody, "email"));
    std::fs::write(here.join("asks.ndjson"), text).expect("written");
    let decide = ["decide", "--as", "service:mailer", "--file", "asks.ndjson"];
    let told = ends(REFUSED, here, &decide, "");
    assert!(told.contains("1101 asked, 1 denied") && told.contains("│ 1102 "), "{}", told);
    assert!(!told.contains("canary"), "no answer says who was asked about");

    let lines = steward(here, &[&["--json"], &decide[..]].concat(), "");
    assert_eq!(lines.status.code(), Some(REFUSED));
    let lines = String::from_utf8_lossy(&lines.stdout).into_owned();
    let answers: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!((answers.len(), &answers[0]["line"]), (many + 1, &1.into()));
    assert_eq!(answers[0]["verdict"]["answer"], "granted");
    let last = answers.last().expect("an answer");
    assert_eq!((&last["line"], &last["verdict"]["answer"]), (&1_102.into(), &"denied".into()), "{last}");
    assert!(last["verdict"]["entry"].is_string());
    let entries: std::collections::BTreeSet<&str> =
        answers.iter().filter_map(|answer| answer["verdict"]["entry"].as_str()).collect();
    assert_eq!(entries.len(), 3, "one entry for each part and answer");

    let tried = ends(REFUSED, here, &[&decide[..], &["--dry-run"]].concat(), "");
    assert!(tried.contains("not recorded"), "{}", tried);
    // A fault is told by line and place, and nothing of its part is asked.
    let broken = format!("{}{}", ask(&known, "post"), ask(&nobody, "canary-channel"));
    std::fs::write(here.join("asks.ndjson"), broken).expect("written");
    let told = ends(USAGE, here, &decide, "");
    assert!(told.contains("line 2: `channel`") && !told.contains("canary"), "{told}");
    let both = [&decide[..], &["--purpose", "newsletter"]].concat();
    assert!(ends(USAGE, here, &both, "").contains("cannot be used with"));
    assert!(
        ends(USAGE, here, &["decide", "--as", "service:mailer", "--subject", &ada], "").contains("--purpose")
    );
    assert!(
        ends(USAGE, here, &["decide", "--as", "service:mailer", "--purpose", "newsletter"], "")
            .contains("--file")
    );
}

#[test]
fn the_laws_answer_by_command_with_their_citations() {
    let folder = tempfile::tempdir().expect("a folder");
    let table =
        ["law", "table", "--channel", "email", "--region", "DE", "--region", "US-CA", "--at", "2026-11-24"];
    let answers = json(folder.path(), &table, "");
    assert_eq!(answers["answers"][0]["model"], "opt-in");
    assert_eq!(answers["answers"][1]["model"], "opt-out");
    let text = ends(DONE, folder.path(), &table, "");
    assert!(
        text.contains("eu-eprivacy/channel/email") && text.contains("Directive 2002/58/EC art. 13(1)-(2)")
    );
    assert!(text.contains("unreviewed"), "{text}");
    let shown = json(folder.path(), &["law", "show", "eu-gdpr"], "");
    assert_eq!(shown["law"]["citation"], "Regulation (EU) 2016/679");
    assert_eq!(shown["digest"].as_str().expect("a digest").len(), 64);
    let diff = ends(DONE, folder.path(), &["law", "diff", "2026-12-31", "2027-01-01"], "");
    assert!(diff.contains("us-ok-okcdpa") && diff.contains(" begins"), "{diff}");
    let listed = json(folder.path(), &["law", "list"], "");
    assert_eq!(listed["laws"].as_array().expect("laws").len(), 54);
    let at = json(folder.path(), &["law", "at", "2026-11-24", "--region", "FR"], "");
    assert!(at["laws"].as_array().expect("laws").iter().any(|law| law["id"] == "eu-gdpr"));
    let wrong = ends(USAGE, folder.path(), &["law", "show", "eu-gpdr"], "");
    assert!(wrong.contains("did you mean `eu-gdpr`?"), "{wrong}");
    ends(USAGE, folder.path(), &["law", "at", "2026-02-30"], "");
    ends(USAGE, folder.path(), &["law", "table", "--region", "US-CF"], "");
}

#[test]
fn packs_of_a_folder_are_checked_and_stand_in_the_place_of_the_built_in_ones() {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
    let folder = tempfile::tempdir().expect("a folder");
    let packs = folder.path().join("packs");
    std::fs::create_dir(&packs).expect("a folder");
    std::fs::copy(ours.join("eu-gdpr.toml"), packs.join("eu-gdpr.toml")).expect("a copy");
    ends(DONE, folder.path(), &["law", "check", "packs"], "");
    let listed = json(folder.path(), &["law", "list", "--packs", "packs"], "");
    assert_eq!(listed["laws"].as_array().expect("laws").len(), 1);
    let text = std::fs::read_to_string(packs.join("eu-gdpr.toml")).expect("the pack");
    std::fs::write(packs.join("eu-gdpr.toml"), text.replacen("unit = \"month\"", "unit = \"moon\"", 1))
        .expect("written");
    let found = ends(REFUSED, folder.path(), &["law", "check", "packs"], "");
    assert!(found.contains("no code `moon` is known here") && found.contains("eu-gdpr.toml:"), "{found}");
    ends(USAGE, folder.path(), &["law", "list", "--packs", "packs"], "");
}

#[test]
fn a_deadline_is_counted_by_command_with_its_steps() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let access = ["law", "deadline", "--fact", "eu-gdpr/right/access", "--received", "2026-11-25T10:00"];
    let counted = json(here, &[&access[..], &["--place", "DE"]].concat(), "");
    assert_eq!(counted["first"]["day"], "2026-12-28");
    assert_eq!(counted["first"]["ends"], "2026-12-28T23:00:00Z");
    let text = ends(DONE, here, &[&access[..], &["--place", "DE", "--extend"]].concat(), "");
    assert!(
        text.contains("extended by 2 months: Thu 2027-02-25") && text.contains("by the end of 2026-12-28"),
        "{text}"
    );
    let both = [&access[..], &["--fact", "us-hipaa/right/access", "--place", "US"]].concat();
    assert_eq!(json(here, &both, "")["first"]["fact"], "eu-gdpr/right/access");
    let open = ["--place", "GB", "--pause", "2026-11-26T10:00..", "--pause-for", "clarification"];
    let british = ["law", "deadline", "--fact", "uk-gdpr/right/delete", "--received", "2026-11-25T10:00"];
    assert_eq!(json(here, &[&british[..], &open[..]].concat(), "")["facts"][0]["state"], "stopped");
    let no_place = ends(USAGE, here, &access, "");
    assert!(no_place.contains("holds in EU, which is no single place"), "{no_place}");
    ends(USAGE, here, &[&access[..], &["--place", "DE", "--term", "appeal"]].concat(), "");
    ends(USAGE, here, &["law", "deadline", "--fact", "eu-gdpr/right/acess", "--received", "2026-11-25"], "");
}
