//! What a log must hold, kept apart from it.

use bytes::Bytes;
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord, Placement};
use storage::disk::Disk;

use crate::keeper::Keeper;

/// A batch as it must be read back.
#[derive(Clone, Debug)]
pub struct Known {
    pub base: i64,
    pub end: i64,
    pub bytes: Vec<u8>,
    pub epoch: i32,
    pub timestamp: i64,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub batches: Vec<Known>,
    /// Reported durable: must be there after anything.
    pub durable: i64,
    /// Acknowledged and asked-for log start.
    pub start: (i64, i64),
    /// A truncation that was cut short: the end it would have led to.
    pub cutting_to: Option<i64>,
    /// Bits decayed: errors are fine now, wrong answers are not.
    pub rotten: bool,
    pub is_offline: bool,
    /// An index may not have got to the disk: when its batches were appended can only be guessed.
    pub guesses_times: bool,
}

pub fn batch(records: u8, value: u16, timestamp: i64) -> Bytes {
    let mut b = BatchBuilder::new(Codec::None);
    for i in 0..records {
        b.push(NewRecord { timestamp, value: Some(&vec![i; value.into()]), ..NewRecord::default() });
    }
    b.finish().unwrap()
}

impl Model {
    pub fn end(&self) -> i64 {
        self.batches.last().map_or(0, |b| b.end)
    }

    pub fn appended(&mut self, batch: &[u8], epoch: i32, timestamp: i64) {
        let (base, h) = (self.end(), BatchHeader::read(batch).unwrap());
        let mut bytes = batch.to_vec();
        bytes[..Placement::LEN].copy_from_slice(&Placement::new(base, h.batch_length, epoch).0);
        let end = base + i64::from(h.records_count);
        self.batches.push(Known { base, end, bytes, epoch, timestamp });
    }

    /// Where a truncation to `to` ends.
    pub fn cut_end(&self, to: i64) -> i64 {
        self.batches.iter().find(|b| b.end > to).map_or(self.end(), |b| b.base)
    }

    pub fn cut(&mut self, end: i64) {
        self.batches.retain(|b| b.end <= end);
        self.durable = self.durable.min(end);
    }

    /// After a restart: takes the log's end over if it is one that may be.
    pub fn recovered<D: Disk>(&mut self, k: &Keeper<D>) {
        let (end, start, producers) = {
            let s = k.state.lock();
            (s.log.end(), s.log.log_start(), s.producers.clone())
        };
        let cut = self.cutting_to.take();
        let is_boundary = end == 0 || self.batches.iter().any(|b| b.end == end);
        assert!(is_boundary, "the log ends at {end}, which is no batch's end");
        assert!(end >= self.durable || cut == Some(end), "durable to {}, there to {end}", self.durable);
        assert!(end <= self.end(), "appended to {}, there to {end}", self.end());
        self.cut(end);
        if !self.rotten {
            let (acked, asked) = self.start;
            assert!(
                acked <= start && start <= asked,
                "log start {start}, acknowledged {acked}, asked {asked}"
            );
        }
        self.start = (start, start);
        self.durable = end;
        // Producer state may have forgotten what is below the log start, and nothing else.
        let all: Vec<i64> = self.batches.iter().map(|b| b.base).collect();
        let needed = self.batches.iter().filter(|b| b.end > start).count();
        let is_suffix = all.ends_with(&producers);
        assert!(is_suffix && producers.len() >= needed, "producer state {producers:?} over {all:?}");
        self.check(k);
    }

    fn fine<T>(&self, what: &str, r: Result<T, storage::LogError>) -> Option<T> {
        match r {
            Ok(t) => Some(t),
            Err(e) if self.rotten => {
                drop(e);
                None
            }
            Err(e) => panic!("{what}: {e}"),
        }
    }

    /// Reads everything and compares.
    pub fn check<D: Disk>(&self, k: &Keeper<D>) {
        let start = k.state.lock().log.log_start();
        assert_eq!(k.state.lock().log.end(), self.end());
        let mut last_ms = -1;
        for b in self.batches.iter().filter(|b| b.end > start) {
            let found = k.reader.batch_at(b.base.max(start), self.end());
            let Some(found) = self.fine("read", found) else { continue };
            let found = found.unwrap_or_else(|| panic!("nothing at {}", b.base));
            assert_eq!(found.bytes, b.bytes, "batch at {}", b.base);
            if !self.rotten && !self.guesses_times {
                assert!(found.append_ms >= last_ms, "append time goes back at {}", b.base);
            }
            last_ms = found.append_ms;
        }
        let epochs: Vec<(i32, i64)> = self.batches.iter().map(|b| (b.epoch, b.end)).collect();
        for (epoch, _) in &epochs {
            let want = epochs.iter().filter(|(e, _)| e == epoch).map(|(_, end)| *end).max().unwrap();
            if want > start {
                assert_eq!(
                    k.state.lock().log.epoch_end(*epoch),
                    Some((*epoch, want)),
                    "end of epoch {epoch}"
                );
            }
        }
    }

    /// Reads from one offset with the bounds that a reader is given.
    pub fn check_reader<D: Disk>(&self, k: &Keeper<D>, at: u8) {
        let (start, durable) = {
            let s = k.state.lock();
            (s.log.log_start(), s.durable)
        };
        let from = start + (durable - start) * i64::from(at) / 256;
        let Some(slice) = self.fine("slice", k.reader.slice(from, durable, 700, true)) else { return };
        let bytes = slice.for_writev(0).to_vec();
        let want: Vec<u8> = self
            .batches
            .iter()
            .filter(|b| b.end > from && b.end <= durable)
            .flat_map(|b| b.bytes.iter().copied())
            .collect();
        if !self.rotten {
            assert!(want.starts_with(&bytes), "a slice from {from} to {durable}");
            assert_eq!(bytes.is_empty(), from >= durable);
        }
        let t = self.batches.get(usize::from(at) % self.batches.len().max(1)).map_or(0, |b| b.timestamp);
        let want = self
            .batches
            .iter()
            .find(|b| b.timestamp >= t && b.end > start && b.base < durable)
            .map(|b| b.base);
        if let Some(found) = self.fine("time", k.reader.batch_by_time(t, start, durable))
            && !self.rotten
        {
            assert_eq!(found.map(|b| b.header.base_offset), want, "the first at time {t}");
        }
    }
}
