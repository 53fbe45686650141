//! Well-formed requests of every API: to be sent as they are, cut, bent, or repeated.

use crate::client::{Client, encode};
use bytes::Bytes;
use protocol::message::*;
use protocol::records::{BatchBuilder, Codec, NewRecord};
use protocol::{Records, Str};

use k00_produce::request::{PartitionProduceData, ProduceRequest, TopicProduceData};
use k01_fetch::request::{FetchPartition, FetchRequest, FetchTopic, ForgottenTopic};
use k02_list_offsets::request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic};
use k03_metadata::request::{MetadataRequest, MetadataRequestTopic};
use k08_offset_commit::request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use k09_offset_fetch::request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use k11_join_group::request::{JoinGroupRequest, JoinGroupRequestProtocol};
use k13_leave_group::request::{LeaveGroupRequest, MemberIdentity};
use k14_sync_group::request::{SyncGroupRequest, SyncGroupRequestAssignment};
use k19_create_topics::request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest};
use k19_create_topics::response::CreateTopicsResponse;
use k20_delete_topics::request::{DeleteTopicState, DeleteTopicsRequest};
use k21_delete_records::request::{DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic};
use k23_offset_for_leader_epoch::request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use k32_describe_configs::request::{DescribeConfigsRequest, DescribeConfigsResource};
use k37_create_partitions::request::{CreatePartitionsRequest, CreatePartitionsTopic};
use k44_incremental_alter_configs::request::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};
use k55_describe_quorum::request::{DescribeQuorumRequest, PartitionData, TopicData};
use k75_describe_topic_partitions::request::{DescribeTopicPartitionsRequest, TopicRequest};

pub fn batch(values: &[&[u8]]) -> Bytes {
    compressed(Codec::None, values)
}

pub fn compressed(codec: Codec, values: &[&[u8]]) -> Bytes {
    let mut b = BatchBuilder::new(codec);
    for v in values {
        b.push(NewRecord { timestamp: 1, key: Some(b"k"), value: Some(v), headers: &[] });
    }
    b.finish().unwrap()
}

pub fn produce(topic: &str, partition: i32, records: Bytes, acks: i16) -> ProduceRequest {
    let p = PartitionProduceData { index: partition, records: Some(Records::Bytes(records)) };
    let t = TopicProduceData { name: topic.into(), partition_data: vec![p], ..Default::default() };
    ProduceRequest { acks, timeout_ms: 30_000, topic_data: vec![t], ..Default::default() }
}

pub fn fetch(topic: &str, offset: i64) -> FetchRequest {
    let p = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: 1 << 20,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        ..Default::default()
    };
    let t = FetchTopic { topic: topic.into(), partitions: vec![p], ..Default::default() };
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 10_000,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: vec![t],
        ..Default::default()
    }
}

pub fn topic(name: &str, partitions: i32) -> CreatableTopic {
    CreatableTopic {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: 1,
        ..Default::default()
    }
}

pub fn create(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { topics, timeout_ms: 30_000, ..Default::default() }
}

pub fn make_topic(c: &mut Client, name: &str, partitions: i32) {
    let a: CreateTopicsResponse = c.call(19, 7, &create(vec![topic(name, partitions)]));
    assert_eq!(a.topics[0].error_code, 0, "{name}: {:?}", a.topics[0].error_message);
}

pub fn configured(name: &str, configs: &[(&str, &str)]) -> CreatableTopic {
    let configs = configs
        .iter()
        .map(|(k, v)| CreatableTopicConfig { name: (*k).into(), value: Some((*v).into()) })
        .collect();
    CreatableTopic { configs, ..topic(name, 1) }
}

pub fn metadata(names: &[&str], create: bool) -> MetadataRequest {
    let topics = names
        .iter()
        .map(|n| MetadataRequestTopic { name: Some((*n).into()), ..Default::default() })
        .collect();
    MetadataRequest { topics: Some(topics), allow_auto_topic_creation: create, ..Default::default() }
}

