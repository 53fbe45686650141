//! The doing around the partition machine: one lock, one log, the dir's thread behind it.
//!
//! Invariants: from lock to unlock there is one synchronous function without any sync, create or await; what
//! readers may see is published after the commit, in the same lock hold; whoever waits was registered in the lock
//! hold of the decision. Generic over the disk and the waiters, so that the simulator runs this very code.

pub mod mailbox;
pub mod open;
pub mod wake;

/// What `mailbox` shares between threads; its test brings others.
mod sync {
    pub use parking_lot::Mutex;
    pub use std::sync::atomic::{AtomicBool, Ordering};
}

use crate::config::TopicConfig;
use crate::machine::group::Now;
use crate::machine::partition::{Ack, Ends, PartitionMachine, Plan, Refuse};
use crate::machine::producer::Producers;
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use protocol::ids::TopicPartition;
use protocol::records::BatchHeader;
use smallvec::SmallVec;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use storage::Log;
use storage::checkpoint::LogCheckpoint;
use storage::dir::LogDir;
use storage::disk::Disk;
use storage::error::LogError;
use storage::flush::{FlushTarget, Marks};
use storage::log::unlink;
use storage::read::Reader;
use storage::wrong::{self, Rule};

/// Who waits for a partition: producers for an ack, fetchers for something to read.
pub trait Wake: Send + Sync + 'static {
    type Ack: Send;
    type Fetch: Send + Clone;
    fn acked(token: Self::Ack, ack: Ack);
    fn readable(token: &Self::Fetch);
}

#[derive(Debug)]
pub enum Produced {
    Now(Ack),
    /// The token will hear.
    Waiting,
}

struct State<D: Disk, W: Wake> {
    log: Log<D>,
    machine: PartitionMachine<W::Ack, W::Fetch>,
    /// Requests that wait for the first segment.
    unready: Vec<W::Fetch>,
    /// The first segment could not be made for lack of space: requests are refused instead of waiting for it.
    no_space: bool,
    unsynced_records: i64,
    unsynced_since_ms: Option<i64>,
    why_offline: String,
}

/// Ends that readers take without the lock.
#[derive(Debug, Default)]
struct Published {
    log_start: AtomicI64,
    log_end: AtomicI64,
    durable_end: AtomicI64,
    high_watermark: AtomicI64,
    last_stable: AtomicI64,
}

pub struct Partition<D: Disk, W: Wake> {
    pub id: TopicPartition,
    pub topic: Arc<str>,
    pub config: Arc<ArcSwap<TopicConfig>>,
    dir: Arc<LogDir<D>>,
    state: Mutex<State<D, W>>,
    published: Published,
    reader: Reader<D>,
    marks: Marks,
    me: Weak<Partition<D, W>>,
}

type Released<W> = SmallVec<[(<W as Wake>::Ack, Ack); 4]>;
type Readable<W> = SmallVec<[<W as Wake>::Fetch; 4]>;

impl<D: Disk, W: Wake> Partition<D, W> {
    /// A replica over an opened log. `producers` is its state at the log's end.
    pub fn new(
        id: TopicPartition,
        topic: Arc<str>,
        config: Arc<ArcSwap<TopicConfig>>,
        dir: Arc<LogDir<D>>,
        log: Log<D>,
        producers: Producers,
        leader_epoch: i32,
    ) -> Arc<Partition<D, W>> {
        let held = config.load();
        let capacity = held.log.segment_bytes;
        let machine =
            PartitionMachine::new(leader_epoch, held.write_caching, log.log_start(), log.end(), producers);
        let reader = Reader::new(log.reader(), capacity);
        let state = State {
            log,
            machine,
            unready: Vec::new(),
            no_space: false,
            unsynced_records: 0,
            unsynced_since_ms: None,
            why_offline: String::new(),
        };
        Arc::new_cyclic(|me| {
            let p = Partition {
                id,
                topic,
                config: config.clone(),
                dir,
                state: Mutex::new(state),
                published: Published::default(),
                reader,
                marks: Marks::default(),
                me: me.clone(),
            };
            p.publish(&p.state.lock().machine.ends());
            p
        })
    }

    /// Marks the replica as one whose log could not be opened.
    pub fn set_offline(&self, why: &str) {
        FlushTarget::offline(self, why);
    }

