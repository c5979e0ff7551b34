//! Bad days: each ends in a clear error or a clean wait, never in damage.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use testkit::Engine;

use crate::place::{Place, Server, words};

/// Starts a server that must run.
#[track_caller]
fn running(place: &Place) -> Server {
    place.serve(&[]).unwrap_or_else(|ended| panic!("{}", ended.said))
}

/// What a server says that must not start.
#[track_caller]
fn refused(place: &Place) -> String {
    match place.serve(&[]) {
        Ok(_) => panic!("the server starts"),
        Err(ended) => ended.said,
    }
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

/// Takes a customer in and answers the status.
fn collect(server: &Server, place: &Place, number: u64) -> u16 {
    let body = json!({"system": "chinook", "table": "Customer",
        "fields": {"CustomerId": number, "FirstName": "Ada", "Email": format!("d{number}@faults.example")}});
    server.post(&place.keys.shop, "/v1/subjects", &body).status
}

fn sqlite() -> Place {
    Place::new(Engine::Sqlite).expect("SQLite is always there")
}

#[test]
fn a_running_server_dumps_no_core_and_locks_its_memory_where_it_may() {
    let place = sqlite();
    let server = running(&place);
    let read = |file: &str| {
        let path = format!("/proc/{}/{file}", server.child.id());
        std::fs::read_to_string(path).expect("the process lives")
    };
    let limits = read("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
    let locked = read("status").lines().any(|line| line.starts_with("VmLck:") && !line.ends_with(" 0 kB"));
    let heard = server.stop();
    assert!(locked || heard.contains("could be written to swap"), "{heard}");
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_a_command_beside_the_first_is_answered() {
    let place = sqlite();
    let server = running(&place);
    says(&refused(&place), &["is in use by another process"]);
    let beside = place.run(&["ledger", "status"]);
    assert!(beside.status.success(), "{}", words(&beside));
    assert_eq!(collect(&server, &place, 1), 200);
    place.verify();
    server.stop();
    place.verify();
}

#[test]
fn missing_and_foreign_keys_are_named_and_nothing_is_made_anew() {
    let place = sqlite();
    let keys = place.path().join("keys/main");
    let aside = place.path().join("aside");
    std::fs::rename(keys.join("index.key"), &aside).expect("moved");
    says(&refused(&place), &["index.key` is missing", "keeper's copy"]);
    std::fs::rename(&aside, keys.join("index.key")).expect("moved back");

    std::fs::rename(&keys, &aside).expect("moved");
    says(&refused(&place), &["has no keys", "keeper's copy"]);
    assert!(!keys.join("root.key").exists(), "no new keys are made for a store that has data");

    let other = sqlite();
    std::fs::rename(other.path().join("keys/main"), &keys).expect("moved");
    says(&refused(&place), &["the store belongs to the log key"]);
    std::fs::remove_dir_all(&keys).expect("removed");
    std::fs::rename(&aside, &keys).expect("moved back");
    running(&place).stop();
    place.verify();
}

#[test]
fn a_changed_tile_is_found_and_named() {
    let place = sqlite();
    let server = running(&place);
    assert!((1..300).all(|number| collect(&server, &place, number) == 200));
    server.stop();
    let tile = place.path().join("data/main/ledger/tile/entries/000");
    flip(&tile, 1_000);
    let output = place.run(&["ledger", "verify"]);
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    says(&words(&output), &["the log does not hold", "keep the files as they are"]);
    flip(&tile, 1_000);
    place.verify();
}

#[test]
fn a_changed_database_page_ends_in_an_error_and_not_in_an_answer() {
    let place = sqlite();
    let server = running(&place);
    assert!((1..60).all(|number| collect(&server, &place, number) == 200));
    server.stop();
    let database = place.path().join("data/main/steward.db");
    let pages = std::fs::metadata(&database).expect("a file").len() / 4_096;
    let whole = std::fs::read(&database).expect("a file");
    let noise = vec![0xa5_u8; 4_096];
    let file = std::fs::OpenOptions::new().write(true).open(&database).expect("a file");
    (1..pages).for_each(|page| file.write_all_at(&noise, page * 4_096).expect("written"));
    drop(file);
    let output = place.run(&["ledger", "verify"]);
    assert!(!output.status.success(), "{}", words(&output));
    says(&words(&output), &["controller `main`: cannot open the database (code 11)"]);
    says(&refused(&place), &["controller `main`: cannot open the database (code 11)"]);
    std::fs::write(&database, whole).expect("written");
    place.verify();
}

/// That the store cannot be read says nothing about the log: whoever reads "does not hold" looks
/// for somebody who changed it.
#[test]
fn a_store_that_cannot_be_read_is_not_called_a_log_that_does_not_hold() {
    let place = sqlite();
    let server = running(&place);
    assert!((1..120).all(|number| collect(&server, &place, number) == 200));
    server.stop();
    let database = place.path().join("data/main/steward.db");
    let whole = std::fs::read(&database).expect("a file");
    let holds = |page: &[u8], text: &[u8]| page.windows(text.len()).any(|window| window == text);
    let of_entries = whole
        .chunks(4_096)
        .enumerate()
        .filter(|(_, page)| holds(page, br#""kind":"collect""#) && holds(page, br#""format":1"#));
    let of_entries: Vec<usize> = of_entries.map(|(place, _)| place).collect();
    assert!(of_entries.len() > 3, "the entries lie on pages of their own");
    let file = std::fs::OpenOptions::new().write(true).open(&database).expect("a file");
    for page in of_entries {
        file.write_all_at(&[0xa5; 4_096], page as u64 * 4_096).expect("written");
    }
    drop(file);
    let output = place.run(&["ledger", "verify"]);
    says(&words(&output), &["the log could not be checked", "code 11"]);
    assert!(!words(&output).contains("does not hold"), "{}", words(&output));
    assert!(!matches!(output.status.code(), Some(0 | 1) | None), "{:?}", output.status);
    std::fs::write(&database, whole).expect("written");
    place.verify();
}

fn flip(path: &Path, at: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).expect("a file");
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("a byte");
    file.write_all_at(&[byte[0] ^ 1], at).expect("written");
}

/// A small disk of its own; `None` where this process may not mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        if mount(&["-t", "tmpfs", "-o", "size=3m", "none"], folder.path()) {
            return Some(Self(folder));
        }
        println!("SKIPPED: a full and a read-only disk need the right to mount one");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0.path()).status());
    }
}

