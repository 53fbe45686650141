//! What must be true: every batch that was ever appended, what was promised about it, and the rules that hold after
//! each event, after each recovery and at the end.
//!
//! The model hears of an append when the log has it, so it knows which bytes stand at which offset. A recovery may
//! keep any prefix of it that is not shorter than what was promised, and nothing else.

use crate::groups::Groups;
use crate::node::is_cached;
use crate::options::DATA;
use crate::world::{Batch, Replica, World};
use lipno::machine::partition::Ends;
use protocol::records::BatchHeader;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Commit {
    /// `None` for a tombstone.
    pub id: Option<String>,
    pub part: usize,
    /// End of its record's batch.
    pub end: i64,
    pub seq: u64,
}

/// A batch in a log.
#[derive(Clone, Copy, Debug)]
struct Stored {
    base: i64,
    next: i64,
    bytes: u64,
    crc: u32,
    producer: (i64, i16, i32),
    client: usize,
    first_value: u64,
    is_whole: bool,
}

#[derive(Debug, Default)]
struct Part {
    log: Vec<Stored>,
    /// In this life of the broker.
    ends: Option<Ends>,
    /// Was said to be durable, or shown to readers of a durable topic.
    claimed: i64,
    /// What the next recovery must find.
    floor: i64,
    /// Highest log start that was answered to a DeleteRecords, and highest of all.
    deleted: i64,
    start_max: i64,
}

impl Part {
    fn end(&self) -> i64 {
        self.log.last().map_or(0, |s| s.next)
    }

    fn at(&self, base: i64) -> Option<&Stored> {
        let i = self.log.partition_point(|s| s.base < base);
        self.log.get(i).filter(|s| s.base == base)
    }
}

#[derive(Debug)]
pub struct Model {
    parts: Vec<Part>,
    pub groups: Groups,
    /// What clients were told with acks=all: (partition, base offset, CRC).
    told: Vec<(usize, i64, u32)>,
    /// What readers of durable topics were given: (partition, base offset) and CRC.
    read: BTreeMap<(usize, i64), u32>,
}

fn rule(holds: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(why()) }
}

impl Model {
    pub fn new(parts: usize) -> Model {
        Model {
            parts: (0..parts).map(|_| Part::default()).collect(),
            groups: Groups::default(),
            told: Vec::new(),
            read: BTreeMap::new(),
        }
    }

    pub fn appended(&mut self, part: usize, base: i64, batch: &Batch) {
        let h = &batch.header;
        let stored = Stored {
            base,
            next: base + i64::from(h.last_offset_delta) + 1,
            bytes: batch.bytes.len() as u64,
            crc: h.crc,
            producer: (h.producer_id, h.producer_epoch, h.base_sequence),
            client: batch.client,
            first_value: batch.first_value,
            is_whole: batch.is_whole,
        };
        self.parts[part].log.push(stored);
    }

    /// The end of this batch if the log has it already.
    pub fn end_of_batch(&self, part: usize, h: &BatchHeader) -> Option<i64> {
        let key = (h.producer_id, h.producer_epoch, h.base_sequence);
        let same = |s: &&Stored| s.producer == key && s.crc == h.crc;
        h.has_producer().then(|| self.parts[part].log.iter().rev().find(same)).flatten().map(|s| s.next)
    }

    /// An acknowledged batch must stand where the answer says.
    pub fn is_at(&self, part: usize, base: i64, crc: u32) -> bool {
        self.parts[part].at(base).is_some_and(|s| s.crc == crc)
    }

    pub fn told(&mut self, part: usize, base: i64, crc: u32) {
        self.told.push((part, base, crc));
    }

    /// A reader has this batch. Whoever reads the offset later must get the same one.
    pub fn read(&mut self, part: usize, h: &BatchHeader) -> Result<(), String> {
        let before = *self.read.entry((part, h.base_offset)).or_insert(h.crc);
        rule(before == h.crc, || format!("{part}: offset {} held another batch before: {h:?}", h.base_offset))
    }

    pub fn deleted(&mut self, part: usize, low: i64) {
        let p = &mut self.parts[part];
        p.deleted = p.deleted.max(low);
    }

    pub fn ends(&self, part: usize) -> Ends {
        self.parts[part].ends.unwrap_or_default()
    }

    /// A partition's ends after an event.
    pub fn observe(&mut self, part: usize, e: &Ends) -> Result<(), String> {
        let p = &mut self.parts[part];
        let old = p.ends.replace(*e);
        if old == Some(*e) {
            return Ok(());
        }
        let o = old.unwrap_or_default();
        rule(e.high_watermark >= o.high_watermark, || {
            format!("{part}: the high watermark went back: {o:?} {e:?}")
        })?;
        rule(e.durable_end >= o.durable_end, || format!("{part}: the durable end went back: {o:?} {e:?}"))?;
        rule(e.log_start >= o.log_start, || format!("{part}: the log start went back: {o:?} {e:?}"))?;
        rule(e.last_stable >= o.last_stable, || {
            format!("{part}: the last stable offset went back: {o:?} {e:?}")
        })?;
        let ordered = e.last_stable <= e.high_watermark && e.high_watermark <= e.log_end;
        rule(ordered && e.durable_end <= e.log_end, || format!("{part}: ends out of order: {e:?}"))?;
        rule(e.log_start <= e.high_watermark, || {
            format!("{part}: the log starts above its watermark: {e:?}")
        })?;
        let safe = is_cached(part) || e.high_watermark <= e.durable_end;
        rule(safe, || format!("{part}: readers see what is not durable: {e:?}"))?;
        let end = p.end();
        rule(e.log_end == end, || format!("{part}: the log ends at {} but {end} was appended", e.log_end))?;
        let shown = if is_cached(part) { 0 } else { e.high_watermark };
        p.claimed = p.claimed.max(e.durable_end).max(shown);
        p.start_max = p.start_max.max(e.log_start);
        Ok(())
    }

