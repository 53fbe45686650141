//! OffsetCommit (8), versions 2-10. Stores a group's positions; answered once they are durable.

use crate::broker::Broker;
use crate::coordinator::{Call, CommitItem, CommitRequest};
use crate::dispatch::Head;
use crate::limits;
use protocol::ErrorCode;
use protocol::ids::TopicId;
use protocol::message::k08_offset_commit::response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use protocol::message::k08_offset_commit::{OffsetCommitRequest, OffsetCommitResponse};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, head: Head, q: OffsetCommitRequest) -> OffsetCommitResponse {
    let too_long = q.group_id.len() > limits::GROUP_ID_MAX;
    let mut items = Vec::new();
    let mut topics: Vec<OffsetCommitResponseTopic> = Vec::with_capacity(q.topics.len());
    for t in &q.topics {
        let entry = if head.version >= 10 {
            broker.replicas.by_id(TopicId(t.topic_id)).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)
        } else {
            broker.replicas.by_name(&t.name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
        };
        let mut partitions = Vec::with_capacity(t.partitions.len());
        for p in &t.partitions {
            let metadata = p.committed_metadata.as_ref().map(|m| m.to_string()).unwrap_or_default();
            let code = match &entry {
                Err(e) => *e,
                Ok(e) if e.partition(p.partition_index).is_none() => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                Ok(_) if metadata.len() > broker.config.offset_metadata_max_bytes => {
                    ErrorCode::OFFSET_METADATA_TOO_LARGE
                }
                Ok(_) if p.committed_offset < 0 => ErrorCode::INVALID_REQUEST,
                Ok(e) => {
                    items.push(CommitItem {
                        topic: e.name.to_string(),
                        partition: p.partition_index,
                        offset: p.committed_offset,
                        leader_epoch: p.committed_leader_epoch,
                        metadata,
                    });
                    ErrorCode::NONE
                }
            };
            partitions.push(OffsetCommitResponsePartition {
                partition_index: p.partition_index,
                error_code: code.0,
            });
        }
        topics.push(OffsetCommitResponseTopic { name: t.name.clone(), topic_id: t.topic_id, partitions });
    }
    let request = CommitRequest {
        generation: q.generation_id_or_member_epoch,
        member_id: q.member_id.to_string(),
        instance_id: q.group_instance_id.as_ref().map(|i| i.to_string()),
        retention_ms: q.retention_time_ms,
        items,
    };
    let group = q.group_id.to_string();
    let code = if too_long {
        ErrorCode::INVALID_GROUP_ID
    } else {
        broker.groups.ask(|reply| Call::Commit { group, request, reply }).await.unwrap_or_else(|e| e)
    };
    if !code.is_ok() {
        let all = topics.iter_mut().flat_map(|t| t.partitions.iter_mut());
        all.filter(|p| p.error_code == 0).for_each(|p| p.error_code = code.0);
    }
    OffsetCommitResponse { topics, ..Default::default() }
}
