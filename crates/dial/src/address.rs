//! An address as libpq writes it: what the driver does not know of TLS is taken out.

use std::net::IpAddr;
use std::path::PathBuf;

use postgres::Config;
use postgres::config::Host;

use crate::LineError;

/// Whether TLS is spoken with a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It is, and the certificate names the host and comes from an authority that is believed.
    VerifyFull,
    /// It is not.
    Disable,
}

/// An address in parts.
pub(crate) struct Address {
    /// What the driver reads.
    pub(crate) config: Config,
    /// What it says of TLS, if anything.
    pub(crate) mode: Option<Mode>,
    /// The certificates to believe, if it names any.
    pub(crate) ca_file: Option<PathBuf>,
}

pub(crate) fn read(dsn: &str) -> Result<Address, LineError> {
    let (rest, pairs) = match dsn.contains("://") {
        true => of_url(dsn)?,
        false => of_pairs(dsn)?,
    };
    let config = rest.parse().map_err(|_| LineError::Address)?;
    let (mut mode, mut ca_file) = (None, None);
    for (key, value) in pairs {
        match (key.as_str(), value.as_str()) {
            ("sslmode", "disable") => mode = Some(Mode::Disable),
            ("sslmode", "require" | "verify-ca" | "verify-full") => mode = Some(Mode::VerifyFull),
            // Both mean: whatever the server likes. Where that matters is decided by the place.
            ("sslmode", "allow" | "prefer") => mode = None,
            ("sslmode", _) => return Err(LineError::Mode),
            (_, "system") => ca_file = None,
            (_, path) => ca_file = Some(PathBuf::from(path)),
        }
    }
    Ok(Address { config, mode, ca_file })
}

/// Whether every server of an address is on this machine.
pub(crate) fn is_near(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

fn is_ours(key: &str) -> bool {
    matches!(key, "sslmode" | "sslrootcert")
}

/// The address without our parameters, and these.
type Parted = (String, Vec<(String, String)>);

/// `postgres://user@host/database?key=value&…`
fn of_url(dsn: &str) -> Result<Parted, LineError> {
    let Some((before, query)) = dsn.split_once('?') else { return Ok((dsn.to_owned(), Vec::new())) };
    let (mut rest, mut ours) = (Vec::new(), Vec::new());
    for part in query.split('&') {
        let pairs: Vec<(String, String)> =
            serde_urlencoded::from_str(part).map_err(|_| LineError::Address)?;
        match pairs.into_iter().next() {
            Some(pair) if is_ours(&pair.0) => ours.push(pair),
            _ => rest.push(part),
        }
    }
    let rest = rest.join("&");
    Ok((if rest.is_empty() { before.to_owned() } else { format!("{before}?{rest}") }, ours))
}

/// `key=value key='a value' …`, where a backslash stands before a quote or itself.
fn of_pairs(dsn: &str) -> Result<Parted, LineError> {
    let (mut rest, mut ours) = (String::new(), Vec::new());
    let mut left = dsn.trim_start();
    while !left.is_empty() {
        let (key, after) = left.split_once('=').ok_or(LineError::Address)?;
        let (value, next) = value(after.trim_start())?;
        if is_ours(key.trim()) {
            ours.push((key.trim().to_owned(), value));
        } else {
            let taken = left.len() - next.len();
            rest.push_str(left.get(..taken).unwrap_or_default());
            rest.push(' ');
        }
        left = next.trim_start();
    }
    Ok((rest, ours))
}

/// The value at the beginning of a text, and what follows it.
fn value(text: &str) -> Result<(String, &str), LineError> {
    let is_quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut chars = text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => value.push(chars.next().ok_or(LineError::Address)?.1),
            '\'' if is_quoted => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            char if char.is_whitespace() && !is_quoted => {
                return Ok((value, text.get(at..).unwrap_or_default()));
            }
            char => value.push(char),
        }
    }
    if is_quoted { Err(LineError::Address) } else { Ok((value, "")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(dsn: &str) -> (Option<Mode>, Option<PathBuf>, Vec<Host>) {
        let address = read(dsn).unwrap();
        (address.mode, address.ca_file, address.config.get_hosts().to_vec())
    }

    #[test]
    fn what_an_address_says_of_tls_is_read_in_both_ways_of_writing_it() {
        let host = |name: &str| vec![Host::Tcp(name.to_owned())];
        let ca = || Some(PathBuf::from("/etc/a ca.pem"));
        for (dsn, mode, file) in [
            (
                "postgres://u:p%40@db.example/shop?sslmode=verify-full&sslrootcert=/etc/a+ca.pem",
                Some(Mode::VerifyFull),
                ca(),
            ),
            ("postgres://u@db.example/shop?connect_timeout=3&sslmode=disable", Some(Mode::Disable), None),
            ("postgresql://db.example?user=u&sslrootcert=%2Fetc%2Fa%20ca.pem&sslmode=prefer", None, ca()),
            ("host=db.example user=u password='a \\'b\\\\ sslmode=disable' dbname=shop", None, None),
            (
                "host=db.example sslmode = require user=u sslrootcert='/etc/a ca.pem'",
                Some(Mode::VerifyFull),
                ca(),
            ),
            ("sslmode=verify-ca host=db.example user=u sslrootcert=system", Some(Mode::VerifyFull), None),
        ] {
            assert_eq!(parts(dsn), (mode, file, host("db.example")), "{dsn}");
        }
        let quoted = read("host=h user=u password='a \\'b\\\\ c' sslmode=disable").unwrap().config;
        assert_eq!(quoted.get_password(), Some("a 'b\\ c".as_bytes()));
        assert!(matches!(read("host=h sslmode=verify"), Err(LineError::Mode)));
        for broken in
            ["host=h sslmode='disable", "host", "postgres://h?sslmodes=disable", "host=h sslcert=/x"]
        {
            assert!(matches!(read(broken), Err(LineError::Address)), "{broken}");
        }
    }

    #[test]
    fn only_loopback_addresses_and_sockets_are_this_machine() {
        let near = |dsn: &str| is_near(&read(dsn).unwrap().config);
        for dsn in [
            "host=localhost user=u",
            "host=/run/postgresql user=u",
            "postgres://u@127.0.0.1:7/d",
            "postgres://u@[::1]/d",
            "host=db.example hostaddr=127.0.0.1",
            "host=localhost,127.0.0.2 user=u",
        ] {
            assert!(near(dsn), "{dsn}");
        }
        for dsn in [
            "host=db.example user=u",
            "host=localhost.example user=u",
            "postgres://u@10.0.0.1/d",
            "host=localhost,db.example user=u",
            "host=localhost hostaddr=10.0.0.1",
            "host=0.0.0.0 user=u",
        ] {
            assert!(!near(dsn), "{dsn}");
        }
    }
}
