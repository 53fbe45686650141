//! One seed, one heap of events, one clock: the loop of the simulation and the network between clients and broker.
//!
//! Everything runs on one thread. The dir's thread of the broker is an event like any other, but each of its disk
//! calls lets time pass and other events run, as they would beside a real thread; so a produce can fall into the
//! middle of a sync, and a crash between any two calls. Invariant: nothing reads a clock, an address or a hash order,
//! so a seed gives the same trace every time.

use crate::clients::Client;
use crate::faults::Fault;
use crate::model::Model;
use crate::node::Node;
use crate::options::{ALL, Options, SECOND};
use lipno::machine::coordinator::{self, Outcome};
use lipno::machine::group::Now;
use lipno::machine::partition::{Ack, Refuse};
use lipno_tests::disk::{Call, Op, SimDisk, Verdict};
use lipno_tests::rng::Rng;
use protocol::records::BatchHeader;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// A batch as a producer sends it, again and again until it is acknowledged.
pub struct Batch {
    pub bytes: bytes::Bytes,
    pub header: BatchHeader,
    pub client: usize,
    pub first_value: u64,
    /// Of an idempotent producer with acks=all on a durable topic: none of its values may be missing.
    pub is_whole: bool,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let h = &self.header;
        let n = h.records_count;
        write!(
            f,
            "{n} values from {} of {}, {:?}",
            self.first_value,
            self.client,
            (h.producer_epoch, h.base_sequence)
        )
    }
}

#[derive(Debug)]
pub enum Request {
    Produce {
        part: usize,
        batch: Rc<Batch>,
        acks: i16,
    },
    Fetch(Fetch),
    DeleteRecords {
        part: usize,
        offset: i64,
    },
    Group(coordinator::Request),
    /// The topic was deleted; the coordinator is told.
    TopicDeleted(String),
    /// Turns `write.caching` of its partition on or off.
    Caching(bool),
}

#[derive(Clone, Copy, Debug)]
pub struct Fetch {
    pub part: usize,
    pub offset: i64,
    pub min_bytes: u64,
    pub max_bytes: u32,
    pub wait_us: u64,
}

#[derive(Debug)]
pub enum Answer {
    Produced(Ack),
    /// Nothing was appended; try again.
    NotNow,
    Fetched {
        bytes: Vec<u8>,
        log_start: i64,
    },
    OutOfRange {
        log_start: i64,
        log_end: i64,
    },
    Deleted(Option<i64>),
    Group(coordinator::Reply),
    Disconnected,
}

/// Who asked, on which connection, with which number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct From {
    pub client: usize,
    pub conn: u64,
    pub number: u64,
}

#[derive(Debug)]
pub enum Event {
    Deliver {
        from: From,
        incarnation: u64,
        request: Request,
    },
    Answer {
        to: From,
        answer: Answer,
    },
    Timer {
        client: usize,
        what: u64,
    },
    /// The dir's thread looks at its queue.
    Turn {
        incarnation: u64,
    },
    /// A parked fetch reads again.
    Mail {
        incarnation: u64,
        park: u64,
    },
    FetchDue {
        incarnation: u64,
        park: u64,
    },
    /// A connection, or the coordinator's partition, tries an append again.
    Ready {
        incarnation: u64,
        key: u64,
    },
    Finished {
        incarnation: u64,
        number: u64,
        outcome: Outcome,
    },
    CoordinatorTick {
        incarnation: u64,
    },
    Housekeeping {
        incarnation: u64,
        round: u64,
    },
    Fault(Fault),
    Restart,
    Audit,
}

impl Event {
    /// For the trace.
    fn kind(&self) -> u64 {
        match self {
            Event::Deliver { .. } => 1,
            Event::Answer { .. } => 2,
            Event::Timer { .. } => 3,
            Event::Turn { .. } => 4,
            Event::Mail { .. } => 5,
            Event::FetchDue { .. } => 6,
            Event::Ready { .. } => 7,
            Event::Finished { .. } => 8,
            Event::CoordinatorTick { .. } => 9,
            Event::Housekeeping { .. } => 10,
            Event::Fault(_) => 11,
            Event::Restart => 12,
            Event::Audit => 13,
        }
    }
}

