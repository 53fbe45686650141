//! The checkpoint of a log dir: one record per log, in one append-only file.
//!
//! ```text
//!  | length u32 | crc32c u32 | payload |  repeated; the last record of a log counts
//!  payload: topic id 16 | partition i32 | kind u8 (1 = log, 0 = log is gone) | recovery point i64
//!           | log start i64 | high watermark i64 | n u32, n x (epoch i32, start i64) | len u32, producer state
//! ```
//! Invariants: a record is written only after what it speaks of was synced; a torn last record is dropped; a log
//! that is listed but missing on disk is offline, never empty. Written by `dir`.

use crate::disk::{Disk, DiskFile, read_file, replace_file, write_all_at};
use crate::error::LogError;
use bytes::{Buf, BufMut, Bytes};
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const FILE: &str = "checkpoint";
/// Larger than any checkpoint that this program writes.
const FILE_MAX: u64 = 1 << 30;

/// What is known of a log to be on disk for certain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogCheckpoint {
    /// Everything below is synced.
    pub recovery_point: i64,
    pub log_start: i64,
    pub high_watermark: i64,
    /// (leader epoch, first offset), ascending.
    pub epochs: Vec<(i32, i64)>,
    /// The broker's producer table at the recovery point, opaque here.
    pub producers: Bytes,
}

fn encode(tp: &TopicPartition, c: Option<&LogCheckpoint>) -> Vec<u8> {
    let mut p = Vec::new();
    p.put_slice(&tp.topic.0.0);
    p.put_i32(tp.partition.0);
    p.put_u8(u8::from(c.is_some()));
    if let Some(c) = c {
        p.put_i64(c.recovery_point);
        p.put_i64(c.log_start);
        p.put_i64(c.high_watermark);
        p.put_u32(c.epochs.len() as u32);
        for (epoch, start) in &c.epochs {
            p.put_i32(*epoch);
            p.put_i64(*start);
        }
        p.put_u32(c.producers.len() as u32);
        p.put_slice(&c.producers);
    }
    let mut out = Vec::with_capacity(p.len() + 8);
    out.put_u32(p.len() as u32);
    out.put_u32(crc32c::crc32c(&p));
    out.put_slice(&p);
    out
}

fn decode(mut p: &[u8]) -> Option<(TopicPartition, Option<LogCheckpoint>)> {
    let topic = TopicId(Uuid(*p.first_chunk()?));
    p.advance(16);
    let partition = PartitionIndex(p.try_get_i32().ok()?);
    let tp = TopicPartition { topic, partition };
    if p.try_get_u8().ok()? == 0 {
        return Some((tp, None));
    }
    let recovery_point = p.try_get_i64().ok()?;
    let log_start = p.try_get_i64().ok()?;
    let high_watermark = p.try_get_i64().ok()?;
    let n = p.try_get_u32().ok()? as usize;
    if n.checked_mul(12)? > p.len() {
        return None;
    }
    let mut epochs = Vec::with_capacity(n);
    for _ in 0..n {
        epochs.push((p.try_get_i32().ok()?, p.try_get_i64().ok()?));
    }
    let len = p.try_get_u32().ok()? as usize;
    let producers = Bytes::copy_from_slice(p.get(..len)?);
    Some((tp, Some(LogCheckpoint { recovery_point, log_start, high_watermark, epochs, producers })))
}

/// The open checkpoint file of a dir.
pub struct Checkpoints<D: Disk> {
    dir: PathBuf,
    file: Option<D::File>,
    len: u64,
    /// Bytes of records that a later record replaced.
    stale: u64,
    records: BTreeMap<TopicPartition, (LogCheckpoint, u64)>,
}

impl<D: Disk> Checkpoints<D> {
    /// Reads the file if there is one. What follows the first damaged record is dropped: a crash tore it.
    pub fn open(disk: &D, dir: &Path) -> Result<Checkpoints<D>, LogError> {
        let path = dir.join(FILE);
        let content = read_file(disk, &path, FILE_MAX)?;
        let mut out =
            Checkpoints { dir: dir.to_path_buf(), file: None, len: 0, stale: 0, records: BTreeMap::new() };
        let Some(content) = content else { return Ok(out) };
        let mut rest = content.as_slice();
        while let Some((head, tail)) = rest.split_first_chunk::<8>() {
            let (len, crc) = (&head[..4], &head[4..]);
            let len = u32::from_be_bytes(*len.first_chunk().unwrap_or(&[0; 4])) as usize;
            let Some((payload, tail)) = tail.split_at_checked(len) else { break };
            if crc32c::crc32c(payload).to_be_bytes() != *crc {
                break;
            }
            let Some((tp, c)) = decode(payload) else { break };
            out.note(tp, c, 8 + len as u64);
            rest = tail;
        }
        let file = disk.open(&path)?;
        if (out.len as usize) < content.len() {
            file.set_len(out.len)?;
            file.sync_data().map_err(LogError::Sync)?;
        }
        out.file = Some(file);
        Ok(out)
    }

