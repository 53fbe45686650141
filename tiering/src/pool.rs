//! The few threads on which ranges are converted: at nice 19, away from everything that a client waits for.
//!
//! Invariants: at most `size` jobs run at once, each on a thread of its own that ends with the job, so that an idle
//! broker has none; `stop` returns when no job runs any more. Called by the broker's tier link.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Leaves the processor to whoever wants it.
const NICE: i32 = 19;

/// Says to a running job that its broker stops.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

pub struct Pool {
    free: Arc<Semaphore>,
    size: u32,
    stop: StopFlag,
}

/// The right to run one job.
pub struct Slot(OwnedSemaphorePermit);

impl Pool {
    pub fn new(size: u32) -> Pool {
        let size = size.max(1);
        Pool { free: Arc::new(Semaphore::new(size as usize)), size, stop: StopFlag::default() }
    }

    pub fn stop_flag(&self) -> StopFlag {
        self.stop.clone()
    }

    /// A free slot, if there is one and the pool is not stopping.
    pub fn slot(&self) -> Option<Slot> {
        if self.stop.is_set() {
            return None;
        }
        self.free.clone().try_acquire_owned().ok().map(Slot)
    }

    /// Runs a job to its end on a thread of its own.
    pub fn run<F>(&self, slot: Slot, job: impl FnOnce() -> F + Send + 'static) -> io::Result<()>
    where
        F: Future<Output = ()>,
    {
        std::thread::Builder::new()
            .name("lake".into())
            .spawn(move || {
                let _held = slot.0;
                // On Linux this is the thread's own, and of the threads that it starts.
                if let Err(e) = rustix::process::setpriority_process(None, NICE) {
                    tracing::debug!("a lake thread runs at normal priority: {e}");
                }
                match tokio::runtime::Builder::new_current_thread().build() {
                    Ok(rt) => rt.block_on(job()),
                    Err(e) => tracing::error!("a lake thread has no runtime: {e}"),
                }
            })
            .map(|_| ())
    }

    /// Tells running jobs to end and waits until they have.
    pub async fn stop(&self) {
        self.stop.set();
        // The semaphore is never closed.
        drop(self.free.acquire_many(self.size).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn jobs_are_few_and_nice() {
        let pool = Pool::new(1);
        let (tx, rx) = std::sync::mpsc::channel();
        let slot = pool.slot().unwrap();
        assert!(pool.slot().is_none(), "the pool has one");
        let stop = pool.stop_flag();
        pool.run(slot, move || async move {
            tx.send(rustix::process::getpriority_process(None).unwrap()).unwrap();
            while !stop.is_set() {
                tokio::task::yield_now().await;
            }
            tx.send(-1).unwrap();
        })
        .unwrap();
        assert_eq!(rx.recv().unwrap(), NICE);
        assert_ne!(rustix::process::getpriority_process(None).unwrap(), NICE, "only the thread's own");
        pool.stop().await;
        assert_eq!(rx.try_recv(), Ok(-1), "stop waits for the job");
        assert!(pool.slot().is_none(), "and nothing starts any more");
    }
}
