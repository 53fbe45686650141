//! The 61-byte header of a record batch, as a value.
//!
//! Invariants: `base_offset` and `leader_epoch` lie outside the CRC's range, so the broker places a batch by
//! writing 16 fresh bytes before an untouched remainder. Called by validation, the log and the lake.

/// Bytes before the records.
pub const HEADER_LEN: usize = 61;
/// Base offset and length: what `BatchLength` does not count.
pub const LOG_OVERHEAD: usize = 12;
/// First byte that the CRC covers.
pub const CRC_START: usize = 21;

const CODEC_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    pub base_offset: i64,
    /// Counts from byte 12.
    pub batch_length: i32,
    pub leader_epoch: i32,
    pub magic: i8,
    pub crc: u32,
    pub attributes: i16,
    pub last_offset_delta: i32,
    pub base_timestamp: i64,
    pub max_timestamp: i64,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub records_count: i32,
}

fn int<const N: usize>(b: &[u8; HEADER_LEN], at: usize) -> [u8; N] {
    b.get(at..).and_then(|s| s.first_chunk::<N>()).copied().unwrap_or([0; N])
}

impl BatchHeader {
    /// Reads the header at the start of `b`; `None` if it is not all there.
    pub fn read(b: &[u8]) -> Option<BatchHeader> {
        let b = b.first_chunk::<HEADER_LEN>()?;
        Some(BatchHeader {
            base_offset: i64::from_be_bytes(int(b, 0)),
            batch_length: i32::from_be_bytes(int(b, 8)),
            leader_epoch: i32::from_be_bytes(int(b, 12)),
            magic: i8::from_be_bytes(int(b, 16)),
            crc: u32::from_be_bytes(int(b, 17)),
            attributes: i16::from_be_bytes(int(b, 21)),
            last_offset_delta: i32::from_be_bytes(int(b, 23)),
            base_timestamp: i64::from_be_bytes(int(b, 27)),
            max_timestamp: i64::from_be_bytes(int(b, 35)),
            producer_id: i64::from_be_bytes(int(b, 43)),
            producer_epoch: i16::from_be_bytes(int(b, 51)),
            base_sequence: i32::from_be_bytes(int(b, 53)),
            records_count: i32::from_be_bytes(int(b, 57)),
        })
    }

    /// Bytes of the whole batch; `None` when the length field cannot be that of a batch.
    pub fn total_len(&self) -> Option<usize> {
        let len = usize::try_from(self.batch_length).ok()?;
        (len >= HEADER_LEN - LOG_OVERHEAD).then_some(len + LOG_OVERHEAD)
    }

    pub fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Bits 0-2 of the attributes; validate with `Codec::from_bits`.
    pub fn codec_bits(&self) -> i16 {
        self.attributes & CODEC_MASK
    }
    pub fn is_log_append_time(&self) -> bool {
        self.attributes & LOG_APPEND_TIME != 0
    }
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }
    pub fn has_delete_horizon(&self) -> bool {
        self.attributes & DELETE_HORIZON != 0
    }
    pub fn has_producer(&self) -> bool {
        self.producer_id >= 0
    }

    /// Sequence number of the last record, with Kafka's wrap from 2^31-1 to 0.
    pub fn last_sequence(&self) -> i32 {
        wrap_sequence(self.base_sequence, self.last_offset_delta)
    }

    /// True when the CRC of the batch's bytes is the one in its header.
    pub fn crc_matches(&self, batch: &[u8]) -> bool {
        let covered = self.total_len().and_then(|n| batch.get(CRC_START..n));
        covered.is_some_and(|b| crc32c::crc32c(b) == self.crc)
    }
}

/// `base + delta` in the space of sequence numbers 0..=2^31-1.
pub fn wrap_sequence(base: i32, delta: i32) -> i32 {
    ((i64::from(base) + i64::from(delta)) & i64::from(i32::MAX)) as i32
}

/// The first 16 bytes of a batch as the broker writes them: offset, length, epoch.
#[derive(Clone, Copy, Debug)]
pub struct Placement(pub [u8; 16]);

impl Placement {
    pub const LEN: usize = 16;

    pub fn new(base_offset: i64, batch_length: i32, leader_epoch: i32) -> Placement {
        let mut b = [0u8; 16];
        let (offset, rest) = b.split_at_mut(8);
        let (length, epoch) = rest.split_at_mut(4);
        offset.copy_from_slice(&base_offset.to_be_bytes());
        length.copy_from_slice(&batch_length.to_be_bytes());
        epoch.copy_from_slice(&leader_epoch.to_be_bytes());
        Placement(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_wraps_like_kafka() {
        assert_eq!(wrap_sequence(i32::MAX, 1), 0);
        assert_eq!(wrap_sequence(i32::MAX - 1, 3), 1);
        assert_eq!(wrap_sequence(7, 0), 7);
    }

    #[test]
    fn short_or_absurd_headers() {
        assert!(BatchHeader::read(&[0; 60]).is_none());
        let zeros = BatchHeader::read(&[0; 61]).unwrap();
        assert_eq!(zeros.total_len(), None);
    }
}
