//! DeleteTopics (20), versions 1-6. By name, or from version 6 by id.

use super::topic_admin;
use crate::broker::Broker;
use crate::dispatch::Head;
use crate::replicas::is_internal;
use protocol::ids::TopicId;
use protocol::message::k20_delete_topics::response::DeletableTopicResult;
use protocol::message::k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use protocol::{ErrorCode, Str, Uuid};
use raft::Command;
use std::collections::BTreeMap;
use std::sync::Arc;

async fn delete(broker: &Broker, name: Option<&Str>, id: Uuid) -> DeletableTopicResult {
    let image = broker.metadata.image();
    let mut a = DeletableTopicResult { name: name.cloned(), topic_id: id, ..Default::default() };
    let found = match name {
        Some(_) if !id.is_zero() => Err(ErrorCode::INVALID_REQUEST),
        Some(n) => image.topic(n).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        None if id.is_zero() => Err(ErrorCode::INVALID_REQUEST),
        None => image.topics.get(&TopicId(id)).ok_or(ErrorCode::UNKNOWN_TOPIC_ID),
    };
    let result = match found {
        Err(e) => Err((e, String::new())),
        Ok(t) if is_internal(&t.name) => {
            Err((ErrorCode::INVALID_TOPIC_EXCEPTION, "internal topics cannot be deleted".to_string()))
        }
        Ok(t) => {
            a.name = Some(Str::from(&t.name));
            a.topic_id = t.id.0;
            let drop_table = broker.replicas.by_id(t.id).is_some_and(|t| t.config.load().lake_drop_on_delete);
            topic_admin::propose(broker, Command::DeleteTopic { id: t.id, drop_table }).await.map(|_| ())
        }
    };
    if let Err((e, why)) = result {
        a.error_code = e.0;
        a.error_message = (!why.is_empty()).then(|| Str::from(why));
    }
    a
}

pub async fn handle(broker: Arc<Broker>, head: Head, q: DeleteTopicsRequest) -> DeleteTopicsResponse {
    let asked: Vec<(Option<&Str>, Uuid)> = match head.version {
        6.. => q.topics.iter().map(|t| (t.name.as_ref(), t.topic_id)).collect(),
        _ => q.topic_names.iter().map(|name| (Some(name), Uuid::ZERO)).collect(),
    };
    let mut times = BTreeMap::new();
    for one in &asked {
        *times.entry(*one).or_insert(0) += 1;
    }
    let mut responses = Vec::new();
    // What stands twice is refused once, like in Kafka.
    for ((name, id), n) in times {
        responses.push(match n {
            1 => delete(&broker, name, id).await,
            _ => DeletableTopicResult {
                name: name.cloned(),
                topic_id: id,
                error_code: ErrorCode::INVALID_REQUEST.0,
                error_message: Some(Str::from_static("the topic stands twice in the request")),
            },
        });
    }
    DeleteTopicsResponse { responses, ..Default::default() }
}
