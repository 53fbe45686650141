//! Reading a log without its lock: where offsets and timestamps are, and slices for the wire.
//!
//! Invariant: nothing at or past the bound that the caller gives (high watermark or last stable offset) is
//! returned. Called by the fetch and list-offsets handlers and, with `copy`, by whoever must look at bytes.

use crate::disk::{Disk, Slice, read_exact_at};
use crate::error::LogError;
use crate::log::{SegmentList, Segments};
use crate::segment::{Located, Segment};
use bytes::Bytes;
use parking_lot::RwLock;
use protocol::records::BatchHeader;
use std::sync::Arc;

/// A handle for readers; cheap to clone.
pub struct Reader<D: Disk> {
    list: Arc<RwLock<SegmentList<D>>>,
    /// How far a segment file may grow, for its map.
    capacity: u64,
}

impl<D: Disk> Clone for Reader<D> {
    fn clone(&self) -> Self {
        Reader { list: self.list.clone(), capacity: self.capacity }
    }
}

/// A batch in the log with its bytes.
#[derive(Clone, Debug)]
pub struct FoundBatch {
    pub bytes: Bytes,
    /// Wall time of the append, as far as the sparse index knows it.
    pub append_ms: i64,
    pub header: BatchHeader,
}

/// Whole batches of one segment, copied. Headers parse; the CRCs are the caller's to check.
#[derive(Clone, Debug)]
pub struct Chunk {
    pub bytes: Bytes,
    /// (position in `bytes`, append wall time), ascending; the first is at 0.
    appended: Vec<(usize, i64)>,
}

impl Chunk {
    pub fn new(bytes: Bytes, appended: Vec<(usize, i64)>) -> Chunk {
        Chunk { bytes, appended }
    }

    /// Wall time of the append of the batch at `position`, as far as the sparse index knows it.
    pub fn append_ms(&self, position: usize) -> i64 {
        let i = self.appended.partition_point(|(at, _)| *at <= position);
        i.checked_sub(1).and_then(|i| self.appended.get(i)).map_or(-1, |(_, ms)| *ms)
    }
}

/// Bytes of the whole batches that `buf` starts with; `None` if something in it is no batch.
fn whole_batches(buf: &[u8]) -> Option<usize> {
    let mut end = 0usize;
    while let Some(h) = buf.get(end..).and_then(BatchHeader::read) {
        let next = end + h.total_len().filter(|_| h.magic == 2)?;
        if next > buf.len() {
            break;
        }
        end = next;
    }
    Some(end)
}

/// What to read, decided under the partition's lock or from the ends that it published. It is of one generation:
/// after a truncation its bound may lie past the new end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPlan {
    pub generation: u32,
    pub from: i64,
    /// Nothing at or past this offset is returned.
    pub bound: i64,
    pub max_bytes: u32,
    /// The first batch comes whole even when it is larger than `max_bytes`.
    pub whole_first: bool,
}

impl<D: Disk> Reader<D> {
    pub fn new(list: Arc<RwLock<SegmentList<D>>>, capacity: u64) -> Reader<D> {
        Reader { list, capacity }
    }

    /// To be taken before the ends that a plan rests on.
    pub fn generation(&self) -> u32 {
        self.list.read().generation
    }

    /// The segment to read `offset` from: an offset in the gap behind a segment belongs to the next one.
    fn segment_for_read(
        &self,
        offset: i64,
        generation: Option<u32>,
    ) -> Result<Option<Arc<Segment<D>>>, LogError> {
        let list = self.list.read();
        if generation.is_some_and(|g| g != list.generation) {
            return Err(LogError::Stale);
        }
        let first = list.segments.partition_point(|s| s.base <= offset).saturating_sub(1);
        let holds = |s: &&Arc<Segment<D>>| s.state.read().end_offset > offset;
        Ok(list.segments.iter().skip(first).find(holds).cloned())
    }

    /// Bytes from the batch that holds `from` up to `bound`, at most `max` (the first batch may be larger if
    /// `whole_first`). One segment at most; empty if there is nothing below the bound.
    pub fn slice(&self, from: i64, bound: i64, max: u32, whole_first: bool) -> Result<Slice, LogError> {
        self.slice_of(from, bound, max, whole_first, None)
    }

    /// The same for a plan; `Stale` if the log was truncated since.
    pub fn read(&self, p: &ReadPlan) -> Result<Slice, LogError> {
        self.slice_of(p.from, p.bound, p.max_bytes, p.whole_first, Some(p.generation))
    }

