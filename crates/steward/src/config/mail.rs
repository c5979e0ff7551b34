//! The mail server of a controller.

use std::fs;
use std::path::{Path, PathBuf};

use connect::mail::{MailSecurity, MailServer, is_this_machine};
use model::Secret;
use serde::Deserialize;

use super::ConfigError;

/// Which server takes a controller's letters, and in whose name they go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Who sends, such as `Rosewood <privacy@rosewood.example>`.
    pub sender: String,
    /// The server's name or address.
    pub host: String,
    /// Its port; none: 587 for `starttls`, 465 for `tls`, 25 for `plain`.
    pub port: Option<u16>,
    /// How the connection is kept from being read.
    #[serde(default)]
    pub security: Security,
    /// The name by which the server knows us.
    pub user: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
}

/// How a connection is kept from being read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// TLS after a first word in the clear, or not at all.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// In the clear, to this machine only.
    Plain,
}

impl MailConfig {
    /// The server, with the password that it asks for.
    ///
    /// # Errors
    /// When the password cannot be read.
    pub fn server(&self) -> Result<MailServer, ConfigError> {
        let login = match (&self.user, &self.password_file) {
            (Some(user), Some(path)) => Some((user.clone(), password(path)?)),
            _ => None,
        };
        let (security, port) = match self.security {
            Security::Starttls => (MailSecurity::Starttls, 587),
            Security::Tls => (MailSecurity::Tls, 465),
            Security::Plain => (MailSecurity::Plain, 25),
        };
        let port = self.port.unwrap_or(port);
        Ok(MailServer { host: self.host.clone(), port, security, login, sender: self.sender.clone() })
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Some(path) = &mut self.password_file {
            *path = folder.join(&*path);
        }
    }

    pub(super) fn check(&self) -> Result<(), &'static str> {
        if self.user.is_some() != self.password_file.is_some() {
            return Err("`user` and `password_file` go together");
        }
        if self.security == Security::Plain && !is_this_machine(&self.host) {
            return Err("`plain` goes to this machine only: use `starttls` or `tls`");
        }
        Ok(())
    }
}

fn password(path: &Path) -> Result<Secret<String>, ConfigError> {
    fs::read_to_string(path)
        .map(|text| Secret::new(text.trim_end().to_owned()))
        .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), kind: error.kind() })
}
