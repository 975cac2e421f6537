//! `find`: search by words from standard input, so that no name stands in a shell history.

use super::context::Context;
use super::terminal;
use crate::error::Error;

#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    let words = if terminal::is_person() { terminal::ask(&context.texts.get("ask-find"))?.unwrap_or_default() } else { terminal::read_all()? };
    let lines = session.find(&words)?;
    if lines.is_empty() && !context.json {
        terminal::tell(&context.texts.get("find-nothing"));
    }
    super::list::print(context, &mut session, &lines)
}
