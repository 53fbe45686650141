//! The sparse index of a segment: offset, position, time. One file, 32 bytes an entry, each with its CRC.
//!
//! ```text
//!  0        8         12             20         28      32
//!  | offset | position | max_ts_before | append_ms | crc32c |
//! ```
//! Invariants: entries are only appended; a reader stops at the first entry whose CRC or order is wrong; what
//! lies past the recovery point is not read at all. Written at checkpoints and when a segment is sealed.

use crate::disk::{Disk, DiskFile, read_exact_at, write_all_at};
use crate::error::LogError;
use std::path::Path;

pub const ENTRY_LEN: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// Base offset of a batch.
    pub offset: i64,
    pub position: u32,
    /// Largest record timestamp of all batches of the segment before this one; -1 if none.
    pub max_timestamp_before: i64,
    /// Wall time at which this broker appended the batch; never smaller than the entry before.
    pub append_ms: i64,
}

impl IndexEntry {
    fn encode(&self) -> [u8; ENTRY_LEN] {
        let mut b = Vec::with_capacity(ENTRY_LEN);
        b.extend_from_slice(&self.offset.to_be_bytes());
        b.extend_from_slice(&self.position.to_be_bytes());
        b.extend_from_slice(&self.max_timestamp_before.to_be_bytes());
        b.extend_from_slice(&self.append_ms.to_be_bytes());
        let crc = crc32c::crc32c(&b);
        b.extend_from_slice(&crc.to_be_bytes());
        b.first_chunk().copied().unwrap_or([0; ENTRY_LEN])
    }

    fn decode(b: &[u8]) -> Option<IndexEntry> {
        let (body, crc) = b.split_at_checked(ENTRY_LEN - 4)?;
        if crc32c::crc32c(body).to_be_bytes() != *crc {
            return None;
        }
        let (offset, rest) = body.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (max_ts, rest) = rest.split_first_chunk()?;
        let (append, _) = rest.split_first_chunk()?;
        Some(IndexEntry {
            offset: i64::from_be_bytes(*offset),
            position: u32::from_be_bytes(*position),
            max_timestamp_before: i64::from_be_bytes(*max_ts),
            append_ms: i64::from_be_bytes(*append),
        })
    }
}

/// Position of the last entry at or before `offset`; 0 if there is none.
pub fn floor(entries: &[IndexEntry], offset: i64) -> u32 {
    let i = entries.partition_point(|e| e.offset <= offset);
    i.checked_sub(1).and_then(|i| entries.get(i)).map_or(0, |e| e.position)
}

/// Position of the last entry at or before `position`; 0 if there is none.
pub fn floor_by_position(entries: &[IndexEntry], position: u32) -> u32 {
    let i = entries.partition_point(|e| e.position <= position);
    i.checked_sub(1).and_then(|i| entries.get(i)).map_or(0, |e| e.position)
}

/// Position from which a search for the first timestamp >= `t` must start.
pub fn floor_by_time(entries: &[IndexEntry], t: i64) -> u32 {
    // All batches before entry i are older than t when max_timestamp_before < t; take the last such entry.
    let i = entries.partition_point(|e| e.max_timestamp_before < t);
    i.checked_sub(1).and_then(|i| entries.get(i)).map_or(0, |e| e.position)
}

/// The append time known for a batch at `position`: that of the nearest entry at or before it.
pub fn append_ms_at(entries: &[IndexEntry], position: u32) -> Option<i64> {
    let i = entries.partition_point(|e| e.position <= position);
    i.checked_sub(1).and_then(|i| entries.get(i)).map(|e| e.append_ms)
}

/// Append times of the batches in `len` bytes from `start`, as (distance from `start`, wall time).
pub fn append_times(entries: &[IndexEntry], start: u32, len: usize) -> Vec<(usize, i64)> {
    let first = entries.partition_point(|e| e.position <= start).saturating_sub(1);
    let distance = |e: &IndexEntry| e.position.saturating_sub(start) as usize;
    entries.iter().skip(first).map(|e| (distance(e), e.append_ms)).take_while(|(at, _)| *at < len).collect()
}

/// Reads entries below `position_end`; stops at the first that is damaged or out of order.
pub fn load<D: Disk>(disk: &D, path: &Path, position_end: u32) -> Result<Vec<IndexEntry>, LogError> {
    if !disk.exists(path)? {
        return Ok(Vec::new());
    }
    let file = disk.open(path)?;
    let len = file.len()? as usize / ENTRY_LEN * ENTRY_LEN;
    // An entry stands for at least one batch of 61 bytes, which bounds what is read.
    let bound = (position_end as usize / protocol::records::HEADER_LEN + 1) * ENTRY_LEN;
    let mut buf = vec![0; len.min(bound)];
    read_exact_at(&file, &mut buf, 0)?;
    let mut out: Vec<IndexEntry> = Vec::with_capacity(buf.len() / ENTRY_LEN);
    for e in buf.chunks_exact(ENTRY_LEN).map_while(IndexEntry::decode) {
        let in_order = out.last().is_none_or(|l| l.offset < e.offset && l.position < e.position);
        if !in_order || e.position >= position_end {
            break;
        }
        out.push(e);
    }
    Ok(out)
}

