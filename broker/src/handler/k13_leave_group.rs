//! LeaveGroup (13), versions 0-5. One member, or from version 3 a batch, also by instance id.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use protocol::ErrorCode;
use protocol::message::k13_leave_group::response::MemberResponse;
use protocol::message::k13_leave_group::{LeaveGroupRequest, LeaveGroupResponse};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, head: Head, q: LeaveGroupRequest) -> LeaveGroupResponse {
    if q.group_id.is_empty() {
        return LeaveGroupResponse { error_code: ErrorCode::INVALID_GROUP_ID.0, ..Default::default() };
    }
    let members: Vec<(String, Option<String>)> = if head.version >= 3 {
        q.members
            .iter()
            .map(|m| (m.member_id.to_string(), m.group_instance_id.as_ref().map(|i| i.to_string())))
            .collect()
    } else {
        vec![(q.member_id.to_string(), None)]
    };
    let group = q.group_id.to_string();
    let codes = match broker.groups.ask(|reply| Call::Leave { group, members, reply }).await {
        Ok(c) => c,
        Err(e) => return LeaveGroupResponse { error_code: e.0, ..Default::default() },
    };
    if head.version < 3 {
        let error_code = codes.first().map_or(0, |c| c.0);
        return LeaveGroupResponse { error_code, ..Default::default() };
    }
    let members = q
        .members
        .iter()
        .zip(codes.iter().chain(std::iter::repeat(&ErrorCode::UNKNOWN_MEMBER_ID)))
        .map(|(m, c)| MemberResponse {
            member_id: m.member_id.clone(),
            group_instance_id: m.group_instance_id.clone(),
            error_code: c.0,
        })
        .collect();
    LeaveGroupResponse { members, ..Default::default() }
}
