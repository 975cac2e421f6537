//! `starter`: a stick for a newcomer with the program, a page that says what to do, and a team pack.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::team::write_team_pack;
use super::terminal::{data, tell};
use crate::crypto::plain_hash;
use crate::error::Error;
use crate::sys::disk;

/// The page, in three languages, readable without a network.
const PAGE: &str = include_str!("start.html");

#[derive(clap::Args)]
pub struct Args {
    folder: PathBuf,
    #[arg(long, default_value_t = 10)]
    people: u32,
}

/// Runs the command. What stands in the folder already is not written over.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let mut session = context.open()?;
    disk::make_folder(&args.folder).map_err(Error::File)?;
    let program = std::env::current_exe().map_err(Error::File)?;
    let name = program.file_name().map_or_else(|| PathBuf::from("sandyq"), PathBuf::from);
    let files = [args.folder.join(name), args.folder.join("START.html"), args.folder.join("TEAM.json")];
    if files.iter().any(|file| file.exists()) {
        return Err(Error::FileExists);
    }
    // First, because it alone can be refused: then nothing is in the way of who may.
    write_team_pack(&mut session, &files[2], args.people)?;
    copy_program(&program, &files[0])?;
    disk::create_new(&files[1], PAGE.as_bytes()).map_err(Error::File)?;
    tell(&context.texts.get("starter-done"));
    let hashes: Vec<(String, String)> = files.iter().map(|file| hash_of(file)).collect::<Result<_, _>>()?;
    if context.json {
        let rows: Vec<serde_json::Value> = hashes.iter().map(|(name, hash)| json!({ "file": name, "sha256": hash })).collect();
        data(&serde_json::Value::Array(rows).to_string());
    } else {
        hashes.iter().for_each(|(name, hash)| data(&format!("{hash}  {name}")));
    }
    Ok(())
}

fn copy_program(from: &Path, to: &Path) -> Result<(), Error> {
    std::fs::copy(from, to).map(|_| ()).map_err(Error::File)
}

/// The SHA-256 of a file, as `sha256sum` prints it beside the name.
fn hash_of(file: &Path) -> Result<(String, String), Error> {
    let bytes = std::fs::read(file).map_err(Error::File)?;
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok((name, hex::encode(plain_hash(&bytes))))
}
