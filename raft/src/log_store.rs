//! openraft's log and vote in one append-only file, written and synced by one thread.
//!
//! ```text
//!  | length u32 | crc32c u32 | kind u8 | JSON |  repeated
//!  kinds: 1 vote, 2 committed (a hint, not synced), 3 entry, 4 truncate from index, 5 purge up to log id
//! ```
//! Invariants: vote, entries, truncations and purges share one ordered stream; each is synced before it is
//! reported; the first failed write or sync poisons the store and the process must stop; a torn tail is cut, but
//! never what was committed: if a whole record behind the damage speaks of a commit, the store refuses to open.

use crate::types::{Entry, LogId, NodeId, StorageError, TypeConfig, Vote};
use openraft::storage::{LogFlushed, LogState, RaftLogStorage};
use openraft::{OptionalSend, RaftLogReader, StorageIOError};
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use storage::disk::{Disk, DiskFile, is_scarcity, read_file, replace_file, write_all_at};

pub const FILE: &str = "log";
const FILE_MAX: u64 = 4 << 30;
/// Rewrite the file when this much of it is purged or replaced.
const COMPACT_BYTES: u64 = 8 << 20;
/// Space kept for the log, so that a full disk stops produce requests before it stops the cluster's metadata.
pub const RESERVE_BYTES: u64 = 16 << 20;

/// Longer than any record of a commit; damage is searched for them byte by byte.
const COMMITTED_BYTES_MAX: usize = 1024;

const VOTE: u8 = 1;
const COMMITTED: u8 = 2;
const ENTRY: u8 = 3;
const TRUNCATE: u8 = 4;
const PURGE: u8 = 5;

#[derive(Default)]
struct State {
    vote: Option<Vote>,
    committed: Option<LogId>,
    purged: Option<LogId>,
    entries: BTreeMap<u64, Entry>,
}

enum Done {
    Log(LogFlushed<TypeConfig>),
    Call(tokio::sync::oneshot::Sender<io::Result<()>>),
    Nobody,
}

struct Job {
    records: Vec<u8>,
    sync: bool,
    done: Done,
}

/// Cheap to clone; all clones share the file.
#[derive(Clone)]
pub struct LogStore {
    state: Arc<Mutex<State>>,
    jobs: mpsc::Sender<Job>,
}

fn record<T: Serialize>(out: &mut Vec<u8>, kind: u8, value: &T) -> io::Result<()> {
    let mut body = vec![kind];
    serde_json::to_writer(&mut body, value)?;
    out.extend((body.len() as u32).to_be_bytes());
    out.extend(crc32c::crc32c(&body).to_be_bytes());
    out.extend(body);
    Ok(())
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    Ok(serde_json::from_slice(body)?)
}

impl State {
    fn replay(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        match kind {
            VOTE => self.vote = Some(parse(body)?),
            COMMITTED => self.committed = parse(body)?,
            ENTRY => {
                let e: Entry = parse(body)?;
                self.entries.insert(e.log_id.index, e);
            }
            TRUNCATE => {
                let from: u64 = parse(body)?;
                self.entries.split_off(&from);
            }
            PURGE => {
                let upto: LogId = parse(body)?;
                self.entries = self.entries.split_off(&(upto.index + 1));
                self.purged = Some(upto);
            }
            other => {
                return Err(io::Error::other(format!(
                    "unknown record kind {other}: written by a newer version?"
                )));
            }
        }
        Ok(())
    }

    /// The whole state as records, for compaction.
    fn records(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        if let Some(v) = &self.vote {
            record(&mut out, VOTE, v)?;
        }
        if let Some(p) = &self.purged {
            record(&mut out, PURGE, p)?;
        }
        for e in self.entries.values() {
            record(&mut out, ENTRY, e)?;
        }
        record(&mut out, COMMITTED, &self.committed)?;
        Ok(out)
    }
}

/// The thread's side: the only code that touches the file.
struct Io<D: Disk> {
    disk: Arc<D>,
    dir: PathBuf,
    file: D::File,
    len: u64,
    live: u64,
    state: Arc<Mutex<State>>,
    poisoned: bool,
}

impl<D: Disk> Io<D> {
    fn run(mut self, jobs: mpsc::Receiver<Job>) {
        while let Ok(first) = jobs.recv() {
            // Whatever waits shares one sync.
            let mut batch = vec![first];
            batch.extend(jobs.try_iter());
            let result = self.write(&batch);
            if let Err(e) = &result {
                tracing::error!("the Raft log in {} failed: {e}; this node stops", self.dir.display());
                self.poisoned = true;
            }
            for job in batch {
                let result = result.as_ref().map(|_| ()).map_err(|e| io::Error::new(e.kind(), e.to_string()));
                match job.done {
                    Done::Log(callback) => callback.log_io_completed(result),
                    Done::Call(tx) => drop(tx.send(result)),
                    Done::Nobody => {}
                }
            }
        }
    }

