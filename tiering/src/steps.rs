//! The named steps on a range's way into the lake, and the order to die at one of them.
//!
//! Invariants: without an order a step costs one load; with one the process kills itself, as hard as `kill -9`, when it
//! comes to that step for the nth time. Tests give the order, by the environment; nobody else should. Called at each
//! step, and by `main`.

use rustix::process::{Signal, getpid, kill_process};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A range is cut.
pub const CUT: &str = "cut";
/// Its rows are encoded, in memory.
pub const ENCODE: &str = "encode";
/// A data file is about to be stored.
pub const PUT: &str = "put";
/// It is stored, and nobody knows.
pub const PUT_REPLY: &str = "put-reply";
/// The manifest, the list, the metadata file of a commit are stored.
pub const MANIFEST: &str = "manifest";
pub const LIST: &str = "list";
pub const METADATA: &str = "metadata";
/// A commit is about to be proposed.
pub const PROPOSED: &str = "cas-proposed";
/// It is applied, and nobody has been told.
pub const APPLIED: &str = "cas-applied";
/// The metadata's copy is there, the hint is the old one.
pub const COPY: &str = "copy";
/// Segments that the lake has are removed from the log.
pub const RELEASE: &str = "local-release";

pub const STEPS: [&str; 11] =
    [CUT, ENCODE, PUT, PUT_REPLY, MANIFEST, LIST, METADATA, PROPOSED, APPLIED, COPY, RELEASE];

/// The environment variable with the order: `step` or `step:n`.
pub const ORDER: &str = "LIPNO_CRASH_AT";

struct Order {
    step: &'static str,
    left: AtomicU32,
}

static ORDERED: OnceLock<Order> = OnceLock::new();

/// Takes the order. To be called before anything starts, at most once.
pub fn crash_at(order: &str) -> Result<(), String> {
    let (step, n) = order.split_once(':').unwrap_or((order, "1"));
    let step = STEPS.iter().find(|s| **s == step);
    match (step, n.parse::<u32>()) {
        (Some(step), Ok(n @ 1..)) => {
            let order = Order { step, left: AtomicU32::new(n) };
            ORDERED.set(order).map_err(|_| format!("{ORDER} is given twice"))
        }
        _ => Err(format!("{ORDER}={order}: it must be one of {} with :n, a number from 1", STEPS.join(", "))),
    }
}

/// Says that a step is reached. Returns unless this is where the process was ordered to die.
pub fn reached(step: &'static str) {
    let Some(order) = ORDERED.get() else { return };
    if order.step == step && order.left.fetch_sub(1, Relaxed) == 1 {
        // Not even the log is flushed.
        if kill_process(getpid(), Signal::KILL).is_err() {
            std::process::abort();
        }
        // The signal comes before anything else happens.
        std::thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_checked() {
        for bad in ["", "nowhere", "put:0", "put:x", "put:-1"] {
            assert!(crash_at(bad).unwrap_err().contains(ORDER), "{bad}");
        }
        reached(PUT);
    }
}
