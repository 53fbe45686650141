//! One partition's replica: epochs, log ends, high watermark, who waits for what.
//!
//! Invariants: the high watermark never goes back; it is the durable end of the in-sync replicas, or with
//! `write.caching` the log end; an ack of acks=all, a refusal and a duplicate's old answer leave only when what they
//! rest on is below it; the last stable offset never exceeds it. `plan` changes nothing, `commit` follows a
//! successful append in the same lock hold. `A` and `F` are the tokens of waiting producers and fetchers.

use super::producer::{Producers, SequenceError, Verdict};
use protocol::records::BatchHeader;
use std::collections::VecDeque;
use storage::wrong::{self, Rule};

/// What the broker does with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    Append,
    /// Answer with the first append's offsets once they are below the high watermark.
    Duplicate {
        base_offset: i64,
        end_offset: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refuse {
    #[error("this broker does not lead the partition")]
    NotLeader,
    #[error("leader epoch {asked} is older than {current}")]
    FencedEpoch { asked: i32, current: i32 },
    #[error("leader epoch {asked} is newer than {current}")]
    UnknownEpoch { asked: i32, current: i32 },
    #[error("{0}")]
    Sequence(#[from] SequenceError),
    #[error("transactions are not supported")]
    Transactional,
    #[error("the partition's log dir is offline")]
    Offline,
}

/// What a producer hears once `target` is below the high watermark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    Stored {
        base_offset: i64,
    },
    Refused(Refuse),
    /// The dir failed before the data was durable: the outcome is unknown.
    Lost,
}

#[derive(Debug)]
struct AckWaiter<A> {
    target: i64,
    ack: Ack,
    token: A,
}

/// Where a replica stands; what fetch and list-offsets read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    pub log_start: i64,
    pub log_end: i64,
    pub durable_end: i64,
    pub high_watermark: i64,
    pub last_stable: i64,
}

#[derive(Debug)]
pub struct PartitionMachine<A, F> {
    leader_epoch: i32,
    is_leader: bool,
    offline: bool,
    write_caching: bool,
    ends: Ends,
    pub producers: Producers,
    acks: VecDeque<AckWaiter<A>>,
    fetchers: slab::Slab<F>,
}

impl<A, F> PartitionMachine<A, F> {
    /// A replica whose log was opened: everything in it is synced.
    pub fn new(
        leader_epoch: i32,
        write_caching: bool,
        log_start: i64,
        log_end: i64,
        producers: Producers,
    ) -> Self {
        PartitionMachine {
            leader_epoch,
            is_leader: true,
            offline: false,
            write_caching,
            ends: Ends {
                log_start,
                log_end,
                durable_end: log_end,
                high_watermark: log_end,
                last_stable: log_end,
            },
            producers,
            acks: VecDeque::new(),
            fetchers: slab::Slab::new(),
        }
    }

    pub fn ends(&self) -> Ends {
        self.ends
    }
    pub fn leader_epoch(&self) -> i32 {
        self.leader_epoch
    }
    pub fn is_offline(&self) -> bool {
        self.offline
    }
    pub fn write_caching(&self) -> bool {
        self.write_caching
    }

    /// A request's leader epoch (-1: not given) against ours.
    pub fn check_epoch(&self, asked: i32) -> Result<(), Refuse> {
        if self.offline {
            return Err(Refuse::Offline);
        }
        if !self.is_leader {
            return Err(Refuse::NotLeader);
        }
        let current = self.leader_epoch;
        match asked {
            -1 => Ok(()),
            e if e < current => Err(Refuse::FencedEpoch { asked, current }),
            e if e > current => Err(Refuse::UnknownEpoch { asked, current }),
            _ => Ok(()),
        }
    }

    /// Decides on a validated batch without changing anything.
    pub fn plan(&self, h: &BatchHeader) -> Result<Plan, Refuse> {
        self.check_epoch(-1)?;
        if h.is_transactional() {
            return Err(Refuse::Transactional);
        }
        match self.producers.check(h)? {
            Verdict::New => Ok(Plan::Append),
            Verdict::Duplicate(b) => {
                Ok(Plan::Duplicate { base_offset: b.base_offset, end_offset: b.end_offset })
            }
        }
    }

    /// The append succeeded: make it true. Returns whether readers can see more than before.
    pub fn commit(&mut self, h: &BatchHeader, base_offset: i64, end_offset: i64, now_ms: i64) -> bool {
        if !wrong::is(Rule::ProducerBeforeAppend) {
            self.producers.record(h, base_offset, now_ms);
        }
        self.ends.log_end = end_offset;
        self.advance()
    }

    /// Everything below `end` is on disk here. Returns whether readers can see more than before.
    pub fn on_durable(&mut self, end: i64) -> bool {
        self.ends.durable_end = self.ends.durable_end.max(end);
        self.advance()
    }

    pub fn set_write_caching(&mut self, on: bool) -> bool {
        self.write_caching = on;
        self.advance()
    }

    pub fn set_leader_epoch(&mut self, epoch: i32) {
        self.leader_epoch = self.leader_epoch.max(epoch);
    }

    pub fn set_log_start(&mut self, offset: i64) {
        self.ends.log_start = self.ends.log_start.max(offset);
    }

