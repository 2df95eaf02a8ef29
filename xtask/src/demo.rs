//! The demo, and the server by itself.

use anyhow::{Context, Result};
use auth_server::{Server, ServerOptions};

use crate::run::root;
use crate::wasm;

/// Where the tests' pages come from: dev servers and test runners on ports of their own, a host that no browser trusts,
/// and sandboxed frames. `tests/e2e/server.mjs` has the same.
const TEST_ORIGINS: [&str; 4] = ["http://127.0.0.1:*", "http://localhost:*", "http://relatch.test:*", "null"];

pub fn demo(port: u16) -> Result<()> {
    wasm::build()?;
    show(port, "", "Sign in, send requests, delete the access token, send again.")
}

/// Serves until it is interrupted, and says where, and what to do there.
pub fn show(port: u16, path: &str, what: &str) -> Result<()> {
    runtime()?.block_on(async {
        let server = start(port, &[]).await?;
        println!("\n  the demo is at  {}{path}\n\n  {what} Ctrl-C stops it.\n", server.main);
        tokio::signal::ctrl_c().await?;
        server.shutdown().await;
        Ok(())
    })
}

pub fn serve(port: u16, guests: &[String], until_stdin_closes: bool) -> Result<()> {
    runtime()?.block_on(async {
        let server = start(port, guests).await?;
        println!("{}", serde_json::json!({ "main": server.main, "second": server.second }));
        if until_stdin_closes {
            let mut input = tokio::io::stdin();
            tokio::io::copy(&mut input, &mut tokio::io::sink()).await?;
        } else {
            tokio::signal::ctrl_c().await?;
        }
        server.shutdown().await;
        Ok(())
    })
}

/// The server on a free port, for the tests; it stops when the handle is dropped.
pub struct Running {
    pub server: Server,
    _runtime: tokio::runtime::Runtime,
}

pub fn running() -> Result<Running> {
    let runtime = runtime()?;
    let server = runtime.block_on(start(0, &TEST_ORIGINS.map(str::to_owned)))?;
    Ok(Running { server, _runtime: runtime })
}

async fn start(port: u16, guests: &[String]) -> Result<Server> {
    auth_server::start(ServerOptions { port, second_port: 0, root: root(), guests: guests.to_vec() })
        .await
        .with_context(|| format!("starting the server on port {port}: is it taken? Choose another with --port"))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}
