//! DescribeTopicPartitions (75), version 0. Topics by name, page by page, with ELR (KIP-966).
//!
//! The ELR lists are never null: Java's admin client cannot read that.

use crate::broker::Broker;
use crate::dispatch::Head;
use crate::replicas::is_internal;
use protocol::message::k75_describe_topic_partitions::response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use protocol::message::k75_describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse,
};
use protocol::{ErrorCode, Str};
use raft::{Partition, Topic};
use std::sync::Arc;

/// Kafka's `max.request.partition.size.limit`.
const PARTITIONS_MAX: usize = 2000;

fn described(
    broker: &Broker,
    t: &Topic,
    skip: usize,
    most: usize,
) -> Vec<DescribeTopicPartitionsResponsePartition> {
    let ids = |v: &[protocol::ids::BrokerId]| v.iter().map(|b| b.0).collect::<Vec<_>>();
    let entry = broker.replicas.by_id(t.id);
    let one = |(i, p): (usize, &Partition)| {
        let replica = entry.as_ref().and_then(|e| e.partition(i as i32));
        let is_offline = replica.is_some_and(|r| r.why_offline().is_some());
        DescribeTopicPartitionsResponsePartition {
            error_code: if is_offline { ErrorCode::KAFKA_STORAGE_ERROR.0 } else { 0 },
            offline_replicas: if is_offline { ids(&p.replicas) } else { Vec::new() },
            partition_index: i as i32,
            leader_id: p.leader.0,
            leader_epoch: p.leader_epoch.0,
            replica_nodes: ids(&p.replicas),
            isr_nodes: ids(&p.isr),
            eligible_leader_replicas: Some(ids(&p.elr)),
            last_known_elr: Some(Vec::new()),
        }
    };
    t.partitions.iter().enumerate().skip(skip).take(most).map(one).collect()
}

pub async fn handle(
    broker: Arc<Broker>,
    _head: Head,
    q: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let image = broker.metadata.image();
    let mut names: Vec<String> = if q.topics.is_empty() {
        image.names.keys().cloned().collect()
    } else {
        q.topics.iter().map(|t| t.name.to_string()).collect()
    };
    names.sort_unstable();
    names.dedup();
    if q.cursor.as_ref().is_some_and(|c| c.partition_index < 0) {
        let refused = names.iter().map(|name| DescribeTopicPartitionsResponseTopic {
            name: Some(Str::from(name)),
            error_code: ErrorCode::INVALID_REQUEST.0,
            ..Default::default()
        });
        return DescribeTopicPartitionsResponse { topics: refused.collect(), ..Default::default() };
    }
    let (from_name, from_partition) = match &q.cursor {
        Some(c) => (c.topic_name.to_string(), c.partition_index.max(0) as usize),
        None => (String::new(), 0),
    };
    let mut left = usize::try_from(q.response_partition_limit).unwrap_or(0).clamp(1, PARTITIONS_MAX);
    let mut response = DescribeTopicPartitionsResponse::default();
    for name in names.into_iter().filter(|n| *n >= from_name) {
        let skip = if name == from_name { from_partition } else { 0 };
        let mut a =
            DescribeTopicPartitionsResponseTopic { name: Some(Str::from(&name)), ..Default::default() };
        let Some(t) = image.topic(&name) else {
            a.error_code = match super::topic_admin::check_name(&name) {
                Ok(()) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0,
                Err((e, _)) => e.0,
            };
            response.topics.push(a);
            continue;
        };
        if left == 0 {
            response.next_cursor =
                Some(Cursor { topic_name: Str::from(&name), partition_index: skip as i32 });
            break;
        }
        a.topic_id = t.id.0;
        // There is no flag for it.
        a.topic_authorized_operations = super::authorized::TOPIC;
        a.is_internal = is_internal(&name);
        a.partitions = described(&broker, t, skip, left);
        let next = skip + a.partitions.len();
        left -= a.partitions.len();
        response.topics.push(a);
        if next < t.partitions.len() {
            response.next_cursor =
                Some(Cursor { topic_name: Str::from(&name), partition_index: next as i32 });
            break;
        }
    }
    response
}
