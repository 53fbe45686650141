//! Heartbeat (12), versions 0-4. Keeps a member's session and tells it of rebalances.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use protocol::ErrorCode;
use protocol::message::k12_heartbeat::{HeartbeatRequest, HeartbeatResponse};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, _head: Head, q: HeartbeatRequest) -> HeartbeatResponse {
    if q.group_id.is_empty() {
        return HeartbeatResponse { error_code: ErrorCode::INVALID_GROUP_ID.0, ..Default::default() };
    }
    let code = broker
        .groups
        .ask(|reply| Call::Heartbeat {
            group: q.group_id.to_string(),
            member: q.member_id.to_string(),
            instance: q.group_instance_id.as_ref().map(|i| i.to_string()),
            generation: q.generation_id,
            reply,
        })
        .await
        .unwrap_or_else(|e| e);
    HeartbeatResponse { error_code: code.0, ..Default::default() }
}
