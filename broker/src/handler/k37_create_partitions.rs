//! CreatePartitions (37), versions 0-3. Only ever more partitions.

use super::topic_admin::{self, Failed};
use crate::broker::Broker;
use crate::dispatch::Head;
use crate::limits;
use crate::replicas::is_internal;
use protocol::ids::BrokerId;
use protocol::message::k37_create_partitions::request::CreatePartitionsTopic;
use protocol::message::k37_create_partitions::response::CreatePartitionsTopicResult;
use protocol::message::k37_create_partitions::{CreatePartitionsRequest, CreatePartitionsResponse};
use protocol::{ErrorCode, Str};
use raft::Command;
use std::sync::Arc;

async fn grow(
    broker: &Broker,
    t: &CreatePartitionsTopic,
    validate_only: bool,
    partitions_left: &mut usize,
) -> Result<(), Failed> {
    let image = broker.metadata.image();
    let unknown = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "this topic does not exist".to_string());
    let topic = image.topic(&t.name).ok_or(unknown)?;
    if is_internal(&t.name) {
        return Err((ErrorCode::INVALID_TOPIC_EXCEPTION, "internal topics cannot grow".into()));
    }
    topic_admin::check_partition_count(t.count)?;
    let have = topic.partitions.len();
    let added = (t.count as usize).checked_sub(have).filter(|n| *n > 0);
    let Some(added) = added else {
        return Err((ErrorCode::INVALID_PARTITIONS, format!("the topic has {have} partitions already")));
    };
    topic_admin::take_partitions(broker, added, partitions_left)?;
    let assignment: Vec<Vec<BrokerId>> = match &t.assignments {
        None => vec![vec![broker.me]; added],
        Some(a) if a.len() == added && a.iter().all(|x| x.broker_ids == [broker.me.0]) => {
            vec![vec![broker.me]; added]
        }
        Some(_) => {
            let why = format!("each of the {added} new partitions needs exactly this broker");
            return Err((ErrorCode::INVALID_REPLICA_ASSIGNMENT, why));
        }
    };
    if !validate_only {
        let command = Command::CreatePartitions { id: topic.id, added: assignment, have: Some(have) };
        topic_admin::propose(broker, command).await?;
    }
    Ok(())
}

pub async fn handle(
    broker: Arc<Broker>,
    _head: Head,
    q: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let mut results = Vec::new();
    let twice = topic_admin::repeated(q.topics.iter().map(|t| &t.name));
    let mut partitions_left = limits::CREATED_PARTITIONS_MAX;
    for t in &q.topics {
        let result = if twice.contains(&t.name) {
            Err((ErrorCode::INVALID_REQUEST, "the topic stands twice in the request".to_string()))
        } else {
            grow(&broker, t, q.validate_only, &mut partitions_left).await
        };
        let (code, why) = result.err().unzip();
        results.push(CreatePartitionsTopicResult {
            name: t.name.clone(),
            error_code: code.unwrap_or_default().0,
            error_message: why.map(Str::from),
        });
    }
    CreatePartitionsResponse { results, ..Default::default() }
}
