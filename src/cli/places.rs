//! `places`: every known way to the others with its last success, and the relays whose keys are to be compared.

use serde_json::json;

use super::context::Context;
use super::show::moment;
use super::team::tell_words;
use super::terminal::{clean, data, tell};
use crate::error::Error;
use crate::session::{RelayRow, Session};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, value_name = "PLACE", conflicts_with = "accept")]
    forget: Option<String>,
    #[arg(long, value_name = "WORDS")]
    accept: Option<String>,
}

/// A line of the list.
struct Line {
    name: String,
    last: Option<i64>,
    /// The key of a relay; none for a folder.
    pin: Option<String>,
    compared: bool,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let passphrase = context.passphrase("ask-passphrase")?;
    let mut session = context.open_shared(&passphrase)?;
    if let Some(name) = &args.forget {
        session.forget_place(name)?;
        tell(&context.texts.get("place-forgotten"));
        return Ok(());
    }
    if let Some(words) = &args.accept {
        let address = session.accept_relay(words)?;
        tell(&context.texts.with("relay-accepted", &[("place", &clean(&address.url))]));
        return Ok(());
    }
    let relays = session.relays()?;
    let lines = lines(&session, &relays)?;
    if context.json {
        let rows: Vec<serde_json::Value> = lines.iter().map(as_json).collect();
        data(&serde_json::Value::Array(rows).to_string());
    } else {
        say(context, &lines);
    }
    for row in relays.iter().filter(|row| !row.compared) {
        tell(&context.texts.with("relay-compare", &[("place", &clean(&row.address.url))]));
        tell_words(&context.texts, &session.relay_words(&row.address));
    }
    Ok(())
}

/// Remembered folders first, then the relays that the casebook announces, then addresses that were met and are gone.
fn lines(session: &Session, relays: &[RelayRow]) -> Result<Vec<Line>, Error> {
    let is_relay = |name: &str| relays.iter().any(|row| row.address.url == name);
    let places = session.places()?.into_iter().filter(|place| !is_relay(&place.name));
    let places = places.map(|place| Line { name: place.name, last: place.last, pin: None, compared: true });
    let announced = relays.iter().map(|row| {
        let (name, pin) = (row.address.url.clone(), hex::encode(row.address.pin));
        Line { name, last: row.last, pin: Some(pin), compared: row.compared }
    });
    Ok(places.chain(announced).collect())
}

fn as_json(line: &Line) -> serde_json::Value {
    json!({ "place": line.name, "last": line.last, "pin": line.pin, "compared": line.compared })
}

fn say(context: &Context, lines: &[Line]) {
    if lines.is_empty() {
        tell(&context.texts.get("places-none"));
    }
    for line in lines {
        let last = line.last.map_or_else(|| context.texts.get("place-never"), moment);
        data(&context.texts.with("place-line", &[("place", &clean(&line.name)), ("last", &last)]));
    }
}
