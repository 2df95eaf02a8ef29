//! What the commands need on the machine: each is installed if it is missing, with a line that says what and how long.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::run::{command, output, root, run, status, tools};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tool {
    WasmTarget,
    WasmBindgen,
    WasmPack,
    BuildTools,
    Chromium,
    Firefox,
    WebKit,
    TestTools,
    /// Servers written by others, for the tests.
    Servers,
}

pub const BUILD: &[Tool] = &[Tool::WasmTarget, Tool::WasmBindgen, Tool::BuildTools];
pub const ALL: &[Tool] = &[
    Tool::WasmTarget,
    Tool::WasmBindgen,
    Tool::BuildTools,
    Tool::WasmPack,
    Tool::Chromium,
    Tool::Firefox,
    Tool::WebKit,
    Tool::TestTools,
    Tool::Servers,
];

/// Where the tests' npm packages are.
const TEST_PACKAGES: [&str; 2] = ["tests/e2e", "tests/clients"];
const WASM_PACK: &str = "0.15.1";

/// Makes sure that these are there.
pub fn ensure(wanted: &[Tool]) -> Result<()> {
    for tool in wanted {
        if tool.is_there()? {
            continue;
        }
        let (what, how_long) = tool.describe()?;
        println!("installing {what} ({how_long}) …");
        let start = Instant::now();
        tool.install().with_context(|| format!("installing {what}"))?;
        if !tool.is_there()? {
            bail!("{what} was installed, and still is not found");
        }
        println!("installed {what} in {:.0} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

impl Tool {
    fn describe(self) -> Result<(String, &'static str)> {
        Ok(match self {
            Tool::WasmTarget => ("Rust's wasm32-unknown-unknown target, by rustup".into(), "about 10 s"),
            Tool::WasmBindgen => {
                (format!("wasm-bindgen {} into target/tools, by cargo", locked_wasm_bindgen()?), "about 4 min")
            }
            Tool::WasmPack => (format!("wasm-pack {WASM_PACK} into target/tools, by cargo"), "about 3 min"),
            Tool::BuildTools => ("binaryen, esbuild and terser into xtask/tools, by npm".into(), "about 10 s"),
            Tool::Chromium => ("Chromium and its driver, by apt".into(), "about 1 min"),
            Tool::Firefox => ("Firefox, by apt".into(), "about 30 s"),
            Tool::WebKit => ("WebKitGTK, its driver and a display for it, by apt".into(), "about 1 min"),
            Tool::TestTools => (
                "browser drivers into tests/e2e, and the clients of the recipes into tests/clients, by npm".into(),
                "about 30 s",
            ),
            Tool::Servers => (
                "oidc-provider and Express into tests/servers by npm, SimpleJWT into target/simplejwt by pip".into(),
                "about 30 s",
            ),
        })
    }

    fn is_there(self) -> Result<bool> {
        Ok(match self {
            Tool::WasmTarget => {
                // Without rustup the target is where the compiler keeps its libraries, or is not.
                let sysroot =
                    output("rustc", &["--print", "sysroot"]).context("there is no rustc: install Rust with rustup")?;
                std::path::Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown").is_dir()
            }
            Tool::WasmBindgen => {
                let version = locked_wasm_bindgen()?;
                ["wasm-bindgen", "wasm-bindgen-test-runner"]
                    .iter()
                    .all(|name| output(name, &["--version"]).is_some_and(|v| is_version(&v, &version)))
            }
            Tool::WasmPack => output("wasm-pack", &["--version"]).is_some_and(|v| is_version(&v, WASM_PACK)),
            Tool::BuildTools => has_packages("xtask/tools")?,
            Tool::Chromium => browser().is_some() && output("chromedriver", &["--version"]).is_some(),
            Tool::Firefox => firefox().is_some(),
            Tool::WebKit => {
                webkit().is_some() && output("sh", &["-c", "command -v WebKitWebDriver && command -v Xvfb"]).is_some()
            }
            Tool::TestTools => {
                for folder in TEST_PACKAGES {
                    if !has_packages(folder)? {
                        return Ok(false);
                    }
                }
                true
            }
            Tool::Servers => has_packages("tests/servers")? && has_python_packages(),
        })
    }

    fn install(self) -> Result<()> {
        match self {
            Tool::WasmTarget => run("rustup", &["target", "add", "wasm32-unknown-unknown"])
                .context("without rustup, install the wasm32-unknown-unknown target as your Rust came"),
            Tool::WasmBindgen => cargo_install("wasm-bindgen-cli", &locked_wasm_bindgen()?),
            Tool::WasmPack => cargo_install("wasm-pack", WASM_PACK),
            Tool::BuildTools => npm_ci("xtask/tools"),
            Tool::TestTools => {
                TEST_PACKAGES.iter().filter(|folder| !has_packages(folder).unwrap_or(false)).try_for_each(|f| npm_ci(f))
            }
            Tool::Servers => {
                npm_ci("tests/servers")?;
                python_packages()
            }
            Tool::Chromium => apt_install("Chromium and its driver", &["chromium", "chromium-driver"]),
            Tool::Firefox => apt_install("Firefox", &["firefox-esr"]),
            Tool::WebKit => apt_install("WebKitGTK and its driver", &["webkit2gtk-driver", "xvfb"]),
        }
    }
}

/// The browser for the tests.
pub fn browser() -> Option<String> {
    first_of(&["chromium", "chromium-browser", "google-chrome"])
}

/// The other browser for the tests.
pub fn firefox() -> Option<String> {
    first_of(&["firefox-esr", "firefox"])
}

/// The third one: Safari's engine.
pub fn webkit() -> Option<String> {
    output("sh", &["-c", "ls /usr/lib/*/webkit2gtk-4.*/MiniBrowser | head -n 1"]).filter(|path| !path.is_empty())
}

fn first_of(programs: &[&str]) -> Option<String> {
    programs
        .iter()
        .find(|name| output(name, &["--version"]).is_some())
        .and_then(|name| output("sh", &["-c", &format!("command -v {name}")]))
}

/// The generated glue and the tool that makes it must be of one version.
fn locked_wasm_bindgen() -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("reading Cargo.lock")?;
    version_in_lock(&lock, "wasm-bindgen").context("Cargo.lock names no version of wasm-bindgen")
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines();
    lines.find(|line| *line == format!("name = \"{package}\""))?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"').map(str::to_owned)
}

fn is_version(printed: &str, version: &str) -> bool {
    printed.split_whitespace().nth(1) == Some(version)
}

fn cargo_install(package: &str, version: &str) -> Result<()> {
    let target = tools();
    let root = target.to_string_lossy();
    let args = ["install", "--quiet", package, "--version", version, "--root", &root];
    // The package's own lock file is preferred, but may name a release that was withdrawn.
    let locked: Vec<&str> = args.iter().copied().chain(["--locked"]).collect();
    run("cargo", &locked).or_else(|_| {
        println!(
            "(the package's own lock file names a release that cannot be had: its dependencies are resolved anew)"
        );
        run("cargo", &args)
    })
}

fn has_packages(folder: &str) -> Result<bool> {
    let folder = root().join(folder);
    let lock = std::fs::metadata(folder.join("package-lock.json"))?.modified()?;
    // npm writes this file at the end of an install; an older one belongs to an older lock.
    Ok(std::fs::metadata(folder.join("node_modules/.package-lock.json"))
        .is_ok_and(|m| m.modified().is_ok_and(|t| t >= lock)))
}

fn npm_ci(folder: &str) -> Result<()> {
    if output("npm", &["--version"]).is_none() {
        bail!("there is no npm: install Node.js 20 or newer (Debian: apt-get install nodejs npm)");
    }
    status(command("npm", &["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(root().join(folder)))
}

/// An environment of its own, so that nothing of the machine's Python is touched.
const PYTHON: &str = "target/simplejwt";

fn has_python_packages() -> bool {
    // What pip freezes is written like the requirements, but for the case of names.
    let Some(there) = output(&format!("{PYTHON}/bin/python"), &["-m", "pip", "freeze"]) else {
        return false;
    };
    let there = there.to_lowercase().replace('_', "-");
    let wanted = std::fs::read_to_string(root().join("tests/servers/requirements.txt")).unwrap_or_default();
    wanted.lines().all(|package| there.lines().any(|line| line == package))
}

fn python_packages() -> Result<()> {
    let venv = || run("python3", &["-m", "venv", "--clear", PYTHON]);
    // Debian has it as a package of its own.
    venv().or_else(|_| apt_install("Python's venv", &["python3-venv"]).and_then(|()| venv()))?;
    let pip = format!("{PYTHON}/bin/python");
    run(
        &pip,
        &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "tests/servers/requirements.txt"],
    )
}

fn apt_install(what: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!("install {what}: sudo apt-get install {}", packages.join(" "));
    if output("apt-get", &["--version"]).is_none() {
        bail!("there is no apt-get here; {by_hand} is what a Debian would do");
    }
    let root = output("id", &["-u"]).as_deref() == Some("0");
    let sudo = !root && output("sudo", &["-n", "true"]).is_some();
    if !root && !sudo {
        bail!("no rights to install; {by_hand}");
    }
    let apt = |args: &[&str]| {
        let all: Vec<&str> = if sudo {
            ["apt-get", "-qq"].iter().chain(args).copied().collect()
        } else {
            ["-qq"].iter().chain(args).copied().collect()
        };
        status(
            command(if sudo { "sudo" } else { "apt-get" }, &all)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .stdout(std::process::Stdio::null()),
        )
    };
    apt(&["update"])?;
    apt(&[&["install", "-y"], packages].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
            [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.9\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.9"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }

    #[test]
    fn a_version_is_compared_whole() {
        assert!(is_version("wasm-bindgen 0.2.9", "0.2.9"));
        assert!(!is_version("wasm-bindgen 0.2.99", "0.2.9"));
        assert!(!is_version("", "0.2.9"));
    }
}
