//! Faults on purpose: named points at which a process dies, and named promises that it breaks.
//!
//! A point costs nothing and does nothing in a release build: everything here is compiled in
//! only with `debug_assertions`, that is by `cargo build` and `cargo test`. Two variables of
//! the environment say what is to happen (`docs/faults.md`):
//!
//! - `STEWARD_FAULT=consent.half` or `STEWARD_FAULT=consent.half@3`: the process dies at this
//!   point, the third time it comes there, as a `kill -9` would end it: nothing is unwound,
//!   flushed or closed;
//! - `STEWARD_FAULT_BREAK=sqlite-synchronous-off`: a promise is broken, so that the test which
//!   guards it can be seen to fail.

/// The variable that names the point at which the process dies.
pub const POINT: &str = "STEWARD_FAULT";
/// The variable that names the promise that is broken.
pub const BREAK: &str = "STEWARD_FAULT_BREAK";
/// What the last line of a process that died at a point begins with.
pub const DIED: &str = "fault: died at ";

/// A promise that a build for tests can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promise {
    /// SQLite waits for the disk before it acknowledges (`synchronous = FULL`).
    SqliteSynchronous,
    /// A tile is on disk before its name is.
    TileSynced,
}

impl Promise {
    /// How [`BREAK`] names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SqliteSynchronous => "sqlite-synchronous-off",
            Self::TileSynced => "tile-without-fsync",
        }
    }
}

/// Whether faults are compiled in.
#[must_use]
pub const fn is_compiled_in() -> bool {
    cfg!(debug_assertions)
}

/// A point of an act: the process dies here when [`POINT`] says so.
#[inline]
pub fn point(name: &'static str) {
    #[cfg(debug_assertions)]
    armed::pass(&[name]);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// A moment of something that has a name of its own, such as the commit of a transaction or
/// the writing of a file: the point is called `{whose}/{moment}`.
#[inline]
pub fn point_of(whose: &str, moment: &'static str) {
    #[cfg(debug_assertions)]
    armed::pass(&[whose, "/", moment]);
    #[cfg(not(debug_assertions))]
    let _ = (whose, moment);
}

/// Whether this promise is kept; always, unless a build for tests was told otherwise.
#[inline]
#[must_use]
pub fn is_kept(promise: Promise) -> bool {
    #[cfg(debug_assertions)]
    return armed::is_kept(promise);
    #[cfg(not(debug_assertions))]
    {
        let _ = promise;
        true
    }
}

#[cfg(debug_assertions)]
mod armed {
    use std::io::Write;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{BREAK, DIED, POINT, Promise};

    /// The point at which this process is to die.
    struct Armed {
        name: String,
        /// Passes left, this one included.
        left: AtomicU64,
    }

    impl Armed {
        /// Reads `name` or `name@count`.
        fn read(told: &str) -> Self {
            let counted = told.rsplit_once('@').and_then(|(name, count)| Some((name, count.parse().ok()?)));
            let (name, left) = counted.unwrap_or((told, 1));
            Self { name: name.to_owned(), left: AtomicU64::new(left) }
        }

        /// Whether the point of these parts is the one, and its time has come.
        fn is_due(&self, parts: &[&str]) -> bool {
            let mut rest = self.name.as_str();
            for part in parts {
                let Some(after) = rest.strip_prefix(part) else { return false };
                rest = after;
            }
            rest.is_empty() && self.left.fetch_sub(1, Ordering::SeqCst) == 1
        }
    }

    pub(super) fn pass(parts: &[&str]) {
        static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
        let armed = ARMED.get_or_init(|| std::env::var(POINT).ok().map(|told| Armed::read(&told)));
        if armed.as_ref().is_some_and(|armed| armed.is_due(parts)) {
            // Whoever reads along learns where; if nobody does, that is no reason to live.
            let _ = writeln!(std::io::stderr(), "{DIED}{}", parts.concat());
            std::process::abort();
        }
    }

    pub(super) fn is_kept(promise: Promise) -> bool {
        static BROKEN: OnceLock<Option<String>> = OnceLock::new();
        let broken = BROKEN.get_or_init(|| std::env::var(BREAK).ok());
        broken.as_deref() != Some(promise.name())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_point_is_due_by_its_whole_name_and_at_its_count() {
            let armed = Armed::read("consent.record/after-commit@2");
            assert!(!armed.is_due(&["consent.record"]));
            assert!(!armed.is_due(&["consent.record", "/", "before-commit"]));
            assert!(!armed.is_due(&["consent.record", "/", "after-commit"]));
            assert!(armed.is_due(&["consent.record", "/", "after-commit"]));
            assert!(!armed.is_due(&["consent.record", "/", "after-commit"]), "only once");
            assert!(Armed::read("erase.half").is_due(&["erase.half"]));
        }

        #[test]
        fn a_promise_is_kept_unless_it_is_named() {
            assert!(is_kept(Promise::SqliteSynchronous) && is_kept(Promise::TileSynced));
        }
    }
}

#[cfg(all(test, not(debug_assertions)))]
mod tests {
    use super::*;

    #[test]
    fn in_a_release_build_no_point_exists() {
        // Run with both variables set (script/kill does): the process would not live to say so.
        point("release.lives");
        assert!(!is_compiled_in());
        assert!(is_kept(Promise::SqliteSynchronous) && is_kept(Promise::TileSynced));
    }
}
