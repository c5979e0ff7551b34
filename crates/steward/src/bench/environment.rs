//! On what the figures were measured.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::report::{median, millis};

/// How many writes the disk is asked to make durable.
const SYNCS: usize = 50;

/// The machine and the build.
#[derive(Debug, Serialize)]
pub(crate) struct Environment {
    /// Processors that this process may use.
    pub(crate) cores: usize,
    /// The processor's name.
    pub(crate) processor: String,
    /// The file system of the folder, and its device.
    pub(crate) disk: String,
    /// The median time of making 4 KiB durable (write, fsync), in milliseconds.
    pub(crate) fsync_ms: f64,
    /// How the executable was built.
    pub(crate) build: &'static str,
    /// How busy the machine was before the run: the load of the last minute.
    pub(crate) load: String,
}

impl Environment {
    /// Looks at the machine; `folder` lies on the disk that is measured.
    pub(crate) fn look(folder: &Path) -> anyhow::Result<Self> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processor = read("/proc/cpuinfo")
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned());
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor,
            disk: disk(&read("/proc/mounts"), folder),
            fsync_ms: fsync(folder)?,
            build: if cfg!(debug_assertions) { "debug" } else { "optimised" },
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        })
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} cores, {}, {}, fsync {:.2} ms, {} build, load {}",
            self.cores, self.processor, self.disk, self.fsync_ms, self.build, self.load
        )
    }
}

/// The mount that holds the folder: the longest that is a part of its path.
fn disk(mounts: &str, folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let held = fields.filter_map(|fields| match fields.as_slice() {
        [device, place, kind, ..] if folder.starts_with(place) => {
            Some((place.len(), format!("{kind} on {device}")))
        }
        _ => None,
    });
    held.max_by_key(|(length, _)| *length).map_or_else(|| "unknown disk".to_owned(), |(_, name)| name)
}

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
fn fsync(folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("fsync");
    let mut file = File::create(&path)?;
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        took.push(millis(began.elapsed()));
    }
    fs::remove_file(path)?;
    Ok(median(took))
}
