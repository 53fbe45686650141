//! `xtask sim`: the simulator over many seeds, or one seed again with everything it says.

use crate::process;
use std::process::Command;

const USAGE: &str = "sim [--seeds N] [--from S] [--seconds T] [--log] [--wrong RULE|all]";

/// `--wrong all` looks how many seeds each wrong rule needs; `--wrong RULE` runs the seeds with that rule.
pub fn run(args: &[String]) -> Result<(), String> {
    let mut c = Command::new("cargo");
    c.args(["test", "--quiet", "-p", "lipno-tests", "--test", "sim", "--"]);
    let mut test = "seeds_hold_all_rules";
    let mut rest = args.iter();
    while let Some(a) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{a} needs a value; {USAGE}"));
        match a.as_str() {
            "--seeds" => drop(c.env("SIM_SEEDS", number(value()?)?)),
            "--from" => drop(c.env("SIM_FROM", number(value()?)?)),
            "--seconds" => drop(c.env("SIM_SECONDS", number(value()?)?)),
            "--log" => drop(c.env("SIM_LOG", "1")),
            "--wrong" => match value()?.as_str() {
                "all" => test = "every_wrong_rule_is_found",
                rule => drop(c.env("SIM_WRONG", rule)),
            },
            other => return Err(format!("unknown option '{other}'; {USAGE}")),
        }
    }
    process::check(c.args([test, "--exact", "--nocapture"]))
}

fn number(text: &str) -> Result<String, String> {
    text.parse::<u64>().map(|n| n.to_string()).map_err(|_| format!("'{text}' is not a number; {USAGE}"))
}
