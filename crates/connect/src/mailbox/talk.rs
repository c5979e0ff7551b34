//! One conversation.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::{LETTER_BYTES_MAX, LINE_BYTES_MAX, RECIPIENTS_MAX, SILENCE, Shared};

/// Where a conversation stands.
#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

/// Talks until the client quits, breaks off or is silent for too long.
pub(super) fn talk(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    say(&mut writer, "220 mailbox.local ready")?;
    let mut envelope = Envelope::default();
    while let Some(line) = line(&mut reader)? {
        let (verb, rest) = line.split_at_checked(4).unwrap_or((line.as_str(), ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => say(
                &mut writer,
                &format!("250-mailbox.local\r\n250-8BITMIME\r\n250 SIZE {LETTER_BYTES_MAX}"),
            )?,
            "HELO" => say(&mut writer, "250 mailbox.local")?,
            "MAIL" => match address(rest, "FROM:") {
                Some(from) => {
                    envelope = Envelope { from: Some(from), to: Vec::new() };
                    say(&mut writer, "250 ok")?;
                }
                None => say(&mut writer, "501 MAIL FROM:<address>")?,
            },
            "RCPT" => say(&mut writer, recipient(&mut envelope, rest))?,
            "DATA" if envelope.to.is_empty() => say(&mut writer, "503 recipients first")?,
            "DATA" => {
                say(&mut writer, "354 end with a dot")?;
                let Some(text) = letter(&mut reader)? else {
                    return say(&mut writer, "552 the letter is too large");
                };
                let Envelope { from, to } = std::mem::take(&mut envelope);
                shared.keep(from.unwrap_or_default(), to, text);
                say(&mut writer, "250 kept")?;
            }
            "RSET" => {
                envelope = Envelope::default();
                say(&mut writer, "250 ok")?;
            }
            "NOOP" => say(&mut writer, "250 ok")?,
            "QUIT" => return say(&mut writer, "221 bye"),
            _ => say(&mut writer, "502 not known here")?,
        }
    }
    Ok(())
}

fn recipient(envelope: &mut Envelope, rest: &str) -> &'static str {
    if envelope.from.is_none() {
        return "503 MAIL first";
    }
    if envelope.to.len() >= RECIPIENTS_MAX {
        return "452 too many recipients";
    }
    match address(rest, "TO:").filter(|address| !address.is_empty()) {
        // For trying out what is said to people whose address does not exist.
        Some(address) if address.starts_with("bounce@") => "550 no such mailbox",
        // And what is done when the server wants to know who we are.
        Some(address) if address.starts_with("login@") => "530 authentication required",
        Some(address) => {
            envelope.to.push(address);
            "250 ok"
        }
        None => "501 RCPT TO:<address>",
    }
}

fn say(writer: &mut &TcpStream, line: &str) -> io::Result<()> {
    writer.write_all(line.as_bytes())?;
    writer.write_all(b"\r\n")
}

/// The next line without its end; none when the client is gone. A line that is too long, or no
/// text, ends the conversation.
fn line(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<String>> {
    bytes(reader)?.map(|line| String::from_utf8(line).map_err(|_| invalid())).transpose()
}

fn bytes(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let most = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
    reader.by_ref().take(most).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(invalid());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(Some(line))
}

/// The address of a command, such as `FROM:<ada@example.org> SIZE=10`.
fn address(rest: &str, keyword: &str) -> Option<String> {
    let rest = rest.trim_start();
    let (found, path) = rest.split_at_checked(keyword.len())?;
    let path = path.trim_start().strip_prefix('<').filter(|_| found.eq_ignore_ascii_case(keyword))?;
    path.split_once('>').map(|(address, _)| address.to_owned())
}

/// The lines up to the lone dot, with the doubled dots of the transport taken away
/// (RFC 5321, 4.5.2); none when they are too many.
fn letter(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<String>> {
    let mut text = Vec::new();
    while let Some(line) = bytes(reader)? {
        if line == b"." {
            return Ok(Some(String::from_utf8_lossy(&text).into_owned()));
        }
        let line = line.strip_prefix(b".").unwrap_or(&line);
        if text.len() + line.len() + 2 > LETTER_BYTES_MAX {
            return Ok(None);
        }
        text.extend_from_slice(line);
        text.extend_from_slice(b"\r\n");
    }
    Err(invalid())
}

fn invalid() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

/// Quoted-printable as text (RFC 2045, 6.7).
pub(super) fn unquoted(body: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'=', [b'\r', b'\n', following @ ..]) => rest = following,
            (b'=', [high, low, following @ ..]) => {
                let digit =
                    |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high << 4 | low);
                        rest = following;
                    }
                    _ => bytes.push(byte),
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Base64 as text (RFC 4648); what is not of its alphabet does not count.
pub(super) fn unbase64(body: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut held, mut bits, mut bytes) = (0_u32, 0_u32, Vec::new());
    let digits = body.bytes().filter_map(|byte| ALPHABET.iter().position(|known| *known == byte));
    for digit in digits {
        held = (held << 6 | u32::try_from(digit).unwrap_or_default()) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or_default());
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
