//! Metadata (3), versions 0-13. Brokers, topics, partitions, leaders; creates topics that are asked for.
//!
//! Like Kafka 4: null (or in version 0 an empty list) means all topics; ids from version 12; a missing topic is
//! created if both the broker and the request allow it. Differs: the created topic is in the same answer.

use super::{authorized, topic_admin};
use crate::broker::Broker;
use crate::dispatch::Head;
use crate::limits;
use crate::replicas::{METADATA_TOPIC, is_internal};
use protocol::ids::TopicId;
use protocol::message::k03_metadata::response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use protocol::message::k03_metadata::{MetadataRequest, MetadataResponse};
use protocol::{ErrorCode, Str, Uuid};
use raft::{Image, Topic};
use std::collections::BTreeSet;
use std::sync::Arc;

fn topic(broker: &Broker, t: &Topic) -> MetadataResponseTopic {
    let entry = broker.replicas.by_id(t.id);
    let partitions = t
        .partitions
        .iter()
        .enumerate()
        .map(|(i, p)| {
            let replica = entry.as_ref().and_then(|e| e.partition(i as i32));
            // A topic that is being made is in the image a moment before its logs are open.
            let error = match replica {
                None => ErrorCode::LEADER_NOT_AVAILABLE,
                Some(r) if r.why_offline().is_some() => ErrorCode::KAFKA_STORAGE_ERROR,
                Some(_) => ErrorCode::NONE,
            };
            let offline = error == ErrorCode::KAFKA_STORAGE_ERROR;
            let nodes = |ids: &[protocol::ids::BrokerId]| ids.iter().map(|b| b.0).collect::<Vec<_>>();
            MetadataResponsePartition {
                error_code: error.0,
                partition_index: i as i32,
                leader_id: if error == ErrorCode::LEADER_NOT_AVAILABLE { -1 } else { p.leader.0 },
                leader_epoch: p.leader_epoch.0,
                replica_nodes: nodes(&p.replicas),
                isr_nodes: nodes(&p.isr),
                offline_replicas: if offline { nodes(&p.replicas) } else { Vec::new() },
            }
        })
        .collect();
    MetadataResponseTopic {
        error_code: 0,
        name: Some(Str::from(&t.name)),
        topic_id: t.id.0,
        is_internal: is_internal(&t.name),
        partitions,
        ..Default::default()
    }
}

fn missing(name: Option<Str>, id: Uuid, error: ErrorCode) -> MetadataResponseTopic {
    MetadataResponseTopic { error_code: error.0, name, topic_id: id, ..Default::default() }
}

async fn named(
    broker: &Arc<Broker>,
    image: &mut Arc<Image>,
    name: &Str,
    may_make: &mut usize,
) -> MetadataResponseTopic {
    if let Some(t) = image.topic(name) {
        return topic(broker, t);
    }
    if let Err((e, _)) = topic_admin::check_name(name) {
        return missing(Some(name.clone()), Uuid::ZERO, e);
    }
    // A request makes only so many; the client asks again for the rest.
    if *may_make == 0 || is_internal(name) || **name == *METADATA_TOPIC {
        return missing(Some(name.clone()), Uuid::ZERO, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    }
    *may_make -= 1;
    let c = &broker.config;
    let mut left = limits::CREATED_PARTITIONS_MAX;
    let planned = topic_admin::assignment(broker, c.num_partitions, c.default_replication_factor)
        .and_then(|a| topic_admin::take_partitions(broker, a.len(), &mut left).map(|()| a));
    let made = match planned {
        Ok(a) => topic_admin::create(broker, name, a, Vec::new()).await.map(|_| ()),
        Err(e) => Err(e),
    };
    *image = broker.metadata.image();
    match (image.topic(name), made) {
        // Another client may have created it meanwhile: what counts is that it is there.
        (Some(t), _) => topic(broker, t),
        (None, Err((e, why))) => {
            tracing::info!("topic {} could not be created: {why}", limits::logged(name));
            missing(Some(name.clone()), Uuid::ZERO, e)
        }
        (None, Ok(())) => missing(Some(name.clone()), Uuid::ZERO, ErrorCode::LEADER_NOT_AVAILABLE),
    }
}

pub async fn handle(broker: Arc<Broker>, head: Head, q: MetadataRequest) -> MetadataResponse {
    let mut image = broker.metadata.image();
    let v = head.version;
    let all = match &q.topics {
        None => true,
        Some(t) => v == 0 && t.is_empty(),
    };
    let asked = q.topics.unwrap_or_default();
    let mut topics = Vec::new();
    if all {
        topics.extend(image.topics.values().map(|t| topic(&broker, t)));
    } else {
        let by_id = asked.iter().any(|t| !t.topic_id.is_zero());
        let may_create = broker.config.auto_create_topics && q.allow_auto_topic_creation;
        // Each topic once, as often as it was asked for.
        let mut seen = BTreeSet::new();
        let mut may_make = if may_create { limits::AUTO_CREATED_TOPICS_MAX } else { 0 };
        for t in asked.iter().filter(|t| seen.insert((&t.name, t.topic_id))) {
            topics.push(match &t.name {
                _ if by_id => match image.topics.get(&TopicId(t.topic_id)) {
                    Some(found) => topic(&broker, found),
                    None => missing(None, t.topic_id, ErrorCode::UNKNOWN_TOPIC_ID),
                },
                Some(name) => named(&broker, &mut image, name, &mut may_make).await,
                None => missing(None, Uuid::ZERO, ErrorCode::INVALID_REQUEST),
            });
        }
    }
    let brokers = broker
        .endpoints(&image, head.listener)
        .map(|(id, host, port, rack)| MetadataResponseBroker { node_id: id, host, port, rack })
        .collect();
    for t in topics.iter_mut().filter(|t| t.error_code == 0) {
        t.topic_authorized_operations =
            authorized::if_asked(authorized::TOPIC, q.include_topic_authorized_operations);
    }
    MetadataResponse {
        brokers,
        cluster_id: Some(Str::from(&image.cluster_id)),
        controller_id: broker.me.0,
        topics,
        cluster_authorized_operations: authorized::if_asked(
            authorized::CLUSTER,
            q.include_cluster_authorized_operations,
        ),
        ..Default::default()
    }
}
