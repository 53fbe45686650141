//! The counting allocator: the system's, with two counters and, if asked, backtraces of a sample.
//!
//! Invariant: counting itself allocates nothing; a trace does, but on a thread that is marked and not counted then.
//! Used by the allocation test only.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Blocks of this size and more are read buffers.
pub const READ_BUFFER: usize = 16 * 1024;

pub struct Counting;

pub struct Counts {
    small: AtomicU64,
    buffers: AtomicU64,
}

#[derive(Clone, Copy)]
pub struct Read {
    pub small: u64,
    pub buffers: u64,
}

pub static COUNTS: Counts = Counts { small: AtomicU64::new(0), buffers: AtomicU64::new(0) };
static TRACING: AtomicBool = AtomicBool::new(false);
static TRACES: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

thread_local! {
    static IN_TRACE: Cell<bool> = const { Cell::new(false) };
}

impl Counts {
    pub fn read(&self) -> Read {
        Read { small: self.small.load(Ordering::Relaxed), buffers: self.buffers.load(Ordering::Relaxed) }
    }

    fn note(&self, size: usize) {
        // A thread that is ending has no locals any more; what it allocates is counted.
        if IN_TRACE.try_with(Cell::get).unwrap_or(false) {
            return;
        }
        if size >= READ_BUFFER {
            self.buffers.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let n = self.small.fetch_add(1, Ordering::Relaxed);
        if TRACING.load(Ordering::Relaxed) {
            sample(n, size);
        }
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNTS.note(layout.size());
        // SAFETY: the caller's promises are ours to the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNTS.note(size);
        // SAFETY: as above.
        unsafe { System.realloc(ptr, layout, size) }
    }
}

/// Every how many allocations a trace is taken; 0: never.
fn every() -> u64 {
    std::env::var("LIPNO_ALLOC_TRACE").ok().and_then(|v| v.parse().ok()).unwrap_or(0)
}

/// Switches traces on, if the environment asks for them.
pub fn trace(on: bool) {
    TRACING.store(on && every() > 0, Ordering::Relaxed);
}

fn sample(n: u64, size: usize) {
    IN_TRACE.with(|t| t.set(true));
    let every = every();
    if every > 0 && n.is_multiple_of(every) {
        let key = format!("{size} bytes at {}", frames(&Backtrace::force_capture().to_string()));
        if let Ok(mut t) = TRACES.lock() {
            *t.entry(key).or_default() += 1;
        }
    }
    IN_TRACE.with(|t| t.set(false));
}

/// The first places of a backtrace that lie in this project.
fn frames(trace: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let root = root.trim_end_matches("tests/");
    let places = trace.lines().filter_map(|l| l.trim().strip_prefix("at ")?.strip_prefix(root));
    let ours: Vec<&str> = places.filter(|p| !p.starts_with("tests/")).take(3).collect();
    if ours.is_empty() { "a place outside the project".into() } else { ours.join(" < ") }
}

/// Where the sampled allocations came from, most frequent first.
pub fn print_traces(requests: usize) {
    IN_TRACE.with(|t| t.set(true));
    if let Ok(mut traces) = TRACES.lock() {
        let mut all: Vec<(String, u64)> = std::mem::take(&mut *traces).into_iter().collect();
        all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        for (place, n) in all.iter().take(25) {
            println!("  {:.3} a request: {place}", (n * every()) as f64 / requests as f64);
        }
    }
    IN_TRACE.with(|t| t.set(false));
}
