//! The broker of the simulation: production's partitions, log dir and coordinator, with the simulator as their
//! threads, sockets and timers.
//!
//! What a handler decides is short here and long in production; what the partition, the log, recovery and the
//! coordinator decide is the same code. Invariant: no `RefCell` stays borrowed over a call into that code, since a
//! disk call may let any other event run.

use crate::model::Commit;
use crate::options::{ALL, CACHED, DATA, MILLI, OFFSETS, Options, SECOND, TRIMMED};
use crate::world::{Answer, Dir, Event, Fetch, From, Replica, Request, World, world};
use arc_swap::ArcSwap;
use lipno::config::TopicConfig;
use lipno::config::topic::{TopicDefaults, effective};
use lipno::coordinator::{load, records};
use lipno::machine::coordinator::{self, Coordinator, Effect, Entry, Outcome, Reply, partition_of};
use lipno::machine::group::{GroupConfig, Now};
use lipno::machine::partition::Ack;
use lipno::partition::{Partition, Produced, open};
use lipno_tests::disk::SimDisk;
use protocol::ErrorCode;
use protocol::ids::{PartitionIndex, TopicId, TopicPartition, Uuid};
use protocol::records::BatchHeader;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use storage::dir::{LogDir, Pace};

pub const LOGS: &str = "/logs";
/// Silent producers are forgotten after this, as production does by default.
const PRODUCER_EXPIRY_MS: i64 = 86_400_000;

#[derive(Debug)]
pub enum AckToken {
    Client { from: From, id: u64, part: usize, end: i64 },
    Coordinator { number: u64, id: u64, part: usize, end: i64 },
}

#[derive(Clone, Copy, Debug)]
pub enum FetchToken {
    Parked(u64),
    Blocked(u64),
}

/// A long poll.
struct Parked {
    from: From,
    fetch: Fetch,
    key: usize,
    /// The bound when it read last.
    read_to: i64,
    is_woken: bool,
}

/// An append that the coordinator wants.
struct Wanted {
    number: u64,
    entries: Vec<Entry>,
}

/// A request that the coordinator has not answered.
#[derive(Clone, Debug)]
pub struct CallInfo {
    pub from: From,
    pub group: String,
    pub member: String,
    pub instance: Option<String>,
    pub generation: i32,
    pub kind: &'static str,
    /// The append that must be durable before the answer.
    pub append: Option<u64>,
}

pub struct Node {
    pub incarnation: u64,
    pub started_us: u64,
    pub disk: SimDisk,
    pub dir: Dir,
    pub parts: Vec<Arc<Replica>>,
    pub coordinator: RefCell<Coordinator<u64>>,
    pub calls: RefCell<BTreeMap<u64, CallInfo>>,
    pace: RefCell<Option<Pace>>,
    parked: RefCell<BTreeMap<u64, Parked>>,
    /// Acks under way: (partition, what must be below the high watermark).
    waiting: RefCell<BTreeMap<u64, (usize, i64)>>,
    /// Requests of a connection behind one that waits for its log's first segment.
    blocked: RefCell<BTreeMap<u64, VecDeque<(From, Request)>>>,
    wanted: RefCell<Vec<VecDeque<Wanted>>>,
    tick_at: Cell<Option<u64>>,
    /// Partitions whose record in the checkpoint speaks of data.
    listed: RefCell<Vec<usize>>,
}

pub fn id_of(part: usize) -> TopicPartition {
    let (topic, index) = if part < DATA { (7, part) } else { (9, part - DATA) };
    TopicPartition { topic: TopicId(Uuid([topic; 16])), partition: PartitionIndex(index as i32) }
}

fn config_of(part: usize, o: &Options) -> TopicConfig {
    let mut c = BTreeMap::new();
    let mut set = |k: &str, v: String| drop(c.insert(k.to_string(), v));
    set("index.interval.bytes", o.index_interval.to_string());
    set("retention.ms", "-1".into());
    set("flush.messages", o.flush_messages.to_string());
    set("flush.ms", o.flush_ms.to_string());
    set("write.caching", (part == CACHED).to_string());
    if part == TRIMMED {
        set("retention.bytes", (o.segment_bytes * 3).to_string());
    }
    let mut config = effective(&TopicDefaults::default(), Some(&c));
    config.log.segment_bytes = o.segment_bytes;
    config
}

pub fn is_cached(part: usize) -> bool {
    part == CACHED
}

