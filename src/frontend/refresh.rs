//! How a new access token is got.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Request, RequestCredentials, Response};

use super::checks::absolute;
use super::error::Error;
use super::sys::{get, promise, set};
use super::tokens::Tokens;
use relatch_engine::Reason;
use relatch_engine::limits::{FORM_FIELDS, JSON_FIELDS};

/// How a new access token is got: by a request that is described ([`Refresh::post`], [`Refresh::oauth`]), or by a
/// function of your own ([`Refresh::with`]).
pub struct Refresh(pub(super) How);

pub(super) enum How {
    Post(RefreshPost),
    Own(JsCallback),
}

type JsCallback = Box<dyn Fn(JsValue) -> Promise>;

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            How::Post(post) => post.fmt(f),
            How::Own(_) => f.write_str("Refresh"),
        }
    }
}

impl Refresh {
    /// POSTs `{"refreshToken": "…"}` as JSON to this URL, relative to the page, and finds `accessToken`, `refreshToken`
    /// and
    /// `expiresIn` in the answer. Redirects are refused, so that the refresh token cannot follow one.
    pub fn post(url: impl Into<String>) -> RefreshPost {
        RefreshPost {
            url: url.into(),
            form: false,
            client_id: None,
            send: JSON_FIELDS[1].to_owned(),
            pick: JSON_FIELDS.map(str::to_owned),
            extra: BTreeMap::new(),
            headers: BTreeMap::new(),
            credentials: RequestCredentials::SameOrigin,
            terminal: None,
        }
    }

    /// A standard OAuth 2.0 token endpoint for a public client (RFC 6749 §6): a form with `grant_type=refresh_token`,
    /// `refresh_token` and `client_id`, and the names of §5.1 in the answer.
    pub fn oauth(url: impl Into<String>, client_id: impl Into<String>) -> RefreshPost {
        RefreshPost {
            form: true,
            client_id: Some(client_id.into()),
            send: FORM_FIELDS[1].to_owned(),
            pick: FORM_FIELDS.map(str::to_owned),
            ..Refresh::post(url)
        }
    }

    /// Your own refresh. `Ok(Some(tokens))`: go on with them. `Ok(None)` ends the session: the user must log in again.
    /// `Err` is for all that may pass (network, 5xx): tokens are kept, and after a backoff the next call tries again.
    ///
    /// It runs at most once at a time, under the origin's lock, and must not wait for a call of the session's.
    ///
    /// ```no_run
    /// use relatch::{Refresh, Tokens};
    /// use wasm_bindgen::JsValue;
    /// use web_sys::{Request, RequestInit};
    ///
    /// let refresh = Refresh::with(async |context| {
    ///     let init = RequestInit::new();
    ///     init.set_method("POST");
    ///     init.set_body(&context.refresh_token().into());
    ///     init.set_signal(Some(context.signal()));
    ///     let response = context.fetch(&Request::new_with_str_and_init("/refresh", &init)?).await?;
    ///     match response.status() {
    ///         200 => {
    ///             let body = wasm_bindgen_futures::JsFuture::from(response.json()?).await?;
    ///             Ok(Some(serde_wasm_bindgen::from_value::<Tokens>(body)?))
    ///         }
    ///         401 => Ok(None),
    ///         status => Err(JsValue::from(format!("refresh: {status}"))),
    ///     }
    /// });
    /// ```
    pub fn with<F, Answer>(refresh: F) -> Refresh
    where
        F: Fn(RefreshContext) -> Answer + 'static,
        Answer: Future<Output = Result<Option<Tokens>, JsValue>> + 'static,
    {
        Refresh(How::Own(Box::new(move |context: JsValue| {
            let answer = refresh(RefreshContext::read(&context));
            promise(async move {
                Ok(answer.await?.map_or(JsValue::NULL, |tokens| {
                    let object = js_sys::Object::new();
                    for (name, value) in
                        ["accessToken", "refreshToken", "expiresIn", "idToken"].iter().zip(tokens.values())
                    {
                        set(&object, name, value);
                    }
                    object.into()
                }))
            })
        })))
    }

    /// As the port reads it, and as pkg/options.js makes it.
    pub(super) fn value(self) -> Result<JsValue, Error> {
        match self.0 {
            How::Post(post) => post.value(),
            How::Own(refresh) => Ok(Closure::<dyn Fn(JsValue) -> Promise>::new(refresh).into_js_value()),
        }
    }
}

/// A refresh by a request that is described. Made by [`Refresh::post`] and [`Refresh::oauth`].
#[must_use]
pub struct RefreshPost {
    url: String,
    form: bool,
    client_id: Option<String>,
    send: String,
    /// Access token, refresh token, lifetime.
    pick: [String; 3],
    extra: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
    credentials: RequestCredentials,
    terminal: Option<Rc<Terminal>>,
}

