//! Every way into a relay, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, put};

use super::{Relay, handlers, reception};
use crate::wire::path;

/// Alive: the process answers.
pub const ALIVE: &str = "/healthz";
/// Ready: the store can write.
pub const READY: &str = "/readyz";

/// Returns the routes of a relay. Whatever is not here is refused.
pub fn router(relay: Arc<Relay>) -> Router {
    Router::new()
        .route(path::NONCE, get(handlers::nonce))
        .route(path::MAILBOX_PATTERN, put(handlers::create).delete(handlers::delete))
        .route(path::FILES_PATTERN, get(handlers::list))
        .route(path::FILE_PATTERN, put(handlers::put).get(handlers::get))
        .route(path::FREEZE_PATTERN, put(handlers::freeze))
        .route(path::NOTICE_PATTERN, get(handlers::notice))
        .route(ALIVE, get(handlers::alive))
        .route(READY, get(handlers::ready))
        .fallback(handlers::no_path)
        .method_not_allowed_fallback(handlers::no_method)
        .layer(from_fn_with_state(Arc::clone(&relay), reception::receive))
        .with_state(relay)
}
