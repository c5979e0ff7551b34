//! A store on a server that is reached over TLS.

use store::{Db, DbConfig, MIGRATIONS, OpenError, SslMode, Tls};
use testkit::{TLS_HOST, TlsServer};

#[test]
fn a_store_opens_over_tls_and_only_with_a_server_that_is_believed() {
    let Some(server) = TlsServer::start() else { return };
    let config = |ca_file| DbConfig::Postgres {
        dsn: server.dsn(TLS_HOST),
        schema: "shop".to_owned(),
        threads: 2,
        tls: Tls { mode: Some(SslMode::VerifyFull), ca_file: Some(ca_file) },
    };
    let db = Db::open(&config(server.ca()), MIGRATIONS).expect("the certificate is good");
    let count = db.read_blocking("test.count", store::identity::count);
    assert_eq!(count.expect("an answer"), 0);
    drop(db);
    let refused = Db::open(&config(server.other_ca()), MIGRATIONS).err().expect("nobody vouches for it");
    assert_eq!(refused, OpenError::Connect { code: "tls".to_owned() });
    let missing = Db::open(&config(server.ca().with_extension("gone")), MIGRATIONS).err().expect("no file");
    assert!(matches!(missing, OpenError::Tls(_)), "{missing:?}");
}
