//! Group commit of a log dir: which logs wait for a sync or for upkeep, and the threads that serve them.
//!
//! Invariants: a log is served by one thread at a time and stands in the queue once; its durable end is captured
//! before its sync starts, so what is appended meanwhile rides the next one; a few logs are synced at the same time,
//! and a slow one holds back only itself. The first failed sync poisons the dir until the process restarts. The
//! broker's partitions are the targets; `Queue::take` hands all to one thread, for the simulator.

use crate::checkpoint::LogCheckpoint;
use crate::error::LogError;
use parking_lot::{Condvar, Mutex, MutexGuard};
use protocol::ids::TopicPartition;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// A log as its dir's threads see it.
pub trait FlushTarget: Send + Sync {
    fn id(&self) -> TopicPartition;
    /// What is due for this target, and who serves it.
    fn marks(&self) -> &Marks;
    /// Makes, names, seals and reserves what is due.
    fn upkeep(&self) -> Result<(), LogError>;
    /// Syncs what was appended so far and returns how far that is.
    fn sync(&self) -> Result<i64, LogError>;
    /// Everything below `end` is durable.
    fn durable(&self, end: i64);
    /// Captures a checkpoint record (its end and producer state in one lock hold), then syncs what it speaks of.
    fn checkpoint(&self) -> Result<LogCheckpoint, LogError>;
    /// The record did not get to the disk: the next checkpoint must have one again.
    fn checkpoint_failed(&self);
    /// Bytes appended since its last checkpoint record.
    fn dirty_bytes(&self) -> u64;
    /// The dir failed: nothing of this log may be acknowledged any more.
    fn offline(&self, why: &str);
}

const SYNC: u8 = 1;
const UPKEEP: u8 = 2;
/// In the queue or being served.
const ACTIVE: u8 = 4;

#[derive(Debug, Default)]
pub struct Marks {
    due: AtomicU8,
    served: Mutex<()>,
}

impl Marks {
    /// Adds a mark; true if the target must be queued.
    fn add(&self, mark: u8) -> bool {
        self.due.fetch_or(mark | ACTIVE, Ordering::AcqRel) & ACTIVE == 0
    }

    fn take(&self) -> u8 {
        self.due.swap(ACTIVE, Ordering::AcqRel) & !ACTIVE
    }

    /// True if something came due meanwhile and the target must be queued again.
    fn release(&self) -> bool {
        self.due.compare_exchange(ACTIVE, 0, Ordering::AcqRel, Ordering::Acquire).is_err()
    }

    /// Keeps everybody else from serving the target.
    pub fn serve_alone(&self) -> MutexGuard<'_, ()> {
        self.served.lock()
    }
}

pub(crate) type Target = Arc<dyn FlushTarget>;
type Done = Box<dyn FnOnce(Result<(), LogError>) + Send>;

#[derive(Default)]
struct Jobs {
    targets: VecDeque<Target>,
    /// Targets that a full disk refused; queued again after a while.
    later: Vec<Target>,
    calls: Vec<Done>,
    /// The dir's thread has something to look at besides calls.
    poked: bool,
    stop: bool,
    idle_helpers: usize,
}

/// Where jobs wait for the dir's threads.
#[derive(Default)]
pub struct Queue {
    jobs: Mutex<Jobs>,
    /// For the helpers, which serve targets.
    work: Condvar,
    /// For the dir's thread, which runs calls and checkpoints.
    main: Condvar,
}

/// One batch of work for one thread.
pub struct Round {
    pub targets: Vec<Target>,
    /// Checkpoints and removals that somebody asked for, to be run after the syncs.
    pub calls: Vec<Done>,
    pub stop: bool,
}

/// What wakes the dir's thread.
pub(crate) struct Due {
    pub calls: Vec<Done>,
    pub stop: bool,
    /// Targets wait and every helper is busy.
    pub is_behind: bool,
    pub has_later: bool,
}

impl Queue {
    /// The log has bytes that a sync must cover.
    pub fn dirty(&self, target: &Target) {
        self.mark(target, SYNC);
    }

    pub fn upkeep(&self, target: &Target) {
        self.mark(target, UPKEEP);
    }

