//! Reads the records of a partition of the offsets topic back, at start.
//!
<<<<<<< HEAD
//! Invariants: later records win, tombstones remove; a record that does not parse is skipped and named in the log,
//! since refusing all groups for it would be worse; a partition that cannot be read to its end is named, since an
//! offset from its middle would send a consumer back.
=======
//! Invariants: a record that does not parse is skipped and named in the log, since refusing all groups for it would
//! be worse; a partition that cannot be read to its end is an error, since its groups would show old offsets.
>>>>>>> 27cdfad (squashed-sim)

use super::records;
use crate::machine::coordinator::Entry;
use bytes::Bytes;
use protocol::records::codec::DECOMPRESSED_MAX;
use protocol::records::{Codec, HEADER_LEN, RecordIter};
<<<<<<< HEAD
use std::collections::{BTreeMap, BTreeSet};
use storage::read::FoundBatch;

#[derive(Default)]
struct Loaded {
    state: Option<Persist>,
    offsets: Offsets,
}
=======
use storage::LogError;
use storage::disk::Disk;
use storage::read::{FoundBatch, Reader};
>>>>>>> 27cdfad (squashed-sim)

/// The (decompressed) records of a batch; `None` if they cannot be read.
pub fn plain_records(batch: &FoundBatch) -> Option<Vec<u8>> {
    let body = batch.bytes.get(HEADER_LEN..)?;
    Codec::from_bits(batch.header.codec_bits()).ok()?.decompress(body, DECOMPRESSED_MAX).ok()
}

<<<<<<< HEAD
fn take(all: &mut BTreeMap<String, Loaded>, entry: Entry) {
    match entry {
        Entry::Offset { group, topic, partition, offset: Some(o) } => {
            all.entry(group).or_default().offsets.apply(&topic, partition, o);
        }
        Entry::Offset { group, topic, partition, offset: None } => {
            if let Some(g) = all.get_mut(&group) {
                g.offsets.remove(&topic, partition);
            }
        }
        Entry::Group { group, state } => all.entry(group).or_default().state = state,
        Entry::Other => {}
    }
}

/// False if not all of it could be read.
fn load_partition(replica: &Replica, all: &mut BTreeMap<String, Loaded>) -> bool {
    if replica.why_offline().is_some() {
        return false;
    }
    let ends = replica.ends();
    let mut at = ends.log_start;
    while at < ends.log_end {
        let batch = match replica.reader().batch_at(at, ends.log_end) {
            Ok(Some(b)) => b,
            Ok(None) => break,
            Err(e) => {
                tracing::error!(
                    "{}-{}: groups after offset {at} cannot be read: {e}",
                    replica.topic,
                    replica.id.partition.0
                );
                return false;
            }
        };
=======
/// All records between two offsets, in order.
pub fn entries<D: Disk>(reader: &Reader<D>, start: i64, end: i64) -> Result<Vec<Entry>, LogError> {
    let mut out = Vec::new();
    let mut at = start;
    while at < end {
        let Some(batch) = reader.batch_at(at, end)? else { break };
>>>>>>> 27cdfad (squashed-sim)
        at = batch.header.next_offset();
        if batch.header.is_control() {
            continue;
        }
<<<<<<< HEAD
        let Some(plain) = plain_records(&batch) else {
            tracing::error!(
                "{}: a batch at {} cannot be decompressed",
                replica.topic,
                batch.header.base_offset
            );
            return false;
        };
=======
        let plain = plain_records(&batch).ok_or_else(|| {
            LogError::Corrupt(format!("the batch at {} cannot be decompressed", batch.header.base_offset))
        })?;
>>>>>>> 27cdfad (squashed-sim)
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
<<<<<<< HEAD
    true
}

/// All groups of the offsets topic, and the partitions whose groups are not known because they cannot be read.
pub fn load<T>(
    topic: &TopicEntry,
    config: GroupConfig,
    now: Now,
) -> (BTreeMap<String, Group<T>>, BTreeSet<i32>) {
    let mut all = BTreeMap::new();
    let mut unread = BTreeSet::new();
    for replica in &topic.partitions {
        if !load_partition(replica, &mut all) {
            unread.insert(replica.id.partition.0);
        }
    }
    let groups = all
        .into_iter()
        .map(|(name, l)| {
            let mut g = match &l.state {
                Some(p) => Group::restored(config, now, p),
                None => Group::new(config, now),
            };
            g.offsets = l.offsets;
            (name, g)
        })
        .filter(|(_, g)| !g.is_forgettable() || g.protocol_type().is_some())
        .collect();
    (groups, unread)
=======
    Ok(out)
>>>>>>> 27cdfad (squashed-sim)
}