    fn publish(&self, e: &Ends) {
        let p = &self.published;
        p.log_start.store(e.log_start, Ordering::Release);
        p.log_end.store(e.log_end, Ordering::Release);
        p.durable_end.store(e.durable_end, Ordering::Release);
        p.last_stable.store(e.last_stable, Ordering::Release);
        p.high_watermark.store(e.high_watermark, Ordering::Release);
    }

    pub fn ends(&self) -> Ends {
        let p = &self.published;
        Ends {
            log_start: p.log_start.load(Ordering::Acquire),
            log_end: p.log_end.load(Ordering::Acquire),
            durable_end: p.durable_end.load(Ordering::Acquire),
            high_watermark: p.high_watermark.load(Ordering::Acquire),
            last_stable: p.last_stable.load(Ordering::Acquire),
        }
    }

    pub fn reader(&self) -> &Reader<D> {
        &self.reader
    }

    pub fn dir(&self) -> &Arc<LogDir<D>> {
        &self.dir
    }

    fn me(&self) -> Option<storage::dir::DirTarget> {
        self.me.upgrade().map(|p| storage::dir::target(&p))
    }

    pub fn leader_epoch(&self) -> i32 {
        self.state.lock().machine.leader_epoch()
    }

    pub fn check_epoch(&self, asked: i32) -> Result<(), Refuse> {
        self.state.lock().machine.check_epoch(asked)
    }

    /// End of the largest epoch not above `epoch`; `None` if no such epoch is known.
    pub fn epoch_end(&self, epoch: i32) -> Option<(i32, i64)> {
        self.state.lock().log.epoch_end(epoch)
    }

    /// True if an append can happen now; else asks for the first segment and has `token` woken when it is there.
    pub fn ready_or_wake(&self, token: &W::Fetch) -> bool {
        let mut s = self.state.lock();
        if s.log.is_ready() || s.machine.is_offline() {
            return true;
        }
        // Each refused request has the disk looked at again.
        let refused = s.no_space;
        if !refused {
            s.unready.push(token.clone());
        }
        drop(s);
        if let Some(me) = self.me() {
            self.dir.register(me.clone());
            self.dir.queue.upkeep(&me);
        }
        refused
    }

    /// Decides, appends and commits one validated batch. With `wait_all` the answer waits until what it rests on
    /// is below the high watermark; `token` is then who hears it.
    pub fn produce(
        &self,
        now: Now,
        batch: &[u8],
        h: &BatchHeader,
        wait_all: bool,
        token: impl FnOnce() -> W::Ack,
    ) -> Result<Produced, LogError> {
        let mut readable: Readable<W> = SmallVec::new();
        let mut state = self.state.lock();
        let s = &mut *state;
        let plan = s.machine.plan(h);
        let (ack, target) = match &plan {
            Err(r) => (Ack::Refused(*r), s.machine.ends().log_end),
            Ok(p @ Plan::Duplicate { base_offset, end_offset }) => {
                (Ack::Stored { base_offset: *base_offset }, s.machine.ack_target(p, *end_offset))
            }
            Ok(p @ Plan::Append) => {
                if wrong::is(Rule::ProducerBeforeAppend) {
                    let base_offset = s.log.end();
                    s.machine.producers.record(h, base_offset, now.mono_ms);
                }
                let done = s.log.append(batch, h, s.machine.leader_epoch(), now.wall_ms)?;
                if done.rolled {
                    s.log.note_base_producers(s.machine.producers.encode());
                }
                self.dir.note_appended(batch.len() as u64);
                if s.machine.commit(h, done.base_offset, done.end_offset, now.mono_ms) {
                    readable.extend(s.machine.parked().cloned());
                }
                self.publish(&s.machine.ends());
                s.unsynced_records += i64::from(h.records_count);
                s.unsynced_since_ms.get_or_insert(now.mono_ms);
                (Ack::Stored { base_offset: done.base_offset }, s.machine.ack_target(p, done.end_offset))
            }
        };
        let produced =
            if !wait_all || s.machine.is_settled(target) || matches!(ack, Ack::Refused(Refuse::Offline)) {
                Produced::Now(ack)
            } else {
                if wrong::is(Rule::WaiterOutsideLock) {
                    parking_lot::MutexGuard::unlocked(&mut state, wrong::gap);
                }
                state.machine.wait_for_ack(target, ack, token());
                Produced::Waiting
            };
        let s = &mut *state;
        let appended = matches!(plan, Ok(Plan::Append));
        let sync = appended && self.wants_sync(s);
        let upkeep = appended && s.log.wants_upkeep();
        drop(state);
        self.after_append(sync, upkeep);
        readable.iter().for_each(W::readable);
        Ok(produced)
    }

