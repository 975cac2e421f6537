//! The relay that a volunteer runs.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    sandyq::relay::program::main()
}