    fn note(&mut self, tp: TopicPartition, c: Option<LogCheckpoint>, size: u64) {
        self.len += size;
        let old = match c {
            Some(c) => self.records.insert(tp, (c, size)),
            None => {
                self.stale += size;
                self.records.remove(&tp)
            }
        };
        self.stale += old.map_or(0, |(_, n)| n);
    }

    pub fn get(&self, tp: &TopicPartition) -> Option<&LogCheckpoint> {
        self.records.get(tp).map(|(c, _)| c)
    }

    pub fn listed(&self) -> impl Iterator<Item = &TopicPartition> {
        self.records.keys()
    }

    /// Appends records (`None`: the log is gone) and syncs; rewrites the file when half of it is stale.
    pub fn write(
        &mut self,
        disk: &D,
        changes: Vec<(TopicPartition, Option<LogCheckpoint>)>,
    ) -> Result<(), LogError> {
        if changes.is_empty() {
            return Ok(());
        }
        let path = self.dir.join(FILE);
        let file = match &self.file {
            Some(f) => f,
            None => {
                let f = disk.create(&path)?;
                disk.sync_dir(&self.dir)?;
                self.file.insert(f)
            }
        };
        let encoded: Vec<Vec<u8>> = changes.iter().map(|(tp, c)| encode(tp, c.as_ref())).collect();
        let parts: Vec<u8> = encoded.concat();
        write_all_at(file, &[&parts], self.len).map_err(LogError::of_write)?;
        file.sync_data().map_err(LogError::Sync)?;
        for ((tp, c), e) in changes.into_iter().zip(encoded) {
            self.note(tp, c, e.len() as u64);
        }
        if self.stale > 4096 && self.stale * 2 > self.len {
            self.compact(disk)?;
        }
        Ok(())
    }

    fn compact(&mut self, disk: &D) -> Result<(), LogError> {
        let mut all = Vec::new();
        for (tp, (c, _)) in &self.records {
            all.extend(encode(tp, Some(c)));
        }
        replace_file(disk, &self.dir, FILE, &all)?;
        self.file = Some(disk.open(&self.dir.join(FILE))?);
        self.len = all.len() as u64;
        self.stale = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RealDisk;

    fn tp(n: i32) -> TopicPartition {
        TopicPartition { topic: TopicId(Uuid([7; 16])), partition: PartitionIndex(n) }
    }

    fn log(n: i64) -> LogCheckpoint {
        LogCheckpoint {
            recovery_point: n,
            log_start: 1,
            high_watermark: n,
            epochs: vec![(0, 0), (3, n)],
            producers: Bytes::from(vec![n as u8; 100]),
        }
    }

    #[test]
    fn last_record_counts_and_a_torn_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let mut c = Checkpoints::open(&RealDisk, dir.path()).unwrap();
        for i in 0..200 {
            c.write(&RealDisk, vec![(tp(i % 3), Some(log(i.into())))]).unwrap();
        }
        c.write(&RealDisk, vec![(tp(2), None)]).unwrap();
        let path = dir.path().join(FILE);
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size < 40 * 200, "stale records are dropped: {size}");
        let check = |c: &Checkpoints<RealDisk>| {
            assert_eq!(c.get(&tp(0)), Some(&log(198)));
            assert_eq!(c.get(&tp(1)), Some(&log(199)));
            assert_eq!(c.get(&tp(2)), None);
        };
        check(&Checkpoints::open(&RealDisk, dir.path()).unwrap());
        let mut raw = std::fs::read(&path).unwrap();
        raw.extend([0, 0, 0, 9, 1, 2, 3, 4, 5, 6]);
        std::fs::write(&path, raw).unwrap();
        check(&Checkpoints::open(&RealDisk, dir.path()).unwrap());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), size);
    }
}
