//! The auth server of relatch's demo and tests. Real HS256 JWTs, rotating refresh tokens with reuse detection, protected
//! resources, and a control endpoint for everything that can go wrong.
//!
//! Two origins with the same routes and the same state listen on loopback. Every API route exists at `/…` and, with a
//! state of its own made on first use, at `/t/{realm}/…`, so that tests can run side by side.

mod auth;
mod control;
mod realm;
mod resources;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use realm::{Entry, Realm};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Larger bodies are refused.
const MAX_BODY: usize = 64 << 20;

pub struct ServerOptions {
    /// 0: any free port.
    pub port: u16,
    pub second_port: u16,
    /// The repository's root: the demo page, the package and the tests' pages are served from it.
    pub root: PathBuf,
}

/// A running server. It stops when this is dropped.
pub struct Server {
    pub main: String,
    pub second: String,
    stop: watch::Sender<bool>,
}

impl Server {
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        self.stop.closed().await;
    }
}

/// A response with this extension is never sent: the connection is closed instead.
#[derive(Clone)]
struct CloseConnection;

type Realms = Arc<Mutex<HashMap<String, Realm>>>;

#[derive(Clone)]
struct App {
    realms: Realms,
}

/// One call of the API, read to its end.
struct Call {
    method: Method,
    path: String,
    query: HashMap<String, String>,
    headers: HeaderMap,
    body: Bytes,
}

pub async fn start(options: ServerOptions) -> std::io::Result<Server> {
    let main = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, options.second_port)).await?;
    let url = |address: SocketAddr| format!("http://127.0.0.1:{}", address.port());
    let urls = (url(main.local_addr()?), url(second.local_addr()?));
    let router = router(&options.root, &urls);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(accept(main, router.clone(), stopped.clone()));
    tokio::spawn(accept(second, router, stopped));
    Ok(Server { main: urls.0, second: urls.1, stop })
}

/// Serves connections by hand, because a fault may have to close one without an answer.
async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = stopped.changed() => return,
        };
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let router = router.clone();
                async move {
                    let response =
                        router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never: Infallible| match never {});
                    if response.extensions().get::<CloseConnection>().is_some() {
                        return Err(std::io::Error::other("closed on purpose"));
                    }
                    Ok(response)
                }
            });
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::select! {
                _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service) => {}
                _ = stopped.changed() => {}
            }
        });
    }
}

fn router(root: &std::path::Path, urls: &(String, String)) -> Router {
    let config = serde_json::json!({ "main": urls.0, "second": urls.1 }).to_string();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_credentials(true)
        .allow_headers(AllowHeaders::mirror_request())
        .allow_methods(AllowMethods::mirror_request())
        .expose_headers(["www-authenticate", "retry-after", "date", "x-request-number"].map(HeaderName::from_static))
        .max_age(Duration::from_secs(600));
    let dir = |path: &str| ServeDir::new(root.join(path));
    Router::new()
        .route("/config.json", axum::routing::get(async move || ([(header::CONTENT_TYPE, "application/json")], config)))
        .route_service("/", ServeFile::new(root.join("www/index.html")))
        .nest_service("/www", dir("www"))
        .nest_service("/pkg", dir("pkg"))
        .nest_service("/tests", dir("tests"))
        .nest_service("/node_modules", dir("tests/e2e/node_modules"))
        .fallback(api)
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(cors)
        .with_state(App { realms: Realms::default() })
}

impl App {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Realm>> {
        // A panic in one request is no reason to fail all later ones.
        self.realms.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The realm's state, for the time of the closure.
    fn with<T>(&self, realm: &str, what: impl FnOnce(&mut Realm) -> T) -> T {
        what(self.lock().entry(realm.to_owned()).or_default())
    }
}

async fn api(State(app): State<App>, request: Request) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let full = parts.uri.path().to_owned();
    let (realm, path) = match full.strip_prefix("/t/").and_then(|rest| rest.split_once('/')) {
        Some((realm, path)) => (realm.to_owned(), format!("/{path}")),
        None => ("demo".to_owned(), full),
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let query = axum::extract::Query::try_from_uri(&parts.uri).map(|q| q.0).unwrap_or_default();
    let call = Call { method: parts.method, path, query, headers: parts.headers, body };
    let presented = resources::presented(&call.headers);
    let state = app.with(&realm, |r| r.judge(presented.as_ref().map(|(_, token)| token.as_str())).1);

    let mut response = if call.path.starts_with("/control") {
        control::answer(&app, &realm, &call)
    } else if let Some(response) = auth::answer(&app, &realm, &call).await {
        response
    } else {
        resources::answer(&app, &realm, &call).await
    };
    if !call.path.starts_with("/control") && call.path != "/open/log" {
        let number = app.with(&realm, |r| {
            r.log(Entry {
                n: 0,
                at_ms: wall_ms(),
                method: call.method.to_string(),
                path: call.path.clone(),
                status: response.status().as_u16(),
                ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
                token: state,
                header: presented.map_or("none", |(header, _)| header),
            })
        });
        response.headers_mut().insert("x-request-number", HeaderValue::from(number));
    }
    response
}

fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn json(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
