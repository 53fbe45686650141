//! One log dir: lock file, identity, checkpoint, the logs in it and the thread that syncs them.
//!
//! Invariants: a second process is refused with the first one's pid; a dir that belongs to another cluster or node
//! is refused; after the first failed sync nothing in the dir is acknowledged until a restart. Owned by the broker.

use crate::checkpoint::{Checkpoints, LogCheckpoint};
use crate::disk::{Disk, read_file, replace_file};
use crate::error::LogError;
use crate::flush::{FlushTarget, Queue, Target, run_round};
use parking_lot::Mutex;
use protocol::ids::{TopicPartition, Uuid};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The dir thread's clock: it times rounds and checkpoints, nothing that is decided by a machine.
#[expect(clippy::disallowed_methods, reason = "the storage crate's one reader of a clock")]
fn monotonic() -> Instant {
    Instant::now()
}

/// A log as the dir sees it.
pub type DirTarget = Target;

const META_FILE: &str = "meta.properties";
const LOCK_FILE: &str = ".lock";
/// Bytes appended in a dir, or time, after which a checkpoint is written.
pub const CHECKPOINT_BYTES: u64 = 64 << 20;
pub const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(60);
/// How soon logs that a full disk kept from being sealed are tried again.
const FULL_RETRY: Duration = Duration::from_millis(200);

#[derive(Debug, thiserror::Error)]
pub enum DirError {
    #[error(
        "{path} is in use by process {pid}: stop that one first, or choose another folder with --data-dir"
    )]
    InUse { path: String, pid: String },
    #[error(
        "{path} belongs to {what} {found}, this is {what} {wanted}: check node.id and the folder, or use an empty one"
    )]
    Foreign { path: String, what: &'static str, found: String, wanted: String },
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
    #[error("{path}: {source}")]
    Log { path: String, source: LogError },
}

impl DirError {
    fn io(path: &Path, source: io::Error) -> DirError {
        DirError::Io { path: path.display().to_string(), source }
    }
}

/// Holds a folder for this process; dropped with it.
#[derive(Debug)]
pub struct DirLock(#[expect(dead_code, reason = "the lock is held as long as the file is open")] File);

/// Locks `dir` (made if missing) or names the process that has it.
pub fn lock(dir: &Path) -> Result<DirLock, DirError> {
    use std::io::{Read, Seek, Write};
    let io = |e| DirError::io(dir, e);
    std::fs::create_dir_all(dir).map_err(io)?;
    let path = dir.join(LOCK_FILE);
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
    if file.try_lock().is_err() {
        let mut pid = String::new();
        file.read_to_string(&mut pid).map_err(io)?;
        return Err(DirError::InUse { path: dir.display().to_string(), pid: pid.trim().to_string() });
    }
    file.set_len(0).map_err(io)?;
    file.rewind().map_err(io)?;
    writeln!(file, "{}", std::process::id()).map_err(io)?;
    Ok(DirLock(file))
}

/// Who a dir belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    pub cluster_id: String,
    pub node_id: i32,
    pub directory_id: Uuid,
}

impl Meta {
    fn parse(text: &str) -> Option<Meta> {
        let value =
            |key: &str| text.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=')).map(str::trim);
        Some(Meta {
            cluster_id: value("cluster.id")?.to_string(),
            node_id: value("node.id")?.parse().ok()?,
            directory_id: Uuid::parse(value("directory.id")?)?,
        })
    }

    pub fn read<D: Disk>(disk: &D, dir: &Path) -> Result<Option<Meta>, DirError> {
        let raw = read_file(disk, &dir.join(META_FILE), 4096).map_err(|e| DirError::io(dir, e))?;
        let Some(raw) = raw else { return Ok(None) };
        match Meta::parse(&String::from_utf8_lossy(&raw)) {
            Some(m) => Ok(Some(m)),
            None => Err(DirError::io(dir, io::Error::other(format!("{META_FILE} does not parse")))),
        }
    }

