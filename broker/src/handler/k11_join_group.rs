//! JoinGroup (11), versions 0-9. Classic groups: eager and cooperative rebalancing, static members.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use crate::limits;
use crate::machine::group::{JoinAnswer, JoinRequest};
use protocol::message::k11_join_group::response::JoinGroupResponseMember;
use protocol::message::k11_join_group::{JoinGroupRequest, JoinGroupResponse};
use protocol::{ErrorCode, Str};
use std::sync::Arc;

fn failed(e: ErrorCode, member_id: &Str) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: e.0,
        protocol_name: Some(Str::default()),
        member_id: member_id.clone(),
        ..Default::default()
    }
}

pub async fn handle(broker: Arc<Broker>, head: Head, q: JoinGroupRequest) -> JoinGroupResponse {
    if q.group_id.is_empty() || q.group_id.len() > limits::GROUP_ID_MAX {
        return failed(ErrorCode::INVALID_GROUP_ID, &q.member_id);
    }
    // What the group would keep of this member, and compare with what the others know.
    let kept =
        q.protocols.iter().map(|p| p.name.len() + p.metadata.len()).sum::<usize>() + q.protocol_type.len();
    let instance = q.group_instance_id.as_ref().map_or(0, |i| i.len());
    if kept > limits::MEMBER_METADATA_MAX
        || q.protocols.len() > limits::MEMBER_PROTOCOLS_MAX
        || instance > limits::INSTANCE_ID_MAX
    {
        return failed(ErrorCode::INVALID_REQUEST, &q.member_id);
    }
    let client_id = head.client_id.as_ref().map(|c| c.to_string()).unwrap_or_default();
    let instance_id = q.group_instance_id.as_ref().map(|i| i.to_string());
    let prefix = instance_id.as_deref().unwrap_or(&client_id);
    let request = JoinRequest {
        fresh_id: format!("{prefix}-{}", broker.fresh_uuid()),
        member_id: q.member_id.to_string(),
        client_host: format!("/{}", head.address.ip()),
        session_timeout_ms: q.session_timeout_ms,
        rebalance_timeout_ms: if q.rebalance_timeout_ms < 0 {
            q.session_timeout_ms
        } else {
            q.rebalance_timeout_ms
        },
        protocol_type: q.protocol_type.to_string(),
        // Copies: what a group keeps must not hold whole frames in memory.
        protocols: q
            .protocols
            .iter()
            .map(|p| (p.name.to_string(), bytes::Bytes::copy_from_slice(&p.metadata)))
            .collect(),
        require_known_member: head.version >= 4,
        can_skip_assignment: head.version >= 9,
        instance_id,
        client_id,
    };
    let group = q.group_id.to_string();
    let request = Box::new(request);
    let answer = broker.groups.ask(|reply| Call::Join { group, request, reply }).await;
    match answer {
        Ok(a) => response(a),
        Err(e) => failed(e, &q.member_id),
    }
}

fn response(a: JoinAnswer) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: a.error.0,
        generation_id: a.generation,
        protocol_type: a.protocol_type.map(Str::from),
        protocol_name: Some(Str::from(a.protocol.unwrap_or_default())),
        leader: Str::from(a.leader),
        skip_assignment: a.skip_assignment,
        member_id: Str::from(a.member_id),
        members: a
            .members
            .into_iter()
            .map(|(id, instance, metadata)| JoinGroupResponseMember {
                member_id: Str::from(id),
                group_instance_id: instance.map(Str::from),
                metadata,
            })
            .collect(),
        ..Default::default()
    }
}
