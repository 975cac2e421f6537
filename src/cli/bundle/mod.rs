//! `bundle`: what is handed to a lawyer, a partner or an archive.

mod create;
mod preview;
mod receipt;
mod review;
mod said;
mod verify;

use std::path::Path;

use clap::Subcommand;

use super::context::Context;
use super::terminal::{shown_path, tell};
use crate::error::Error;
use crate::locale::Texts;
use crate::sys::fresh;

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

/// Names what earlier runs that were cut off left where something is to be written.
fn tell_left(texts: &Texts, place: &Path) {
    fresh::left_over(place).iter().for_each(|left| tell(&texts.with("bundle-left", &[("file", &shown_path(left))])));
}
