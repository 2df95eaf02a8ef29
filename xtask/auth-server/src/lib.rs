//! The auth server of relatch's demo and tests. Real HS256 JWTs, rotating refresh tokens with reuse detection,
//! protected resources, and a control endpoint for everything that can go wrong.
//!
//! Two origins with the same routes and the same state listen on loopback. Every API route exists at `/…` and, with a
//! state of its own made on first use, at `/t/{realm}/…`, so that tests can run side by side.

#![forbid(unsafe_code)]

mod api;
mod app;
mod auth;
mod clock;
mod connection;
mod control;
mod exchange;
mod headers;
mod log;
mod realm;
pub mod repository;
mod resources;
mod settings;
mod visitors;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::services::{ServeDir, ServeFile};

use crate::app::App;
use crate::connection::Signals;
use crate::exchange::json;
use crate::visitors::Visitors;

#[derive(Debug)]
pub struct ServerOptions {
    /// 0: any free port.
    pub port: u16,
    /// 0: any free port.
    pub second_port: u16,
    /// The repository's root: the demo page, the package and the tests' pages are served from it.
    pub root: PathBuf,
    /// Origins whose pages may call, beside the server's own two: whole, or with `*` for any port; `null` for sandboxed
    /// frames. A demo needs none.
    pub guests: Vec<String>,
}

/// A running server. It stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    /// The base URL of the origin that serves the demo page, without a slash at its end.
    pub main: String,
    /// The base URL of the other origin.
    pub second: String,
    stop: watch::Sender<bool>,
}

impl Server {
    /// Lets the requests in progress end, within a bound, and waits for the last connection to close.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        self.stop.closed().await;
    }
}

pub async fn start(options: ServerOptions) -> std::io::Result<Server> {
    let main = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, options.second_port)).await?;
    let ports = [main.local_addr()?.port(), second.local_addr()?.port()];
    let urls = ports.map(|port| format!("http://127.0.0.1:{port}"));
    let (stop, stopped) = watch::channel(false);
    let (recycle, recycled) = watch::channel(());
    let app = App { realms: Arc::default(), recycle };
    let router = router(&options.root, &urls, app);
    let guarded = |ports| {
        let visitors = Visitors::new(ports, &options.guests);
        router.clone().layer(middleware::from_fn_with_state(visitors, visitors::check))
    };
    let [port, other] = ports;
    let signals = Signals { stopped, recycled };
    tokio::spawn(connection::accept(main, guarded([port, other]), signals.clone()));
    tokio::spawn(connection::accept(second, guarded([other, port]), signals));
    let [main, second] = urls;
    Ok(Server { main, second, stop })
}

fn router(root: &Path, urls: &[String; 2], app: App) -> Router {
    let config = serde_json::json!({ "main": urls[0], "second": urls[1] });
    let dir = |path: &str| ServeDir::new(root.join(path));
    Router::new()
        .route("/config.json", axum::routing::get(async move || json(StatusCode::OK, &config)))
        .route_service("/", ServeFile::new(root.join("www/index.html")))
        .nest_service("/www", dir("www"))
        .nest_service("/pkg", dir("pkg"))
        .nest_service("/examples", dir("examples"))
        .nest_service("/tests", dir("tests"))
        .nest_service("/benches/results", dir("benches/results"))
        .nest_service("/node_modules", dir("tests/e2e/node_modules"))
        .fallback(api::answer)
        .layer(middleware::from_fn(headers::cors))
        .layer(middleware::from_fn_with_state(app.clone(), headers::connection))
        .with_state(app)
}
