//! A log dir on a disk that tears, reorders, shortens, fills up, rots and lies, against a model in memory.
//!
//! Every case is a list of operations on two logs of one dir. What must hold: whatever was reported durable is there
//! after any crash; whatever is there is a prefix of what was appended; nobody reads past the published end; damage
//! below the recovery point is an error, never a silently shorter log. The same operations, without the faults, run
//! on the real disk. `LIPNO_SEED` and `LIPNO_CASES` choose what is run; a failure prints its smallest case.

mod keeper;
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
use world::World;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn run(what: &str, cases: u64, op: impl Strategy<Value = Op>, len: usize, one: impl Fn(u64, &[Op])) {
    let (seed, cases) = (number("LIPNO_SEED", 1), number("LIPNO_CASES", cases));
    println!("{what}: LIPNO_SEED={seed} LIPNO_CASES={cases}");
    let config = Config {
        cases: cases as u32,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let all = (any::<u64>(), proptest::collection::vec(op, 1..len));
    let done = TestRunner::new(config).run(&all, |(seed, ops)| {
        one(seed, &ops);
        Ok(())
    });
    if let Err(e) = done {
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
    run("faulty disk", 600, ops::any_op(), 60, on_faulty_disk);
}

#[test]
fn crashes_and_nothing_else() {
    run("crashes", 600, ops::op_with_crashes(), 80, on_faulty_disk);
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
