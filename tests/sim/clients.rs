//! Producers and readers: they send, wait, give up, connect again and retry, as real clients do.

use crate::node::is_cached;
use crate::options::{MILLI, SECOND, TRIMMED};
use crate::world::Event;
use crate::world::{Answer, Batch, Fetch, Request, World, is_out_of_order};
use lipno::machine::partition::Ack;
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use std::collections::VecDeque;
use std::rc::Rc;

pub trait Client {
    fn start(&mut self, w: &World);
    fn on_answer(&mut self, w: &World, number: u64, answer: Answer);
    fn on_timer(&mut self, w: &World, what: u64);
    /// What it still waits for once everything is whole again.
    fn unsettled(&self, w: &World) -> Option<String>;
}

const PRODUCE: u64 = 0;
const RETRY: u64 = 1;
/// Larger timers are the numbers of requests that may have timed out.
const TIMEOUT_US: u64 = 1_200 * MILLI;
const IN_FLIGHT_MAX: usize = 5;

struct Flight {
    batch: Rc<Batch>,
    /// The request that carries it now.
    number: Option<u64>,
}

pub struct Producer {
    id: usize,
    part: usize,
    is_idempotent: bool,
    acks: i16,
    epoch: i16,
    sequence: i32,
    value: u64,
    in_flight: VecDeque<Flight>,
    retry_is_due: bool,
}

impl Producer {
    pub fn new(id: usize, part: usize, is_idempotent: bool, acks: i16) -> Producer {
        Producer {
            id,
            part,
            is_idempotent,
            acks,
            epoch: 0,
            sequence: 0,
            value: 0,
            in_flight: VecDeque::new(),
            retry_is_due: false,
        }
    }

    fn timer(&self, w: &World, us: u64, what: u64) {
        w.after(us, Event::Timer { client: self.id, what });
    }

    fn make(&mut self, w: &World) -> Rc<Batch> {
        let most = w.options.records_max;
        let n = if w.options.is_uniform { most } else { w.within(1, most) };
        let most = w.options.record_bytes_max;
        let len = if w.options.is_uniform { most } else { w.within(0, most) };
        self.build(w, n, len as usize)
    }

    fn build(&mut self, w: &World, n: u64, len: usize) -> Rc<Batch> {
        let mut b = BatchBuilder::new(Codec::None);
        if self.is_idempotent {
            b = b.producer(self.id as i64, self.epoch, self.sequence);
            self.sequence += n as i32;
        }
        let first_value = self.value;
        self.value += n;
        for v in first_value..self.value {
            let mut value = format!("{:02}:{v:06}:", self.id).into_bytes();
            value.resize(value.len() + len, b'x');
            let timestamp = w.broker_now(0).wall_ms;
            b.push(NewRecord { timestamp, key: None, value: Some(&value), headers: &[] });
        }
        let bytes = b.finish().expect("an uncompressed batch");
        let header = BatchHeader::read(&bytes).expect("a whole batch");
        let is_whole = self.is_idempotent && self.acks == -1 && !is_cached(self.part);
        Rc::new(Batch { bytes, header, client: self.id, first_value, is_whole })
    }

    fn send(&mut self, w: &World, i: usize) {
        let batch = self.in_flight[i].batch.clone();
        let request = Request::Produce { part: self.part, batch, acks: self.acks };
        let number = w.send(self.id, request);
        self.in_flight[i].number = Some(number);
        self.timer(w, TIMEOUT_US, number);
    }

    /// Something went wrong: all that is in flight goes again, in order, on a new connection.
    fn recover(&mut self, w: &World) {
        self.in_flight.iter_mut().for_each(|f| f.number = None);
        if !self.retry_is_due {
            self.retry_is_due = true;
            w.reconnect(self.id);
            let us = w.within(5 * MILLI, 150 * MILLI);
            self.timer(w, us, RETRY);
        }
    }

    /// The broker lost what it had acknowledged (it was allowed to): a new epoch, sequences from 0.
    fn bump_epoch(&mut self, w: &World) {
        self.epoch += 1;
        self.sequence = 0;
        let old = std::mem::take(&mut self.in_flight);
        if let Some(first) = old.front() {
            self.value = first.batch.first_value;
        }
        for f in old {
            let n = f.batch.header.records_count as u64;
            let batch = self.build(w, n, 3);
            self.in_flight.push_back(Flight { batch, number: None });
        }
        self.recover(w);
    }
}

impl Client for Producer {
    fn start(&mut self, w: &World) {
        let us = w.within(0, 500 * MILLI);
        self.timer(w, us, PRODUCE);
    }

    fn on_timer(&mut self, w: &World, what: u64) {
        match what {
            PRODUCE => {
                if w.is_healing.get() {
                    return;
                }
                if self.in_flight.len() < IN_FLIGHT_MAX && !self.retry_is_due {
                    let batch = self.make(w);
                    self.in_flight.push_back(Flight { batch, number: None });
                    self.send(w, self.in_flight.len() - 1);
                    if self.acks == 0 {
                        self.in_flight.pop_back();
                    }
                }
                let us = w.within(1, w.options.produce_every_us * 2);
                self.timer(w, us, PRODUCE);
            }
            RETRY => {
                self.retry_is_due = false;
                w.reconnect(self.id);
                (0..self.in_flight.len()).for_each(|i| self.send(w, i));
            }
            number => {
                if self.in_flight.iter().any(|f| f.number == Some(number)) {
                    self.recover(w);
                }
            }
        }
    }

