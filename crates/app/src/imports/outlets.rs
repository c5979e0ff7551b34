//! Whom a run tells how it goes: the rejects file and whoever shows progress.

use super::tally::{Reject, Tally};
use super::{ImportError, OnProgress, Progress, RejectsFile};

/// Whom a run tells how it goes.
pub(super) struct Outlets {
    rejects: Option<RejectsFile>,
    on_progress: Option<OnProgress>,
}

impl Outlets {
    pub(super) fn new(
        mut rejects: Option<RejectsFile>,
        on_progress: Option<OnProgress>,
    ) -> Result<Self, ImportError> {
        if let Some(file) = &mut rejects {
            writeln!(file, "line,reason,detail").map_err(|error| ImportError::Rejects(error.kind()))?;
        }
        Ok(Self { rejects, on_progress })
    }

    pub(super) fn tell(
        &mut self,
        rejects: &[Reject],
        (done, total): (u64, Option<u64>),
        tally: &Tally,
    ) -> Result<(), ImportError> {
        if let Some(file) = &mut self.rejects {
            let written = rejects
                .iter()
                .try_for_each(|reject| writeln!(file, "{}", reject.csv_line()))
                .and_then(|()| file.flush());
            written.map_err(|error| ImportError::Rejects(error.kind()))?;
        }
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(&Progress { done, total, tally: tally.clone() });
        }
        Ok(())
    }
}
