//! Opening a log after a restart: trust what the checkpoint covers, scan what follows, cut what is torn.
//!
//! In order: generation and logical ends (`cuts`); the checkpoint; the files below the recovery point, which are
//! counted and measured but not opened; a scan from the recovery point on, up to the first batch that is not valid.
//! Invariants: the log keeps the longest valid prefix; if that ends before the recovery point, or a file below it is
//! missing or damaged, durable data is gone: the log is offline and nothing on disk was touched. Only then is the
//! rest cut off, and everything that is kept is synced before it is served. Called by the broker at start.

use crate::checkpoint::{LogCheckpoint, SealedSum, TailPoint};
use crate::cuts::{self, Cuts};
use crate::disk::{Disk, DiskFile};
use crate::error::LogError;
use crate::files::FileCache;
use crate::log::{Log, LogConfig};
use crate::segment::recover::{Ending, ScanFrom, scan};
use crate::segment::{NEXT_FILE, Segment, SegmentState, index, index_path, log_path, parse_name, paths};
use crate::truncate::{Replay, remove_deleted};
use crate::upkeep::read_producers;
use crate::wrong::{self, Rule};
use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;

/// What opening a log found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    pub scanned_bytes: u64,
    /// Bytes after the valid prefix that were cut off.
    pub cut_bytes: u64,
}

/// A file of the log, before it is opened.
#[derive(Clone, Copy, Debug)]
struct Found {
    base: i64,
    generation: u32,
    /// Bytes that count.
    len: u64,
    /// Its logical end, if it was cut.
    cut: Option<(TailPoint, i64)>,
}

struct Opening<'a, D: Disk> {
    log: Log<D>,
    from: Option<&'a LogCheckpoint>,
    recovery_point: i64,
    /// Batches from here on are replayed into the producer state.
    replay_from: i64,
    files: Vec<Found>,
    /// Files that are not part of the log (any more), removed in the end.
    dead: Vec<(i64, u32)>,
    has_next: bool,
    has_deleted: bool,
    now_ms: i64,
    epoch: i32,
    /// What was read.
    scanned: Vec<Arc<Segment<D>>>,
    /// The segment that the checkpoint knows to its end.
    unread: Option<Arc<Segment<D>>>,
    report: Recovery,
}

