//! ListOffsets (2), versions 1-11. Offsets by timestamp, or by a special one.
//!
//! Special timestamps as Kafka 4: -1 latest, -2 earliest, -3 largest timestamp, -4 earliest local, -5 highest tiered
//! (none), -6 earliest pending upload (none). Differs: "latest" waits up to a second for this broker's own sync
//! round when only that holds the high watermark back, so that a client with acks=1 reads its own write.

use super::error_of::{of_log, of_refuse};
use crate::broker::Broker;
use crate::dispatch::Head;
use crate::partition::wake::Mailbox;
use crate::replicas::Replica;
use protocol::ErrorCode;
use protocol::message::k02_list_offsets::request::ListOffsetsPartition;
use protocol::message::k02_list_offsets::response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use protocol::message::k02_list_offsets::{ListOffsetsRequest, ListOffsetsResponse};
use protocol::records::codec::DECOMPRESSED_MAX;
use protocol::records::{Codec, HEADER_LEN, RecordIter};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;
use storage::read::FoundBatch;
use tokio::sync::Semaphore;

/// How long "latest" waits for the sync in flight.
const LATEST_WAIT: Duration = Duration::from_secs(1);
/// Searches by timestamp read from disk and decompress a batch: off the network threads, and only so many at once,
/// since each may hold what one batch decompresses to.
static SEARCHES: Semaphore = Semaphore::const_new(4);

struct Found {
    offset: i64,
    timestamp: i64,
}

const NONE: Found = Found { offset: -1, timestamp: -1 };

/// The first record of a batch that `wanted` accepts: offset and timestamp.
fn record_in(
    batch: &FoundBatch,
    from: i64,
    wanted: impl Fn(i64) -> bool,
) -> Result<Option<Found>, ErrorCode> {
    let h = &batch.header;
    let corrupt = |_| ErrorCode::CORRUPT_MESSAGE;
    let body = batch.bytes.get(HEADER_LEN..).unwrap_or_default();
    let plain;
    let records = match Codec::from_bits(h.codec_bits()).map_err(corrupt)? {
        Codec::None => body,
        codec => {
            plain = codec.decompress(body, DECOMPRESSED_MAX).map_err(corrupt)?;
            &plain
        }
    };
    for r in RecordIter::new(records, h.records_count) {
        let r = r.map_err(|_| ErrorCode::CORRUPT_MESSAGE)?;
        let timestamp = h.base_timestamp.wrapping_add(r.timestamp_delta);
        let offset = h.base_offset + i64::from(r.offset_delta);
        if offset >= from && wanted(timestamp) {
            return Ok(Some(Found { offset, timestamp }));
        }
    }
    Ok(None)
}

fn by_time(replica: &Replica, t: i64, bound: i64) -> Result<Found, ErrorCode> {
    let mut start = replica.ends().log_start;
    loop {
        let Some(batch) = replica.reader().batch_by_time(t, start, bound).map_err(|e| of_log(&e))? else {
            return Ok(NONE);
        };
        if let Some(f) = record_in(&batch, start, |ts| ts >= t)? {
            return Ok(f);
        }
        // The batch's latest record lies below the log start.
        start = batch.header.next_offset();
    }
}

/// The first readable record at or after a time.
pub async fn offset_of_time(replica: &Arc<Replica>, t: i64) -> Result<Option<i64>, ErrorCode> {
    let bound = replica.ends().high_watermark;
    let found = search(replica, move |r| by_time(r, t, bound)).await?;
    Ok((found.offset >= 0).then_some(found.offset))
}

fn by_max_timestamp(replica: &Replica, bound: i64) -> Result<Found, ErrorCode> {
    let start = replica.ends().log_start;
    let batch = replica.reader().batch_of_max_timestamp(start, bound).map_err(|e| of_log(&e))?;
    let Some(batch) = batch else { return Ok(NONE) };
    let max = batch.header.max_timestamp;
    Ok(record_in(&batch, start, |ts| ts == max)?.unwrap_or(NONE))
}

