//! Letters through a real conversation.

use std::io::{Read, Write};
use std::net::TcpStream;

use connect::mail::{Letter, MailError, MailSecurity, MailServer, Mailer};
use connect::mailbox::MailboxServer;

fn server(mailbox: &MailboxServer, security: MailSecurity) -> MailServer {
    MailServer {
        host: "127.0.0.1".to_owned(),
        port: mailbox.address().port(),
        security,
        login: None,
        sender: "Rosewood Records <privacy@rosewood.example>".to_owned(),
    }
}

fn letter(to: &str, text: &str) -> Letter {
    Letter {
        to: to.to_owned().into(),
        subject: "Votre code à usage unique".to_owned(),
        text: text.to_owned().into(),
        id: "ent_1".to_owned(),
    }
}

/// A line of one dot would end the letter, and the rest of it would be lost.
#[test]
fn a_letter_arrives_as_it_was_written_with_its_dots_and_accents() {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    let mailer = Mailer::new(server(&mailbox, MailSecurity::Plain)).expect("a mailer");
    let text = "Bonjour à vous,\n.\n..two dots\n\nCode: 1234 5678\n";
    mailer.send(&letter("ada@example.org", text)).expect("sent");
    let letters = mailbox.letters();
    let [received] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!(received.to, ["ada@example.org"]);
    assert_eq!(received.from, "privacy@rosewood.example");
    assert_eq!(received.header("Message-ID"), Some("<ent_1@rosewood.example>"));
    assert_eq!(received.header("Auto-Submitted"), Some("auto-generated"));
    let body = received.body().replace("\r\n", "\n");
    assert_eq!(body.trim_end(), text.trim_end());
}

/// A code that travels in the clear can be read by everybody on the way.
#[test]
fn nothing_goes_in_the_clear_to_another_machine_or_to_a_server_without_tls() {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    let abroad = MailServer { host: "mail.example.org".to_owned(), ..server(&mailbox, MailSecurity::Plain) };
    assert_eq!(Mailer::new(abroad).err(), Some(MailError::PlainAbroad));
    let mailer = Mailer::new(server(&mailbox, MailSecurity::Starttls)).expect("a mailer");
    assert!(mailer.send(&letter("ada@example.org", "code")).is_err());
    assert!(mailbox.letters().is_empty());
}

/// Trying for hours to reach a mailbox that does not exist helps nobody; a server that rests
/// comes back.
#[test]
fn a_refusal_for_good_is_told_from_one_for_now_and_neither_quotes_the_address() {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    let mailer = Mailer::new(server(&mailbox, MailSecurity::Plain)).expect("a mailer");
    let refused = mailer.send(&letter("bounce@example.org", "code")).expect_err("no such mailbox");
    assert_eq!(refused, MailError::Refused);
    assert!(!refused.to_string().contains("bounce"));
    let gone = server(&mailbox, MailSecurity::Plain);
    drop(mailbox);
    let mailer = Mailer::new(gone).expect("a mailer");
    let error = mailer.send(&letter("ada@example.org", "code")).expect_err("nobody listens");
    assert!(error.is_temporary(), "{error}");
    let malformed = mailer.send(&letter("ada@example.org, eve@example.org", "code"));
    assert_eq!(malformed, Err(MailError::Unsendable));
}

/// The demo's server stands open to every program on the machine.
#[test]
fn a_client_that_talks_nonsense_harms_nobody() {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    for nonsense in ["\r\n", "DATA\r\n", "RCPT TO:<a@b>\r\n", "MAIL FROM:\r\n", "É\r\n", &"x".repeat(5_000)]
    {
        let mut stream = TcpStream::connect(mailbox.address()).expect("connected");
        stream.write_all(nonsense.as_bytes()).expect("written");
        stream.write_all(b"\r\nQUIT\r\n").ok();
        stream.read_to_end(&mut Vec::new()).ok();
    }
    assert!(mailbox.letters().is_empty());
    let mailer = Mailer::new(server(&mailbox, MailSecurity::Plain)).expect("a mailer");
    mailer.send(&letter("ada@example.org", "still there")).expect("sent");
    assert_eq!(mailbox.letters().len(), 1);
}

/// A password that was changed at the mail server is the operator's to mend: the letters of that
/// hour are not to be lost, and the log is to say where to look.
#[test]
fn a_server_that_does_not_take_our_login_keeps_letters_waiting_and_names_what_to_mend() {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    let mailer = Mailer::new(server(&mailbox, MailSecurity::Plain)).expect("a mailer");
    let error = mailer.send(&letter("login@example.org", "code")).expect_err("who are you");
    assert_eq!(error, MailError::Login);
    assert!(error.is_temporary());
    let text = error.to_string();
    assert!(text.contains("user") && text.contains("password_file"), "{text}");
    assert!(!text.contains('@'), "{text}");
}

/// Somebody else's mailbox would get the code of whoever is known by such a text.
#[test]
fn what_looks_like_a_name_before_another_address_is_written_to_nobody() {
    let mailbox = MailboxServer::start(0).expect("a mailbox");
    let mailer = Mailer::new(server(&mailbox, MailSecurity::Plain)).expect("a mailer");
    for text in ["x<other@example.org>", "x <other@example.org>", "<other@example.org>"] {
        assert_eq!(mailer.send(&letter(text, "code")), Err(MailError::Unsendable), "{text}");
    }
    assert!(mailbox.letters().is_empty(), "{:?}", mailbox.letters());
}
