//! `cargo xtask <task>`: the only task runner. One file per task; each says what it runs and what it needs.

mod bench;
mod check;
mod compare;
mod conform;
mod crash;
mod generated;
mod process;
mod sim;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask <task>
  check               everything CI runs; changes nothing
  fix                 formats, regenerates
  gen [--check]       writes the generated messages, or compares them
  sim --seeds N --from S
                      the simulator over many seeds
  conform [--full]    real clients and tools against a broker
  crash --kills N --power-cuts M [--resume FILE]
                      kill -9 and power cuts under load
  bench [OPTIONS]     load on one broker; `bench --help` lists them
  compare [OPTIONS]   the same load on Apache Kafka, side by side
  bench-lake [--beside] [--full] [--out FOLDER]
                      how fresh the lake is, and what it costs";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = args.split_first().map_or(("help", &[][..]), |(t, r)| (t.as_str(), r));
    let result = match task {
        "check" => check::run(rest),
        "fix" => check::fix(),
        "gen" => generated::run(rest.first().is_some_and(|a| a == "--check")),
        "sim" => sim::run(rest),
        "conform" => conform::run(rest),
        "crash" => crash::run(rest),
        "bench" => bench::run(rest),
        "compare" => compare::run(rest),
        "bench-lake" => conform::bench_lake(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("unknown task '{other}'\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}
