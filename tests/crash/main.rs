//! `crash`: real brokers, real deaths. kill -9, power cuts, failed syncs, a full disk; run by `cargo xtask crash`.
//!
//! Invariants: what was acknowledged is there after any death, nothing is there twice, nothing that was read
//! changes, committed offsets never go back (`model` has the whole list). Everything made is removed again, unless
//! a failure needs it.

mod client;
mod disk;
mod faults;
mod lake;
mod load;
mod model;
mod process;
mod progress;
mod rng;
mod rounds;
mod value;
mod verify;
mod wait;
mod world;

use progress::Progress;
use rounds::Harness;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "crash --broker PROGRAM --dir DIR [--kills N] [--power-cuts M] [--faults] [--sync-off]
      [--resume FILE] [--stop-after SECONDS] [--seed S]
  --kills N        kill -9 under load until N rounds are done
  --power-cuts M   power cuts until M are done, ext4 and XFS in turn
  --faults         failed syncs and a full disk
  --sync-off       power cuts of a broker whose syncs do nothing: loss must be found
  --resume FILE    counts of earlier runs; goes on from there and keeps them up to date
  --stop-after S   ends in good order after S seconds, for a run in parts";

#[derive(Default)]
struct Args {
    broker: PathBuf,
    dir: PathBuf,
    kills: u64,
    power_cuts: u64,
    faults: bool,
    sync_off: bool,
    resume: Option<PathBuf>,
    stop_after: Option<Duration>,
    seed: u64,
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
    let mut a = Args { seed: 1, ..Args::default() };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n{USAGE}"));
        let number = |v: String| v.parse::<u64>().map_err(|_| format!("{word} {v}: not a number"));
        match word.as_str() {
            "--broker" => a.broker = value()?.into(),
            "--dir" => a.dir = value()?.into(),
            "--kills" => a.kills = number(value()?)?,
            "--power-cuts" => a.power_cuts = number(value()?)?,
            "--faults" => a.faults = true,
            "--sync-off" => a.sync_off = true,
            "--resume" => a.resume = Some(value()?.into()),
            "--stop-after" => a.stop_after = Some(Duration::from_secs(number(value()?)?)),
            "--seed" => a.seed = number(value()?)?,
            other => return Err(format!("unknown option {other}\n{USAGE}")),
        }
    }
    if a.broker.as_os_str().is_empty() || a.dir.as_os_str().is_empty() {
        return Err(USAGE.into());
    }
    Ok(a)
}

/// Says that a part cannot run here; under CI that is a failure.
fn skip(what: &str, why: &str) -> Result<(), String> {
    if std::env::var("CI").is_ok_and(|v| v == "true" || v == "1") {
        return Err(format!("{what}: {why}; under CI this must run"));
    }
    println!("SKIPPED {what}: {why}");
    Ok(())
}

fn run(a: &Args) -> Result<(), String> {
    std::fs::create_dir_all(&a.dir).map_err(|e| format!("{}: {e}", a.dir.display()))?;
    let dir = a.dir.canonicalize().map_err(|e| format!("{}: {e}", a.dir.display()))?;
    let missing = disk::missing();
    if missing.is_none() {
        disk::sweep(&dir)?;
    }
    wait::listen_for_signals()?;
    let began = wait::now();
    let more = || a.stop_after.is_none_or(|s| began.elapsed() < s) && !wait::interrupted();
    let mut progress = Progress::open(a.resume.as_deref())?;
    let h = Harness { program: a.broker.clone(), dir: dir.clone(), seed: a.seed };
    if a.kills > 0 {
        h.kills(a.kills, &mut progress, &more)?;
    }
    match &missing {
        Some(why) if a.power_cuts > 0 || a.sync_off => skip("power cuts", why)?,
        Some(_) => {}
        None => {
            if a.sync_off && more() {
                h.sync_off(5)?;
            }
            if a.power_cuts > 0 {
                h.power_cuts(a.power_cuts, &mut progress, &more)?;
            }
        }
    }
    if a.faults && more() {
        match faults::shim(&dir)? {
            Some(shim) => faults::failed_syncs(&a.broker, &dir, &shim, a.seed)?,
            None => skip("failed syncs", "no C compiler")?,
        }
        match &missing {
            Some(why) => skip("full disk", why)?,
            None => faults::full_disk(&a.broker, &dir, a.seed)?,
        }
    }
    wait::check_interrupt()?;
    println!("{} s; {}", began.elapsed().as_secs(), progress.summary());
    Ok(())
}

fn main() -> ExitCode {
    let result = parse(std::env::args().skip(1)).and_then(|a| run(&a));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("crash: {e}");
            ExitCode::FAILURE
        }
    }
}
