//! Faults that have a name: each of them once, on purpose.

use crate::keeper::{Keeper, id, open};
use crate::model::batch;
use lipno_tests::disk::{Fault, Op, SimDisk, Verdict};
use std::io;
use std::path::Path;
use std::sync::Arc;
use storage::LogError;
use storage::dir::LogDir;
use storage::disk::Disk;
use storage::flush::FlushTarget;

struct Box1 {
    disk: SimDisk,
    dir: Arc<LogDir<SimDisk>>,
    log: Arc<Keeper<SimDisk>>,
}

fn start(disk: SimDisk) -> Box1 {
    let dir = Arc::new(LogDir::open(Arc::new(disk.clone()), Path::new("/logs"), |_| {}, |_| {}).unwrap());
    let log = open(&dir, 0, 1000).unwrap();
    log.upkeep().unwrap();
    Box1 { disk, dir, log }
}

impl Box1 {
    fn new() -> Box1 {
        start(SimDisk::new(5))
    }

    fn append(&self) -> Result<i64, LogError> {
        Ok(self.log.append(&batch(2, 100, 50), 0, 1000)?.end_offset)
    }

    fn end(&self) -> i64 {
        self.log.state.lock().log.end()
    }

    fn sync(&self) {
        let end = self.log.sync().unwrap();
        self.log.durable(end);
    }
}

#[test]
fn a_full_disk_refuses_appends_takes_checkpoints_and_heals() {
    let b = Box1::new();
    b.append().unwrap();
    b.dir.checkpoint().unwrap();
    b.disk.set_capacity(Some(b.disk.used() + 300));
    let mut last = b.end();
    let refused = loop {
        match b.append() {
            Ok(end) => last = end,
            Err(e) => break e,
        }
    };
    assert!(matches!(refused, LogError::Full), "{refused}");
    assert_eq!(b.end(), last);
    b.sync();
    for _ in 0..50 {
        b.log.delete_records(last - 1).unwrap();
    }
    assert!(matches!(b.append(), Err(LogError::Full)));
    assert!(!b.dir.is_failed());
    b.disk.set_capacity(None);
    assert_eq!(b.append().unwrap(), last + 2);
    b.sync();
    let b = start(b.disk.crash(1));
    assert_eq!((b.end(), b.log.state.lock().log.log_start()), (last + 2, last - 1));
}

#[test]
fn a_torn_append_is_cut_off_before_a_shorter_one_follows() {
    let b = Box1::new();
    b.append().unwrap();
    // Half of the batch gets out, then EIO.
    b.disk.set_short_writes(1000);
    b.disk.add_fault(Fault {
        op: Op::Write,
        path: ".log".into(),
        skip: 2,
        times: 1,
        error: io::ErrorKind::Other,
    });
    let big = batch(4, 1000, 50);
    assert!(b.log.append(&big, 0, 1000).is_err());
    b.disk.set_short_writes(0);
    assert_eq!(b.end(), 2);
    b.append().unwrap();
    let len = batch(2, 100, 50).len() as u64 * 2;
    let files = b.disk.files();
    let log = files.iter().find(|(p, _)| p.to_string_lossy().ends_with("0-0.log")).unwrap();
    assert_eq!(log.1, len, "nothing of the failed batch is left");
    let b = start(b.disk.kill());
    assert_eq!(b.end(), 4);
}

#[test]
fn what_only_the_page_cache_had_after_a_failed_sync_is_not_served() {
    let b = Box1::new();
    b.append().unwrap();
    b.sync();
    b.append().unwrap();
    b.disk.fail_sync_then_lie(".log");
    b.dir.queue.dirty(&b.log.target());
    b.dir.serve(&b.dir.queue.take().targets[0]);
    assert!(b.dir.is_failed() && b.log.state.lock().offline);
    assert_eq!(b.log.state.lock().durable, 2);
    // The process starts again on the same machine: the cache still shows the lost batch, and a sync "succeeds".
    let b = start(b.disk.kill());
    assert_eq!(b.end(), 2, "nobody was told of the second batch");
    b.append().unwrap();
    b.sync();
    let b = start(b.disk.crash(3));
    assert_eq!(b.end(), 4, "acknowledged after the restart");
}

#[test]
fn a_listed_log_without_its_folder_is_offline_never_empty() {
    let b = Box1::new();
    b.append().unwrap();
    b.dir.checkpoint().unwrap();
    let disk = b.disk.kill();
    disk.remove_dir(&b.dir.folder(&id(0))).unwrap();
    let dir = Arc::new(LogDir::open(Arc::new(disk), Path::new("/logs"), |_| {}, |_| {}).unwrap());
    assert!(matches!(open(&dir, 0, 1000), Err(LogError::Offline(_))));
}

#[test]
fn a_folder_that_was_never_synced_goes_with_all_that_was_never_acknowledged() {
    for seed in 0..40 {
        let disk = SimDisk::new(seed);
        let dir = Arc::new(LogDir::open(Arc::new(disk.clone()), Path::new("/logs"), |_| {}, |_| {}).unwrap());
        disk.sync_dir(Path::new("/")).unwrap();
        let log = open(&dir, 0, 1000).unwrap();
        // The folder's sync fails: nothing may be appended, nothing is acknowledged.
        let fault =
            Fault { op: Op::SyncDir, path: "/logs".into(), skip: 0, times: 1, error: io::ErrorKind::Other };
        disk.add_fault(fault);
        assert!(log.upkeep().unwrap_err().is_fatal());
        assert!(matches!(log.append(&batch(1, 1, 1), 0, 1), Err(LogError::NotReady)));
        let b = start(disk.crash(seed));
        assert_eq!(b.end(), 0);
        b.append().unwrap();
        b.sync();
        assert_eq!(start(b.disk.crash(seed + 1)).end(), 2);
    }
}

#[test]
fn a_fresh_dir_keeps_its_name_through_a_power_cut() {
    for seed in 0..20 {
        let b = Box1::new();
        b.append().unwrap();
        b.sync();
        assert_eq!(start(b.disk.crash(seed)).end(), 2, "seed {seed}");
    }
}

#[test]
fn recovery_removes_nothing_on_the_word_of_a_checkpoint_that_a_power_cut_can_take() {
    for seed in 0..20 {
        let b = Box1::new();
        let is_other =
            |path: &Path| path.ends_with("next.log") || path.extension().is_none_or(|e| e != "log");
        while b.disk.files().iter().filter(|(path, _)| !is_other(path)).count() < 3 {
            b.append().unwrap();
            b.log.upkeep().unwrap();
        }
        b.sync();
        b.dir.checkpoint().unwrap();
        // The process is killed between the write of the new record and its sync.
        b.disk.set_hook(|c| match c.op {
            Op::Sync if c.path.ends_with("checkpoint") => Verdict::Crash,
            _ => Verdict::Go,
        });
        let end = b.end();
        assert!(b.log.delete_records(end).is_err());
        let disk = b.disk.kill();
        disk.set_hook(|_| Verdict::Go);
        let again = start(disk);
        assert_eq!(again.end(), end);
        assert_eq!(start(again.disk.crash(seed)).end(), end, "seed {seed}");
    }
}
