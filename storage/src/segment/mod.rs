//! One segment: a file of batches with an index in memory and, up to the recovery point, on disk.
//!
//! Invariants: `size` bytes are published and never change; the file may hold more (a failed append, a cut tail),
//! which no reader sees; the index is sparse and its entries are in offset order; `tail` holds the latest batches of
//! the active segment, so that a hot fetch walks nothing. File and index are opened on first use and let go when
//! idle (`files`). Written under the partition's lock, read without it.

pub mod index;
pub mod recover;
mod state;

pub use state::SegmentState;

use crate::disk::{Disk, DiskFile, Slice, read_exact_at};
use crate::error::LogError;
use crate::files::FileCache;
use parking_lot::{Mutex, RwLock};
use protocol::records::{BatchHeader, HEADER_LEN};
use recover::{ScanFrom, scan};
use state::Lazy;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// The prepared next segment, until it is used and named.
pub(crate) const NEXT_FILE: &str = "next.log";

pub struct Segment<D: Disk> {
    pub base: i64,
    pub generation: u32,
    dir: Arc<Path>,
    files: Arc<FileCache<D>>,
    me: Weak<Segment<D>>,
    open: Mutex<Option<Arc<D::File>>>,
    used: AtomicBool,
    /// Writes that were begun and that ended, and how many of the latter a sync has covered.
    begun: AtomicU64,
    ended: AtomicU64,
    synced: AtomicU64,
    /// Still under the prepared file's name.
    unnamed: AtomicBool,
    pub state: RwLock<SegmentState>,
    /// One at a time loads, saves or rebuilds the index.
    indexing: Mutex<()>,
}

/// `<base>-<generation>.log`, the base with 20 digits as Kafka writes it.
pub fn file_name(base: i64, generation: u32, suffix: &str) -> String {
    format!("{base:020}-{generation}.{suffix}")
}

/// Reads base and generation back from a log file's name.
pub fn parse_name(name: &str) -> Option<(i64, u32)> {
    let stem = name.strip_suffix(".log")?;
    let (base, generation) = stem.split_once('-')?;
    let parsed = (base.parse().ok()?, generation.parse().ok()?);
    (file_name(parsed.0, parsed.1, "log") == name).then_some(parsed)
}

pub fn log_path(dir: &Path, base: i64, generation: u32) -> PathBuf {
    dir.join(file_name(base, generation, "log"))
}

pub fn index_path(dir: &Path, base: i64, generation: u32) -> PathBuf {
    dir.join(file_name(base, generation, "index"))
}

pub fn producers_path(dir: &Path, base: i64, generation: u32) -> PathBuf {
    dir.join(file_name(base, generation, "producers"))
}

/// Every file that a segment may have.
pub fn paths(dir: &Path, base: i64, generation: u32) -> [PathBuf; 3] {
    [
        log_path(dir, base, generation),
        index_path(dir, base, generation),
        producers_path(dir, base, generation),
    ]
}

/// A batch found in a segment: its header and where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Located {
    pub header: BatchHeader,
    pub position: u32,
    pub len: u32,
}

impl<D: Disk> Segment<D> {
    /// A segment in `dir`, with its file if that was just made.
    pub fn new(
        files: &Arc<FileCache<D>>,
        dir: &Arc<Path>,
        (base, generation): (i64, u32),
        state: SegmentState,
        file: Option<Arc<D::File>>,
    ) -> Arc<Segment<D>> {
        let is_open = file.is_some();
        let segment = Arc::new_cyclic(|me| Segment {
            base,
            generation,
            dir: dir.clone(),
            files: files.clone(),
            me: me.clone(),
            open: Mutex::new(file),
            used: AtomicBool::new(true),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            synced: AtomicU64::new(0),
            unnamed: AtomicBool::new(false),
            state: RwLock::new(state),
            indexing: Mutex::new(()),
        });
        if is_open {
            files.opened(segment.me.clone());
        }
        segment
    }

    pub(crate) fn is_unnamed(&self) -> bool {
        self.unnamed.load(Ordering::Acquire)
    }
    pub(crate) fn set_unnamed(&self, unnamed: bool) {
        self.unnamed.store(unnamed, Ordering::Release);
    }

