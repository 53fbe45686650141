//! DescribeGroups (15), versions 0-6. A missing group is "Dead", from version 6 with error 69.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use protocol::message::k15_describe_groups::response::{DescribedGroup, DescribedGroupMember};
use protocol::message::k15_describe_groups::{DescribeGroupsRequest, DescribeGroupsResponse};
use protocol::{ErrorCode, Str};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, head: Head, q: DescribeGroupsRequest) -> DescribeGroupsResponse {
    let mut groups = Vec::with_capacity(q.groups.len());
    for name in &q.groups {
        let group = name.to_string();
        let mut a = DescribedGroup { group_id: name.clone(), ..Default::default() };
        match broker.groups.ask(|reply| Call::Describe { group, reply }).await {
            Err(e) => a.error_code = e.0,
            Ok(None) => {
                a.group_state = Str::from_static("Dead");
                if head.version >= 6 {
                    a.error_code = ErrorCode::GROUP_ID_NOT_FOUND.0;
                    a.error_message = Some(Str::from(format!("Group {} not found.", name.as_str())));
                }
            }
            Ok(Some(g)) => {
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
        groups.push(a);
    }
    DescribeGroupsResponse { groups, ..Default::default() }
}
