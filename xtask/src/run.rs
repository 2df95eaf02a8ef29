//! Running other programs from the repository's root.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use auth_server::repository;

/// The repository's root: see [`repository::find`].
pub fn root() -> PathBuf {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    // `main` has refused to start where there is none.
    ROOT.get_or_init(|| repository::find().unwrap_or_default()).clone()
}

/// Where tools are installed that the machine does not have.
pub fn tools() -> PathBuf {
    root().join("target/tools")
}

/// A command at the root, with the installed tools before the machine's own.
pub fn command(program: &str, args: &[&str]) -> Command {
    let mut path = vec![tools().join("bin")];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    if let Ok(path) = std::env::join_paths(path) {
        command.env("PATH", path);
    }
    command
}

pub fn run(program: &str, args: &[&str]) -> Result<()> {
    status(&mut command(program, args))
}

/// Runs the command to its end; an exit code other than 0 is an error that names the command.
pub fn status(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// What the program prints on standard output, or `None` if it is missing or fails.
pub fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = command(program, args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn show(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