/// Distance of entries when an index is made anew from its segment.
pub const REBUILD_INTERVAL: u32 = 4096;

/// The entries of a sealed segment's file and its seal; `None` if the seal does not stand at `size` and `end`.
pub fn load_sealed<D: Disk>(
    disk: &D,
    path: &Path,
    size: u32,
    end: i64,
) -> Result<Option<(Vec<IndexEntry>, IndexEntry)>, LogError> {
    let mut all = load(disk, path, u32::MAX)?;
    let in_file = if disk.exists(path)? { disk.file_len(path)? } else { 0 };
    let Some(seal) = all.pop() else { return Ok(None) };
    let whole = in_file == ((all.len() + 1) * ENTRY_LEN) as u64;
    Ok((whole && seal.position == size && seal.offset == end).then_some((all, seal)))
}

/// The last entry of the file, if it is whole: of a sealed segment it stands at the segment's end.
pub fn last<D: Disk>(disk: &D, path: &Path) -> Result<Option<IndexEntry>, LogError> {
    if !disk.exists(path)? {
        return Ok(None);
    }
    let file = disk.open(path)?;
    let Some(at) = file.len()?.checked_sub(ENTRY_LEN as u64) else { return Ok(None) };
    let mut buf = [0; ENTRY_LEN];
    read_exact_at(&file, &mut buf, at)?;
    Ok(IndexEntry::decode(&buf))
}

/// Writes `new` after the file's first `saved` entries (the file is made if missing), then the seal, after which
/// nothing follows, and syncs. True if the file was made.
pub fn append<D: Disk>(
    disk: &D,
    path: &Path,
    new: &[IndexEntry],
    saved: usize,
    seal: Option<IndexEntry>,
) -> Result<bool, LogError> {
    let fresh = !disk.exists(path)?;
    let file = if fresh { disk.create(path) } else { disk.open(path) }.map_err(LogError::of_write)?;
    let bytes: Vec<u8> = new.iter().chain(&seal).flat_map(|e| e.encode()).collect();
    let at = (saved * ENTRY_LEN) as u64;
    write_all_at(&file, &[&bytes], at).map_err(LogError::of_write)?;
    let end = at + bytes.len() as u64;
    if seal.is_some() && file.len()? > end {
        file.set_len(end)?;
    }
    file.sync_data().map_err(LogError::Sync)?;
    Ok(fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<IndexEntry> {
        (0..4)
            .map(|i| IndexEntry {
                offset: i * 10,
                position: i as u32 * 100,
                max_timestamp_before: [-1, 50, 50, 70][i as usize],
                append_ms: 1000 + i,
            })
            .collect()
    }

    #[test]
    fn look_ups() {
        let e = entries();
        assert_eq!((floor(&e, 0), floor(&e, 9), floor(&e, 10), floor(&e, 999)), (0, 0, 100, 300));
        assert_eq!(floor_by_time(&e, 50), 0);
        assert_eq!(floor_by_time(&e, 51), 200);
        assert_eq!(floor_by_time(&e, 71), 300);
        assert_eq!(append_ms_at(&e, 250), Some(1002));
        assert_eq!(append_times(&e, 150, 100), [(0, 1001), (50, 1002)]);
        assert_eq!(append_times(&e, 0, 100), [(0, 1000)]);
        assert_eq!(append_times(&e, 350, 1000), [(0, 1003)]);
    }

    #[test]
    fn damaged_entries_end_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.index");
        let disk = crate::RealDisk;
        assert!(append(&disk, &path, &entries(), 0, None).unwrap());
        assert_eq!(load(&disk, &path, 1000).unwrap(), entries());
        assert_eq!(load(&disk, &path, 200).unwrap().len(), 2);
        let mut raw = std::fs::read(&path).unwrap();
        raw[ENTRY_LEN * 2 + 3] ^= 1;
        std::fs::write(&path, raw).unwrap();
        assert_eq!(load(&disk, &path, 1000).unwrap().len(), 2);
    }

    #[test]
    fn a_seal_must_stand_at_the_end_of_segment_and_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.index");
        let disk = crate::RealDisk;
        let seal = IndexEntry { offset: 40, position: 400, max_timestamp_before: 99, append_ms: 1009 };
        append(&disk, &path, &entries(), 0, None).unwrap();
        assert_eq!(load_sealed(&disk, &path, 400, 40).unwrap(), None);
        // What a longer life of the file left behind the seal goes.
        assert!(!append(&disk, &path, &entries()[1..2], 1, Some(seal)).unwrap());
        assert_eq!(load_sealed(&disk, &path, 400, 40).unwrap(), Some((entries()[..2].to_vec(), seal)));
        assert_eq!(load_sealed(&disk, &path, 401, 40).unwrap(), None);
        assert_eq!(load_sealed(&disk, &path, 400, 41).unwrap(), None);
        assert_eq!(last(&disk, &path).unwrap(), Some(seal));
    }
}
