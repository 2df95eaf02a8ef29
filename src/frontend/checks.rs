//! What options must be. The npm face has the same checks in pkg/options.js, and both have the words of the engine's
//! `limits`.

use web_sys::Url;

use super::error::Error;
use crate::web::sys::page;
use relatch_engine::limits::{MUST_BE_ABSOLUTE_URL, MUST_BE_ORIGIN, MUST_BE_SAFE, MUST_BE_URL, is_safe};

/// A URL that may see a token, absolute.
pub fn absolute(value: &str, name: &str) -> Result<Url, Error> {
    let page = page();
    let url = match &page {
        Some(page) => Url::new_with_base(value, page),
        None => Url::new(value),
    };
    let url = url.map_err(|_| {
        let must_be = if page.is_some() { MUST_BE_URL } else { MUST_BE_ABSOLUTE_URL };
        Error::invalid(name, format!("{must_be}; got {value}"))
    })?;
    safe(url, name)
}

/// An origin by itself: what is relative would silently be the page's, and a path would not narrow anything.
pub fn origin(value: &str, name: &str) -> Result<String, Error> {
    let no_origin = || Error::invalid(name, format!("{MUST_BE_ORIGIN}; got {value}"));
    let url = safe(Url::new(value).map_err(|_| no_origin())?, name)?;
    let origin = url.origin();
    if url.href().strip_suffix('/') == Some(&*origin) { Ok(origin) } else { Err(no_origin()) }
}

fn safe(url: Url, name: &str) -> Result<Url, Error> {
    if is_safe(&url.protocol(), &url.hostname()) {
        Ok(url)
    } else {
        Err(Error::invalid(name, format!("{MUST_BE_SAFE}; got {}", url.href())))
    }
}