impl Node {
    /// Recovers what the disk holds, as production does at start.
    pub fn start(w: &World, incarnation: u64) -> Result<Node, String> {
        let disk = w.disk.borrow().clone();
        let on_failure = |why: &str| world().process_ends(why);
        let dir = LogDir::open(Arc::new(disk.clone()), Path::new(LOGS), on_failure, |_| {})
            .map_err(|e| e.to_string())?;
        let dir = Arc::new(dir);
        dir.sweep_deleted().map_err(|e| e.to_string())?;
        let dirs = [dir.clone()];
        let folders = open::folders(&dirs).map_err(|e| e.to_string())?;
        let now = w.broker_now(w.now_us());
        let mut parts = Vec::new();
        for part in 0..ALL {
            let id = id_of(part);
            let config = config_of(part, &w.options);
            let at = open::place(&dirs, &folders, &id).ok_or("no log dir")?;
            let o = open::open(&at, &id, config.log, None, now);
            let has_data = o.has_data();
            let topic: Arc<str> = Arc::from(if part < DATA { "t" } else { "__consumer_offsets" });
            let config = Arc::new(ArcSwap::from_pointee(config));
            let p: Arc<Replica> = Partition::new(id, topic, config, dir.clone(), o.log, o.producers, 0);
            match o.why_offline {
                Some(why) => p.set_offline(&why),
                None if has_data => dir.register(storage::dir::target(&p)),
                None => {}
            }
            parts.push(p);
        }
        let config =
            GroupConfig { initial_rebalance_delay_ms: w.options.initial_delay_ms, ..GroupConfig::default() };
        let pace = Pace::new(Duration::from_micros(w.options.checkpoint_us), w.options.checkpoint_bytes);
        let node = Node {
            incarnation,
            started_us: w.now_us(),
            disk,
            dir,
            parts,
            coordinator: RefCell::new(Coordinator::new(config, OFFSETS, 1 << 30)),
            calls: RefCell::default(),
            pace: RefCell::new(Some(pace)),
            parked: RefCell::default(),
            waiting: RefCell::default(),
            blocked: RefCell::default(),
            wanted: RefCell::new((0..OFFSETS).map(|_| VecDeque::new()).collect()),
            tick_at: Cell::new(None),
            listed: RefCell::default(),
        };
        node.note_listed();
        node.load_groups(w)?;
        Ok(node)
    }

    fn load_groups(&self, w: &World) -> Result<(), String> {
        for index in 0..OFFSETS {
            let p = &self.parts[DATA + index];
            if p.why_offline().is_some() {
                self.coordinator.borrow_mut().lose(index as i32, &mut Vec::new());
                continue;
            }
            let e = p.ends();
            match load::entries(p.reader(), e.log_start, e.log_end) {
                Ok(entries) => self.coordinator.borrow_mut().load(self.now(w), entries),
                Err(_) => self.coordinator.borrow_mut().lose(index as i32, &mut Vec::new()),
            }
        }
        if self.disk.is_crashed() { Err("crashed".into()) } else { Ok(()) }
    }

    pub fn now(&self, w: &World) -> Now {
        w.broker_now(self.started_us)
    }

    /// Starts timers.
    pub fn serve(&self, w: &World) {
        w.after(500 * MILLI, Event::Housekeeping { incarnation: self.incarnation, round: 0 });
        self.arm(w);
    }

    /// When the dir's thread should look at its queue, from now; as production's, it gives a full disk some time.
    pub fn turn_in(&self, w: &World) -> Option<u64> {
        let queue = &self.dir.queue;
        if queue.is_empty() {
            None
        } else if queue.is_refused() {
            Some(200 * MILLI)
        } else {
            Some(w.within(5, 100))
        }
    }

    /// One turn of the dir's thread.
    pub fn turn(&self, w: &World) {
        let round = self.dir.queue.take();
        let Some(mut pace) = self.pace.take() else { return };
        let started = self.started_us;
        let now = || Duration::from_micros(world().now_us() - started);
        self.dir.step(&mut pace, &now, round);
        self.pace.replace(Some(pace));
        self.note_listed();
        w.note(&[self.disk.calls()]);
    }

