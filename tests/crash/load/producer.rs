//! Producers: idempotent ones with acks=all that never give up, plain ones with acks=1 that never repeat.
//!
//! Invariants: at most five requests are in flight; an idempotent batch is sent again, unchanged and in order, until
//! it is acknowledged; a plain batch is sent once, so it is in the log once or not at all. Counters and sequences are
//! per partition.

use super::{Note, Phase, Turn, Worker, is_retriable};
use crate::client::{CallError, Client, by_topic, produce_request};
use crate::model::{Fact, Strength};
use crate::rng::Rng;
use crate::value::{self, Value};
use crate::wait;
use bytes::Bytes;
use protocol::ErrorCode;
use protocol::message::k00_produce::ProduceRequest;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// As many as a broker remembers of each producer.
const IN_FLIGHT_MAX: usize = 5;
const TIMEOUT_MS: i32 = 15_000;
/// Any fixed time: the records' age plays no part.
const TIMESTAMP_MS: i64 = 1_750_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// acks=all with sequence numbers.
    Idempotent,
    /// acks=1 without.
    Plain,
}

/// A batch that was made and is not acknowledged.
struct Batch {
    partition: i32,
    first: u32,
    count: u32,
    bytes: Bytes,
}

/// Batches that go in one request.
struct Pending {
    batches: Vec<Batch>,
    /// On the current connection.
    sent: bool,
}

#[derive(Clone, Copy, Default)]
struct Next {
    counter: u32,
    sequence: i32,
    /// The broker knows this producer in this partition. Until then one request is in flight: an unknown producer
    /// may start at any sequence, so a refused first batch must not be overtaken by the second.
    known: bool,
}

pub struct Producer {
    number: u16,
    topic: Arc<str>,
    kind: Kind,
    caching: bool,
    rng: Rng,
    pid: Option<(i64, i16)>,
    next: Vec<Next>,
    queue: VecDeque<Pending>,
    notes: Vec<Note>,
    /// Most bytes a second, so that checking stays quick.
    pace: u64,
    /// Bytes made in this life of the broker.
    spent: u64,
}

impl Producer {
    pub fn new(number: u16, topic: &str, partitions: i32, kind: Kind, caching: bool, rng: Rng) -> Producer {
        let mut p = Producer {
            number,
            topic: Arc::from(topic),
            kind,
            caching,
            rng,
            pid: None,
            next: vec![Next::default(); partitions as usize],
            queue: VecDeque::new(),
            notes: Vec::new(),
            pace: 3 << 20,
            spent: 0,
        };
        if kind == Kind::Idempotent {
            p.promise_gapless();
        }
        p
    }

    /// Writes until it is refused.
    pub fn without_pace(&mut self) {
        self.pace = u64::MAX;
    }

    fn may_make(&self, phase: &Phase) -> bool {
        let ms = phase.elapsed().as_millis() as u64;
        !phase.draining() && self.spent < (self.pace / 1000).saturating_mul(ms).saturating_add(256 << 10)
    }

    fn promise_gapless(&mut self) {
        for partition in 0..self.next.len() as i32 {
            let topic = self.topic.clone();
            self.notes.push(Note::Gapless { topic, partition, producer: self.number });
        }
    }

    /// The broker came back. Only a power cut may have taken what a topic with `write.caching` held; its producer
    /// gives up what was in flight and starts as a new one.
    pub fn on_restart(&mut self, power_cut: bool) {
        self.spent = 0;
        self.queue.iter_mut().for_each(|p| p.sent = false);
        if self.kind == Kind::Plain || (power_cut && self.caching) {
            self.queue.clear();
        }
        if power_cut && self.caching {
            self.pid = None;
            self.next.iter_mut().for_each(|n| *n = Next { counter: n.counter, ..Next::default() });
        }
    }

    fn size(&mut self) -> (u32, usize) {
        match self.rng.between(1, 100) {
            // A large batch fills a good part of a segment.
            1..=4 => (self.rng.between(1, 20) as u32, self.rng.between(5_000, 20_000) as usize),
            5..=25 => (self.rng.between(1, 40) as u32, self.rng.between(50, 400) as usize),
            _ => (self.rng.between(1, 8) as u32, self.rng.between(0, 120) as usize),
        }
    }