/// Opens the log in `dir`; `from` is its checkpoint record if it is listed. `replay` hears the producer state at the
/// recovery point, then every batch after it.
pub fn open_log<D: Disk>(
    files: Arc<FileCache<D>>,
    dir: PathBuf,
    config: LogConfig,
    from: Option<&LogCheckpoint>,
    now_ms: i64,
    replay: &mut dyn FnMut(Replay<'_>),
) -> Result<(Log<D>, Recovery), LogError> {
    let mut log = Log::empty(files, dir, config, from.map_or(0, |c| c.log_start));
    log.epochs = from.map_or_else(Vec::new, |c| c.epochs.clone());
    let mut o = Opening {
        log,
        from,
        recovery_point: from.map_or(0, |c| c.recovery_point),
        replay_from: from.map_or(i64::MIN, |c| c.recovery_point),
        files: Vec::new(),
        dead: Vec::new(),
        has_next: false,
        has_deleted: false,
        now_ms,
        epoch: -1,
        scanned: Vec::new(),
        unread: None,
        report: Recovery::default(),
    };
    o.survey()?;
    o.check_start()?;
    o.begin_replay(replay)?;
    let first = o.take_sealed(replay)?;
    let end = o.scan_from(first, replay)?;
    let next = o.next_segment(end, replay)?;
    o.settle(end, next)?;
    Ok((o.log, o.report))
}

impl<D: Disk> Opening<'_, D> {
    fn disk(&self) -> Arc<D> {
        self.log.files.disk().clone()
    }

    fn offline<T>(&self, why: &str) -> Result<T, LogError> {
        Err(LogError::Offline(format!("{}: {why}", self.log.dir.display())))
    }

    /// Which files there are, and which of them count.
    fn survey(&mut self) -> Result<(), LogError> {
        let (disk, dir) = (self.disk(), self.log.dir.clone());
        let names = disk.list(&dir)?;
        if names.iter().any(|n| n == cuts::FILE) {
            self.log.cuts = Cuts::read(&*disk, &dir)?;
        }
        let cuts = self.log.cuts.clone();
        for name in &names {
            self.has_next |= name == NEXT_FILE;
            self.has_deleted |= name.ends_with(".deleted");
            let Some((base, generation)) = parse_name(name) else { continue };
            if !cuts.is_live(base, generation) {
                self.dead.push((base, generation));
                continue;
            }
            let len = disk.file_len(&log_path(&dir, base, generation))?;
            let cut = cuts.end_of(base, generation);
            if cut.is_some_and(|(p, _)| len < u64::from(p.position)) {
                return self.offline(&format!("{name} is shorter than its logical end"));
            }
            let len = cut.map_or(len, |(p, _)| p.position.into());
            self.files.push(Found { base, generation, len, cut });
        }
        self.files.sort_unstable_by_key(|f| (f.base, f.generation));
        if self.files.iter().zip(self.files.iter().skip(1)).any(|(a, b)| a.base == b.base) {
            return self.offline("two files have the same base offset");
        }
        // What lies wholly below the log start is left over from a retention that was cut short.
        let start = self.log.log_start;
        while let (Some(f), Some(after)) = (self.files.first(), self.files.get(1))
            && self.from.is_some()
            && after.base <= start
        {
            self.dead.push((f.base, f.generation));
            self.files.remove(0);
        }
        if let (Some(from), Some(lowest)) =
            (self.from, self.from.and_then(|c| cuts.lowest_since(c.generation)))
            && lowest < from.recovery_point
        {
            // The record is of a longer log that was cut since.
            self.recovery_point = lowest;
            self.log.epochs.retain(|(_, start)| *start < lowest);
        }
        Ok(())
    }

    fn is_record_cut(&self) -> bool {
        self.from.is_some_and(|c| c.recovery_point != self.recovery_point)
    }

    fn check_start(&mut self) -> Result<(), LogError> {
        let has_data = self.recovery_point > self.log.log_start;
        match self.files.first().map(|f| f.base) {
            None if has_data => self.offline("the checkpoint lists the log but its segments are missing"),
            Some(first) if self.from.is_some() && first > self.log.log_start => {
                let start = self.log.log_start;
                self.offline(&format!("the log starts at {start} but the first segment at {first}"))
            }
            Some(first) if self.from.is_none() => {
                self.log.log_start = first;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Finds the producer state to start from: the checkpoint's, or a segment's if that one is too new.
    fn begin_replay(&mut self, replay: &mut dyn FnMut(Replay<'_>)) -> Result<(), LogError> {
        let mut state = self.from.map_or_else(Bytes::new, |c| c.producers.clone());
        if self.is_record_cut() {
            state = Bytes::new();
            self.replay_from = i64::MIN;
            for f in self.files.iter().rev().filter(|f| f.base <= self.recovery_point) {
                let saved = read_producers(&*self.disk(), &self.log.dir, f.base, f.generation)?;
                if let Some(s) = saved {
                    (state, self.replay_from) = (s, f.base);
                    break;
                }
            }
        }
        replay(Replay::From(&state));
        Ok(())
    }

    fn end_of(&self, i: usize) -> Option<i64> {
        let follower = self.files.get(i + 1).map(|f| f.base);
        self.files.get(i)?.cut.map(|(_, end)| end).or(follower)
    }

    /// Takes the files that end at or below the recovery point: none may be missing, none longer or shorter than it
    /// was. Returns the index of the first file after them.
    fn take_sealed(&mut self, replay: &mut dyn FnMut(Replay<'_>)) -> Result<usize, LogError> {
        let is_below = |i: usize| self.files.get(i + 1).is_some_and(|f| f.base <= self.recovery_point);
        let n = (0..self.files.len()).take_while(|i| is_below(*i)).count();
        let mut sum = SealedSum::default();
        for i in 0..n {
            let (Some(f), Some(end)) = (self.files.get(i), self.end_of(i)) else { break };
            if self.files.get(i + 1).is_some_and(|next| next.base != end) {
                return self.offline(&format!("a segment that begins at {end} is missing"));
            }
            sum.add(f.base, f.generation, f.len as u32, end);
        }
        let known =
            self.from.is_some_and(|c| c.sealed == sum.value() && c.generation == self.log.generation());
        for i in 0..n {
            let (Some(f), Some(end)) = (self.files.get(i).copied(), self.end_of(i)) else { break };
            let is_replayed = self.is_record_cut() && f.base >= self.replay_from;
            let segment = if !is_replayed && (known || self.is_whole(&f, end)?) {
                let state = match &f.cut {
                    Some((point, _)) => SegmentState::at_point(point, end),
                    None => SegmentState::sealed(f.len as u32, end),
                };
                let key = (f.base, f.generation);
                Segment::new(&self.log.files, &self.log.dir, key, state, None)
            } else {
                let (s, _) = self.scan_file(&f, None, replay)?;
                if s.state.read().end_offset != end {
                    return self.offline(&format!("segment {} is damaged below the recovery point", f.base));
                }
                s
            };
            self.log.list.write().segments.push(segment);
        }
        Ok(n)
    }

    /// True if the index file proves that a segment below the recovery point is complete.
    fn is_whole(&self, f: &Found, end: i64) -> Result<bool, LogError> {
        if f.cut.is_some() {
            return Ok(true);
        }
        let seal = index::last(&*self.disk(), &index_path(&self.log.dir, f.base, f.generation))?;
        Ok(seal.is_some_and(|s| s.offset == end && u64::from(s.position) == f.len))
    }

    /// Scans the files from the recovery point on, in order, while each goes on where the one before ended.
    fn scan_from(&mut self, first: usize, replay: &mut dyn FnMut(Replay<'_>)) -> Result<i64, LogError> {
        let rest: Vec<Found> = self.files.iter().skip(first).copied().collect();
        let Some(start) = rest.first() else { return Ok(self.recovery_point.max(self.log.log_start)) };
        let mut end = start.base;
        self.epoch = self.epoch_below(end);
        let mut is_broken = false;
        for (i, f) in rest.iter().enumerate() {
            if is_broken || f.base != end {
                is_broken = true;
                self.dead.push((f.base, f.generation));
                self.report.cut_bytes += f.len;
                continue;
            }
            let tail = self.from.and_then(|c| c.tail).filter(|t| {
                i == 0 && !self.is_record_cut() && (t.base, t.generation) == (f.base, f.generation)
            });
            let tail = tail.filter(|_| f.cut.is_none());
            if tail.is_some_and(|t| u64::from(t.position) > f.len) {
                return self.offline(&format!("segment {} is shorter than what was synced", f.base));
            }
            let (segment, ending) = self.scan_file(f, tail, replay)?;
            end = segment.state.read().end_offset;
            if let Some((_, logical)) = f.cut
                && end != logical
            {
                return self.offline(&format!("segment {} is damaged below its logical end", f.base));
            }
            is_broken = ending == Ending::Torn;
            self.log.list.write().segments.push(segment);
        }
        if end < self.recovery_point {
            return self.offline(&format!(
                "the log ends at {end} but was synced up to {}: durable data is gone or damaged",
                self.recovery_point
            ));
        }
        Ok(end)
    }

    fn epoch_below(&self, offset: i64) -> i32 {
        self.log.epochs.iter().rev().find(|(_, start)| *start < offset).map_or(-1, |(e, _)| *e)
    }

    /// Reads a file's batches: from `tail` on, which the checkpoint vouches for, or all of them.
    fn scan_file(
        &mut self,
        f: &Found,
        tail: Option<TailPoint>,
        replay: &mut dyn FnMut(Replay<'_>),
    ) -> Result<(Arc<Segment<D>>, Ending), LogError> {
        let key = (f.base, f.generation);
        let (state, next_offset) = match &tail {
            Some(t) => (SegmentState::at_point(t, self.recovery_point), self.recovery_point),
            None => (SegmentState::empty(f.base), f.base),
        };
        let (state, next_offset) = self.past_index(f, state, next_offset)?;
        let position = u64::from(state.size);
        let segment = Segment::new(&self.log.files, &self.log.dir, key, state, None);
        self.log.last_append_ms = self.log.last_append_ms.max(segment.state.read().last_append_ms);
        if position == f.len {
            self.unread = Some(segment.clone());
            return Ok((segment, Ending::Clean));
        }
        let epoch = if tail.is_some() { self.epoch_below(next_offset) } else { self.epoch };
        let from = ScanFrom { position, next_offset, epoch, file_len: f.len.min(u32::MAX.into()) };
        let ending = self.scan_into(&segment, from, self.newest_ms(f), replay)?;
        self.scanned.push(segment.clone());
        Ok((segment, ending))
    }

    /// Where the scan starts. Nothing past the recovery point is taken from an index, except by the wrong rule.
    fn past_index(
        &self,
        f: &Found,
        state: SegmentState,
        next_offset: i64,
    ) -> Result<(SegmentState, i64), LogError> {
        if !wrong::is(Rule::IndexTrusted) {
            return Ok((state, next_offset));
        }
        let path = index_path(&self.log.dir, f.base, f.generation);
        let entries = index::load(&*self.disk(), &path, u32::MAX)?;
        let Some(last) = entries.last().filter(|e| e.position > state.size) else {
            return Ok((state, next_offset));
        };
        let point = TailPoint {
            position: last.position,
            index_entries: entries.len() as u32 - 1,
            last_append_ms: last.append_ms,
            ..state.point(f.base, f.generation)
        };
        Ok((SegmentState::at_point(&point, last.offset), last.offset))
    }

    /// When a batch of the file can have been appended at the latest: not after one that follows it.
    fn newest_ms(&self, f: &Found) -> i64 {
        let known = self.files.iter().filter(|g| g.base >= f.base).filter_map(|g| {
            let (p, _) = g.cut?;
            Some(if g.base == f.base { p.last_append_ms } else { p.first_append_ms })
        });
        known.filter(|ms| *ms >= 0).min().unwrap_or(i64::MAX).min(self.now_ms)
    }

    fn scan_into(
        &mut self,
        segment: &Segment<D>,
        from: ScanFrom,
        newest_ms: i64,
        replay: &mut dyn FnMut(Replay<'_>),
    ) -> Result<Ending, LogError> {
        let file = segment.file()?;
        // After a sync that failed the page cache can hold what the disk lacks, marked clean.
        file.forget_clean_pages(from.position)?;
        let (recovery_point, replay_from) = (self.recovery_point, self.replay_from);
        let interval = self.log.config.index_interval_bytes;
        // No trusted entry knows when these were appended.
        let append_ms = newest_ms.max(self.log.last_append_ms);
        let (log, epoch) = (&mut self.log, &mut self.epoch);
        let mut state = segment.state.write();
        let done = scan(&*file, from, |h, _, len| {
            state.push(h, len, append_ms, interval);
            *epoch = h.leader_epoch;
            if h.base_offset >= recovery_point {
                log.note_epoch(h.leader_epoch, h.base_offset);
            }
            if h.base_offset >= replay_from {
                replay(Replay::Batch(h));
            }
        })?;
        log.last_append_ms = append_ms;
        self.report.scanned_bytes += done.end_position - from.position;
        Ok(done.ending)
    }

    /// The prepared next file, if it was used already and its batches go on where the log ends.
    fn next_segment(
        &mut self,
        end: i64,
        replay: &mut dyn FnMut(Replay<'_>),
    ) -> Result<Option<Arc<Segment<D>>>, LogError> {
        if !self.has_next {
            return Ok(None);
        }
        let path = self.log.dir.join(NEXT_FILE);
        let len = self.disk().file_len(&path)?;
        let is_cut = self.files.last().is_some_and(|f| f.cut.is_some());
        let is_taken = self.files.iter().any(|f| f.base == end);
        if len == 0 {
            self.log.has_next = true;
            return Ok(None);
        }
        if is_cut || is_taken || self.files.is_empty() {
            return Ok(None);
        }
        let key = (end, self.log.generation());
        let segment = Segment::new(&self.log.files, &self.log.dir, key, SegmentState::empty(end), None);
        segment.set_unnamed(true);
        let from =
            ScanFrom { position: 0, next_offset: end, epoch: self.epoch, file_len: len.min(u32::MAX.into()) };
        self.scan_into(&segment, from, self.now_ms, replay)?;
        let size = segment.state.read().size;
        Ok((size > 0).then_some(segment))
    }

    /// The prefix is known: cuts off the rest, syncs what is kept, names and removes files.
    fn settle(&mut self, end: i64, next: Option<Arc<Segment<D>>>) -> Result<(), LogError> {
        let (disk, dir) = (self.disk(), self.log.dir.clone());
        let mut changed =
            self.from.is_none() || self.is_record_cut() || !self.dead.is_empty() || !self.scanned.is_empty();
        for s in &self.scanned {
            let size = u64::from(s.state.read().size);
            let file = s.file()?;
            let len = file.len()?;
            let is_cut = self.log.cuts.end_of(s.base, s.generation).is_some();
            if len > size && !is_cut && !wrong::is(Rule::StaleTail) {
                self.report.cut_bytes += len - size;
                file.set_len(size)?;
            }
            // Recovered is not durable until it was synced here.
            s.note_write();
            if !wrong::is(Rule::TailUnsynced) {
                s.sync()?;
            }
        }
        if let Some(s) = next {
            let (file, size) = (s.file()?, u64::from(s.state.read().size));
            self.report.cut_bytes += file.len()? - size;
            file.set_len(size)?;
            s.note_write();
            s.sync()?;
            disk.rename(&dir.join(NEXT_FILE), &log_path(&dir, s.base, s.generation))?;
            s.set_unnamed(false);
            self.log.list.write().segments.push(s);
            changed = true;
        } else if self.has_next && !self.log.has_next {
            disk.remove_file(&dir.join(NEXT_FILE))?;
            changed = true;
        }
        self.remove_dead()?;
        if changed || self.has_deleted {
            disk.sync_dir(&dir).map_err(LogError::Sync)?;
        }
        if let Some(parent) = dir.parent().filter(|_| self.from.is_none()) {
            disk.sync_dir(parent).map_err(LogError::Sync)?;
        }
        self.finish(end);
        Ok(())
    }

    fn remove_dead(&mut self) -> Result<(), LogError> {
        let (disk, dir) = (self.disk(), self.log.dir.clone());
        for (base, generation) in &self.dead {
            tracing::info!("{}: {base}-{generation} is not part of the log any more, removed", dir.display());
            // The data first: an index without it means nothing.
            for path in paths(&dir, *base, *generation) {
                if disk.exists(&path)? {
                    disk.remove_file(&path)?;
                }
            }
        }
        if self.has_deleted {
            remove_deleted(&*disk, &dir)?;
        }
        Ok(())
    }

    fn finish(&mut self, end: i64) {
        let is_record_cut = self.is_record_cut();
        let log = &mut self.log;
        let generation = log.generation();
        let mut list = log.list.write();
        list.generation = generation;
        let last = list.segments.last().cloned();
        log.active =
            last.filter(|s| s.generation == generation && log.cuts.end_of(s.base, s.generation).is_none());
        // What is not active and was so at the checkpoint, or after it, has no seal: it gets it with the next upkeep.
        log.unsealed = self
            .unread
            .iter()
            .chain(&self.scanned)
            .filter(|s| log.active.as_ref().is_none_or(|a| !Arc::ptr_eq(a, s)))
            .filter(|s| log.cuts.end_of(s.base, s.generation).is_none())
            .cloned()
            .collect();
        log.unsealed.iter().for_each(|s| s.state.write().drop_tail());
        log.end = list.segments.last().map_or(end, |s| s.state.read().end_offset);
        log.folder_synced = true;
        log.reserved = log.active.as_ref().map_or(0, |a| a.state.read().size.into());
        drop(list);
        log.epochs.retain(|(_, start)| *start <= log.end);
        log.appended_since_checkpoint = self.report.scanned_bytes + self.report.cut_bytes;
        if is_record_cut {
            log.appended_since_checkpoint += 1;
        }
    }
}

#[cfg(test)]
#[path = "open_test.rs"]
mod tests;

#[cfg(test)]
#[path = "recover_test.rs"]
mod recover_tests;
