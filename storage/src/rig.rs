//! A log in a temporary folder and the hands that a partition would lend it. Tests of this crate only.

use crate::checkpoint::LogCheckpoint;
use crate::error::LogError;
use crate::files::FileCache;
use crate::log::{Appended, Log, LogConfig};
use crate::open::{Recovery, open_log};
use crate::read::Reader;
use crate::truncate::Replay;
use crate::{Disk, RealDisk};
use bytes::Bytes;
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

pub const CONFIG: LogConfig =
    LogConfig { segment_bytes: 1000, segment_ms: i64::MAX, index_interval_bytes: 200 };

pub struct Rig {
    pub temp: TempDir,
    pub files: Arc<FileCache<RealDisk>>,
    pub log: Log<RealDisk>,
    pub now_ms: i64,
    pub epoch: i32,
    /// Stands for the producer state: the bases of all batches, one byte each.
    pub producers: Vec<u8>,
}

pub fn batch(records: usize, timestamp: i64) -> Bytes {
    let mut b = BatchBuilder::new(Codec::None);
    for _ in 0..records {
        b.push(NewRecord { timestamp, value: Some(&[7; 100]), ..NewRecord::default() });
    }
    b.finish().unwrap()
}

impl Rig {
    pub fn new() -> Rig {
        let temp = tempfile::tempdir().unwrap();
        let files = FileCache::new(Arc::new(RealDisk), 100);
        let folder = temp.path().join("log");
        let log = Log::empty(files.clone(), folder, CONFIG, 0);
        let mut rig = Rig { temp, files, log, now_ms: 1000, epoch: 0, producers: Vec::new() };
        rig.upkeep();
        rig
    }

    pub fn folder(&self) -> PathBuf {
        self.temp.path().join("log")
    }

    /// Names in the log's folder, without the index and producer files.
    pub fn log_files(&self) -> Vec<String> {
        let all = RealDisk.list(&self.folder()).unwrap();
        all.into_iter().filter(|n| n.ends_with(".log") || n.ends_with(".deleted")).collect()
    }

    pub fn try_append(&mut self, records: usize, timestamp: i64) -> Result<Appended, LogError> {
        let b = batch(records, timestamp);
        let h = BatchHeader::read(&b).unwrap();
        let done = self.log.append(&b, &h, self.epoch, self.now_ms)?;
        if done.rolled {
            self.log.note_base_producers(Bytes::from(self.producers.clone()));
        }
        self.producers.push(done.base_offset as u8);
        Ok(done)
    }

    /// Appends a batch of `records` and does what is due then.
    pub fn append(&mut self, records: usize, timestamp: i64) -> Appended {
        self.now_ms += 1;
        let done = self.try_append(records, timestamp).unwrap();
        self.upkeep();
        done
    }

    pub fn upkeep(&mut self) {
        while let Some(plan) = self.log.plan_upkeep(true) {
            if self.log.finish_upkeep(plan.run()).unwrap() {
                self.log.note_base_producers(Bytes::from(self.producers.clone()));
            }
        }
    }

    pub fn sync(&mut self) {
        self.log.capture().unwrap().sync().unwrap();
    }

    pub fn checkpoint(&mut self) -> LogCheckpoint {
        let producers = Bytes::from(self.producers.clone());
        self.log.plan_checkpoint(self.log.end(), producers).unwrap().run().unwrap()
    }

    pub fn reader(&self) -> Reader<RealDisk> {
        Reader::new(self.log.reader(), CONFIG.segment_bytes)
    }

    /// Every batch from `from` on, as (base offset, append time).
    pub fn batches(&self, from: i64) -> Vec<(i64, i64)> {
        let (r, end) = (self.reader(), self.log.end());
        let mut out = Vec::new();
        let mut at = from;
        while let Some(b) = r.batch_at(at, end).unwrap() {
            out.push((b.header.base_offset, b.append_ms));
            at = b.header.next_offset();
        }
        out
    }

    pub fn bases(&self) -> Vec<i64> {
        self.batches(self.log.log_start()).iter().map(|b| b.0).collect()
    }

    /// Forgets the log in memory and opens it again from its files.
    pub fn try_reopen(&mut self, from: Option<&LogCheckpoint>) -> Result<Recovery, LogError> {
        self.files = FileCache::new(Arc::new(RealDisk), 100);
        let mut producers = Vec::new();
        let mut replay = |r: Replay<'_>| match r {
            Replay::From(state) => producers = state.to_vec(),
            Replay::Batch(h) => producers.push(h.base_offset as u8),
        };
        let (log, report) =
            open_log(self.files.clone(), self.folder(), CONFIG, from, self.now_ms, &mut replay)?;
        self.log = log;
        self.producers = producers;
        Ok(report)
    }

    pub fn reopen(&mut self, from: Option<&LogCheckpoint>) -> Recovery {
        self.try_reopen(from).unwrap()
    }

    pub fn truncate(&mut self, to: i64) -> i64 {
        self.upkeep();
        let Some(plan) = self.log.plan_truncation(to).unwrap() else { return self.log.end() };
        let mut producers = Vec::new();
        let done = plan.run(&mut |r| match r {
            Replay::From(state) => producers = state.to_vec(),
            Replay::Batch(h) => producers.push(h.base_offset as u8),
        });
        self.producers = producers;
        self.log.finish_truncation(done).unwrap()
    }
}