    fn make(&mut self, partition: i32) -> Result<Batch, CallError> {
        let (count, len) = self.size();
        let codec = match self.rng.between(1, 20) {
            1 => Codec::Zstd,
            2 => Codec::Lz4,
            _ => Codec::None,
        };
        let next = self.next.get_mut(partition as usize);
        let next = next.ok_or_else(|| CallError::Broken("no such partition".into()))?;
        let first = next.counter;
        let mut b = BatchBuilder::new(codec);
        if let Some((pid, epoch)) = self.pid {
            b = b.producer(pid, epoch, next.sequence);
        }
        for counter in first..first + count {
            let v = value::encode(Value { producer: self.number, counter }, partition, len);
            b.push(NewRecord {
                timestamp: TIMESTAMP_MS + i64::from(counter),
                value: Some(&v),
                ..Default::default()
            });
        }
        next.counter += count;
        next.sequence += count as i32;
        let bytes = b.finish().map_err(|e| CallError::Broken(e.to_string()))?;
        self.spent += bytes.len() as u64;
        Ok(Batch { partition, first, count, bytes })
    }

    /// Batches for some of the partitions.
    fn make_request(&mut self) -> Result<Pending, CallError> {
        let n = self.next.len() as u64;
        let first = self.rng.between(0, n - 1);
        let count = if self.rng.percent(70) { 1 } else { self.rng.between(1, n) };
        let batches =
            (0..count).map(|i| self.make(((first + i) % n) as i32)).collect::<Result<Vec<_>, _>>()?;
        Ok(Pending { batches, sent: false })
    }

    fn send(&mut self, client: &mut Client, i: usize) -> Result<(), CallError> {
        let Some(p) = self.queue.get_mut(i) else { return Ok(()) };
        let batches = p.batches.iter().map(|b| (self.topic.to_string(), b.partition, b.bytes.clone()));
        let acks = if self.kind == Kind::Idempotent { -1 } else { 1 };
        let request = produce_request(acks, TIMEOUT_MS, by_topic(batches));
        p.sent = true;
        client.send(&request)
    }

    fn window(&self) -> usize {
        let known = self.kind == Kind::Plain || self.next.iter().all(|n| n.known);
        if known { IN_FLIGHT_MAX } else { 1 }
    }

    /// Sends what waits, and new batches while the window allows.
    fn fill(&mut self, client: &mut Client, phase: &Phase) -> Result<(), CallError> {
        for i in 0..self.queue.len() {
            if !self.queue.get(i).is_some_and(|p| p.sent) {
                self.send(client, i)?;
            }
        }
        while self.queue.len() < self.window() && self.may_make(phase) {
            let p = self.make_request()?;
            self.queue.push_back(p);
            self.send(client, self.queue.len() - 1)?;
        }
        Ok(())
    }

    fn acked(&mut self, b: &Batch, base_offset: i64, phase: &Phase) {
        let strength = if self.kind == Kind::Plain { Strength::Leader } else { Strength::Durable };
        let facts = (0..b.count)
            .map(|i| Fact {
                offset: base_offset + i64::from(i),
                value: Value { producer: self.number, counter: b.first + i },
                strength,
            })
            .collect();
        self.notes.push(Note::Facts { topic: self.topic.clone(), partition: b.partition, facts });
        if let Some(n) = self.next.get_mut(b.partition as usize) {
            n.known = true;
        }
        phase.acked.fetch_add(b.count.into(), Ordering::Relaxed);
    }

