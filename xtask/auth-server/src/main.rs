//! The auth server by itself. Prints its two addresses as one line of JSON, then serves.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use auth_server::{ServerOptions, repository, start};
use clap::Parser;

/// Serves the demo page, the package and an auth server with faults on demand, on loopback.
#[derive(Parser)]
#[command(name = "auth-server")]
struct Cli {
    /// The main origin's port; 0 is any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The second origin's port; 0 is any free one.
    #[arg(long, default_value_t = 0)]
    second_port: u16,
    /// The folder with www, pkg and tests; by default the checkout around the working directory.
    #[arg(long)]
    root: Option<PathBuf>,
    /// An origin whose pages may call, beside the server's own; `*` for any port. May be given more than once.
    #[arg(long = "guest")]
    guests: Vec<String>,
    /// Stop when standard input is closed, so that no server outlives the test that started it.
    #[arg(long)]
    until_stdin_closes: bool,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match serve(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(cli: Cli) -> std::io::Result<()> {
    let root = cli.root.or_else(repository::find).ok_or_else(|| {
        std::io::Error::other("this folder is in no checkout of relatch: give the checkout with --root")
    })?;
    let options = ServerOptions { port: cli.port, second_port: cli.second_port, root, guests: cli.guests };
    let server = start(options).await.map_err(|error| {
        let ports = format!("--port {} --second-port {}", cli.port, cli.second_port);
        std::io::Error::new(
            error.kind(),
            format!("cannot listen on {ports}: {error}. Choose another; 0 is any free one"),
        )
    })?;
    let urls = serde_json::json!({ "main": server.main, "second": server.second });
    writeln!(std::io::stdout(), "{urls}")?;

    let closed = stdin_closed();
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = closed, if cli.until_stdin_closes => {}
    }
    server.shutdown().await;
    Ok(())
}

/// Reads on a thread of its own: tokio's standard input would hold up the end of the program until it is closed.
async fn stdin_closed() {
    let (closed, told) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        let mut input = std::io::stdin();
        while matches!(input.read(&mut buffer), Ok(1..)) {}
        drop(closed);
    });
    let _ = told.await;
}
