//! Hands requests on to Steward over HTTP, as the server of a real shop would: the browser
//! sees one host, so the cookie that comes back is the shop's own.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The largest answer that is handed on.
const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a browser says that Steward needs to know.
const PASSED: [&str; 10] = [
    "host",
    "cookie",
    "sec-gpc",
    "accept",
    "accept-language",
    "sec-fetch-site",
    "origin",
    "content-type",
    "user-agent",
    "sec-fetch-mode",
];

/// An answer of Steward.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The answer, for the browser.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in &self.headers {
            if ![CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING].contains(name) {
                response.headers_mut().append(name, value.clone());
            }
        }
        response
    }
}

/// Asks Steward.
pub(super) async fn ask(
    steward: SocketAddr,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> anyhow::Result<Answer> {
    tokio::time::timeout(PATIENCE, exchange(steward, method, path, headers, body))
        .await
        .context("the answer took too long")?
}

async fn exchange(
    steward: SocketAddr,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> anyhow::Result<Answer> {
    let mut head = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
    for (name, value) in headers.iter().filter(|(name, _)| PASSED.contains(&name.as_str())) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    if !headers.contains_key(HOST) {
        head.extend_from_slice(format!("host: {steward}\r\n").as_bytes());
    }
    let rest = format!(
        "x-forwarded-prefix: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        super::PRIVACY,
        body.len()
    );
    head.extend_from_slice(rest.as_bytes());
    let mut stream = TcpStream::connect(steward).await?;
    stream.write_all(&head).await?;
    stream.write_all(&body).await?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> anyhow::Result<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("no end of the head")?;
    let (head, body) = bytes.split_at(end);
    let head = std::str::from_utf8(head).context("the head is not text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { bail!("a line of the head is none") };
        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value.trim())?);
    }
    let body = body.get(4..).unwrap_or_default().to_vec();
    Ok(Answer { status: StatusCode::from_bytes(status.as_bytes())?, headers, body })
}