    pub fn write<D: Disk>(&self, disk: &D, dir: &Path) -> Result<(), DirError> {
        let text = format!(
            "version=1\ncluster.id={}\nnode.id={}\ndirectory.id={}\n",
            self.cluster_id, self.node_id, self.directory_id
        );
        replace_file(disk, dir, META_FILE, text.as_bytes()).map_err(|e| DirError::io(dir, e))
    }

    /// Refuses a folder of another cluster or node.
    pub fn check(&self, dir: &Path, cluster_id: &str, node_id: i32) -> Result<(), DirError> {
        let foreign = |what, found: String, wanted: String| {
            Err(DirError::Foreign { path: dir.display().to_string(), what, found, wanted })
        };
        if self.cluster_id != cluster_id {
            return foreign("cluster", self.cluster_id.clone(), cluster_id.to_string());
        }
        if self.node_id != node_id {
            return foreign("node", self.node_id.to_string(), node_id.to_string());
        }
        Ok(())
    }
}

/// An open log dir.
pub struct LogDir<D: Disk> {
    pub disk: Arc<D>,
    pub path: PathBuf,
    pub queue: Queue,
    checkpoints: Mutex<Checkpoints<D>>,
    logs: Mutex<BTreeMap<TopicPartition, Target>>,
    failed: AtomicBool,
    on_failure: Box<dyn Fn(&str) + Send + Sync>,
    on_round: Box<dyn Fn(Duration) + Send + Sync>,
}

impl<D: Disk> LogDir<D> {
    /// `on_failure` hears why the dir went offline; `on_round` how long each sync round took.
    pub fn open(
        disk: Arc<D>,
        path: &Path,
        on_failure: impl Fn(&str) + Send + Sync + 'static,
        on_round: impl Fn(Duration) + Send + Sync + 'static,
    ) -> Result<LogDir<D>, DirError> {
        disk.create_dir(path).map_err(|e| DirError::io(path, e))?;
        let checkpoints = Checkpoints::open(&*disk, path)
            .map_err(|source| DirError::Log { path: path.display().to_string(), source })?;
        Ok(LogDir {
            disk,
            path: path.to_path_buf(),
            queue: Queue::default(),
            checkpoints: Mutex::new(checkpoints),
            logs: Mutex::new(BTreeMap::new()),
            failed: AtomicBool::new(false),
            on_failure: Box::new(on_failure),
            on_round: Box::new(on_round),
        })
    }

    pub fn folder(&self, tp: &TopicPartition) -> PathBuf {
        self.path.join(tp.to_string())
    }

    /// What the checkpoint says of a log; `None` if it is not listed.
    pub fn checkpoint_of(&self, tp: &TopicPartition) -> Option<LogCheckpoint> {
        self.checkpoints.lock().get(tp).cloned()
    }

    pub fn listed(&self) -> Vec<TopicPartition> {
        self.checkpoints.lock().listed().copied().collect()
    }

    /// Folders of partitions that exist on disk.
    pub fn folders(&self) -> Result<Vec<TopicPartition>, LogError> {
        Ok(self.disk.list(&self.path)?.iter().filter_map(|n| TopicPartition::parse(n)).collect())
    }

    /// From now on the dir's thread checkpoints this log.
    pub fn register(&self, target: Target) {
        self.logs.lock().insert(target.id(), target);
    }

    pub fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    fn fail(&self, e: &LogError) {
        if self.failed.swap(true, Ordering::AcqRel) {
            return;
        }
        let why = format!("log dir {} failed: {e}", self.path.display());
        tracing::error!("{why}; its partitions are offline until a restart");
        for t in self.logs.lock().values() {
            t.offline(&why);
        }
        (self.on_failure)(&why);
    }

    /// Syncs the given logs and writes their records.
    pub fn checkpoint_logs(&self, targets: &[Target]) -> Result<(), LogError> {
        let mut records = Vec::with_capacity(targets.len());
        for t in targets {
            t.upkeep()?;
            let record = t.checkpoint()?;
            t.durable(record.recovery_point);
            records.push((t.id(), Some(record)));
        }
        self.checkpoints.lock().write(&*self.disk, records)
    }

