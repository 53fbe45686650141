//! The threads of a dir: who is synced when, what a full disk and a failed sync do.

use super::*;
use crate::RealDisk;
use crate::flush::Marks;
use parking_lot::Condvar;
use protocol::ids::{PartitionIndex, TopicId};
use std::collections::VecDeque;

/// How a test's log answers its next syncs; `Ok` without an entry.
#[derive(Default)]
struct Script {
    answers: VecDeque<LogError>,
    durable: Vec<i64>,
    offline: bool,
    /// Logs inside `sync` now, and the most that ever were.
    busy: usize,
    busy_max: usize,
}

/// What all logs of a test share.
#[derive(Default)]
struct Stage {
    script: Mutex<Script>,
    changed: Condvar,
    /// A sync lasts until so many are in one.
    together: usize,
}

impl Stage {
    fn until(&self, what: &str, mut holds: impl FnMut(&Script) -> bool) {
        let mut s = self.script.lock();
        while !holds(&s) {
            let late = self.changed.wait_for(&mut s, Duration::from_secs(20)).timed_out();
            assert!(!late || holds(&s), "{what}");
        }
    }
}

struct Fake {
    id: TopicPartition,
    marks: Marks,
    stage: Arc<Stage>,
    alone: AtomicBool,
    end: AtomicU64,
}

fn tp(n: i32) -> TopicPartition {
    TopicPartition { topic: TopicId(Uuid([1; 16])), partition: PartitionIndex(n) }
}

impl Fake {
    fn target(n: i32, stage: &Arc<Stage>) -> Target {
        Arc::new(Fake {
            id: tp(n),
            marks: Marks::default(),
            stage: stage.clone(),
            alone: AtomicBool::new(true),
            end: AtomicU64::new(0),
        })
    }
}

impl FlushTarget for Fake {
    fn id(&self) -> TopicPartition {
        self.id
    }
    fn marks(&self) -> &Marks {
        &self.marks
    }
    fn upkeep(&self) -> Result<(), LogError> {
        Ok(())
    }
    fn sync(&self) -> Result<i64, LogError> {
        assert!(self.alone.swap(false, Ordering::SeqCst), "two threads serve one log");
        let mut s = self.stage.script.lock();
        s.busy += 1;
        s.busy_max = s.busy_max.max(s.busy);
        self.stage.changed.notify_all();
        while s.busy_max < self.stage.together {
            if self.stage.changed.wait_for(&mut s, Duration::from_secs(20)).timed_out() {
                break;
            }
        }
        s.busy -= 1;
        self.alone.store(true, Ordering::SeqCst);
        match s.answers.pop_front() {
            Some(e) => Err(e),
            None => Ok(self.end.fetch_add(1, Ordering::SeqCst) as i64 + 1),
        }
    }
    fn durable(&self, end: i64) {
        self.stage.script.lock().durable.push(end);
        self.stage.changed.notify_all();
    }
    fn checkpoint(&self) -> Result<LogCheckpoint, LogError> {
        Ok(LogCheckpoint { recovery_point: 77, ..LogCheckpoint::default() })
    }
    fn checkpoint_failed(&self) {}
    fn dirty_bytes(&self) -> u64 {
        1
    }
    fn offline(&self, _why: &str) {
        self.stage.script.lock().offline = true;
        self.stage.changed.notify_all();
    }
}

struct Running {
    temp: tempfile::TempDir,
    dir: Arc<LogDir<RealDisk>>,
    failures: Arc<AtomicUsize>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn start() -> Running {
        let temp = tempfile::tempdir().unwrap();
        let failures = Arc::new(AtomicUsize::new(0));
        let heard = failures.clone();
        let on_failure = move |_: &str| {
            heard.fetch_add(1, Ordering::SeqCst);
        };
        let dir = Arc::new(LogDir::open(Arc::new(RealDisk), temp.path(), on_failure, |_| {}).unwrap());
        let runner = dir.clone();
        let thread = Some(std::thread::spawn(move || runner.run()));
        Running { temp, dir, failures, thread }
    }