type Terminal = dyn Fn(u16, &JsValue) -> bool;

impl RefreshPost {
    /// The field that the refresh token goes into.
    pub fn send(self, field: impl Into<String>) -> Self {
        RefreshPost { send: field.into(), ..self }
    }

    /// Where access token, refresh token and lifetime in seconds stand in the answer, as dotted paths like
    /// `result.accessToken`.
    pub fn pick(
        self,
        access_token: impl Into<String>,
        refresh_token: impl Into<String>,
        expires_in: impl Into<String>,
    ) -> Self {
        RefreshPost { pick: [access_token.into(), refresh_token.into(), expires_in.into()], ..self }
    }

    /// One more field to send.
    pub fn extra(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.insert(field.into(), value.into());
        self
    }

    /// One more header to send. A `Content-Type` of yours stays.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// `credentials` of the request. Default: same origin.
    pub fn credentials(self, credentials: RequestCredentials) -> Self {
        RefreshPost { credentials, ..self }
    }

    /// Which answers end the session, by status and body (parsed JSON, or `null`). Default: `error: "invalid_grant"`,
    /// or a 401 or 403 whose body is a JSON object. Called once for each answer that carries no usable token.
    pub fn terminal(self, terminal: impl Fn(u16, &JsValue) -> bool + 'static) -> Self {
        RefreshPost { terminal: Some(Rc::new(terminal)), ..self }
    }

    fn value(self) -> Result<JsValue, Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Value {
            url: String,
            tail: String,
            form: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            client_id: Option<String>,
            send: String,
            extra: BTreeMap<String, String>,
            headers: BTreeMap<String, String>,
            #[serde(with = "serde_wasm_bindgen::preserve")]
            credentials: JsValue,
            places: [String; 3],
            #[serde(with = "serde_wasm_bindgen::preserve")]
            terminal: JsValue,
        }
        let terminal = self.terminal.map_or(JsValue::UNDEFINED, |terminal| {
            Closure::<dyn Fn(JsValue) -> bool>::new(move |answer: JsValue| {
                terminal(get(&answer, "status").as_f64().unwrap_or_default() as u16, &get(&answer, "body"))
            })
            .into_js_value()
        });
        let url = absolute(&self.url, "refresh.url")?.href();
        let value = Value {
            // What a URL ends with that may be this one.
            tail: url.rsplit('/').next().unwrap_or_default().to_owned(),
            url,
            form: self.form,
            client_id: self.client_id,
            send: self.send,
            extra: self.extra,
            headers: self.headers,
            credentials: self.credentials.into(),
            places: self.pick,
            terminal,
        };
        // Objects, not Maps: the port spreads them.
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        value.serialize(&serializer).map_err(|error| Error::invalid("refresh", error.to_string()))
    }
}

impl From<RefreshPost> for Refresh {
    fn from(post: RefreshPost) -> Refresh {
        Refresh(How::Post(post))
    }
}

impl fmt::Debug for RefreshPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshPost").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What your own refresh is given.
pub struct RefreshContext {
    refresh_token: String,
    reason: Reason,
    signal: AbortSignal,
    fetch: Function,
}

impl RefreshContext {
    fn read(context: &JsValue) -> RefreshContext {
        let reason = get(context, "reason").as_string().unwrap_or_default();
        RefreshContext {
            refresh_token: get(context, "refreshToken").as_string().unwrap_or_default(),
            reason: Reason::ALL.into_iter().find(|known| known.as_str() == reason).unwrap_or(Reason::Expired),
            signal: get(context, "signal").unchecked_into(),
            fetch: get(context, "fetch").unchecked_into(),
        }
    }

    /// The refresh token to spend. Spend it at most once.
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// Why the refresh was started.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Aborts when the refresh has taken its deadline, when its session is gone (login, logout), and when the session
    /// object is closed. Tokens that are returned after a deadline or a close are stored all the same, if the store
    /// still holds the refresh token that was sent.
    pub fn signal(&self) -> &AbortSignal {
        &self.signal
    }

    /// The unwrapped `fetch`: no header is added, and its 401 is not answered by a refresh.
    pub async fn fetch(&self, request: &Request) -> Result<Response, JsValue> {
        let answer = self.fetch.call1(&JsValue::UNDEFINED, request)?;
        Ok(JsFuture::from(answer.unchecked_into::<Promise>()).await?.unchecked_into())
    }
}

impl fmt::Debug for RefreshContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshContext").field("reason", &self.reason).finish_non_exhaustive()
    }
}
