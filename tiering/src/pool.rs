//! The few threads on which ranges are converted and tables are looked after: at nice 19 and, on Linux, in the idle
//! class, away from everything that a client waits for.
//!
//! Invariants: at most `size` conversions and one job of upkeep run at once, so that a merge of minutes keeps no row from
//! its table; each runs on a thread of its own that ends with the job, so that an idle broker has none; `stop` returns
//! when no job runs any more. Called by the broker's tier link and upkeep.

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

/// Makes this thread, and on Linux the threads that it starts, wait for everybody else.
///
/// Nice alone is not enough: a thread that wakes up for a client may have to wait until the slice of a nice one is
/// over, and does not take its processor for a free one. Of the idle class it does both.
fn take_lowest_priority() -> io::Result<()> {
    rustix::process::setpriority_process(None, NICE)?;
    #[cfg(target_os = "linux")]
    {
        let none = libc::sched_param { sched_priority: 0 };
        #[expect(unsafe_code, reason = "sched_setscheduler has no safe wrapper")]
        // SAFETY: thread 0 is the caller; `none` lives through the call, which only reads it.
        let done = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &none) };
        if done != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

pub struct Pool {
    free: Arc<Semaphore>,
    size: u32,
    upkeep: Arc<Semaphore>,
    stop: StopFlag,
}

/// The right to run one job.
pub struct Slot(OwnedSemaphorePermit);

impl Pool {
    pub fn new(size: u32) -> Pool {
        let size = size.max(1);
        let slots = |n: u32| Arc::new(Semaphore::new(n as usize));
        Pool { free: slots(size), size, upkeep: slots(1), stop: StopFlag::default() }
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

    /// The slot of upkeep, once its last job is over; `None` if the pool is stopping.
    pub async fn upkeep_slot(&self) -> Option<Slot> {
        // The semaphore is never closed.
        let slot = self.upkeep.clone().acquire_owned().await.ok();
        slot.filter(|_| !self.stop.is_set()).map(Slot)
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
                if let Err(e) = take_lowest_priority() {
                    tracing::debug!("a lake thread runs at a higher priority than it should: {e}");
                }
                match tokio::runtime::Builder::new_current_thread().enable_time().build() {
                    Ok(rt) => rt.block_on(job()),
                    Err(e) => tracing::error!("a lake thread has no runtime: {e}"),
                }
            })
            .map(|_| ())
    }

    /// Tells running jobs to end and waits until they have.
    pub async fn stop(&self) {
        self.stop.set();
        // The semaphores are never closed.
        drop(self.free.acquire_many(self.size).await);
        drop(self.upkeep.acquire().await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `policy` as the kernel counts them.
    const IDLE_CLASS: i32 = 5;

    /// The scheduling class of this thread; 0 is the normal one, and what systems without classes have.
    fn class() -> i32 {
        let Ok(text) = std::fs::read_to_string("/proc/thread-self/stat") else { return 0 };
        // Field 41, after the name in brackets, which may hold spaces.
        let (_, fields) = text.rsplit_once(") ").unwrap();
        fields.split(' ').nth(38).unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn jobs_are_few_and_nice() {
        let pool = Pool::new(1);
        let (tx, rx) = std::sync::mpsc::channel();
        let slot = pool.slot().unwrap();
        assert!(pool.slot().is_none(), "the pool has one");
        let stop = pool.stop_flag();
        pool.run(slot, move || async move {
            tx.send(rustix::process::getpriority_process(None).unwrap()).unwrap();
            tx.send(class()).unwrap();
            while !stop.is_set() {
                tokio::task::yield_now().await;
            }
            tx.send(-1).unwrap();
        })
        .unwrap();
        assert_eq!(rx.recv().unwrap(), NICE);
        assert_eq!(rx.recv().unwrap(), if cfg!(target_os = "linux") { IDLE_CLASS } else { 0 });
        assert_ne!(rustix::process::getpriority_process(None).unwrap(), NICE, "only the thread's own");
        assert_eq!(class(), 0, "only the thread's own");
        pool.stop().await;
        assert_eq!(rx.try_recv(), Ok(-1), "stop waits for the job");
        assert!(pool.slot().is_none(), "and nothing starts any more");
        assert!(pool.upkeep_slot().await.is_none(), "of either kind");
    }

    #[tokio::test]
    async fn upkeep_takes_no_slot_of_conversions() {
        let pool = Pool::new(1);
        let upkeep = pool.upkeep_slot().await.unwrap();
        assert!(pool.slot().is_some(), "a conversion need not wait for it");
        let (stop, (tx, rx)) = (pool.stop_flag(), std::sync::mpsc::channel());
        pool.run(upkeep, move || async move {
            while !stop.is_set() {
                tokio::task::yield_now().await;
            }
            tx.send(()).unwrap();
        })
        .unwrap();
        assert!(pool.upkeep.clone().try_acquire_owned().is_err(), "one job of upkeep at a time");
        pool.stop().await;
        assert_eq!(rx.try_recv(), Ok(()), "stop waits for it");
    }
}
