//! DeleteRecords (21), versions 0-2. Moves a partition's log start up; answered once that is on disk.

use super::error_of::of_log;
use crate::broker::Broker;
use crate::dispatch::Head;
use crate::replicas::{Replica, is_internal};
use protocol::ErrorCode;
use protocol::message::k21_delete_records::response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use protocol::message::k21_delete_records::{DeleteRecordsRequest, DeleteRecordsResponse};
use std::sync::Arc;
use tokio::sync::oneshot;

async fn delete(replica: &Arc<Replica>, offset: i64) -> Result<i64, ErrorCode> {
    if replica.why_offline().is_some() {
        return Err(ErrorCode::KAFKA_STORAGE_ERROR);
    }
    let low = replica.delete_records(offset).ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
    let (tx, rx) = oneshot::channel();
    let target = storage::dir::target(replica);
    replica.dir().submit(move |d| d.checkpoint_logs(&[target]), move |r| drop(tx.send(r)));
    match rx.await {
        Ok(Ok(())) => Ok(low),
        Ok(Err(e)) => Err(of_log(&e)),
        Err(_) => Err(ErrorCode::KAFKA_STORAGE_ERROR),
    }
}

pub async fn handle(broker: Arc<Broker>, _head: Head, q: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let mut topics = Vec::new();
    for t in &q.topics {
        let mut partitions = Vec::new();
        for p in &t.partitions {
            let result = match broker.replicas.partition(&t.name, p.partition_index) {
                None => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
                Some(_) if is_internal(&t.name) => Err(ErrorCode::INVALID_TOPIC_EXCEPTION),
                Some(r) => delete(&r, p.offset).await,
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: p.partition_index,
                low_watermark: result.unwrap_or(-1),
                error_code: result.err().unwrap_or_default().0,
            });
        }
        topics.push(DeleteRecordsTopicResult { name: t.name.clone(), partitions });
    }
    DeleteRecordsResponse { topics, ..Default::default() }
}