/// Hundreds are usual, thousands come with a busy dir's thread.
const EVENTS_PER_SECOND_MAX: u64 = 100_000;

/// A client's connection.
#[derive(Debug, Default)]
struct Conn {
    id: u64,
    /// The broker's life that it leads to.
    incarnation: u64,
    last_request_at: u64,
    last_answer_at: u64,
    requests_cut: bool,
    answers_cut: bool,
}

pub struct World {
    pub options: Options,
    pub rng: RefCell<Rng>,
    pub disk: RefCell<SimDisk>,
    pub node: RefCell<Option<Rc<Node>>>,
    pub model: RefCell<Model>,
    pub wall_offset_ms: Cell<i64>,
    pub is_healing: Cell<bool>,
    /// The partition whose folder the running broker does not see.
    pub hidden: Cell<Option<usize>>,
    /// In this life of the broker a sync may have failed.
    pub has_lied: Cell<bool>,
    pub is_verbose: bool,
    pub incarnations: Cell<u64>,
    /// The machine stops after so many more actions.
    pub actions_left: Cell<Option<u64>>,
    clients: Vec<RefCell<Box<dyn Client>>>,
    conns: RefCell<Vec<Conn>>,
    now: Cell<u64>,
    heap: RefCell<BTreeMap<(u64, u64), Event>>,
    events: Cell<u64>,
    /// The running second of virtual time, and the events in it.
    second: Cell<(u64, u64)>,
    numbers: Cell<u64>,
    trace: Cell<u64>,
    /// The dir's thread is inside a turn.
    pub is_turning: Cell<bool>,
    may_yield: Cell<bool>,
    turn_at: Cell<Option<u64>>,
    failure: RefCell<Option<String>>,
    pub stop: Cell<bool>,
}

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// The world that runs on this thread.
pub fn world() -> Rc<World> {
    WORLD.with(|w| w.borrow().clone()).expect("no simulation runs on this thread")
}

/// Runs `f` with `w` as this thread's world.
pub fn enter<R>(w: &Rc<World>, f: impl FnOnce() -> R) -> R {
    WORLD.with(|slot| *slot.borrow_mut() = Some(w.clone()));
    let r = f();
    WORLD.with(|slot| *slot.borrow_mut() = None);
    r
}

