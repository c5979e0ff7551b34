//! A small HTTP client for the demo's requests to itself: HTTP/1.1, one connection each.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use model::Secret;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 8 << 20;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, as the walk shows and sends it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None }
    }

    pub(crate) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: "POST", path: path.into(), body: Some(body) }
    }

    /// The same request for a shell; the key stands in a variable.
    pub(crate) fn as_curl(&self, address: SocketAddr, variable: &str) -> String {
        let url = format!("http://{address}{}", self.path);
        let auth = format!("-H \"Authorization: Bearer ${variable}\"");
        match &self.body {
            None => format!("curl -s {url} {auth}"),
            Some(body) => {
                let body = body.to_string().replace('\'', r"'\''");
                format!("curl -s {url} {auth} -H 'Content-Type: application/json' -d '{body}'")
            }
        }
    }

    /// Sends it and reads the answer.
    pub(crate) async fn send(&self, address: SocketAddr, key: &Secret<String>) -> anyhow::Result<Answer> {
        tokio::time::timeout(PATIENCE, self.exchange(address, key))
            .await
            .context("the answer took too long")?
    }

    async fn exchange(&self, address: SocketAddr, key: &Secret<String>) -> anyhow::Result<Answer> {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let head = format!(
            "{} {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.method,
            self.path,
            key.expose(),
            body.len()
        );
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes).await?;
        parse(&bytes)
    }
}

/// Reads status and body; the server closes the connection behind them.
fn parse(bytes: &[u8]) -> anyhow::Result<Answer> {
    let text = std::str::from_utf8(bytes).context("the answer is not text")?;
    let Some((head, body)) = text.split_once("\r\n\r\n") else { bail!("the answer has no end of its head") };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    let body = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(body).unwrap_or_else(|_| body.into())
    };
    Ok(Answer { status, body })
}