    /// Records that were deleted when the broker stopped, though nobody looked any more.
    pub fn starts(&mut self, part: usize, log_start: i64) {
        let p = &mut self.parts[part];
        p.start_max = p.start_max.max(log_start);
    }

    /// The broker is gone; with the power everything that was not promised may be, too.
    pub fn on_crash(&mut self, with_power: bool) {
        for p in &mut self.parts {
            let ran = p.ends.take().is_some();
            p.floor = match (ran, with_power) {
                (true, true) => p.claimed,
                (true, false) => p.end(),
                (false, true) => p.floor.min(p.claimed),
                (false, false) => p.floor,
            };
        }
    }

    /// A recovered log against what was appended; what it does not have is forgotten here, too.
    /// `newest` is the newest segment file: its base offset and length.
    pub fn on_recovered(
        &mut self,
        part: usize,
        replica: &Replica,
        newest: Option<(i64, u64)>,
    ) -> Result<(), String> {
        let p = &mut self.parts[part];
        let e = replica.ends();
        let end = e.log_end;
        rule(end >= p.floor, || format!("{part}: recovered up to {end}, promised up to {}", p.floor))?;
        rule(end <= p.end(), || format!("{part}: recovered up to {end}, appended up to {}", p.end()))?;
        rule(e.log_start >= p.deleted, || {
            format!("{part}: deleted records below {} are back: {e:?}", p.deleted)
        })?;
        rule(e.log_start <= p.start_max, || {
            format!("{part}: records below {} are gone: {e:?}", e.log_start)
        })?;
        let mut at = e.log_start;
        while at < end {
            let found =
                replica.reader().batch_at(at, end).map_err(|e| format!("{part}: offset {at}: {e}"))?;
            let h = found.ok_or_else(|| format!("{part}: nothing at {at}, the log ends at {end}"))?.header;
            let i = p.log.partition_point(|s| s.next <= at);
            let is_same = p
                .log
                .get(i)
                .is_some_and(|s| (s.base, s.next, s.crc) == (h.base_offset, h.next_offset(), h.crc));
            rule(is_same, || format!("{part}: offset {at} holds {h:?}, appended was {:?}", p.log.get(i)))?;
            at = h.next_offset();
        }
        p.log.retain(|s| s.next <= end);
        rule(p.end() == end || end == e.log_start, || {
            format!("{part}: recovered up to {end}, inside a batch")
        })?;
        if let Some((base, len)) = newest {
            let bytes: u64 = p.log.iter().filter(|s| s.base >= base).map(|s| s.bytes).sum();
            rule(bytes == len, || {
                format!("{part}: the file of {base} holds {len} bytes, {bytes} belong to the log")
            })?;
        }
        Ok(())
    }

    /// Bytes that a reader at `offset` gets: whole batches but for the last, as appended, below the bound.
    pub fn check_read(&self, w: &World, part: usize, offset: i64, bound: i64, bytes: &[u8]) {
        let mut rest = bytes;
        let mut at = offset;
        while let Some(h) = BatchHeader::read(rest) {
            if at == offset {
                at = h.base_offset.min(offset);
            }
            let stored = self.parts[part].log.get(self.parts[part].log.partition_point(|s| s.next <= at));
            let is_same =
                stored.is_some_and(|s| (s.base, s.next, s.crc) == (h.base_offset, h.next_offset(), h.crc));
            if !is_same {
                return w.fail(format!("{part}: a reader at {at} got {h:?}, appended was {stored:?}"));
            }
            if h.next_offset() > bound {
                return w.fail(format!("{part}: a reader got {h:?} past the high watermark {bound}"));
            }
            let Some(n) = h.total_len().filter(|n| *n <= rest.len()) else { return };
            if !h.crc_matches(&rest[..n]) {
                return w.fail(format!("{part}: a reader got a damaged batch at {}", h.base_offset));
            }
            rest = &rest[n..];
            at = h.next_offset();
        }
    }

    /// The history, once everything has come to rest.
    pub fn check_history(&self, starts: &[i64]) -> Result<(), String> {
        for (part, base, crc) in &self.told {
            let gone = *base < starts[*part];
            rule(gone || self.is_at(*part, *base, *crc), || {
                format!("{part}: the batch acknowledged at {base} is not there")
            })?;
        }
        for ((part, base), crc) in &self.read {
            rule(self.is_at(*part, *base, *crc), || format!("{part}: the batch read at {base} is gone"))?;
        }
        for (part, p) in self.parts.iter().enumerate().take(DATA) {
            let mut last: BTreeMap<usize, u64> = BTreeMap::new();
            for s in &p.log {
                let n = (s.next - s.base) as u64;
                if s.producer.0 >= 0 {
                    let before = last.insert(s.client, s.first_value + n);
                    rule(before.is_none_or(|b| b <= s.first_value), || {
                        format!("{part}: values of client {} twice or out of order: {s:?}", s.client)
                    })?;
                    rule(!s.is_whole || before.unwrap_or(0) == s.first_value, || {
                        format!("{part}: values of client {} are missing before {s:?}", s.client)
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Batches in all logs, for the report.
    pub fn batches(&self) -> usize {
        self.parts.iter().map(|p| p.log.len()).sum()
    }
}
