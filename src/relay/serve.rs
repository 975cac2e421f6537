//! A relay that listens: connections in, answers out, until it is told to stop.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::limits::Limits;
use super::places::Places;
use super::reception::Visitor;
use super::{Relay, router};
use crate::wire::Pin;
use crate::wire::limits::MAX_FILE;

/// Most bytes of the head of a request.
const MAX_HEAD: usize = 16 * 1024;
/// Most header lines of a request.
const MAX_HEADERS: usize = 32;
/// How long a listener rests that the system gives no more connections.
const REST: Duration = Duration::from_millis(100);

/// How connections are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// TLS 1.3 with the relay's key.
    Tls,
    /// Nothing: something before it does that, e.g. an onion service. Requests are signed all the same.
    Plain,
}

/// A relay that serves on threads of its own until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    pub address: SocketAddr,
    pub pin: Pin,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Stops listening, answers what is being answered, and returns when all is done.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        // A thread that panicked has stopped as well.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Serves over TLS on threads of its own. Port 0 takes any that is free.
///
/// # Errors
/// Returns what the system refused.
pub fn serve(relay: Arc<Relay>, at: SocketAddr) -> io::Result<Running> {
    serve_as(relay, at, Outside::Tls)
}

/// Serves on threads of its own, with or without TLS.
///
/// # Errors
/// Returns what the system refused.
pub fn serve_as(relay: Arc<Relay>, at: SocketAddr, outside: Outside) -> io::Result<Running> {
    let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("relay").enable_all().build()?;
    let listener = runtime.block_on(TcpListener::bind(at))?;
    let (address, pin) = (listener.local_addr()?, relay.identity().pin());
    let (stop, stopped) = oneshot::channel();
    let until = async { drop(stopped.await) };
    let thread = std::thread::Builder::new().name("relay".to_owned()).spawn(move || block(&runtime, run(listener, relay, outside, until)))?;
    Ok(Running { address, pin, stop: Some(stop), thread: Some(thread) })
}

fn block(runtime: &Runtime, work: impl Future<Output = ()>) {
    runtime.block_on(work);
}

/// Serves in the runtime of whoever calls, until a future is done and what was begun is answered. A relay that stopped refuses
/// everything from then on, also where else it listens.
pub async fn run(listener: TcpListener, relay: Arc<Relay>, outside: Outside, until: impl Future<Output = ()>) {
    let limits = relay.rules().limits;
    let (told, stopping) = watch::channel(());
    let mut open = JoinSet::new();
    let door = Door { routes: router::router(Arc::clone(&relay)), relay, outside, stopping };
    tokio::select! {
        () = until => {}
        () = listen(listener, &door, &mut open, Places::new(limits)) => {}
    }
    door.relay.refuse_all();
    drop(told);
    let _ = timeout(limits.stopping, async { while open.join_next().await.is_some() {} }).await;
}

/// What a connection is served with.
#[derive(Clone)]
struct Door {
    relay: Arc<Relay>,
    routes: Router,
    outside: Outside,
    /// Closed once the relay stops.
    stopping: watch::Receiver<()>,
}

async fn listen(listener: TcpListener, door: &Door, open: &mut JoinSet<()>, places: Places) {
    loop {
        let place = places.any().await;
        let Ok((stream, from)) = listener.accept().await else {
            tokio::time::sleep(REST).await;
            continue;
        };
        while open.try_join_next().is_some() {}
        let Some(taken) = places.of(from.ip()) else { continue };
        let door = door.clone();
        open.spawn(async move {
            door.open(stream, from.ip()).await;
            drop((taken, place));
        });
    }
}

impl Door {
    async fn open(&self, stream: TcpStream, from: IpAddr) {
        let _counted = self.relay.counted.connection();
        let limits = self.relay.rules().limits;
        // An answer is late without it, not lost.
        let _ = stream.set_nodelay(true);
        match self.outside {
            Outside::Plain => self.talk(stream, from, limits).await,
            Outside::Tls => {
                let acceptor = TlsAcceptor::from(self.relay.identity().server());
                if let Ok(Ok(stream)) = timeout(limits.handshake, acceptor.accept(stream)).await {
                    self.talk(stream, from, limits).await;
                }
            }
        }
    }

    /// Answers requests until either side has enough, then lets the last answer arrive.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin + Send>(&self, stream: S, from: IpAddr, limits: Limits) {
        let service = service_fn(|request| Box::pin(self.answer(request, from)));
        let mut connection = http1_with(limits).serve_connection(TokioIo::new(stream), service);
        let mut stopping = self.stopping.clone();
        let mut told = pin!(async move { drop(stopping.changed().await) });
        let mut is_told = false;
        let ended = std::future::poll_fn(|context| {
            if !is_told && told.as_mut().poll(context).is_ready() {
                is_told = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
            connection.poll_without_shutdown(context)
        });
        let _ = ended.await;
        part(connection.into_parts().io.into_inner(), limits.linger).await;
    }

    async fn answer(&self, mut request: Request<Incoming>, from: IpAddr) -> Result<axum::response::Response, std::convert::Infallible> {
        request.extensions_mut().insert(Visitor(from));
        TowerToHyperService::new(self.routes.clone()).call(request).await
    }
}

fn http1_with(limits: Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.header).max_buf_size(MAX_HEAD).max_headers(MAX_HEADERS);
    builder
}

/// Ends a connection so that the last answer arrives: a system that has unread bytes throws away what it still had to send.
async fn part<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, linger: Duration) {
    let _ = timeout(linger, async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(2 * MAX_FILE), &mut tokio::io::sink()).await
    })
    .await;
}