    pub fn housekeeping(&self, w: &World, round: u64) {
        let now = self.now(w);
        for p in &self.parts {
            p.expire_producers(now.mono_ms, PRODUCER_EXPIRY_MS);
            if p.config.load().write_caching {
                p.sync_if_due(now.mono_ms);
            }
        }
        if round % 4 == 3 {
            let p = self.parts[TRIMMED].clone();
            self.dir.submit(move |_| p.enforce_retention(now.wall_ms, i64::MAX).map(drop), |_| {});
        }
        if round % 8 == 7 {
            let mut out = Vec::new();
            self.coordinator.borrow_mut().expire(now, &mut out);
            self.effects(w, out);
        }
        // The dir's thread wakes by itself when a checkpoint is due.
        self.dir.submit(|_| Ok(()), |_| {});
        w.after(500 * MILLI, Event::Housekeeping { incarnation: self.incarnation, round: round + 1 });
    }

    pub fn handle(&self, w: &World, from: From, request: Request) {
        let mut blocked = self.blocked.borrow_mut();
        if let Some(queue) = blocked.get_mut(&from.conn) {
            queue.push_back((from, request));
            return;
        }
        drop(blocked);
        if let Some(request) = self.try_handle(w, from, request) {
            self.blocked.borrow_mut().entry(from.conn).or_default().push_back((from, request));
        }
    }

    /// Serves a request; gives it back if its log has no segment yet.
    fn try_handle(&self, w: &World, from: From, request: Request) -> Option<Request> {
        match request {
            Request::Produce { part, batch, acks } => {
                if !self.parts[part].ready_or_wake(&FetchToken::Blocked(from.conn)) {
                    return Some(Request::Produce { part, batch, acks });
                }
                self.produce(w, from, part, &batch, acks);
            }
            Request::Fetch(f) => self.fetch(w, from, f),
            Request::DeleteRecords { part, offset } => self.delete_records(w, from, part, offset),
            Request::Group(r) => self.group_request(w, from, r),
            Request::TopicDeleted(topic) => {
                let mut out = Vec::new();
                self.coordinator.borrow_mut().topic_deleted(&topic, &mut out);
                self.effects(w, out);
            }
            Request::Caching(on) => {
                let p = &self.parts[CACHED];
                p.config.store(Arc::new(TopicConfig {
                    write_caching: on,
                    ..TopicConfig::clone(&p.config.load())
                }));
                p.configs_changed();
            }
        }
        None
    }

    /// The connection's or the coordinator's first append can happen now.
    pub fn unblock(&self, w: &World, key: u64) {
        if (key as usize) < OFFSETS {
            return self.append_wanted(w, key as usize);
        }
        let Some(queue) = self.blocked.borrow_mut().remove(&key) else { return };
        for (from, request) in queue {
            self.handle(w, from, request);
        }
    }

    fn produce(&self, w: &World, from: From, part: usize, batch: &crate::world::Batch, acks: i16) {
        let p = &self.parts[part];
        let before = p.ends().log_end;
        let h = &batch.header;
        let id = w.fresh();
        let end = w.model.borrow().end_of_batch(part, h);
        let expected = end.unwrap_or(before + i64::from(h.records_count));
        let token = || AckToken::Client { from, id, part, end: expected };
        let produced = p.produce(self.now(w), &batch.bytes, h, acks == -1, token);
        let appended = p.ends().log_end > before;
        if appended {
            w.model.borrow_mut().appended(part, before, batch);
            w.note(&[part as u64, before as u64, h.crc.into()]);
        }
        let reply = match produced {
            Ok(Produced::Now(ack)) => {
                if acks == -1 {
                    self.check_ack(w, part, ack, expected);
                }
                Answer::Produced(ack)
            }
            Ok(Produced::Waiting) => {
                self.waiting.borrow_mut().insert(id, (part, p.ends().log_end));
                return;
            }
            Err(_) => Answer::NotNow,
        };
        if acks != 0 {
            w.answer(from, reply);
        }
    }

    /// An answer of acks=all leaves: what it speaks of must be safe.
    fn check_ack(&self, w: &World, part: usize, ack: Ack, end: i64) {
        let Ack::Stored { base_offset } = ack else { return };
        let e = self.parts[part].ends();
        if end > e.high_watermark {
            w.fail(format!("{part}: acks=all answered {base_offset}..{end} above the high watermark: {e:?}"));
        }
        if !is_cached(part) && end > e.durable_end {
            w.fail(format!("{part}: acks=all answered {base_offset}..{end} before it was durable: {e:?}"));
        }
    }

    pub fn acked(&self, w: &World, token: AckToken, ack: Ack) {
        match token {
            AckToken::Client { from, id, part, end } => {
                self.waiting.borrow_mut().remove(&id);
                self.check_ack(w, part, ack, end);
                w.answer(from, Answer::Produced(ack));
            }
            AckToken::Coordinator { number, id, part, end } => {
                self.waiting.borrow_mut().remove(&id);
                self.check_ack(w, part, ack, end);
                self.coordinator_hears(w, number, ack);
            }
        }
    }

