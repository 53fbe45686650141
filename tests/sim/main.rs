//! The simulator: one seed is one run of a broker and its clients in virtual time, with everything that can go wrong
//! going wrong, and every rule checked after every event. docs/TESTING.md says how to use it.

mod admin;
mod clients;
mod faults;
mod groups;
mod members;
mod model;
mod node;
mod options;
mod world;

use admin::Admin;
use clients::{Client, Producer, Reader, Trimmer};
use members::Member;
use options::{ALL, DATA, Options, SECOND};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use storage::wrong::{self, Rule};
use world::{Answer, Event, World};

/// What a run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    trace: u64,
    events: u64,
    batches: usize,
    lives: u64,
}

fn clients() -> Vec<Box<dyn Client>> {
    let mut all: Vec<Box<dyn Client>> = Vec::new();
    for part in 0..DATA {
        all.push(Box::new(Producer::new(all.len(), part, true, -1)));
        all.push(Box::new(Producer::new(all.len(), part, false, [1, 0, -1, -1][part])));
        all.push(Box::new(Reader::new(all.len(), part)));
    }
    all.push(Box::new(Producer::new(all.len(), 0, true, -1)));
    all.push(Box::new(Producer::new(all.len(), 1, true, 1)));
    all.push(Box::new(Trimmer::new(all.len())));
    (0..2).for_each(|_| all.push(Box::new(Admin::new(all.len()))));
    for i in 0..3 {
        all.push(Box::new(Member::new(all.len(), 0, i == 0)));
        all.push(Box::new(Member::new(all.len(), 1, i == 2)));
    }
    all
}

/// Runs one seed for so many virtual seconds, then heals everything and judges.
fn simulate(seed: u64, seconds: u64, is_verbose: bool) -> Result<Report, String> {
    simulate_with(clients(), seed, seconds, is_verbose)
}

fn simulate_with(
    clients: Vec<Box<dyn Client>>,
    seed: u64,
    seconds: u64,
    is_verbose: bool,
) -> Result<Report, String> {
    let w = World::new(Options::new(seed, seconds * SECOND), clients, is_verbose);
    world::enter(&w, || run(&w)).map_err(|why| {
        format!(
            "seed {seed}: {why}\n  options: {:?}\n  replay: cargo xtask sim --seeds 1 --from {seed} --seconds {seconds} --log",
            w.options
        )
    })
}

fn run(w: &Rc<World>) -> Result<Report, String> {
    let judged = |w: &World| w.failure().map_or(Ok(()), Err);
    w.start_faults();
    w.start_clients();
    w.run(w.now_us() + w.options.run_us);
    judged(w)?;
    w.heal();
    w.run(w.now_us() + 90 * SECOND);
    judged(w)?;
    if let Some(what) = w.unsettled() {
        return Err(format!("everything is whole again, but {what}"));
    }
    // What was reached by now must be there after one more power cut.
    w.stop.set(false);
    w.disk.borrow().stop();
    w.go_down();
    w.run(w.now_us() + 2 * SECOND);
    judged(w)?;
    let node = w.node.borrow().clone().ok_or("the broker does not come back")?;
    let starts: Vec<i64> = (0..ALL).map(|p| node.parts[p].ends().log_start).collect();
    w.model.borrow().check_history(&starts)?;
    for (path, len) in node.disk.files() {
        let content = node.disk.content(&path).unwrap_or_default();
        w.note(&[len, crc32c(&content)]);
    }
    let batches = w.model.borrow().batches();
    Ok(Report { trace: w.trace(), events: w.events(), batches, lives: w.incarnations.get() })
}

