//! Mutated input against everything that reads foreign bytes: no panic, no more memory than the input allows.
//!
//! The same inputs in every run unless FUZZ_SEED is set; FUZZ_TIMES=10 runs ten times as many. A failing input is
//! written to the build's tmp folder; `FUZZ_REPLAY=<file> cargo test -p lipno-tests --test fuzz replay` runs it
//! again. Files in `corpus/` have the same form and are run first: put a failure there when it is fixed.

mod allocator;
mod files;
mod mutate;
mod records;
mod wire;

use lipno_tests::wire::files::{hex, unhex};
use lipno_tests::wire::rng::Rng;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

pub struct Input {
    /// What the bytes are read as, where a target reads several things.
    pub label: String,
    pub bytes: Vec<u8>,
}

pub struct Target {
    pub name: &'static str,
    pub executions: u64,
    /// Makes the input of one execution.
    pub make: fn(&mut Rng) -> Input,
    /// Reads it; an error is a finding, a refusal of the bytes is not.
    pub run: fn(&Input) -> Result<(), String>,
}

fn targets() -> Vec<Target> {
    [wire::targets(), records::targets(), files::targets()].into_iter().flatten().collect()
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |v| v.parse().unwrap_or_else(|_| panic!("{name}={v} is no number")))
}

fn run_one(t: &Target, input: &Input) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| (t.run)(input))).unwrap_or_else(|p| {
        let text = p.downcast_ref::<String>().cloned();
        Err(text.or_else(|| p.downcast_ref::<&str>().map(|s| s.to_string())).unwrap_or("panic".into()))
    })
}

/// Writes a failing input where `replay` finds it.
fn keep(t: &Target, input: &Input) -> PathBuf {
    let mut text = format!("# {}\n# {}\n", t.name, input.label);
    for line in input.bytes.chunks(32) {
        let _ = writeln!(text, "{}", hex(line));
    }
    let sum = input.bytes.iter().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(*b)));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}-{sum:016x}.hex", t.name));
    std::fs::write(&file, text).unwrap();
    file
}

fn load(file: &Path) -> (String, Input) {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut lines = text.lines();
    let mut head = || lines.next().and_then(|l| l.strip_prefix("# ")).expect("two comment lines").to_string();
    let (target, label) = (head(), head());
    (target, Input { label, bytes: unhex(&lines.collect::<String>()) })
}

fn replay_file(file: &Path) -> Result<(), String> {
    let (name, input) = load(file);
    let all = targets();
    let t = all.iter().find(|t| t.name == name).unwrap_or_else(|| panic!("no target {name}"));
    run_one(t, &input).map_err(|e| format!("{}: {e}", file.display()))
}

fn fuzz(name: &str) {
    let all = targets();
    let t = all.iter().find(|t| t.name == name).unwrap();
    let seed = number("FUZZ_SEED", 1);
    let n = t.executions * number("FUZZ_TIMES", 1);
    println!("{name}: seed {seed}, {n} executions");
    let mut rng = Rng::new(seed.wrapping_mul(0x1_0001) ^ name.len() as u64);
    for i in 0..n {
        let input = (t.make)(&mut rng);
        if let Err(e) = run_one(t, &input) {
            let file = keep(t, &input);
            panic!(
                "{name} ({}), execution {i} of seed {seed}: {e}\nFUZZ_REPLAY={}",
                input.label,
                file.display()
            );
        }
    }
}

macro_rules! fuzz_tests {
    ($($name:ident)*) => {
        $(#[test] fn $name() { fuzz(stringify!($name)); })*
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

fuzz_tests! { requests responses log_records headers frames varints blobs batches codecs record_walk log_dirs configs }

#[test]
fn every_target_is_run_and_often_enough() {
    let all = targets();
    let names: Vec<&str> = all.iter().map(|t| t.name).collect();
    assert_eq!(names.iter().filter(|n| !TESTED.contains(n)).count(), 0, "{names:?}");
    let total: u64 = all.iter().map(|t| t.executions).sum();
    println!("{total} executions");
    assert!(total >= 200_000, "{total}");
}

#[test]
fn corpus() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.retain(|f| f.extension().is_some_and(|e| e == "hex"));
    assert!(!files.is_empty());
    let bad: Vec<String> = files.iter().filter_map(|f| replay_file(f).err()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn replay() {
    if let Ok(file) = std::env::var("FUZZ_REPLAY") {
        replay_file(Path::new(&file)).unwrap();
    }
}