    /// With one replica the maximal ISR is this replica: the high watermark is its durable end, or its log end.
    fn advance(&mut self) -> bool {
        let caching = self.write_caching || wrong::is(Rule::HighWatermarkFromLogEnd);
        let to = if caching { self.ends.log_end } else { self.ends.durable_end };
        let moved = to > self.ends.high_watermark;
        if moved {
            self.ends.high_watermark = to;
        }
        // No transaction can be open in this version, so everything below the high watermark is stable.
        self.ends.last_stable = self.ends.high_watermark;
        moved
    }

    /// What acks=all waits for before it answers `ack`.
    pub fn ack_target(&self, plan: &Plan, end_offset: i64) -> i64 {
        match plan {
            _ if wrong::is(Rule::AckBeforeDurable) => 0,
            Plan::Duplicate { .. } if wrong::is(Rule::DuplicateBeforeDurable) => 0,
            Plan::Duplicate { end_offset, .. } => *end_offset,
            Plan::Append => end_offset,
        }
    }

    /// True if an answer that rests on everything below `target` may leave now.
    pub fn is_settled(&self, target: i64) -> bool {
        target <= self.ends.high_watermark
    }

    /// Registers an answer that must wait; in the same lock hold as the decision.
    pub fn wait_for_ack(&mut self, target: i64, ack: Ack, token: A) {
        let at = self.acks.partition_point(|w| w.target <= target);
        self.acks.insert(at, AckWaiter { target, ack, token });
    }

    /// Answers that may leave now, in order.
    pub fn released(&mut self, mut give: impl FnMut(A, Ack)) {
        while self.acks.front().is_some_and(|w| w.target <= self.ends.high_watermark) {
            if let Some(w) = self.acks.pop_front() {
                give(w.token, w.ack);
            }
        }
    }

    /// The dir failed: whoever waits hears that the outcome is unknown.
    pub fn go_offline(&mut self, mut give: impl FnMut(A, Ack)) {
        self.offline = true;
        for w in self.acks.drain(..) {
            give(w.token, Ack::Lost);
        }
    }

    pub fn park_fetch(&mut self, token: F) -> usize {
        self.fetchers.insert(token)
    }

    pub fn unpark_fetch(&mut self, key: usize) -> Option<F> {
        self.fetchers.try_remove(key)
    }

    /// Fetchers to wake because readers can see more; they stay parked until they leave by themselves.
    pub fn parked(&self) -> impl Iterator<Item = &F> {
        self.fetchers.iter().map(|(_, f)| f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::records::{BatchBuilder, Codec, NewRecord};

    fn batch(seq: i32) -> BatchHeader {
        let mut b = BatchBuilder::new(Codec::None).producer(1, 0, seq);
        b.push(NewRecord::default());
        BatchHeader::read(&b.finish().unwrap()).unwrap()
    }

    fn machine(caching: bool) -> PartitionMachine<u32, u32> {
        PartitionMachine::new(0, caching, 0, 0, Producers::default())
    }

    fn released(m: &mut PartitionMachine<u32, u32>) -> Vec<(u32, Ack)> {
        let mut out = Vec::new();
        m.released(|t, a| out.push((t, a)));
        out
    }

    #[test]
    fn acks_wait_for_the_durable_end() {
        let mut m = machine(false);
        let h = batch(0);
        assert_eq!(m.plan(&h), Ok(Plan::Append));
        assert!(!m.commit(&h, 0, 1, 0), "readers see nothing yet");
        m.wait_for_ack(1, Ack::Stored { base_offset: 0 }, 7);
        assert!(released(&mut m).is_empty());
        assert_eq!(m.plan(&h), Ok(Plan::Duplicate { base_offset: 0, end_offset: 1 }));
        assert!(!m.is_settled(m.ack_target(&Plan::Duplicate { base_offset: 0, end_offset: 1 }, 0)));
        assert!(m.on_durable(1));
        assert_eq!(released(&mut m), [(7, Ack::Stored { base_offset: 0 })]);
        assert!(!m.on_durable(1), "nothing new");
    }

    #[test]
    fn write_caching_moves_with_the_log_end_and_never_back() {
        let mut m = machine(true);
        assert!(m.commit(&batch(0), 0, 1, 0));
        m.set_write_caching(false);
        assert_eq!(m.ends().high_watermark, 1, "stands until the durable end passes it");
        assert!(!m.commit(&batch(1), 1, 2, 0));
        assert!(m.on_durable(2));
    }

    #[test]
    fn waiters_leave_in_offset_order() {
        let mut m = machine(false);
        for (target, token) in [(3, 3), (1, 1), (2, 2)] {
            m.wait_for_ack(target, Ack::Stored { base_offset: 0 }, token);
        }
        for i in 0..3 {
            m.commit(&batch(i), i.into(), i64::from(i) + 1, 0);
        }
        m.on_durable(2);
        assert_eq!(released(&mut m).iter().map(|(t, _)| *t).collect::<Vec<_>>(), [1, 2]);
        let mut lost = Vec::new();
        m.go_offline(|t, a| lost.push((t, a)));
        assert_eq!(lost, [(3, Ack::Lost)]);
        assert_eq!(m.plan(&batch(9)), Err(Refuse::Offline));
    }

    #[test]
    fn epochs_are_fenced_both_ways() {
        let mut m = machine(false);
        m.set_leader_epoch(5);
        assert_eq!(m.check_epoch(4), Err(Refuse::FencedEpoch { asked: 4, current: 5 }));
        assert_eq!(m.check_epoch(6), Err(Refuse::UnknownEpoch { asked: 6, current: 5 }));
        assert_eq!((m.check_epoch(5), m.check_epoch(-1)), (Ok(()), Ok(())));
    }
}
