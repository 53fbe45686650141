//! DeleteGroups (42), versions 0-2. Only groups without members; their offsets go with them.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use protocol::message::k42_delete_groups::response::DeletableGroupResult;
use protocol::message::k42_delete_groups::{DeleteGroupsRequest, DeleteGroupsResponse};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, _head: Head, q: DeleteGroupsRequest) -> DeleteGroupsResponse {
    let mut results = Vec::with_capacity(q.groups_names.len());
    for name in &q.groups_names {
        let group = name.to_string();
        let code = broker.groups.ask(|reply| Call::Delete { group, reply }).await.unwrap_or_else(|e| e);
        results.push(DeletableGroupResult { group_id: name.clone(), error_code: code.0 });
    }
    DeleteGroupsResponse { results, ..Default::default() }
}