async fn search(
    replica: &Arc<Replica>,
    look: impl FnOnce(&Replica) -> Result<Found, ErrorCode> + Send + 'static,
) -> Result<Found, ErrorCode> {
    let gone = |_| ErrorCode::UNKNOWN_SERVER_ERROR;
    let _one_of_few = SEARCHES.acquire().await.map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)?;
    let replica = replica.clone();
    tokio::task::spawn_blocking(move || look(&replica)).await.map_err(gone)?
}

/// A place among those that wait for the partition to move; given back also when the client goes away.
struct Parked<'a> {
    replica: &'a Replica,
    key: usize,
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        self.replica.unpark_fetch(self.key);
    }
}

/// Waits until what is in the log now can be read, or a second.
async fn settle(replica: &Replica) {
    let target = replica.ends().log_end;
    let until = tokio::time::Instant::now() + LATEST_WAIT;
    let mailbox = Arc::new(Mailbox::default());
    loop {
        let parked = replica.park_fetch(mailbox.clone(), |e| e.high_watermark >= target);
        let Some((key, is_there)) = parked else { return };
        let _parked = Parked { replica, key };
        let moved = tokio::time::timeout_at(until, poll_fn(|cx| mailbox.poll_filled(cx)));
        if is_there || moved.await.is_err() {
            return;
        }
    }
}

async fn look_up(
    version: i16,
    q: &ListOffsetsRequest,
    p: &ListOffsetsPartition,
    replica: &Arc<Replica>,
) -> Result<Found, ErrorCode> {
    replica.check_epoch(p.current_leader_epoch).map_err(|e| of_refuse(&e))?;
    let needs = match p.timestamp {
        -3 => 7,
        -4 => 8,
        -5 => 9,
        -6 => 11,
        t if t < -6 => i16::MAX,
        _ => 1,
    };
    if version < needs {
        return Err(ErrorCode::UNSUPPORTED_VERSION);
    }
    if p.timestamp == -1 && replica.is_sync_pending() {
        settle(replica).await;
    }
    let ends = replica.ends();
    let bound = if q.isolation_level == 1 { ends.last_stable } else { ends.high_watermark };
    let at = |offset| Ok(Found { offset, timestamp: -1 });
    match p.timestamp {
        -1 => at(bound),
        -2 | -4 => at(ends.log_start),
        -3 => search(replica, move |r| by_max_timestamp(r, bound)).await,
        -5 | -6 => Ok(NONE),
        t => search(replica, move |r| by_time(r, t, bound)).await,
    }
}

pub async fn handle(broker: Arc<Broker>, head: Head, q: ListOffsetsRequest) -> ListOffsetsResponse {
    let mut seen: BTreeSet<(&str, i32)> = BTreeSet::new();
    let mut twice: BTreeSet<(&str, i32)> = BTreeSet::new();
    for t in &q.topics {
        for p in &t.partitions {
            if !seen.insert((&t.name, p.partition_index)) {
                twice.insert((&t.name, p.partition_index));
            }
        }
    }
    let mut topics = Vec::with_capacity(q.topics.len());
    for t in &q.topics {
        let mut partitions = Vec::with_capacity(t.partitions.len());
        for p in &t.partitions {
            let mut a =
                ListOffsetsPartitionResponse { partition_index: p.partition_index, ..Default::default() };
            let result = if twice.contains(&(&*t.name, p.partition_index)) {
                Err(ErrorCode::INVALID_REQUEST)
            } else {
                match broker.replicas.partition(&t.name, p.partition_index) {
                    None => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                    Some(replica) => {
                        let found = look_up(head.version, &q, p, &replica).await;
                        a.leader_epoch = replica.leader_epoch();
                        found
                    }
                }
            };
            match result {
                Ok(f) => {
                    a.offset = f.offset;
                    a.timestamp = f.timestamp;
                    if f.offset < 0 {
                        a.leader_epoch = -1;
                    }
                }
                Err(e) => {
                    a.error_code = e.0;
                    a.leader_epoch = -1;
                }
            }
            partitions.push(a);
        }
        topics.push(ListOffsetsTopicResponse { name: t.name.clone(), partitions });
    }
    ListOffsetsResponse { topics, ..Default::default() }
}
