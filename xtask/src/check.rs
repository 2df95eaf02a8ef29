//! `cargo xtask test`: everything, in the order of what is quickest to fail.

use std::cell::Cell;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::demo::{Running, running};
use crate::run::{command, output, root, run, status};
use crate::tools::{self, Tool};
use crate::{docs, example, licences, lints, rooms, size, soak, steps, wasm};

struct Step {
    name: &'static str,
    /// Fails with these if the build failed.
    needs_build: bool,
    run: fn(&Running) -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { name: "format", needs_build: false, run: |_| lints::format() },
    Step { name: "lint", needs_build: false, run: |_| lints::lint() },
    Step { name: "rooms", needs_build: false, run: |_| rooms::check() },
    Step { name: "licences", needs_build: false, run: |_| licences::check() },
    Step { name: "docs", needs_build: false, run: |_| docs::check() },
    Step { name: "strict", needs_build: false, run: |_| lints::strict() },
    Step { name: "native", needs_build: false, run: |_| run("cargo", &["test", "--quiet", "--workspace"]) },
    Step { name: "sim", needs_build: false, run: |_| simulate(&["--seeds", "100000", "--jobs", "2"]) },
    Step { name: "broken", needs_build: false, run: |_| simulate(&["--broken"]) },
    Step { name: "model", needs_build: false, run: |_| model() },
    Step { name: "build", needs_build: false, run: |_| wasm::build() },
    Step { name: "size", needs_build: true, run: |_| size::check() },
    Step { name: "types", needs_build: true, run: |world| node_tests(world, "tests/types") },
    Step { name: "wasm-pack", needs_build: false, run: wasm_pack },
    Step { name: "rust", needs_build: false, run: rust_frontend },
    Step { name: "e2e", needs_build: true, run: end_to_end },
    Step { name: "webkit", needs_build: true, run: webkit },
    Step { name: "worker-mode", needs_build: true, run: worker_mode },
    Step { name: "servers", needs_build: true, run: servers },
    Step { name: "package", needs_build: true, run: |world| node_tests(world, "tests/clients") },
    Step { name: "soak", needs_build: true, run: |_| soak::step() },
    Step { name: "consumers", needs_build: true, run: |world| consumers(world, &[], &[]) },
];

pub fn test(only: Option<&str>) -> Result<()> {
    tools::ensure(tools::ALL)?;
    let chosen: Vec<&Step> = STEPS.iter().filter(|s| only.is_none_or(|name| s.name.contains(name))).collect();
    if chosen.is_empty() {
        bail!("no step is called that; there are {}", STEPS.iter().map(|s| s.name).collect::<Vec<_>>().join(", "));
    }
    let (world, built) = (&running()?, &Cell::new(true));
    steps::run_all(chosen.into_iter().map(|step| {
        let run = move || {
            if step.needs_build && !built.get() {
                bail!("not run: the build failed");
            }
            let result = (step.run)(world);
            built.set(built.get() && (step.name != "build" || result.is_ok()));
            result
        };
        (step.name, Box::new(run) as Box<_>)
    }))
}

/// The simulator, with its own arguments.
pub fn simulate(args: &[&str]) -> Result<()> {
    let mut all = vec!["run", "--quiet", "--profile", "sim", "--package", "relatch-sim", "--"];
    all.extend(args);
    run("cargo", &all)
}

/// The model checker.
pub fn model() -> Result<()> {
    run("cargo", &["run", "--quiet", "--profile", "sim", "--package", "relatch-model"])
}

/// The Rust tests in a headless browser, against the server.
fn wasm_pack(world: &Running) -> Result<()> {
    let driver = output("sh", &["-c", "command -v chromedriver"]).context("there is no chromedriver")?;
    status(
        command(
            "wasm-pack",
            &[
                "test",
                "--headless",
                "--chrome",
                "--mode",
                "no-install",
                "--chromedriver",
                &driver,
                ".",
                "--test",
                "web",
                "--test",
                "web-worker",
            ],
        )
        .env("RELATCH_TEST_MAIN", &world.server.main)
        .env("RELATCH_TEST_SECOND", &world.server.second)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300"),
    )
}