    fn slice_of(
        &self,
        from: i64,
        bound: i64,
        max: u32,
        whole_first: bool,
        generation: Option<u32>,
    ) -> Result<Slice, LogError> {
        if from >= bound {
            return Ok(Slice::Bytes(Bytes::new()));
        }
        let Some(s) = self.segment_for_read(from, generation)? else { return Ok(Slice::Bytes(Bytes::new())) };
        let read = || {
            let start = s.position_of(from)?;
            let end = s.position_of(bound)?;
            s.slice(start, end, max, whole_first, self.capacity)
        };
        read().map_err(|e| self.of_gone(&s, e))
    }

    /// How many offsets a reader has behind it that asked for `from` and got `len` bytes below `bound`. A batch that
    /// came in part does not count, since it is asked for again.
    pub fn offsets_in(&self, from: i64, bound: i64, len: usize) -> Result<i64, LogError> {
        let Some(s) = self.segment_for_read(from, None)? else { return Ok(0) };
        let count = || {
            let end = u64::from(s.position_of(from)?) + len as u64;
            let behind = s.offset_below(u32::try_from(end).unwrap_or(u32::MAX))?;
            Ok((behind.min(bound) - from).max(0))
        };
        count().map_err(|e| self.of_gone(&s, e))
    }

    /// A file that is missing because its segment was removed meanwhile is no fault of the disk.
    fn of_gone(&self, s: &Arc<Segment<D>>, e: LogError) -> LogError {
        let is_missing = matches!(&e, LogError::Io(e) if e.kind() == std::io::ErrorKind::NotFound);
        let is_listed = || self.list.read().segments.iter().any(|l| Arc::ptr_eq(l, s));
        if is_missing && !is_listed() { LogError::Stale } else { e }
    }

    /// Bytes that a read from `from` up to `bound` could return, counted up to `enough`.
    pub fn available(&self, from: i64, bound: i64, enough: u64) -> Result<u64, LogError> {
        let mut total = 0u64;
        let mut at = from;
        while at < bound && total < enough {
            let Some(s) = self.segment_for_read(at, None)? else { break };
            total += u64::from(s.position_of(bound)?.saturating_sub(s.position_of(at)?));
            at = s.state.read().end_offset.max(at + 1);
        }
        Ok(total)
    }

    fn found(&self, s: &Segment<D>, at: Located) -> Result<FoundBatch, LogError> {
        let mut buf = vec![0; at.len as usize];
        read_exact_at(&*s.file()?, &mut buf, at.position.into())?;
        if !at.header.crc_matches(&buf) {
            return Err(LogError::Corrupt(format!(
                "batch at offset {} fails its CRC",
                at.header.base_offset
            )));
        }
        let append_ms = s.append_ms_at(at.position)?.unwrap_or(at.header.max_timestamp);
        Ok(FoundBatch { bytes: Bytes::from(buf), append_ms, header: at.header })
    }

    /// The batch that holds `offset` (or the first after it) below `bound`, copied and checked by CRC.
    pub fn batch_at(&self, offset: i64, bound: i64) -> Result<Option<FoundBatch>, LogError> {
        if offset >= bound {
            return Ok(None);
        }
        let Some(s) = self.segment_for_read(offset, None)? else { return Ok(None) };
        let position = s.position_of(offset)?;
        let size = s.state.read().size;
        if position >= size {
            return Ok(None);
        }
        let at = s.header_at(&*s.file()?, position, size)?;
        let holds = at.header.base_offset <= offset.max(s.base) && at.header.last_offset() >= offset;
        if !holds {
            return Err(s.corrupt(position));
        }
        if at.header.base_offset >= bound {
            return Ok(None);
        }
        self.found(&s, at).map(Some)
    }

    /// Whole batches from the one that holds `offset` (or the first after it) up to `bound`, copied with one read:
    /// about `max` bytes of one segment, at least one batch. `None` if there is nothing below the bound.
    pub fn chunk_at(&self, offset: i64, bound: i64, max: u32) -> Result<Option<Chunk>, LogError> {
        if offset >= bound {
            return Ok(None);
        }
        let Some(s) = self.segment_for_read(offset, None)? else { return Ok(None) };
        let (start, end) = (s.position_of(offset)?, s.position_of(bound)?);
        if start >= end {
            return Ok(None);
        }
        let file = s.file()?;
        let first = s.header_at(&file, start, end)?;
        let mut buf = vec![0; (end - start).min(max.max(first.len)) as usize];
        read_exact_at(&*file, &mut buf, start.into())?;
        let len = whole_batches(&buf)
            .ok_or_else(|| LogError::Corrupt(format!("no batch chain from offset {offset}")))?;
        buf.truncate(len);
        let mut appended = s.append_times(start, len)?;
        if appended.first().is_none_or(|(at, _)| *at > 0) {
            appended.insert(0, (0, first.header.max_timestamp));
        }
        Ok(Some(Chunk { bytes: Bytes::from(buf), appended }))
    }

