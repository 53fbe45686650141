//! `xtask check`: the whole gate, read-only. `xtask fix` is its writing half.
//!
//! Steps run in order and all of them run, so that one failure does not hide another; the last line counts them.
//! Everything is built once, in the dev profile with the same flags. Long parts stop by themselves at a bound. A
//! step whose toolchain is missing is skipped by name on a person's machine and fails when `CI=true`.

use crate::process::{self, has, is_ci};
use crate::{conform, crash, generated};
use std::process::Command;
use std::time::Instant;

/// Crates of which a second copy must not come into the build.
const SINGLE: &[&str] = &["arrow-array", "arrow-schema", "parquet", "object_store", "rustls"];

pub fn fix() -> Result<(), String> {
    generated::run(false)?;
    process::run("cargo", &["fmt", "--all"])
}

/// What a step needs besides cargo.
fn missing(needs: &[&'static str]) -> Vec<&'static str> {
    needs.iter().copied().filter(|p| !has(p)).collect()
}

#[derive(Default)]
struct Gate {
    passed: u32,
    failed: Vec<String>,
    skipped: Vec<String>,
}

impl Gate {
    fn step(&mut self, name: &str, needs: &[&'static str], run: impl FnOnce() -> Result<(), String>) {
        println!("\n== {name}");
        let absent = missing(needs);
        if !absent.is_empty() {
            let why = format!("{name}: not installed: {}", absent.join(", "));
            if is_ci() {
                eprintln!("FAILED {why}");
                self.failed.push(why);
            } else {
                println!("SKIPPED {why}");
                self.skipped.push(why);
            }
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "a report of how long a step took")]
        let began = Instant::now();
        let result = run();
        let seconds = began.elapsed().as_secs();
        match result {
            Ok(()) => {
                println!("== {name}: ok, {seconds} s");
                self.passed += 1;
            }
            Err(e) => {
                eprintln!("FAILED {name} after {seconds} s: {e}");
                self.failed.push(name.to_string());
            }
        }
    }

    fn end(self) -> Result<(), String> {
        println!();
        self.skipped.iter().for_each(|s| println!("skipped: {s}"));
        self.failed.iter().for_each(|s| println!("failed: {s}"));
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped.len());
        if self.failed.is_empty() { Ok(()) } else { Err("the gate is closed".into()) }
    }
}

fn single_copies() -> Result<(), String> {
    let tree = process::output(
        "cargo",
        &[
            "tree",
            "--workspace",
            "--locked",
            "--edges",
            "normal,build,dev",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ],
    )?;
    let mut twice = Vec::new();
    for name in SINGLE {
        let mut versions: Vec<&str> =
            tree.lines().filter_map(|l| l.strip_prefix(name)?.strip_prefix(' ')).collect();
        versions.sort_unstable();
        versions.dedup_by_key(|v| v.split(' ').next().unwrap_or_default());
        if versions.len() > 1 {
            twice.push(format!("{name}: {}", versions.join(", ")));
        }
    }
    if twice.is_empty() { Ok(()) } else { Err(format!("two versions in one build: {}", twice.join("; "))) }
}

fn cargo(args: &[&str]) -> Result<(), String> {
    process::check(Command::new("cargo").args(args))
}

pub fn run(_args: &[String]) -> Result<(), String> {
    let mut gate = Gate::default();
    gate.step("format", &["rustfmt"], || cargo(&["fmt", "--all", "--check"]));
    gate.step("generated code is up to date", &["rustfmt"], || generated::run(true));
    gate.step("one copy of arrow, parquet, object_store, rustls", &[], single_copies);
    gate.step("build", &[], || cargo(&["build", "--workspace", "--all-targets", "--locked"]));
    gate.step("clippy", &["cargo-clippy"], || {
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"])
    });
    gate.step("tests", &[], || cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]));
    gate.step("crashes: 10 kills, 5 power cuts", &[], || {
        crash::run(&["--kills", "10", "--power-cuts", "5"].map(String::from))
    });
    gate.step("real clients", &["python3"], || conform::run(&[]));
    gate.end()
}
