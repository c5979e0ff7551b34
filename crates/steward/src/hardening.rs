//! What keeps keys in memory out of files: no core dumps, and no swapped pages where the system
//! allows it.

use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Whether the memory of this process stays in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// No page of it is ever written to swap.
    Yes,
    /// The system allows too few locked pages: every page must be lockable, or memory that is
    /// asked for later would be refused.
    TooFew,
    /// The system refused.
    Refused(Errno),
}

/// Switches core dumps off for this process: what it holds in memory is never written to a file
/// when it crashes, nor handed to a program that collects crashes, and no other process of the
/// same user may read its memory. Says whether it could.
#[must_use]
pub fn switch_core_dumps_off() -> bool {
    let limited = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // The limit alone does not hold where the kernel pipes dumps to a program (core(5)).
    let undumpable = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    limited.is_ok() && undumpable.is_ok()
}

/// Locks all pages of this process, now and later, where it may lock as many as it likes. Who may
/// lift the limit lifts it for this process.
#[must_use]
pub fn lock_memory() -> Locked {
    let all = Rlimit { current: None, maximum: None };
    if getrlimit(Resource::Memlock).current.is_some() && setrlimit(Resource::Memlock, all).is_err() {
        return Locked::TooFew;
    }
    // On fault: what is only reserved is not filled.
    match mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT) {
        Ok(()) => Locked::Yes,
        Err(error) => Locked::Refused(error),
    }
}

/// Does both for a server, and says in the log what the system does not allow.
pub fn harden() {
    if !switch_core_dumps_off() {
        tracing::warn!("core dumps cannot be switched off: set `LimitCORE=0` for this service");
    }
    match lock_memory() {
        Locked::Yes => tracing::debug!("memory is locked"),
        Locked::TooFew => tracing::warn!(
            "keys in memory could be written to swap: set `LimitMEMLOCK=infinity` for this service, or encrypt swap"
        ),
        Locked::Refused(error) => {
            tracing::warn!(%error, "keys in memory could be written to swap: encrypt swap, or switch it off");
        }
    }
}
