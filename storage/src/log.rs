//! One partition's log: segments in order, the last one active.
//!
//! Invariants: `append` writes, publishes and never creates, extends or syncs a file; what a reader can see is
//! never rewritten; a log's end moves only after its bytes are written. Everything slow (making, naming, sealing
//! segments) is an `Upkeep` that is planned under the partition's lock, run outside it and finished under it.
//! Owned by the broker's partition, which calls `append` under its lock.

use crate::checkpoint::LogCheckpoint;
use crate::disk::{Disk, DiskFile, write_all_at};
use crate::error::LogError;
use crate::machine::{retention, roll};
use crate::segment::{Segment, SegmentState, index, index_path, log_path};
use parking_lot::RwLock;
use protocol::records::{BatchHeader, Placement};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The prepared next segment, until it is used and named.
pub(crate) const NEXT_FILE: &str = "next.log";

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

pub struct Log<D: Disk> {
    pub(crate) disk: Arc<D>,
    pub(crate) dir: PathBuf,
    pub(crate) config: LogConfig,
    /// What readers see; the last one is active.
    pub(crate) segments: Arc<RwLock<Segments<D>>>,
    pub(crate) active: Option<Arc<Segment<D>>>,
    /// Sealed in memory, not yet on disk: to be cut, indexed and synced.
    pub(crate) unsealed: Vec<Arc<Segment<D>>>,
    pub(crate) next: Option<Arc<D::File>>,
    /// The active segment still has the prepared file's name.
    pub(crate) unnamed: bool,
    pub(crate) upkeep_running: bool,
    /// Blocks reserved in the active file.
    pub(crate) reserved: u64,
    /// (leader epoch, first offset), ascending in both.
    pub(crate) epochs: Vec<(i32, i64)>,
    pub(crate) log_start: i64,
    pub(crate) end: i64,
    pub(crate) appended_since_checkpoint: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    pub base_offset: i64,
    /// The log's new end.
    pub end_offset: i64,
    /// A segment was closed by this append.
    pub rolled: bool,
}

/// Slow work for a log, done outside the partition's lock.
pub struct Upkeep<D: Disk> {
    disk: Arc<D>,
    dir: PathBuf,
    make_first: Option<i64>,
    name: Option<Arc<Segment<D>>>,
    seal: Vec<Arc<Segment<D>>>,
    make_next: bool,
    reserve: Option<(Arc<Segment<D>>, u64, u64)>,
}

/// What an upkeep achieved.
pub struct UpkeepDone<D: Disk> {
    first: Option<Arc<Segment<D>>>,
    named: bool,
    next: Option<Arc<D::File>>,
    reserved: Option<(Arc<Segment<D>>, u64)>,
}

/// What a sync round must sync for a log, captured before the first sync.
pub struct Capture<D: Disk> {
    pub end: i64,
    pub files: Vec<Arc<D::File>>,
}

