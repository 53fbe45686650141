//! Topics: made, waited for, described, removed. Any broker of Kafka's protocol.
//!
//! Every call is bounded in time. Called before and after the measured part of a mode.

use crate::clock;
use crate::conn::Conn;
use protocol::message::k02_list_offsets::request::{ListOffsetsPartition, ListOffsetsTopic};
use protocol::message::k02_list_offsets::{ListOffsetsRequest, ListOffsetsResponse};
use protocol::message::k03_metadata::request::MetadataRequestTopic;
use protocol::message::k03_metadata::{MetadataRequest, MetadataResponse};
use protocol::message::k19_create_topics::request::{CreatableTopic, CreatableTopicConfig};
use protocol::message::k19_create_topics::{CreateTopicsRequest, CreateTopicsResponse};
use protocol::message::k20_delete_topics::request::DeleteTopicState;
use protocol::message::k20_delete_topics::{DeleteTopicsRequest, DeleteTopicsResponse};
use protocol::message::k44_incremental_alter_configs::request::{AlterConfigsResource, AlterableConfig};
use protocol::message::k44_incremental_alter_configs::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
};
use std::time::Duration;

const TIMEOUT_MS: i32 = 60_000;
const TOPIC: i8 = 2;
const SET: i8 = 0;

/// What Metadata says of one topic, or of the cluster if no topic is named.
pub fn metadata(c: &mut Conn, topic: Option<&str>) -> Result<MetadataResponse, String> {
    let topics = topic.map(|t| MetadataRequestTopic { name: Some(t.into()), ..Default::default() });
    let q = MetadataRequest {
        topics: Some(topics.into_iter().collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    };
    c.call(3, 12, &q)
}

/// Partitions of a topic that have a leader.
pub fn led(c: &mut Conn, topic: &str) -> Result<usize, String> {
    let m = metadata(c, Some(topic))?;
    let partitions = m.topics.iter().filter(|t| t.error_code == 0).flat_map(|t| &t.partitions);
    Ok(partitions.filter(|p| p.error_code == 0 && p.leader_id >= 0).count())
}

/// Makes a topic and returns once Metadata shows a leader for each of its partitions.
pub fn create(c: &mut Conn, topic: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<(), String> {
    let configs =
        configs.iter().map(|(k, v)| CreatableTopicConfig { name: (*k).into(), value: Some((*v).into()) });
    let wanted = CreatableTopic {
        name: topic.into(),
        num_partitions: partitions,
        replication_factor: 1,
        configs: configs.collect(),
        ..CreatableTopic::default()
    };
    let q = CreateTopicsRequest { topics: vec![wanted], timeout_ms: TIMEOUT_MS, validate_only: false };
    let a: CreateTopicsResponse = c.call(19, 7, &q)?;
    for t in &a.topics {
        if t.error_code != 0 {
            let why = t.error_message.as_ref().map_or("", |m| m.as_str());
            return Err(format!("creating {topic}: error {} {why}", t.error_code));
        }
    }
    wait_led(c, topic, partitions)
}

pub fn wait_led(c: &mut Conn, topic: &str, partitions: i32) -> Result<(), String> {
    let what = format!("leaders of {topic}");
    clock::poll(&what, Duration::from_secs(120), || Ok(led(c, topic)? == partitions as usize))
}

pub fn delete(c: &mut Conn, topic: &str) -> Result<(), String> {
    let q = DeleteTopicsRequest {
        topics: vec![DeleteTopicState { name: Some(topic.into()), ..Default::default() }],
        timeout_ms: TIMEOUT_MS,
        ..DeleteTopicsRequest::default()
    };
    let a: DeleteTopicsResponse = c.call(20, 6, &q)?;
    match a.responses.iter().find(|r| r.error_code != 0) {
        Some(r) => Err(format!("deleting {topic}: error {}", r.error_code)),
        None => Ok(()),
    }
}

/// Sets one config of a topic.
pub fn alter(c: &mut Conn, topic: &str, name: &str, value: &str) -> Result<(), String> {
    let config = AlterableConfig { name: name.into(), config_operation: SET, value: Some(value.into()) };
    let resource =
        AlterConfigsResource { resource_type: TOPIC, resource_name: topic.into(), configs: vec![config] };
    let q = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    let a: IncrementalAlterConfigsResponse = c.call(44, 1, &q)?;
    match a.responses.iter().find(|r| r.error_code != 0) {
        Some(r) => Err(format!("setting {name} of {topic}: error {}", r.error_code)),
        None => Ok(()),
    }
}

/// Makes a topic and returns once its partitions take requests: Metadata may speak of a leader earlier than that.
pub fn create_serving(c: &mut Conn, topic: &str, partitions: i32) -> Result<(), String> {
    create(c, topic, partitions, &[])?;
    wait_serving(c, topic, partitions)
}

pub fn wait_serving(c: &mut Conn, topic: &str, partitions: i32) -> Result<(), String> {
    clock::poll(&format!("{topic} to take requests"), Duration::from_secs(60), || {
        Ok(ends(c, topic, partitions)?.iter().all(Result::is_ok))
    })
}

/// The offset behind the last readable record of each partition, or an error code.
fn ends(c: &mut Conn, topic: &str, partitions: i32) -> Result<Vec<Result<i64, i16>>, String> {
    let asked = |p| ListOffsetsPartition { partition_index: p, current_leader_epoch: -1, timestamp: -1 };
    let q = ListOffsetsRequest {
        replica_id: -1,
        isolation_level: 0,
        topics: vec![ListOffsetsTopic {
            name: topic.into(),
            partitions: (0..partitions).map(asked).collect(),
        }],
        timeout_ms: TIMEOUT_MS,
    };
    let a: ListOffsetsResponse = c.call(2, 7, &q)?;
    let mut all: Vec<_> = a.topics.into_iter().flat_map(|t| t.partitions).collect();
    all.sort_by_key(|p| p.partition_index);
    Ok(all.iter().map(|p| if p.error_code == 0 { Ok(p.offset) } else { Err(p.error_code) }).collect())
}

/// The offset behind the last readable record of each partition.
pub fn latest(c: &mut Conn, topic: &str, partitions: i32) -> Result<Vec<i64>, String> {
    let all = ends(c, topic, partitions)?.into_iter().enumerate();
    all.map(|(p, end)| end.map_err(|e| format!("end of {topic}-{p}: error {e}"))).collect()
}
