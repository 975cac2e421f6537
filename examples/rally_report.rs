//! Imports the example data into a temporary vault and adds up the figures of one chain of rallies, each with its
//! qualifier: `cargo run --example rally_report`.

use std::path::Path;

use sandyq::crypto::Passphrase;
use sandyq::error::Error;
use sandyq::model::value::Count;
use sandyq::report::rally::Filter;
use sandyq::session::Session;
use sandyq::sys::chance::SystemChance;
use sandyq::sys::clock::SystemClock;
use sandyq::vault::{Founding, LOG_N, Silent, Vault};

/// The six waves of detentions in section 13 of the submission S004.
const CHAIN: &str = "S004-13";

fn main() -> Result<(), Error> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/dataset/kazakhstan-2011-2019.jsonl");
    let data = std::fs::read_to_string(data).map_err(Error::File)?;
    let folder = tempfile::tempdir().map_err(Error::File)?;
    let passphrase = Passphrase::new("orchid lantern granite velvet".to_owned());
    let founding = Founding { passphrase: &passphrase, log_n: LOG_N, handle: "M-7KQ", time: 1_778_414_400 };
    let vault = Vault::found(folder.path(), &founding, &mut SystemChance)?;
    let mut session = Session::with(vault, None, Box::new(SystemClock), Box::new(SystemChance))?;

    // Every line is checked before the first is saved; importing twice adds nothing.
    let imported = session.import(&data, &mut Silent)?;
    println!("{} records taken in", imported.new);

    let table = session.rally(&Filter { chain: Some(CHAIN.to_owned()), ..Filter::default() })?;
    for row in &table.rows {
        let figures: Vec<String> = row.detained.iter().map(|figure| words(&figure.count)).collect();
        let starts = row.incident.starts.as_ref().map(ToString::to_string).unwrap_or_default();
        println!("{starts}: {}", figures.join("; "));
    }
    // "More than 150" stays so: a sum of such figures is itself "more than".
    println!("sum: {}", table.sum.as_ref().map(words).unwrap_or_default());
    Ok(())
}

/// A figure with its qualifier.
fn words(count: &Count) -> String {
    let value = count.value.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{} {value}", count.op.code().replace('_', " ")).trim().to_owned()
}
