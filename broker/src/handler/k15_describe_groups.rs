//! DescribeGroups (15), versions 0-6. A missing group is "Dead", from version 6 with error 69.

use super::authorized;
use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use crate::limits;
use protocol::message::k15_describe_groups::response::{DescribedGroup, DescribedGroupMember};
use protocol::message::k15_describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use protocol::{ErrorCode, Str};
use std::collections::BTreeSet;
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, head: Head, q: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let mut groups = Vec::with_capacity(q.groups.len());
    let mut seen = BTreeSet::new();
    let mut bytes = 0;
    for name in q.groups.iter().filter(|g| seen.insert(*g)) {
        let group = name.to_string();
        let mut a = DescribedGroup { group_id: name.clone(), ..Default::default() };
        match broker.groups.ask(|reply| Call::Describe { group, reply }).await {
            Err(e) => a.error_code = e.0,
            Ok(Some(_)) if bytes > limits::ANSWER_BYTES_MAX => {
                a.error_code = ErrorCode::INVALID_REQUEST.0;
                a.error_message =
                    Some(Str::from_static("too much for one answer: describe fewer groups at once"));
            }
            Ok(None) => {
                a.group_state = Str::from_static("Dead");
                if head.version >= 6 {
                    a.error_code = ErrorCode::GROUP_ID_NOT_FOUND.0;
                    a.error_message = Some(Str::from(format!("Group {} not found.", limits::logged(name))));
                }
            }
            Ok(Some(g)) => {
                bytes += g.members.iter().map(|m| m.metadata.len() + m.assignment.len()).sum::<usize>();
                a.group_state = Str::from_static(g.state);
                a.protocol_type = Str::from(g.protocol_type);
                a.protocol_data = Str::from(g.protocol);
                a.members = g
                    .members
                    .into_iter()
                    .map(|m| DescribedGroupMember {
                        member_id: Str::from(m.member_id),
                        group_instance_id: m.instance_id.map(Str::from),
                        client_id: Str::from(m.client_id),
                        client_host: Str::from(m.client_host),
                        member_metadata: m.metadata,
                        member_assignment: m.assignment,
                    })
                    .collect();
            }
        }
        if a.error_code == 0 {
            a.authorized_operations =
                authorized::if_asked(authorized::GROUP, q.include_authorized_operations);
        }
        groups.push(a);
    }
    DescribeGroupsResponse { groups, ..Default::default() }
}
