//! Founds a vault in a temporary folder, adds a person and a detention, and lists what is in it:
//! `cargo run --example add_and_list`.

use sandyq::crypto::Passphrase;
use sandyq::error::Error;
use sandyq::model::Kind;
use sandyq::session::{Session, short};
use sandyq::sys::chance::SystemChance;
use sandyq::sys::clock::SystemClock;
use sandyq::vault::{Founding, LOG_N, Vault};
use serde_json::json;

fn main() -> Result<(), Error> {
    let folder = tempfile::tempdir().map_err(Error::File)?;
    // A real passphrase comes from a terminal or a file, never from the source or an argument.
    let passphrase = Passphrase::new("orchid lantern granite velvet".to_owned());
    let founding = Founding { passphrase: &passphrase, log_n: LOG_N, handle: "M-7KQ", time: 1_778_414_400 };
    let vault = Vault::found(folder.path(), &founding, &mut SystemChance)?;
    // Clock and chance are arguments: the library asks nobody else for them.
    let mut session = Session::with(vault, None, Box::new(SystemClock), Box::new(SystemChance))?;

    let person = json!({ "names": [{ "kind": "full", "text": "Айгүл Сейітова" }] });
    let person = session.add(&[(Kind::Person, person)])?.remove(0);
    // What nobody asked is absent; "no" and "unclear" are answers.
    let detention = json!({
        "person": person,
        "apprehended_at": { "date": "2026-05-10", "time": "18:05", "offset_min": 300 },
        "apprehended_place": { "text": "by the theatre" },
        "rights": { "R01": { "value": "no", "basis": "observed" } },
        "transitions": [{ "status": "arrested", "effective": { "date": "2026-05-10", "time": "18:05" }, "told_by": "own" }],
    });
    // When this returns, a pulled plug loses none of it.
    session.add(&[(Kind::Detention, detention)])?;

    for line in session.list(Some(Kind::Detention))? {
        let name = session.name_of(line.person.as_deref().unwrap_or_default())?;
        println!("{} · {name} · {} · {} · {}", short(&line.kind, &line.id), line.when, line.place, line.status.join(" / "));
    }
    Ok(())
}
