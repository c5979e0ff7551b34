//! The executable. What it can do: `steward --help`.

fn main() -> std::process::ExitCode {
    steward::panics::hide_payloads();
    // Before a key is read, whatever the command; `serve` says so where it cannot be done.
    let _ = steward::hardening::switch_core_dumps_off();
    steward::cli::main()
}
