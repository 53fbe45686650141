//! The slow work of a log: making, naming and sealing segment files, reserving blocks.
//!
//! Invariants: planned under the partition's lock, run outside it by one thread at a time, finished under it; what a
//! full disk refuses is left for later, as long as no append depends on it; a step that is run twice does no harm.
//! Called by the broker's partition on a thread of the log dir.

use crate::disk::{Disk, DiskFile, write_all_at};
use crate::error::LogError;
use crate::files::FileCache;
use crate::log::Log;
use crate::machine::roll;
use crate::segment::{NEXT_FILE, Segment, SegmentState, log_path, producers_path};
use bytes::Bytes;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Slow work for a log, done outside the partition's lock.
pub struct Upkeep<D: Disk> {
    files: Arc<FileCache<D>>,
    dir: Arc<Path>,
    /// Base and generation of a file that the next append needs.
    make_active: Option<(i64, u32)>,
    sync_folder: bool,
    name: Option<Arc<Segment<D>>>,
    seal: Vec<Arc<Segment<D>>>,
    bases: Vec<(Arc<Segment<D>>, Bytes)>,
    make_next: bool,
    reserve: Option<(Arc<Segment<D>>, u64, u64)>,
}

/// What an upkeep achieved.
pub struct UpkeepDone<D: Disk> {
    active: Option<Arc<Segment<D>>>,
    next: bool,
    reserved: Option<(Arc<Segment<D>>, u64)>,
    unindexed: Vec<Arc<Segment<D>>>,
}

impl<D: Disk> Log<D> {
    /// Slow work that is due now, if none is running. `need` asks for a file to append to.
    pub fn plan_upkeep(&mut self, need: bool) -> Option<Upkeep<D>> {
        if self.upkeep_running || self.truncating {
            return None;
        }
        let make_active = (need && self.active.is_none()).then(|| (self.end, self.generation()));
        let size = self.active.as_ref().map(|a| u64::from(a.state.read().size));
        let reserve = self.active.as_ref().zip(size).and_then(|(a, size)| {
            let to = roll::reserve_to(size, self.reserved, self.config.segment_bytes)?;
            Some((a.clone(), self.reserved.max(size), to))
        });
        // Naming comes first in an upkeep, so the next file may take the name right after it.
        let make_next = !self.has_next && size.is_some_and(|s| self.wants_next(s));
        let up = Upkeep {
            files: self.files.clone(),
            dir: self.dir.clone(),
            make_active,
            sync_folder: !self.folder_synced,
            name: self.active.clone().filter(|a| a.is_unnamed()),
            seal: std::mem::take(&mut self.unsealed),
            bases: std::mem::take(&mut self.bases),
            make_next,
            reserve,
        };
        let idle = up.make_active.is_none()
            && up.name.is_none()
            && up.seal.is_empty()
            && up.bases.is_empty()
            && !up.make_next
            && up.reserve.is_none()
            // A roll that was asked for happens when an upkeep ends, also if nothing is to be made for it; not while
            // it would be refused, or whoever runs upkeeps until there are none would never stop.
            && !(self.must_roll && self.has_next && !self.has_debris);
        self.upkeep_running = !idle;
        (!idle).then_some(up)
    }

    fn wants_next(&self, size: u64) -> bool {
        self.wants_roll || self.must_roll || roll::wants_next(size, self.config.segment_bytes)
    }

    /// True when `plan_upkeep` has something to do; cheap, asked after every append.
    pub fn wants_upkeep(&self) -> bool {
        let Some(active) = self.active.as_ref().filter(|_| !self.upkeep_running) else { return false };
        if active.is_unnamed() || !self.unsealed.is_empty() || self.must_roll {
            return true;
        }
        let size = u64::from(active.state.read().size);
        roll::reserve_to(size, self.reserved, self.config.segment_bytes).is_some()
            || (!self.has_next && self.wants_next(size))
    }

    /// Takes the result of an upkeep; an error leaves the log as it was, to be tried again. Returns whether a segment
    /// was closed on request: tell the log the producer state then.
    pub fn finish_upkeep(
        &mut self,
        done: Result<UpkeepDone<D>, Box<(LogError, Upkeep<D>)>>,
    ) -> Result<bool, LogError> {
        self.upkeep_running = false;
        let done = match done {
            Ok(done) => done,
            Err(failed) => {
                let (e, up) = *failed;
                self.unsealed.splice(0..0, up.seal);
                self.bases.splice(0..0, up.bases);
                return Err(e);
            }
        };
        if let Some(active) = done.active {
            self.folder_synced = true;
            self.list.write().segments.push(active.clone());
            self.active = Some(active);
            self.reserved = 0;
        }
        self.has_next |= done.next;
        self.unindexed.extend(done.unindexed);
        if let Some((segment, to)) = done.reserved
            && self.active.as_ref().is_some_and(|a| Arc::ptr_eq(a, &segment))
        {
            self.reserved = to;
        }
        Ok(self.must_roll && self.roll())
    }
}

