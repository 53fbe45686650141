//! FindCoordinator (10), versions 0-6. This broker, for groups.
//!
//! Differs: transactional ids (key type 1) answer 53 with a text, fatal at once in Java and librdkafka; share
//! groups (2) answer 42.

use crate::broker::Broker;
use crate::dispatch::Head;
use protocol::message::k10_find_coordinator::response::Coordinator;
use protocol::message::k10_find_coordinator::{FindCoordinatorRequest, FindCoordinatorResponse};
use protocol::{ErrorCode, Str};
use std::sync::Arc;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

async fn find(broker: &Broker, kind: i8) -> Result<(), (ErrorCode, &'static str)> {
    match kind {
        GROUP => {
            broker.offsets_topic().await.map(|_| ()).map_err(|e| (e, "the offsets topic is not available"))
        }
        TRANSACTION => Err((
            ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            "transactions are not supported by this version of Lipno",
        )),
        _ => Err((ErrorCode::INVALID_REQUEST, "this coordinator type is not supported")),
    }
}

pub async fn handle(broker: Arc<Broker>, head: Head, q: FindCoordinatorRequest) -> FindCoordinatorResponse {
    let found = find(&broker, q.key_type).await;
    let image = broker.metadata.image();
    let me = broker.endpoints(&image, head.listener).find(|(id, ..)| *id == broker.me.0);
    let mut one = Coordinator { node_id: -1, port: -1, ..Default::default() };
    match (found, me) {
        (Ok(()), Some((id, host, port, _))) => {
            one.node_id = id;
            one.host = host;
            one.port = port;
        }
        (Ok(()), None) => one.error_code = ErrorCode::COORDINATOR_NOT_AVAILABLE.0,
        (Err((e, why)), _) => {
            one.error_code = e.0;
            one.error_message = Some(Str::from_static(why));
        }
    }
    if head.version >= 4 {
        let coordinators =
            q.coordinator_keys.iter().map(|k| Coordinator { key: k.clone(), ..one.clone() }).collect();
        return FindCoordinatorResponse { coordinators, ..Default::default() };
    }
    FindCoordinatorResponse {
        error_code: one.error_code,
        error_message: one.error_message,
        node_id: one.node_id,
        host: one.host,
        port: one.port,
        ..Default::default()
    }
}
