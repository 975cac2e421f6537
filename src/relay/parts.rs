//! What stands in a target, read exactly or refused.

use std::ops::RangeInclusive;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::header::{CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use axum::http::request::Parts;
use serde::Deserialize;

use super::answer::Refused;
use crate::wire::limits::MAX_PAGE;
use crate::wire::{Failure, FileName, MailboxId};

/// The mailbox of a path.
pub struct At(pub MailboxId);

/// The mailbox and the file of a path.
pub struct Of(pub MailboxId, pub FileName);

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub after: u64,
    pub limit: u64,
}

impl<S: Send + Sync> FromRequestParts<S> for At {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<At, Refused> {
        let Path(id) = Path::<MailboxId>::from_request_parts(parts, state).await.map_err(|_| Failure::NoPath)?;
        Ok(At(id))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Of {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Of, Refused> {
        let Path((id, name)) = Path::<(MailboxId, FileName)>::from_request_parts(parts, state).await.map_err(|_| Failure::NoPath)?;
        Ok(Of(id, name))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Part {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Part, Refused> {
        let Query(part) = Query::<Part>::from_request_parts(parts, state).await.map_err(|_| Failure::Malformed)?;
        if (1..=MAX_PAGE).contains(&part.limit) { Ok(part) } else { Err(Failure::Malformed.into()) }
    }
}

/// Returns the bytes of a file that a request asks for; nothing where it asks for all of it.
///
/// # Errors
/// Returns [`Failure::Range`] for a range that is not `bytes=A-` or `bytes=A-B`, or outside the file.
pub fn range(headers: &HeaderMap, size: u64) -> Result<Option<RangeInclusive<u64>>, Refused> {
    let Some(line) = headers.get(RANGE) else { return Ok(None) };
    let asked = line.to_str().ok().and_then(|text| text.strip_prefix("bytes=")?.split_once('-'));
    let first = asked.and_then(|(first, _)| digits(first)).filter(|first| *first < size);
    let last = asked.and_then(|(_, last)| if last.is_empty() { Some(u64::MAX) } else { digits(last) });
    let range = first.zip(last).filter(|(first, last)| first <= last);
    range.map(|(first, last)| Some(first..=last.min(size - 1))).ok_or_else(|| no_range(size))
}

/// Reads a number without a sign.
fn digits(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn no_range(size: u64) -> Refused {
    let value = HeaderValue::try_from(format!("bytes */{size}")).expect("digits");
    Refused::with(Failure::Range, CONTENT_RANGE, value)
}
