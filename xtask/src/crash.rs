//! `xtask crash`: kill -9, power cuts, failed syncs and a full disk under load, by tests/crash with a real broker.
//!
//! Power cuts and the full disk need root, loop devices, mkfs.ext4 and mkfs.xfs (Debian: xfsprogs); failed syncs
//! need a C compiler. What cannot run is skipped by name, and fails under CI. Called by `check` and by people.

use crate::process::{check, root, run as call};
use std::process::Command;

/// What `check` runs.
const KILLS: u64 = 10;
const POWER_CUTS: u64 = 5;

const USAGE: &str = "usage: cargo xtask crash [--kills N] [--power-cuts M] [--resume FILE] [--seed S]
      [--stop-after SECONDS] [--no-faults] [--sync-off]
  without numbers: 10 kills and 5 power cuts, as `check` does
  --resume FILE   keeps the counts, so that a long run can be done in parts
  --stop-after    ends this part after so many seconds
  --no-faults     leaves failed syncs and the full disk out
  --sync-off      only shows that power cuts find a broker whose syncs do nothing";

pub fn run(args: &[String]) -> Result<(), String> {
    if args.iter().any(|a| a == "--help" || a == "-h") {
        println!("{USAGE}");
        return Ok(());
    }
    call("cargo", &["build", "--workspace", "--bin", "lipno", "--bin", "crash"])?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let mut c = Command::new(target.join("debug/crash"));
    c.arg("--broker").arg(target.join("debug/lipno")).arg("--dir").arg(target.join("crash"));
    c.args(harness_args(args));
    check(&mut c)
}

/// The harness's arguments for ours: each part is on unless something narrower was asked for.
fn harness_args(args: &[String]) -> Vec<String> {
    let given = |name: &str| args.iter().any(|a| a == name);
    let mut out: Vec<String> = args.iter().filter(|a| *a != "--no-faults").cloned().collect();
    if given("--sync-off") {
        return out;
    }
    if !given("--kills") && !given("--power-cuts") {
        out.extend(["--kills".into(), KILLS.to_string(), "--power-cuts".into(), POWER_CUTS.to_string()]);
    }
    if given("--power-cuts") || !given("--kills") {
        out.push("--sync-off".into());
    }
    if !given("--no-faults") {
        out.push("--faults".into());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(args: &[&str]) -> String {
        harness_args(&args.iter().map(ToString::to_string).collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn everything_unless_narrowed() {
        assert_eq!(of(&[]), "--kills 10 --power-cuts 5 --sync-off --faults");
        assert_eq!(of(&["--sync-off"]), "--sync-off");
        assert_eq!(of(&["--kills", "3", "--no-faults"]), "--kills 3");
        assert_eq!(of(&["--power-cuts", "3"]), "--power-cuts 3 --sync-off --faults");
    }
}
