//! Produce load: as fast as acks come back, or at a fixed rate with latency from the intended send time.
//!
//! Invariants: requests are encoded before the measurement; each is one write, as real clients do; at a fixed rate
//! a late send counts against the broker (no coordinated omission). Called by the command line and the rows.

use crate::clock;
use crate::conn::{Conn, Receiver, Sender};
use crate::histogram::Histogram;
use crate::wire::{self, PRODUCE_VERSION, Produce, ProduceCheck};
use std::collections::VecDeque;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// What to send.
#[derive(Clone, Debug)]
pub struct Load {
    pub topic: String,
    pub partitions: i32,
    pub acks: i16,
    pub record_size: usize,
    pub records: usize,
    pub in_flight: usize,
    pub content: Content,
}

/// What the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// `record_size` bytes that do not compress.
    Noise,
    /// JSON of about 300 bytes; `record_size` is not looked at.
    Flights,
}

impl Load {
    /// The largest batches of at most `bytes`, five in flight, acks=all.
    pub fn batches(topic: &str, partitions: i32, bytes: usize, record_size: usize) -> Load {
        Load {
            topic: topic.into(),
            partitions,
            acks: -1,
            record_size,
            records: wire::records_that_fit(bytes, record_size),
            in_flight: 5,
            content: Content::Noise,
        }
    }

    /// One record a request, as many in flight as it takes to hold a rate.
    pub fn singles(topic: &str, record_size: usize) -> Load {
        Load { records: 1, in_flight: 1_000, ..Load::batches(topic, 1, 0, record_size) }
    }

    fn batch(&self) -> Result<bytes::Bytes, String> {
        let now = clock::wall().as_millis() as i64;
        match self.content {
            Content::Noise => wire::batch(self.records, self.record_size, now),
            Content::Flights => wire::flights(self.records, now),
        }
    }
}

/// When to stop: whichever comes first.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    pub bytes: u64,
    pub time: Duration,
}

/// What was done.
#[derive(Clone, Default)]
pub struct Done {
    pub requests: u64,
    pub records: u64,
    /// Bytes of record batches.
    pub bytes: u64,
    pub time: Duration,
    /// From the intended send time to the answer.
    pub latency: Histogram,
}

impl Until {
    /// A bound on bytes that a broker of 50 MB/s still keeps in time.
    pub fn bytes(bytes: u64) -> Until {
        Until { bytes, time: Duration::from_secs(10 + bytes / 50_000_000) }
    }

    pub fn time(time: Duration) -> Until {
        Until { bytes: u64::MAX / 2, time }
    }
}

impl Done {
    /// What went on at the same time.
    pub fn merge(&mut self, other: &Done) {
        self.requests += other.requests;
        self.records += other.records;
        self.bytes += other.bytes;
        self.time = self.time.max(other.time);
        self.latency.merge(&other.latency);
    }

    /// What came after this.
    pub fn then(&mut self, other: &Done) {
        let time = self.time + other.time;
        self.merge(other);
        self.time = time;
    }

    pub fn gb(&self) -> f64 {
        self.bytes as f64 / 1e9
    }

    pub fn mb_per_second(&self) -> f64 {
        self.bytes as f64 / 1e6 / self.time.as_secs_f64().max(1e-9)
    }
}

/// One connection's requests, one for each partition.
pub struct Producer {
    conn: Conn,
    requests: Vec<Produce>,
    load: Load,
    correlation: i32,
    /// Further on in the round of partitions than the first producer, so that several do not march in step.
    at: usize,
}