pub fn commit(group: &str, topic: &str, offset: i64) -> OffsetCommitRequest {
    let p = OffsetCommitRequestPartition {
        committed_offset: offset,
        committed_leader_epoch: -1,
        committed_metadata: Some("m".into()),
        ..Default::default()
    };
    let t = OffsetCommitRequestTopic { name: topic.into(), partitions: vec![p], ..Default::default() };
    OffsetCommitRequest {
        group_id: group.into(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: vec![t],
        ..Default::default()
    }
}

pub fn join(group: &str, member: &str, instance: Option<&str>) -> JoinGroupRequest {
    let p = JoinGroupRequestProtocol { name: "range".into(), metadata: Bytes::from_static(b"meta") };
    JoinGroupRequest {
        group_id: group.into(),
        session_timeout_ms: 60_000,
        rebalance_timeout_ms: 60_000,
        member_id: member.into(),
        group_instance_id: instance.map(Into::into),
        protocol_type: "consumer".into(),
        protocols: vec![p],
        ..Default::default()
    }
}

pub fn sync(group: &str, member: &str, generation: i32, to: &[(&str, Bytes)]) -> SyncGroupRequest {
    let assignments = to
        .iter()
        .map(|(m, a)| SyncGroupRequestAssignment { member_id: (*m).into(), assignment: a.clone() })
        .collect();
    SyncGroupRequest {
        group_id: group.into(),
        generation_id: generation,
        member_id: member.into(),
        protocol_type: Some("consumer".into()),
        protocol_name: Some("range".into()),
        assignments,
        ..Default::default()
    }
}

pub fn list_offsets(topic: &str, timestamp: i64) -> ListOffsetsRequest {
    let p = ListOffsetsPartition { timestamp, current_leader_epoch: -1, ..Default::default() };
    let t = ListOffsetsTopic { name: topic.into(), partitions: vec![p] };
    ListOffsetsRequest { replica_id: -1, topics: vec![t], ..Default::default() }
}

pub fn alter(resource: &str, name: &str, operation: i8, value: Option<&str>) -> AlterConfigsResource {
    let c = AlterableConfig { name: name.into(), config_operation: operation, value: value.map(Into::into) };
    AlterConfigsResource { resource_type: 2, resource_name: resource.into(), configs: vec![c] }
}

fn offset_fetch() -> OffsetFetchRequest {
    let topics = vec![OffsetFetchRequestTopic { name: "t".into(), partition_indexes: vec![0] }];
    let of_group =
        vec![OffsetFetchRequestTopics { name: "t".into(), partition_indexes: vec![0], ..Default::default() }];
    let g = OffsetFetchRequestGroup { group_id: "g".into(), topics: Some(of_group), ..Default::default() };
    OffsetFetchRequest { group_id: "g".into(), topics: Some(topics), groups: vec![g], ..Default::default() }
}

fn leave() -> LeaveGroupRequest {
    let m = MemberIdentity { member_id: "m".into(), ..Default::default() };
    LeaveGroupRequest { group_id: "g".into(), member_id: "m".into(), members: vec![m] }
}

/// A request of an API, as it would be in a version; none if the API is not here.
fn body(key: i16, v: i16) -> Option<Bytes> {
    let text: Str = "t".into();
    let enc = |b: Bytes| Some(b);
    macro_rules! of {
        ($q:expr) => {
            enc(encode(key, v, 7, Some("wire"), &$q))
        };
    }
    match key {
        0 => of!(produce("t", 0, batch(&[b"x"]), 1)),
        1 => of!(FetchRequest {
            forgotten_topics_data: vec![ForgottenTopic {
                topic: text,
                partitions: vec![3],
                ..Default::default()
            }],
            max_wait_ms: 1,
            ..fetch("t", 0)
        }),
        2 => of!(list_offsets("t", 1)),
        3 => of!(metadata(&["t"], false)),
        8 => of!(commit("g", "t", 1)),
        9 => of!(offset_fetch()),
        10 => of!(k10_find_coordinator::FindCoordinatorRequest {
            key: "g".into(),
            coordinator_keys: vec!["g".into()],
            ..Default::default()
        }),
        11 => of!(join("g", "", None)),
        12 => of!(k12_heartbeat::HeartbeatRequest {
            group_id: "g".into(),
            member_id: "m".into(),
            ..Default::default()
        }),
        13 => of!(leave()),
        14 => of!(sync("g", "m", 1, &[("m", Bytes::from_static(b"a"))])),
        15 => {
            of!(k15_describe_groups::DescribeGroupsRequest { groups: vec!["g".into()], ..Default::default() })
        }
        16 => of!(k16_list_groups::ListGroupsRequest {
            states_filter: vec!["Stable".into()],
            ..Default::default()
        }),
        18 => of!(k18_api_versions::ApiVersionsRequest {
            client_software_name: "wire".into(),
            client_software_version: "1".into(),
        }),
        _ => admin_body(key, v),
    }
}

fn admin_body(key: i16, v: i16) -> Option<Bytes> {
    let enc = |b: Bytes| Some(b);
    macro_rules! of {
        ($q:expr) => {
            enc(encode(key, v, 7, Some("wire"), &$q))
        };
    }
    match key {
        19 => of!(CreateTopicsRequest {
            validate_only: true,
            ..create(vec![configured("c", &[("retention.ms", "5")])])
        }),
        20 => of!(DeleteTopicsRequest {
            topics: vec![DeleteTopicState { name: Some("no".into()), ..Default::default() }],
            topic_names: vec!["no".into()],
            timeout_ms: 1,
        }),
        21 => of!(DeleteRecordsRequest {
            topics: vec![DeleteRecordsTopic {
                name: "t".into(),
                partitions: vec![DeleteRecordsPartition { partition_index: 0, offset: 0 }],
            }],
            timeout_ms: 1,
        }),
        22 => of!(k22_init_producer_id::InitProducerIdRequest {
            transaction_timeout_ms: 1,
            producer_id: -1,
            producer_epoch: -1,
            ..Default::default()
        }),
        23 => of!(OffsetForLeaderEpochRequest {
            replica_id: -1,
            topics: vec![OffsetForLeaderTopic {
                topic: "t".into(),
                partitions: vec![OffsetForLeaderPartition { current_leader_epoch: -1, ..Default::default() }],
            }],
        }),
        32 => of!(DescribeConfigsRequest {
            resources: vec![DescribeConfigsResource {
                resource_type: 2,
                resource_name: "t".into(),
                configuration_keys: Some(vec!["retention.ms".into()]),
            }],
            ..Default::default()
        }),
        37 => of!(CreatePartitionsRequest {
            topics: vec![CreatePartitionsTopic { name: "t".into(), count: 2, assignments: None }],
            timeout_ms: 1,
            validate_only: true,
        }),
        42 => of!(k42_delete_groups::DeleteGroupsRequest { groups_names: vec!["no".into()] }),
        44 => of!(IncrementalAlterConfigsRequest {
            resources: vec![alter("t", "retention.ms", 0, Some("9"))],
            validate_only: true,
        }),
        55 => of!(DescribeQuorumRequest {
            topics: vec![TopicData {
                topic_name: "__cluster_metadata".into(),
                partitions: vec![PartitionData { partition_index: 0 }],
            }],
        }),
        60 => of!(k60_describe_cluster::DescribeClusterRequest { endpoint_type: 1, ..Default::default() }),
        75 => of!(DescribeTopicPartitionsRequest {
            topics: vec![TopicRequest { name: "t".into() }],
            response_partition_limit: 10,
            ..Default::default()
        }),
        _ => None,
    }
}

/// (key, version, request without its length) for every version of every served API.
pub fn all() -> Vec<(i16, i16, Bytes)> {
    let mut out = Vec::new();
    for key in protocol::api::SERVED {
        let api = protocol::api::served(*key).unwrap();
        for v in api.min..=api.max {
            out.push((*key, v, body(*key, v).unwrap_or_else(|| panic!("no request for API {key}"))));
        }
    }
    out
}