    fn write(&mut self, batch: &[Job]) -> io::Result<()> {
        if self.poisoned {
            return Err(io::Error::other("an earlier write or sync failed"));
        }
        let bytes: Vec<u8> = batch.iter().flat_map(|j| j.records.iter().copied()).collect();
        write_all_at(&self.file, &[&bytes], self.len)?;
        self.len += bytes.len() as u64;
        if batch.iter().any(|j| j.sync) {
            self.file.sync_data()?;
        }
        if self.len > COMPACT_BYTES && self.len > self.live * 2 {
            self.compact()?;
        }
        Ok(())
    }

    fn compact(&mut self) -> io::Result<()> {
        // Entries whose write is still queued here are in the state already; writing them twice is harmless.
        let records = self.state.lock().records()?;
        let path = self.dir.join(FILE);
        self.file = match replace_file(&*self.disk, &self.dir, FILE, &records) {
            Ok(file) => file,
            // A full disk leaves the old file; it is tried again when that has grown as much once more.
            Err(e) if is_scarcity(&e) && self.disk.file_len(&path)? >= self.len => {
                tracing::warn!("{}: not compacted: {e}", path.display());
                self.live = self.len;
                return Ok(());
            }
            Err(e) => return Err(e),
        };
        self.len = records.len() as u64;
        self.live = self.len;
        reserve(&self.file, self.len, &self.dir);
        Ok(())
    }
}

/// Blocks ahead of the log's end, so that metadata can change when the disk is full.
fn reserve<F: DiskFile>(file: &F, len: u64, dir: &Path) {
    if let Err(e) = file.allocate(len, RESERVE_BYTES) {
        tracing::warn!("no space could be reserved for the Raft log in {}: {e}", dir.display());
    }
}

impl LogStore {
    /// Opens or makes the log in `dir` and starts its thread.
    pub fn open<D: Disk>(disk: Arc<D>, dir: &Path) -> io::Result<LogStore> {
        let path = dir.join(FILE);
        let mut state = State::default();
        let mut len = 0u64;
        let file = match read_file(&*disk, &path, FILE_MAX)? {
            Some(content) => {
                len = replay(&mut state, &content, &path)?;
                let file = disk.open(&path)?;
                if len < content.len() as u64 {
                    file.set_len(len)?;
                    file.sync_data()?;
                }
                file
            }
            None => {
                let file = disk.create(&path)?;
                file.sync_data()?;
                disk.sync_dir(dir)?;
                file
            }
        };
        reserve(&file, len, dir);
        let state = Arc::new(Mutex::new(state));
        let (jobs, receiver) = mpsc::channel();
        let io =
            Io { disk, dir: dir.to_path_buf(), file, len, live: len, state: state.clone(), poisoned: false };
        std::thread::Builder::new().name("raft-log".into()).spawn(move || io.run(receiver))?;
        Ok(LogStore { state, jobs })
    }

    fn submit(&self, records: Vec<u8>, sync: bool, done: Done) -> io::Result<()> {
        self.jobs
            .send(Job { records, sync, done })
            .map_err(|_| io::Error::other("the Raft log thread is gone"))
    }

    async fn write(&self, records: Vec<u8>) -> io::Result<()> {
        let (tx, rx) = tokio::sync::oneshot::channel();
        self.submit(records, true, Done::Call(tx))?;
        rx.await.map_err(|_| io::Error::other("the Raft log thread is gone"))?
    }

    /// Returns when all that was submitted is written and synced.
    pub async fn flush(&self) -> io::Result<()> {
        self.write(Vec::new()).await
    }

    /// Up to where entries were replaced by a snapshot.
    pub fn purged(&self) -> Option<LogId> {
        self.state.lock().purged
    }

    /// True if nothing was ever written: the node was never part of a cluster.
    pub fn is_pristine(&self) -> bool {
        let s = self.state.lock();
        s.vote.is_none() && s.entries.is_empty() && s.purged.is_none()
    }
}