    /// Where the active segment starts: everything below is sealed.
    pub fn active_base(&self) -> Option<i64> {
        self.list.read().segments.last().map(|s| s.base)
    }

    /// The first batch at or after `start` and below `bound` with a timestamp of at least `t`.
    pub fn batch_by_time(&self, t: i64, start: i64, bound: i64) -> Result<Option<FoundBatch>, LogError> {
        for s in self.segments() {
            if s.state.read().end_offset <= start {
                continue;
            }
            if s.base >= bound {
                return Ok(None);
            }
            self.know_summary(&s)?;
            let (size, newest) = {
                let st = s.state.read();
                (st.size, st.max_timestamp)
            };
            if newest < t {
                continue;
            }
            // Not from the beginning again when a caller goes on behind a batch whose header promised too much.
            let at_start = if start > s.base { s.position_of(start)? } else { 0 };
            let from = s.position_by_time(t)?.max(at_start);
            let hit = s.walk(from, size, |l| {
                l.header.base_offset >= bound
                    || (l.header.max_timestamp >= t && l.header.last_offset() >= start)
            })?;
            match hit {
                Some(at) if at.header.base_offset >= bound => return Ok(None),
                Some(at) => return self.found(&s, at).map(Some),
                None => {}
            }
        }
        Ok(None)
    }

    /// The first batch with the largest timestamp below `bound`.
    pub fn batch_of_max_timestamp(&self, start: i64, bound: i64) -> Result<Option<FoundBatch>, LogError> {
        let mut best: Option<(i64, i64)> = None;
        for s in self.segments() {
            if s.state.read().end_offset <= start || s.base >= bound {
                continue;
            }
            self.know_summary(&s)?;
            let (newest, batch, end, size) = {
                let st = s.state.read();
                (st.max_timestamp, st.max_timestamp_batch, st.end_offset, st.size)
            };
            if newest < 0 {
                continue;
            }
            // The summary speaks for the whole segment; one that the bound or the start cuts is walked, and one of
            // an earlier run from where its newest timestamp can be at the earliest.
            let is_whole = s.base >= start && end <= bound;
            let (newest, batch) = if batch >= start && end <= bound {
                (newest, batch)
            } else {
                let from = if is_whole { s.position_by_time(newest)? } else { 0 };
                let mut top = (-1, -1);
                s.walk(from, size, |l| {
                    let inside = l.header.last_offset() >= start && l.header.base_offset < bound;
                    if inside && l.header.max_timestamp > top.0 {
                        top = (l.header.max_timestamp, l.header.base_offset);
                    }
                    l.header.base_offset >= bound
                })?;
                top
            };
            if batch >= 0 && best.is_none_or(|(b, _)| newest > b) {
                best = Some((newest, batch));
            }
        }
        match best {
            Some((_, offset)) => self.batch_at(offset, bound),
            None => Ok(None),
        }
    }

    fn segments(&self) -> Segments<D> {
        self.list.read().segments.clone()
    }

    fn know_summary(&self, s: &Segment<D>) -> Result<(), LogError> {
        if s.state.read().is_summary_known() { Ok(()) } else { s.load_index() }
    }

    /// Makes the ages of the oldest segments known, up to the first that `retention_ms` keeps.
    pub fn know_ages(&self, now_ms: i64, retention_ms: i64) -> Result<(), LogError> {
        for s in self.segments() {
            self.know_summary(&s)?;
            let st = s.state.read();
            let newest = if st.max_timestamp >= 0 { st.max_timestamp } else { st.last_append_ms };
            if now_ms.saturating_sub(newest) <= retention_ms {
                break;
            }
        }
        Ok(())
    }

    /// Bytes of all segments.
    pub fn size(&self) -> u64 {
        self.list.read().segments.iter().map(|s| u64::from(s.state.read().size)).sum()
    }
}

#[cfg(test)]
#[path = "read_test.rs"]
mod tests;
