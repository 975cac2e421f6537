//! Answers. Every refusal has the same shape.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};

use super::store::StoreError;
use super::watch::Watch;
use crate::wire::Failure;
use crate::wire::body::Refusal;

/// What becomes of a request.
pub type Outcome = Result<Response, Refused>;

/// A refusal with what the visitor needs to know besides its code.
#[derive(Clone, Debug)]
pub struct Refused {
    failure: Failure,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refused {
    /// Too many requests: come again in so many seconds.
    pub fn rate(seconds: u64) -> Refused {
        Refused { failure: Failure::Rate, header: Some((RETRY_AFTER, HeaderValue::from(seconds))) }
    }

    /// Refuses with a header.
    pub fn with(failure: Failure, name: HeaderName, value: HeaderValue) -> Refused {
        Refused { failure, header: Some((name, value)) }
    }

    /// The store failed; whoever watches is told why, the visitor is not.
    pub fn store(watch: &dyn Watch) -> impl Fn(StoreError) -> Refused + '_ {
        |error| {
            watch.store_failed(&error);
            Failure::Store.into()
        }
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Refused {
        let header = match failure.status() {
            401 => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Sandyq"))),
            405 => Some((ALLOW, HeaderValue::from_static("GET, PUT, DELETE"))),
            _ => None,
        };
        Refused { failure, header }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.failure.status()).expect("a status");
        let mut response = (status, Json(Refusal { error: self.failure.code().to_owned() })).into_response();
        response.headers_mut().extend(self.header);
        response.extensions_mut().insert(self.failure);
        response
    }
}
