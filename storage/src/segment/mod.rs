//! One segment: a file of batches with an index in memory and, up to the recovery point, on disk.
//!
//! Invariants: `size` bytes are published and never change; the file may hold more (a failed append), which is
//! overwritten; the index is sparse and its entries are in offset order; `tail` holds the latest batches of the
//! active segment, so that a hot fetch walks nothing. Written under the partition's lock, read without it.

pub mod index;
pub mod recover;

use crate::disk::{Disk, DiskFile, Slice, read_exact_at};
use crate::error::LogError;
use index::IndexEntry;
use parking_lot::{Mutex, RwLock};
use protocol::records::{BatchHeader, HEADER_LEN};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most batches that the tail remembers.
const TAIL_MAX: usize = 256;

pub struct Segment<D: Disk> {
    pub base: i64,
    pub generation: u32,
    pub file: Arc<D::File>,
    pub state: RwLock<SegmentState>,
    /// Sealed segments of an earlier run read their index on first use.
    lazy_index: Mutex<Option<(Arc<D>, PathBuf)>>,
}

/// What an append changes.
#[derive(Debug)]
pub struct SegmentState {
    /// Published bytes.
    pub size: u32,
    /// First offset after the segment's last batch.
    pub end_offset: i64,
    pub first_append_ms: Option<i64>,
    pub last_append_ms: i64,
    /// Largest record timestamp so far and the base offset of the batch that has it first.
    pub max_timestamp: i64,
    pub max_timestamp_batch: i64,
    pub index: Vec<IndexEntry>,
    /// Index entries already in the index file.
    pub index_saved: usize,
    /// Position of the next batch that gets an index entry.
    index_next: u32,
    tail: VecDeque<(i64, u32)>,
}

impl SegmentState {
    pub fn empty(base: i64) -> SegmentState {
        SegmentState {
            size: 0,
            end_offset: base,
            first_append_ms: None,
            last_append_ms: -1,
            max_timestamp: -1,
            max_timestamp_batch: -1,
            index: Vec::new(),
            index_saved: 0,
            index_next: 0,
            tail: VecDeque::new(),
        }
    }

    /// Takes note of a batch that now lies at the end of the file.
    pub fn push(&mut self, h: &BatchHeader, len: u32, append_ms: i64, index_interval: u32) {
        let at = self.size;
        let append_ms = append_ms.max(self.last_append_ms);
        if at >= self.index_next || self.index.is_empty() {
            // The entry speaks for the batches before it: what a search by time must skip.
            self.index.push(IndexEntry {
                offset: h.base_offset,
                position: at,
                max_timestamp_before: self.max_timestamp,
                append_ms,
            });
            self.index_next = at.saturating_add(index_interval.max(1));
        }
        if self.tail.len() >= TAIL_MAX {
            self.tail.pop_front();
        }
        self.tail.push_back((h.base_offset, at));
        self.first_append_ms.get_or_insert(append_ms);
        self.last_append_ms = append_ms;
        if h.max_timestamp > self.max_timestamp {
            self.max_timestamp = h.max_timestamp;
            self.max_timestamp_batch = h.base_offset;
        }
        self.size = at.saturating_add(len);
        self.end_offset = h.next_offset();
    }

    /// After a restart the index says where to go on indexing.
    pub fn resume_index(&mut self, entries: Vec<IndexEntry>, index_interval: u32) {
        self.index_next = entries.last().map_or(0, |e| e.position.saturating_add(index_interval.max(1)));
        self.index_saved = entries.len();
        self.index = entries;
    }

    /// What the index file ends with when the segment is sealed: an entry at its end.
    pub fn seal_entry(&self) -> IndexEntry {
        IndexEntry {
            offset: self.end_offset,
            position: self.size,
            max_timestamp_before: self.max_timestamp,
            append_ms: self.last_append_ms,
        }
    }

    /// The sealed segment needs no tail.
    pub fn drop_tail(&mut self) {
        self.tail = VecDeque::new();
    }

