//! What a segment knows of its batches: sizes, times, the sparse index and the recent tail.
//!
//! Invariants: only `push` adds a batch; index entries are in the order of the file, and what is not in memory is in
//! the index file (`Lazy`); append times never go down. Held by `Segment` under its lock.

use super::index::IndexEntry;
use crate::checkpoint::TailPoint;
use protocol::records::BatchHeader;
use std::collections::VecDeque;

/// Most batches that the tail remembers.
const TAIL_MAX: usize = 128;

/// How much of the index is in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lazy {
    Loaded,
    /// The first entries are only in the file; `index` follows them.
    Prefix(usize),
    /// All is only in the file, which ends with the seal.
    Sealed,
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
    /// Largest record timestamp so far and the base offset of the batch that has it first, if known.
    pub max_timestamp: i64,
    pub max_timestamp_batch: i64,
    /// The entries from where `lazy` says.
    pub(super) index: Vec<IndexEntry>,
    lazy: Lazy,
    /// Entries in the index file.
    index_saved: usize,
    /// Position of the next batch that gets an index entry.
    index_next: u32,
    tail: VecDeque<(i64, u32)>,
}

/// An entry speaks for the append times of the batches after it, so a batch so much later gets one of its own, however few
/// bytes there were. The interval grows: what trickles in for days must not make an index of megabytes.
fn timed_interval_ms(entries: usize) -> i64 {
    match entries {
        0..1_024 => 1_000,
        1_024..3_072 => 10_000,
        _ => 60_000,
    }
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
            lazy: Lazy::Loaded,
            index_saved: 0,
            index_next: 0,
            tail: VecDeque::new(),
        }
    }

    /// A sealed segment of an earlier run: its times are in the index file.
    pub fn sealed(size: u32, end_offset: i64) -> SegmentState {
        SegmentState { size, lazy: Lazy::Sealed, ..SegmentState::empty(end_offset) }
    }

    /// A segment up to a point that a checkpoint or a cut recorded.
    pub fn at_point(p: &TailPoint, end_offset: i64) -> SegmentState {
        SegmentState {
            size: p.position,
            first_append_ms: (p.first_append_ms >= 0).then_some(p.first_append_ms),
            last_append_ms: p.last_append_ms,
            max_timestamp: p.max_timestamp,
            max_timestamp_batch: p.max_timestamp_batch,
            lazy: if p.index_entries == 0 { Lazy::Loaded } else { Lazy::Prefix(p.index_entries as usize) },
            index_saved: p.index_entries as usize,
            // The next batch gets an entry, so that what follows can be found without the file.
            index_next: p.position,
            ..SegmentState::empty(end_offset)
        }
    }

    /// The segment as it is now, for a checkpoint or a cut.
    pub fn point(&self, base: i64, generation: u32) -> TailPoint {
        TailPoint {
            base,
            generation,
            position: self.size,
            index_entries: self.index_len() as u32,
            first_append_ms: self.first_append_ms.unwrap_or(-1),
            last_append_ms: self.last_append_ms,
            max_timestamp: self.max_timestamp,
            max_timestamp_batch: self.max_timestamp_batch,
        }
    }

    /// The state before the batch at `position`, as the last index entry at or before it knows it, and where that
    /// entry stands. The index must be loaded.
    pub fn point_before(&self, base: i64, generation: u32, position: u32) -> (u32, TailPoint) {
        let n = self.index.partition_point(|e| e.position <= position);
        let entry = n.checked_sub(1).and_then(|i| self.index.get(i));
        let point = TailPoint {
            base,
            generation,
            position,
            index_entries: self.index.partition_point(|e| e.position < position).min(self.index_saved) as u32,
            first_append_ms: self.first_append_ms.unwrap_or(-1),
            last_append_ms: entry.map_or(-1, |e| e.append_ms),
            max_timestamp: entry.map_or(-1, |e| e.max_timestamp_before),
            max_timestamp_batch: -1,
        };
        (entry.map_or(0, |e| e.position), point)
    }

    /// Takes note of a batch that now lies at the end of the file.
    pub fn push(&mut self, h: &BatchHeader, len: u32, append_ms: i64, index_interval: u32) {
        let at = self.size;
        let append_ms = append_ms.max(self.last_append_ms);
        let last_ms = self.index.last().map_or(i64::MIN, |e| e.append_ms);
        if at >= self.index_next || append_ms.saturating_sub(last_ms) >= timed_interval_ms(self.index_len()) {
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

    /// Rolls back to `p`: what lies past it stays in the file and is never read again.
    pub fn cut(&mut self, p: &TailPoint, end_offset: i64) {
        self.size = p.position;
        self.end_offset = end_offset;
        self.max_timestamp = p.max_timestamp;
        self.max_timestamp_batch = p.max_timestamp_batch;
        self.last_append_ms = p.last_append_ms;
        self.index.retain(|e| e.position < p.position);
        self.index_saved = self.index_saved.min(p.index_entries as usize);
        if let Lazy::Prefix(n) = self.lazy {
            self.lazy = Lazy::Prefix(n.min(p.index_entries as usize));
        }
        self.tail = VecDeque::new();
    }

    pub(super) fn lazy(&self) -> Lazy {
        self.lazy
    }

    pub fn is_loaded(&self) -> bool {
        self.lazy == Lazy::Loaded
    }

    /// True if the times and the newest timestamp are known without the index file.
    pub fn is_summary_known(&self) -> bool {
        self.lazy != Lazy::Sealed
    }

    /// Offset of the batch at `position`, if an entry in memory stands there.
    pub(super) fn indexed_offset(&self, position: u32) -> Option<i64> {
        let i = self.index.binary_search_by_key(&position, |e| e.position).ok()?;
        self.index.get(i).map(|e| e.offset)
    }

    /// Base offset of the batch that starts exactly at `position`, if it is remembered.
    pub(super) fn base_at(&self, position: u32) -> Option<i64> {
        let i = self.tail.binary_search_by_key(&position, |(_, at)| *at).ok();
        i.and_then(|i| self.tail.get(i)).map(|(base, _)| *base).or_else(|| self.indexed_offset(position))
    }

    /// The last place at or before `position` where a batch is known to start.
    pub(super) fn known_place(&self, position: u32) -> u32 {
        let indexed = super::index::floor_by_position(&self.index, position);
        let i = self.tail.partition_point(|(_, at)| *at <= position);
        let tail = i.checked_sub(1).and_then(|i| self.tail.get(i)).map_or(0, |(_, at)| *at);
        indexed.max(tail)
    }

    /// True if a look-up of `offset` needs nothing that is only in the file.
    pub(super) fn knows(&self, offset: i64) -> bool {
        self.is_loaded() || self.index.first().is_some_and(|e| e.offset <= offset)
    }

    /// First and last append time as far as they are known.
    pub(super) fn append_times(&self) -> (i64, i64) {
        let last = if self.last_append_ms >= 0 { self.last_append_ms } else { i64::MAX };
        (self.first_append_ms.unwrap_or(-1), last)
    }

    pub(super) fn index_loaded(&mut self, entries: Vec<IndexEntry>, seal: Option<IndexEntry>, in_file: bool) {
        let n = entries.len();
        let rest = std::mem::replace(&mut self.index, entries);
        if let (Some(seal), Lazy::Sealed) = (seal, self.lazy) {
            self.first_append_ms = self.index.first().map(|e| e.append_ms);
            self.last_append_ms = seal.append_ms;
            self.max_timestamp = seal.max_timestamp_before;
            self.index_saved = n;
        }
        if !in_file {
            self.index_saved = 0;
        }
        self.index.extend(rest);
        self.lazy = Lazy::Loaded;
    }

    fn index_start(&self) -> usize {
        if let Lazy::Prefix(n) = self.lazy { n } else { 0 }
    }

    fn index_len(&self) -> usize {
        self.index_start() + self.index.len()
    }

    pub(crate) fn index_saved(&self) -> usize {
        self.index_saved
    }

    pub(super) fn unsaved_index(&self) -> &[IndexEntry] {
        self.index.get(self.index_saved.saturating_sub(self.index_start())..).unwrap_or_default()
    }

    pub(super) fn index_was_saved(&mut self, entries: usize) {
        self.index_saved = entries;
    }

    /// Keeps in memory only what the file lacks.
    pub(super) fn unload_index(&mut self) {
        if self.lazy == Lazy::Sealed || self.index_saved == 0 {
            return;
        }
        let in_file = self.index_saved.saturating_sub(self.index_start()).min(self.index.len());
        self.index.drain(..in_file);
        self.index.shrink_to_fit();
        self.lazy = Lazy::Prefix(self.index_saved);
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
    pub(super) fn tail_position(&self, offset: i64) -> Option<u32> {
        if self.tail.front()?.0 > offset {
            return None;
        }
        let i = self.tail.partition_point(|(base, _)| *base <= offset);
        self.tail.get(i.checked_sub(1)?).map(|(_, at)| *at)
    }

    /// End of the last remembered batch that ends at or before `limit`, if that is past `start`.
    pub(super) fn tail_boundary(&self, start: u32, limit: u32) -> Option<u32> {
        let i = self.tail.partition_point(|(_, at)| *at <= limit);
        let at = self.tail.get(i.checked_sub(1)?).map(|(_, at)| *at)?;
        (at > start).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::index::append_ms_at;

    #[test]
    fn a_slow_topic_knows_its_append_times() {
        let mut s = SegmentState::empty(0);
        let mut header = BatchHeader::read(&[0; protocol::records::HEADER_LEN]).unwrap();
        let mut push = |s: &mut SegmentState, at_ms: i64| {
            header.base_offset = s.end_offset;
            let position = s.size;
            s.push(&header, 70, at_ms, 4_096);
            position
        };
        // One batch every four seconds, for a week.
        let (mut late, mut worst) = (Vec::new(), 0);
        for n in 0..(7 * 24 * 3_600 / 4) {
            let at_ms = n * 4_000;
            let position = push(&mut s, at_ms);
            late.push((position, at_ms));
        }
        for (n, (position, at_ms)) in late.iter().enumerate() {
            let error = at_ms - append_ms_at(&s.index, *position).unwrap();
            worst = worst.max(error);
            assert!(n > 1_000 || error == 0, "{error} ms after {n} batches");
        }
        assert!(worst < 60_000, "{worst}");
        assert!(s.index.len() < 16_000, "{}", s.index.len());
        // Batches that come together share an entry, as ever.
        let (mut s, mut entries) = (SegmentState::empty(0), 0);
        for _ in 0..1_000 {
            push(&mut s, 5_000);
            entries = s.index.len();
        }
        assert_eq!(entries, 70 * 1_000 / 4_130 + 1);
    }
}