    fn coordinator_hears(&self, w: &World, number: u64, ack: Ack) {
        let outcome = match ack {
            Ack::Stored { .. } => Outcome::Stored,
            Ack::Refused(_) => Outcome::Refused(ErrorCode::NOT_COORDINATOR),
            Ack::Lost => Outcome::Unknown,
        };
        // News of several appends may overtake each other, as tasks do.
        let us = w.within(0, 2_000);
        w.after(us, Event::Finished { incarnation: self.incarnation, number, outcome });
    }

    pub fn woken(&self, w: &World, token: FetchToken) {
        match token {
            FetchToken::Parked(park) => {
                let first = match self.parked.borrow_mut().get_mut(&park) {
                    Some(p) => !std::mem::replace(&mut p.is_woken, true),
                    None => false,
                };
                if first {
                    let us = w.within(1, 50);
                    w.after(us, Event::Mail { incarnation: self.incarnation, park });
                }
            }
            FetchToken::Blocked(key) => w.after(1, Event::Ready { incarnation: self.incarnation, key }),
        }
    }

    fn fetch(&self, w: &World, from: From, f: Fetch) {
        let Some(read_to) = self.read(w, from, &f, f.wait_us == 0) else { return };
        let park = w.fresh();
        // Registered first: a wake-up between the registration and the entry would be lost to us.
        let parked = Parked { from, fetch: f, key: usize::MAX, read_to, is_woken: false };
        self.parked.borrow_mut().insert(park, parked);
        let key = self.parts[f.part].park_fetch(FetchToken::Parked(park), |e| e.high_watermark > read_to);
        match key {
            Some((key, has_moved)) => {
                if let Some(p) = self.parked.borrow_mut().get_mut(&park) {
                    p.key = key;
                }
                if has_moved {
                    self.woken(w, FetchToken::Parked(park));
                }
                w.after(f.wait_us, Event::FetchDue { incarnation: self.incarnation, park });
            }
            None => self.woken(w, FetchToken::Parked(park)),
        }
    }

    /// Reads and answers if there is enough; else says up to where it read.
    fn read(&self, w: &World, from: From, f: &Fetch, is_due: bool) -> Option<i64> {
        let p = &self.parts[f.part];
        if p.why_offline().is_some() {
            w.answer(from, Answer::NotNow);
            return None;
        }
        let e = p.ends();
        if f.offset < e.log_start || f.offset > e.log_end {
            let (log_start, log_end) = (e.log_start, e.log_end);
            w.answer(from, Answer::OutOfRange { log_start, log_end });
            return None;
        }
        let Ok(slice) = p.reader().slice(f.offset, e.high_watermark, f.max_bytes, true) else {
            w.answer(from, Answer::NotNow);
            return None;
        };
        if !is_due && (slice.len() as u64) < f.min_bytes {
            return Some(e.high_watermark);
        }
        let bytes = slice.for_writev(0).to_vec();
        w.model.borrow().check_read(w, f.part, f.offset, e.high_watermark, &bytes);
        w.answer(from, Answer::Fetched { bytes, log_start: e.log_start });
        None
    }

    pub fn read_parked(&self, w: &World, park: u64, is_due: bool) {
        let (from, fetch, key) = match self.parked.borrow_mut().get_mut(&park) {
            Some(p) => {
                p.is_woken = false;
                (p.from, p.fetch, p.key)
            }
            None => return,
        };
        match self.read(w, from, &fetch, is_due) {
            Some(read_to) => {
                if let Some(p) = self.parked.borrow_mut().get_mut(&park) {
                    p.read_to = read_to;
                }
                if key == usize::MAX {
                    // It was never registered: ask again.
                    self.parked.borrow_mut().remove(&park);
                    self.fetch(w, from, fetch);
                }
            }
            None => {
                self.parked.borrow_mut().remove(&park);
                self.parts[fetch.part].unpark_fetch(key);
            }
        }
    }

