//! Reading a log without its lock: where offsets and timestamps are, and slices for the wire.
//!
//! Invariant: nothing at or past the bound that the caller gives (high watermark or last stable offset) is
//! returned. Called by the fetch and list-offsets handlers and, with `copy`, by whoever must look at bytes.

use crate::disk::{Disk, Slice, read_exact_at};
use crate::error::LogError;
use crate::log::Segments;
use crate::segment::{Located, Segment, index};
use bytes::Bytes;
use parking_lot::RwLock;
use protocol::records::BatchHeader;
use std::sync::Arc;

/// A handle for readers; cheap to clone.
pub struct Reader<D: Disk> {
    segments: Arc<RwLock<Segments<D>>>,
    /// How far a segment file may grow, for its map.
    capacity: u64,
}

impl<D: Disk> Clone for Reader<D> {
    fn clone(&self) -> Self {
        Reader { segments: self.segments.clone(), capacity: self.capacity }
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

impl<D: Disk> Reader<D> {
    pub fn new(segments: Arc<RwLock<Segments<D>>>, capacity: u64) -> Reader<D> {
        Reader { segments, capacity }
    }

    /// The segment that holds `offset`, or the first after it.
    fn segment_of(&self, offset: i64) -> Option<Arc<Segment<D>>> {
        let segments = self.segments.read();
        let i = segments.partition_point(|s| s.base <= offset);
        segments.get(i.saturating_sub(1)).cloned()
    }

    fn segment_after(&self, base: i64) -> Option<Arc<Segment<D>>> {
        let segments = self.segments.read();
        segments.get(segments.partition_point(|s| s.base <= base)).cloned()
    }

    /// The segment to read `offset` from: an offset in the gap behind a segment belongs to the next one.
    fn segment_for_read(&self, offset: i64) -> Option<Arc<Segment<D>>> {
        let mut s = self.segment_of(offset)?;
        while s.state.read().end_offset <= offset {
            s = self.segment_after(s.base)?;
        }
        Some(s)
    }

    /// Bytes from the batch that holds `from` up to `bound`, at most `max` (the first batch may be larger if
    /// `whole_first`). One segment at most; empty if there is nothing below the bound.
    pub fn slice(&self, from: i64, bound: i64, max: u32, whole_first: bool) -> Result<Slice, LogError> {
        if from >= bound {
            return Ok(Slice::Bytes(Bytes::new()));
        }
        let Some(s) = self.segment_for_read(from) else { return Ok(Slice::Bytes(Bytes::new())) };
        let start = s.position_of(from)?;
        let end = s.position_of(bound)?;
        s.slice(start, end, max, whole_first, self.capacity)
    }

    /// Bytes that a read from `from` up to `bound` could return, counted up to `enough`.
    pub fn available(&self, from: i64, bound: i64, enough: u64) -> Result<u64, LogError> {
        let mut total = 0u64;
        let mut at = from;
        while at < bound && total < enough {
            let Some(s) = self.segment_for_read(at) else { break };
            total += u64::from(s.position_of(bound)?.saturating_sub(s.position_of(at)?));
            at = s.state.read().end_offset.max(at + 1);
        }
        Ok(total)
    }

    fn found(&self, s: &Segment<D>, at: Located) -> Result<FoundBatch, LogError> {
        let mut buf = vec![0; at.len as usize];
        read_exact_at(&*s.file, &mut buf, at.position.into())?;
        if !at.header.crc_matches(&buf) {
            return Err(LogError::Corrupt(format!(
                "batch at offset {} fails its CRC",
                at.header.base_offset
            )));
        }
        let append_ms =
            index::append_ms_at(&s.state.read().index, at.position).unwrap_or(at.header.max_timestamp);
        Ok(FoundBatch { bytes: Bytes::from(buf), append_ms, header: at.header })
    }

    /// The batch that holds `offset` (or the first after it) below `bound`, copied and checked by CRC.
    pub fn batch_at(&self, offset: i64, bound: i64) -> Result<Option<FoundBatch>, LogError> {
        if offset >= bound {
            return Ok(None);
        }
        let Some(s) = self.segment_for_read(offset) else { return Ok(None) };
        let position = s.position_of(offset)?;
        let size = s.state.read().size;
        if position >= size {
            return Ok(None);
        }
        let at = s.header_at(position, size)?;
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
        let Some(s) = self.segment_for_read(offset) else { return Ok(None) };
        let (start, end) = (s.position_of(offset)?, s.position_of(bound)?);
        if start >= end {
            return Ok(None);
        }
        let first = s.header_at(start, end)?;
        let mut buf = vec![0; (end - start).min(max.max(first.len)) as usize];
        read_exact_at(&*s.file, &mut buf, start.into())?;
        let len = whole_batches(&buf)
            .ok_or_else(|| LogError::Corrupt(format!("no batch chain from offset {offset}")))?;
        buf.truncate(len);
        let st = s.state.read();
        let known = index::append_ms_at(&st.index, start).unwrap_or(first.header.max_timestamp);
        let inside = st.index.iter().skip(st.index.partition_point(|e| e.position <= start));
        let appended = std::iter::once((0, known))
            .chain(
                inside.map(|e| ((e.position - start) as usize, e.append_ms)).take_while(|(at, _)| *at < len),
            )
            .collect();
        Ok(Some(Chunk { bytes: Bytes::from(buf), appended }))
    }

    /// Where the active segment starts: everything below is sealed.
    pub fn active_base(&self) -> Option<i64> {
        self.segments.read().last().map(|s| s.base)
    }

    /// The first batch at or after `start` and below `bound` with a timestamp of at least `t`.
    pub fn batch_by_time(&self, t: i64, start: i64, bound: i64) -> Result<Option<FoundBatch>, LogError> {
        let segments: Segments<D> = self.segments.read().clone();
        for s in segments {
            let (size, newest, end) = {
                let st = s.state.read();
                (st.size, st.max_timestamp, st.end_offset)
            };
            if newest < t || end <= start {
                continue;
            }
            s.load_index()?;
            let from = index::floor_by_time(&s.state.read().index, t);
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
        let segments: Segments<D> = self.segments.read().clone();
        let mut best: Option<(i64, i64)> = None;
        for s in &segments {
            let (newest, batch, end) = {
                let st = s.state.read();
                (st.max_timestamp, st.max_timestamp_batch, st.end_offset)
            };
            if end <= start || s.base >= bound || newest < 0 {
                continue;
            }
            // The summary speaks for the whole segment; one that the bound or the start cuts, or that was sealed by
            // an earlier run, is walked.
            let (newest, batch) = if batch >= start && end <= bound {
                (newest, batch)
            } else {
                let mut top = (-1, -1);
                s.walk(0, s.state.read().size, |l| {
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

    /// Bytes of all segments.
    pub fn size(&self) -> u64 {
        self.segments.read().iter().map(|s| u64::from(s.state.read().size)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Log, LogConfig, RealDisk};
    use protocol::records::{BatchBuilder, Codec, NewRecord};

    fn batch(records: usize, value: &[u8]) -> Bytes {
        let mut b = BatchBuilder::new(Codec::None);
        for _ in 0..records {
            b.push(NewRecord { value: Some(value), ..NewRecord::default() });
        }
        b.finish().unwrap()
    }

    #[test]
    fn chunks_are_whole_batches_with_their_append_times() {
        let dir = tempfile::tempdir().unwrap();
        let config = LogConfig { segment_bytes: 1 << 20, ..LogConfig::default() };
        let mut log = Log::empty(Arc::new(RealDisk), dir.path().join("t"), config, 0);
        let done = log.plan_upkeep(true).unwrap().run();
        log.finish_upkeep(done).unwrap();
        // 40 batches of two records, about 5 KB each: each gets an index entry, and a tenth of a second.
        let value = [b'x'; 2_500];
        for i in 0..40 {
            let b = batch(2, &value);
            log.append(&b, &BatchHeader::read(&b).unwrap(), 3, 1_000 + i * 100).unwrap();
        }
        let reader = Reader::new(log.reader(), 1 << 20);
        let walk = |chunk: &Chunk| {
            let (mut at, mut out) = (0, Vec::new());
            while let Some(h) = chunk.bytes.get(at..).and_then(BatchHeader::read) {
                out.push((h.base_offset, chunk.append_ms(at)));
                at += h.total_len().unwrap();
            }
            assert_eq!(at, chunk.bytes.len(), "whole batches only");
            out
        };
        // From inside a batch, up to about 12 KB.
        let c = reader.chunk_at(11, 80, 12_000).unwrap().unwrap();
        assert_eq!(walk(&c), [(10, 1_500), (12, 1_600)]);
        // One batch at least, and nothing at or past the bound.
        assert_eq!(walk(&reader.chunk_at(0, 80, 10).unwrap().unwrap()), [(0, 1_000)]);
        assert_eq!(walk(&reader.chunk_at(74, 78, 1 << 20).unwrap().unwrap()), [(74, 4_700), (76, 4_800)]);
        assert!(reader.chunk_at(78, 78, 1 << 20).unwrap().is_none());
        assert!(reader.chunk_at(80, 90, 1 << 20).unwrap().is_none());
        assert_eq!(reader.active_base(), Some(0));
    }
}
