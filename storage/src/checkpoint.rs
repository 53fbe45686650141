//! The checkpoint of a log dir: one record per log, in one append-only file.
//!
//! ```text
//!  group: | "ckpt" | own position u64 | length u32 | crc32c u32 | records |   what one write added
//!  record: length u32 | topic id 16 | partition i32 | kind u8 (1 = log, 0 = log is gone) | body; the last one counts
//!  body: recovery point i64 | log start i64 | high watermark i64 | generation u32 | crc of the sealed segments u32
//!        | n u32, n x (epoch i32, start i64) | has tail u8, tail point | length u32, producer state
//!  tail point: base i64 | generation u32 | position u32 | index entries u32 | first, last append ms i64
//!        | newest timestamp i64 | its batch i64
//! ```
//! Invariants: a record is written only after what it speaks of was synced; a torn last group is dropped, a damaged
//! one before it is skipped and reported, and older records of its logs count again; a log that is listed but
//! missing on disk is offline, never empty; blocks are reserved ahead, so that a full disk still takes records.
//! Written by `dir`.

use crate::disk::{Disk, DiskFile, read_exact_at, read_file, write_all_at};
use crate::error::LogError;
use bytes::{Buf, BufMut, Bytes};
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const FILE: &str = "checkpoint";
const MAGIC: &[u8; 4] = b"ckpt";
const GROUP_HEAD: usize = 20;
/// Larger than any checkpoint that this program writes.
const FILE_MAX: u64 = 1 << 30;
/// Least space kept for records that must be written on a full disk.
const RESERVE_MIN: u64 = 1 << 20;
/// A file smaller than this is not worth compacting.
const COMPACT_MIN: u64 = 4096;

/// Where the active segment stood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TailPoint {
    pub base: i64,
    pub generation: u32,
    pub position: u32,
    /// Entries of its index file that may be trusted.
    pub index_entries: u32,
    pub first_append_ms: i64,
    pub last_append_ms: i64,
    pub max_timestamp: i64,
    pub max_timestamp_batch: i64,
}

impl TailPoint {
    pub(crate) fn encode(&self, b: &mut Vec<u8>) {
        b.put_i64(self.base);
        b.put_u32(self.generation);
        b.put_u32(self.position);
        b.put_u32(self.index_entries);
        b.put_i64(self.first_append_ms);
        b.put_i64(self.last_append_ms);
        b.put_i64(self.max_timestamp);
        b.put_i64(self.max_timestamp_batch);
    }

    pub(crate) fn decode(b: &mut &[u8]) -> Option<TailPoint> {
        Some(TailPoint {
            base: b.try_get_i64().ok()?,
            generation: b.try_get_u32().ok()?,
            position: b.try_get_u32().ok()?,
            index_entries: b.try_get_u32().ok()?,
            first_append_ms: b.try_get_i64().ok()?,
            last_append_ms: b.try_get_i64().ok()?,
            max_timestamp: b.try_get_i64().ok()?,
            max_timestamp_batch: b.try_get_i64().ok()?,
        })
    }
}

/// What is known of a log to be on disk for certain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogCheckpoint {
    /// Everything below is synced.
    pub recovery_point: i64,
    pub log_start: i64,
    pub high_watermark: i64,
    pub generation: u32,
    /// CRC over the sealed segments that the log then had, see `SealedSum`.
    pub sealed: u32,
    /// (leader epoch, first offset), ascending.
    pub epochs: Vec<(i32, i64)>,
    /// The active segment at the recovery point; `None` if there was none.
    pub tail: Option<TailPoint>,
    /// The broker's producer table at the recovery point, opaque here.
    pub producers: Bytes,
}

/// A sum over sealed segments: if it is the same after a restart, none is missing, longer or shorter.
#[derive(Clone, Copy, Debug, Default)]
pub struct SealedSum(u32);

impl SealedSum {
    pub fn add(&mut self, base: i64, generation: u32, size: u32, end: i64) {
        let mut b = [0u8; 24];
        let mut w = b.as_mut_slice();
        w.put_i64(base);
        w.put_u32(generation);
        w.put_u32(size);
        w.put_i64(end);
        self.0 = crc32c::crc32c_append(self.0, &b);
    }

    pub fn value(self) -> u32 {
        self.0
    }
}

fn encode(tp: &TopicPartition, c: Option<&LogCheckpoint>) -> Vec<u8> {
    let mut p = Vec::new();
    p.put_u32(0);
    p.put_slice(&tp.topic.0.0);
    p.put_i32(tp.partition.0);
    p.put_u8(u8::from(c.is_some()));
    if let Some(c) = c {
        p.put_i64(c.recovery_point);
        p.put_i64(c.log_start);
        p.put_i64(c.high_watermark);
        p.put_u32(c.generation);
        p.put_u32(c.sealed);
        p.put_u32(c.epochs.len() as u32);
        for (epoch, start) in &c.epochs {
            p.put_i32(*epoch);
            p.put_i64(*start);
        }
        p.put_u8(u8::from(c.tail.is_some()));
        if let Some(t) = &c.tail {
            t.encode(&mut p);
        }
        p.put_u32(c.producers.len() as u32);
        p.put_slice(&c.producers);
    }
    let len = (p.len() - 4) as u32;
    if let Some(head) = p.first_chunk_mut() {
        *head = len.to_be_bytes();
    }
    p
}

