//! One log dir: lock file, identity, checkpoint, the logs in it and the threads that serve them.
//!
//! Invariants: a second process is refused with the first one's pid; a dir that belongs to another cluster or node
//! is refused; after the first failed sync nothing in the dir is acknowledged until a restart; a full disk never
//! poisons. The dir's own thread runs calls and checkpoints, helpers sync (`flush`). Owned by the broker.

use crate::checkpoint::{Checkpoints, LogCheckpoint};
use crate::disk::{Disk, RealDisk, read_file, replace_file};
use crate::error::LogError;
use crate::files::{FileCache, files_max};
use crate::flush::{FlushTarget, Queue, Round, Target};
use parking_lot::Mutex;
use protocol::ids::{TopicPartition, Uuid};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
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
/// Threads that sync logs at the same time; all but the first are started when there is a backlog.
const HELPERS_MAX: usize = 4;
/// How long after a refusal a full disk is asked again.
const RETRY: Duration = Duration::from_millis(200);
/// How long after a helper was started the backlog is looked at again.
const GROWTH: Duration = Duration::from_millis(1);

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

/// The folder that holds the name of `dir`.
fn parent_of(dir: &Path) -> &Path {
    dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a folder and its parents, and their names last: no power cut takes a folder from under synced files.
fn make_dir(dir: &Path) -> io::Result<()> {
    let missing: Vec<&Path> =
        dir.ancestors().take_while(|a| !a.as_os_str().is_empty() && !a.exists()).collect();
    for dir in missing.into_iter().rev() {
        std::fs::create_dir(dir)?;
        RealDisk.sync_dir(parent_of(dir))?;
    }
    Ok(())
}

/// Locks `dir` (made if missing) or names the process that has it.
pub fn lock(dir: &Path) -> Result<DirLock, DirError> {
    use std::io::{Read, Seek, Write};
    let io = |e| DirError::io(dir, e);
    make_dir(dir).map_err(io)?;
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
        replace_file(disk, dir, META_FILE, text.as_bytes()).map(drop).map_err(|e| DirError::io(dir, e))
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

/// When checkpoints are due, as time since any fixed moment.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    interval: Duration,
    bytes: u64,
    last: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace::new(CHECKPOINT_INTERVAL, CHECKPOINT_BYTES)
    }
}

impl Pace {
    /// A checkpoint after this time, or after so many bytes.
    pub const fn new(interval: Duration, bytes: u64) -> Pace {
        Pace { interval, bytes, last: Duration::ZERO }
    }

    /// How long the thread may sleep if nothing is queued.
    pub fn wait(&self, now: Duration) -> Duration {
        (self.last + self.interval).saturating_sub(now).max(Duration::from_millis(1))
    }

    fn is_due(&self, now: Duration, appended: u64) -> bool {
        now.saturating_sub(self.last) >= self.interval || appended >= self.bytes
    }
}

/// An open log dir.
pub struct LogDir<D: Disk> {
    pub disk: Arc<D>,
    /// The segment files of its logs.
    pub files: Arc<FileCache<D>>,
    pub path: PathBuf,
    pub queue: Queue,
    checkpoints: Mutex<Checkpoints<D>>,
    logs: Mutex<BTreeMap<TopicPartition, Target>>,
    /// Partitions placed here, with data or without.
    placed: AtomicUsize,
    /// Bytes appended since the last checkpoint.
    appended: AtomicU64,
    failed: AtomicBool,
    on_failure: Box<dyn Fn(&str) + Send + Sync>,
    on_round: Box<dyn Fn(Duration) + Send + Sync>,
}

impl<D: Disk> LogDir<D> {
    /// `on_failure` hears why the dir went offline; `on_round` how long each sync of a log took.
    pub fn open(
        disk: Arc<D>,
        path: &Path,
        on_failure: impl Fn(&str) + Send + Sync + 'static,
        on_round: impl Fn(Duration) + Send + Sync + 'static,
    ) -> Result<LogDir<D>, DirError> {
        let made = disk.create_dir(path).and_then(|()| match disk.sync_dir(parent_of(path)) {
            // Made by somebody else then, before us.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            r => r,
        });
        made.map_err(|e| DirError::io(path, e))?;
        let checkpoints = Checkpoints::open(&*disk, path)
            .map_err(|source| DirError::Log { path: path.display().to_string(), source })?;
        let files = FileCache::new(disk.clone(), files_max());
        Ok(LogDir {
            files,
            disk,
            path: path.to_path_buf(),
            queue: Queue::default(),
            checkpoints: Mutex::new(checkpoints),
            logs: Mutex::new(BTreeMap::new()),
            placed: AtomicUsize::new(0),
            appended: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            on_failure: Box::new(on_failure),
            on_round: Box::new(on_round),
        })
    }

