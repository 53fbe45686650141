//! What opening a log after kill -9 does to the disk before the log is served.

use super::*;
use crate::disk::{RealDisk, RealFile, Slice};
use parking_lot::Mutex;
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::io::{self, IoSlice};
use std::path::Path;

/// The real disk, with a list of what was synced and forgotten.
#[derive(Default)]
struct Recording {
    calls: Arc<Mutex<Vec<String>>>,
    gate: Arc<Mutex<Option<Gate>>>,
}

/// Stops the next write before it begins: tells that it is there, and waits until it may go on.
struct Gate {
    reached: std::sync::mpsc::Sender<()>,
    open: std::sync::mpsc::Receiver<()>,
}

struct RecordedFile {
    gate: Arc<Mutex<Option<Gate>>>,
    name: Mutex<String>,
    file: RealFile,
    calls: Arc<Mutex<Vec<String>>>,
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

impl Recording {
    fn wrap(&self, path: &Path, file: RealFile) -> RecordedFile {
        RecordedFile {
            gate: self.gate.clone(),
            name: Mutex::new(name(path)),
            file,
            calls: self.calls.clone(),
        }
    }
}

impl Disk for Recording {
    type File = RecordedFile;
    fn create(&self, path: &Path) -> io::Result<RecordedFile> {
        RealDisk.create(path).map(|f| self.wrap(path, f))
    }
    fn open(&self, path: &Path) -> io::Result<RecordedFile> {
        RealDisk.open(path).map(|f| self.wrap(path, f))
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }
    fn exists(&self, path: &Path) -> io::Result<bool> {
        RealDisk.exists(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove_file(path)
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.remove_dir(dir)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.calls.lock().push(format!("sync dir {}", name(dir)));
        RealDisk.sync_dir(dir)
    }
    fn space(&self, dir: &Path) -> io::Result<(u64, u64)> {
        RealDisk.space(dir)
    }
}

impl DiskFile for RecordedFile {
    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        self.file.read_at(buf, at)
    }
    fn write_at(&self, parts: &[IoSlice<'_>], at: u64) -> io::Result<usize> {
        let gate = self.gate.lock().take();
        if let Some(g) = gate {
            g.reached.send(()).unwrap();
            g.open.recv().unwrap();
        }
        self.file.write_at(parts, at)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.calls.lock().push(format!("sync {}", self.name.lock()));
        self.file.sync_data()
    }
    fn forget_clean_pages(&self, at: u64) -> io::Result<()> {
        self.calls.lock().push(format!("forget {}", self.name.lock()));
        self.file.forget_clean_pages(at)
    }
    fn allocate(&self, at: u64, len: u64) -> io::Result<()> {
        self.file.allocate(at, len)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }
    fn slice(&self, at: u64, len: usize, capacity: u64) -> io::Result<Slice> {
        self.file.slice(at, len, capacity)
    }
}

fn cache(disk: &Arc<Recording>) -> Arc<FileCache<Recording>> {
    FileCache::new(disk.clone(), 100)
}

fn checkpoint(log: &mut Log<Recording>) -> LogCheckpoint {
    log.plan_checkpoint(log.end(), bytes::Bytes::new()).unwrap().run().unwrap()
}

fn append(log: &mut Log<Recording>) -> bool {
    let mut b = BatchBuilder::new(Codec::None);
    b.push(NewRecord { value: Some(&[7; 400]), ..NewRecord::default() });
    let batch = b.finish().unwrap();
    let h = BatchHeader::read(&batch).unwrap();
    log.append(&batch, &h, 0, 1).unwrap().rolled
}

fn upkeep(log: &mut Log<Recording>, need: bool) {
    while let Some(plan) = log.plan_upkeep(need) {
        log.finish_upkeep(plan.run()).unwrap();
    }
}

const CONFIG: LogConfig = LogConfig { segment_bytes: 1000, segment_ms: i64::MAX, index_interval_bytes: 4096 };

fn open(disk: &Arc<Recording>, dir: &Path, from: Option<&LogCheckpoint>) -> Log<Recording> {
    open_log(cache(disk), dir.to_path_buf(), CONFIG, from, 5, &mut |_| {}).unwrap().0
}

/// A log with a segment that was closed but not sealed when the process was killed.
fn killed(disk: &Arc<Recording>, dir: &Path) -> i64 {
    let mut log = Log::empty(cache(disk), dir.to_path_buf(), CONFIG, 0);
    upkeep(&mut log, true);
    append(&mut log);
    append(&mut log);
    upkeep(&mut log, false);
    assert!(append(&mut log), "a new segment was begun, and its upkeep never came");
    log.end()
}

#[test]
fn everything_that_was_scanned_is_synced_before_it_is_served() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("p-0");
    let disk = Arc::new(Recording::default());
    let end = killed(&disk, &dir);
    disk.calls.lock().clear();
    let log = open(&disk, &dir, None);
    assert_eq!(log.end(), end);
    let calls = disk.calls.lock().clone();
    let parent = format!("sync dir {}", name(temp.path()));
    // The second one had not got its name when the process was killed.
    let (closed, active) = ("00000000000000000000-0.log", "next.log");
    let wanted = [format!("sync {closed}"), format!("sync {active}"), "sync dir p-0".into(), parent];
    for w in &wanted {
        assert!(calls.contains(w), "{w} is missing: {calls:?}");
    }
    // After a failed sync the page cache holds what the disk may lack: reads must come from the disk.
    for file in [closed, active] {
        assert!(calls.contains(&format!("forget {file}")), "{file}: {calls:?}");
    }
}

#[test]
fn what_a_checkpoint_covers_is_not_synced_again() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("p-0");
    let disk = Arc::new(Recording::default());
    killed(&disk, &dir);
    let mut log = open(&disk, &dir, None);
    upkeep(&mut log, false);
    let checkpoint = checkpoint(&mut log);
    drop(log);
    disk.calls.lock().clear();
    let log = open(&disk, &dir, Some(&checkpoint));
    assert_eq!(log.end(), 3);
    let calls = disk.calls.lock().clone();
    assert!(!calls.iter().any(|c| c.starts_with("sync")), "{calls:?}");
}

