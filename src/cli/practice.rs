//! `practice`: a throw-away vault with invented people; a rally of twelve, timed, then wiped.

use std::time::Instant;

use super::context::Context;
use super::terminal::{self, ask, tell};
use crate::crypto::Passphrase;
use crate::error::Error;
use crate::session::{Noted, Session};
use crate::sys::chance::{Chance, SystemChance, draw};
use crate::vault::{Founding, Vault};

/// People of the rehearsed rally.
const PEOPLE: usize = 12;
/// A rehearsal guards nothing: the smallest work factor will do.
const LOG_N: u8 = 10;

#[derive(clap::Args)]
pub struct Args {}

/// Runs the command.
pub fn run(context: &mut Context) -> Result<(), Error> {
    let folder = std::env::temp_dir().join(format!("practice-{}", hex::encode(draw::<8>(&mut SystemChance))));
    let done = rehearse(context, &folder);
    let wiped = std::fs::remove_dir_all(&folder);
    done?;
    wiped.map_err(Error::File)?;
    tell(&context.texts.get("practice-wiped"));
    Ok(())
}

fn rehearse(context: &Context, folder: &std::path::Path) -> Result<(), Error> {
    let mut chance = SystemChance;
    let mut secret = [0; 16];
    chance.fill(&mut secret);
    let passphrase = Passphrase::new(hex::encode(secret));
    let founding = Founding { passphrase: &passphrase, log_n: LOG_N, handle: "M-000", time: context.clock()?.now().seconds };
    let vault = Vault::found(folder, &founding, &mut chance)?;
    let mut session = Session::with(vault, None, context.clock()?, Box::new(SystemChance))?;
    tell(&context.texts.get("practice-how"));
    let began = Instant::now();
    let mut noted = 0;
    for number in 1..=PEOPLE {
        let example = context.texts.get(&format!("practice-{number}"));
        tell(&format!("{number}. {example}"));
        let typed = if terminal::is_person() { ask(">")? } else { terminal::read_line()? };
        let Some(typed) = typed else { break };
        match session.note(if typed.trim().is_empty() { &example } else { &typed })? {
            Noted::Saved { .. } => noted += 1,
            Noted::Finish => break,
            _ => {}
        }
    }
    let seconds = began.elapsed().as_secs().to_string();
    tell(&context.texts.with("practice-done", &[("people", &noted.to_string()), ("seconds", &seconds)]));
    Ok(())
}
