//! DescribeQuorum (55), versions 0-2. The metadata quorum, in the shape of Kafka's `__cluster_metadata`.
//!
//! Differs: offsets are indexes of the Raft log.

use crate::broker::Broker;
use crate::dispatch::Head;
use crate::replicas::METADATA_TOPIC;
use protocol::message::k55_describe_quorum::response::{
    Listener, Node, PartitionData, ReplicaState, TopicData,
};
use protocol::message::k55_describe_quorum::{DescribeQuorumRequest, DescribeQuorumResponse};
use protocol::{ErrorCode, Str};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, _head: Head, q: DescribeQuorumRequest) -> DescribeQuorumResponse {
    let image = broker.metadata.image();
    let quorum = broker.metadata.quorum();
    let broker_of =
        |node: u64| image.brokers.iter().find(|(_, b)| b.raft_node == node).map_or(-1, |(id, _)| id.0);
    let now = broker.clock.now().wall_ms;
    let state = |node: &u64| ReplicaState {
        replica_id: broker_of(*node),
        log_end_offset: quorum.last_log_index + 1,
        last_fetch_timestamp: now,
        last_caught_up_timestamp: now,
        ..Default::default()
    };
    let topics = q
        .topics
        .iter()
        .map(|t| TopicData {
            topic_name: t.topic_name.clone(),
            partitions: t
                .partitions
                .iter()
                .map(|p| {
                    let known = *t.topic_name == *METADATA_TOPIC && p.partition_index == 0;
                    let mut a = PartitionData { partition_index: p.partition_index, ..Default::default() };
                    if known {
                        a.leader_id = quorum.leader.map_or(-1, broker_of);
                        a.leader_epoch = quorum.term as i32;
                        a.high_watermark = quorum.committed_index + 1;
                        a.current_voters = quorum.voters.iter().map(state).collect();
                        a.observers = quorum.learners.iter().map(state).collect();
                    } else {
                        a.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
                    }
                    a
                })
                .collect(),
        })
        .collect();
    let nodes = image
        .brokers
        .iter()
        .map(|(id, b)| Node {
            node_id: id.0,
            listeners: b
                .listeners
                .iter()
                .map(|l| Listener { name: Str::from(&l.name), host: Str::from(&l.host), port: l.port })
                .collect(),
        })
        .collect();
    DescribeQuorumResponse { topics, nodes, ..Default::default() }
}
