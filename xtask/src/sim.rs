//! `xtask sim`: the simulator over many seeds, or one seed again with everything it says.

use crate::process;
use std::process::Command;

const USAGE: &str = "sim [--seeds N] [--from S] [--seconds T] [--log] [--wrong]";

/// `--wrong` runs the wrong rules instead of the seeds.
pub fn run(args: &[String]) -> Result<(), String> {
    let mut seeds = "50".to_string();
    let mut from = "1".to_string();
    let mut seconds = "60".to_string();
    let (mut log, mut wrong) = (false, false);
    let mut rest = args.iter();
    while let Some(a) = rest.next() {
        let mut value = || rest.next().cloned().ok_or_else(|| format!("{a} needs a value; {USAGE}"));
        match a.as_str() {
            "--seeds" => seeds = value()?,
            "--from" => from = value()?,
            "--seconds" => seconds = value()?,
            "--log" => log = true,
            "--wrong" => wrong = true,
            other => return Err(format!("unknown option '{other}'; {USAGE}")),
        }
    }
    let test = if wrong { "every_wrong_rule_is_found" } else { "seeds_hold_all_rules" };
    let mut c = Command::new("cargo");
    c.args(["test", "-p", "lipno-tests", "--test", "sim", "--", test, "--nocapture"]);
    c.env("SIM_SEEDS", seeds).env("SIM_FROM", from).env("SIM_SECONDS", seconds);
    if log {
        c.env("SIM_LOG", "1");
    }
    process::check(&mut c)
}
