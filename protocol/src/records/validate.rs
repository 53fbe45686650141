//! What a batch from a client must be before any state moves: size, magic, CRC, counts, producer fields.
//!
//! Uncompressed batches are walked record by record; compressed ones are checked by header and CRC unless the
//! depth is `Full` (`produce.validate=full`), which also bounds what they decompress to. Called by the produce
//! handler before the partition's lock is taken.

use super::batch::{BatchHeader, HEADER_LEN};
use super::codec::{Codec, DECOMPRESSED_MAX};
use super::record::RecordIter;

/// Most headers of one record that a client may send.
pub const HEADERS_PER_RECORD_MAX: i32 = 1_000;

/// How far compressed batches are looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Header,
    Full,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `max.message.bytes`, the batch with its 12 bytes of overhead.
    pub batch_bytes_max: usize,
    pub records_max: i32,
    pub depth: Depth,
    /// Produce before version 7 may not carry zstd.
    pub zstd_allowed: bool,
}

/// Why a batch is refused. The handler turns it into Kafka's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("no record batch")]
    Missing,
    #[error("more than one record batch for the partition")]
    SeveralBatches,
    #[error("the batch's length does not match its bytes")]
    Length,
    #[error("magic {0} is not supported, only 2")]
    Magic(i8),
    #[error("the CRC does not match")]
    Crc,
    #[error("the batch has {0} bytes, max.message.bytes allows {1}")]
    TooLarge(usize, usize),
    #[error("record count {count} does not fit last offset delta {last_delta}")]
    Count { count: i32, last_delta: i32 },
    #[error("the base offset of a client's batch must be 0, not {0}")]
    BaseOffset(i64),
    #[error("clients may not write control batches")]
    Control,
    #[error("a batch with a producer id needs a sequence number and an epoch, a transactional one all three")]
    Producer,
    #[error("codec is not supported in this version")]
    Codec,
    #[error("clients may not claim log append time")]
    Timestamp,
    #[error("record {index}: {what}")]
    Record { index: i32, what: &'static str },
    #[error("the records cannot be decompressed: {0}")]
    Decompress(String),
}

/// Checks the one batch in `bytes`, as a client sent it for one partition.
pub fn validate(bytes: &[u8], limits: &Limits) -> Result<BatchHeader, Invalid> {
    if bytes.is_empty() {
        return Err(Invalid::Missing);
    }
    // Old message sets carry their magic at the same byte; name that before any length is compared.
    if let Some(magic) = bytes.get(16).map(|b| *b as i8)
        && magic != 2
    {
        return Err(Invalid::Magic(magic));
    }
    let h = BatchHeader::read(bytes).ok_or(Invalid::Length)?;
    let total = h.total_len().ok_or(Invalid::Length)?;
    if total > bytes.len() {
        return Err(Invalid::Length);
    }
    if total < bytes.len() {
        return Err(Invalid::SeveralBatches);
    }
    if total > limits.batch_bytes_max {
        return Err(Invalid::TooLarge(total, limits.batch_bytes_max));
    }
    check_header(&h, limits)?;
    if !h.crc_matches(bytes) {
        return Err(Invalid::Crc);
    }
    let records = bytes.get(HEADER_LEN..).unwrap_or_default();
    match (Codec::from_bits(h.codec_bits()).map_err(|_| Invalid::Codec)?, limits.depth) {
        (Codec::None, _) => walk(&h, records)?,
        (codec, Depth::Full) => {
            let plain = codec
                .decompress(records, DECOMPRESSED_MAX)
                .map_err(|e| Invalid::Decompress(e.to_string()))?;
            walk(&h, &plain)?;
        }
        (_, Depth::Header) => {}
    }
    Ok(h)
}

fn check_header(h: &BatchHeader, limits: &Limits) -> Result<(), Invalid> {
    let count = h.records_count;
    if count <= 0 || count > limits.records_max || h.last_offset_delta != count - 1 {
        return Err(Invalid::Count { count, last_delta: h.last_offset_delta });
    }
    if h.base_offset != 0 {
        return Err(Invalid::BaseOffset(h.base_offset));
    }
    if h.is_control() {
        return Err(Invalid::Control);
    }
    if h.is_log_append_time() {
        return Err(Invalid::Timestamp);
    }
    if h.has_producer() && (h.base_sequence < 0 || h.producer_epoch < 0) {
        return Err(Invalid::Producer);
    }
    if h.is_transactional() && !h.has_producer() {
        return Err(Invalid::Producer);
    }
    let codec = Codec::from_bits(h.codec_bits()).map_err(|_| Invalid::Codec)?;
    if codec == Codec::Zstd && !limits.zstd_allowed {
        return Err(Invalid::Codec);
    }
    Ok(())
}

fn walk(h: &BatchHeader, records: &[u8]) -> Result<(), Invalid> {
    let mut iter = RecordIter::new(records, h.records_count);
    for index in 0..h.records_count {
        let at = |what| Invalid::Record { index, what };
        let record = iter.next().and_then(Result::ok).ok_or_else(|| at("does not parse"))?;
        if record.offset_delta != index {
            return Err(at("offset delta is not consecutive"));
        }
        if h.base_timestamp.checked_add(record.timestamp_delta).is_none() {
            return Err(at("timestamp is out of range"));
        }
        if record.header_count > HEADERS_PER_RECORD_MAX {
            return Err(at("too many headers"));
        }
        record.check_headers().map_err(|_| at("a header does not parse"))?;
    }
    if iter.remaining() != 0 {
        return Err(Invalid::Record { index: h.records_count, what: "bytes after the last record" });
    }
    Ok(())
}

#[cfg(test)]
#[path = "validate_test.rs"]
mod tests;