fn decode_key(p: &mut &[u8]) -> Option<(TopicPartition, bool)> {
    let topic = TopicId(Uuid(*p.first_chunk()?));
    p.advance(16);
    let partition = PartitionIndex(p.try_get_i32().ok()?);
    Some((TopicPartition { topic, partition }, p.try_get_u8().ok()? != 0))
}

fn decode_body(p: &mut &[u8]) -> Option<LogCheckpoint> {
    let mut c = LogCheckpoint {
        recovery_point: p.try_get_i64().ok()?,
        log_start: p.try_get_i64().ok()?,
        high_watermark: p.try_get_i64().ok()?,
        generation: p.try_get_u32().ok()?,
        sealed: p.try_get_u32().ok()?,
        ..LogCheckpoint::default()
    };
    let n = p.try_get_u32().ok()? as usize;
    if n.checked_mul(12)? > p.len() {
        return None;
    }
    for _ in 0..n {
        c.epochs.push((p.try_get_i32().ok()?, p.try_get_i64().ok()?));
    }
    if p.try_get_u8().ok()? != 0 {
        c.tail = Some(TailPoint::decode(p)?);
    }
    let len = p.try_get_u32().ok()? as usize;
    c.producers = Bytes::copy_from_slice(p.get(..len)?);
    Some(c)
}

/// Puts a group's head before its records.
fn group(at: u64, records: &[u8]) -> Vec<u8> {
    let mut covered = Vec::with_capacity(records.len() + GROUP_HEAD);
    covered.put_u64(at);
    covered.put_u32(records.len() as u32);
    covered.put_slice(records);
    let crc = crc32c::crc32c(&covered);
    let mut out = Vec::with_capacity(covered.len() + 8);
    out.put_slice(MAGIC);
    out.put_slice(covered.get(..12).unwrap_or_default());
    out.put_u32(crc);
    out.put_slice(records);
    out
}

/// The records of a whole group at `at`.
fn read_group(content: &[u8], at: usize) -> Option<&[u8]> {
    let mut b = content.get(at..)?.strip_prefix(MAGIC)?;
    let covered = b.get(..12)?;
    if b.try_get_u64().ok()? != at as u64 {
        return None;
    }
    let len = b.try_get_u32().ok()? as usize;
    let crc = b.try_get_u32().ok()?;
    let records = b.get(..len)?;
    (crc32c::crc32c_append(crc32c::crc32c(covered), records) == crc).then_some(records)
}

/// The next whole group at or after `from`.
fn find_group(content: &[u8], from: usize) -> Option<usize> {
    (from..content.len().saturating_sub(GROUP_HEAD - 1)).find(|at| read_group(content, *at).is_some())
}

/// The open checkpoint file of a dir.
pub struct Checkpoints<D: Disk> {
    dir: PathBuf,
    file: Option<D::File>,
    len: u64,
    reserved: u64,
    /// Bytes of records that a later record replaced.
    stale: u64,
    /// Where the record of each log lies: position and length.
    records: BTreeMap<TopicPartition, (u64, u32)>,
}

impl<D: Disk> Checkpoints<D> {
    /// Reads the file if there is one. A torn end is cut; a damaged middle is skipped and reported.
    pub fn open(disk: &D, dir: &Path) -> Result<Checkpoints<D>, LogError> {
        let path = dir.join(FILE);
        let content = read_file(disk, &path, FILE_MAX)?;
        let mut out = Checkpoints {
            dir: dir.to_path_buf(),
            file: None,
            len: 0,
            reserved: 0,
            stale: 0,
            records: BTreeMap::new(),
        };
        let Some(content) = content else { return Ok(out) };
        let mut at = 0;
        while at < content.len() {
            let Some(records) = read_group(&content, at) else {
                let Some(next) = find_group(&content, at + 1) else { break };
                tracing::error!(
                    "{}: {} bytes at {at} are damaged; the logs whose record was there fall back to an older one",
                    path.display(),
                    next - at
                );
                out.stale += (next - at) as u64;
                at = next;
                continue;
            };
            let end = at + GROUP_HEAD + records.len();
            out.take_group(records, (at + GROUP_HEAD) as u64);
            at = end;
        }
        out.len = at as u64;
        let file = disk.open(&path)?;
        if at < content.len() {
            file.set_len(out.len)?;
        }
        // What is served from it must not go back with a power cut: the last run may have failed to sync it.
        file.sync_data().map_err(LogError::Sync)?;
        disk.sync_dir(dir).map_err(LogError::Sync)?;
        out.file = Some(file);
        Ok(out)
    }