impl<D: Disk> Log<D> {
    /// A log without any data or folder yet.
    pub fn empty(disk: Arc<D>, dir: PathBuf, config: LogConfig, start: i64) -> Log<D> {
        Log {
            disk,
            dir,
            config,
            segments: Arc::new(RwLock::new(Vec::new())),
            active: None,
            unsealed: Vec::new(),
            next: None,
            unnamed: false,
            upkeep_running: false,
            reserved: 0,
            epochs: Vec::new(),
            log_start: start,
            end: start,
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
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }
    pub fn is_ready(&self) -> bool {
        self.active.is_some()
    }
    pub fn reader(&self) -> Arc<RwLock<Segments<D>>> {
        self.segments.clone()
    }
    pub fn size(&self) -> u64 {
        self.segments.read().iter().map(|s| u64::from(s.state.read().size)).sum()
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
        let len = batch.len() as u64;
        let rolled = self.roll_if_due(len, now_ms)?;
        let Some(active) = &self.active else { return Err(LogError::NotReady) };
        let at = active.state.read().size;
        if u64::from(at) + len > u64::from(u32::MAX) {
            return Err(LogError::NotReady);
        }
        let base_offset = self.end;
        let head = Placement::new(base_offset, h.batch_length, epoch);
        let rest = batch.get(Placement::LEN..).unwrap_or_default();
        write_all_at(&*active.file, &[&head.0, rest], at.into()).map_err(LogError::of_write)?;
        let placed = BatchHeader { base_offset, leader_epoch: epoch, ..*h };
        active.state.write().push(&placed, len as u32, now_ms, self.config.index_interval_bytes);
        self.note_epoch(epoch, base_offset);
        self.end = placed.next_offset();
        self.appended_since_checkpoint += len;
        Ok(Appended { base_offset, end_offset: self.end, rolled })
    }

    fn roll_if_due(&mut self, len: u64, now_ms: i64) -> Result<bool, LogError> {
        let Some(active) = &self.active else { return Ok(false) };
        let due = {
            let s = active.state.read();
            roll::must_roll(&roll::RollInput {
                size: s.size.into(),
                batch_len: len,
                first_append_ms: s.first_append_ms,
                now_ms,
                segment_bytes: self.config.segment_bytes,
                segment_ms: self.config.segment_ms,
            })
        };
        // If the next file is late the log runs on past segment.bytes.
        let Some(file) = self.next.take_if(|_| due) else { return Ok(false) };
        let old = active.clone();
        old.state.write().drop_tail();
        self.unsealed.push(old);
        let segment = Arc::new(Segment::new(self.end, 0, file, SegmentState::empty(self.end)));
        self.segments.write().push(segment.clone());
        self.active = Some(segment);
        self.unnamed = true;
        self.reserved = 0;
        Ok(true)
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

    /// Slow work that is due now, if none is running. `need` asks for a first segment.
    pub fn plan_upkeep(&mut self, need: bool) -> Option<Upkeep<D>> {
        if self.upkeep_running {
            return None;
        }
        let make_first = (need && self.active.is_none()).then_some(self.end);
        let size = self.active.as_ref().map(|a| u64::from(a.state.read().size));
        let reserve = self.active.as_ref().zip(size).and_then(|(a, size)| {
            let to = roll::reserve_to(size, self.reserved, self.config.segment_bytes)?;
            Some((a.clone(), self.reserved.max(size), to))
        });
        // Naming comes first in an upkeep, so the next file may take the name right after it.
        let make_next =
            self.next.is_none() && size.is_some_and(|s| roll::wants_next(s, self.config.segment_bytes));
        let up = Upkeep {
            disk: self.disk.clone(),
            dir: self.dir.clone(),
            make_first,
            name: self.active.clone().filter(|_| self.unnamed),
            seal: std::mem::take(&mut self.unsealed),
            make_next,
            reserve,
        };
        let idle = up.make_first.is_none()
            && up.name.is_none()
            && up.seal.is_empty()
            && !up.make_next
            && up.reserve.is_none();
        self.upkeep_running = !idle;
        (!idle).then_some(up)
    }

    /// True when `plan_upkeep` has something to do; cheap, asked after every append.
    pub fn wants_upkeep(&self) -> bool {
        if self.upkeep_running {
            return false;
        }
        if self.unnamed || !self.unsealed.is_empty() {
            return true;
        }
        let Some(size) = self.active.as_ref().map(|a| u64::from(a.state.read().size)) else { return false };
        roll::reserve_to(size, self.reserved, self.config.segment_bytes).is_some()
            || (self.next.is_none() && roll::wants_next(size, self.config.segment_bytes))
    }

    /// Takes the result of an upkeep; an error leaves the log as it was, to be tried again.
    pub fn finish_upkeep(
        &mut self,
        done: Result<UpkeepDone<D>, Box<(LogError, Upkeep<D>)>>,
    ) -> Result<(), LogError> {
        self.upkeep_running = false;
        match done {
            Ok(done) => {
                if let Some(first) = done.first {
                    self.segments.write().push(first.clone());
                    self.active = Some(first);
                    self.reserved = 0;
                }
                if done.named {
                    self.unnamed = false;
                }
                if done.next.is_some() {
                    self.next = done.next;
                }
                if let Some((segment, to)) = done.reserved
                    && self.active.as_ref().is_some_and(|a| Arc::ptr_eq(a, &segment))
                {
                    self.reserved = to;
                }
                Ok(())
            }
            Err(failed) => {
                let (e, up) = *failed;
                self.unsealed.splice(0..0, up.seal);
                Err(e)
            }
        }
    }

    /// What must be synced so that everything up to `end` is durable. The end is taken before any sync starts.
    /// `None` while a segment has no lasting name yet or is not sealed on disk: run the upkeep first.
    pub fn capture(&self) -> Option<Capture<D>> {
        if self.unnamed || self.upkeep_running || !self.unsealed.is_empty() {
            return None;
        }
        Some(Capture { end: self.end, files: self.active.iter().map(|a| a.file.clone()).collect() })
    }

    /// The checkpoint record for the log as it is now; true only once `capture().files` are synced and the index is
    /// saved. Taken in one lock hold with the capture, so that producer state never runs ahead of the log.
    pub fn checkpoint(&mut self, high_watermark: i64, producers: bytes::Bytes) -> LogCheckpoint {
        self.appended_since_checkpoint = 0;
        LogCheckpoint {
            recovery_point: self.end,
            log_start: self.log_start,
            high_watermark: high_watermark.min(self.end),
            epochs: self.epochs.clone(),
            producers,
        }
    }

    /// The active segment, whose index a checkpoint saves outside the lock.
    pub fn active(&self) -> Option<Arc<Segment<D>>> {
        self.active.clone()
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

    /// How many sealed segments retention would delete now, and the log start after that.
    pub fn plan_retention(
        &self,
        now_ms: i64,
        retention_ms: i64,
        retention_bytes: i64,
        below: i64,
    ) -> (usize, i64) {
        let segments = self.segments.read();
        let sealed = segments.len().saturating_sub(1);
        let facts: Vec<retention::SegmentFacts> = segments
            .iter()
            .take(sealed)
            .map(|s| {
                let s = s.state.read();
                let newest_ms = if s.max_timestamp >= 0 { s.max_timestamp } else { s.last_append_ms };
                retention::SegmentFacts { end_offset: s.end_offset, size: s.size.into(), newest_ms }
            })
            .collect();
        let n = retention::expired(
            &facts,
            &retention::RetentionInput {
                now_ms,
                retention_ms,
                retention_bytes,
                deletable_below: below,
                log_start: self.log_start,
                active_size: segments.last().map_or(0, |s| s.state.read().size.into()),
            },
        );
        let start = n.checked_sub(1).and_then(|i| facts.get(i)).map_or(self.log_start, |f| f.end_offset);
        (n, start.max(self.log_start))
    }

    /// Takes the first `n` sealed segments out; the caller unlinks them once the new log start is on disk.
    pub fn detach(&mut self, n: usize) -> Segments<D> {
        let mut segments = self.segments.write();
        let n = n.min(segments.len().saturating_sub(1));
        let out: Segments<D> = segments.drain(..n).collect();
        drop(segments);
        self.unsealed.retain(|u| !out.iter().any(|o| Arc::ptr_eq(o, u)));
        out
    }
}

/// Saves the entries that a segment's index file lacks, and syncs it. Called by the dir's thread only.
pub fn save_index<D: Disk>(disk: &D, dir: &Path, segment: &Segment<D>) -> Result<(), LogError> {
    let (new, saved) = {
        let s = segment.state.read();
        (s.index.get(s.index_saved..).unwrap_or_default().to_vec(), s.index_saved)
    };
    index::append(disk, &index_path(dir, segment.base, segment.generation), &new, saved)?;
    segment.state.write().index_saved = saved + new.len();
    Ok(())
}

/// Unlinks detached segments. Readers that still hold their bytes keep them until they let go.
pub fn unlink<D: Disk>(disk: &D, dir: &Path, segments: &Segments<D>) -> Result<(), LogError> {
    for s in segments {
        for path in [log_path(dir, s.base, s.generation), index_path(dir, s.base, s.generation)] {
            if disk.exists(&path)? {
                disk.remove_file(&path)?;
            }
        }
    }
    Ok(())
}

impl<D: Disk> Upkeep<D> {
    /// Does the work. On error the plan comes back so that nothing is forgotten.
    pub fn run(self) -> Result<UpkeepDone<D>, Box<(LogError, Upkeep<D>)>> {
        match self.try_run() {
            Ok(done) => Ok(done),
            Err(e) => Err(Box::new((e, self))),
        }
    }

    fn try_run(&self) -> Result<UpkeepDone<D>, LogError> {
        let mut done = UpkeepDone { first: None, named: false, next: None, reserved: None };
        for s in &self.seal {
            self.seal_one(s)?;
        }
        if let Some(base) = self.make_first {
            let new_dir = !self.disk.exists(&self.dir)?;
            self.disk.create_dir(&self.dir)?;
            let file = self.make(&log_path(&self.dir, base, 0))?;
            self.disk.sync_dir(&self.dir)?;
            if let Some(parent) = self.dir.parent().filter(|_| new_dir) {
                self.disk.sync_dir(parent)?;
            }
            done.first = Some(Arc::new(Segment::new(base, 0, file, SegmentState::empty(base))));
        }
        if let Some(s) = &self.name {
            let to = log_path(&self.dir, s.base, s.generation);
            let from = self.dir.join(NEXT_FILE);
            // A repeat after a failed folder sync finds the file renamed already.
            if !self.disk.exists(&to)? {
                self.disk.rename(&from, &to)?;
            }
            self.disk.sync_dir(&self.dir)?;
            done.named = true;
        }
        if self.make_next {
            done.next = Some(self.make(&self.dir.join(NEXT_FILE))?);
            self.disk.sync_dir(&self.dir)?;
        }
        if let Some((segment, from, to)) = &self.reserve {
            // Blocks ahead only make appends cheaper: a full disk shows at the append that needs them.
            if let Err(e) = segment.file.allocate(*from, to - from) {
                tracing::debug!("no blocks reserved ahead in {}: {e}", self.dir.display());
            }
            done.reserved = Some((segment.clone(), *to));
        }
        Ok(done)
    }

    fn make(&self, path: &Path) -> Result<Arc<D::File>, LogError> {
        if self.disk.exists(path)? {
            self.disk.remove_file(path)?;
        }
        Ok(Arc::new(self.disk.create(path)?))
    }

    /// Gives reserved blocks back, syncs the data and completes the index file.
    fn seal_one(&self, s: &Arc<Segment<D>>) -> Result<(), LogError> {
        let (size, seal) = {
            let st = s.state.read();
            (st.size, st.seal_entry())
        };
        s.file.set_len(size.into())?;
        s.file.sync_data().map_err(LogError::Sync)?;
        save_index(&*self.disk, &self.dir, s)?;
        let saved = s.state.read().index_saved;
        index::append(&*self.disk, &index_path(&self.dir, s.base, s.generation), &[seal], saved)?;
        self.disk.sync_dir(&self.dir)?;
        Ok(())
    }
}
