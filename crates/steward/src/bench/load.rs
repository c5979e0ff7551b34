//! A small closed-loop load generator: so many connections, each sends its next request when
//! the answer to the last one is there.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What is sent: the requests of one connection, whole, sent in turn.
pub(super) type Requests = Vec<Vec<u8>>;

/// A request with a body.
pub(super) fn post(path: &str, key: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends for `time`, over one connection for each of `connections`; answers the requests per
/// second. Every answer must have status 200.
#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) async fn drive(
    address: SocketAddr,
    connections: Vec<Requests>,
    time: Duration,
) -> anyhow::Result<f64> {
    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut running = JoinSet::new();
    for requests in connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        running.spawn(converse(stream, requests, Arc::clone(&stop), Arc::clone(&count)));
    }
    // The first fifth warms up.
    tokio::time::sleep(time / 5).await;
    let (began, before) = (Instant::now(), count.load(Ordering::Relaxed));
    tokio::time::sleep(time).await;
    let (took, after) = (began.elapsed(), count.load(Ordering::Relaxed));
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok((after - before) as f64 / took.as_secs_f64())
}

async fn converse(
    mut stream: TcpStream,
    requests: Requests,
    stop: Arc<AtomicBool>,
    count: Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    let mut buffer = Vec::with_capacity(1 << 16);
    for request in requests.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        stream.write_all(request).await?;
        answer(&mut stream, &mut buffer).await?;
        count.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Reads one answer of status 200 to its end.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    buffer.clear();
    let mut wanted = None;
    loop {
        if wanted.is_some_and(|wanted| buffer.len() >= wanted) {
            return Ok(());
        }
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        if wanted.is_none()
            && let Some(head) = buffer.windows(4).position(|part| part == b"\r\n\r\n")
        {
            let text = std::str::from_utf8(buffer.get(..head).unwrap_or_default())?;
            ensure!(text.starts_with("HTTP/1.1 200"), "an answer was not 200: {}", first_line(buffer));
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            wanted = Some(head + 4 + length.context("an answer without its length")?.parse::<usize>()?);
        }
    }
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}
