//! Opening a log after a restart: trust what the checkpoint covers, scan what follows, cut what is torn.
//!
//! Invariants: the log keeps the longest valid prefix; if that ends before the recovery point, durable data is
//! gone and the log is offline, never shorter in silence; before the log is served everything in it is synced.

use crate::checkpoint::LogCheckpoint;
use crate::disk::{Disk, DiskFile};
use crate::error::LogError;
use crate::log::{Log, LogConfig, NEXT_FILE};
use crate::segment::recover::{Ending, ScanFrom, Scanned, scan};
use crate::segment::{Segment, SegmentState, index, index_path, log_path, parse_name};
use protocol::records::{BatchHeader, HEADER_LEN};
use std::path::PathBuf;
use std::sync::Arc;

/// What opening a log found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    pub scanned_bytes: u64,
    /// Bytes after the valid prefix that were cut off.
    pub cut_bytes: u64,
}

struct Opening<'a, D: Disk> {
    log: Log<D>,
    from: &'a LogCheckpoint,
    now_ms: i64,
    report: Recovery,
}

/// Opens the log in `dir`. `on_batch` sees the header of every batch at or past the recovery point, in order.
pub fn open_log<D: Disk>(
    disk: Arc<D>,
    dir: PathBuf,
    config: LogConfig,
    from: &LogCheckpoint,
    now_ms: i64,
    on_batch: &mut dyn FnMut(&BatchHeader),
) -> Result<(Log<D>, Recovery), LogError> {
    let mut log = Log::empty(disk, dir, config, from.log_start);
    log.epochs = from.epochs.clone();
    let mut o = Opening { log, from, now_ms, report: Recovery::default() };
    o.adopt_next()?;
    o.load(on_batch)?;
    Ok((o.log, o.report))
}