    fn delete_records(&self, w: &World, from: From, part: usize, offset: i64) {
        let p = &self.parts[part];
        if p.why_offline().is_some() {
            return w.answer(from, Answer::Deleted(None));
        }
        let Some(low) = p.delete_records(offset) else { return w.answer(from, Answer::Deleted(None)) };
        let target = storage::dir::target(p);
        let done = move |r: Result<(), storage::LogError>| {
            let w = world();
            if r.is_ok() {
                w.model.borrow_mut().deleted(part, low);
            }
            w.answer(from, Answer::Deleted(r.ok().map(|()| low)));
        };
        self.dir.submit(move |d| d.checkpoint_logs(&[target]), done);
    }

    fn group_request(&self, w: &World, from: From, r: coordinator::Request) {
        let token = w.fresh();
        let info = CallInfo::of(from, &r);
        self.calls.borrow_mut().insert(token, info.clone());
        let mut out = Vec::new();
        self.coordinator.borrow_mut().request(self.now(w), r, token, &mut out);
        if let Some(call) = self.calls.borrow_mut().get_mut(&token) {
            call.append = out.iter().find_map(|e| match e {
                Effect::Append { number, .. } => Some(*number),
                Effect::Reply(..) => None,
            });
        }
        w.model.borrow_mut().groups.on_call(w, self, &info, &out);
        self.effects(w, out);
    }

    pub fn finished(&self, w: &World, number: u64, outcome: Outcome) {
        let mut out = Vec::new();
        self.coordinator.borrow_mut().finish(self.now(w), number, outcome, &mut out);
        self.effects(w, out);
    }

    pub fn coordinator_tick(&self, w: &World) {
        self.tick_at.set(None);
        let mut out = Vec::new();
        self.coordinator.borrow_mut().tick(self.now(w), &mut out);
        self.effects(w, out);
    }

    fn arm(&self, w: &World) {
        let Some(deadline) = self.coordinator.borrow().next_deadline() else { return };
        let at = self.started_us.saturating_add(deadline.max(0) as u64 * MILLI).max(w.now_us() + MILLI);
        let at = at.min(w.now_us() + 100 * SECOND);
        if self.tick_at.get().is_none_or(|t| at < t) {
            self.tick_at.set(Some(at));
            w.at(at, Event::CoordinatorTick { incarnation: self.incarnation });
        }
    }

    /// Does what the coordinator wants, in order.
    fn effects(&self, w: &World, out: Vec<Effect<u64>>) {
        for e in out {
            if w.stops_here() {
                return;
            }
            match e {
                Effect::Reply(token, reply) => {
                    let Some(info) = self.calls.borrow_mut().remove(&token) else {
                        w.fail(format!("a second answer to one request: {reply:?}"));
                        continue;
                    };
                    w.model.borrow_mut().groups.on_reply(w, self, &info, &reply);
                    w.note(&[token, format!("{reply:?}").len() as u64]);
                    w.answer(info.from, Answer::Group(reply));
                }
                Effect::Append { number, group, entries } => {
                    let index = partition_of(&group, OFFSETS) as usize;
                    self.wanted.borrow_mut()[index].push_back(Wanted { number, entries });
                    self.append_wanted(w, index);
                }
            }
        }
        w.model.borrow_mut().groups.after(w, self);
        self.arm(w);
    }

    fn append_wanted(&self, w: &World, index: usize) {
        let part = DATA + index;
        let p = &self.parts[part];
        loop {
            if self.wanted.borrow()[index].is_empty() || !p.ready_or_wake(&FetchToken::Blocked(index as u64))
            {
                return;
            }
            let Some(a) = self.wanted.borrow_mut()[index].pop_front() else { return };
            let now = self.now(w);
            let Ok((bytes, h)) = records::batch(&a.entries, now.wall_ms) else {
                w.fail("records of the coordinator make no batch");
                return;
            };
            self.append_one(w, part, &a, bytes, h, now);
        }
    }

