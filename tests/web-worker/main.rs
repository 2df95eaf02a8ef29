//! The crate in a dedicated worker, where there is no localStorage: `cargo xtask test --only wasm-pack`.
#![cfg(target_arch = "wasm32")]

#[allow(dead_code)] // the page's tests use the rest of it
#[path = "../web/world.rs"]
mod world;

use futures::future::join_all;
use relatch::Code;
use relatch::Storage;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use world::{Realm, Style, World, get};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn in_a_worker_the_session_lives_in_memory_and_twenty_calls_share_one_refresh() {
    let world = World::signed_in(Style::OAuth).await;
    world.realm.post("/control/expire", "").await;
    let url = world.realm.url("/echo");
    let responses = join_all((0..20).map(|_| world.session.fetch(&url))).await;
    assert!(responses.iter().all(|response| response.as_ref().is_ok_and(|response| response.ok())));
    assert_eq!(get(&world.realm.counters().await, "refreshes"), 1);
}

#[wasm_bindgen_test]
fn a_storage_that_a_worker_does_not_have_is_an_error_and_not_a_surprise() {
    let realm = Realm::new(Style::OAuth);
    for storage in [Storage::Local, Storage::Session] {
        let error = realm.builder(realm.refresh()).storage(storage).build().expect_err("no such storage");
        assert_eq!(error.code(), Some(Code::StorageUnavailable));
    }
}