    /// Where the batch with `offset` starts, if the tail remembers it.
    fn tail_position(&self, offset: i64) -> Option<u32> {
        if self.tail.front()?.0 > offset {
            return None;
        }
        let i = self.tail.partition_point(|(base, _)| *base <= offset);
        self.tail.get(i.checked_sub(1)?).map(|(_, at)| *at)
    }

    /// End of the last remembered batch that ends at or before `limit`, if that is past `start`.
    fn tail_boundary(&self, start: u32, limit: u32) -> Option<u32> {
        let i = self.tail.partition_point(|(_, at)| *at <= limit);
        let at = self.tail.get(i.checked_sub(1)?).map(|(_, at)| *at)?;
        (at > start).then_some(at)
    }
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

/// A batch found in a segment: its header and where it lies.
#[derive(Clone, Copy, Debug)]
pub struct Located {
    pub header: BatchHeader,
    pub position: u32,
    pub len: u32,
}

impl<D: Disk> Segment<D> {
    pub fn new(base: i64, generation: u32, file: Arc<D::File>, state: SegmentState) -> Segment<D> {
        Segment { base, generation, file, state: RwLock::new(state), lazy_index: Mutex::new(None) }
    }

    /// A sealed segment whose index file was checked to be complete.
    pub fn sealed(
        base: i64,
        generation: u32,
        file: Arc<D::File>,
        state: SegmentState,
        disk: Arc<D>,
        dir: &Path,
    ) -> Self {
        let lazy = Some((disk, index_path(dir, base, generation)));
        Segment { base, generation, file, state: RwLock::new(state), lazy_index: Mutex::new(lazy) }
    }

    /// Reads the index file if that has not happened yet.
    pub fn load_index(&self) -> Result<(), LogError> {
        let mut lazy = self.lazy_index.lock();
        if let Some((disk, path)) = lazy.as_ref() {
            let size = self.state.read().size;
            let entries = index::load(&**disk, path, size)?;
            self.state.write().index = entries;
            *lazy = None;
        }
        Ok(())
    }

    /// The header of the batch at `position`, which must lie below the published size.
    pub fn header_at(&self, position: u32, size: u32) -> Result<Located, LogError> {
        let mut buf = [0u8; HEADER_LEN];
        if u64::from(position) + HEADER_LEN as u64 > u64::from(size) {
            return Err(LogError::Corrupt(format!("no batch fits at {position} of {size}")));
        }
        read_exact_at(&*self.file, &mut buf, position.into())?;
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

    /// Walks headers from `position` until `stop` says so; `None` if the end comes first.
    pub fn walk(
        &self,
        mut position: u32,
        size: u32,
        mut stop: impl FnMut(&Located) -> bool,
    ) -> Result<Option<Located>, LogError> {
        let mut next = self.base;
        while position < size {
            let at = self.header_at(position, size)?;
            if at.header.base_offset < next {
                return Err(LogError::Corrupt(format!(
                    "batch at {position} has offset {}, {next} or later was due",
                    at.header.base_offset
                )));
            }
            next = at.header.next_offset();
            if stop(&at) {
                return Ok(Some(at));
            }
            position += at.len;
        }
        Ok(None)
    }

    /// Where the batch that holds `offset` (or the first one after it) starts; the size if there is none.
    pub fn position_of(&self, offset: i64) -> Result<u32, LogError> {
        self.load_index()?;
        let (start, size) = {
            let s = self.state.read();
            if offset >= s.end_offset {
                return Ok(s.size);
            }
            if let Some(at) = s.tail_position(offset) {
                return Ok(at);
            }
            (index::floor(&s.index, offset), s.size)
        };
        let found = self.walk(start, size, |l| l.header.last_offset() >= offset)?;
        Ok(found.map_or(size, |l| l.position))
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
        let mut len = end.saturating_sub(start);
        if len > max {
            let limit = start.saturating_add(max);
            // Not in the match: the lock would be held through its arms, and those read the state again.
            let known = self.state.read().tail_boundary(start, limit);
            len = match known {
                Some(cut) => cut - start,
                None => {
                    let first = self.header_at(start, end)?;
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
        Ok(self.file.slice(start.into(), len as usize, capacity)?)
    }
}
