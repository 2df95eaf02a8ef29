//! Connections, served by hand because a fault may have to close one without an answer.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

/// How long a request in progress may hold up the server's end.
const SHUTDOWN_MS: u64 = 1_000;
/// Accepting fails when the process is out of file handles: some time helps, asking again at once does not.
const ACCEPT_RETRY_MS: u64 = 50;

#[derive(Clone)]
pub struct Signals {
    pub stopped: watch::Receiver<bool>,
    pub recycled: watch::Receiver<()>,
}

/// A response with this extension is never sent: the connection is closed instead.
#[derive(Clone)]
struct CloseConnection;

pub fn close() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(CloseConnection);
    response
}

pub async fn accept(listener: TcpListener, router: Router, mut signals: Signals) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(serve(stream, router.clone(), signals.clone()));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(ACCEPT_RETRY_MS)).await,
            },
            _ = signals.stopped.changed() => return,
        }
    }
}

async fn serve(stream: TcpStream, router: Router, mut signals: Signals) {
    // Without it, chunks of a stream would wait for each other.
    let _ = stream.set_nodelay(true);
    // Only what happens after the connection was made concerns it.
    signals.recycled.mark_unchanged();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let response = match router.oneshot(request.map(Body::new)).await {
                Ok(response) => response,
                Err(never) => match never as Infallible {},
            };
            match response.extensions().get::<CloseConnection>() {
                Some(_) => Err(io::Error::other("closed on purpose")),
                None => Ok(response),
            }
        }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    let mut recycling = false;
    loop {
        // What ends a connection early is the client's business: it sees the same.
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = signals.stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(Duration::from_millis(SHUTDOWN_MS), connection.as_mut()).await;
                return;
            }
            Ok(()) = signals.recycled.changed(), if !recycling => {
                connection.as_mut().graceful_shutdown();
                recycling = true;
            }
        }
    }
}
