//! `sync --lan`: one laptop holds a mailbox for the others in the room.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::context::Context;
use super::sync::{Meeting, Went, said};
use super::terminal::{self, Bar, ask, data, tell};
use crate::error::Error;
use crate::session::Session;
use crate::transport::TransportError;
use crate::transport::lan::Code;

/// Opens a room and leaves everything in it, or goes to the one whose code is given.
pub fn meet(context: &Context, session: &mut Session, code: &str, meeting: &mut Meeting) -> Result<Went, Error> {
    if code.is_empty() { host(context, session, meeting) } else { visit(context, session, &code.parse().map_err(Error::Place)?, meeting) }
}

/// What the others leave is taken in when the host says that everybody has met.
fn host(context: &Context, session: &mut Session, meeting: &mut Meeting) -> Result<Went, Error> {
    let room = session.open_room()?;
    let first = visit(context, session, &room.code(), meeting)?;
    show(context, &room.code());
    ask(&context.texts.get("room-ask-done"))?;
    let last = visit(context, session, &room.code(), meeting)?;
    tell(&context.texts.get("room-closed"));
    Ok(first.and(last))
}

fn show(context: &Context, code: &Code) {
    let line = format!("sandyq sync --lan {code}");
    if context.json {
        data(&serde_json::json!({ "code": code.to_string() }).to_string())
    } else {
        data(&line)
    }
    if let (true, Ok(picture)) = (terminal::is_person(), QrCode::new(&line)) {
        tell(&picture.render::<Dense1x2>().build());
    }
    tell(&context.texts.get("room-open"));
}

fn visit(context: &Context, session: &mut Session, code: &Code, meeting: &mut Meeting) -> Result<Went, Error> {
    let bar = &mut Bar::new(&context.texts.get("bar-sync"));
    match session.sync_room(code, &mut meeting.judge, &meeting.passphrase, bar) {
        Ok(synced) => Ok(said(context, &synced)),
        Err(Error::Place(TransportError::Unreachable | TransportError::CaptivePortal | TransportError::WrongRelay)) => {
            tell(&context.texts.with("room-unreachable", &[("code", &code.to_string())]));
            Ok(Went::Unreachable)
        }
        Err(error) => Err(error),
    }
}
