//! The executable. What it can do: `steward --help`.

fn main() -> std::process::ExitCode {
    steward::cli::main()
}
