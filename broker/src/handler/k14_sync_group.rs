//! SyncGroup (14), versions 0-5. The leader hands in the assignment, everybody gets theirs once it is stored.

use crate::broker::Broker;
use crate::coordinator::{Call, SyncRequest};
use crate::dispatch::Head;
use crate::limits;
use protocol::message::k14_sync_group::{SyncGroupRequest, SyncGroupResponse};
use protocol::{ErrorCode, Str};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, head: Head, q: SyncGroupRequest) -> SyncGroupResponse {
    if q.group_id.is_empty() {
        return SyncGroupResponse { error_code: ErrorCode::INVALID_GROUP_ID.0, ..Default::default() };
    }
    // From version 5 a client must name what it joined with.
    if head.version >= 5 && (q.protocol_type.is_none() || q.protocol_name.is_none()) {
        let error_code = ErrorCode::INCONSISTENT_GROUP_PROTOCOL.0;
        return SyncGroupResponse { error_code, ..Default::default() };
    }
    if q.assignments.iter().any(|a| a.assignment.len() > limits::ASSIGNMENT_BYTES_MAX) {
        return SyncGroupResponse { error_code: ErrorCode::INVALID_REQUEST.0, ..Default::default() };
    }
    let group = q.group_id.to_string();
    let request = SyncRequest {
        generation: q.generation_id,
        member_id: q.member_id.to_string(),
        instance_id: q.group_instance_id.as_ref().map(|i| i.to_string()),
        protocol_type: q.protocol_type.as_ref().map(|p| p.to_string()),
        protocol: q.protocol_name.as_ref().map(|p| p.to_string()),
        assignments: q
            .assignments
            .iter()
            .map(|a| (a.member_id.to_string(), bytes::Bytes::copy_from_slice(&a.assignment)))
            .collect(),
    };
    match broker.groups.ask(|reply| Call::Sync { group, request, reply }).await {
        Ok(a) => SyncGroupResponse {
            error_code: a.error.0,
            protocol_type: a.protocol_type.map(Str::from),
            protocol_name: a.protocol.map(Str::from),
            assignment: a.assignment,
            ..Default::default()
        },
        Err(e) => SyncGroupResponse { error_code: e.0, ..Default::default() },
    }
}