    fn on_answer(&mut self, w: &World, number: u64, answer: Answer) {
        let Some(i) = self.in_flight.iter().position(|f| f.number == Some(number)) else {
            if matches!(answer, Answer::Disconnected) {
                self.recover(w);
            }
            return;
        };
        match answer {
            Answer::Produced(Ack::Stored { base_offset }) => {
                let Some(f) = self.in_flight.remove(i) else { return };
                if self.acks == -1 && !is_cached(self.part) {
                    w.model.borrow_mut().told(self.part, base_offset, f.batch.header.crc);
                }
                w.note(&[number, base_offset as u64]);
            }
            Answer::Produced(ack) if i == 0 && self.is_idempotent && is_out_of_order(&ack) => {
                if self.acks == -1 && !is_cached(self.part) {
                    let h = &self.in_flight[0].batch.header;
                    let key = (h.producer_id, h.producer_epoch, h.base_sequence);
                    w.fail(format!(
                        "{}: the next batch {key:?} of a producer is refused: {ack:?}",
                        self.part
                    ));
                }
                self.bump_epoch(w);
            }
            _ => self.recover(w),
        }
    }

    fn unsettled(&self, _w: &World) -> Option<String> {
        let n = self.in_flight.len();
        (n > 0).then(|| format!("producer {} of partition {} waits for {n} acks", self.id, self.part))
    }
}

/// Reads a partition from its start with long polls.
pub struct Reader {
    id: usize,
    part: usize,
    next: i64,
    number: Option<u64>,
}

impl Reader {
    pub fn new(id: usize, part: usize) -> Reader {
        Reader { id, part, next: 0, number: None }
    }

    fn fetch(&mut self, w: &World) {
        let fetch = Fetch {
            part: self.part,
            offset: self.next,
            min_bytes: [1, 1, 400, 5_000][w.within(0, 3) as usize],
            // Once all is whole it has to catch up.
            max_bytes: if w.is_healing.get() {
                50_000
            } else {
                [100, 2_000, 50_000][w.within(0, 2) as usize]
            },
            wait_us: [0, 20, 500][w.within(0, 2) as usize] * MILLI,
        };
        let number = w.send(self.id, Request::Fetch(fetch));
        self.number = Some(number);
        w.after(fetch.wait_us + TIMEOUT_US, Event::Timer { client: self.id, what: number });
    }

    fn again(&mut self, w: &World, us: u64) {
        self.number = None;
        w.after(us, Event::Timer { client: self.id, what: RETRY });
    }
}

impl Client for Reader {
    fn start(&mut self, w: &World) {
        self.again(w, 300 * MILLI);
    }

    fn on_timer(&mut self, w: &World, what: u64) {
        if what == RETRY && self.number.is_none() {
            self.fetch(w);
        } else if self.number == Some(what) {
            w.reconnect(self.id);
            self.again(w, 10 * MILLI);
        }
    }

    fn on_answer(&mut self, w: &World, number: u64, answer: Answer) {
        if self.number != Some(number) {
            return;
        }
        let mut pause = w.within(0, 30 * MILLI);
        match answer {
            Answer::Fetched { bytes, log_start } => {
                let mut rest = bytes.as_slice();
                while let Some(h) = BatchHeader::read(rest) {
                    let Some(n) = h.total_len().filter(|n| *n <= rest.len()) else { break };
                    let is_gap = h.base_offset > self.next && self.next >= log_start;
                    if is_gap || h.next_offset() <= self.next {
                        w.fail(format!("{}: a reader at {} got {h:?}", self.part, self.next));
                    }
                    if !is_cached(self.part)
                        && let Err(why) = w.model.borrow_mut().read(self.part, &h)
                    {
                        w.fail(why);
                    }
                    self.next = h.next_offset();
                    rest = &rest[n..];
                }
            }
            Answer::OutOfRange { log_start, log_end } => {
                if self.next > log_end && !is_cached(self.part) {
                    w.fail(format!("{}: a reader at {} is past the end {log_end}", self.part, self.next));
                }
                self.next = self.next.clamp(log_start, log_end);
            }
            Answer::Disconnected => {
                w.reconnect(self.id);
                pause += 20 * MILLI;
            }
            _ => pause += 20 * MILLI,
        }
        self.again(w, pause);
    }

    fn unsettled(&self, w: &World) -> Option<String> {
        let high = w.model.borrow().ends(self.part).high_watermark;
        (self.next != high)
            .then(|| format!("reader {} is at {} of {high} in {}", self.id, self.next, self.part))
    }
}

/// Deletes records now and then.
pub struct Trimmer {
    id: usize,
    /// Where the log started when it last heard.
    low: i64,
}

impl Trimmer {
    pub fn new(id: usize) -> Trimmer {
        Trimmer { id, low: 0 }
    }
}

impl Client for Trimmer {
    fn start(&mut self, w: &World) {
        w.after(SECOND, Event::Timer { client: self.id, what: RETRY });
    }

    fn on_timer(&mut self, w: &World, _what: u64) {
        if w.is_healing.get() {
            return;
        }
        let e = w.model.borrow().ends(TRIMMED);
        let span = (e.high_watermark - e.log_start).max(0) as u64;
        let offset = if w.chance(100) { -1 } else { e.log_start + w.within(0, span / 2) as i64 };
        w.reconnect(self.id);
        w.send(self.id, Request::DeleteRecords { part: TRIMMED, offset });
        let us = w.within(500 * MILLI, 4 * SECOND);
        w.after(us, Event::Timer { client: self.id, what: RETRY });
    }

    fn on_answer(&mut self, w: &World, _number: u64, answer: Answer) {
        if let Answer::Deleted(Some(low)) = answer {
            if low < self.low {
                w.fail(format!(
                    "{TRIMMED}: the log starts at {low} after a start at {} was answered",
                    self.low
                ));
            }
            self.low = low;
        }
    }

    fn unsettled(&self, _w: &World) -> Option<String> {
        None
    }
}
