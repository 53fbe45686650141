//! InitProducerId (22), versions 0-5. A fresh id for an idempotent producer.
//!
//! Ids come from blocks of 1,000 that the cluster hands out once. Differs: a transactional id is refused with 53,
//! which clients treat as fatal at once; 53 carries no text in this API, the broker's log has it.

use crate::broker::Broker;
use crate::dispatch::Head;
use crate::limits;
use protocol::ErrorCode;
use protocol::message::k22_init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};
use std::sync::Arc;

fn failed(e: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse { error_code: e.0, producer_id: -1, producer_epoch: -1, ..Default::default() }
}

pub async fn handle(broker: Arc<Broker>, _head: Head, q: InitProducerIdRequest) -> InitProducerIdResponse {
    if let Some(id) = &q.transactional_id {
        if id.is_empty() {
            return failed(ErrorCode::INVALID_REQUEST);
        }
        tracing::info!(
            "transactional id {}: transactions are not supported by this version",
            limits::logged(id)
        );
        return failed(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    }
    match broker.next_producer_id().await {
        Ok(id) => InitProducerIdResponse { producer_id: id, producer_epoch: 0, ..Default::default() },
        Err(e) => failed(super::error_of::of_metadata(&e)),
    }
}
