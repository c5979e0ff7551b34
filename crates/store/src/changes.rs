//! What committed transactions changed, for memories that must not fall behind.
//!
//! INVARIANT(memory-told): whoever watches is told after a commit and before anybody who
//! waits for it is answered. A memory that forgets what it is told of never contradicts an
//! answer that was given.

use std::sync::OnceLock;

use model::SubjectId;

/// What a transaction wrote.
#[derive(Debug, Default)]
pub struct Changes {
    /// People whose row, standing or state was written; one may come several times.
    pub subjects: Vec<SubjectId>,
    /// Whether API keys were written.
    pub keys: bool,
}

impl Changes {
    pub(crate) const fn is_empty(&self) -> bool {
        self.subjects.is_empty() && !self.keys
    }
}

/// Who is told.
pub(crate) type Watcher = Box<dyn Fn(&Changes) + Send + Sync>;

/// The one who watches a database, if anybody does.
#[derive(Default)]
pub(crate) struct Watch(OnceLock<Watcher>);

impl Watch {
    /// Sets the watcher; false when there is one.
    pub(crate) fn set(&self, watcher: Watcher) -> bool {
        self.0.set(watcher).is_ok()
    }

    /// Tells the watcher what a commit changed, or may have changed.
    pub(crate) fn tell(&self, changes: &Changes) {
        if !changes.is_empty()
            && let Some(watcher) = self.0.get()
        {
            watcher(changes);
        }
    }
}
