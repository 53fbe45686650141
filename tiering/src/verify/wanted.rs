//! The rows that a log says a table must have, one after the other.
//!
//! Invariants: made of the batches alone, by other code than the conversion's; a batch that cannot be decoded is one row
//! that stands for all of it; control batches are none. Memory is that of one chunk of the log. Called by `verify`.

use super::VerifyError;
use protocol::records::codec::DECOMPRESSED_MAX;
use protocol::records::{BatchHeader, Codec, HEADER_LEN, RecordIter};
use std::collections::VecDeque;
use storage::LogError;
use storage::read::Chunk;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub offset: i64,
    /// Last offset of the batch, if the row stands for a batch that cannot be decoded.
    pub undecodable_to: Option<i64>,
    /// Microseconds; `Err` if they do not hold it.
    pub timestamp: Option<Result<i64, ()>>,
    pub leader_epoch: i32,
    pub attributes: i32,
    pub base_offset: i64,
    pub producer: Option<(i64, i32, i32)>,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// A log that may lose its oldest records while it is read.
pub trait Source {
    /// First offset that there still is.
    fn start(&self) -> i64;
    /// Whole batches from the one that holds `from`, or the first after it.
    fn read(&mut self, from: i64) -> Result<Option<Chunk>, LogError>;
}

/// A partition's log from an offset on.
pub struct Log<S> {
    source: S,
    at: i64,
    to: i64,
    ready: VecDeque<Wanted>,
}

impl<S: Source> Log<S> {
    pub fn new(source: S, from: i64, to: i64) -> Log<S> {
        Log { source, at: from, to, ready: VecDeque::new() }
    }

    /// True if retention has taken an offset meanwhile.
    pub fn has_lost(&self, offset: i64) -> bool {
        offset < self.source.start()
    }

    /// The next row, not taken yet.
    pub fn peek(&mut self) -> Result<Option<&Wanted>, VerifyError> {
        while self.ready.is_empty() && self.at < self.to {
            let chunk = match self.source.read(self.at) {
                Ok(Some(chunk)) => chunk,
                // Taken between two reads, or during this one: what is left starts further on.
                Ok(None) | Err(_) if self.has_lost(self.at) => {
                    self.at = self.source.start().min(self.to);
                    continue;
                }
                Ok(None) => return Err(VerifyError::LogEnds { at: self.at, to: self.to }),
                Err(e) => return Err(e.into()),
            };
            let (before, mut position) = (self.at, 0);
            while let Some(rest) = chunk.bytes.get(position..).filter(|r| !r.is_empty()) {
                let Some(h) = BatchHeader::read(rest) else { break };
                let Some(batch) = h.total_len().and_then(|n| rest.get(..n)) else { break };
                if h.base_offset >= self.to {
                    // Nothing is left before it.
                    self.at = self.to;
                    break;
                }
                self.add(&h, batch);
                self.at = h.next_offset();
                position += batch.len();
            }
            if self.at <= before {
                return Err(VerifyError::LogEnds { at: self.at, to: self.to });
            }
        }
        Ok(self.ready.front())
    }

    pub fn take(&mut self) -> Option<Wanted> {
        self.ready.pop_front()
    }

    fn add(&mut self, h: &BatchHeader, batch: &[u8]) {
        if h.is_control() {
            return;
        }
        let common = Wanted {
            leader_epoch: h.leader_epoch,
            attributes: i32::from(h.attributes) & !0x10,
            base_offset: h.base_offset,
            producer: h.has_producer().then(|| (h.producer_id, i32::from(h.producer_epoch), h.base_sequence)),
            ..Wanted::default()
        };
        let from = self.at;
        match records(h, batch, &common) {
            Some(rows) => self.ready.extend(rows.into_iter().filter(|r| r.offset >= from)),
            None => self.ready.push_back(Wanted {
                offset: h.base_offset.max(from),
                undecodable_to: Some(h.last_offset()),
                value: Some(batch.to_vec()),
                ..common
            }),
        }
    }
}

/// All records of a batch; `None` if it cannot be decoded.
fn records(h: &BatchHeader, batch: &[u8], common: &Wanted) -> Option<Vec<Wanted>> {
    if !h.crc_matches(batch) {
        return None;
    }
    let plain =
        Codec::from_bits(h.codec_bits()).ok()?.decompress(batch.get(HEADER_LEN..)?, DECOMPRESSED_MAX).ok()?;
    let mut iter = RecordIter::new(&plain, h.records_count);
    let mut rows: Vec<Wanted> = Vec::new();
    for r in iter.by_ref() {
        let r = r.ok()?;
        let offset = h.base_offset + i64::from(r.offset_delta);
        if r.offset_delta > h.last_offset_delta
            || rows.last().map_or(r.offset_delta < 0, |l| l.offset >= offset)
        {
            return None;
        }
        let ms = match h.is_log_append_time() {
            true => Some(h.max_timestamp),
            false => h.base_timestamp.checked_add(r.timestamp_delta),
        };
        let timestamp = match ms {
            Some(-1) => None,
            ms => Some(ms.and_then(|ms| ms.checked_mul(1000)).ok_or(())),
        };
        let own = |b: &[u8]| b.to_vec();
        let mut headers = Vec::new();
        for header in r.headers() {
            let (key, value) = header.ok()?;
            headers.push((key.to_string(), value.map(own)));
        }
        let (key, value) = (r.key.map(own), r.value.map(own));
        rows.push(Wanted { offset, timestamp, key, value, headers, ..common.clone() });
    }
    (iter.remaining() == 0).then_some(rows)
}
