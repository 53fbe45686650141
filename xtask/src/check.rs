//! `xtask check`: the whole gate, read-only. `xtask fix` is its writing half.

use crate::process::run as call;
use crate::{generated, process};

pub fn fix() -> Result<(), String> {
    generated::run(false)?;
    call("cargo", &["fmt", "--all"])
}

pub fn run(_args: &[String]) -> Result<(), String> {
    call("cargo", &["fmt", "--all", "--check"])?;
    generated::run(true)?;
    call("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    call("cargo", &["test", "--workspace"])?;
    let _ = process::is_ci();
    Ok(())
}
