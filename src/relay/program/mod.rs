//! The relay as a program: its commands, one file each. Sentences stand in `words.rs` alone; the log holds no address of a
//! visitor, no mailbox and no name of a file.

pub mod backup;
pub mod check;
mod folder;
pub mod init;
mod journal;
mod metrics;
pub mod notify;
pub mod serve;
pub mod settings;
mod shelves;
mod tally;
mod ticket;
pub mod words;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use words::{Fault, help};

/// Where a relay is kept unless said otherwise: what the service in `docs/` uses.
const FOLDER: &str = "/var/lib/sandyq-relay";

#[derive(Parser)]
#[command(name = "sandyq-relay", version, about = help::ABOUT, disable_help_subcommand = true)]
struct Cli {
    #[arg(long, global = true, value_name = "DIR", default_value = FOLDER, help = help::FOLDER)]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(about = help::INIT)]
    Init(init::Args),
    #[command(about = help::SERVE)]
    Serve,
    #[command(about = help::TICKET)]
    Ticket(ticket::Args),
    #[command(about = help::CHECK)]
    Check,
    #[command(about = help::BACKUP)]
    Backup(backup::Args),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Nobody is left to be told where even this cannot be written.
            let _ = writeln!(io::stderr(), "sandyq-relay: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<(), Fault> {
    match &cli.command {
        Command::Init(args) => init::run(&cli.folder, args),
        Command::Serve => serve::run(&cli.folder),
        Command::Ticket(args) => ticket::run(&cli.folder, args),
        Command::Check => check::run(&cli.folder),
        Command::Backup(args) => backup::run(&cli.folder, args),
    }
}

/// Writes a text for the operator.
fn say(text: &str) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|_| Fault::Unheard)
}
