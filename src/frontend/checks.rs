//! What options must be. The npm face has the same checks in pkg/options.js.

use web_sys::Url;

use super::error::Error;
use crate::web::sys::page;

/// The characters of a token, of which header names and auth schemes are made (RFC 9110 §5.6.2).
pub fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// https everywhere but on this machine: a token in the clear is a token given away.
pub fn is_safe(protocol: &str, host: &str) -> bool {
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
    protocol == "https:" || (protocol == "http:" && is_here)
}

/// A URL that may see a token, absolute.
pub fn absolute(value: &str, name: &str) -> Result<Url, Error> {
    let page = page();
    let url = match &page {
        Some(page) => Url::new_with_base(value, page),
        None => Url::new(value),
    };
    let url = url.map_err(|_| {
        let where_none = if page.is_some() { "" } else { ", absolute where there is no page" };
        Error::invalid(name, format!("a URL{where_none}; got {value}"))
    })?;
    if is_safe(&url.protocol(), &url.hostname()) {
        Ok(url)
    } else {
        Err(Error::invalid(name, format!("https (http only on localhost); got {}", url.href())))
    }
}