/// A full disk is a reason to try later, everything else an error.
fn unless_full<T>(r: Result<T, LogError>, what: &str, dir: &Path) -> Result<Option<T>, LogError> {
    match r {
        Ok(t) => Ok(Some(t)),
        Err(LogError::Full) => {
            tracing::warn!("{}: no space for {what}", dir.display());
            Ok(None)
        }
        Err(e) => Err(e),
    }
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
        let disk = self.files.disk();
        let mut done = UpkeepDone { active: None, next: false, reserved: None, unindexed: Vec::new() };
        if let Some(s) = &self.name {
            let to = log_path(&self.dir, s.base, s.generation);
            // A repeat after a failed step finds the file renamed already.
            if !disk.exists(&to)? {
                disk.rename(&self.dir.join(NEXT_FILE), &to).map_err(LogError::of_write)?;
            }
            disk.sync_dir(&self.dir).map_err(LogError::Sync)?;
            s.set_unnamed(false);
        }
        for s in &self.seal {
            let size = s.state.read().size;
            let file = s.file()?;
            // Gives reserved blocks back; nothing past the size was ever published.
            file.set_len(size.into())?;
            s.note_write();
            s.sync()?;
            if s.try_save_index(true)?.is_none() {
                done.unindexed.push(s.clone());
            }
        }
        for (s, producers) in &self.bases {
            unless_full(self.save_producers(s, producers), "producer state", &self.dir)?;
        }
        if let Some((base, generation)) = self.make_active {
            done.active = Some(self.make_active(base, generation)?);
        }
        if self.make_next {
            let next = self.make(&self.dir.join(NEXT_FILE));
            done.next = unless_full(next.map(drop), "the next segment", &self.dir)?.is_some();
        }
        if let Some((segment, from, to)) = &self.reserve {
            // Blocks ahead only make appends cheaper: a full disk shows at the append that needs them.
            if let Err(e) = segment.file()?.allocate(*from, to - from) {
                tracing::debug!("no blocks reserved ahead in {}: {e}", self.dir.display());
            }
            done.reserved = Some((segment.clone(), *to));
        }
        Ok(done)
    }

    fn make_active(&self, base: i64, generation: u32) -> Result<Arc<Segment<D>>, LogError> {
        let disk = self.files.disk();
        disk.create_dir(&self.dir).map_err(LogError::of_write)?;
        let file = Arc::new(self.make(&log_path(&self.dir, base, generation))?);
        disk.sync_dir(&self.dir).map_err(LogError::Sync)?;
        if let Some(parent) = self.dir.parent().filter(|_| self.sync_folder) {
            disk.sync_dir(parent).map_err(LogError::Sync)?;
        }
        let state = SegmentState::empty(base);
        Ok(Segment::new(&self.files, &self.dir, (base, generation), state, Some(file)))
    }

    fn make(&self, path: &Path) -> Result<D::File, LogError> {
        let disk = self.files.disk();
        match disk.create(path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                disk.remove_file(path)?;
                disk.create(path)
            }
            r => r,
        }
        .map_err(LogError::of_write)
    }

    fn save_producers(&self, s: &Segment<D>, producers: &[u8]) -> Result<(), LogError> {
        let file = self.make(&producers_path(&self.dir, s.base, s.generation))?;
        let crc = crc32c::crc32c(producers).to_be_bytes();
        write_all_at(&file, &[&crc, producers], 0).map_err(LogError::of_write)?;
        file.sync_data().map_err(LogError::Sync)
    }
}

/// Reads back what `save_producers` wrote; `None` if it is not there whole.
pub(crate) fn read_producers<D: Disk>(
    disk: &D,
    dir: &Path,
    base: i64,
    generation: u32,
) -> Result<Option<Bytes>, LogError> {
    let Some(raw) = crate::disk::read_file(disk, &producers_path(dir, base, generation), 1 << 30)? else {
        return Ok(None);
    };
    let Some((crc, body)) = raw.split_first_chunk::<4>() else { return Ok(None) };
    Ok((crc32c::crc32c(body).to_be_bytes() == *crc).then(|| Bytes::copy_from_slice(body)))
}
