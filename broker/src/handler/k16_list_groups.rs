//! ListGroups (16), versions 0-5. With filters on state (4) and type (5), both ignoring case as Kafka does.

use crate::broker::Broker;
use crate::coordinator::Call;
use crate::dispatch::Head;
use protocol::Str;
use protocol::message::k16_list_groups::response::ListedGroup;
use protocol::message::k16_list_groups::{ListGroupsRequest, ListGroupsResponse};
use std::collections::BTreeSet;
use std::sync::Arc;

const TYPE: &str = "classic";

pub async fn handle(broker: Arc<Broker>, _head: Head, q: ListGroupsRequest) -> ListGroupsResponse {
    let folded = |f: &[Str]| f.iter().map(|s| s.to_ascii_lowercase()).collect::<BTreeSet<String>>();
    let (states, types) = (folded(&q.states_filter), folded(&q.types_filter));
    let passes = |filter: &BTreeSet<String>, value: &str| {
        filter.is_empty() || filter.contains(&value.to_ascii_lowercase())
    };
    match broker.groups.ask(|reply| Call::List { reply }).await {
        Err(e) => ListGroupsResponse { error_code: e.0, ..Default::default() },
        Ok(all) => {
            let groups = all
                .into_iter()
                .filter(|g| passes(&states, g.state) && passes(&types, TYPE))
                .map(|g| ListedGroup {
                    group_id: Str::from(g.group),
                    protocol_type: Str::from(g.protocol_type),
                    group_state: Str::from_static(g.state),
                    group_type: Str::from_static(TYPE),
                })
                .collect();
            ListGroupsResponse { groups, ..Default::default() }
        }
    }
}
