//! Reaching a PostgreSQL server: what is encrypted, whose certificate is believed, and what
//! may go in the clear. Our store and the sources of imports dial in the same way.
//!
//! A server on this machine (a loopback address or a socket) is spoken to in the clear unless
//! its address asks for more. To every other one TLS is spoken, and its certificate must name
//! the host and come from an authority that is believed: `sslmode=verify-full`, which is also
//! what `require` and `verify-ca` mean here. Only the operator's own word `disable` makes an
//! exception. `sslmode` and `sslrootcert` stand in the address as libpq writes them
//! (<https://www.postgresql.org/docs/15/libpq-ssl.html>) or in [`Tls`], which goes first.

mod address;
mod handshake;

use std::io;
use std::path::PathBuf;

use handshake::MakeTls;
use postgres::config::SslMode;
use postgres::{CancelToken, Client, Config, NoTls};

pub use address::Mode;

/// What the operator says about TLS beside the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether TLS is spoken; none: as the address says, or by where the server is.
    pub mode: Option<Mode>,
    /// A file of certificates (PEM) that are believed in place of the system's.
    pub ca_file: Option<PathBuf>,
}

/// Why a server is not dialled. Quotes nothing of the address, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The address cannot be read.
    #[error("the PostgreSQL address (dsn) is not valid")]
    Address,
    /// The address asks for a mode that is not known.
    #[error("`sslmode` is `verify-full`, or `disable` where data may go in the clear")]
    Mode,
    /// The file of certificates cannot be read.
    #[error("cannot read the certificates in `{}`: {kind}", .path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        kind: io::ErrorKind,
    },
    /// The file holds no certificate.
    #[error("there is no certificate (PEM) in `{}`", .path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The system has no certificates.
    #[error("this machine has no certificates of authorities: name a file of them as `ca_file`")]
    NoSystemCertificates,
}

/// How a server is reached; dials as often as wanted.
#[derive(Clone)]
pub struct Line {
    config: Config,
    tls: Option<MakeTls>,
    is_exposed: bool,
}

impl Line {
    /// Reads an address, as a URL or as `key=value` pairs.
    ///
    /// # Errors
    /// When it cannot be read, or the certificates to believe cannot.
    pub fn new(dsn: &str, tls: &Tls) -> Result<Self, LineError> {
        let address = address::read(dsn)?;
        let is_near = address::is_near(&address.config);
        let mode = tls.mode.or(address.mode).unwrap_or(match is_near {
            true => Mode::Disable,
            false => Mode::VerifyFull,
        });
        let mut config = address.config;
        let tls = match mode {
            Mode::Disable => {
                config.ssl_mode(SslMode::Disable);
                None
            }
            Mode::VerifyFull => {
                config.ssl_mode(SslMode::Require);
                let ca_file = tls.ca_file.clone().or(address.ca_file);
                Some(MakeTls::believing(ca_file.as_deref())?)
            }
        };
        Ok(Self { config, is_exposed: tls.is_none() && !is_near, tls })
    }

    /// What the connection is called, how long dialling may take, and the like.
    pub fn config(&mut self) -> &mut Config {
        &mut self.config
    }

    /// Whether data goes in the clear to another machine, because the operator says so.
    #[must_use]
    pub const fn is_exposed(&self) -> bool {
        self.is_exposed
    }

    /// Dials. Blocks: call it on a thread outside an async runtime.
    ///
    /// # Errors
    /// Those of the driver; [`is_handshake`] tells those of TLS.
    pub fn connect(&self) -> Result<Client, postgres::Error> {
        match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }
    }

    /// Cancels what a connection of this line is doing. Blocks, as [`Line::connect`] does.
    ///
    /// # Errors
    /// Those of the driver.
    pub fn cancel(&self, token: &CancelToken) -> Result<(), postgres::Error> {
        match &self.tls {
            Some(tls) => token.cancel_query(tls.clone()),
            None => token.cancel_query(NoTls),
        }
    }
}

/// Whether dialling failed at TLS: the certificate is not believed, or the server speaks none.
#[must_use]
pub fn is_handshake(error: &postgres::Error) -> bool {
    // The driver has no code for it; a test holds its words.
    error.to_string().starts_with("error performing TLS handshake")
}