impl Producer {
    pub fn open(address: &str, load: &Load, at: usize) -> Result<Producer, String> {
        let conn = Conn::open(address)?;
        let version = conn.version(0, PRODUCE_VERSION)?;
        let batch = load.batch()?;
        let requests = (0..load.partitions)
            .map(|p| Produce::new(&load.topic, p, load.acks, &batch, version))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Producer { conn, requests, load: load.clone(), correlation: 0, at })
    }

    fn count(&self, done: &mut Done) {
        let batch = self.requests.first().map_or(0, Produce::batch_len);
        done.records = done.requests * self.load.records as u64;
        done.bytes = done.requests * batch as u64;
    }

    /// Keeps `in_flight` requests on the wire until the bound is reached and everything is answered.
    pub fn saturate(&mut self, until: Until) -> Result<Done, String> {
        let mut done = Done::default();
        let batch = self.requests.first().map_or(1, Produce::batch_len) as u64;
        let wanted = (until.bytes / batch.max(1)).max(1);
        let mut sent = 0u64;
        let mut waiting: VecDeque<Instant> = VecDeque::with_capacity(self.load.in_flight);
        let began = clock::now();
        let mut last = began;
        loop {
            while waiting.len() < self.load.in_flight && sent < wanted && last - began < until.time {
                let i = (self.at + sent as usize) % self.requests.len().max(1);
                let Some(q) = self.requests.get_mut(i) else { return Err("no partitions".into()) };
                wire::set_correlation(&mut q.frame, self.correlation)?;
                self.correlation = self.correlation.wrapping_add(1);
                let due = clock::now();
                self.conn.sender.send(&q.frame)?;
                sent += 1;
                last = due;
                if self.load.acks == 0 {
                    done.requests += 1;
                } else {
                    waiting.push_back(due);
                }
            }
            if waiting.is_empty() {
                break;
            }
            let check = &self.requests.first().ok_or("no partitions")?.check;
            loop {
                check.answer(self.conn.receiver.receive()?)?;
                last = clock::now();
                done.requests += 1;
                done.latency.record(last - waiting.pop_front().ok_or("an answer to nothing")?);
                if waiting.is_empty() || !self.conn.receiver.has_frame()? {
                    break;
                }
            }
        }
        if self.load.acks == 0 {
            // Answers come in order: this one says that all before it were handled.
            crate::admin::metadata(&mut self.conn, None)?;
            last = clock::now();
        }
        done.time = last - began;
        self.count(&mut done);
        Ok(done)
    }

    /// Sends `rate` requests a second for `time`, each due at its own time, and stamps single records with their
    /// number. What is answered before `warm_up` is over is not recorded. Returns when the first was due, too.
    pub fn paced(&mut self, p: &Pace, started: impl FnOnce(Instant)) -> Result<Done, String> {
        if self.load.acks == 0 {
            return Err("a fixed rate needs acks 1 or all".into());
        }
        let total = (p.rate * (p.warm_up + p.time).as_secs_f64()) as u64;
        let began = clock::now() + Duration::from_millis(20);
        started(began);
        let (slots, free) = mpsc::sync_channel::<()>(self.load.in_flight);
        let stamped =
            self.load.content == Content::Noise && self.load.records == 1 && self.load.record_size >= 8;
        let load = self.load.clone();
        let check = self.requests.first().ok_or("no partitions")?.check.clone();
        let (sender, receiver) = (&mut self.conn.sender, &mut self.conn.receiver);
        let requests = &mut self.requests;
        let mut done = std::thread::scope(|s| {
            let sending =
                s.spawn(move || send_paced(sender, requests, p, began, total, slots, stamped, &load));
            let received = receive_paced(receiver, &check, p, began, total, &free);
            drop(free);
            match sending.join() {
                // The sender's own error is the cause of the receiver's.
                Ok(r) => r.and(received),
                Err(_) => Err("the sending thread panicked".into()),
            }
        })?;
        self.count(&mut done);
        Ok(done)
    }
}

/// A fixed rate.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Requests a second.
    pub rate: f64,
    pub warm_up: Duration,
    pub time: Duration,
}

impl Pace {
    pub fn due(&self, began: Instant, n: u64) -> Instant {
        began + Duration::from_secs_f64(n as f64 / self.rate)
    }
}

fn send_paced(
    sender: &mut Sender,
    requests: &mut [Produce],
    p: &Pace,
    began: Instant,
    total: u64,
    slots: mpsc::SyncSender<()>,
    stamped: bool,
    load: &Load,
) -> Result<(), String> {
    clock::be_punctual()?;
    let n = requests.len().max(1) as u64;
    for i in 0..total {
        let q = requests.get_mut((i % n) as usize).ok_or("no partitions")?;
        if stamped {
            q.stamp(i, load.record_size)?;
        }
        wire::set_correlation(&mut q.frame, i as i32)?;
        clock::wait_until(p.due(began, i));
        // Full: the broker is behind, and the wait counts, since latency runs from the due time.
        if slots.send(()).is_err() {
            return Ok(());
        }
        sender.send(&q.frame)?;
    }
    Ok(())
}

fn receive_paced(
    receiver: &mut Receiver,
    check: &ProduceCheck,
    p: &Pace,
    began: Instant,
    total: u64,
    free: &mpsc::Receiver<()>,
) -> Result<Done, String> {
    clock::be_punctual()?;
    let mut done = Done::default();
    let warm = (p.rate * p.warm_up.as_secs_f64()) as u64;
    for i in 0..total {
        check.answer(receiver.receive()?)?;
        let at = clock::now();
        // The slot was taken before the request left, so this never waits.
        free.recv().map_err(|_| "the sending thread ended early")?;
        if i >= warm {
            done.requests += 1;
            done.latency.record(at.saturating_duration_since(p.due(began, i)));
            done.time = at.saturating_duration_since(p.due(began, warm));
        }
    }
    Ok(done)
}

/// Several producers at once, each with a share of the load.
pub struct Producers(Vec<Producer>);

impl Producers {
    pub fn open(address: &str, load: &Load, connections: usize) -> Result<Producers, String> {
        let all = (0..connections.max(1)).map(|i| Producer::open(address, load, i));
        all.collect::<Result<_, _>>().map(Producers)
    }

    pub fn saturate(&mut self, until: Until) -> Result<Done, String> {
        let share = Until { bytes: until.bytes / self.0.len().max(1) as u64, ..until };
        self.each(|p| p.saturate(share))
    }

    pub fn paced(&mut self, pace: &Pace) -> Result<Done, String> {
        let share = Pace { rate: pace.rate / self.0.len().max(1) as f64, ..*pace };
        self.each(|p| p.paced(&share, |_| {}))
    }

    fn each(&mut self, run: impl Fn(&mut Producer) -> Result<Done, String> + Sync) -> Result<Done, String> {
        let run = &run;
        let mut all = Done::default();
        std::thread::scope(|s| {
            let running: Vec<_> = self.0.iter_mut().map(|p| s.spawn(move || run(p))).collect();
            for r in running {
                all.merge(&r.join().unwrap_or_else(|_| Err("a producer thread panicked".into()))?);
            }
            Ok(all)
        })
    }
}
