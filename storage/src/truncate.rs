//! Cutting a log back to an offset that another replica's log leads to (divergence), without rewriting a byte.
//!
//! Invariants: the new logical end is on disk (`cuts`) before anything is appended past it, so a crash never brings
//! a cut batch back; the cut file keeps its bytes, its length and its index file; what is kept is synced before the
//! cut says so; whole later files are renamed and unlinked, slices of them stay valid. Planned and finished under
//! the partition's lock, in one hold with the epoch cache, the producer state and the tail index; run outside it.

use crate::checkpoint::TailPoint;
use crate::cuts::{Cut, Cuts};
use crate::disk::Disk;
use crate::error::LogError;
use crate::files::FileCache;
use crate::log::{Log, Segments};
use crate::segment::recover::{ScanFrom, scan};
use crate::segment::{Segment, SegmentState, log_path, paths};
use crate::upkeep::read_producers;
use bytes::Bytes;
use protocol::records::BatchHeader;
use std::path::Path;
use std::sync::Arc;

/// How producer state comes back: first a state, then the batches since.
#[derive(Clone, Copy, Debug)]
pub enum Replay<'a> {
    From(&'a Bytes),
    Batch(&'a BatchHeader),
}

/// A truncation in the making.
pub struct Truncation<D: Disk> {
    files: Arc<FileCache<D>>,
    dir: Arc<Path>,
    to: i64,
    log_start: i64,
    cuts: Cuts,
    segments: Segments<D>,
}

/// What a truncation did on disk.
pub struct Truncated<D: Disk> {
    cut: Cut,
    cuts: Cuts,
    active: Option<Arc<Segment<D>>>,
}

impl<D: Disk> Truncated<D> {
    /// The log's new end: where the batch with the asked offset began.
    pub fn end(&self) -> i64 {
        self.cut.offset
    }
}

impl<D: Disk> Log<D> {
    /// Plans to drop every batch that ends at or past `to`. `None` if there is none; then only the epoch cache loses
    /// what starts there. A log is not cut below its start. No append is taken until `finish_truncation`. `NotReady` while an upkeep is due.
    pub fn plan_truncation(&mut self, to: i64) -> Result<Option<Truncation<D>>, LogError> {
        if to >= self.end {
            self.epochs.retain(|(_, start)| *start < to);
            return Ok(None);
        }
        let is_unnamed = self.active.as_ref().is_some_and(|a| a.is_unnamed());
        if self.truncating || self.upkeep_running || is_unnamed || !self.bases.is_empty() {
            return Err(LogError::NotReady);
        }
        self.truncating = true;
        Ok(Some(Truncation {
            files: self.files.clone(),
            dir: self.dir.clone(),
            to,
            log_start: self.log_start,
            cuts: self.cuts.clone(),
            segments: self.list.read().segments.clone(),
        }))
    }

    /// Makes the truncation true for readers and the next append. Returns the new end.
    pub fn finish_truncation(&mut self, done: Result<Truncated<D>, LogError>) -> Result<i64, LogError> {
        self.truncating = false;
        let Truncated { cut, cuts, active } = done?;
        let end = cut.offset;
        {
            let mut list = self.list.write();
            list.generation = cut.generation;
            list.segments.retain(|s| s.base < end);
            if let (Some(point), Some(last)) = (&cut.point, list.segments.last()) {
                last.state.write().cut(point, end);
            }
            list.segments.extend(active.clone());
            let is_in = |s: &Arc<Segment<D>>| list.segments.iter().any(|l| Arc::ptr_eq(l, s));
            let is_cut = |s: &Segment<D>| cut.point.is_some_and(|p| p.base == s.base);
            // The cut file is complete as it is: its end stands in the cuts.
            self.unsealed.retain(|s| is_in(s) && !is_cut(s));
            self.unindexed.retain(|s| is_in(s) && !is_cut(s));
        }
        self.cuts = cuts;
        self.active = active;
        self.end = end;
        self.reserved = 0;
        self.has_debris = false;
        self.wants_roll = false;
        self.must_roll = false;
        self.epochs.retain(|(_, start)| *start < end);
        self.appended_since_checkpoint = self.appended_since_checkpoint.max(1);
        Ok(end)
    }
}

impl<D: Disk> Truncation<D> {
    /// Does the work. `replay` hears the producer state at the new end: a snapshot, then the batches after it.
    pub fn run(self, replay: &mut dyn FnMut(Replay<'_>)) -> Result<Truncated<D>, LogError> {
        let disk = self.files.disk();
        // Whole segments in front of the cut may end in a mere seal in memory: all that stays must be durable.
        let stays: Vec<_> = self.segments.iter().filter(|s| s.base < self.to).collect();
        stays.iter().try_for_each(|s| s.sync())?;
        let (offset, point) = match stays.last() {
            None => (self.to, None),
            Some(s) => self.cut_in(s)?,
        };
        if offset < self.log_start {
            let end = self.segments.last().map_or(0, |s| s.state.read().end_offset);
            return Err(LogError::OutOfRange { offset: self.to, start: self.log_start, end });
        }
        self.replay_to(offset, point.as_ref(), replay)?;
        let cut = Cut { generation: self.cuts.generation() + 1, offset, point };
        let there = |base, generation| {
            self.segments.iter().any(|s| s.base == base && s.generation == generation && base < offset)
        };
        let cuts = self.cuts.with(cut, there);
        // Until the old files are gone the old cuts still keep them out.
        let all = self.cuts.with(cut, |_, _| true);
        all.write(&**disk, &self.dir)?;
        // From here on the log is shorter, whatever happens: a step that fails leaves no doubt only after a restart.
        let active = self.make_room(cut).map_err(|e| match e {
            e if e.is_fatal() => e,
            e => LogError::Offline(format!("a truncation of {} stopped half-way: {e}", self.dir.display())),
        })?;
        if cuts == all {
            return Ok(Truncated { cut, cuts, active });
        }
        let cuts = match cuts.write(&**disk, &self.dir) {
            Err(e) if e.is_fatal() => return Err(e),
            // What is there says the same at greater length.
            Err(_) => all,
            Ok(()) => cuts,
        };
        Ok(Truncated { cut, cuts, active })
    }

    /// Moves the dropped files out of the way and makes the new one; `None` if there is no space for it.
    fn make_room(&self, cut: Cut) -> Result<Option<Arc<Segment<D>>>, LogError> {
        let disk = self.files.disk();
        for s in self.segments.iter().filter(|s| s.base >= cut.offset) {
            for path in paths(&self.dir, s.base, s.generation) {
                if disk.exists(&path)? {
                    let mut gone = path.clone().into_os_string();
                    gone.push(".deleted");
                    disk.rename(&path, Path::new(&gone))?;
                }
            }
        }
        let key = (cut.offset, cut.generation);
        let active = match disk.create(&log_path(&self.dir, key.0, key.1)) {
            Ok(file) => {
                let state = SegmentState::empty(cut.offset);
                Some(Segment::new(&self.files, &self.dir, key, state, Some(Arc::new(file))))
            }
            Err(e) => match LogError::of_write(e) {
                // The next append waits until an upkeep has made it.
                LogError::Full => None,
                e => return Err(e),
            },
        };
        disk.sync_dir(&self.dir).map_err(LogError::Sync)?;
        remove_deleted(&**disk, &self.dir)?;
        Ok(active)
    }

    /// Where the batch that holds `to` begins in `s`; `None` for the point if `s` ends before it.
    fn cut_in(&self, s: &Arc<Segment<D>>) -> Result<(i64, Option<TailPoint>), LogError> {
        s.load_index()?;
        match s.save_index(false) {
            Ok(_) | Err(LogError::Full) => {}
            Err(e) => return Err(e),
        }
        let (size, end) = {
            let st = s.state.read();
            (st.size, st.end_offset)
        };
        if self.to >= end {
            return Ok((end, None));
        }
        let position = s.position_of(self.to)?;
        let (start, mut point) = s.state.read().point_before(s.base, s.generation, position);
        // The entry before knows the newest timestamp of what is before it; the batches in between add theirs.
        let mut offset = None;
        s.walk(start, size, |l| {
            if l.position >= position {
                offset = Some(l.header.base_offset);
                return true;
            }
            if l.header.max_timestamp > point.max_timestamp {
                point.max_timestamp = l.header.max_timestamp;
                point.max_timestamp_batch = l.header.base_offset;
            }
            false
        })?;
        let offset = offset.ok_or_else(|| LogError::Corrupt(format!("no batch at {position}")))?;
        // A damaged length or count must not make the log shorter than was asked for.
        s.check_batch(position, size)?;
        // A file that would keep nothing goes whole.
        if offset == s.base {
            return Ok((offset, None));
        }
        Ok((offset, Some(point)))
    }

    /// From the newest state that was saved at or below `end`: what the producers had done up to there.
    fn replay_to(
        &self,
        end: i64,
        point: Option<&TailPoint>,
        replay: &mut dyn FnMut(Replay<'_>),
    ) -> Result<(), LogError> {
        let below: Vec<_> = self.segments.iter().filter(|s| s.base < end).collect();
        let mut from = 0;
        let mut state = Bytes::new();
        for (i, s) in below.iter().enumerate().rev() {
            if let Some(saved) = read_producers(&**self.files.disk(), &self.dir, s.base, s.generation)? {
                from = i;
                state = saved;
                break;
            }
        }
        replay(Replay::From(&state));
        for s in below.iter().skip(from) {
            // What lies past the cut need not be whole.
            let cut = point.filter(|p| p.base == s.base).map(|p| p.position);
            let file_len = u64::from(cut.unwrap_or_else(|| s.state.read().size));
            let all = ScanFrom { position: 0, next_offset: s.base, epoch: -1, file_len };
            let done = scan(&*s.file()?, all, |h, _, _| {
                if h.base_offset < end {
                    replay(Replay::Batch(h));
                }
            })?;
            if done.end_position != file_len {
                return Err(s.corrupt(done.end_position as u32));
            }
        }
        Ok(())
    }
}

/// Unlinks what a truncation renamed.
pub(crate) fn remove_deleted<D: Disk>(disk: &D, dir: &Path) -> Result<(), LogError> {
    for name in disk.list(dir)?.iter().filter(|n| n.ends_with(".deleted")) {
        disk.remove_file(&dir.join(name))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "truncate_test.rs"]
mod tests;
