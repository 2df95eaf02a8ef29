//! A server for one test, and a client of one realm on it.

use std::time::Duration;

use auth_server::{Server, ServerOptions};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

pub struct World {
    pub server: Option<Server>,
    runtime: Runtime,
    root: tempdir::Dir,
}

/// Both tokens of a sign-in or a refresh.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn tokens(&self) -> Tokens {
        let text = |name: &str| self.json()["result"][name].as_str().unwrap_or_default().to_owned();
        Tokens { access: text("accessToken"), refresh: text("refreshToken") }
    }
}

impl World {
    pub fn start() -> World {
        World::with(&[])
    }

    /// With origins beside the server's own.
    pub fn with(guests: &[&str]) -> World {
        let root = tempdir::Dir::new();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let guests = guests.iter().map(|guest| (*guest).to_owned()).collect();
        let options = ServerOptions { port: 0, second_port: 0, root: root.path().to_owned(), guests };
        let server = runtime.block_on(auth_server::start(options)).unwrap();
        World { server: Some(server), runtime, root }
    }

    pub fn main(&self) -> &str {
        &self.server.as_ref().unwrap().main
    }

    pub fn second(&self) -> &str {
        &self.server.as_ref().unwrap().second
    }

    /// Puts a file under the server's root.
    pub fn file(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn shut_down(&mut self) {
        self.runtime.block_on(self.server.take().unwrap().shutdown());
    }

    pub fn realm(&self, name: &str) -> Client {
        Client::at(format!("{}/t/{name}", self.main()))
    }
}

pub struct Client {
    agent: Agent,
    base: String,
}

impl Client {
    pub fn at(base: String) -> Client {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(10)))
            .build();
        Client { agent: config.into(), base }
    }

    /// The request as it is, errors of the network included.
    pub fn send(
        &self,
        method: Method,
        route: &str,
        headers: &[(&str, &str)],
        body: &str,
        timeout: Duration,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{route}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = self
            .agent
            .configure_request(request.body(body.to_owned())?)
            .allow_non_standard_methods(true)
            .timeout_global(Some(timeout))
            .build();
        let mut response = self.agent.run(request)?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.body_mut().read_to_string()?,
        })
    }

    fn ask(&self, method: Method, route: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(method, route, headers, body, Duration::from_secs(10)).unwrap_or_else(|e| panic!("{route}: {e}"))
    }

    pub fn get(&self, route: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, route, headers, "")
    }

    pub fn options(&self, route: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::OPTIONS, route, headers, "")
    }

    pub fn post(&self, route: &str, body: &Value) -> Answer {
        self.ask(Method::POST, route, &[("content-type", "application/json")], &body.to_string())
    }

    pub fn form(&self, route: &str, body: &str) -> Answer {
        self.ask(Method::POST, route, &[("content-type", "application/x-www-form-urlencoded")], body)
    }

    pub fn control(&self, settings: &Value) {
        let answer = self.post("/control", settings);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    pub fn sign_in(&self, name: &str) -> Tokens {
        self.post("/users/sign-in", &json!({"name": name, "password": "latch"})).tokens()
    }

    pub fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/users/refresh", &json!({"refreshToken": refresh_token}))
    }

    /// A protected resource.
    pub fn review(&self, access_token: &str) -> Answer {
        self.get("/home/review/detail/151", &[("authorization", &format!("Bearer {access_token}"))])
    }

    pub fn counters(&self) -> Value {
        self.get("/control/counters", &[]).json()
    }

    pub fn log(&self) -> Vec<Value> {
        self.get("/control/log?tail=1000", &[]).json().as_array().unwrap().clone()
    }
}

mod tempdir {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    static NEXT: AtomicU32 = AtomicU32::new(0);

    /// A folder that goes away with its value.
    pub struct Dir(PathBuf);

    impl Dir {
        pub fn new() -> Dir {
            let name = format!("auth-server-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path).unwrap();
            Dir(path)
        }

        pub fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}
