//! One log dir with two logs, its faults, and the models that it is held against.

use crate::keeper::{Keeper, id, open};
use crate::model::{Model, batch};
use crate::ops::Op;
use lipno_tests::disk::{Fault, Op as Call, SimDisk};
use lipno_tests::rng::Rng;
use parking_lot::Mutex;
use protocol::records::BatchHeader;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use storage::dir::{LogDir, Pace};
use storage::disk::Disk;
use storage::{LogError, RealDisk};

/// A disk and how it comes back after a stop.
pub trait Machine: Disk + Sized {
    fn faulty(&self) -> Option<&SimDisk>;
    fn again(faulty: Option<SimDisk>) -> Arc<Self>;
}

impl Machine for RealDisk {
    fn faulty(&self) -> Option<&SimDisk> {
        None
    }
    fn again(_: Option<SimDisk>) -> Arc<RealDisk> {
        Arc::new(RealDisk)
    }
}

impl Machine for SimDisk {
    fn faulty(&self) -> Option<&SimDisk> {
        Some(self)
    }
    fn again(faulty: Option<SimDisk>) -> Arc<SimDisk> {
        Arc::new(faulty.unwrap())
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stop {
    Kill,
    PowerCut,
}

pub struct World<D: Machine> {
    disk: Arc<D>,
    path: PathBuf,
    dir: Arc<LogDir<D>>,
    logs: Vec<Option<Arc<Keeper<D>>>>,
    pub models: Vec<Model>,
    pace: Pace,
    rng: Rng,
    now_ms: i64,
    epoch: i32,
    /// The disk has less space than it seems.
    is_full: bool,
    /// Calls were told to fail or to lie.
    is_faulted: bool,
}

const NEVER: Pace = Pace::new(Duration::from_secs(1 << 30), u64::MAX);

impl<D: Machine> World<D> {
    pub fn start(disk: Arc<D>, path: PathBuf, seed: u64) -> World<D> {
        let dir = Arc::new(LogDir::open(disk.clone(), &path, |_| {}, |_| {}).unwrap());
        if let Some(parent) = path.parent() {
            disk.sync_dir(parent).unwrap();
        }
        let mut w = World {
            disk,
            path,
            dir,
            logs: vec![None, None],
            models: vec![Model::default(); 2],
            pace: NEVER,
            rng: Rng::new(seed),
            now_ms: 10_000,
            epoch: 0,
            is_full: false,
            is_faulted: false,
        };
        w.open_all().unwrap();
        w
    }

    fn faulty(&self) -> Option<SimDisk> {
        self.disk.faulty().cloned()
    }

    fn is_stopped(&self) -> bool {
        self.disk.faulty().is_some_and(|d| d.is_crashed())
    }

    fn log(&self, n: u8) -> Option<(usize, Arc<Keeper<D>>)> {
        let n = usize::from(n) % self.logs.len();
        Some((n, self.logs[n].clone()?))
    }

    /// A turn of the dir's thread with all that is queued.
    fn step(&mut self) {
        let round = self.dir.queue.take();
        self.dir.step(&mut self.pace, &|| Duration::ZERO, round);
        self.note_durable();
    }

    fn note_durable(&mut self) {
        for (log, m) in self.logs.iter().zip(&mut self.models) {
            if let Some(k) = log {
                m.durable = m.durable.max(k.state.lock().durable.min(m.end()));
            }
        }
    }

    /// Runs `f` on the dir's thread and looks at what became of it.
    fn on_dir(
        &mut self,
        f: impl FnOnce(&LogDir<D>) -> Result<(), LogError> + Send + 'static,
    ) -> Result<(), LogError> {
        let heard = Arc::new(Mutex::new(None));
        let to = heard.clone();
        self.dir.submit(f, move |r| *to.lock() = Some(r));
        self.step();
        heard.lock().take().unwrap()
    }

    /// What an error may be, and the restart that a fatal one asks for. True if all went well.
    fn settle(&mut self, r: Result<(), LogError>) -> bool {
        let is_failed = self.dir.is_failed();
        if self.is_stopped() {
            self.restart(Stop::PowerCut, None);
            return false;
        }
        if is_failed {
            assert!(self.is_faulted, "the dir failed without a reason: {r:?}");
            let stop = if self.rng.chance(500) { Stop::Kill } else { Stop::PowerCut };
            self.restart(stop, None);
            return false;
        }
        match r {
            Ok(()) => true,
            Err(LogError::Corrupt(_)) if self.models.iter().any(|m| m.rotten) => false,
            Err(e) => {
                assert!(self.is_full || self.is_faulted, "refused without a reason: {e}");
                assert!(!e.is_fatal() || self.is_faulted, "fatal without a reason: {e}");
                false
            }
        }
    }

    pub fn apply(&mut self, op: &Op) {
        self.now_ms += 10;
        match op {
            Op::Append { log, batches, records, value, time } => {
                for i in 0..*batches {
                    if !self.append(*log, *records, *value, 1000 + i64::from(*time) + i64::from(i)) {
                        break;
                    }
                }
            }
            Op::Upkeep { log } => {
                if let Some((_, k)) = self.log(*log) {
                    self.dir.queue.upkeep(&k.target());
                    self.step();
                    self.settle(Ok(()));
                }
            }
            Op::Sync { log } => {
                if let Some((_, k)) = self.log(*log) {
                    self.dir.queue.dirty(&k.target());
                    self.step();
                    self.settle(Ok(()));
                }
            }
            Op::SlowSync { log, meanwhile } => self.slow_sync(*log, *meanwhile),
            Op::Checkpoint => {
                let done = self.on_dir(|d| d.checkpoint());
                self.settle(done);
            }
            Op::DeleteRecords { log, part } => self.delete_records(*log, *part),
            Op::Retain { log, part } => self.retain(*log, *part),
            Op::Truncate { log, back } => self.truncate(*log, *back),
            Op::Read { log, at } => self.read(*log, *at),
            Op::CloseIdle => self.dir.files.sweep(),
            Op::NewEpoch => self.epoch += 1,
            Op::Restart => {
                self.dir.queue.stop();
                self.step();
                if self.settle(Ok(())) {
                    self.restart(Stop::Kill, None);
                }
            }
            Op::Kill => self.restart(Stop::Kill, None),
            fault => self.fault(fault),
        }
    }

    fn fault(&mut self, op: &Op) {
        let Some(disk) = self.faulty() else { return };
        match op {
            Op::PowerCut => self.restart(Stop::PowerCut, None),
            Op::PowerCutAt { calls } => disk.set_crash_at(Some(disk.calls() + 1 + u64::from(*calls))),
            Op::PowerCutInRecovery { calls } => self.restart(Stop::PowerCut, Some(u64::from(*calls))),
            Op::ShortWrites { per_mille } => disk.set_short_writes((*per_mille).into()),
            Op::Full { bytes } => {
                disk.set_capacity(Some(disk.used() + u64::from(*bytes)));
                self.is_full = true;
                self.models.iter_mut().for_each(|m| m.guesses_times = true);
            }
            Op::Space => {
                disk.set_capacity(None);
                self.is_full = false;
            }
            Op::Fail { call, skip, file } => {
                self.models.iter_mut().for_each(|m| m.guesses_times = true);
                const CALLS: [Call; 11] = [
                    Call::Write,
                    Call::Sync,
                    Call::SyncDir,
                    Call::Create,
                    Call::Rename,
                    Call::Open,
                    Call::Read,
                    Call::SetLen,
                    Call::RemoveFile,
                    Call::Allocate,
                    Call::List,
                ];
                const FILES: [&str; 5] = ["", ".log", "checkpoint", ".index", "cuts"];
                disk.add_fault(Fault {
                    op: CALLS[usize::from(*call) % CALLS.len()],
                    path: FILES[usize::from(*file) % FILES.len()].to_string(),
                    skip: (*skip).into(),
                    times: 1,
                    error: io::ErrorKind::Other,
                });
                self.is_faulted = true;
            }
            Op::Lie { log } => {
                disk.fail_sync_then_lie(&id(usize::from(*log)).to_string());
                self.is_faulted = true;
            }
            Op::Rot { file, at, bit } => self.rot(&disk, *file, *at, *bit),
            _ => unreachable!("{op:?}"),
        }
    }

    fn append(&mut self, log: u8, records: u8, value: u16, timestamp: i64) -> bool {
        let Some((n, k)) = self.log(log) else { return false };
        if !k.state.lock().log.is_ready() {
            self.dir.queue.upkeep(&k.target());
            self.step();
            if !self.settle(Ok(())) {
                return false;
            }
        }
        let b = batch(records, value, timestamp);
        match k.append(&b, self.epoch, self.now_ms) {
            Ok(done) => {
                assert_eq!(done.base_offset, self.models[n].end());
                self.models[n].appended(&b, self.epoch, timestamp);
                true
            }
            Err(e) => {
                assert_eq!(k.state.lock().log.end(), self.models[n].end(), "a failed append changes nothing");
                if !self.is_stopped() {
                    assert!(self.is_full || self.is_faulted, "refused without a reason: {e}");
                    return false;
                }
                self.settle(Err(e))
            }
        }
    }

    fn slow_sync(&mut self, log: u8, meanwhile: u8) {
        let Some((n, k)) = self.log(log) else { return };
        let appended = Arc::new(Mutex::new(Vec::new()));
        let (to, epoch, now_ms) = (appended.clone(), self.epoch, self.now_ms);
        let done = self.on_dir(move |_| {
            k.slow_sync(|| {
                for i in 0..meanwhile {
                    let b = batch(1 + i, 200, 1000);
                    if k.append(&b, epoch, now_ms).is_ok() {
                        to.lock().push(b);
                    }
                }
            })
        });
        for b in appended.lock().drain(..) {
            self.models[n].appended(&b, epoch, 1000);
        }
        self.settle(done);
    }

    fn delete_records(&mut self, log: u8, part: u8) {
        let Some((n, k)) = self.log(log) else { return };
        let (start, durable) = (k.state.lock().log.log_start(), self.models[n].durable);
        let to = start + (durable - start) * i64::from(part) / 256;
        self.models[n].start.1 = to;
        let done = self.on_dir(move |_| k.delete_records(to));
        if done.is_ok() {
            self.models[n].start.0 = to;
        }
        self.settle(done);
    }

    fn retain(&mut self, log: u8, part: u8) {
        let Some((n, k)) = self.log(log) else { return };
        let bytes = (k.reader.size() * u64::from(part) / 256) as i64;
        // Whatever it decides, it decides before it fails.
        self.models[n].start.1 = self.models[n].durable;
        let job = k.clone();
        let done = self.on_dir(move |_| job.retain(bytes));
        let start = k.state.lock().log.log_start();
        self.models[n].start.1 = start;
        if done.is_ok() {
            self.models[n].start.0 = self.models[n].start.0.max(self.listed_start(n));
        }
        self.settle(done);
    }

    fn listed_start(&self, n: usize) -> i64 {
        self.dir.checkpoint_of(&id(n)).ok().flatten().map_or(0, |c| c.log_start)
    }

    fn truncate(&mut self, log: u8, back: u8) {
        let Some((n, k)) = self.log(log) else { return };
        let (start, end) = (k.state.lock().log.log_start(), self.models[n].end());
        let to = start + (end - start) * i64::from(back) / 256;
        let want = self.models[n].cut_end(to);
        if want < start {
            return;
        }
        self.models[n].cutting_to = Some(want);
        let heard = Arc::new(Mutex::new(None));
        let said = heard.clone();
        let done = self.on_dir(move |_| {
            *said.lock() = Some(k.truncate(to)?);
            Ok(())
        });
        if done.is_ok() {
            assert_eq!(*heard.lock(), Some(want), "truncated to {to}");
            self.models[n].cut(want);
        }
        let is_over = done.is_ok() || !(self.is_stopped() || self.dir.is_failed());
        if is_over {
            self.models[n].cutting_to = None;
        }
        self.settle(done);
    }

    fn read(&mut self, log: u8, at: u8) {
        let Some((n, k)) = self.log(log) else { return };
        if self.is_faulted || self.disk.faulty().is_some_and(|d| d.has_crash_point()) {
            return;
        }
        self.models[n].check_reader(&k, at);
        self.models[n].check(&k);
    }

    /// Lets one bit decay that a checkpoint vouches for, or one of a file that is not needed to be whole.
    fn rot(&mut self, disk: &SimDisk, file: u8, at: u16, bit: u8) {
        if self.models.iter().any(|m| m.rotten) {
            return;
        }
        let mut targets = Vec::new();
        for (path, len) in disk.files() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let covered = match path.extension().map(|e| e.to_string_lossy().into_owned()) {
                Some(e) if e == "log" => self.covered(&path, &name),
                Some(e) if e == "index" || e == "producers" => len,
                _ if name == "checkpoint" || name == "cuts" => len,
                _ => 0,
            };
            if covered > 0 {
                targets.push((path, covered));
            }
        }
        let Some((path, covered)) = targets.get(usize::from(file) % targets.len().max(1)) else { return };
        let at = u64::from(at) % covered;
        if self.is_epoch_byte(disk, path, at) {
            return;
        }
        if disk.rot(path, at, bit.into()) {
            self.models.iter_mut().for_each(|m| m.rotten = true);
        }
    }

    /// Bytes of a segment file that the checkpoint vouches for.
    fn covered(&self, path: &std::path::Path, name: &str) -> u64 {
        let log = (0..2).find(|n| path.starts_with(self.dir.folder(&id(*n))));
        let record = log.and_then(|n| self.dir.checkpoint_of(&id(n)).ok().flatten());
        // A record from before a truncation vouches for nothing that was appended since.
        let now = log.and_then(|n| self.logs[n].as_ref().map(|k| k.state.lock().log.generation()));
        let record = record.filter(|c| Some(c.generation) == now);
        let Some(tail) = record.and_then(|c| c.tail) else { return 0 };
        let Some((base, generation)) = storage::segment::parse_name(name) else { return 0 };
        if (base, generation) == (tail.base, tail.generation) {
            return tail.position.into();
        }
        let there = self.disk.file_len(path).unwrap_or(0);
        if base < tail.base { there } else { 0 }
    }

    /// The leader epoch of a batch has no checksum.
    fn is_epoch_byte(&self, disk: &SimDisk, path: &std::path::Path, at: u64) -> bool {
        let content = disk.content(path).unwrap_or_default();
        let mut from = 0usize;
        while let Some(h) = content.get(from..).and_then(BatchHeader::read) {
            let Some(len) = h.total_len() else { return false };
            if at < (from + len) as u64 {
                return (from + 12..from + 16).contains(&(at as usize));
            }
            from += len;
        }
        false
    }

    fn open_all(&mut self) -> Result<(), LogError> {
        for n in 0..self.logs.len() {
            self.logs[n] = None;
            if self.models[n].is_offline {
                continue;
            }
            match open(&self.dir, n, self.now_ms) {
                Ok(k) => self.logs[n] = Some(k),
                Err(LogError::Offline(_) | LogError::Corrupt(_)) if self.models[n].rotten => {
                    self.models[n].is_offline = true;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    fn stop(&mut self, how: Stop) {
        let seed = self.rng.next();
        self.disk = D::again(self.disk.faulty().map(|d| match how {
            Stop::Kill => d.kill(),
            Stop::PowerCut => d.crash(seed),
        }));
    }

    fn reopen(&mut self) -> Result<(), LogError> {
        let dir = LogDir::open(self.disk.clone(), &self.path, |_| {}, |_| {});
        self.dir = Arc::new(dir.map_err(|e| LogError::Offline(e.to_string()))?);
        self.open_all()
    }

    fn restart(&mut self, how: Stop, crash_again_after: Option<u64>) {
        self.stop(how);
        if let Some(d) = self.faulty() {
            d.clear_faults();
            if let Some(n) = crash_again_after {
                d.set_crash_at(Some(d.calls() + 1 + n));
                // Power fails again, in the recovery or right after it: what it served must be there still.
                if self.reopen().is_ok() && !self.is_stopped() {
                    d.set_crash_at(None);
                    self.recovered();
                }
                self.stop(Stop::PowerCut);
                d.set_crash_at(None);
            }
        }
        let was_faulted = std::mem::take(&mut self.is_faulted);
        self.pace = NEVER;
        self.reopen().unwrap();
        let may_lose = how == Stop::PowerCut || was_faulted || crash_again_after.is_some();
        for (lost, may) in self.recovered() {
            assert!(may || may_lose || lost == 0, "a process that dies loses nothing: {lost} records");
        }
        self.step();
    }

    /// Holds what was opened against the models. Gives how many records each log lost, and whether it may have.
    fn recovered(&mut self) -> Vec<(i64, bool)> {
        let mut out = Vec::new();
        for (log, m) in self.logs.iter().zip(&mut self.models) {
            let Some(k) = log else { continue };
            let (before, may) = (m.end(), m.cutting_to.is_some() || m.rotten);
            m.recovered(k);
            out.push((before - m.end(), may));
        }
        out
    }

    /// The faults end: everything works again, and what is synced survives.
    pub fn finish(&mut self) {
        if let Some(d) = self.faulty() {
            d.clear_faults();
            d.set_capacity(None);
            d.set_short_writes(0);
            d.set_crash_at(None);
        }
        self.is_full = false;
        self.restart(Stop::Kill, None);
        for n in 0..2u8 {
            if self.log(n).is_some() && !self.models[usize::from(n)].rotten {
                assert!(self.append(n, 3, 100, 2000), "the log takes appends again");
                self.apply(&Op::Sync { log: n });
                assert_eq!(self.models[usize::from(n)].durable, self.models[usize::from(n)].end());
            }
        }
        self.restart(Stop::PowerCut, None);
        self.restart(Stop::Kill, None);
    }
}
