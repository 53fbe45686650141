//! Reads the records of a partition of the offsets topic back, at start.
//!
//! Invariants: a record that does not parse is skipped and named in the log, since refusing all groups for it would
//! be worse; a partition that cannot be read to its end is an error, since its groups would show old offsets.

use super::records;
use crate::machine::coordinator::Entry;
use bytes::Bytes;
use protocol::records::codec::DECOMPRESSED_MAX;
use protocol::records::{Codec, HEADER_LEN, RecordIter};
use storage::LogError;
use storage::disk::Disk;
use storage::read::{FoundBatch, Reader};

/// The (decompressed) records of a batch; `None` if they cannot be read.
pub fn plain_records(batch: &FoundBatch) -> Option<Vec<u8>> {
    let body = batch.bytes.get(HEADER_LEN..)?;
    Codec::from_bits(batch.header.codec_bits()).ok()?.decompress(body, DECOMPRESSED_MAX).ok()
}

/// All records between two offsets, in order.
pub fn entries<D: Disk>(reader: &Reader<D>, start: i64, end: i64) -> Result<Vec<Entry>, LogError> {
    let mut out = Vec::new();
    let mut at = start;
    while at < end {
        let Some(batch) = reader.batch_at(at, end)? else { break };
        at = batch.header.next_offset();
        if batch.header.is_control() {
            continue;
        }
        let plain = plain_records(&batch).ok_or_else(|| {
            LogError::Corrupt(format!("the batch at {} cannot be decompressed", batch.header.base_offset))
        })?;
        for r in RecordIter::new(&plain, batch.header.records_count) {
            let Ok(r) = r else {
                tracing::error!("a batch of the offsets topic ends early at {at}");
                break;
            };
            let key = Bytes::copy_from_slice(r.key.unwrap_or_default());
            let value = r.value.map(Bytes::copy_from_slice);
            match records::parse(&key, value.as_ref()) {
                Ok(entry) => out.push(entry),
                Err(e) => tracing::error!("a record of the offsets topic at {at} is skipped: {e}"),
            }
        }
    }
    Ok(out)
}
