//! Running other programs: where the project is, cargo calls, exit codes as errors. Used by every task.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Where tasks keep what they install: `LIPNO_CACHE`, or `target/cache`.
pub fn cache() -> PathBuf {
    std::env::var_os("LIPNO_CACHE").map_or_else(|| root().join("target/cache"), PathBuf::from)
}

/// True where a missing toolchain is a failure instead of a skip.
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|v| v == "true" || v == "1")
}

/// True if `program` is on the PATH.
pub fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|d| d.join(program).is_file())
}

/// Runs a command in the project's root with its output shown.
pub fn run(program: &str, args: &[&str]) -> Result<(), String> {
    check(Command::new(program).args(args))
}

/// Runs a prepared command in the project's root; a non-zero exit is an error that names it.
pub fn check(command: &mut Command) -> Result<(), String> {
    let shown = format!("{command:?}");
    let status =
        command.current_dir(root()).stdin(Stdio::null()).status().map_err(|e| format!("{shown}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{shown}: {status}")) }
}

/// The standard output of a command.
pub fn output(program: &str, args: &[&str]) -> Result<String, String> {
    let out = Command::new(program)
        .args(args)
        .current_dir(root())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("{program}: {e}"))?;
    if !out.status.success() {
        return Err(format!("{program} {}: {}", args.join(" "), out.status));
    }
    String::from_utf8(out.stdout).map_err(|e| e.to_string())
}
