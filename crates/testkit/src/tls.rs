//! A PostgreSQL of its own that speaks TLS alone, under a certificate made for the test.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The name in the server's certificate; it is reached at 127.0.0.1.
pub const TLS_HOST: &str = "db.shop.example";

/// A running server. It stops and its folder goes when this is dropped.
pub struct TlsServer {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
}

impl TlsServer {
    /// Starts one; `None` where PostgreSQL is left out on purpose.
    ///
    /// # Panics
    /// When a program is missing, or the server does not start.
    #[must_use]
    pub fn start() -> Option<Self> {
        crate::database::postgres_dsn()?;
        let folder = PathBuf::from(said(&as_owner("mktemp", &["-d", "/tmp/steward-tls.XXXXXX"])));
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let server = Self { folder, bin: programs(), port };
        server.certify();
        let data = server.path("data");
        server.run(
            "initdb",
            &["-D", &data, "-U", "admin", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        );
        server.write("data/pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n");
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c ssl=on \
             -c ssl_cert_file={0}/server.pem -c ssl_key_file={0}/server.key",
            server.folder.display()
        );
        let log = server.path("log");
        server.run("pg_ctl", &["-D", &data, "-w", "-t", "60", "-l", &log, "-o", &options, "start"]);
        Some(server)
    }

    /// Its address without a word about TLS, at 127.0.0.1 under this host name.
    #[must_use]
    pub fn dsn(&self, host: &str) -> String {
        format!("host={host} hostaddr=127.0.0.1 port={} user=admin dbname=postgres", self.port)
    }

    /// The certificate of the authority that signed the server's.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The certificate of an authority that signed nothing.
    #[must_use]
    pub fn other_ca(&self) -> PathBuf {
        self.folder.join("other.pem")
    }

    /// Two authorities, and a certificate of the first for [`TLS_HOST`].
    fn certify(&self) {
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let openssl = |arguments: &[&str]| {
            said(&as_owner("openssl", arguments));
        };
        for name in ["ca", "other"] {
            let (key, pem) = (self.path(&format!("{name}.key")), self.path(&format!("{name}.pem")));
            let subject = format!("/CN=Authority {name}");
            openssl(
                &[&["req", "-x509"], &curve[..], &["-keyout", &key, "-out", &pem, "-subj", &subject]]
                    .concat(),
            );
        }
        let (key, request) = (self.path("server.key"), self.path("server.csr"));
        openssl(
            &[&["req"], &curve[..5], &["-keyout", &key, "-out", &request, "-subj", "/CN=server"]].concat(),
        );
        self.write("names", &format!("subjectAltName=DNS:{TLS_HOST}\nbasicConstraints=CA:FALSE\n"));
        let (ca, ca_key) = (self.path("ca.pem"), self.path("ca.key"));
        let (pem, names) = (self.path("server.pem"), self.path("names"));
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &ca_key,
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            &names,
            "-out",
            &pem,
        ]);
        // The folder is its owner's; the test, which may be somebody else, reads the certificates.
        said(&as_owner("chmod", &["755", &self.path("")]));
        said(&as_owner("chmod", &["600", &key]));
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("a file");
        let owner = fs::metadata(&self.folder).expect("a folder").uid();
        std::os::unix::fs::chown(&path, Some(owner), None).expect("its owner's");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("for its owner");
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        said(&as_owner(&self.bin.join(program).display().to_string(), arguments));
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let pg_ctl = self.bin.join("pg_ctl").display().to_string();
        drop(as_owner(&pg_ctl, &["-D", &self.path("data"), "-m", "immediate", "stop"]));
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Runs a program as whoever may own a server: not root.
fn as_owner(program: &str, arguments: &[&str]) -> Output {
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    let mut command = Command::new(if is_root { "runuser" } else { program });
    if is_root {
        command.args(["-u", "postgres", "--", program]);
    }
    command.args(arguments).current_dir("/").output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// What a program printed.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The folder of the server's programs, as `script/postgres` looks for them.
fn programs() -> PathBuf {
    if let Some(folder) = std::env::var_os("STEWARD_PG_BIN") {
        return folder.into();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    found.retain(|bin| bin.join("initdb").exists());
    found.sort();
    found.pop().unwrap_or_else(|| Path::new("/usr/bin").to_owned())
}
