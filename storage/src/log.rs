//! One partition's log: segments in order, the last one active.
//!
//! Invariants: `append` writes, publishes and never creates, extends or syncs a file; what a reader can see is
//! never rewritten; a log's end moves only after its bytes are written; what a failed append left behind the end is
//! cut off before the next one. Everything slow is planned under the partition's lock, run outside it and finished
//! under it (`upkeep`, `truncate`). Owned by the broker's partition, which calls `append` under its lock.

use crate::checkpoint::{LogCheckpoint, SealedSum};
use crate::cuts::Cuts;
use crate::disk::{Disk, DiskFile, write_all_at};
use crate::error::LogError;
use crate::files::FileCache;
use crate::machine::{retention, roll};
use crate::segment::{NEXT_FILE, Segment, SegmentState};
use crate::wrong::{self, Rule};
use bytes::Bytes;
use parking_lot::RwLock;
use protocol::records::{BatchHeader, Placement};
use smallvec::SmallVec;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The configs of a topic that its logs need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogConfig {
    pub segment_bytes: u64,
    pub segment_ms: i64,
    pub index_interval_bytes: u32,
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { segment_bytes: 1 << 30, segment_ms: 7 * 24 * 3600 * 1000, index_interval_bytes: 4096 }
    }
}

pub type Segments<D> = Vec<Arc<Segment<D>>>;

/// What readers see. Read plans carry the generation: it grows with every truncation.
pub struct SegmentList<D: Disk> {
    pub generation: u32,
    pub segments: Segments<D>,
}

pub struct Log<D: Disk> {
    pub(crate) files: Arc<FileCache<D>>,
    pub(crate) dir: Arc<Path>,
    pub(crate) config: LogConfig,
    pub(crate) list: Arc<RwLock<SegmentList<D>>>,
    /// The last segment, unless the log must make a file before it can go on.
    pub(crate) active: Option<Arc<Segment<D>>>,
    /// Sealed in memory, not yet on disk: to be cut, indexed and synced.
    pub(crate) unsealed: Vec<Arc<Segment<D>>>,
    /// Sealed and synced, but their index did not fit on the disk: tried again at the next roll or checkpoint.
    pub(crate) unindexed: Vec<Arc<Segment<D>>>,
    /// The producer state at the base of segments, not yet on disk.
    pub(crate) bases: Vec<(Arc<Segment<D>>, Bytes)>,
    /// The next segment's file is there.
    pub(crate) has_next: bool,
    /// A segment is due to be closed and the next one's file is missing.
    pub(crate) wants_roll: bool,
    /// Close the active segment as soon as that is possible, without an append (retention).
    pub(crate) must_roll: bool,
    /// The folder's own name is on disk for certain.
    pub(crate) folder_synced: bool,
    pub(crate) upkeep_running: bool,
    pub(crate) truncating: bool,
    /// Bytes of a failed append lie behind the end.
    pub(crate) has_debris: bool,
    /// Blocks reserved in the active file.
    pub(crate) reserved: u64,
    /// (leader epoch, first offset), ascending in both.
    pub(crate) epochs: Vec<(i32, i64)>,
    pub(crate) cuts: Cuts,
    pub(crate) log_start: i64,
    pub(crate) end: i64,
    pub(crate) last_append_ms: i64,
    pub(crate) appended_since_checkpoint: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: i64,
    /// The log's new end.
    pub end_offset: i64,
    /// A segment was closed by this append: tell the log the producer state as it was before the batch.
    pub rolled: bool,
}

/// What a sync round must sync for a log, captured before the first sync.
pub struct Capture<D: Disk> {
    pub end: i64,
    segments: SmallVec<[Arc<Segment<D>>; 2]>,
}

impl<D: Disk> Capture<D> {
    /// Syncs the files; afterwards everything below `end` is durable.
    pub fn sync(&self) -> Result<(), LogError> {
        self.segments.iter().try_for_each(|s| s.sync())
    }
}