    fn mark(&self, target: &Target, mark: u8) {
        if target.marks().add(mark) {
            self.push(target.clone());
        }
    }

    fn push(&self, target: Target) {
        let mut jobs = self.jobs.lock();
        jobs.targets.push_back(target);
        let is_behind = jobs.idle_helpers == 0 && jobs.targets.len() > 1;
        jobs.poked |= is_behind;
        drop(jobs);
        self.work.notify_one();
        if is_behind {
            self.main.notify_one();
        }
    }

    /// Runs `f` on the dir's thread.
    pub fn call(&self, f: impl FnOnce(Result<(), LogError>) + Send + 'static) {
        self.jobs.lock().calls.push(Box::new(f));
        self.main.notify_one();
    }

    /// Has the dir's thread look whether a checkpoint is due.
    pub(crate) fn poke(&self) {
        self.jobs.lock().poked = true;
        self.main.notify_one();
    }

    pub fn stop(&self) {
        self.jobs.lock().stop = true;
        self.main.notify_one();
        self.work.notify_all();
    }

    pub fn is_empty(&self) -> bool {
        let jobs = self.jobs.lock();
        jobs.targets.is_empty() && jobs.later.is_empty() && jobs.calls.is_empty() && !jobs.stop
    }

    /// True if all that is queued was refused by a full disk: asking again at once is no use.
    pub fn is_refused(&self) -> bool {
        let jobs = self.jobs.lock();
        jobs.targets.is_empty() && jobs.calls.is_empty() && !jobs.stop && !jobs.later.is_empty()
    }

    /// Takes all that is queued.
    pub fn take(&self) -> Round {
        let mut jobs = self.jobs.lock();
        let later = std::mem::take(&mut jobs.later);
        Round {
            targets: jobs.targets.drain(..).chain(later).collect(),
            calls: std::mem::take(&mut jobs.calls),
            stop: jobs.stop,
        }
    }

    /// The next target for a helper; `None` once the dir stops and nothing waits.
    pub(crate) fn next(&self) -> Option<Target> {
        let mut jobs = self.jobs.lock();
        loop {
            if let Some(t) = jobs.targets.pop_front() {
                return Some(t);
            }
            if jobs.stop {
                return None;
            }
            jobs.idle_helpers += 1;
            self.work.wait(&mut jobs);
            jobs.idle_helpers -= 1;
        }
    }

    /// What the dir's thread must do now, waiting up to `wait` for something.
    pub(crate) fn due(&self, wait: Duration) -> Due {
        let mut jobs = self.jobs.lock();
        if jobs.calls.is_empty() && !jobs.stop && !jobs.poked {
            self.main.wait_for(&mut jobs, wait);
        }
        jobs.poked = false;
        Due {
            calls: std::mem::take(&mut jobs.calls),
            stop: jobs.stop,
            is_behind: jobs.idle_helpers == 0 && jobs.targets.len() > 1,
            has_later: !jobs.later.is_empty(),
        }
    }

    /// Queues again what a full disk refused.
    pub(crate) fn retry(&self) {
        let later = std::mem::take(&mut self.jobs.lock().later);
        later.into_iter().for_each(|t| self.push(t));
    }

    /// Serves one target: a sync if it is dirty, then its upkeep. The error is what poisons the dir. Returns whether
    /// it was synced.
    pub fn serve(&self, t: &Target) -> Result<bool, LogError> {
        let due = t.marks().take();
        let result = {
            let _alone = t.marks().serve_alone();
            serve(t, due)
        };
        match result {
            Err(e) if !e.is_fatal() => {
                tracing::warn!("{}: {e}; tried again soon", t.id());
                t.marks().add(due);
                let mut jobs = self.jobs.lock();
                jobs.later.push(t.clone());
                jobs.poked = true;
                drop(jobs);
                self.main.notify_one();
                Ok(false)
            }
            r => {
                if t.marks().release() {
                    self.push(t.clone());
                }
                r.map(|()| due & SYNC != 0)
            }
        }
    }
}

fn serve(t: &Target, due: u8) -> Result<(), LogError> {
    if due & SYNC != 0 {
        let end = t.sync()?;
        t.durable(end);
    }
    if due & UPKEEP != 0 {
        t.upkeep()?;
    }
    Ok(())
}
