//! The segment files of a dir that are open: opened on first use, closed when idle or when there are too many.
//!
//! Invariants: a file with bytes that no sync has covered is never closed, for only its own descriptor is sure to
//! hear of a failed write-back; a file in use is not closed. The order is a clock: whoever was used since the hand
//! passed stays. Called by `segment` on every open, and now and then by the dir's thread.

use crate::disk::Disk;
use crate::error::is_shortage;
use crate::segment::Segment;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};

/// Files looked at for one that is opened above the limit.
const STEPS: usize = 32;

pub struct FileCache<D: Disk> {
    disk: Arc<D>,
    max: usize,
    open: Mutex<VecDeque<Weak<Segment<D>>>>,
}

/// How many segment files a dir keeps open: a part of what the process may open.
pub fn files_max() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(1 << 20);
    usize::try_from(limit / 4).unwrap_or(usize::MAX).clamp(32, 16_384)
}

impl<D: Disk> FileCache<D> {
    pub fn new(disk: Arc<D>, max: usize) -> Arc<FileCache<D>> {
        Arc::new(FileCache { disk, max, open: Mutex::default() })
    }

    pub fn disk(&self) -> &Arc<D> {
        &self.disk
    }

    /// Segment files that are open now.
    pub fn open_files(&self) -> usize {
        self.open.lock().len()
    }

    /// Opens a file; out of descriptors, it closes idle ones and tries once more.
    pub(crate) fn open(&self, path: &Path) -> io::Result<D::File> {
        match self.disk.open(path) {
            Err(e) if is_shortage(&e) => {
                self.sweep();
                self.sweep();
                self.disk.open(path)
            }
            r => r,
        }
    }

    /// Takes note of a segment whose file was just opened.
    pub(crate) fn opened(&self, segment: Weak<Segment<D>>) {
        let mut open = self.open.lock();
        open.push_back(segment);
        let mut steps = 0;
        while open.len() > self.max && steps < STEPS {
            steps += 1;
            let Some(next) = open.pop_front() else { break };
            if next.upgrade().is_some_and(|s| !s.close_if_idle()) {
                open.push_back(next);
            }
        }
    }

    /// Closes what was not used since the last sweep.
    pub fn sweep(&self) {
        let mut open = self.open.lock();
        open.retain(|s| s.upgrade().is_some_and(|s| !s.close_if_idle()));
        if open.is_empty() {
            *open = VecDeque::new();
        }
    }
}
