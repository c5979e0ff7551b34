//! A small mail server that keeps what it is sent in memory, for the demo and for tests.
//!
//! It speaks enough of SMTP (RFC 5321) to take letters: EHLO, HELO, MAIL, RCPT, DATA, RSET,
//! NOOP, QUIT. It sends nothing on, knows no TLS, listens on this machine only, and everything
//! it takes has a limit.

mod talk;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Letters kept at most; the oldest give way.
pub const LETTERS_MAX: usize = 500;
/// The largest letter, in bytes.
pub const LETTER_BYTES_MAX: usize = 1 << 20;
/// The longest line of a conversation, in bytes.
const LINE_BYTES_MAX: usize = 2_048;
/// Recipients of one letter.
const RECIPIENTS_MAX: usize = 50;
/// Conversations at one time.
const TALKS_MAX: usize = 16;
/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// A letter as it came, its lines ended by CR LF, the dots of the transport taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Which letter it is, counted from 1.
    pub number: u64,
    /// From whom, as the envelope says.
    pub from: String,
    /// To whom, as the envelope says.
    pub to: Vec<String>,
    /// Headers and text.
    pub text: String,
}

impl Received {
    /// The value of a header on one line; none when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().take_while(|line| !line.is_empty()).find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What follows the headers, decoded where it is quoted-printable (RFC 2045).
    #[must_use]
    pub fn body(&self) -> String {
        let body = self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        match self.header("Content-Transfer-Encoding") {
            Some(encoding) if encoding.eq_ignore_ascii_case("quoted-printable") => talk::unquoted(body),
            Some(encoding) if encoding.eq_ignore_ascii_case("base64") => talk::unbase64(body),
            _ => body.to_owned(),
        }
    }
}

/// The running server. It stops when this is dropped.
#[derive(Debug)]
pub struct MailboxServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    letters: Mutex<VecDeque<Received>>,
    count: Mutex<u64>,
    talks: AtomicUsize,
    stopped: AtomicBool,
}

impl MailboxServer {
    /// Listens on a port of this machine; 0: a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn start(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        thread::Builder::new().name("mailbox".to_owned()).spawn(move || serve(&listener, &serving))?;
        Ok(Self { address, shared })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every letter that is kept, oldest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Received> {
        self.shared.letters.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Drop for MailboxServer {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // Wakes the listener, which then ends.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
    }
}

impl Shared {
    fn keep(&self, from: String, to: Vec<String>, text: String) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        if letters.len() >= LETTERS_MAX {
            letters.pop_front();
        }
        letters.push_back(Received { number: *count, from, to, text });
    }
}

fn serve(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopped.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if shared.talks.fetch_add(1, Ordering::Relaxed) >= TALKS_MAX {
            shared.talks.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let talking = Arc::clone(shared);
        let spawned = thread::Builder::new().name("mailbox-talk".to_owned()).spawn(move || {
            // A client that breaks off has said all it had to say.
            drop(talk::talk(&stream, &talking));
            talking.talks.fetch_sub(1, Ordering::Relaxed);
        });
        if spawned.is_err() {
            shared.talks.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