    pub fn folder(&self, tp: &TopicPartition) -> PathBuf {
        self.path.join(tp.to_string())
    }

    /// What the checkpoint says of a log; `None` if it is not listed.
    pub fn checkpoint_of(&self, tp: &TopicPartition) -> Result<Option<LogCheckpoint>, LogError> {
        self.checkpoints.lock().get(tp)
    }

    pub fn is_listed(&self, tp: &TopicPartition) -> bool {
        self.checkpoints.lock().is_listed(tp)
    }

    /// Partitions that live here; new ones go where there are fewest.
    pub fn placed(&self) -> usize {
        self.placed.load(Ordering::Relaxed)
    }

    /// One more partition lives here.
    pub fn place(&self) {
        self.placed.fetch_add(1, Ordering::Relaxed);
    }

    /// Told of every append, so that a checkpoint comes after so many bytes.
    pub fn note_appended(&self, bytes: u64) {
        let before = self.appended.fetch_add(bytes, Ordering::Relaxed);
        if before < CHECKPOINT_BYTES && before + bytes >= CHECKPOINT_BYTES {
            self.queue.poke();
        }
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
        self.logs.lock().insert(target.id(), target.clone());
        if self.is_failed() {
            target.offline(&self.why_failed());
        }
    }

    fn why_failed(&self) -> String {
        format!("log dir {} failed", self.path.display())
    }

    pub fn is_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Poisons the dir if the error says so.
    fn fail_if_fatal<T>(&self, r: Result<T, LogError>) -> Result<T, LogError> {
        let Err(e) = &r else { return r };
        if e.is_fatal() && !self.failed.swap(true, Ordering::AcqRel) {
            let why = format!("{}: {e}", self.why_failed());
            tracing::error!("{why}; its partitions are offline until a restart");
            let targets: Vec<Target> = self.logs.lock().values().cloned().collect();
            targets.iter().for_each(|t| t.offline(&why));
            (self.on_failure)(&why);
        }
        r
    }

    /// Syncs the given logs and writes their records.
    pub fn checkpoint_logs(&self, targets: &[Target]) -> Result<(), LogError> {
        let mut records = Vec::with_capacity(targets.len());
        let mut refused = None;
        for t in targets {
            let record = {
                let _alone = t.marks().serve_alone();
                t.checkpoint()
            };
            match record {
                Ok(record) => {
                    t.durable(record.recovery_point);
                    records.push((t.id(), Some(record)));
                }
                Err(e) if e.is_fatal() => return Err(e),
                // One log that has no space for its next file must not keep the others' records back.
                Err(e) => refused = Some(e),
            }
        }
        let written = self.checkpoints.lock().write(&*self.disk, records);
        if written.is_err() || refused.is_some() {
            targets.iter().for_each(|t| t.checkpoint_failed());
        }
        written.and(refused.map_or(Ok(()), Err))
    }

    /// A checkpoint of every log that was appended to since its last record.
    pub fn checkpoint(&self) -> Result<(), LogError> {
        self.appended.store(0, Ordering::Relaxed);
        let all: Vec<Target> = self.logs.lock().values().cloned().collect();
        let dirty: Vec<Target> = all.into_iter().filter(|t| t.dirty_bytes() > 0).collect();
        self.checkpoint_logs(&dirty)
    }

    /// Removes a log for good: its record first, then its folder.
    pub fn remove(&self, tp: &TopicPartition) -> Result<(), LogError> {
        let target = self.logs.lock().remove(tp);
        // Nobody may be at work in the folder while it goes.
        let _alone = target.as_ref().map(|t| t.marks().serve_alone());
        let folder = self.folder(tp);
        let gone = self.path.join(format!("{tp}.deleted"));
        if self.disk.exists(&folder)? {
            self.disk.rename(&folder, &gone)?;
            self.disk.sync_dir(&self.path).map_err(LogError::Sync)?;
        }
        let mut checkpoints = self.checkpoints.lock();
        if checkpoints.is_listed(tp) {
            checkpoints.write(&*self.disk, vec![(*tp, None)])?;
        }
        drop(checkpoints);
        if self.disk.exists(&gone)? {
            self.disk.remove_dir(&gone)?;
        }
        Ok(())
    }

