//! Reads the batches of a segment after a restart and finds the longest valid prefix.
//!
//! Invariants: a batch counts only if magic, length, CRC and offset continuity hold; nothing after the first bad
//! byte counts. Zeros are the end of a preallocated file, not damage. Called by `Log::open`.

use crate::disk::{DiskFile, read_exact_at};
use crate::error::LogError;
use protocol::records::{BatchHeader, HEADER_LEN};

const CHUNK: usize = 1 << 20;

/// Where the scan of a file starts and what it must find there.
#[derive(Clone, Copy, Debug)]
pub struct ScanFrom {
    pub position: u64,
    /// The first batch must have this base offset: it lies outside the CRC, and a log may have gaps only between
    /// segments, whose files' names carry their bases.
    pub next_offset: i64,
    pub file_len: u64,
}

/// Why the scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The file ends, or zeros follow.
    Clean,
    /// Something that is not a batch follows.
    Torn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scanned {
    pub end_position: u64,
    pub next_offset: i64,
    pub ending: Ending,
}

struct Window<'a, F> {
    file: &'a F,
    len: u64,
    start: u64,
    buf: Vec<u8>,
}

impl<F: DiskFile> Window<'_, F> {
    /// `n` bytes at `at`, or what the file still has.
    fn get(&mut self, at: u64, n: usize) -> Result<&[u8], LogError> {
        let have = at >= self.start && at + n as u64 <= self.start + self.buf.len() as u64;
        if !have {
            let want = (n.max(CHUNK) as u64).min(self.len.saturating_sub(at)) as usize;
            self.buf.resize(want, 0);
            self.start = at;
            read_exact_at(self.file, &mut self.buf, at)?;
        }
        let from = (at - self.start) as usize;
        let to = (from + n).min(self.buf.len());
        Ok(self.buf.get(from..to).unwrap_or_default())
    }
}

/// Walks batches from `from`; calls `on_batch` with each valid one, its position and length.
pub fn scan<F: DiskFile>(
    file: &F,
    from: ScanFrom,
    mut on_batch: impl FnMut(&BatchHeader, u64, u32),
) -> Result<Scanned, LogError> {
    let mut w = Window { file, len: from.file_len, start: 0, buf: Vec::new() };
    let mut at = from.position;
    let mut next = from.next_offset;
    let done = |at, next, ending| Ok(Scanned { end_position: at, next_offset: next, ending });
    loop {
        let head = w.get(at, HEADER_LEN)?;
        if head.iter().all(|b| *b == 0) {
            return done(at, next, Ending::Clean);
        }
        let Some(h) = BatchHeader::read(head) else { return done(at, next, Ending::Torn) };
        let total = h.total_len().filter(|n| at + *n as u64 <= from.file_len);
        let Some(total) = total.filter(|_| h.magic == 2 && h.base_offset == next && h.last_offset_delta >= 0)
        else {
            return done(at, next, Ending::Torn);
        };
        if !h.crc_matches(w.get(at, total)?) {
            return done(at, next, Ending::Torn);
        }
        on_batch(&h, at, total as u32);
        at += total as u64;
        next = h.next_offset();
    }
}