/// A checkpoint record in the making.
pub struct Checkpointing<D: Disk> {
    capture: Capture<D>,
    record: LogCheckpoint,
    active: Option<Arc<Segment<D>>>,
}

impl<D: Disk> Checkpointing<D> {
    /// Syncs what the record speaks of and returns it. Outside the lock.
    pub fn run(mut self) -> Result<LogCheckpoint, LogError> {
        if wrong::is(Rule::IndexTrusted)
            && let Some(active) = &self.active
        {
            active.save_index(false)?;
        }
        self.capture.sync()?;
        if let (Some(active), Some(tail)) = (&self.active, &mut self.record.tail) {
            let saved = match active.try_save_index(false)? {
                Some(n) => n,
                None => active.state.read().index_saved(),
            };
            tail.index_entries = tail.index_entries.min(saved as u32);
        }
        Ok(self.record)
    }
}

impl<D: Disk> Log<D> {
    /// A log without any data or folder yet.
    pub fn empty(files: Arc<FileCache<D>>, dir: PathBuf, config: LogConfig, start: i64) -> Log<D> {
        Log {
            files,
            dir: Arc::from(dir),
            config,
            list: Arc::new(RwLock::new(SegmentList { generation: 0, segments: Vec::new() })),
            active: None,
            unsealed: Vec::new(),
            unindexed: Vec::new(),
            bases: Vec::new(),
            has_next: false,
            wants_roll: false,
            must_roll: false,
            folder_synced: false,
            upkeep_running: false,
            truncating: false,
            has_debris: false,
            reserved: 0,
            epochs: Vec::new(),
            cuts: Cuts::default(),
            log_start: start,
            end: start,
            last_append_ms: -1,
            appended_since_checkpoint: 0,
        }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }
    pub fn end(&self) -> i64 {
        self.end
    }
    pub fn log_start(&self) -> i64 {
        self.log_start
    }
    pub fn generation(&self) -> u32 {
        self.cuts.generation()
    }
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }
    pub fn is_ready(&self) -> bool {
        self.active.is_some()
    }
    pub fn reader(&self) -> Arc<RwLock<SegmentList<D>>> {
        self.list.clone()
    }
    pub fn size(&self) -> u64 {
        self.list.read().segments.iter().map(|s| u64::from(s.state.read().size)).sum()
    }
    pub fn appended_since_checkpoint(&self) -> u64 {
        self.appended_since_checkpoint
    }

    /// Appends one validated batch at the log's end. On error nothing changed.
    pub fn append(
        &mut self,
        batch: &[u8],
        h: &BatchHeader,
        epoch: i32,
        now_ms: i64,
    ) -> Result<Appended, LogError> {
        if self.truncating {
            return Err(LogError::NotReady);
        }
        let len = batch.len() as u64;
        let (rolled, at) = self.roll_if_due(len, now_ms)?;
        let Some(active) = &self.active else { return Err(LogError::NotReady) };
        if u64::from(at) + len > u64::from(u32::MAX) {
            return Err(LogError::NotReady);
        }
        let file = active.file()?;
        if self.has_debris {
            file.set_len(at.into()).map_err(LogError::of_write)?;
            self.has_debris = false;
        }
        let base_offset = self.end;
        let head = Placement::new(base_offset, h.batch_length, epoch);
        let rest = batch.get(Placement::LEN..).unwrap_or_default();
        active.begin_write();
        let written = write_all_at(&*file, &[&head.0, rest], at.into());
        if written.is_err() {
            // What a part of the batch left must not outlive it: a later, shorter batch would not cover it.
            self.has_debris = file.set_len(at.into()).is_err();
            self.reserved = at.into();
        }
        active.end_write();
        written.map_err(LogError::of_write)?;
        let placed = BatchHeader { base_offset, leader_epoch: epoch, ..*h };
        let append_ms = now_ms.max(self.last_append_ms);
        active.state.write().push(&placed, len as u32, append_ms, self.config.index_interval_bytes);
        self.last_append_ms = append_ms;
        self.note_epoch(epoch, base_offset);
        self.end = placed.next_offset();
        self.appended_since_checkpoint += len;
        Ok(Appended { base_offset, end_offset: self.end, rolled })
    }

    /// Closes the active segment if the next batch belongs into a new one. Returns whether it did, and where the
    /// batch goes.
    fn roll_if_due(&mut self, len: u64, now_ms: i64) -> Result<(bool, u32), LogError> {
        let Some(active) = &self.active else { return Err(LogError::NotReady) };
        let (due, size) = {
            let s = active.state.read();
            let due = roll::must_roll(&roll::RollInput {
                size: s.size.into(),
                batch_len: len,
                first_append_ms: s.first_append_ms,
                now_ms,
                segment_bytes: self.config.segment_bytes,
                segment_ms: self.config.segment_ms,
            });
            (due, s.size)
        };
        // If the next file is late the log runs on past segment.bytes.
        if !due || !self.roll() {
            return Ok((false, size));
        }
        Ok((true, 0))
    }

    /// Closes the active segment and goes on in the prepared file; false if there is none yet.
    pub(crate) fn roll(&mut self) -> bool {
        let Some(old) = self.active.clone() else { return false };
        if !self.has_next || old.is_unnamed() || self.has_debris {
            self.wants_roll = true;
            return false;
        }
        let file = match self.files.open(&self.dir.join(NEXT_FILE)) {
            Ok(f) => f,
            Err(e) => {
                tracing::warn!("{}: the next segment cannot be opened: {e}", self.dir.display());
                self.has_next = false;
                return false;
            }
        };
        old.state.write().drop_tail();
        self.unsealed.push(old);
        self.unsealed.append(&mut self.unindexed);
        let key = (self.end, self.generation());
        let state = SegmentState::empty(self.end);
        let segment = Segment::new(&self.files, &self.dir, key, state, Some(Arc::new(file)));
        segment.set_unnamed(true);
        self.list.write().segments.push(segment.clone());
        self.active = Some(segment);
        self.has_next = false;
        self.wants_roll = false;
        self.must_roll = false;
        self.reserved = 0;
        true
    }

    /// The producer state at the base of the segment that was just begun.
    pub fn note_base_producers(&mut self, producers: Bytes) {
        if let Some(active) = &self.active {
            self.bases.push((active.clone(), producers));
        }
    }

    /// Asks for a roll without an append: everything in the active segment is too old.
    pub fn request_roll(&mut self) {
        self.must_roll = self.active.as_ref().is_some_and(|a| a.state.read().size > 0);
    }

    pub(crate) fn note_epoch(&mut self, epoch: i32, start: i64) {
        if self.epochs.last().is_none_or(|(e, _)| *e < epoch) {
            self.epochs.push((epoch, start));
        }
    }

    /// The largest epoch not above `epoch` and where it ends (the start of the next one, or the log's end).
    pub fn epoch_end(&self, epoch: i32) -> Option<(i32, i64)> {
        let i = self.epochs.partition_point(|(e, _)| *e <= epoch);
        let (found, _) = *self.epochs.get(i.checked_sub(1)?)?;
        Some((found, self.epochs.get(i).map_or(self.end, |(_, start)| *start)))
    }

    pub fn last_epoch(&self) -> Option<i32> {
        self.epochs.last().map(|(e, _)| *e)
    }

    /// What must be synced so that everything up to `end` is durable. The end is taken before any sync starts.
    /// `None` while a segment has no lasting name yet: run the upkeep first.
    pub fn capture(&self) -> Option<Capture<D>> {
        if self.upkeep_running || self.truncating || self.active.as_ref().is_some_and(|a| a.is_unnamed()) {
            return None;
        }
        let segments = self.unsealed.iter().chain(&self.active).cloned().collect();
        Some(Capture { end: self.end, segments })
    }

    /// The checkpoint record for the log as it is now. Taken in one lock hold with the producer state, which so
    /// never runs ahead of the log. `None` as for `capture`.
    pub fn plan_checkpoint(&mut self, high_watermark: i64, producers: Bytes) -> Option<Checkpointing<D>> {
        let capture = self.capture()?;
        self.appended_since_checkpoint = 0;
        self.unsealed.append(&mut self.unindexed);
        let mut sum = SealedSum::default();
        let list = self.list.read();
        let sealed = list.segments.len().saturating_sub(usize::from(self.active.is_some()));
        for s in list.segments.iter().take(sealed) {
            let st = s.state.read();
            if st.end_offset > self.log_start {
                sum.add(s.base, s.generation, st.size, st.end_offset);
            }
        }
        let record = LogCheckpoint {
            recovery_point: self.end,
            log_start: self.log_start,
            high_watermark: high_watermark.min(self.end),
            generation: self.generation(),
            sealed: sum.value(),
            epochs: self.epochs.clone(),
            tail: self.active.as_ref().map(|a| a.state.read().point(a.base, a.generation)),
            producers,
        };
        Some(Checkpointing { capture, record, active: self.active.clone() })
    }

    /// The record that `plan_checkpoint` began did not get to the disk.
    pub fn checkpoint_failed(&mut self) {
        self.appended_since_checkpoint = self.appended_since_checkpoint.max(1);
    }

    /// Moves the log start up (DeleteRecords, retention); never back.
    pub fn advance_start(&mut self, offset: i64) {
        self.log_start = self.log_start.max(offset.min(self.end));
        // The last epoch that starts at or below the log start stays, to answer for what follows.
        let keep = self.epochs.partition_point(|(_, s)| *s <= self.log_start).saturating_sub(1);
        self.epochs.drain(..keep);
        if let Some((_, first)) = self.epochs.first_mut() {
            *first = (*first).max(self.log_start);
        }
    }

    /// What retention would delete now: whole sealed segments, and the active one once it is closed.
    pub fn plan_retention(
        &self,
        now_ms: i64,
        retention_ms: i64,
        retention_bytes: i64,
        below: i64,
    ) -> retention::Plan {
        let list = self.list.read();
        let facts: Vec<retention::SegmentFacts> = list
            .segments
            .iter()
            .map(|s| {
                let is_active = self.active.as_ref().is_some_and(|a| Arc::ptr_eq(a, s));
                let busy = self.unsealed.iter().any(|u| Arc::ptr_eq(u, s)) || self.upkeep_running;
                let s = s.state.read();
                retention::SegmentFacts {
                    end_offset: s.end_offset,
                    size: s.size.into(),
                    // Without its index nothing is known of a segment's age: it is looked at first.
                    newest_ms: s.is_summary_known().then_some(if s.max_timestamp >= 0 {
                        s.max_timestamp
                    } else {
                        s.last_append_ms
                    }),
                    is_sealed: !is_active && !busy,
                    is_active,
                }
            })
            .collect();
        retention::plan(
            &facts,
            &retention::RetentionInput {
                now_ms,
                retention_ms,
                retention_bytes,
                deletable_below: below,
                log_start: self.log_start,
            },
        )
    }

    /// Takes the first `n` sealed segments out; the caller unlinks them once the new log start is on disk.
    pub fn detach(&mut self, n: usize) -> Segments<D> {
        let mut list = self.list.write();
        let n = n.min(list.segments.len().saturating_sub(1));
        let out: Segments<D> = list.segments.drain(..n).collect();
        drop(list);
        let is_out = |s: &Arc<Segment<D>>| out.iter().any(|o| Arc::ptr_eq(o, s));
        self.unsealed.retain(|u| !is_out(u));
        self.unindexed.retain(|u| !is_out(u));
        self.bases.retain(|(u, _)| !is_out(u));
        out
    }
}

/// Unlinks detached segments. Readers that still hold their bytes keep them until they let go.
pub fn unlink<D: Disk>(disk: &D, dir: &Path, segments: &Segments<D>) -> Result<(), LogError> {
    for s in segments {
        for path in crate::segment::paths(dir, s.base, s.generation) {
            if disk.exists(&path)? {
                disk.remove_file(&path)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "log_test.rs"]
mod tests;