    /// Takes the answer to the oldest request; true if all of it was acknowledged.
    fn take_answer(&mut self, client: &mut Client, phase: &Phase) -> Result<bool, CallError> {
        let answer = client.receive::<ProduceRequest>()?;
        let Some(mut p) = self.queue.pop_front() else {
            return Err(CallError::Broken("an answer to nothing".into()));
        };
        let parts: Vec<(i32, i16, i64)> = answer
            .responses
            .iter()
            .flat_map(|t| &t.partition_responses)
            .map(|r| (r.index, r.error_code, r.base_offset))
            .collect();
        let mut refused = Vec::new();
        for b in p.batches.drain(..) {
            match parts.iter().find(|r| r.0 == b.partition) {
                Some((_, 0, base)) => self.acked(&b, *base, phase),
                Some((_, code, _)) => {
                    phase.refused.fetch_add(1, Ordering::Relaxed);
                    refused.push((b, ErrorCode(*code)));
                }
                None => return Err(CallError::Broken("a partition is missing in the answer".into())),
            }
        }
        let Some((_, code)) = refused.first() else { return Ok(true) };
        let code = *code;
        if self.kind == Kind::Plain {
            // Its fate is open; it is not sent again.
            return if is_retriable(code) { Ok(true) } else { Err(CallError::Refused(code, String::new())) };
        }
        let batches = refused.into_iter().map(|(b, _)| b).collect();
        self.queue.push_front(Pending { batches, sent: false });
        self.recover(client, phase, code)?;
        Ok(false)
    }

    /// Takes the answers to all that is in flight; what was not acknowledged goes to `again`, the oldest first.
    fn hear_all(
        &mut self,
        client: &mut Client,
        phase: &Phase,
        again: &mut VecDeque<Pending>,
    ) -> Result<(), CallError> {
        if let Some(p) = self.queue.pop_front() {
            again.push_back(p);
        }
        while client.in_flight() > 0 {
            let answer = client.receive::<ProduceRequest>()?;
            let Some(mut p) = self.queue.pop_front() else { break };
            let results: Vec<_> = answer.responses.iter().flat_map(|t| &t.partition_responses).collect();
            let mut rest = Vec::new();
            for b in p.batches.drain(..) {
                match results.iter().find(|r| r.index == b.partition) {
                    Some(r) if r.error_code == 0 => self.acked(&b, r.base_offset, phase),
                    _ => rest.push(b),
                }
            }
            if !rest.is_empty() {
                again.push_back(Pending { batches: rest, sent: false });
            }
        }
        Ok(())
    }

    /// A batch was refused, so those behind it were, too: hears them all, then goes on with the oldest.
    fn recover(&mut self, client: &mut Client, phase: &Phase, code: ErrorCode) -> Result<(), CallError> {
        let mut again = VecDeque::new();
        let heard = self.hear_all(client, phase, &mut again);
        // Also when the connection broke: what was heard as refused is still to be sent.
        again.append(&mut self.queue);
        self.queue = again;
        heard?;
        if is_retriable(code) {
            wait::pause(Duration::from_millis(10));
            return Ok(());
        }
        // Behind a refused batch a sequence error is no surprise; the oldest one must never get it.
        let oldest = self.queue.front().and_then(|p| p.batches.first()).map(|b| (b.partition, b.first));
        let (partition, first) = oldest.unwrap_or_default();
        let why = format!("{}-{partition}, from record {first}", self.topic);
        Err(CallError::Refused(code, why))
    }
}

impl Worker for Producer {
    fn name(&self) -> String {
        format!("{:?} producer {} of {}", self.kind, self.number, self.topic)
    }

    fn notes(&mut self) -> &mut Vec<Note> {
        &mut self.notes
    }

    fn turn(&mut self, client: &mut Client, phase: &Phase) -> Result<Turn, CallError> {
        if self.kind == Kind::Plain {
            self.queue.clear();
        }
        self.queue.iter_mut().for_each(|p| p.sent = false);
        if self.kind == Kind::Idempotent && self.pid.is_none() {
            let (pid, epoch) = client.init_producer_id()?;
            self.notes.push(Note::Pid(pid));
            self.pid = Some((pid, epoch));
        }
        loop {
            if phase.stopped() {
                return Ok(Turn::Done);
            }
            self.fill(client, phase)?;
            if client.in_flight() > 0 {
                self.take_answer(client, phase)?;
            } else if phase.draining() && self.queue.is_empty() {
                return Ok(Turn::Done);
            } else {
                wait::pause(Duration::from_millis(2));
            }
        }
    }
}
