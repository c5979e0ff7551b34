//! Steward: the one place where a business asks whether it may use a customer's data.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use steward::config::Config;
use steward::serve;

#[derive(Parser)]
#[command(name = "steward", version, about)]
struct Arguments {
    /// The configuration file; without it the defaults hold.
    #[arg(long, global = true, env = "STEWARD_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until SIGTERM.
    Serve,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref().map(Config::load).transpose()?.unwrap_or_default();
    match arguments.command {
        Command::Serve => serve::run(&config),
    }
}
