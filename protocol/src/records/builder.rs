//! Builds record batches: for internal topics, for tests and for the load generator.
//!
//! Invariant: what `finish` returns passes `validate` with any codec.

use super::batch::{CRC_START, HEADER_LEN, LOG_OVERHEAD};
use super::codec::{Codec, CodecError};
use crate::primitive::{put_varint, put_varlong, varint_len, varlong_len};
use bytes::{BufMut, Bytes, BytesMut};

/// A record to add. Headers are key and nullable value.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRecord<'a> {
    pub timestamp: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

pub struct BatchBuilder {
    codec: Codec,
    base_timestamp: Option<i64>,
    max_timestamp: i64,
    producer: (i64, i16, i32),
    flags: i16,
    base_offset: i64,
    leader_epoch: i32,
    count: i32,
    records: Vec<u8>,
}

fn bytes_len(b: Option<&[u8]>) -> usize {
    b.map_or(1, |b| varint_len(b.len() as i32) + b.len())
}

fn put_bytes(out: &mut Vec<u8>, b: Option<&[u8]>) {
    put_varint(out, b.map_or(-1, |b| b.len() as i32));
    out.put_slice(b.unwrap_or_default());
}

impl BatchBuilder {
    pub fn new(codec: Codec) -> BatchBuilder {
        BatchBuilder {
            codec,
            base_timestamp: None,
            max_timestamp: -1,
            producer: (-1, -1, -1),
            flags: 0,
            base_offset: 0,
            leader_epoch: -1,
            count: 0,
            records: Vec::new(),
        }
    }

    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> BatchBuilder {
        self.producer = (id, epoch, base_sequence);
        self
    }

    pub fn transactional(mut self) -> BatchBuilder {
        self.flags |= 0x10;
        self
    }

    pub fn control(mut self) -> BatchBuilder {
        self.flags |= 0x20;
        self
    }

    /// Where the batch stands in a log; a client leaves this at 0 and -1.
    pub fn placed(mut self, base_offset: i64, leader_epoch: i32) -> BatchBuilder {
        self.base_offset = base_offset;
        self.leader_epoch = leader_epoch;
        self
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn push(&mut self, r: NewRecord<'_>) {
        let base = *self.base_timestamp.get_or_insert(r.timestamp);
        self.max_timestamp = self.max_timestamp.max(r.timestamp);
        let delta = r.timestamp.wrapping_sub(base);
        let headers: usize = r
            .headers
            .iter()
            .map(|(k, v)| varint_len(k.len() as i32) + k.len() + bytes_len(*v))
            .sum::<usize>()
            + varint_len(r.headers.len() as i32);
        let len =
            1 + varlong_len(delta) + varint_len(self.count) + bytes_len(r.key) + bytes_len(r.value) + headers;
        put_varint(&mut self.records, len as i32);
        self.records.put_i8(0);
        put_varlong(&mut self.records, delta);
        put_varint(&mut self.records, self.count);
        put_bytes(&mut self.records, r.key);
        put_bytes(&mut self.records, r.value);
        put_varint(&mut self.records, r.headers.len() as i32);
        for (k, v) in r.headers {
            put_bytes(&mut self.records, Some(k.as_bytes()));
            put_bytes(&mut self.records, *v);
        }
        self.count += 1;
    }

    pub fn finish(self) -> Result<Bytes, CodecError> {
        let packed = match self.codec {
            Codec::None => self.records,
            c => c.compress(&self.records)?,
        };
        let mut b = BytesMut::with_capacity(HEADER_LEN + packed.len());
        b.put_i64(self.base_offset);
        b.put_i32((HEADER_LEN - LOG_OVERHEAD + packed.len()) as i32);
        b.put_i32(self.leader_epoch);
        b.put_i8(2);
        b.put_u32(0);
        b.put_i16(self.codec.bits() | self.flags);
        b.put_i32(self.count - 1);
        b.put_i64(self.base_timestamp.unwrap_or(-1));
        b.put_i64(self.max_timestamp);
        b.put_i64(self.producer.0);
        b.put_i16(self.producer.1);
        b.put_i32(self.producer.2);
        b.put_i32(self.count);
        b.put_slice(&packed);
        let crc = crc32c::crc32c(b.get(CRC_START..).unwrap_or_default());
        if let Some(at) = b.get_mut(CRC_START - 4..CRC_START) {
            at.copy_from_slice(&crc.to_be_bytes());
        }
        Ok(b.freeze())
    }
}
