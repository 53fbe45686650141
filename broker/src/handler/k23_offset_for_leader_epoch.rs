//! OffsetForLeaderEpoch (23), versions 2-4. Where a leader epoch ends in this log (KIP-101, KIP-279, KIP-320).

use super::error_of::of_refuse;
use crate::broker::Broker;
use crate::dispatch::Head;
use protocol::ErrorCode;
use protocol::message::k23_offset_for_leader_epoch::response::{EpochEndOffset, OffsetForLeaderTopicResult};
use protocol::message::k23_offset_for_leader_epoch::{
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
};
use std::sync::Arc;

pub async fn handle(
    broker: Arc<Broker>,
    _head: Head,
    q: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topics = q
        .topics
        .iter()
        .map(|t| {
            let partitions = t
                .partitions
                .iter()
                .map(|p| {
                    let mut a = EpochEndOffset { partition: p.partition, ..Default::default() };
                    match broker.replicas.partition(&t.topic, p.partition) {
                        None => a.error_code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0,
                        Some(r) => match r.check_epoch(p.current_leader_epoch) {
                            Err(e) => a.error_code = of_refuse(&e).0,
                            Ok(()) => {
                                let (epoch, end) = r.epoch_end(p.leader_epoch).unwrap_or((-1, -1));
                                a.leader_epoch = epoch;
                                // Nothing above the high watermark is promised to a client.
                                a.end_offset = end.min(r.ends().high_watermark);
                            }
                        },
                    }
                    a
                })
                .collect();
            OffsetForLeaderTopicResult { topic: t.topic.clone(), partitions }
        })
        .collect();
    OffsetForLeaderEpochResponse { topics, ..Default::default() }
}