    fn stop(&mut self) {
        self.dir.queue.stop();
        if let Some(t) = self.thread.take() {
            t.join().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.dir.queue.stop();
    }
}

#[test]
fn many_dirty_logs_are_synced_several_at_a_time_and_each_alone() {
    let mut r = Running::start();
    let stage = Arc::new(Stage { together: HELPERS_MAX, ..Stage::default() });
    let logs: Vec<Target> = (0..12).map(|n| Fake::target(n, &stage)).collect();
    for l in logs.iter().chain(&logs) {
        r.dir.queue.dirty(l);
    }
    stage.until("all are synced", |s| s.durable.len() >= 12);
    for _ in 0..200 {
        logs.iter().for_each(|l| r.dir.queue.dirty(l));
    }
    r.stop();
    let s = stage.script.lock();
    assert_eq!(s.busy_max, HELPERS_MAX);
    assert!(!s.offline && s.durable.len() < 12 * 201, "rounds are shared");
}

#[test]
fn a_full_disk_is_tried_again_and_poisons_nothing() {
    let mut r = Running::start();
    let stage = Arc::new(Stage::default());
    stage.script.lock().answers.extend([LogError::Full, LogError::Full]);
    let log = Fake::target(0, &stage);
    r.dir.queue.dirty(&log);
    stage.until("the third try succeeds", |s| s.durable == [1]);
    assert!(!r.dir.is_failed());
    r.stop();
}

#[test]
fn the_first_failed_sync_takes_the_dir_offline_for_good() {
    let mut r = Running::start();
    let stage = Arc::new(Stage::default());
    stage.script.lock().answers.push_back(LogError::Sync(io::Error::other("gone")));
    let (bystander_stage, late_stage) = (Arc::new(Stage::default()), Arc::new(Stage::default()));
    let bystander = Fake::target(1, &bystander_stage);
    r.dir.register(bystander.clone());
    r.dir.queue.dirty(&Fake::target(0, &stage));
    stage.until("the log hears of it", |s| s.offline);
    bystander_stage.until("and so does its neighbour", |s| s.offline);
    let late = Fake::target(2, &late_stage);
    r.dir.queue.dirty(&late);
    late_stage.until("one that comes later is not kept waiting", |s| s.offline);
    assert!(late_stage.script.lock().durable.is_empty());
    let (tx, rx) = std::sync::mpsc::channel();
    r.dir.submit(|_| Ok(()), move |done| tx.send(done.is_err()).unwrap());
    assert!(rx.recv().unwrap());
    r.stop();
    assert_eq!(r.failures.load(Ordering::SeqCst), 1);
    assert!(r.dir.listed().is_empty(), "no checkpoint after a failure");
}

#[test]
fn a_stop_writes_what_is_dirty_and_a_record_brings_durability() {
    let mut r = Running::start();
    let stage = Arc::new(Stage::default());
    let log = Fake::target(3, &stage);
    r.dir.register(log);
    r.stop();
    assert_eq!(stage.script.lock().durable, [77]);
    let again = LogDir::open(Arc::new(RealDisk), r.temp.path(), |_| {}, |_| {}).unwrap();
    assert_eq!(again.listed(), [tp(3)]);
    assert_eq!(again.checkpoint_of(&tp(3)).unwrap().unwrap().recovery_point, 77);
    again.remove(&tp(3)).unwrap();
    assert!(!again.is_listed(&tp(3)));
}

#[test]
fn bytes_or_time_make_a_checkpoint_due() {
    let second = Duration::from_secs(1);
    let mut p = Pace::new(10 * second, 100);
    assert!(!p.is_due(9 * second, 99) && p.is_due(9 * second, 100) && p.is_due(10 * second, 0));
    p.last = 5 * second;
    assert_eq!(p.wait(7 * second), 8 * second);
    assert!(p.wait(99 * second) > Duration::ZERO);
}

#[test]
fn a_dir_in_use_is_refused_with_the_pid_and_a_foreign_one_by_name() {
    let temp = tempfile::tempdir().unwrap();
    let held = lock(temp.path()).unwrap();
    let refused = lock(temp.path()).unwrap_err().to_string();
    assert!(refused.contains(&std::process::id().to_string()), "{refused}");
    drop(held);
    lock(temp.path()).unwrap();
    let meta = Meta { cluster_id: "c".into(), node_id: 1, directory_id: Uuid([3; 16]) };
    meta.write(&RealDisk, temp.path()).unwrap();
    assert_eq!(Meta::read(&RealDisk, temp.path()).unwrap(), Some(meta.clone()));
    assert!(meta.check(temp.path(), "c", 1).is_ok());
    assert!(meta.check(temp.path(), "d", 1).is_err() && meta.check(temp.path(), "c", 2).is_err());
}