    /// A partition does not live here any more.
    pub fn unplace(&self) {
        self.placed.fetch_sub(1, Ordering::Relaxed);
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

    /// Serves one target; the dir's threads do nothing else with one.
    pub fn serve(&self, t: &Target) {
        if self.is_failed() {
            t.offline(&self.why_failed());
            return;
        }
        let began = monotonic();
        let served = self.queue.serve(t);
        match self.fail_if_fatal(served) {
            Ok(true) => (self.on_round)(began.elapsed()),
            Ok(false) => {}
            Err(_) => t.offline(&self.why_failed()),
        }
    }

    fn help(&self) {
        while let Some(t) = self.queue.next() {
            self.serve(&t);
        }
    }

    fn call(&self, f: Box<dyn FnOnce(Result<(), LogError>) + Send>) {
        f(if self.is_failed() { Err(LogError::Offline(self.why_failed())) } else { Ok(()) });
    }

    /// Makes the checkpoint file while there is space for it. Every log was opened by now.
    fn prepare(&self) {
        let prepared = self.checkpoints.lock().prepare(&*self.disk);
        if let Err(e) = self.fail_if_fatal(prepared) {
            tracing::warn!("{}: no checkpoint file: {e}", self.path.display());
        }
    }

    /// The dir's thread: runs until `queue.stop()`, then writes a last checkpoint.
    pub fn run(&self) {
        self.prepare();
        std::thread::scope(|scope| {
            let mut helpers = vec![scope.spawn(|| self.help())];
            let started = monotonic();
            let mut pace = Pace::default();
            let mut retried = None;
            let mut is_growing = false;
            loop {
                let mut wait = pace.wait(started.elapsed());
                if retried.is_some() {
                    wait = wait.min(RETRY);
                }
                if is_growing {
                    wait = wait.min(GROWTH);
                }
                let due = self.queue.due(wait);
                is_growing = due.is_behind && helpers.len() < HELPERS_MAX;
                if is_growing {
                    helpers.push(scope.spawn(|| self.help()));
                }
                due.calls.into_iter().for_each(|f| self.call(f));
                let now = started.elapsed();
                if !due.has_later {
                    retried = None;
                } else if now.saturating_sub(*retried.get_or_insert(now)) >= RETRY {
                    retried = Some(now);
                    self.queue.retry();
                }
                if due.stop {
                    break;
                }
                if self.checkpoint_if_due(&mut pace, now) {
                    self.files.sweep();
                }
            }
            // The helpers end once everything that is queued was served.
            for h in helpers {
                if h.join().is_err() {
                    tracing::error!("{}: a thread of the log dir ended badly", self.path.display());
                }
            }
        });
        self.checkpoint_now();
    }

    /// One turn in one thread: all targets, a checkpoint if one is due, the calls. `now` counts from any fixed moment.
    /// True when there should be no further turn. The simulator's way to do what `run` does.
    pub fn step(&self, pace: &mut Pace, now: &dyn Fn() -> Duration, round: Round) -> bool {
        self.prepare();
        round.targets.iter().for_each(|t| self.serve(t));
        self.checkpoint_if_due(pace, now());
        if round.stop {
            self.checkpoint_now();
        }
        round.calls.into_iter().for_each(|f| self.call(f));
        round.stop
    }

    fn checkpoint_if_due(&self, pace: &mut Pace, now: Duration) -> bool {
        let due = pace.is_due(now, self.appended.load(Ordering::Relaxed));
        if due {
            self.checkpoint_now();
            pace.last = now;
        }
        due
    }

    fn checkpoint_now(&self) {
        if self.is_failed() {
            return;
        }
        let done = self.checkpoint();
        if let Err(e) = self.fail_if_fatal(done) {
            tracing::warn!("{}: no checkpoint: {e}", self.path.display());
        }
    }

    /// Runs `f` on the dir's thread; an error that says so poisons the dir. `done` hears how it went.
    pub fn submit(
        self: &Arc<Self>,
        f: impl FnOnce(&LogDir<D>) -> Result<(), LogError> + Send + 'static,
        done: impl FnOnce(Result<(), LogError>) + Send + 'static,
    ) {
        let dir = self.clone();
        self.queue.call(move |alive| {
            let result = alive.and_then(|()| f(&dir));
            done(dir.fail_if_fatal(result));
        });
    }
}

/// Turns a concrete partition into the dir's view of it.
pub fn target<T: FlushTarget + 'static>(t: &Arc<T>) -> Target {
    t.clone()
}

#[cfg(test)]
#[path = "dir_test.rs"]
mod tests;
