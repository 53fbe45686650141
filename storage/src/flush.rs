//! The thread of a log dir: upkeep of segments, group commit, checkpoints. One per dir.
//!
//! Invariants: a log's durable end is captured before its sync starts, so what is appended meanwhile rides the
//! next round; the first failed sync poisons the dir until the process restarts; a checkpoint speaks only of what
//! was synced before. Jobs of one kind for one log are merged. The broker's partitions are the targets.

use crate::checkpoint::LogCheckpoint;
use crate::error::LogError;
use parking_lot::{Condvar, Mutex};
use protocol::ids::TopicPartition;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A log as its dir's thread sees it.
pub trait FlushTarget: Send + Sync {
    fn id(&self) -> TopicPartition;
    /// The two "already queued" marks of this target.
    fn marks(&self) -> &Marks;
    /// Makes, names, seals and reserves what is due.
    fn upkeep(&self) -> Result<(), LogError>;
    /// Syncs what was appended so far and returns how far that is.
    fn sync(&self) -> Result<i64, LogError>;
    /// Everything below `end` is durable.
    fn durable(&self, end: i64);
    /// Captures a checkpoint record (its end and producer state in one lock hold), then syncs what it speaks of.
    fn checkpoint(&self) -> Result<LogCheckpoint, LogError>;
    /// Bytes appended since its last checkpoint record.
    fn dirty_bytes(&self) -> u64;
    /// The dir failed: nothing of this log may be acknowledged any more.
    fn offline(&self, why: &str);
}

#[derive(Debug, Default)]
pub struct Marks {
    sync: AtomicBool,
    upkeep: AtomicBool,
}

pub(crate) type Target = Arc<dyn FlushTarget>;
type Done = Box<dyn FnOnce(Result<(), LogError>) + Send>;

#[derive(Default)]
struct Jobs {
    sync: Vec<Target>,
    upkeep: Vec<Target>,
    calls: Vec<Done>,
    stop: bool,
}

/// Where jobs wait for the dir's thread.
#[derive(Default)]
pub struct Queue {
    jobs: Mutex<Jobs>,
    ready: Condvar,
}

/// One batch of work for the thread.
pub struct Round {
    pub upkeep: Vec<Target>,
    pub sync: Vec<Target>,
    /// Checkpoints and removals that somebody asked for, to be run after the syncs.
    pub calls: Vec<Done>,
    pub stop: bool,
}

impl Queue {
    /// The log has bytes that a sync round must cover.
    pub fn dirty(&self, target: &Target) {
        if !target.marks().sync.swap(true, Ordering::AcqRel) {
            self.jobs.lock().sync.push(target.clone());
            self.ready.notify_one();
        }
    }

    pub fn upkeep(&self, target: &Target) {
        if !target.marks().upkeep.swap(true, Ordering::AcqRel) {
            self.jobs.lock().upkeep.push(target.clone());
            self.ready.notify_one();
        }
    }

    /// Runs `f` on the dir's thread after the round in flight.
    pub fn call(&self, f: impl FnOnce(Result<(), LogError>) + Send + 'static) {
        self.jobs.lock().calls.push(Box::new(f));
        self.ready.notify_one();
    }

    pub fn stop(&self) {
        self.jobs.lock().stop = true;
        self.ready.notify_one();
    }

    /// Takes all that is queued, waiting up to `wait` for something.
    pub fn take(&self, wait: std::time::Duration) -> Round {
        let mut jobs = self.jobs.lock();
        if jobs.sync.is_empty() && jobs.upkeep.is_empty() && jobs.calls.is_empty() && !jobs.stop {
            self.ready.wait_for(&mut jobs, wait);
        }
        let taken = std::mem::take(&mut *jobs);
        Round { upkeep: taken.upkeep, sync: taken.sync, calls: taken.calls, stop: taken.stop }
    }
}

/// Runs one round: upkeep, then syncs. The error is what poisons the dir. Logs that could not be sealed because the
/// disk is full stay in `round.sync`, to be tried again.
pub fn run_round(round: &mut Round, mut synced: impl FnMut(&Target)) -> Result<(), LogError> {
    for t in round.upkeep.drain(..) {
        t.marks().upkeep.store(false, Ordering::Release);
        match t.upkeep() {
            Ok(()) => {}
            // The log runs on without its next segment; the append that needs one reports it.
            Err(e) if e.is_full() => tracing::warn!("{}: no space for the next segment", t.id()),
            Err(e) => return Err(e),
        }
    }
    let mut full = Vec::new();
    for t in round.sync.drain(..) {
        // Before the sync: an append from now on queues the log again.
        t.marks().sync.store(false, Ordering::Release);
        match t.sync() {
            Ok(end) => {
                t.durable(end);
                synced(&t);
            }
            // Nothing was reported durable and nothing was dropped: what waits for the sync waits on.
            Err(e) if e.is_full() => full.push(t),
            Err(e) => return Err(e),
        }
    }
    round.sync = full;
    Ok(())
}