    fn take_group(&mut self, records: &[u8], start: u64) {
        let mut rest = records;
        while let Ok(len) = rest.try_get_u32() {
            let at = start + (records.len() - rest.len()) as u64;
            let Some(mut p) = rest.get(..len as usize) else { break };
            rest.advance(len as usize);
            if let Some((tp, is_log)) = decode_key(&mut p) {
                self.note(tp, is_log.then_some((at, len)), len);
            }
        }
    }

    fn note(&mut self, tp: TopicPartition, place: Option<(u64, u32)>, len: u32) {
        let old = match place {
            Some(p) => self.records.insert(tp, p),
            None => {
                self.stale += u64::from(len);
                self.records.remove(&tp)
            }
        };
        self.stale += old.map_or(0, |(_, n)| u64::from(n));
    }

    fn record(&self, at: u64, len: u32) -> Result<Vec<u8>, LogError> {
        let mut raw = vec![0; len as usize];
        if let Some(f) = &self.file {
            read_exact_at(f, &mut raw, at)?;
        }
        Ok(raw)
    }

    /// What the file says of a log; `None` if it is not listed.
    pub fn get(&self, tp: &TopicPartition) -> Result<Option<LogCheckpoint>, LogError> {
        let Some((at, len)) = self.records.get(tp) else { return Ok(None) };
        let raw = self.record(*at, *len)?;
        let mut p = raw.as_slice();
        let found = decode_key(&mut p).filter(|(found, _)| found == tp).and_then(|_| decode_body(&mut p));
        found.map(Some).ok_or_else(|| LogError::Offline(format!("the checkpoint record of {tp} is damaged")))
    }

    pub fn is_listed(&self, tp: &TopicPartition) -> bool {
        self.records.contains_key(tp)
    }

    pub fn listed(&self) -> impl Iterator<Item = &TopicPartition> {
        self.records.keys()
    }

    /// Makes the file if it is missing, and reserves blocks ahead. Done before the disk can be full.
    pub fn prepare(&mut self, disk: &D) -> Result<(), LogError> {
        if self.file.is_none() {
            let file = disk.create(&self.dir.join(FILE)).map_err(LogError::of_write)?;
            disk.sync_dir(&self.dir).map_err(LogError::Sync)?;
            self.file = Some(file);
        }
        self.reserve();
        Ok(())
    }

    fn reserve(&mut self) {
        let want = RESERVE_MIN.max(self.len - self.stale.min(self.len));
        if self.reserved >= self.len + want / 2 {
            return;
        }
        let Some(file) = &self.file else { return };
        match file.allocate(self.len, want) {
            Ok(()) => self.reserved = self.len + want,
            Err(e) => {
                tracing::warn!("{}: no space could be reserved for checkpoints: {e}", self.dir.display())
            }
        }
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
        self.prepare(disk)?;
        let Some(file) = &self.file else { return Err(LogError::NotReady) };
        let mut records = Vec::new();
        for (tp, c) in &changes {
            records.extend(encode(tp, c.as_ref()));
        }
        // After a failed write the next one takes its place: a group counts only at its own position.
        let bytes = group(self.len, &records);
        write_all_at(file, &[&bytes], self.len).map_err(LogError::of_write)?;
        file.sync_data().map_err(LogError::Sync)?;
        self.take_group(&records, self.len + GROUP_HEAD as u64);
        self.len += bytes.len() as u64;
        self.reserve();
        if self.stale > COMPACT_MIN && self.stale * 2 > self.len {
            match self.compact(disk) {
                // The records are all there; the file is only longer than it should be.
                Err(LogError::Full) => tracing::warn!("{}: no space to compact", self.dir.display()),
                r => return r,
            }
        }
        Ok(())
    }

    fn compact(&mut self, disk: &D) -> Result<(), LogError> {
        let mut records = Vec::new();
        for (at, len) in self.records.values() {
            records.put_u32(*len);
            records.extend(self.record(*at, *len)?);
        }
        let bytes = group(0, &records);
        let temp = self.dir.join("checkpoint.tmp");
        if disk.exists(&temp)? {
            disk.remove_file(&temp)?;
        }
        let file = disk.create(&temp).map_err(LogError::of_write)?;
        let written =
            write_all_at(&file, &[&bytes], 0).and_then(|()| file.allocate(0, bytes.len() as u64 * 2));
        if let Err(e) = written {
            disk.remove_file(&temp)?;
            return Err(LogError::of_write(e));
        }
        file.sync_data().map_err(LogError::Sync)?;
        disk.rename(&temp, &self.dir.join(FILE))?;
        disk.sync_dir(&self.dir).map_err(LogError::Sync)?;
        self.file = Some(file);
        self.len = bytes.len() as u64;
        self.reserved = 0;
        self.stale = 0;
        self.records.clear();
        self.take_group(&records, GROUP_HEAD as u64);
        self.reserve();
        Ok(())
    }
}

#[cfg(test)]
#[path = "checkpoint_test.rs"]
mod tests;
