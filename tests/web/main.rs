//! The crate as a Rust frontend uses it, in a headless browser against the auth server: `cargo xtask test --only
//! wasm-pack`.
#![cfg(target_arch = "wasm32")]

mod calls;
mod options;
mod refreshers;
mod rules;
mod world;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
