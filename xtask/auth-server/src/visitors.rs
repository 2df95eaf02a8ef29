//! Who may call. The server listens on loopback, where every web page that is open in the browser can reach it, and
//! carries out what `/control` is asked for: so it takes requests by its own names only (a page whose own name was made
//! to mean this machine asks by another), and of pages only those of its own origins.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// What every browser takes for this machine.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Who may call one of the server's two ports.
#[derive(Clone, Debug)]
pub struct Visitors {
    hosts: Vec<String>,
    origins: Vec<String>,
    /// Origins without their port: any will do.
    any_port: Vec<String>,
}

impl Visitors {
    /// `ports`: this one first. `guests`: origins beside the server's own, whole, or with `*` for a port; where one has
    /// a name of its own, this server has it, too. `null` is the origin of a sandboxed frame.
    pub fn new(ports: [u16; 2], guests: &[String]) -> Visitors {
        let [own, _] = ports;
        let names =
            guests.iter().filter_map(|guest| guest.strip_prefix("http://")?.rsplit_once(':')).map(|(name, _)| name);
        let hosts = LOOPBACK.into_iter().chain(names).flat_map(|name| {
            // A browser leaves the port out where it is the scheme's own.
            let bare = (own == 80).then(|| name.to_owned());
            [Some(format!("{name}:{own}")), bare].into_iter().flatten()
        });
        let ours = ports.into_iter().flat_map(|port| {
            LOOPBACK.map(|name| if port == 80 { format!("http://{name}") } else { format!("http://{name}:{port}") })
        });
        let whole = guests.iter().filter(|guest| !guest.ends_with(":*")).cloned();
        Visitors {
            hosts: hosts.collect(),
            origins: ours.chain(whole).collect(),
            any_port: guests.iter().filter_map(|guest| Some(guest.strip_suffix('*')?.to_owned())).collect(),
        }
    }

    fn is_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host))
    }

    fn is_welcome(&self, origin: &str) -> bool {
        let port = |start: &String| origin.strip_prefix(start.as_str());
        self.origins.iter().any(|ours| ours == origin)
            || self.any_port.iter().filter_map(port).any(|port| port.parse::<u16>().is_ok())
    }

    /// Why this request is none for this server; `None` if it is.
    fn refusal(&self, request: &Request) -> Option<&'static str> {
        let Some(host) = only(request.headers(), header::HOST) else { return Some("it says no host, or two") };
        // A request for a proxy names the host in its target, too.
        let target = request.uri().authority().map(|authority| authority.as_str());
        if !self.is_host(host) || target.is_some_and(|target| !self.is_host(target)) {
            return Some("this is not the name of the server");
        }
        if !request.headers().contains_key(header::ORIGIN) {
            return None;
        }
        match only(request.headers(), header::ORIGIN) {
            Some(origin) if self.is_welcome(origin) => None,
            _ => Some("pages of this origin may not call the server"),
        }
    }
}

/// The field's value, if there is one field and it is text.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|value: &HeaderValue| value.to_str().ok());
    if values.next().is_some() { None } else { value }
}

/// Refuses before anything is done: a request that needs no preflight does its harm although its answer is not read.
pub async fn check(State(visitors): State<Visitors>, request: Request, next: Next) -> Response {
    match visitors.refusal(&request) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn refusal(visitors: &Visitors, headers: &[(&str, &str)], target: &str) -> bool {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        visitors.refusal(&request.body(Body::empty()).unwrap()).is_some()
    }

    #[test]
    fn a_host_is_a_loopback_name_with_the_own_port() {
        let visitors = Visitors::new([8080, 8081], &[]);
        for host in ["127.0.0.1:8080", "localhost:8080", "LocalHost:8080", "[::1]:8080"] {
            assert!(!refusal(&visitors, &[("host", host)], "/"), "{host}");
        }
        let bad = [
            "evil.example",
            "evil.example:8080",
            "127.0.0.1",
            "localhost",
            "127.0.0.1:8081",
            "127.0.0.1:80",
            "localhost.:8080",
            "localhost.evil.example:8080",
            "127.0.0.1:8080@evil.example",
            "127.0.0.2:8080",
            "0.0.0.0:8080",
            "2130706433:8080",
            "[::ffff:127.0.0.1]:8080",
            "relatch.test:8080",
            "",
        ];
        for host in bad {
            assert!(refusal(&visitors, &[("host", host)], "/"), "{host}");
        }
        assert!(refusal(&visitors, &[], "/"));
        assert!(refusal(&visitors, &[("host", "localhost:8080"), ("host", "localhost:8080")], "/"));
        assert!(refusal(&visitors, &[("host", "localhost:8080")], "http://evil.example/"));
        let on_80 = Visitors::new([80, 8081], &[]);
        assert!(!refusal(&on_80, &[("host", "localhost"), ("origin", "http://localhost")], "/"));
    }

    #[test]
    fn an_origin_is_one_of_the_servers_own_or_a_guests() {
        let own = Visitors::new([8080, 8081], &[]);
        let guests = ["http://127.0.0.1:*", "http://relatch.test:*", "http://127.0.0.1:5173", "null"];
        let open = Visitors::new([8080, 8081], &guests.map(str::to_owned));
        let is = |visitors, origin| !refusal(visitors, &[("host", "127.0.0.1:8080"), ("origin", origin)], "/");
        for origin in ["http://127.0.0.1:8080", "http://localhost:8081", "http://[::1]:8080"] {
            assert!(is(&own, origin) && is(&open, origin), "{origin}");
        }
        for origin in ["http://127.0.0.1:4000", "http://relatch.test:4000", "null"] {
            assert!(!is(&own, origin) && is(&open, origin), "{origin}");
        }
        let never = [
            "https://evil.example",
            "http://evil.example:8080",
            "https://127.0.0.1:8080",
            "http://127.0.0.1",
            "http://127.0.0.1:8080.evil.example",
            "http://127.0.0.1:*",
            "http://127.0.0.1:",
            "http://127.0.0.1:80 ",
            "http://localhost:4000",
            "",
        ];
        for origin in never {
            assert!(!is(&own, origin) && !is(&open, origin), "{origin}");
        }
        let two = [("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080"), ("origin", "http://evil.example")];
        assert!(refusal(&own, &two, "/"));
        assert!(!refusal(&open, &[("host", "relatch.test:8080")], "/"));
    }
}
