//! A log dir on a disk that tears, reorders, shortens, fills up, rots and lies, against a model in memory.
//!
//! Every case is a list of operations on two logs of one dir. What must hold: whatever was reported durable is there
//! after any crash; whatever is there is a prefix of what was appended; nobody reads past the published end; damage
//! below the recovery point is an error, never a silently shorter log. The same operations, without the faults, run
//! on the real disk. `LIPNO_SEED` and `LIPNO_CASES` choose what is run; a failure prints its smallest case.

mod keeper;
mod metadata;
mod model;
mod named;
mod ops;
mod world;

use lipno_tests::disk::SimDisk;
use ops::Op;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use storage::RealDisk;
use storage::wrong::Rule;
use world::World;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Runs that many cases; the error shows the smallest one that fails.
fn search(
    seed: u64,
    cases: u64,
    max_shrink_iters: u32,
    op: impl Strategy<Value = Op>,
    len: usize,
    one: impl Fn(u64, &[Op]),
) -> Result<(), String> {
    let config = Config {
        cases: cases as u32,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters,
        ..Config::default()
    };
    let all = (any::<u64>(), proptest::collection::vec(op, 1..len));
    let done = TestRunner::new(config).run(&all, |(seed, ops)| {
        one(seed, &ops);
        Ok(())
    });
    done.map_err(|e| e.to_string())
}

fn run(what: &str, cases: u64, op: impl Strategy<Value = Op>, len: usize, one: impl Fn(u64, &[Op])) {
    let (seed, cases) = (number("LIPNO_SEED", 1), number("LIPNO_CASES", cases));
    println!("{what}: LIPNO_SEED={seed} LIPNO_CASES={cases}");
    if let Err(e) = search(seed, cases, 2_000, op, len, one) {
        panic!("{what}: LIPNO_SEED={seed}: {e}");
    }
}

fn on_faulty_disk(seed: u64, ops: &[Op]) {
    let disk = SimDisk::new(seed);
    let mut w = World::start(Arc::new(disk), PathBuf::from("/logs"), seed);
    ops.iter().for_each(|op| w.apply(op));
    w.finish();
}

#[test]
fn a_faulty_disk() {
    run("faulty disk", 3000, ops::any_op(), 60, on_faulty_disk);
}

#[test]
fn crashes_and_nothing_else() {
    run("crashes", 3000, ops::op_with_crashes(), 80, on_faulty_disk);
}

#[test]
fn the_real_disk() {
    run("real disk", 12, ops::op_without_faults(), 60, |seed, ops| {
        let temp = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
        let dir = temp.path().join("logs");
        let mut w = World::start(Arc::new(RealDisk), dir, seed);
        ops.iter().for_each(|op| w.apply(op));
        w.finish();
    });
}

/// A suite that finds nothing when the log is wrong proves nothing.
#[test]
fn wrong_rules_are_found() {
    const RULES: [Rule; 4] =
        [Rule::ShortWriteTrusted, Rule::StaleTail, Rule::TailUnsynced, Rule::IndexTrusted];
    for rule in RULES {
        storage::wrong::set(Some(rule), None);
        let found = search(1, 3000, 0, ops::any_op(), 60, on_faulty_disk);
        storage::wrong::set(None, None);
        assert!(found.is_err(), "{rule:?} was not found");
    }
}
