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
use std::sync::Arc;

/// Kafka's `max.request.partition.size.limit`.
const PARTITIONS_MAX: usize = 2000;

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
        a.is_internal = is_internal(&name);
        let ids = |v: &[protocol::ids::BrokerId]| v.iter().map(|b| b.0).collect::<Vec<_>>();
        for (i, p) in t.partitions.iter().enumerate().skip(skip).take(left) {
            a.partitions.push(DescribeTopicPartitionsResponsePartition {
                partition_index: i as i32,
                leader_id: p.leader.0,
                leader_epoch: p.leader_epoch.0,
                replica_nodes: ids(&p.replicas),
                isr_nodes: ids(&p.isr),
                eligible_leader_replicas: Some(ids(&p.elr)),
                last_known_elr: Some(Vec::new()),
                ..Default::default()
            });
        }
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