#[test]
fn a_base_offset_that_is_not_due_ends_the_valid_prefix() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("p-0");
    let disk = Arc::new(Recording::default());
    killed(&disk, &dir);
    let mut log = open(&disk, &dir, None);
    upkeep(&mut log, false);
    let checkpoint = checkpoint(&mut log);
    drop(log);
    // The highest byte of a base offset, which no CRC covers.
    let flip = |file: &str| {
        let mut bytes = std::fs::read(dir.join(file)).unwrap();
        bytes[0] ^= 0x10;
        std::fs::write(dir.join(file), &bytes).unwrap();
        bytes
    };
    let files = ["00000000000000000000-0.log", "00000000000000000002-0.log"];
    // A sealed segment below the recovery point is not read at the start: whoever reads it is told.
    flip(files[0]);
    let log = open(&disk, &dir, Some(&checkpoint));
    let read = crate::read::Reader::new(log.reader(), 1 << 20).batch_at(0, 3);
    assert!(matches!(read, Err(LogError::Corrupt(_))), "{read:?}");
    drop(log);
    // Nor is what the checkpoint covers of the active one.
    let bad = flip(files[1]);
    let log = open(&disk, &dir, Some(&checkpoint));
    let read = crate::read::Reader::new(log.reader(), 1 << 20).batch_at(2, 3);
    assert!(matches!(read, Err(LogError::Corrupt(_))), "{read:?}");
    drop(log);
    assert_eq!(std::fs::read(dir.join(files[1])).unwrap(), bad);
    flip(files[0]);
    flip(files[1]);
    assert_eq!(open(&disk, &dir, Some(&checkpoint)).end(), 3, "restored, it opens");
    // Nothing says that it was synced: the prefix before the damage counts.
    flip(files[1]);
    assert_eq!(open(&disk, &dir, None).end(), 2);
}

/// A writer that waits for a segment's state must not come between two locks of one reader.
#[test]
fn readers_and_the_writer_never_wait_for_each_other() {
    let temp = tempfile::tempdir().unwrap();
    let disk = Arc::new(Recording::default());
    let config = LogConfig { segment_bytes: 1 << 30, ..CONFIG };
    let mut log = Log::empty(cache(&disk), temp.path().join("p-0"), config, 0);
    upkeep(&mut log, true);
    append(&mut log);
    let reader = crate::read::Reader::new(log.reader(), 1 << 20);
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for _ in 0..20_000 {
            // Less than a batch: the header has to be looked at.
            assert!(!reader.slice(0, 1, 10, true).unwrap().is_empty());
            assert!(reader.batch_of_max_timestamp(0, 1).unwrap().is_some());
        }
        done.send(()).unwrap();
    });
    loop {
        append(&mut log);
        match ended.try_recv() {
            Ok(()) => return,
            Err(std::sync::mpsc::TryRecvError::Empty) => {}
            Err(e) => panic!("the reader failed: {e}"),
        }
    }
}

/// A sync that runs while a batch is being written does not cover it: the next round must sync again.
#[test]
fn a_write_beside_a_sync_waits_for_the_next_one() {
    let temp = tempfile::tempdir().unwrap();
    let disk = Arc::new(Recording::default());
    let mut log = Log::empty(cache(&disk), temp.path().join("p-0"), CONFIG, 0);
    upkeep(&mut log, true);
    append(&mut log);
    let (reached, at_gate) = std::sync::mpsc::channel();
    let (go, open) = std::sync::mpsc::channel();
    let first = log.capture().unwrap();
    *disk.gate.lock() = Some(Gate { reached, open });
    let writer = std::thread::spawn(move || {
        append(&mut log);
        log
    });
    at_gate.recv().unwrap();
    first.sync().unwrap();
    go.send(()).unwrap();
    let log = writer.join().unwrap();
    disk.calls.lock().clear();
    let second = log.capture().unwrap();
    assert_eq!(second.end, 2);
    second.sync().unwrap();
    assert!(disk.calls.lock().iter().any(|c| c.starts_with("sync ")), "durable(2) without a sync");
}
