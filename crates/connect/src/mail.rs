//! Sending letters by SMTP (RFC 5321), over TLS or within one machine.
//!
//! A mailer speaks to the one server that its operator names: by STARTTLS (RFC 3207), by TLS
//! from the first byte (RFC 8314), or in the clear to this machine alone. The certificate is
//! checked against the system's. Nothing that the server says is passed on, because servers
//! quote addresses: an error says the kind and the code.

use std::net::IpAddr;
use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, SmtpTransport, Transport};
use model::{Personal, Secret};

/// How long one step of the conversation may take, in seconds.
pub const STEP_SECONDS: u64 = 20;

/// How the connection is kept from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// In the clear at first, then TLS, or not at all.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// In the clear, to this machine only.
    Plain,
}

/// The server that takes letters, and in whose name they go.
#[derive(Debug)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from being read.
    pub security: MailSecurity,
    /// The name and password by which it knows us; none where it asks for none.
    pub login: Option<(String, Secret<String>)>,
    /// Who sends, such as `Rosewood <privacy@rosewood.example>`.
    pub sender: String,
}

/// A letter to one person.
#[derive(Debug)]
pub struct Letter {
    /// The address.
    pub to: Personal<String>,
    /// The subject line.
    pub subject: String,
    /// The text, without markup.
    pub text: Personal<String>,
    /// What names the letter in its `Message-ID`, before the `@`: letters, digits and `_`.
    pub id: String,
}

/// Why a letter did not go. No text of the server's, no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The sender is no address.
    #[error("the sender is no e-mail address; write `Name <address>`")]
    Sender,
    /// In the clear to another machine.
    #[error("mail goes in the clear to this machine only; use `starttls` or `tls`")]
    PlainAbroad,
    /// The TLS library could not be made ready.
    #[error("TLS could not be made ready; are the system's certificates installed?")]
    Tls,
    /// The address or the letter cannot be sent as they are.
    #[error("the letter cannot be sent as it is")]
    Unsendable,
    /// The server refused for good.
    #[error("the mail server refused the letter for good")]
    Refused,
    /// The server does not take the name and password by which it should know us. That is for
    /// the operator to mend, not the reader's fault: the letter waits.
    #[error(
        "the mail server does not take us by `user` and `password_file`; see its account and the configuration"
    )]
    Login,
    /// The server could not be reached or refused for now.
    #[error("the mail server could not take the letter now")]
    Unavailable,
}

impl MailError {
    /// Whether trying again may help.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::Login | Self::Unavailable)
    }
}

/// Sends letters by one server. Each letter has a connection of its own.
pub struct Mailer {
    transport: SmtpTransport,
    sender: Mailbox,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer")
    }
}

impl Mailer {
    /// Makes a mailer ready; nothing is connected yet.
    ///
    /// # Errors
    /// [`MailError::Sender`], [`MailError::PlainAbroad`] or [`MailError::Tls`].
    pub fn new(server: MailServer) -> Result<Self, MailError> {
        let sender: Mailbox = server.sender.parse().map_err(|_| MailError::Sender)?;
        let tls = match server.security {
            MailSecurity::Plain if is_this_machine(&server.host) => Tls::None,
            MailSecurity::Plain => return Err(MailError::PlainAbroad),
            MailSecurity::Starttls => Tls::Required(parameters(&server.host)?),
            MailSecurity::Tls => Tls::Wrapper(parameters(&server.host)?),
        };
        let mut builder = SmtpTransport::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(Duration::from_secs(STEP_SECONDS)));
        if let Some((user, password)) = server.login {
            builder = builder.credentials(Credentials::new(user, password.expose().clone()));
        }
        Ok(Self { transport: builder.build(), sender })
    }

    /// Hands a letter to the server and waits for its answer, which may take a while: call it
    /// where waiting harms nobody.
    ///
    /// # Errors
    /// [`MailError::Unsendable`], [`MailError::Refused`], [`MailError::Login`] or
    /// [`MailError::Unavailable`].
    pub fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let message = self.message(letter)?;
        match self.transport.send(&message) {
            Ok(_) => Ok(()),
            Err(error) if is_about_login(&error) => Err(MailError::Login),
            Err(error) if error.is_permanent() => Err(MailError::Refused),
            Err(_) => Err(MailError::Unavailable),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a sender is one of the three places that may look")]
    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        // An address alone: `x<other@y>` would be a name before another address.
        let to: Address = letter.to.expose().parse().map_err(|_| MailError::Unsendable)?;
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.as_str())
            .message_id(Some(format!("<{}@{}>", letter.id, self.sender.email.domain())))
            .header(AutoSubmitted)
            .header(lettre::message::header::ContentType::TEXT_PLAIN)
            .body(letter.text.expose().clone())
            .map_err(|_| MailError::Unsendable)
    }
}

/// Says that nobody wrote the letter by hand, so that no machine answers it (RFC 3834).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Whether a host is this machine by its name or address.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether the server answered about our login: 530 it asks for one, 534 this way of it is too
/// weak, 535 it is wrong, 538 it needs TLS (RFC 4954).
fn is_about_login(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

fn parameters(host: &str) -> Result<TlsParameters, MailError> {
    TlsParameters::new(host.to_owned()).map_err(|_| MailError::Tls)
}
