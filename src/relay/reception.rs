//! What every request passes on its way in and every answer on its way out.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Relay;
use super::answer::Refused;
use super::counted::Route;
use super::watch::Seen;
use crate::wire::Failure;

/// Where a connection comes from.
#[derive(Clone, Copy)]
pub struct Visitor(pub IpAddr);

/// Lets a request pass, counts its answer, and answers for a handler that panicked.
pub async fn receive(State(relay): State<Arc<Relay>>, request: Request, next: Next) -> Response {
    let (begun, route) = (Instant::now(), Route::of(request.method().as_str(), request.uri().path()));
    let response = match let_in(&relay, &request) {
        Ok(()) => unbroken(next.run(request)).await.unwrap_or_else(|| {
            relay.watch.panicked(route);
            Refused::from(Failure::Store).into_response()
        }),
        Err(refused) => refused.into_response(),
    };
    tell(&relay, route, &response, begun);
    response
}

/// What is looked at before anything else.
fn let_in(relay: &Relay, request: &Request) -> Result<(), Refused> {
    if relay.is_stopping() {
        return Err(Failure::Stopping.into());
    }
    if let (Some(Visitor(address)), Some(rate)) = (request.extensions().get(), relay.rules().limits.address) {
        relay.addresses.ask(network(*address), rate, Instant::now()).map_err(|wait| Refused::rate(wait.as_secs() + 1))?;
    }
    let plain = request.uri().authority().is_none() && !request.uri().path().contains('%');
    match *request.method() {
        _ if !plain => Err(Failure::NoPath.into()),
        Method::HEAD => Err(Failure::Method.into()),
        _ => Ok(()),
    }
}

/// Whoever has one IPv6 address has the other 2^64 as well.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

fn tell(relay: &Relay, route: Route, response: &Response, begun: Instant) {
    let (status, failure) = (response.status().as_u16(), response.extensions().get().copied());
    relay.counted.answer(route, status, failure);
    relay.watch.answered(&Seen { route, status, failure, took: begun.elapsed() });
}

/// Returns what a future gives, or nothing when it panics.
async fn unbroken<T>(future: impl Future<Output = T> + Send) -> Option<T> {
    let mut future: Pin<Box<dyn Future<Output = T> + Send + '_>> = Box::pin(future);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}