    fn wants_sync(&self, s: &State<D, W>) -> bool {
        !s.machine.write_caching() || s.unsynced_records >= self.config.load().flush_messages
    }

    fn after_append(&self, sync: bool, upkeep: bool) {
        if !sync && !upkeep {
            return;
        }
        let Some(me) = self.me() else { return };
        if upkeep {
            self.dir.queue.upkeep(&me);
        }
        if sync {
            self.dir.queue.dirty(&me);
        }
    }

    /// Registers a fetcher and says whether `moved` holds already, both in one lock hold, so that no wake-up is lost:
    /// one that finds the partition moved may still have too little, and waits for the next move. `None`: offline.
    pub fn park_fetch(&self, token: W::Fetch, moved: impl FnOnce(&Ends) -> bool) -> Option<(usize, bool)> {
        let mut s = self.state.lock();
        if s.machine.is_offline() {
            return None;
        }
        if wrong::is(Rule::WaiterOutsideLock) {
            let moved = moved(&s.machine.ends());
            parking_lot::MutexGuard::unlocked(&mut s, wrong::gap);
            return Some((s.machine.park_fetch(token), moved));
        }
        let moved = moved(&s.machine.ends());
        Some((s.machine.park_fetch(token), moved))
    }

    pub fn unpark_fetch(&self, key: usize) {
        self.state.lock().machine.unpark_fetch(key);
    }

    /// True while records are in the log that only this replica's next sync makes readable.
    pub fn is_sync_pending(&self) -> bool {
        let e = self.ends();
        e.high_watermark < e.log_end
    }

    /// Asks for a sync round, for those who need more durable than they have (the lake, `flush.ms`).
    pub fn request_sync(&self) {
        if let Some(me) = self.me() {
            self.dir.queue.dirty(&me);
        }
    }

    /// `flush.ms` of topics with `write.caching`.
    pub fn sync_if_due(&self, now_mono_ms: i64) {
        let due = {
            let s = self.state.lock();
            let flush_ms = self.config.load().flush_ms;
            s.unsynced_since_ms.is_some_and(|t| now_mono_ms.saturating_sub(t) >= flush_ms)
        };
        if due {
            self.request_sync();
        }
    }

    /// Takes over changed configs.
    pub fn configs_changed(&self) {
        let config = self.config.load();
        let mut readable: Readable<W> = SmallVec::new();
        let mut released: Released<W> = SmallVec::new();
        {
            let mut s = self.state.lock();
            s.log.set_config(config.log);
            if s.machine.set_write_caching(config.write_caching) {
                readable.extend(s.machine.parked().cloned());
            }
            s.machine.released(|t, a| released.push((t, a)));
            self.publish(&s.machine.ends());
        }
        released.into_iter().for_each(|(t, a)| W::acked(t, a));
        readable.iter().for_each(W::readable);
        // Topics that became durable must sync what is in the cache.
        self.request_sync();
    }

    /// DeleteRecords: moves the log start up to `offset` (-1: the high watermark). `None` if that is out of range.
    pub fn delete_records(&self, offset: i64) -> Option<i64> {
        let mut s = self.state.lock();
        let ends = s.machine.ends();
        let to = if offset == -1 { ends.high_watermark } else { offset };
        if to < 0 || to > ends.high_watermark {
            return None;
        }
        s.log.advance_start(to);
        s.machine.set_log_start(to);
        self.publish(&s.machine.ends());
        Some(s.machine.ends().log_start)
    }

    /// Deletes whole segments that retention allows; `below` is what the lake still needs. Runs on the dir's
    /// thread: the new log start is on disk before anything is unlinked.
    pub fn enforce_retention(&self, now_wall_ms: i64, below: i64) -> Result<usize, LogError> {
        let c = self.config.load();
        if self.state.lock().machine.is_offline() {
            return Ok(0);
        }
        if c.retention_ms >= 0 {
            // What cannot be read is its readers' matter, and a topic may go meanwhile: no reason to give up the dir.
            self.reader.know_ages(now_wall_ms, c.retention_ms).map_err(|e| match e {
                LogError::Sync(_) => e,
                e => LogError::Corrupt(format!("ages of segments are not known: {e}")),
            })?;
        }
        let plan = {
            let mut s = self.state.lock();
            if s.machine.is_offline() {
                return Ok(0);
            }
            let floor = below.min(s.machine.ends().high_watermark);
            let plan = s.log.plan_retention(now_wall_ms, c.retention_ms, c.retention_bytes, floor);
            if plan.roll {
                s.log.request_roll();
            }
            s.log.advance_start(plan.log_start);
            s.machine.set_log_start(plan.log_start);
            self.publish(&s.machine.ends());
            plan
        };
        if let Some(me) = self.me().filter(|_| plan.roll) {
            self.dir.queue.upkeep(&me);
        }
        if plan.delete == 0 {
            return Ok(0);
        }
        if let Some(me) = self.me() {
            self.dir.checkpoint_logs(&[me])?;
        }
        let (gone, folder) = {
            let mut s = self.state.lock();
            (s.log.detach(plan.delete), s.log.dir().to_path_buf())
        };
        unlink(&*self.dir.disk, &folder, &gone)?;
        Ok(gone.len())
    }

