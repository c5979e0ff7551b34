//! Dialling a real server that speaks TLS alone.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "everything here is a test; clippy's exception does not reach the helpers"
)]

use std::thread;
use std::time::Duration;

use dial::{Line, LineError, Mode, Tls, is_handshake};
use testkit::{TLS_HOST, TlsServer};

fn fails(dsn: &str) -> postgres::Error {
    match Line::new(dsn, &Tls::default()).expect("a line").connect() {
        Ok(_) => panic!("{dsn} was connected"),
        Err(error) => error,
    }
}

/// Who listens between us and the database, or stands in its place, must learn nothing.
#[test]
fn only_a_server_whose_certificate_is_believed_and_names_its_host_is_spoken_to() {
    let Some(server) = TlsServer::start() else { return };
    let (ca, other) = (server.ca().display().to_string(), server.other_ca().display().to_string());
    let dsn = |host: &str, more: &str| format!("{} {more}", server.dsn(host));

    let good = dsn(TLS_HOST, &format!("sslmode=verify-full sslrootcert={ca}"));
    let line = Line::new(&good, &Tls::default()).expect("a line");
    assert!(!line.is_exposed());
    let mut client = line.connect().expect("the certificate is good");
    let row = client
        .query_one("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[])
        .expect("an answer");
    assert_eq!((row.get::<_, bool>(0), row.get::<_, &str>(1)), (true, "TLSv1.3"));
    let large = client.query_one("SELECT repeat('x', 3000000)", &[]).expect("many records of TLS");
    assert_eq!(large.get::<_, &str>(0).len(), 3_000_000);

    // What the configuration says goes before the address.
    let told = Tls { mode: Some(Mode::VerifyFull), ca_file: Some(server.ca()) };
    let line = Line::new(&dsn(TLS_HOST, &format!("sslmode=disable sslrootcert={other}")), &told);
    line.expect("a line").connect().expect("the configuration's authority");

    for wrong in [
        dsn("other.shop.example", &format!("sslmode=verify-full sslrootcert={ca}")),
        dsn(TLS_HOST, &format!("sslmode=verify-full sslrootcert={other}")),
        // The weaker modes of libpq check no less here.
        dsn("other.shop.example", &format!("sslmode=verify-ca sslrootcert={ca}")),
        dsn(TLS_HOST, &format!("sslmode=require sslrootcert={other}")),
    ] {
        let error = fails(&wrong);
        assert!(is_handshake(&error), "{error}");
    }
    // The server refuses what comes in the clear; that is no failure of TLS.
    let refused = fails(&dsn(TLS_HOST, "sslmode=disable"));
    assert!(!is_handshake(&refused) && refused.code().is_some(), "{refused}");
}

#[test]
fn what_runs_is_cancelled_over_tls_as_well() {
    let Some(server) = TlsServer::start() else { return };
    let tls = Tls { mode: Some(Mode::VerifyFull), ca_file: Some(server.ca()) };
    let line = Line::new(&server.dsn(TLS_HOST), &tls).expect("a line");
    let mut client = line.connect().expect("the certificate is good");
    let token = client.cancel_token();
    let sleeper = thread::spawn(move || client.batch_execute("SELECT pg_sleep(60)"));
    let mut watcher = line.connect().expect("a second one");
    let sleeps = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";
    while watcher.query(sleeps, &[]).expect("an answer").is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    line.cancel(&token).expect("it is asked to stop");
    let error = sleeper.join().expect("it ends").expect_err("it was stopped");
    assert_eq!(error.code().map(postgres::error::SqlState::code), Some("57014"));
}

#[test]
fn a_server_that_speaks_no_tls_is_left_alone_where_tls_is_wanted() {
    let Ok(dsn) = std::env::var("STEWARD_TEST_PG") else { return };
    if dsn == "skip" {
        return;
    }
    let wanted = Tls { mode: Some(Mode::VerifyFull), ca_file: None };
    match Line::new(&dsn, &wanted) {
        Ok(line) => {
            let error = line.connect().err().expect("it speaks none");
            assert!(is_handshake(&error), "{error}");
        }
        Err(error) => assert_eq!(error, LineError::NoSystemCertificates),
    }
}

#[test]
fn beyond_this_machine_nothing_goes_in_the_clear_unless_the_operator_says_so() {
    let folder = std::env::temp_dir();
    let tls = |mode| Tls { mode, ca_file: None };
    let ca = Tls { mode: None, ca_file: Some(folder.join("no such file")) };
    // Asked for TLS by the place alone: the authority is looked for.
    for far in [
        "postgres://u@db.example/d",
        "host=10.0.0.1 user=u sslmode=prefer",
        "host=localhost,db.example user=u",
    ] {
        assert!(matches!(Line::new(far, &ca), Err(LineError::CaFile { .. })), "{far}");
        let told = Line::new(far, &tls(Some(Mode::Disable))).expect("the operator's word");
        assert!(told.is_exposed(), "{far}");
    }
    assert!(Line::new("postgres://u@db.example/d?sslmode=disable", &ca).expect("their word").is_exposed());
    let near = Line::new("host=localhost user=u", &ca).expect("no authority is needed");
    assert!(!near.is_exposed());
    let asked = Line::new("host=localhost user=u sslmode=require", &ca);
    assert!(matches!(asked, Err(LineError::CaFile { .. })));
    let empty = folder.join(format!("steward-empty-{}.pem", std::process::id()));
    std::fs::write(&empty, "no certificate").expect("a file");
    let none = Line::new("postgres://u@db.example/d", &Tls { mode: None, ca_file: Some(empty.clone()) });
    assert!(matches!(none, Err(LineError::NoCertificate { .. })));
    drop(std::fs::remove_file(empty));
    let secret = Line::new("postgres://u:canary@db.example:x/d", &Tls::default()).err().expect("malformed");
    assert!(!secret.to_string().contains("canary"));
}