/// Replays records; returns how many bytes are whole.
fn replay(state: &mut State, content: &[u8], path: &Path) -> io::Result<u64> {
    let mut rest = content;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let len = u32::from_be_bytes(*head.first_chunk().unwrap_or(&[0; 4])) as usize;
        let crc = u32::from_be_bytes(*head.last_chunk().unwrap_or(&[0; 4]));
        let Some((body, tail)) = tail.split_at_checked(len) else { break };
        if len == 0 || crc32c::crc32c(body) != crc {
            break;
        }
        let Some((kind, json)) = body.split_first() else { break };
        state.replay(*kind, json).map_err(|e| io::Error::other(format!("{}: {e}", path.display())))?;
        rest = tail;
    }
    let whole = content.len() - rest.len();
    let last = state.entries.last_key_value().map(|(i, _)| *i).or(state.purged.map(|p| p.index));
    if committed_in(rest).is_some_and(|c| last.is_none_or(|l| c > l)) {
        return Err(io::Error::other(format!(
            "{} is damaged at byte {whole}, and records behind that were committed: restore the folder from a copy",
            path.display()
        )));
    }
    Ok(whole as u64)
}

/// The newest commit that whole records in `bytes` speak of, wherever they start. A crash tears only what was not
/// synced, and that was not committed.
fn committed_in(bytes: &[u8]) -> Option<u64> {
    let mut newest = None;
    let mut rest = bytes;
    while let Some((_, next)) = rest.split_first() {
        rest = next;
        let Some((head, tail)) = rest.split_first_chunk::<8>() else { break };
        let len = u32::from_be_bytes(*head.first_chunk().unwrap_or(&[0; 4])) as usize;
        let crc = u32::from_be_bytes(*head.last_chunk().unwrap_or(&[0; 4]));
        if tail.first() != Some(&COMMITTED) || len > COMMITTED_BYTES_MAX {
            continue;
        }
        let Some(body) = tail.get(..len).filter(|b| crc32c::crc32c(b) == crc) else { continue };
        let Some((_, json)) = body.split_first() else { continue };
        if let Ok(Some(id)) = parse::<Option<LogId>>(json) {
            newest = newest.max(Some(id.index));
        }
    }
    newest
}

fn write_error(e: io::Error) -> StorageError {
    StorageIOError::<NodeId>::write_logs(&e).into()
}

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        Ok(self.state.lock().entries.range(range).map(|(_, e)| e.clone()).collect())
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = LogStore;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, StorageError> {
        let s = self.state.lock();
        let last = s.entries.last_key_value().map(|(_, e)| e.log_id).or(s.purged);
        Ok(LogState { last_purged_log_id: s.purged, last_log_id: last })
    }

    async fn get_log_reader(&mut self) -> LogStore {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let mut records = Vec::new();
        record(&mut records, VOTE, vote).map_err(write_error)?;
        // The state moves first, in the order of the jobs, so that a compaction in between loses nothing; the vote
        // counts once this returns.
        self.state.lock().vote = Some(*vote);
        self.write(records).await.map_err(write_error)
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        Ok(self.state.lock().vote)
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), StorageError> {
        let mut records = Vec::new();
        record(&mut records, COMMITTED, &committed).map_err(write_error)?;
        self.state.lock().committed = committed;
        self.submit(records, false, Done::Nobody).map_err(write_error)
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, StorageError> {
        let s = self.state.lock();
        // The hint is not synced with the entries: after a crash it may name one that is gone.
        let last = s.entries.last_key_value().map(|(_, e)| e.log_id).or(s.purged);
        Ok(s.committed.min(last))
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<TypeConfig>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut records = Vec::new();
        {
            let mut s = self.state.lock();
            for e in entries {
                record(&mut records, ENTRY, &e).map_err(write_error)?;
                s.entries.insert(e.log_id.index, e);
            }
        }
        self.submit(records, true, Done::Log(callback)).map_err(write_error)
    }

    async fn truncate(&mut self, log_id: LogId) -> Result<(), StorageError> {
        let mut records = Vec::new();
        record(&mut records, TRUNCATE, &log_id.index).map_err(write_error)?;
        self.state.lock().entries.split_off(&log_id.index);
        self.write(records).await.map_err(write_error)
    }

    async fn purge(&mut self, log_id: LogId) -> Result<(), StorageError> {
        let mut records = Vec::new();
        record(&mut records, PURGE, &log_id).map_err(write_error)?;
        {
            let mut s = self.state.lock();
            s.entries = s.entries.split_off(&(log_id.index + 1));
            s.purged = Some(log_id);
        }
        self.write(records).await.map_err(write_error)
    }
}

#[cfg(test)]
#[path = "log_store_test.rs"]
mod tests;