    pub fn expire_producers(&self, now_mono_ms: i64, expiration_ms: i64) {
        self.state.lock().machine.producers.expire(now_mono_ms, expiration_ms);
    }

    pub fn why_offline(&self) -> Option<String> {
        let s = self.state.lock();
        s.machine.is_offline().then(|| s.why_offline.clone())
    }
}

impl<D: Disk, W: Wake> FlushTarget for Partition<D, W> {
    fn id(&self) -> TopicPartition {
        self.id
    }

    fn marks(&self) -> &Marks {
        &self.marks
    }

    fn upkeep(&self) -> Result<(), LogError> {
        loop {
            let plan = {
                let mut s = self.state.lock();
                if s.machine.is_offline() {
                    return Ok(());
                }
                let need = !s.unready.is_empty() || s.no_space;
                s.log.plan_upkeep(need)
            };
            let Some(plan) = plan else { return Ok(()) };
            let done = plan.run();
            let (result, unready) = {
                let mut s = self.state.lock();
                let s = &mut *s;
                let result = s.log.finish_upkeep(done);
                if matches!(result, Ok(true)) {
                    s.log.note_base_producers(s.machine.producers.encode());
                }
                let ready = s.log.is_ready();
                s.no_space = !ready && result.as_ref().is_err_and(LogError::is_full);
                let wake = if ready || s.no_space { std::mem::take(&mut s.unready) } else { Vec::new() };
                (result, wake)
            };
            unready.iter().for_each(W::readable);
            result?;
        }
    }

    fn sync(&self) -> Result<i64, LogError> {
        loop {
            let capture = {
                let mut s = self.state.lock();
                if s.machine.is_offline() {
                    return Ok(s.machine.ends().durable_end);
                }
                let capture = s.log.capture();
                if capture.is_some() {
                    s.unsynced_records = 0;
                    s.unsynced_since_ms = None;
                }
                capture
            };
            let Some(capture) = capture else {
                // The active segment has no lasting name yet.
                self.upkeep()?;
                continue;
            };
            capture.sync()?;
            if wrong::is(Rule::SyncEndAfterSync) {
                return Ok(self.state.lock().log.end());
            }
            return Ok(capture.end);
        }
    }

    fn durable(&self, end: i64) {
        let mut readable: Readable<W> = SmallVec::new();
        let mut released: Released<W> = SmallVec::new();
        {
            let mut s = self.state.lock();
            if s.machine.on_durable(end) {
                readable.extend(s.machine.parked().cloned());
            }
            s.machine.released(|t, a| released.push((t, a)));
            self.publish(&s.machine.ends());
        }
        released.into_iter().for_each(|(t, a)| W::acked(t, a));
        readable.iter().for_each(W::readable);
    }

    fn checkpoint(&self) -> Result<LogCheckpoint, LogError> {
        loop {
            self.upkeep()?;
            let taken = {
                let mut s = self.state.lock();
                let s = &mut *s;
                let hw = s.machine.ends().high_watermark;
                s.log.plan_checkpoint(hw, s.machine.producers.encode())
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

    fn offline(&self, why: &str) {
        let mut released: Released<W> = SmallVec::new();
        let wake = {
            let mut s = self.state.lock();
            let s = &mut *s;
            s.why_offline = why.to_string();
            s.machine.go_offline(|t, a| released.push((t, a)));
            let mut wake: Vec<W::Fetch> = s.machine.parked().cloned().collect();
            wake.append(&mut s.unready);
            wake
        };
        released.into_iter().for_each(|(t, a)| W::acked(t, a));
        wake.iter().for_each(W::readable);
    }
}