fn crc32c(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Real time after which a run that has not ended stands still: a lock that nobody lets go. One takes about a second.
const STUCK: Duration = Duration::from_secs(100);

/// Does the jobs on all cores; what they give, in their order. One that never ends is a failure with its name.
fn on_all_cores<J, R>(jobs: Vec<J>, work: fn(&J) -> R) -> Vec<R>
where
    J: Debug + Send + Sync + 'static,
    R: Send + 'static,
{
    let n = jobs.len();
    let jobs = Arc::new(jobs);
    let next = Arc::new(AtomicUsize::new(0));
    let (ends, ended) = mpsc::channel();
    for _ in 0..thread::available_parallelism().map_or(1, |n| n.get()).min(n) {
        let (jobs, next, ends) = (jobs.clone(), next.clone(), ends.clone());
        thread::spawn(move || {
            while let Some((i, job)) =
                Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, jobs.get(i)?)))
            {
                if ends.send((i, work(job))).is_err() {
                    return;
                }
            }
        });
    }
    drop(ends);
    let mut done = BTreeMap::new();
    while done.len() < n {
        match ended.recv_timeout(STUCK) {
            Ok((i, r)) => drop(done.insert(i, r)),
            Err(e) => {
                let started = next.load(Ordering::Relaxed).min(n);
                let running: Vec<&J> =
                    (0..started).filter(|i| !done.contains_key(i)).map(|i| &jobs[i]).collect();
                panic!("{running:?} did not end: {e}");
            }
        }
    }
    done.into_values().collect()
}

/// Runs seeds; what went wrong, in their order.
fn run_seeds(from: u64, n: u64) -> Vec<String> {
    let ended = on_all_cores((from..from + n).collect(), |seed| {
        let name = std::env::var("SIM_WRONG").unwrap_or_default();
        wrong::set(Rule::ALL.into_iter().find(|r| format!("{r:?}") == name), Some(World::gap));
        let r = simulate(*seed, setting("SIM_SECONDS", 60), setting("SIM_LOG", 0) > 0);
        if setting("SIM_REPORT", 0) > 0 {
            println!("seed {seed}: {r:?}");
        }
        r.err()
    });
    ended.into_iter().flatten().collect()
}

#[test]
fn seeds_hold_all_rules() {
    let (from, n) = (setting("SIM_FROM", 1), setting("SIM_SEEDS", 50));
    let failures = run_seeds(from, n);
    assert!(failures.is_empty(), "{} of {n} seeds failed:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn a_seed_gives_the_same_run_twice() {
    for seed in [3, 4] {
        let first = simulate(seed, 10, false).unwrap();
        assert_eq!(first, simulate(seed, 10, false).unwrap(), "seed {seed}");
        assert!(first.lives > 1 && first.batches > 100, "{first:?}");
    }
    assert_ne!(simulate(3, 10, false), simulate(4, 10, false));
}

/// A client whose timer rings at once, again and again.
struct Spinner;

impl Client for Spinner {
    fn start(&mut self, w: &World) {
        w.after(0, Event::Timer { client: 0, what: 0 });
    }
    fn on_timer(&mut self, w: &World, _what: u64) {
        self.start(w);
    }
    fn on_answer(&mut self, _w: &World, _number: u64, _answer: Answer) {}
    fn unsettled(&self, _w: &World) -> Option<String> {
        None
    }
}

#[test]
fn a_run_that_turns_in_circles_is_a_failure_with_its_seed() {
    let why = simulate_with(vec![Box::new(Spinner)], 5, 60, false).unwrap_err();
    assert!(why.contains("a livelock") && why.contains("--seeds 1 --from 5"), "{why}");
}

/// Seeds that each wrong rule gets at most; docs/TESTING.md has how many each needs.
const WRONG_SEEDS: u64 = 60;
const WRONG_SECONDS: u64 = 20;

/// The first seed that finds the rule, and what it says.
fn find(rule: Rule) -> Option<(u64, String)> {
    wrong::set(Some(rule), Some(World::gap));
    let mut seeds = 1..=setting("SIM_WRONG_SEEDS", WRONG_SEEDS);
    let found = seeds.find_map(|seed| Some((seed, simulate(seed, WRONG_SECONDS, false).err()?)));
    wrong::set(None, None);
    found
}

#[test]
fn every_wrong_rule_is_found() {
    let found = on_all_cores(Rule::ALL.to_vec(), |rule| (*rule, find(*rule)));
    let mut missed = Vec::new();
    for (rule, found) in found {
        match found {
            Some((seed, why)) => {
                println!("{rule:?}: {seed} seeds: {}", why.lines().next().unwrap_or_default())
            }
            None => missed.push(rule),
        }
    }
    assert!(missed.is_empty(), "not found within {WRONG_SEEDS} seeds: {missed:?}");
}
