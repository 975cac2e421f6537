//! The hidden command behind which changes of other people are tried. It opens no vault and asks nothing.

use std::process::ExitCode;

/// Serves the judge over the pipes of this process until they close.
pub fn run() -> ExitCode {
    match crate::sync::judge::serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