/// The crate's documents, and the frontend in Yew in a browser.
fn rust_frontend(world: &Running) -> Result<()> {
    example::check()?;
    example::build()?;
    node_tests(world, "tests/e2e/rust")
}

/// Against servers written by others: oidc-provider, SimpleJWT, express-jwt.
fn servers(world: &Running) -> Result<()> {
    tools::ensure(&[Tool::Servers])?;
    node_tests(world, "tests/e2e/servers")
}

/// The built package in a real browser.
fn end_to_end(world: &Running) -> Result<()> {
    tools::firefox().context("there is no Firefox")?;
    node_tests(world, "tests/e2e")
}

/// The end-to-end tests that also run in WebKit, and its own.
fn webkit(world: &Running) -> Result<()> {
    let files = [
        "webkit/webkit",
        "clients",
        "faults",
        "fetch",
        "fetch-abort",
        "fetch-redirects",
        "fetch-streams",
        "listeners",
        "storage",
        "storm",
    ];
    let browser = tools::webkit().context("there is no WebKit")?;
    status(node(world, &end_to_end_files(&files))?.env("RELATCH_BROWSER", "webkit").env("WEBKIT", browser))
}

/// Node's arguments for these files of tests/e2e.
fn end_to_end_files(names: &[&str]) -> Vec<String> {
    let options = ["--test", "--test-concurrency=1"].map(str::to_owned);
    options.into_iter().chain(names.iter().map(|name| format!("tests/e2e/{name}.test.mjs"))).collect()
}

/// The end-to-end tests that run in both modes, with the page's sessions in workers.
fn worker_mode(world: &Running) -> Result<()> {
    let files = [
        "clients",
        "faults",
        "fetch",
        "fetch-abort",
        "fetch-basic",
        "fetch-redirects",
        "fetch-streams",
        "network",
        "storm",
    ];
    status(node(world, &end_to_end_files(&files))?.env("RELATCH_MODE", "worker"))
}

/// The folder's `*.test.mjs`, one file after the other.
fn node_tests(world: &Running, folder: &str) -> Result<()> {
    let mut files: Vec<String> = std::fs::read_dir(root().join(folder))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".test.mjs"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("there are no tests in {folder}");
    }
    let mut args = vec!["--test", "--test-concurrency=1"];
    args.extend(files.iter().map(String::as_str));
    status(&mut node(world, &args)?)
}

/// `cargo xtask screenshots`: the tests of the pages that are shown, which then keep what they saw.
pub fn screenshots(world: &Running) -> Result<()> {
    tools::ensure(&[Tool::Chromium, Tool::TestTools])?;
    let files = ["tests/e2e/demo.test.mjs", "tests/e2e/tour.test.mjs"];
    status(node(world, &[&["--test", "--test-concurrency=1"][..], &files].concat())?.env("PICTURE", "1"))
}

/// `cargo xtask consumers`.
pub fn consumers(world: &Running, names: &[String], options: &[(&str, bool)]) -> Result<()> {
    tools::ensure(&[Tool::Chromium, Tool::TestTools])?;
    let mut args = vec!["tests/consumers/run.mjs"];
    args.extend(options.iter().filter(|(_, on)| *on).map(|(name, _)| *name));
    args.extend(names.iter().map(String::as_str));
    status(&mut node(world, &args)?)
}

/// Node.js with the server and the browsers that its tests use.
fn node(world: &Running, args: &[impl AsRef<str>]) -> Result<Command> {
    let browser = tools::browser().context("there is no Chromium")?;
    let mut command = command("node", &args.iter().map(AsRef::as_ref).collect::<Vec<_>>());
    if let Some(firefox) = tools::firefox() {
        command.env("FIREFOX", firefox);
    }
    command
        .env("RELATCH_TEST_MAIN", &world.server.main)
        .env("RELATCH_TEST_SECOND", &world.server.second)
        .env("CHROMIUM", browser);
    Ok(command)
}
