//! The command line. A command reads its arguments, calls one use case and prints the answer:
//! for people by default, as JSON with `--json`.

mod access;
mod asks;
mod beside;
mod consent;
mod exports;
mod failure;
mod identity;
mod imports;
mod keys;
mod law;
mod ledger;
mod manifest;
mod merges;
mod operator;
mod output;
mod retention;
mod serve;
mod services;
mod session;
mod staff;
mod subject;
mod timeline;
mod vault;
mod verify;
mod visitors;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub(crate) use self::failure::Ended;
pub(crate) use self::operator::OperatorTask;
pub(crate) use self::output::Out;
use self::session::Session;

/// Said at the end of `steward --help`.
const AFTER: &str = "\
Exit codes:
  0  done
  1  refused, denied, or something was found
  2  the command or its input is wrong
  3  something failed that should work

The configuration is the file of --config, else `steward.toml` in this folder or the
nearest one above it, else the defaults. Start with: steward init my-shop";

/// The one place where a business asks whether it may use a customer's data.
#[derive(Debug, Parser)]
#[command(name = "steward", version, about, after_help = AFTER, max_term_width = 100)]
pub struct Arguments {
    /// The configuration file
    #[arg(long, global = true, env = "STEWARD_CONFIG", hide_env_values = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The controller, where the configuration has several
    #[arg(long, global = true, value_name = "NAME")]
    controller: Option<String>,
    /// Print JSON for machines
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(manifest::Init),
    Check(manifest::Check),
    Apply(manifest::Apply),
    #[command(subcommand)]
    Manifest(manifest::ManifestCommand),
    Law(law::LawArguments),
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    #[command(subcommand)]
    ApiKey(services::ApiKeyCommand),
    #[command(subcommand)]
    Staff(staff::StaffCommand),
    Decide(access::Decide),
    Audience(access::Audience),
    #[command(subcommand)]
    Consent(consent::ConsentCommand),
    #[command(subcommand)]
    Visitor(visitors::VisitorCommand),
    Import(imports::Import),
    #[command(subcommand)]
    Subject(subject::SubjectCommand),
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    Verify(verify::VerifyFile),
    Serve(serve::Serve),
    Demo(crate::demo::Demo),
    #[cfg(feature = "bench")]
    Bench(crate::bench::Bench),
}

impl Command {
    /// Whether the command works on what a running server has open.
    fn opens_the_store(&self) -> bool {
        match self {
            Self::Init(_)
            | Self::Check(_)
            | Self::Keys(keys::KeysCommand::Init)
            | Self::Law(_)
            | Self::Serve(_)
            | Self::Demo(_)
            | Self::Verify(_) => false,
            Self::Manifest(manifest::ManifestCommand::Schema) => false,
            Self::Ledger(command) => command.opens_the_store(),
            _ => true,
        }
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap knows the stream for each.
            let is_error = error.use_stderr();
            let _ = error.print();
            return if is_error { Ended::Usage.into() } else { Ended::Done.into() };
        }
    };
    let out = Out::new(arguments.json);
    match run(arguments, out) {
        Ok(ended) => ended.into(),
        Err(error) => failure::report(&out, &error).into(),
    }
}

fn run(arguments: Arguments, out: Out) -> anyhow::Result<Ended> {
    let session = Session::new(arguments.config.as_deref(), arguments.controller, out);
    match arguments.command {
        Command::Init(command) => command.run(out),
        Command::Check(command) => command.run(&session),
        Command::Manifest(manifest::ManifestCommand::Schema) => manifest::schema(out),
        Command::Keys(keys::KeysCommand::Init) => keys::init(&session),
        Command::Law(command) => command.run(&session),
        Command::Verify(command) => command.run(&session),
        Command::Serve(command) => command.run(&session),
        Command::Demo(command) => {
            let store = session.given_store()?;
            crate::serve::runtime(0)?.block_on(command.run(store, out))
        }
        #[cfg(feature = "bench")]
        Command::Bench(command) => command.run(session.given_store()?, out),
        other => match operator::forward(&session, &other)? {
            Some(ended) => Ok(ended),
            None => crate::serve::runtime(1)?.block_on(run_async(other, &session)),
        },
    }
}

async fn run_async(command: Command, session: &Session) -> anyhow::Result<Ended> {
    match command {
        Command::Apply(command) => command.run(session).await,
        Command::Manifest(command) => command.run(session).await,
        Command::ApiKey(command) => command.run(session).await,
        Command::Staff(command) => command.run(session).await,
        Command::Decide(command) => command.run(session).await,
        Command::Audience(command) => command.run(session).await,
        Command::Consent(command) => command.run(session).await,
        Command::Visitor(command) => command.run(session).await,
        Command::Import(command) => command.run(session).await,
        Command::Subject(command) => command.run(session).await,
        Command::Ledger(command) => command.run(session).await,
        Command::Keys(command) => command.run(session).await,
        Command::Init(_)
        | Command::Check(_)
        | Command::Law(_)
        | Command::Serve(_)
        | Command::Demo(_)
        | Command::Verify(_) => Ok(Ended::Done),
        #[cfg(feature = "bench")]
        Command::Bench(_) => Ok(Ended::Done),
    }
}