impl<D: Disk> Opening<'_, D> {
    /// A prepared file that was used but not yet named holds batches; an unused one is removed.
    fn adopt_next(&mut self) -> Result<(), LogError> {
        let (disk, dir) = (self.log.disk.clone(), self.log.dir.clone());
        let path = dir.join(NEXT_FILE);
        if !disk.exists(&path)? {
            return Ok(());
        }
        let file = disk.open(&path)?;
        let mut head = [0u8; HEADER_LEN];
        let read = file.read_at(&mut head, 0)?;
        let first = BatchHeader::read(head.get(..read).unwrap_or_default()).filter(|h| h.magic == 2);
        match first {
            Some(h) if !disk.exists(&log_path(&dir, h.base_offset, 0))? => {
                disk.rename(&path, &log_path(&dir, h.base_offset, 0))?;
            }
            _ => disk.remove_file(&path)?,
        }
        disk.sync_dir(&dir)?;
        Ok(())
    }

    fn load(&mut self, on_batch: &mut dyn FnMut(&BatchHeader)) -> Result<(), LogError> {
        let (disk, dir) = (self.log.disk.clone(), self.log.dir.clone());
        let mut found: Vec<(i64, u32)> = disk.list(&dir)?.iter().filter_map(|n| parse_name(n)).collect();
        found.sort_unstable();
        let Some((first, _)) = found.first().copied() else {
            if self.from.recovery_point > self.from.log_start {
                return Err(LogError::Offline(format!(
                    "{} has no segments but the checkpoint lists it",
                    dir.display()
                )));
            }
            return Ok(());
        };
        if first > self.from.log_start && self.from.recovery_point > self.from.log_start {
            let start = self.from.log_start;
            return Err(LogError::Offline(format!(
                "the first segment is {first}, the log starts at {start}"
            )));
        }
        let mut next = first;
        let mut cut_rest = false;
        let last = found.len() - 1;
        for (i, (base, generation)) in found.iter().copied().enumerate() {
            let follower = found.get(i + 1).map(|(b, _)| *b);
            // After a torn tail, or a hole, later files are not part of the valid prefix.
            if cut_rest || (i > 0 && base != next) {
                cut_rest = true;
                self.drop_file(base, generation)?;
                continue;
            }
            let file = Arc::new(disk.open(&log_path(&dir, base, generation))?);
            let trusted = match follower {
                Some(f) if f <= self.from.recovery_point => self.trusted_seal(base, generation, &file, f)?,
                _ => None,
            };
            let segment = match trusted {
                Some(state) => Segment::sealed(base, generation, file, state, disk.clone(), &dir),
                None => {
                    let (segment, ending) = self.scan_segment(base, generation, file, on_batch)?;
                    cut_rest = ending == Ending::Torn;
                    segment
                }
            };
            next = segment.state.read().end_offset;
            let segment = Arc::new(segment);
            self.log.segments.write().push(segment.clone());
            if i == last || cut_rest {
                self.log.active = Some(segment);
            }
        }
        if self.log.active.is_none() {
            self.log.active = self.log.segments.read().last().cloned();
        }
        self.finish(next)
    }

    fn finish(&mut self, end: i64) -> Result<(), LogError> {
        if end < self.from.recovery_point {
            return Err(LogError::Offline(format!(
                "the log ends at {end} but was synced up to {}: durable data is gone or damaged",
                self.from.recovery_point
            )));
        }
        // Segments that a crash left unsealed get their seal with the next upkeep.
        let segments = self.log.segments.read().clone();
        for s in segments.iter().take(segments.len().saturating_sub(1)) {
            let st = s.state.read();
            if !st.index.is_empty() {
                self.log.unsealed.push(s.clone());
            }
        }
        self.log.end = end;
        self.log.log_start = self.log.log_start.max(segments.first().map_or(0, |s| s.base));
        self.log.epochs.retain(|(_, start)| *start <= end);
        if let Some(active) = &self.log.active {
            let size = u64::from(active.state.read().size);
            let len = active.file.len()?;
            if len > size {
                self.report.cut_bytes += len - size;
                active.file.set_len(size)?;
            }
            // Recovered is not durable until it was synced here.
            active.file.sync_data().map_err(LogError::Sync)?;
            self.log.reserved = size;
        }
        Ok(())
    }

    fn drop_file(&mut self, base: i64, generation: u32) -> Result<(), LogError> {
        let (disk, dir) = (&self.log.disk, &self.log.dir);
        let path = log_path(dir, base, generation);
        self.report.cut_bytes += disk.open(&path)?.len()?;
        tracing::warn!("{}: not part of the valid prefix, removed", path.display());
        disk.remove_file(&path)?;
        let index = index_path(dir, base, generation);
        if disk.exists(&index)? {
            disk.remove_file(&index)?;
        }
        disk.sync_dir(dir)?;
        Ok(())
    }

    /// The state of a segment that lies below the recovery point, if its index file proves to be complete.
    fn trusted_seal(
        &self,
        base: i64,
        generation: u32,
        file: &Arc<D::File>,
        follower: i64,
    ) -> Result<Option<SegmentState>, LogError> {
        let path = index_path(&self.log.dir, base, generation);
        let Some(seal) = index::last(&*self.log.disk, &path)? else { return Ok(None) };
        if seal.offset != follower || u64::from(seal.position) != file.len()? {
            return Ok(None);
        }
        let mut state = SegmentState::empty(base);
        state.size = seal.position;
        state.end_offset = seal.offset;
        state.first_append_ms = Some(seal.append_ms);
        state.last_append_ms = seal.append_ms;
        state.max_timestamp = seal.max_timestamp_before;
        Ok(Some(state))
    }

    fn scan_segment(
        &mut self,
        base: i64,
        generation: u32,
        file: Arc<D::File>,
        on_batch: &mut dyn FnMut(&BatchHeader),
    ) -> Result<(Segment<D>, Ending), LogError> {
        let file_len = file.len()?;
        let path = index_path(&self.log.dir, base, generation);
        let recovery_point = self.from.recovery_point;
        let bound = u32::try_from(file_len).unwrap_or(u32::MAX);
        let mut entries = index::load(&*self.log.disk, &path, bound)?;
        entries.retain(|e| e.offset < recovery_point);
        index::cut(&*self.log.disk, &path, entries.len())?;
        let mut state = SegmentState::empty(base);
        let interval = self.log.config.index_interval_bytes;
        let mut start = ScanFrom { position: 0, next_offset: base, file_len };
        if let Some(e) = entries.last().copied() {
            // The scan starts at the last trusted entry, which is then made anew.
            entries.pop();
            state.size = e.position;
            state.end_offset = e.offset;
            state.max_timestamp = e.max_timestamp_before;
            state.first_append_ms = Some(entries.first().map_or(e.append_ms, |f| f.append_ms));
            state.last_append_ms = e.append_ms;
            start.position = e.position.into();
            start.next_offset = e.offset;
            state.resume_index(entries, interval);
        }
        let now_ms = self.now_ms;
        let log = &mut self.log;
        let last_known_ms = state.last_append_ms;
        let Scanned { end_position, ending, .. } = scan(&*file, start, |h, _, len| {
            let known = h.base_offset < recovery_point && last_known_ms >= 0;
            let append_ms = if known { last_known_ms } else { now_ms };
            state.push(h, len, append_ms, interval);
            if h.base_offset >= recovery_point {
                log.note_epoch(h.leader_epoch, h.base_offset);
                on_batch(h);
            }
        })?;
        self.report.scanned_bytes += end_position - start.position;
        Ok((Segment::new(base, generation, file, state), ending))
    }
}