    pub(crate) fn path(&self) -> PathBuf {
        if self.is_unnamed() {
            return self.dir.join(NEXT_FILE);
        }
        log_path(&self.dir, self.base, self.generation)
    }

    fn index_path(&self) -> PathBuf {
        index_path(&self.dir, self.base, self.generation)
    }

    /// The open file; opened if it is not.
    pub fn file(&self) -> io::Result<Arc<D::File>> {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        let mut held = self.open.lock();
        if let Some(f) = held.as_ref() {
            return Ok(f.clone());
        }
        let f = Arc::new(self.files.open(&self.path())?);
        *held = Some(f.clone());
        drop(held);
        self.files.opened(self.me.clone());
        Ok(f)
    }

    /// Closes the file and lets the index go unless somebody needs them; true if the file is closed.
    pub(crate) fn close_if_idle(&self) -> bool {
        if self.used.swap(false, Ordering::Relaxed) || self.is_dirty() {
            return false;
        }
        let Some(mut held) = self.open.try_lock() else { return false };
        if held.as_ref().is_some_and(|f| Arc::strong_count(f) > 1) || self.is_dirty() {
            return false;
        }
        *held = None;
        drop(held);
        if let Some(_one) = self.indexing.try_lock()
            && let Some(mut s) = self.state.try_write()
        {
            s.unload_index();
        }
        true
    }

