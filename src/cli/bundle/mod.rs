//! `bundle`: what is handed to a lawyer, a partner or an archive.

mod create;
mod preview;
mod receipt;
mod said;
mod verify;

use clap::Subcommand;

use super::context::Context;
use crate::error::Error;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    bundle: Bundle,
}

#[derive(Subcommand)]
enum Bundle {
    Create(create::CreateArgs),
    Verify(verify::VerifyArgs),
    Open(verify::OpenArgs),
    Receipt(receipt::ReceiptArgs),
    Reader(receipt::ReaderArgs),
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    match &args.bundle {
        Bundle::Create(args) => create::run(args, context),
        Bundle::Verify(args) => verify::verify(args, context),
        Bundle::Open(args) => verify::open(args, context),
        Bundle::Receipt(args) => receipt::receipt(args, context),
        Bundle::Reader(args) => receipt::reader(args, context),
    }
}
