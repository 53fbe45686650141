//! IncrementalAlterConfigs (44), versions 0-1. Sets and deletes topic configs.
//!
//! Differs: broker configs are static in this version (42 with a text); append and subtract apply to
//! `cleanup.policy` alone, whose only value is `delete`. A resource that stands twice is refused (42), like in Kafka.

use super::topic_admin::{self, Failed};
use crate::broker::Broker;
use crate::config::topic;
use crate::dispatch::Head;
use crate::limits;
use crate::replicas::is_internal;
use protocol::message::k44_incremental_alter_configs::request::AlterConfigsResource;
use protocol::message::k44_incremental_alter_configs::response::AlterConfigsResourceResponse;
use protocol::message::k44_incremental_alter_configs::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use protocol::{ErrorCode, Str};
use raft::{Command, Resource};
use std::collections::BTreeMap;
use std::sync::Arc;

const TOPIC: i8 = 2;
const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// What the broker's configs make of a topic config that is not set.
fn defaults(broker: &Broker, name: &str) -> String {
    topic::definition(name).map_or_else(String::new, |d| broker.replicas.defaults().value(d).0.to_string())
}

async fn alter(broker: &Broker, r: &AlterConfigsResource, validate_only: bool) -> Result<(), Failed> {
    if r.resource_type != TOPIC {
        return Err((ErrorCode::INVALID_REQUEST, "only topic configs can be altered in this version".into()));
    }
    let image = broker.metadata.image();
    let unknown = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "this topic does not exist".to_string());
    let topic = Some(image.topic(&r.resource_name).ok_or(unknown)?.id);
    if is_internal(&r.resource_name) {
        return Err((ErrorCode::INVALID_REQUEST, "configs of internal topics cannot be altered".into()));
    }
    let mut changes = Vec::new();
    for c in &r.configs {
        let bad = |why: &str| (ErrorCode::INVALID_CONFIG, format!("{}: {why}", limits::logged(&c.name)));
        if changes.iter().any(|(k, _): &(String, Option<String>)| k.as_str() == c.name.as_str()) {
            return Err((ErrorCode::INVALID_REQUEST, format!("{} stands twice", limits::logged(&c.name))));
        }
        let change = match c.config_operation {
            DELETE if topic::definition(&c.name).is_none() => {
                topic::check(&c.name, "").map_err(|e| (ErrorCode::INVALID_CONFIG, e.to_string()))?;
                None
            }
            DELETE => None,
            SET | APPEND => {
                let v = c.value.as_ref().ok_or_else(|| bad("a value is needed"))?;
                if c.config_operation == APPEND && *c.name != *"cleanup.policy" {
                    return Err(bad("only list configs can be appended to"));
                }
                topic::check(&c.name, v).map_err(|e| (ErrorCode::INVALID_CONFIG, e.to_string()))?;
                Some(v.trim().to_string())
            }
            SUBTRACT if *c.name == *"cleanup.policy" => {
                let v = c.value.as_ref().ok_or_else(|| bad("a value is needed"))?;
                let stays = |word: &str| !v.split(',').any(|x| x.trim() == word);
                let own = image.topic_configs(&r.resource_name).and_then(|o| o.get(c.name.as_str()));
                let now = own.map_or_else(|| defaults(broker, &c.name), String::clone);
                let left: Vec<&str> = now.split(',').map(str::trim).filter(|w| stays(w)).collect();
                if left.len() == now.split(',').count() {
                    // What is not there need not be taken away.
                    continue;
                }
                let left = left.join(",");
                topic::check(&c.name, &left).map_err(|e| (ErrorCode::INVALID_CONFIG, e.to_string()))?;
                Some(left)
            }
            SUBTRACT => return Err(bad("only list configs can be subtracted from")),
            _ => return Err((ErrorCode::INVALID_REQUEST, bad("there is no such operation").1)),
        };
        changes.push((c.name.to_string(), change));
    }
    if !validate_only {
        let resource = Resource::Topic(r.resource_name.to_string());
        topic_admin::propose(broker, Command::AlterConfigs { resource, topic, changes }).await?;
    }
    Ok(())
}

pub async fn handle(
    broker: Arc<Broker>,
    _head: Head,
    q: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let mut responses = Vec::new();
    let mut seen = BTreeMap::new();
    for r in &q.resources {
        *seen.entry((r.resource_type, &r.resource_name)).or_insert(0) += 1;
    }
    for r in &q.resources {
        let is_once = seen.get(&(r.resource_type, &r.resource_name)) == Some(&1);
        let result = match is_once {
            true => alter(&broker, r, q.validate_only).await,
            false => Err((ErrorCode::INVALID_REQUEST, "the resource stands twice in the request".into())),
        };
        let (code, why) = result.err().unzip();
        responses.push(AlterConfigsResourceResponse {
            error_code: code.unwrap_or_default().0,
            error_message: why.map(Str::from),
            resource_type: r.resource_type,
            resource_name: r.resource_name.clone(),
        });
    }
    IncrementalAlterConfigsResponse { responses, ..Default::default() }
}
