//! Reads the batches of a segment after a restart and finds the longest valid prefix.
//!
//! Invariants: a batch counts only if magic, length, CRC and offset continuity hold; nothing after the first bad
//! byte counts. Zeros are the end of a preallocated file, not damage. Called by `open` and when a
//! damaged index is made anew.

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
    /// Leader epoch of the batch before; epochs never go down.
    pub epoch: i32,
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
    let mut epoch = from.epoch;
    let done = |at, next, ending| Ok(Scanned { end_position: at, next_offset: next, ending });
    loop {
        let head = w.get(at, HEADER_LEN)?;
        if head.iter().all(|b| *b == 0) {
            return done(at, next, Ending::Clean);
        }
        let Some(h) = BatchHeader::read(head) else { return done(at, next, Ending::Torn) };
        let total = h.total_len().filter(|n| at + *n as u64 <= from.file_len);
        let follows = h.magic == 2
            && h.base_offset == next
            && h.last_offset_delta >= 0
            && h.next_offset() > next
            && h.leader_epoch >= epoch;
        let Some(total) = total.filter(|_| follows) else { return done(at, next, Ending::Torn) };
        if !h.crc_matches(w.get(at, total)?) {
            return done(at, next, Ending::Torn);
        }
        on_batch(&h, at, total as u32);
        at += total as u64;
        next = h.next_offset();
        epoch = h.leader_epoch;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Disk, RealDisk, write_all_at};
    use protocol::records::{BatchBuilder, Codec, NewRecord, Placement};

    fn batch(offset: i64, epoch: i32, n: usize) -> Vec<u8> {
        let mut b = BatchBuilder::new(Codec::None);
        for _ in 0..n {
            b.push(NewRecord { value: Some(b"some value"), ..NewRecord::default() });
        }
        let mut out = b.finish().unwrap().to_vec();
        let h = BatchHeader::read(&out).unwrap();
        out[..Placement::LEN].copy_from_slice(&Placement::new(offset, h.batch_length, epoch).0);
        out
    }

    fn scanned(content: &[u8]) -> (i64, u64, Ending, usize) {
        let dir = tempfile::tempdir().unwrap();
        let f = RealDisk.create(&dir.path().join("f")).unwrap();
        write_all_at(&f, &[content], 0).unwrap();
        let from = ScanFrom { position: 0, next_offset: 10, epoch: 1, file_len: content.len() as u64 };
        let mut seen = 0;
        let s = scan(&f, from, |_, _, _| seen += 1).unwrap();
        (s.next_offset, s.end_position, s.ending, seen)
    }

    #[test]
    fn the_longest_valid_prefix() {
        let (a, b) = (batch(10, 1, 3), batch(13, 2, 2));
        let (len_a, len) = (a.len() as u64, (a.len() + b.len()) as u64);
        let whole = [a.clone(), b.clone()].concat();
        assert_eq!(scanned(&whole), (15, len, Ending::Clean, 2));
        assert_eq!(scanned(&[whole.clone(), vec![0; 5000]].concat()), (15, len, Ending::Clean, 2));
        assert_eq!(scanned(&whole[..whole.len() - 1]), (13, len_a, Ending::Torn, 1));
        let with_rest = |next: Vec<u8>| scanned(&[a.clone(), next].concat());
        assert_eq!(with_rest(batch(14, 2, 1)), (13, len_a, Ending::Torn, 1), "a gap");
        assert_eq!(with_rest(batch(12, 2, 1)), (13, len_a, Ending::Torn, 1), "an offset twice");
        assert_eq!(with_rest(batch(13, 0, 1)), (13, len_a, Ending::Torn, 1), "an older epoch");
        for at in 0..whole.len() {
            // Byte 12 to 16 of a batch is the epoch, which no checksum covers.
            let in_batch = if at >= a.len() { at - a.len() } else { at };
            let mut rotten = whole.clone();
            rotten[at] ^= 0x40;
            let kept = scanned(&rotten).3;
            let uncovered = (12..16).contains(&in_batch);
            assert!(uncovered || kept == usize::from(at >= a.len()), "byte {at}: {kept} batches kept");
        }
    }
}
