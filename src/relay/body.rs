//! Bodies: how long one may be is known before it is read, and it has to come at a pace.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::counted::Counted;
use super::limits::Pace;
use crate::wire::Failure;

/// Most memory that is taken before the first byte is there.
const FIRST: u64 = 64 * 1024;

/// Returns the length that a request says its body has.
///
/// # Errors
/// Returns [`Failure::Length`] where none is said, [`Failure::TooLarge`] beyond `most`.
pub fn length(headers: &HeaderMap, most: u64) -> Result<u64, Failure> {
    let said = headers.get(CONTENT_LENGTH).filter(|_| !headers.contains_key(TRANSFER_ENCODING)).ok_or(Failure::Length)?;
    let said = said.to_str().ok().and_then(|text| text.parse::<u64>().ok()).ok_or(Failure::Length)?;
    if said <= most { Ok(said) } else { Err(Failure::TooLarge) }
}

/// Checks that a request has no body.
///
/// # Errors
/// Returns [`Failure::Length`] or [`Failure::TooLarge`] where it has one.
pub fn none(headers: &HeaderMap) -> Result<(), Failure> {
    let silent = !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING);
    if silent { Ok(()) } else { length(headers, 0).map(drop) }
}

/// Reads a body whose length was looked at.
///
/// # Errors
/// Returns [`Failure::Slow`] for one that comes too slowly, [`Failure::Malformed`] for one that breaks off.
pub async fn read(headers: &HeaderMap, mut body: Body, pace: Pace, counted: &Counted) -> Result<Vec<u8>, Failure> {
    let length = length(headers, u64::MAX)?;
    let mut bytes = Vec::with_capacity(length.min(FIRST) as usize);
    loop {
        let due = bytes.len() as u64 + pace.bytes;
        let more = timeout(pace.within, until(&mut body, &mut bytes, due, counted)).await;
        if !more.map_err(|_| Failure::Slow)?? {
            return Ok(bytes);
        }
    }
}

/// Reads until so many bytes are there; false when the body is over.
async fn until(body: &mut Body, bytes: &mut Vec<u8>, due: u64, counted: &Counted) -> Result<bool, Failure> {
    while (bytes.len() as u64) < due {
        let Some(frame) = body.frame().await else { return Ok(false) };
        let data = frame.map_err(|_| Failure::Malformed)?.into_data().unwrap_or_default();
        counted.read(data.len());
        bytes.extend_from_slice(&data);
    }
    Ok(true)
}
