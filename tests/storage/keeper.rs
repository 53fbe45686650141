//! A log with the hands that the broker's partition lends it, and nothing of Kafka's rules.
//!
//! The producer state is the list of the base offsets of all batches, so that a state that is behind or ahead shows.

use bytes::{Buf, BufMut, Bytes};
use parking_lot::Mutex;
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::BatchHeader;
use std::sync::{Arc, Weak};
use storage::checkpoint::LogCheckpoint;
use storage::dir::{DirTarget, LogDir, target};
use storage::disk::Disk;
use storage::flush::{FlushTarget, Marks};
use storage::log::{Appended, unlink};
use storage::read::Reader;
use storage::{Log, LogConfig, LogError, Replay, open_log};

pub const CONFIG: LogConfig =
    LogConfig { segment_bytes: 3000, segment_ms: 1 << 40, index_interval_bytes: 300 };

pub fn id(log: usize) -> TopicPartition {
    TopicPartition { topic: TopicId(Uuid([9; 16])), partition: PartitionIndex(log as i32) }
}

pub struct Kept<D: Disk> {
    pub log: Log<D>,
    pub producers: Vec<i64>,
    /// What was reported durable.
    pub durable: i64,
    pub offline: bool,
}

pub struct Keeper<D: Disk> {
    id: TopicPartition,
    pub dir: Arc<LogDir<D>>,
    marks: Marks,
    pub state: Mutex<Kept<D>>,
    pub reader: Reader<D>,
    me: Weak<Keeper<D>>,
}

fn encode(producers: &[i64]) -> Bytes {
    let mut b = Vec::new();
    producers.iter().for_each(|p| b.put_i64(*p));
    Bytes::from(b)
}

fn decode(mut b: &[u8]) -> Vec<i64> {
    std::iter::from_fn(|| b.try_get_i64().ok()).collect()
}

/// Opens what the dir has of a log, as the broker does.
pub fn open<D: Disk>(dir: &Arc<LogDir<D>>, log: usize, now_ms: i64) -> Result<Arc<Keeper<D>>, LogError> {
    let tp = id(log);
    let from = dir.checkpoint_of(&tp)?;
    let folder = dir.folder(&tp);
    let mut producers = Vec::new();
    let opened = if dir.folders()?.contains(&tp) {
        let mut replay = |r: Replay<'_>| match r {
            Replay::From(state) => producers = decode(state),
            Replay::Batch(h) => producers.push(h.base_offset),
        };
        open_log(dir.files.clone(), folder, CONFIG, from.as_ref(), now_ms, &mut replay)?.0
    } else if from.is_some_and(|c| c.recovery_point > 0) {
        return Err(LogError::Offline("listed but missing".into()));
    } else {
        Log::empty(dir.files.clone(), folder, CONFIG, 0)
    };
    let k = Arc::new_cyclic(|me| Keeper {
        id: tp,
        dir: dir.clone(),
        marks: Marks::default(),
        reader: Reader::new(opened.reader(), CONFIG.segment_bytes),
        state: Mutex::new(Kept { durable: opened.end(), log: opened, producers, offline: false }),
        me: me.clone(),
    });
    dir.register(target(&k));
    Ok(k)
}

impl<D: Disk> Keeper<D> {
    pub fn target(&self) -> DirTarget {
        target(&self.me.upgrade().unwrap())
    }

    pub fn append(&self, batch: &[u8], epoch: i32, now_ms: i64) -> Result<Appended, LogError> {
        let mut s = self.state.lock();
        let s = &mut *s;
        let done = s.log.append(batch, &BatchHeader::read(batch).unwrap(), epoch, now_ms)?;
        if done.rolled {
            s.log.note_base_producers(encode(&s.producers));
        }
        s.producers.push(done.base_offset);
        self.dir.note_appended(batch.len() as u64);
        Ok(done)
    }

    /// A sync during which `meanwhile` appends.
    pub fn slow_sync(&self, meanwhile: impl FnOnce()) -> Result<(), LogError> {
        let _alone = self.marks.serve_alone();
        let capture = loop {
            if let Some(c) = self.state.lock().log.capture() {
                break c;
            }
            self.upkeep()?;
        };
        meanwhile();
        capture.sync()?;
        self.durable(capture.end);
        Ok(())
    }

    /// DeleteRecords as the broker does it: true only once the new start is on disk.
    pub fn delete_records(&self, to: i64) -> Result<(), LogError> {
        self.state.lock().log.advance_start(to);
        self.dir.checkpoint_logs(&[self.target()])
    }

    pub fn retain(&self, bytes: i64) -> Result<(), LogError> {
        let plan = {
            let mut s = self.state.lock();
            let plan = s.log.plan_retention(0, -1, bytes, s.durable);
            if plan.roll {
                s.log.request_roll();
            }
            s.log.advance_start(plan.log_start);
            plan
        };
        if plan.delete == 0 {
            return Ok(());
        }
        self.dir.checkpoint_logs(&[self.target()])?;
        let (gone, folder) = {
            let mut s = self.state.lock();
            (s.log.detach(plan.delete), s.log.dir().to_path_buf())
        };
        unlink(&*self.dir.disk, &folder, &gone)
    }

    pub fn truncate(&self, to: i64) -> Result<i64, LogError> {
        let _alone = self.marks.serve_alone();
        self.upkeep()?;
        let plan = {
            let mut s = self.state.lock();
            match s.log.plan_truncation(to)? {
                Some(p) => p,
                None => return Ok(s.log.end()),
            }
        };
        let mut producers = Vec::new();
        let done = plan.run(&mut |r| match r {
            Replay::From(state) => producers = decode(state),
            Replay::Batch(h) => producers.push(h.base_offset),
        });
        let mut s = self.state.lock();
        let end = s.log.finish_truncation(done)?;
        s.producers = producers;
        s.durable = s.durable.min(end);
        Ok(end)
    }
}

impl<D: Disk> FlushTarget for Keeper<D> {
    fn id(&self) -> TopicPartition {
        self.id
    }
    fn marks(&self) -> &Marks {
        &self.marks
    }
    fn upkeep(&self) -> Result<(), LogError> {
        loop {
            let plan = self.state.lock().log.plan_upkeep(true);
            let Some(plan) = plan else { return Ok(()) };
            let done = plan.run();
            let mut s = self.state.lock();
            let s = &mut *s;
            if s.log.finish_upkeep(done)? {
                s.log.note_base_producers(encode(&s.producers));
            }
        }
    }
    fn sync(&self) -> Result<i64, LogError> {
        loop {
            let capture = self.state.lock().log.capture();
            if let Some(c) = capture {
                c.sync()?;
                return Ok(c.end);
            }
            self.upkeep()?;
        }
    }
    fn durable(&self, end: i64) {
        let mut s = self.state.lock();
        s.durable = s.durable.max(end);
    }
    fn checkpoint(&self) -> Result<LogCheckpoint, LogError> {
        loop {
            self.upkeep()?;
            let taken = {
                let mut s = self.state.lock();
                let (durable, producers) = (s.durable, encode(&s.producers));
                s.log.plan_checkpoint(durable, producers)
            };
            if let Some(taken) = taken {
                return taken.run();
            }
        }
    }
    fn checkpoint_failed(&self) {
        self.state.lock().log.checkpoint_failed();
    }
    fn dirty_bytes(&self) -> u64 {
        self.state.lock().log.appended_since_checkpoint()
    }
    fn offline(&self, _why: &str) {
        self.state.lock().offline = true;
    }
}