fn mount(arguments: &[&str], path: &Path) -> bool {
    Command::new("mount").args(arguments).arg(path).output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_full_disk_refuses_what_does_not_fit_and_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::new() else { return };
    let place = Place::within(Engine::Sqlite, Some(disk.0.path())).expect("SQLite");
    let mut server = running(&place);
    assert_eq!(collect(&server, &place, 1), 200);
    let filler = disk.0.path().join("filler");
    let mut file = std::fs::File::create(&filler).expect("a file");
    while file.write_all(&[0; 4_096]).is_ok() {}
    drop(file);
    let statuses: Vec<u16> = (2..200).map(|number| collect(&server, &place, number)).collect();
    assert!(statuses.iter().all(|status| matches!(status, 200 | 500 | 503 | 507)), "{statuses:?}");
    assert!(statuses.iter().any(|status| *status != 200), "the disk is full");
    let done = statuses.iter().filter(|status| **status == 200).count();
    std::fs::remove_file(&filler).expect("removed");
    assert_eq!(collect(&server, &place, 500), 200, "there is room again");
    says(&server.heard(), &[]);
    server.stop();
    let size = place.verify()["size"].as_u64().expect("a size");
    // The manifest, two keys, the customers who were acknowledged, and nobody else.
    assert_eq!(size, 3 + 2 + done as u64);
}

#[test]
fn a_read_only_disk_is_said() {
    let Some(disk) = SmallDisk::new() else { return };
    let place = Place::within(Engine::Sqlite, Some(disk.0.path())).expect("SQLite");
    assert!(mount(&["-o", "remount,ro"], disk.0.path()));
    says(&refused(&place), &["cannot lock the data folder", "read-only"]);
    assert!(mount(&["-o", "remount,rw"], disk.0.path()));
    running(&place).stop();
    place.verify();
}

#[test]
fn slow_and_hostile_clients_hold_nobody_else_up() {
    let place = sqlite();
    let config = place.path().join("steward.toml");
    let text = std::fs::read_to_string(&config).expect("a file");
    std::fs::write(
        &config,
        text.replace("drain_seconds", "header_seconds = 2\nbody_seconds = 2\ndrain_seconds"),
    )
    .expect("written");
    let server = running(&place);
    let key = &place.keys.shop;
    let head = |length: usize| {
        format!(
            "POST /v1/subjects HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\n\
             Content-Length: {length}\r\n\r\n"
        )
    };
    let idle: Vec<TcpStream> = (0..200).map(|_| open(server.address, b"")).collect();
    let mut slow_head = open(server.address, b"GET /healthz HT");
    let mut slow_body = open(server.address, head(100).as_bytes());
    let mut huge = open(server.address, head(1 << 40).as_bytes());
    let mut garbage =
        open(server.address, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n\x00\xff\x16\x03garbage\r\n\r\n");
    let mut half = open(server.address, head(0).as_bytes());
    half.shutdown(std::net::Shutdown::Write).expect("half closed");
    // Everybody else is answered meanwhile.
    assert_eq!(collect(&server, &place, 1), 200);
    // A body that is said to be huge is not waited for longer than another.
    let said = answer(&mut huge);
    assert!(said.contains("HTTP/1.1 408") || said.contains("HTTP/1.1 413"), "{said}");
    says(&answer(&mut slow_body), &["408"]);
    says(&answer(&mut garbage), &["HTTP/1.1 200", "HTTP/1.1 400"]);
    // Whoever hangs up before the answer has hung up.
    let said = answer(&mut half);
    assert!(said.is_empty() || said.contains("HTTP/1.1 400"), "{said}");
    let late = answer(&mut slow_head);
    assert!(late.is_empty() || late.contains("408"), "a head that never ends is cut off: {late}");
    drop(idle);
    assert_eq!(collect(&server, &place, 2), 200);
    server.stop();
    place.verify();
}

fn open(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(bytes).expect("sent");
    stream
}

/// What the server says until it closes.
fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}