    fn append_one(&self, w: &World, part: usize, a: &Wanted, bytes: bytes::Bytes, h: BatchHeader, now: Now) {
        let p = &self.parts[part];
        let before = p.ends().log_end;
        let (id, end) = (w.fresh(), before + i64::from(h.records_count));
        let token = || AckToken::Coordinator { number: a.number, id, part, end };
        let produced = p.produce(now, &bytes, &h, true, token);
        if p.ends().log_end > before {
            let batch =
                crate::world::Batch { bytes, header: h, client: usize::MAX, first_value: 0, is_whole: false };
            let mut m = w.model.borrow_mut();
            m.appended(part, before, &batch);
            for e in &a.entries {
                match e {
                    Entry::Offset { group, topic, partition, offset } => {
                        let id = offset.as_ref().map(|o| o.metadata.clone());
                        let key = (group.clone(), topic.clone(), *partition);
                        m.groups.committed(a.number, key, Commit { id, part, end, seq: w.fresh() });
                    }
                    Entry::Group { group, state: None } => m.groups.forgotten(group),
                    Entry::Group { .. } | Entry::Other => {}
                }
            }
        }
        match produced {
            Ok(Produced::Now(ack)) => {
                self.check_ack(w, part, ack, end);
                self.coordinator_hears(w, a.number, ack);
            }
            Ok(Produced::Waiting) => {
                self.waiting.borrow_mut().insert(id, (part, p.ends().log_end));
            }
            Err(_) => {
                let outcome = Outcome::Refused(ErrorCode::COORDINATOR_NOT_AVAILABLE);
                let event = Event::Finished { incarnation: self.incarnation, number: a.number, outcome };
                w.after(1, event);
            }
        }
    }

    /// What must hold after every event.
    pub fn check(&self, w: &World) {
        let mut model = w.model.borrow_mut();
        for (part, p) in self.parts.iter().enumerate() {
            if w.hidden.get() == Some(part) {
                continue;
            }
            if let Err(why) = model.observe(part, &p.ends()) {
                w.fail(why);
            }
        }
        drop(model);
        // A waiter that nobody will wake any more.
        for (part, target) in self.waiting.borrow().values() {
            if self.parts[*part].ends().high_watermark >= *target {
                w.fail(format!("{part}: an ack for {target} still waits: {:?}", self.parts[*part].ends()));
            }
        }
        for p in self.parked.borrow().values() {
            let high = self.parts[p.fetch.part].ends().high_watermark;
            if high > p.read_to && !p.is_woken {
                w.fail(format!("{}: a fetch that read to {} sleeps at {high}", p.fetch.part, p.read_to));
            }
        }
    }

    fn note_listed(&self) {
        let has_data = |p: &usize| {
            self.dir.checkpoint_of(&id_of(*p)).ok().flatten().is_some_and(|c| c.recovery_point > 0)
        };
        let listed = (0..ALL).filter(has_data).collect();
        if !self.disk.is_crashed() {
            *self.listed.borrow_mut() = listed;
        }
    }

    /// A checkpoint lists records of this partition.
    pub fn is_listed(&self, part: usize) -> bool {
        self.listed.borrow().contains(&part)
    }

    pub fn offline(&self) -> Vec<usize> {
        (0..ALL).filter(|p| self.parts[*p].why_offline().is_some()).collect()
    }
}

impl CallInfo {
    fn of(from: From, r: &coordinator::Request) -> CallInfo {
        use coordinator::Request as R;
        let mut info = CallInfo {
            from,
            group: String::new(),
            member: String::new(),
            instance: None,
            generation: -1,
            kind: "other",
            append: None,
        };
        match r {
            R::Join { group, request } => {
                info.kind = "join";
                info.group = group.clone();
                info.member = request.member_id.clone();
                info.instance = request.instance_id.clone();
            }
            R::Sync { group, request } => {
                info.kind = "sync";
                info.group = group.clone();
                info.member = request.member_id.clone();
                info.instance = request.instance_id.clone();
                info.generation = request.generation;
            }
            R::Heartbeat { group, member, generation, .. } => {
                info.kind = "heartbeat";
                info.group = group.clone();
                info.member = member.clone();
                info.generation = *generation;
            }
            R::Leave { group, members } => {
                info.kind = "leave";
                info.group = group.clone();
                info.member = members.first().map(|(m, _)| m.clone()).unwrap_or_default();
                info.instance = members.first().and_then(|(_, i)| i.clone());
            }
            R::Commit { group, request } => {
                info.kind = "commit";
                info.group = group.clone();
                info.member = request.member_id.clone();
                info.generation = request.generation;
            }
            R::Offsets { group } => {
                info.kind = "offsets";
                info.group = group.clone();
            }
            R::Delete { group } => {
                info.kind = "delete";
                info.group = group.clone();
            }
            R::Describe { .. } | R::List | R::AllOffsets => {}
        }
        info
    }
}

/// The reply's error, where it has one.
pub fn code_of(reply: &Reply) -> ErrorCode {
    match reply {
        Reply::Join(a) => a.error,
        Reply::Sync(a) => a.error,
        Reply::Code(c) => *c,
        Reply::Codes(c) => c.first().copied().unwrap_or_default(),
        Reply::Unavailable => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        _ => ErrorCode::NONE,
    }
}