impl World {
    pub fn new(options: Options, clients: Vec<Box<dyn Client>>, is_verbose: bool) -> Rc<World> {
        let mut rng = Rng::new(options.seed ^ 0xabcd);
        let disk = SimDisk::new(rng.next());
        disk.set_short_writes(options.short_writes);
        disk.set_hook(|c: &Call<'_>| world().on_disk_call(c));
        disk.set_on_sync(|_, _| world().on_sync());
        let conns = clients.iter().map(|_| Conn::default()).collect();
        Rc::new(World {
            model: RefCell::new(Model::new(ALL)),
            options,
            rng: RefCell::new(rng),
            disk: RefCell::new(disk),
            node: RefCell::new(None),
            wall_offset_ms: Cell::new(1_700_000_000_000),
            is_healing: Cell::new(false),
            hidden: Cell::new(None),
            has_lied: Cell::new(false),
            is_verbose,
            incarnations: Cell::new(0),
            actions_left: Cell::new(None),
            clients: clients.into_iter().map(RefCell::new).collect(),
            conns: RefCell::new(conns),
            now: Cell::new(SECOND),
            heap: RefCell::default(),
            events: Cell::new(0),
            second: Cell::new((0, 0)),
            numbers: Cell::new(100),
            trace: Cell::new(0xcbf2_9ce4_8422_2325),
            is_turning: Cell::new(false),
            may_yield: Cell::new(true),
            turn_at: Cell::new(None),
            failure: RefCell::new(None),
            stop: Cell::new(false),
        })
    }

    pub fn now_us(&self) -> u64 {
        self.now.get()
    }

    /// Time as the broker reads it: the monotonic clock starts with the process.
    pub fn broker_now(&self, started_us: u64) -> Now {
        Now {
            mono_ms: ((self.now_us() - started_us) / 1000) as i64,
            wall_ms: (self.now_us() / 1000) as i64 + self.wall_offset_ms.get(),
        }
    }

    pub fn fresh(&self) -> u64 {
        self.numbers.set(self.numbers.get() + 1);
        self.numbers.get()
    }

    pub fn chance(&self, per_mille: u32) -> bool {
        self.rng.borrow_mut().chance(per_mille)
    }

    pub fn within(&self, from: u64, to: u64) -> u64 {
        self.rng.borrow_mut().within(from as i64, to as i64) as u64
    }

    /// Mixes numbers into the trace.
    pub fn note(&self, numbers: &[u64]) {
        let mut h = self.trace.get();
        for n in numbers {
            h = (h ^ n).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
        }
        self.trace.set(h);
    }

    pub fn trace(&self) -> u64 {
        self.trace.get()
    }

    pub fn events(&self) -> u64 {
        self.events.get()
    }

    pub fn log(&self, line: impl FnOnce() -> String) {
        if self.is_verbose {
            println!("{:>11.6} {}", self.now_us() as f64 / SECOND as f64, line());
        }
    }

    /// A rule was broken. The first one counts.
    pub fn fail(&self, why: impl Into<String>) {
        let why = why.into();
        self.log(|| format!("BROKEN: {why}"));
        let at = self.now_us() as f64 / SECOND as f64;
        self.failure.borrow_mut().get_or_insert_with(|| format!("at {at:.6} s: {why}"));
        self.stop.set(true);
    }

    pub fn failure(&self) -> Option<String> {
        self.failure.borrow().clone()
    }

    pub fn at(&self, at: u64, event: Event) {
        let n = self.events.get() + 1;
        self.events.set(n);
        self.heap.borrow_mut().insert((at.max(self.now_us()), n), event);
    }

    pub fn after(&self, us: u64, event: Event) {
        self.at(self.now_us().saturating_add(us), event);
    }

    fn pop(&self, until: u64) -> Option<Event> {
        let mut heap = self.heap.borrow_mut();
        let (key, _) = heap.first_key_value()?;
        if key.0 > until {
            return None;
        }
        let ((at, _), event) = heap.pop_first()?;
        self.now.set(at.max(self.now_us()));
        self.count(&event);
        Some(event)
    }

    /// Time must go on: so many events in one second are a circle of them.
    fn count(&self, event: &Event) {
        let now = self.now_us() / SECOND;
        let (second, n) = self.second.get();
        let n = if second == now { n + 1 } else { 1 };
        self.second.set((now, n));
        if n > EVENTS_PER_SECOND_MAX {
            self.fail(format!("a livelock: {n} events within a second, the last is {event:?}"));
        }
    }

    /// Runs until `until`, or until something ends the run.
    pub fn run(&self, until: u64) {
        while !self.stop.get() {
            let Some(event) = self.pop(until) else { break };
            self.dispatch(event);
            if self.disk.borrow().is_crashed() {
                self.go_down();
            }
        }
    }

    /// Others run while the dir's thread waits for the disk.
    fn pass(&self, us: u64) {
        // Whoever runs meanwhile holds locks over its disk calls, as production does: it does not wait for others.
        self.may_yield.set(false);
        let until = self.now_us() + us;
        while !self.stop.get() && !self.disk.borrow().is_crashed() {
            let Some(event) = self.pop(until) else { break };
            self.dispatch(event);
        }
        self.may_yield.set(true);
        self.now.set(self.now_us().max(until));
    }

    fn on_disk_call(&self, c: &Call<'_>) -> Verdict {
        if self.is_turning.get() && self.may_yield.get() && c.op != Op::Sync {
            let us = self.within(1, 40);
            self.pass(us);
        }
        Verdict::Go
    }

    fn on_sync(&self) {
        if self.is_turning.get() && self.may_yield.get() {
            let o = &self.options;
            let us = if self.chance(o.slow_sync) && !self.is_healing.get() {
                self.within(1, o.slow_sync_us)
            } else {
                self.within(o.sync_us / 2, o.sync_us * 2)
            };
            self.pass(us);
        }
    }

    /// Where a wrong rule let go of a lock: the dir's thread gets its turn, if it has none already.
    pub fn gap() {
        let w = world();
        if !w.is_turning.get() {
            w.may_yield.set(false);
            w.turn();
            w.may_yield.set(true);
        }
    }

    fn turn(&self) {
        let Some(node) = self.node.borrow().clone() else { return };
        self.is_turning.set(true);
        node.turn(self);
        self.is_turning.set(false);
    }

    fn dispatch(&self, event: Event) {
        self.note(&[self.now_us(), event.kind()]);
        self.do_event(event);
        let Some(node) = self.node.borrow().clone() else { return };
        if self.disk.borrow().is_crashed() {
            return;
        }
        node.check(self);
        if !self.is_turning.get()
            && let Some(us) = node.turn_in(self)
        {
            let at = self.now_us() + us;
            if self.turn_at.get().is_none_or(|t| at < t) {
                self.turn_at.set(Some(at));
                self.at(at, Event::Turn { incarnation: node.incarnation });
            }
        }
    }

    /// The running broker, if it is the one that the event is for.
    fn node_of(&self, incarnation: u64) -> Option<Rc<Node>> {
        self.node.borrow().clone().filter(|n| n.incarnation == incarnation)
    }

    fn do_event(&self, event: Event) {
        match event {
            Event::Deliver { from, incarnation, request } => match self.node_of(incarnation) {
                Some(node) => {
                    self.log(|| format!("{from:?} asks {request:?}"));
                    node.handle(self, from, request);
                }
                None => self
                    .after(self.options.latency_us, Event::Answer { to: from, answer: Answer::Disconnected }),
            },
            Event::Answer { to, answer } => {
                if self.conns.borrow()[to.client].id == to.conn {
                    self.log(|| format!("{to:?} hears {answer:?}").chars().take(400).collect());
                    self.clients[to.client].borrow_mut().on_answer(self, to.number, answer);
                }
            }
            Event::Timer { client, what } => self.clients[client].borrow_mut().on_timer(self, what),
            Event::Turn { incarnation } => {
                // An earlier turn may have taken its place.
                if !self.is_turning.get() && self.turn_at.get() == Some(self.now_us()) {
                    self.turn_at.set(None);
                    self.with(incarnation, |_| self.turn());
                }
            }
            Event::Mail { incarnation, park } => {
                self.with(incarnation, |n| n.read_parked(self, park, false));
            }
            Event::FetchDue { incarnation, park } => {
                self.with(incarnation, |n| n.read_parked(self, park, true));
            }
            Event::Ready { incarnation, key } => self.with(incarnation, |n| n.unblock(self, key)),
            Event::Finished { incarnation, number, outcome } => {
                self.with(incarnation, |n| n.finished(self, number, outcome));
            }
            Event::CoordinatorTick { incarnation } => self.with(incarnation, |n| n.coordinator_tick(self)),
            Event::Housekeeping { incarnation, round } => {
                self.with(incarnation, |n| n.housekeeping(self, round));
            }
            Event::Fault(f) => self.strike(f),
            Event::Restart => self.restart(),
            Event::Audit => self.audit(),
        }
    }

    fn with(&self, incarnation: u64, f: impl FnOnce(&Node)) {
        if let Some(n) = self.node_of(incarnation) {
            f(&n);
        }
    }

    fn latency(&self) -> u64 {
        let o = &self.options;
        let us = self.within(o.latency_us / 2, o.latency_us * 2);
        if !self.is_healing.get() && self.chance(o.late) { us + self.within(0, o.late_us) } else { us }
    }

    fn is_cut(&self) -> bool {
        !self.is_healing.get() && self.chance(self.options.cut)
    }

    /// Sends a request on the client's connection; returns its number.
    pub fn send(&self, client: usize, request: Request) -> u64 {
        let number = self.fresh();
        let at = self.now_us() + self.latency();
        let cut = self.is_cut();
        let mut conns = self.conns.borrow_mut();
        let c = &mut conns[client];
        c.requests_cut |= cut;
        if c.requests_cut {
            return number;
        }
        c.last_request_at = at.max(c.last_request_at + 1);
        let event =
            Event::Deliver { from: From { client, conn: c.id, number }, incarnation: c.incarnation, request };
        self.at(c.last_request_at, event);
        number
    }

    /// The client gives its connection up and makes a new one. What it sent may still arrive.
    pub fn reconnect(&self, client: usize) {
        let id = self.fresh();
        let incarnation = self.node.borrow().as_ref().map_or(0, |n| n.incarnation);
        self.conns.borrow_mut()[client] = Conn { id, incarnation, ..Conn::default() };
    }

    /// Between two actions of the broker. True if the machine stops here.
    pub fn stops_here(&self) -> bool {
        match self.actions_left.get() {
            Some(0) => {
                self.actions_left.set(None);
                self.disk.borrow().stop();
            }
            Some(n) => self.actions_left.set(Some(n - 1)),
            None => {}
        }
        self.disk.borrow().is_crashed()
    }

    /// Sends an answer on the connection that the request came from.
    pub fn answer(&self, to: From, answer: Answer) {
        let answer = if self.stops_here() { Answer::Disconnected } else { answer };
        let at = self.now_us() + self.latency();
        let cut = self.is_cut();
        let mut conns = self.conns.borrow_mut();
        let c = &mut conns[to.client];
        if c.id != to.conn {
            return;
        }
        c.answers_cut |= cut;
        if c.answers_cut {
            return;
        }
        c.last_answer_at = at.max(c.last_answer_at + 1);
        self.at(c.last_answer_at, Event::Answer { to, answer });
    }

    /// A new process: nothing of the old one is due any more.
    pub fn forget_turn(&self) {
        self.turn_at.set(None);
    }

    pub fn start_clients(&self) {
        for (i, c) in self.clients.iter().enumerate() {
            self.reconnect(i);
            c.borrow_mut().start(self);
        }
    }

    /// What clients still wait for; none when all have what they wanted.
    pub fn unsettled(&self) -> Option<String> {
        self.clients.iter().find_map(|c| c.borrow().unsettled(self))
    }
}

/// A refusal that a producer cannot answer with a plain retry.
pub fn is_out_of_order(ack: &Ack) -> bool {
    matches!(ack, Ack::Refused(Refuse::Sequence(_)))
}

/// Waiters of the simulated broker: tokens are numbers, and the world delivers.
pub struct Waiters;

impl lipno::partition::Wake for Waiters {
    type Ack = crate::node::AckToken;
    type Fetch = crate::node::FetchToken;

    fn acked(token: Self::Ack, ack: Ack) {
        let w = world();
        if let Some(n) = w.node.borrow().clone()
            && !w.disk.borrow().is_crashed()
        {
            n.acked(&w, token, ack);
        }
    }

    fn readable(token: &Self::Fetch) {
        let w = world();
        if let Some(n) = w.node.borrow().clone()
            && !w.disk.borrow().is_crashed()
        {
            n.woken(&w, *token);
        }
    }
}

pub type Replica = lipno::partition::Partition<SimDisk, Waiters>;
pub type Dir = Arc<storage::dir::LogDir<SimDisk>>;