    /// A checkpoint of every log that was appended to since its last record (`all`: of every log).
    pub fn checkpoint(&self, all: bool) -> Result<(), LogError> {
        let targets: Vec<Target> =
            self.logs.lock().values().filter(|t| all || t.dirty_bytes() > 0).cloned().collect();
        self.checkpoint_logs(&targets)
    }

    /// Removes a log for good: its record first, then its folder.
    pub fn remove(&self, tp: &TopicPartition) -> Result<(), LogError> {
        self.logs.lock().remove(tp);
        let listed = self.checkpoints.lock().get(tp).is_some();
        let folder = self.folder(tp);
        let gone = self.path.join(format!("{tp}.deleted"));
        if self.disk.exists(&folder)? {
            self.disk.rename(&folder, &gone)?;
            self.disk.sync_dir(&self.path)?;
        }
        if listed {
            self.checkpoints.lock().write(&*self.disk, vec![(*tp, None)])?;
        }
        if self.disk.exists(&gone)? {
            self.disk.remove_dir(&gone)?;
        }
        Ok(())
    }

    /// Removes what an interrupted removal left.
    pub fn sweep_deleted(&self) -> Result<(), LogError> {
        for name in self.disk.list(&self.path)? {
            if name.strip_suffix(".deleted").is_some_and(|n| TopicPartition::parse(n).is_some()) {
                self.disk.remove_dir(&self.path.join(name))?;
            }
        }
        Ok(())
    }

    /// The dir's thread: runs until `queue.stop()`, then writes a last checkpoint.
    pub fn run(&self) {
        let mut last_checkpoint = monotonic();
        let mut since_check = monotonic();
        let mut full: Vec<Target> = Vec::new();
        loop {
            let mut wait = CHECKPOINT_INTERVAL.saturating_sub(last_checkpoint.elapsed());
            if !full.is_empty() {
                wait = wait.min(FULL_RETRY);
            }
            let mut round = self.queue.take(wait.max(Duration::from_millis(1)));
            round.sync.append(&mut full);
            let calls = std::mem::take(&mut round.calls);
            let stop = round.stop;
            if self.is_failed() {
                calls.into_iter().for_each(|f| f(Err(LogError::Offline("the log dir failed".into()))));
                if stop {
                    return;
                }
                continue;
            }
            let began = monotonic();
            let syncs = !round.sync.is_empty();
            let mut result = run_round(&mut round, |_| {});
            full = std::mem::take(&mut round.sync);
            if syncs {
                (self.on_round)(began.elapsed());
            }
            let due = stop
                || last_checkpoint.elapsed() >= CHECKPOINT_INTERVAL
                || (since_check.elapsed() >= Duration::from_millis(200) && {
                    since_check = monotonic();
                    self.logs.lock().values().map(|t| t.dirty_bytes()).sum::<u64>() >= CHECKPOINT_BYTES
                });
            if result.is_ok() && due {
                result = self.checkpoint(stop);
                last_checkpoint = monotonic();
            }
            match &result {
                Err(e) if e.is_full() => tracing::warn!("{}: no space for a checkpoint", self.path.display()),
                Err(e) => self.fail(e),
                Ok(()) => {}
            }
            for f in calls {
                f(if self.is_failed() {
                    Err(LogError::Offline("the log dir failed".into()))
                } else {
                    Ok(())
                });
            }
            if stop {
                return;
            }
        }
    }

    /// Runs `f` on the dir's thread; its error poisons the dir. `done` hears how it went.
    pub fn submit(
        self: &Arc<Self>,
        f: impl FnOnce(&LogDir<D>) -> Result<(), LogError> + Send + 'static,
        done: impl FnOnce(Result<(), LogError>) + Send + 'static,
    ) {
        let dir = self.clone();
        self.queue.call(move |alive| {
            let result = alive.and_then(|()| f(&dir));
            // A full disk refuses the job; it does not make what is on disk doubtful.
            if let Some(e) = result.as_ref().err().filter(|e| !e.is_full()) {
                dir.fail(e);
            }
            done(result);
        });
    }
}

/// Turns a concrete partition into the dir's view of it.
pub fn target<T: FlushTarget + 'static>(t: &Arc<T>) -> Target {
    t.clone()
}
