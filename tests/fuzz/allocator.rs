//! Counts what a thread has allocated, so that a target can hold a reader to its bound.
//!
//! Only Rust's allocations are seen, not those inside the C library of zstd.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn add(n: isize) {
    // A thread that is ending counts nothing.
    let _ = LIVE.try_with(|live| {
        live.set(live.get() + n);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

// SAFETY: every call is handed to `System` as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, l: Layout) -> *mut u8 {
        add(l.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(l) }
    }
    unsafe fn alloc_zeroed(&self, l: Layout) -> *mut u8 {
        add(l.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(l) }
    }
    unsafe fn dealloc(&self, p: *mut u8, l: Layout) {
        add(-(l.size() as isize));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(p, l) }
    }
    unsafe fn realloc(&self, p: *mut u8, l: Layout, size: usize) -> *mut u8 {
        add(size as isize - l.size() as isize);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(p, l, size) }
    }
}

/// Runs `body`; its value and the most bytes that this thread held meanwhile, beyond what it held before.
pub fn peak_of<T>(body: impl FnOnce() -> T) -> (T, usize) {
    let before = LIVE.get();
    PEAK.set(before);
    let value = body();
    (value, (PEAK.get() - before).max(0) as usize)
}

/// Runs `body`, which may hold at most `cap` bytes.
pub fn capped<T>(cap: usize, body: impl FnOnce() -> T) -> Result<T, String> {
    let (value, peak) = peak_of(body);
    if peak > cap { Err(format!("held {peak} bytes, {cap} are allowed")) } else { Ok(value) }
}

#[test]
fn the_counter_counts() {
    let (_, peak) = peak_of(|| {
        drop(vec![0u8; 10_000]);
        vec![0u8; 5_000]
    });
    assert!((10_000..11_000).contains(&peak), "{peak}");
    assert!(capped(9_999, || vec![1u8; 10_000].len()).is_err());
}
