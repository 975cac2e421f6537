//! The monitor's tool.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    sandyq::cli::main()
}
