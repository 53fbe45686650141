//! Idempotent producers of one partition: which batch is next, which is a repeat.
//!
//! Kafka's rules: the last five batches of a producer are remembered; a repeat of one of them answers with its
//! first offset; a sequence that is not the next one is refused; an unknown producer may start anywhere, since its
//! state may have expired. Invariant: `check` changes nothing; `record` is called only after the append succeeded.

use crate::limits::{PRODUCER_IDLE_MS, PRODUCERS_MAX};
use bytes::{Buf, BufMut, Bytes};
use protocol::records::BatchHeader;
use protocol::records::batch::wrap_sequence;
use std::collections::BTreeMap;

/// Batches remembered for each producer, as Kafka does.
const REMEMBERED: usize = 5;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    pub first_sequence: i32,
    pub last_sequence: i32,
    pub base_offset: i64,
    pub end_offset: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Producer {
    epoch: i16,
    last_append_ms: i64,
    /// Oldest first; `len` of them are set.
    batches: [Remembered; REMEMBERED],
    len: u8,
}

impl Producer {
    fn batches(&self) -> &[Remembered] {
        self.batches.get(..usize::from(self.len)).unwrap_or_default()
    }

    fn push(&mut self, b: Remembered) {
        if usize::from(self.len) == REMEMBERED {
            self.batches.rotate_left(1);
            self.len -= 1;
        }
        if let Some(slot) = self.batches.get_mut(usize::from(self.len)) {
            *slot = b;
            self.len += 1;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    New,
    /// The batch is in the log already.
    Duplicate(Remembered),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    #[error("sequence {found} where {expected} was expected")]
    OutOfOrder { found: i32, expected: i32 },
    #[error("producer epoch {found} is older than {current}")]
    OldEpoch { found: i16, current: i16 },
    #[error(
        "{0} idempotent producers wrote to this partition in the last minutes, one more cannot be remembered"
    )]
    TooMany(usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Producers {
    by_id: BTreeMap<i64, Producer>,
}

impl Producers {
    /// What the batch is to this partition. A batch without a producer id is always new.
    pub fn check(&self, h: &BatchHeader) -> Result<Verdict, SequenceError> {
        let Some(p) = h.has_producer().then(|| self.by_id.get(&h.producer_id)).flatten() else {
            // Forgetting one that may yet repeat a batch would store it twice.
            return if h.has_producer() && self.by_id.len() >= PRODUCERS_MAX {
                Err(SequenceError::TooMany(self.by_id.len()))
            } else {
                Ok(Verdict::New)
            };
        };
        if h.producer_epoch < p.epoch {
            return Err(SequenceError::OldEpoch { found: h.producer_epoch, current: p.epoch });
        }
        if h.producer_epoch > p.epoch {
            return match h.base_sequence {
                0 => Ok(Verdict::New),
                found => Err(SequenceError::OutOfOrder { found, expected: 0 }),
            };
        }
        let repeat = p
            .batches()
            .iter()
            .find(|b| b.first_sequence == h.base_sequence && b.last_sequence == h.last_sequence());
        if let Some(b) = repeat {
            return Ok(Verdict::Duplicate(*b));
        }
        match p.batches().last() {
            Some(last) => {
                let expected = wrap_sequence(last.last_sequence, 1);
                if h.base_sequence == expected {
                    Ok(Verdict::New)
                } else {
                    Err(SequenceError::OutOfOrder { found: h.base_sequence, expected })
                }
            }
            None => Ok(Verdict::New),
        }
    }

    /// Takes note of a batch that now lies in the log at `base_offset`.
    pub fn record(&mut self, h: &BatchHeader, base_offset: i64, now_ms: i64) {
        if !h.has_producer() || h.is_control() {
            return;
        }
        let p = self.by_id.entry(h.producer_id).or_default();
        if h.producer_epoch != p.epoch {
            *p = Producer { epoch: h.producer_epoch, ..Producer::default() };
        }
        p.last_append_ms = now_ms;
        p.push(Remembered {
            first_sequence: h.base_sequence,
            last_sequence: h.last_sequence(),
            base_offset,
            end_offset: base_offset + i64::from(h.last_offset_delta) + 1,
        });
    }

    /// Forgets producers that were silent for `expiration_ms` (`producer.id.expiration.ms`); when there are too
    /// many, those that no client still repeats a batch of. Times are monotonic: a jump of the wall clock must not
    /// make a repeated batch look new.
    pub fn expire(&mut self, now_ms: i64, expiration_ms: i64) {
        let full = self.by_id.len() >= PRODUCERS_MAX;
        let expiration_ms = if full { expiration_ms.min(PRODUCER_IDLE_MS) } else { expiration_ms };
        self.by_id.retain(|_, p| now_ms.saturating_sub(p.last_append_ms) < expiration_ms);
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The form kept in checkpoints. Without times: the monotonic clock starts anew with the process.
    pub fn encode(&self) -> Bytes {
        let mut b = Vec::new();
        for (id, p) in &self.by_id {
            b.put_i64(*id);
            b.put_i16(p.epoch);
            b.put_u8(p.len);
            for r in p.batches() {
                b.put_i32(r.first_sequence);
                b.put_i32(r.last_sequence);
                b.put_i64(r.base_offset);
                b.put_i64(r.end_offset);
            }
        }
        Bytes::from(b)
    }

    /// Every producer counts as heard from at `now_ms`. `None` when the bytes are not what `encode` wrote.
    pub fn decode(mut b: &[u8], now_ms: i64) -> Option<Producers> {
        let mut out = Producers::default();
        while !b.is_empty() {
            let id = b.try_get_i64().ok()?;
            let mut p =
                Producer { epoch: b.try_get_i16().ok()?, last_append_ms: now_ms, ..Producer::default() };
            let len = b.try_get_u8().ok().filter(|n| usize::from(*n) <= REMEMBERED)?;
            for _ in 0..len {
                p.push(Remembered {
                    first_sequence: b.try_get_i32().ok()?,
                    last_sequence: b.try_get_i32().ok()?,
                    base_offset: b.try_get_i64().ok()?,
                    end_offset: b.try_get_i64().ok()?,
                });
            }
            out.by_id.insert(id, p);
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::records::{BatchBuilder, Codec, NewRecord};

    fn batch(id: i64, epoch: i16, seq: i32, n: i32) -> BatchHeader {
        let mut b = BatchBuilder::new(Codec::None).producer(id, epoch, seq);
        for _ in 0..n {
            b.push(NewRecord::default());
        }
        BatchHeader::read(&b.finish().unwrap()).unwrap()
    }

    #[test]
    fn kafkas_sequence_rules() {
        let mut p = Producers::default();
        let first = batch(1, 0, 100, 3);
        assert_eq!(p.check(&first), Ok(Verdict::New), "unknown producers start anywhere");
        p.record(&first, 50, 0);
        let dup = Remembered { first_sequence: 100, last_sequence: 102, base_offset: 50, end_offset: 53 };
        assert_eq!(p.check(&first), Ok(Verdict::Duplicate(dup)));
        assert_eq!(p.check(&batch(1, 0, 103, 1)), Ok(Verdict::New));
        assert_eq!(
            p.check(&batch(1, 0, 104, 1)),
            Err(SequenceError::OutOfOrder { found: 104, expected: 103 })
        );
        assert_eq!(
            p.check(&batch(1, 0, 100, 2)),
            Err(SequenceError::OutOfOrder { found: 100, expected: 103 }),
            "same start, other length: not a repeat"
        );
        assert_eq!(p.check(&batch(1, 1, 0, 1)), Ok(Verdict::New));
        assert_eq!(p.check(&batch(1, 1, 5, 1)), Err(SequenceError::OutOfOrder { found: 5, expected: 0 }));
        p.record(&batch(1, 1, 0, 1), 53, 0);
        assert_eq!(p.check(&first), Err(SequenceError::OldEpoch { found: 0, current: 1 }));
    }

    #[test]
    fn five_are_remembered_and_sequences_wrap() {
        let mut p = Producers::default();
        for i in 0..7 {
            p.record(&batch(1, 0, i, 1), i64::from(i), 0);
        }
        assert!(matches!(p.check(&batch(1, 0, 1, 1)), Err(SequenceError::OutOfOrder { .. })));
        assert!(matches!(p.check(&batch(1, 0, 2, 1)), Ok(Verdict::Duplicate(_))));
        p.record(&batch(2, 0, i32::MAX, 1), 9, 0);
        assert_eq!(p.check(&batch(2, 0, 0, 1)), Ok(Verdict::New));
    }

    #[test]
    fn producers_are_bounded() {
        let mut p = Producers::default();
        for i in 0..PRODUCERS_MAX as i64 {
            p.record(&batch(i, 0, 0, 1), i, i % 2 * PRODUCER_IDLE_MS);
        }
        let one_more = batch(-1 + (1 << 40), 0, 0, 1);
        assert_eq!(p.check(&one_more), Err(SequenceError::TooMany(PRODUCERS_MAX)));
        assert_eq!(p.check(&batch(5, 0, 1, 1)), Ok(Verdict::New), "those that are known go on");
        p.expire(PRODUCER_IDLE_MS, i64::MAX);
        assert_eq!((p.len(), p.check(&one_more)), (PRODUCERS_MAX / 2, Ok(Verdict::New)));
    }

    #[test]
    fn state_survives_a_checkpoint_and_expires() {
        let mut p = Producers::default();
        for i in 0..9 {
            p.record(&batch(i % 3, 2, i as i32, 1), i, 5);
        }
        assert_eq!(Producers::decode(&p.encode(), 5).as_ref(), Some(&p));
        let whole = p.encode();
        assert!(Producers::decode(&whole[..whole.len() - 1], 5).is_none());
        let mut later = Producers::decode(&whole, 50).unwrap();
        later.record(&batch(1, 2, 10, 1), 9, 60);
        later.expire(150, 100);
        assert_eq!(later.len(), 1, "silent since the start, whatever the clock said before it");
        p.expire(104, 100);
        assert_eq!(p.len(), 3);
    }
}
