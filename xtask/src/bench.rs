//! `xtask bench`: load on one broker over a real socket. Builds the broker and the load generator for release and
//! hands all options to the latter; without any it runs the benchmark's rows on a fresh Lipno.
//!
//! Called by the command line; `compare` shares `load`.

use crate::process::{check, root};
use std::process::Command;

/// Builds, then runs `benches`' load generator. `typed` is what the report says was called.
pub fn load(typed: &str, mode: &[&str], args: &[String]) -> Result<(), String> {
    check(Command::new("cargo").args([
        "build",
        "--release",
        "--package",
        "lipno",
        "--package",
        "lipno-benches",
    ]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let mut command = Command::new(target.join("release/load"));
    let command_line = format!("cargo xtask {typed} {}", args.join(" "));
    check(command.args(mode).args(args).env("LIPNO_COMMAND", command_line.trim()))
}

pub fn run(args: &[String]) -> Result<(), String> {
    load("bench", &[], args)
}