    /// Called before every write, while the caller holds the file; `end_write` after it, whatever became of it.
    pub(crate) fn begin_write(&self) {
        self.begun.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn end_write(&self) {
        self.ended.fetch_add(1, Ordering::AcqRel);
    }

    /// The file has bytes that the next sync must cover, however they came there.
    pub(crate) fn note_write(&self) {
        self.begin_write();
        self.end_write();
    }

    /// True if the file has bytes that no sync has covered.
    pub(crate) fn is_dirty(&self) -> bool {
        self.begun.load(Ordering::Acquire) != self.synced.load(Ordering::Acquire)
    }

    /// Syncs what was written so far, if anything was. A write that has begun and not ended is not covered: its bytes
    /// may come after the sync has looked.
    pub(crate) fn sync(&self) -> Result<(), LogError> {
        let covered = self.ended.load(Ordering::Acquire);
        if covered == self.synced.load(Ordering::Acquire) {
            return Ok(());
        }
        self.file()?.sync_data().map_err(LogError::Sync)?;
        self.synced.fetch_max(covered, Ordering::AcqRel);
        Ok(())
    }

    /// Makes the index complete in memory: from its file, or from the batches if that is damaged.
    pub fn load_index(&self) -> Result<(), LogError> {
        if self.state.read().is_loaded() {
            return Ok(());
        }
        let _one = self.indexing.lock();
        let (lazy, size, end, before) = {
            let s = self.state.read();
            (s.lazy(), s.size, s.end_offset, s.index.first().map_or(s.size, |e| e.position))
        };
        let found = match lazy {
            Lazy::Loaded => return Ok(()),
            Lazy::Prefix(n) => index::load(&**self.files.disk(), &self.index_path(), before)?
                .into_iter()
                .map(Some)
                .chain(std::iter::repeat(None))
                .take(n)
                .collect::<Option<Vec<_>>>()
                .map(|entries| (entries, None)),
            Lazy::Sealed => index::load_sealed(&**self.files.disk(), &self.index_path(), size, end)?
                .map(|(entries, seal)| (entries, Some(seal))),
        };
        match found {
            Some((entries, seal)) => self.state.write().index_loaded(entries, seal, true),
            None => self.rebuild_index(before)?,
        }
        Ok(())
    }

    /// The index file is damaged or lost: reads the batches below `bound` instead, each with its CRC.
    fn rebuild_index(&self, bound: u32) -> Result<(), LogError> {
        tracing::warn!("{}: damaged or missing, rebuilt from the batches", self.index_path().display());
        let mut fresh = SegmentState::empty(self.base);
        let (first_ms, last_ms) = self.state.read().append_times();
        let file = self.file()?;
        let from = ScanFrom { position: 0, next_offset: self.base, epoch: -1, file_len: bound.into() };
        let done = scan(&*file, from, |h, _, len| {
            // What is known of the append times bounds what must be guessed.
            let guess = h.max_timestamp.clamp(first_ms, last_ms.max(first_ms));
            fresh.push(h, len, guess, index::REBUILD_INTERVAL);
        })?;
        if done.end_position != u64::from(bound) {
            let path = self.path();
            return Err(LogError::Corrupt(format!(
                "{}: damaged at byte {} of {bound}",
                path.display(),
                done.end_position
            )));
        }
        let mut s = self.state.write();
        let seal = (bound == s.size).then(|| fresh.seal_entry());
        s.index_loaded(fresh.index, seal, false);
        Ok(())
    }

    /// Saves the index entries that the file lacks, with the seal if the segment is complete, and syncs them.
    /// Returns how many entries the file has. Called by the dir's threads.
    pub(crate) fn save_index(&self, seal: bool) -> Result<usize, LogError> {
        let _one = self.indexing.lock();
        let (new, saved, last) = {
            let s = self.state.read();
            (s.unsaved_index().to_vec(), s.index_saved(), seal.then(|| s.seal_entry()))
        };
        if new.is_empty() && last.is_none() {
            return Ok(saved);
        }
        let fresh = index::append(&**self.files.disk(), &self.index_path(), &new, saved, last)?;
        if fresh {
            self.files.disk().sync_dir(&self.dir).map_err(LogError::Sync)?;
        }
        self.state.write().index_was_saved(saved + new.len());
        Ok(saved + new.len())
    }

    /// As `save_index`. An index that cannot be written is done without: it only saves time, what it lacks is read from
    /// the batches. A sync that failed is the disk's matter and an error.
    pub(crate) fn try_save_index(&self, seal: bool) -> Result<Option<usize>, LogError> {
        match self.save_index(seal) {
            Ok(saved) => Ok(Some(saved)),
            Err(e @ LogError::Sync(_)) => Err(e),
            Err(e) => {
                tracing::warn!("{}: no index: {e}", self.index_path().display());
                Ok(None)
            }
        }
    }

    /// The header of the batch at `position`, which must lie below the published size.
    pub fn header_at(&self, file: &D::File, position: u32, size: u32) -> Result<Located, LogError> {
        let mut buf = [0u8; HEADER_LEN];
        if u64::from(position) + HEADER_LEN as u64 > u64::from(size) {
            return Err(LogError::Corrupt(format!("no batch fits at {position} of {size}")));
        }
        read_exact_at(file, &mut buf, position.into())?;
        let header = BatchHeader::read(&buf).filter(|h| h.magic == 2);
        let header = header.ok_or_else(|| LogError::Corrupt(format!("no batch at {position}")))?;
        let len = header.total_len().filter(|n| *n as u64 + u64::from(position) <= u64::from(size));
        let len = len.ok_or_else(|| LogError::Corrupt(format!("batch at {position} runs past the end")))?;
        // The base offset lies outside the CRC: what it may be is known from the segment.
        let end = self.state.read().end_offset;
        if header.base_offset < self.base || header.last_offset_delta < 0 || header.last_offset() >= end {
            let (first, last) = (header.base_offset, header.last_offset());
            return Err(LogError::Corrupt(format!(
                "batch at {position} claims offsets {first}..={last}, the segment holds {}..{end}",
                self.base
            )));
        }
        Ok(Located { header, position, len: len as u32 })
    }

    /// Walks headers from `position` until `stop` says so; `None` if the end comes first. Offsets have no checksum:
    /// each batch must go on where the one before ended.
    pub fn walk(
        &self,
        mut position: u32,
        size: u32,
        mut stop: impl FnMut(&Located) -> bool,
    ) -> Result<Option<Located>, LogError> {
        let file = self.file()?;
        let mut next = match position {
            0 => Some(self.base),
            _ => self.state.read().indexed_offset(position),
        };
        while position < size {
            let at = self.header_at(&file, position, size)?;
            if next.is_some_and(|n| n != at.header.base_offset) || at.header.last_offset_delta < 0 {
                return Err(self.corrupt(position));
            }
            if stop(&at) {
                return Ok(Some(at));
            }
            next = Some(at.header.next_offset());
            position += at.len;
        }
        Ok(None)
    }

    /// Reads the batch at `position` and checks it against its CRC.
    pub(crate) fn check_batch(&self, position: u32, size: u32) -> Result<(), LogError> {
        let file = self.file()?;
        let at = self.header_at(&file, position, size)?;
        let mut bytes = vec![0; at.len as usize];
        read_exact_at(&*file, &mut bytes, position.into())?;
        if at.header.crc_matches(&bytes) { Ok(()) } else { Err(self.corrupt(position)) }
    }

    pub(crate) fn corrupt(&self, position: u32) -> LogError {
        LogError::Corrupt(format!("{}: the batch at {position} is damaged", self.path().display()))
    }

    /// Where the batch that holds `offset` (or the first one after it) starts; the size if there is none.
    pub fn position_of(&self, offset: i64) -> Result<u32, LogError> {
        let (start, size) = loop {
            {
                let s = self.state.read();
                if offset >= s.end_offset {
                    return Ok(s.size);
                }
                if let Some(at) = s.tail_position(offset) {
                    return Ok(at);
                }
                if s.knows(offset) {
                    break (index::floor(&s.index, offset), s.size);
                }
            }
            self.load_index()?;
        };
        let found = self.walk(start, size, |l| l.header.last_offset() >= offset)?;
        Ok(found.map_or(size, |l| l.position))
    }

    /// First offset that is not wholly below `position`; the end if everything is. Reads headers behind the nearest
    /// place that is known, so it looks at what was just read.
    pub fn offset_below(&self, position: u32) -> Result<i64, LogError> {
        let (start, size, end) = {
            let s = self.state.read();
            // An answer mostly ends where a batch does: nothing is read then.
            if let Some(base) = s.base_at(position) {
                return Ok(base);
            }
            (s.known_place(position), s.size, s.end_offset)
        };
        if position >= size {
            return Ok(end);
        }
        let cut = self.walk(start, size, |l| l.position.saturating_add(l.len) > position)?;
        Ok(cut.map_or(end, |l| l.header.base_offset))
    }

    /// Where a search for the first timestamp >= `t` must start.
    pub fn position_by_time(&self, t: i64) -> Result<u32, LogError> {
        loop {
            {
                let s = self.state.read();
                if s.is_loaded() {
                    return Ok(index::floor_by_time(&s.index, t));
                }
            }
            self.load_index()?;
        }
    }

    /// Wall time at which the batch at `position` was appended, as far as the sparse index knows.
    pub fn append_ms_at(&self, position: u32) -> Result<Option<i64>, LogError> {
        loop {
            {
                let s = self.state.read();
                if s.is_loaded() {
                    return Ok(index::append_ms_at(&s.index, position));
                }
            }
            self.load_index()?;
        }
    }

    /// The same for all batches in `len` bytes from `start`: (distance from `start`, wall time), ascending.
    pub fn append_times(&self, start: u32, len: usize) -> Result<Vec<(usize, i64)>, LogError> {
        loop {
            {
                let s = self.state.read();
                if s.is_loaded() {
                    return Ok(index::append_times(&s.index, start, len));
                }
            }
            self.load_index()?;
        }
    }

    /// Bytes from `start`, at most `max`, not past `end`; cut at a batch's end where that is known cheaply. If
    /// `whole_first`, the first batch comes whole even when it is larger than `max`.
    pub fn slice(
        &self,
        start: u32,
        end: u32,
        max: u32,
        whole_first: bool,
        capacity: u64,
    ) -> Result<Slice, LogError> {
        let file = self.file()?;
        let mut len = end.saturating_sub(start);
        if len > max {
            let limit = start.saturating_add(max);
            // Not in the match: the lock would be held through its arms, and those read the state again.
            let known = self.state.read().tail_boundary(start, limit);
            len = match known {
                Some(cut) => cut - start,
                None => {
                    let first = self.header_at(&file, start, end)?;
                    if first.len <= max {
                        max
                    } else if whole_first {
                        first.len
                    } else {
                        0
                    }
                }
            };
        }
        if len == 0 {
            return Ok(Slice::Bytes(bytes::Bytes::new()));
        }
        Ok(file.slice(start.into(), len as usize, capacity)?)
    }
}
