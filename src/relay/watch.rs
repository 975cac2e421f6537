//! Whoever wants to know what a relay does. What it is told holds no address, no mailbox and no name of a file.

use std::time::Duration;

use super::counted::Route;
use super::store::StoreError;
use crate::wire::Failure;

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub route: Route,
    pub status: u16,
    pub failure: Option<Failure>,
    pub took: Duration,
}

/// Is told what happens, at once and on the thread that does it: it must not wait for anything.
pub trait Watch: Send + Sync {
    /// A request was answered.
    fn answered(&self, _seen: &Seen) {}

    /// The store failed.
    fn store_failed(&self, _error: &StoreError) {}

    /// The code of a request panicked; it was answered all the same.
    fn panicked(&self, _route: Route) {}
}

/// Nobody wants to know.
pub struct Nobody;

impl Watch for Nobody {}
