//! The executable. What it can do: `steward --help`.

fn main() -> std::process::ExitCode {
    steward::panics::hide_payloads();
    steward::cli::main()
}
