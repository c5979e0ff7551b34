//! The parts of the executable: command line, configuration, hosting, HTTP. They hold no
//! rules and no SQL.

pub mod background;
#[cfg(feature = "bench")]
pub mod bench;
pub mod cli;
pub mod config;
pub mod demo;
pub mod hardening;
pub mod http;
pub mod installation;
pub mod panics;
pub mod serve;
