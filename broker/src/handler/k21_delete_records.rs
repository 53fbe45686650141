//! DeleteRecords (21), versions 0-2. Moves a partition's log start up; answered once that is on disk.

use super::error_of::of_log;
use crate::broker::Broker;
use crate::dispatch::Head;
use crate::replicas::{Dir, Replica, is_internal};
use protocol::ErrorCode;
use protocol::ids::TopicPartition;
use protocol::message::k21_delete_records::response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use protocol::message::k21_delete_records::{DeleteRecordsRequest, DeleteRecordsResponse};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

fn advance(replica: &Arc<Replica>, offset: i64) -> Result<i64, ErrorCode> {
    if replica.why_offline().is_some() {
        return Err(ErrorCode::KAFKA_STORAGE_ERROR);
    }
    replica.delete_records(offset).ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)
}

/// Writes the new log starts of one dir, all in one record.
async fn save(dir: Arc<Dir>, moved: Vec<Arc<Replica>>) -> Result<(), ErrorCode> {
    let (tx, rx) = oneshot::channel();
    let targets: Vec<_> = moved.iter().map(storage::dir::target).collect();
    dir.submit(move |d| d.checkpoint_logs(&targets), move |r| drop(tx.send(r)));
    match rx.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(of_log(&e)),
        Err(_) => Err(ErrorCode::KAFKA_STORAGE_ERROR),
    }
}

pub async fn handle(broker: Arc<Broker>, _head: Head, q: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let mut topics = Vec::new();
    // What is to be saved in each dir.
    let mut dirs: Vec<(Arc<Dir>, BTreeMap<TopicPartition, Arc<Replica>>)> = Vec::new();
    for t in &q.topics {
        let mut partitions = Vec::new();
        for p in &t.partitions {
            let result = match broker.replicas.partition(&t.name, p.partition_index) {
                None => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                Some(_) if is_internal(&t.name) => Err(ErrorCode::INVALID_TOPIC_EXCEPTION),
                Some(r) => advance(&r, p.offset).map(|low| (low, r)),
            };
            let low_watermark = result.as_ref().map_or(-1, |(low, _)| *low);
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: p.partition_index,
                low_watermark,
                error_code: result.as_ref().err().copied().unwrap_or_default().0,
            });
            if let Ok((_, r)) = result {
                match dirs.iter_mut().find(|(d, _)| Arc::ptr_eq(d, r.dir())) {
                    Some((_, moved)) => drop(moved.insert(r.id, r)),
                    None => dirs.push((r.dir().clone(), BTreeMap::from([(r.id, r)]))),
                }
            }
        }
        topics.push(DeleteRecordsTopicResult { name: t.name.clone(), partitions });
    }
    for (dir, moved) in dirs {
        if let Err(e) = save(dir.clone(), moved.into_values().collect()).await {
            fail(&broker, &mut topics, &dir, e);
        }
    }
    DeleteRecordsResponse { topics, ..Default::default() }
}

/// What could not be saved did not happen, as far as the client may know.
fn fail(broker: &Broker, topics: &mut [DeleteRecordsTopicResult], dir: &Arc<Dir>, e: ErrorCode) {
    for t in topics {
        for p in t.partitions.iter_mut().filter(|p| p.error_code == 0) {
            let there = broker.replicas.partition(&t.name, p.partition_index);
            if there.is_none_or(|r| Arc::ptr_eq(r.dir(), dir)) {
                p.error_code = e.0;
                p.low_watermark = -1;
            }
        }
    }
}
