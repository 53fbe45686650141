//! An allocator that counts live bytes, so that a case can bound what the broker held at its worst moment.
//!
//! Client and broker share the process: a bound covers both.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn grew(n: usize) {
    let now = LIVE.fetch_add(n, Relaxed) + n;
    PEAK.fetch_max(now, Relaxed);
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let p = unsafe { System.alloc(layout) };
        if !p.is_null() {
            grew(layout.size());
        }
        p
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let p = unsafe { System.alloc_zeroed(layout) };
        if !p.is_null() {
            grew(layout.size());
        }
        p
    }
    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        unsafe { System.dealloc(p, layout) };
        LIVE.fetch_sub(layout.size(), Relaxed);
    }
    unsafe fn realloc(&self, p: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        let q = unsafe { System.realloc(p, layout, new) };
        if !q.is_null() {
            if new > layout.size() {
                grew(new - layout.size());
            } else {
                LIVE.fetch_sub(layout.size() - new, Relaxed);
            }
        }
        q
    }
}

pub fn live() -> usize {
    LIVE.load(Relaxed)
}

/// Runs `f`; returns how far live bytes rose above what they were.
pub fn peak_of<T>(f: impl FnOnce() -> T) -> (T, usize) {
    let before = live();
    PEAK.store(before, Relaxed);
    let out = f();
    (out, PEAK.load(Relaxed).saturating_sub(before))
}

/// Runs `f` and fails if live bytes ever rose by more than `mib` MiB.
pub fn within_mib<T>(mib: usize, f: impl FnOnce() -> T) -> T {
    let (out, peak) = peak_of(f);
    assert!(peak <= mib << 20, "{} MiB were held at the worst moment, {mib} are allowed", peak >> 20);
    out
}

#[test]
fn the_counter_counts() {
    let _alone = crate::server::alone();
    let (_, peak) = peak_of(|| std::hint::black_box(vec![1u8; 10 << 20]));
    assert!(peak >= 10 << 20, "{peak}");
    assert!(std::panic::catch_unwind(|| within_mib(1, || std::hint::black_box(vec![1u8; 2 << 20]))).is_err());
}
