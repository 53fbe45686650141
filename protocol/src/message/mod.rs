//! Every message of the protocol, one file per API key. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. `CODECS` lets tests reach every (message, version).

use crate::primitive::{DecodeError, Message, Reader, Writer};
use bytes::{Bytes, BytesMut};

pub mod data;
pub mod group_log;
pub mod header;
pub mod k00_produce;
pub mod k01_fetch;
pub mod k02_list_offsets;
pub mod k03_metadata;
pub mod k08_offset_commit;
pub mod k09_offset_fetch;
pub mod k10_find_coordinator;
pub mod k11_join_group;
pub mod k12_heartbeat;
pub mod k13_leave_group;
pub mod k14_sync_group;
pub mod k15_describe_groups;
pub mod k16_list_groups;
pub mod k17_sasl_handshake;
pub mod k18_api_versions;
pub mod k19_create_topics;
pub mod k20_delete_topics;
pub mod k21_delete_records;
pub mod k22_init_producer_id;
pub mod k23_offset_for_leader_epoch;
pub mod k24_add_partitions_to_txn;
pub mod k25_add_offsets_to_txn;
pub mod k26_end_txn;
pub mod k27_write_txn_markers;
pub mod k28_txn_offset_commit;
pub mod k29_describe_acls;
pub mod k30_create_acls;
pub mod k31_delete_acls;
pub mod k32_describe_configs;
pub mod k33_alter_configs;
pub mod k34_alter_replica_log_dirs;
pub mod k35_describe_log_dirs;
pub mod k36_sasl_authenticate;
pub mod k37_create_partitions;
pub mod k38_create_delegation_token;
pub mod k39_renew_delegation_token;
pub mod k40_expire_delegation_token;
pub mod k41_describe_delegation_token;
pub mod k42_delete_groups;
pub mod k43_elect_leaders;
pub mod k44_incremental_alter_configs;
pub mod k45_alter_partition_reassignments;
pub mod k46_list_partition_reassignments;
pub mod k47_offset_delete;
pub mod k48_describe_client_quotas;
pub mod k49_alter_client_quotas;
pub mod k50_describe_user_scram_credentials;
pub mod k51_alter_user_scram_credentials;
pub mod k55_describe_quorum;
pub mod k57_update_features;
pub mod k60_describe_cluster;
pub mod k61_describe_producers;
pub mod k64_unregister_broker;
pub mod k65_describe_transactions;
pub mod k66_list_transactions;
pub mod k68_consumer_group_heartbeat;
pub mod k69_consumer_group_describe;
pub mod k71_get_telemetry_subscriptions;
pub mod k72_push_telemetry;
pub mod k74_list_config_resources;
pub mod k75_describe_topic_partitions;
pub mod k76_share_group_heartbeat;
pub mod k77_share_group_describe;
pub mod k78_share_fetch;
pub mod k79_share_acknowledge;
pub mod k80_add_raft_voter;
pub mod k81_remove_raft_voter;
pub mod k83_initialize_share_group_state;
pub mod k84_read_share_group_state;
pub mod k85_write_share_group_state;
pub mod k86_delete_share_group_state;
pub mod k87_read_share_group_state_summary;
pub mod k88_streams_group_heartbeat;
pub mod k89_streams_group_describe;
pub mod k90_describe_share_group_offsets;
pub mod k91_alter_share_group_offsets;
pub mod k92_delete_share_group_offsets;
pub mod share_log;
pub mod transaction_log;

/// What the facts say of one API: key, Kafka's name, versions (inclusive), first flexible version
/// (`i16::MAX` = never), and whether the newest version is unstable (not advertised).
#[derive(Clone, Copy, Debug)]
pub struct ApiFacts {
    pub key: i16,
    pub name: &'static str,
    pub versions: (i16, i16),
    pub flexible_from: i16,
    pub unstable_last: bool,
}

pub static APIS: &[ApiFacts] = &[
    ApiFacts { key: 0, name: "Produce", versions: (3, 13), flexible_from: 9, unstable_last: false },
    ApiFacts { key: 1, name: "Fetch", versions: (4, 18), flexible_from: 12, unstable_last: false },
    ApiFacts { key: 2, name: "ListOffsets", versions: (1, 11), flexible_from: 6, unstable_last: false },
    ApiFacts { key: 3, name: "Metadata", versions: (0, 13), flexible_from: 9, unstable_last: false },
    ApiFacts { key: 8, name: "OffsetCommit", versions: (2, 10), flexible_from: 8, unstable_last: false },
    ApiFacts { key: 9, name: "OffsetFetch", versions: (1, 10), flexible_from: 6, unstable_last: false },
    ApiFacts { key: 10, name: "FindCoordinator", versions: (0, 6), flexible_from: 3, unstable_last: false },
    ApiFacts { key: 11, name: "JoinGroup", versions: (0, 9), flexible_from: 6, unstable_last: false },
    ApiFacts { key: 12, name: "Heartbeat", versions: (0, 4), flexible_from: 4, unstable_last: false },
    ApiFacts { key: 13, name: "LeaveGroup", versions: (0, 5), flexible_from: 4, unstable_last: false },
    ApiFacts { key: 14, name: "SyncGroup", versions: (0, 5), flexible_from: 4, unstable_last: false },
    ApiFacts { key: 15, name: "DescribeGroups", versions: (0, 6), flexible_from: 5, unstable_last: false },
    ApiFacts { key: 16, name: "ListGroups", versions: (0, 5), flexible_from: 3, unstable_last: false },
    ApiFacts {
        key: 17,
        name: "SaslHandshake",
        versions: (0, 1),
        flexible_from: i16::MAX,
        unstable_last: false,
    },
    ApiFacts { key: 18, name: "ApiVersions", versions: (0, 4), flexible_from: 3, unstable_last: false },
    ApiFacts { key: 19, name: "CreateTopics", versions: (2, 7), flexible_from: 5, unstable_last: false },
    ApiFacts { key: 20, name: "DeleteTopics", versions: (1, 6), flexible_from: 4, unstable_last: false },
    ApiFacts { key: 21, name: "DeleteRecords", versions: (0, 2), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 22, name: "InitProducerId", versions: (0, 6), flexible_from: 2, unstable_last: true },
    ApiFacts {
        key: 23,
        name: "OffsetForLeaderEpoch",
        versions: (2, 4),
        flexible_from: 4,
        unstable_last: false,
    },
    ApiFacts {
        key: 24,
        name: "AddPartitionsToTxn",
        versions: (0, 5),
        flexible_from: 3,
        unstable_last: false,
    },
    ApiFacts { key: 25, name: "AddOffsetsToTxn", versions: (0, 4), flexible_from: 3, unstable_last: false },
    ApiFacts { key: 26, name: "EndTxn", versions: (0, 5), flexible_from: 3, unstable_last: false },
    ApiFacts { key: 27, name: "WriteTxnMarkers", versions: (1, 2), flexible_from: 1, unstable_last: false },
    ApiFacts { key: 28, name: "TxnOffsetCommit", versions: (0, 5), flexible_from: 3, unstable_last: false },
    ApiFacts { key: 29, name: "DescribeAcls", versions: (1, 3), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 30, name: "CreateAcls", versions: (1, 3), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 31, name: "DeleteAcls", versions: (1, 3), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 32, name: "DescribeConfigs", versions: (1, 4), flexible_from: 4, unstable_last: false },
    ApiFacts { key: 33, name: "AlterConfigs", versions: (0, 2), flexible_from: 2, unstable_last: false },
    ApiFacts {
        key: 34,
        name: "AlterReplicaLogDirs",
        versions: (1, 2),
        flexible_from: 2,
        unstable_last: false,
    },
    ApiFacts { key: 35, name: "DescribeLogDirs", versions: (1, 5), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 36, name: "SaslAuthenticate", versions: (0, 2), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 37, name: "CreatePartitions", versions: (0, 3), flexible_from: 2, unstable_last: false },
    ApiFacts {
        key: 38,
        name: "CreateDelegationToken",
        versions: (1, 3),
        flexible_from: 2,
        unstable_last: false,
    },
    ApiFacts {
        key: 39,
        name: "RenewDelegationToken",
        versions: (1, 2),
        flexible_from: 2,
        unstable_last: false,
    },
    ApiFacts {
        key: 40,
        name: "ExpireDelegationToken",
        versions: (1, 2),
        flexible_from: 2,
        unstable_last: false,
    },
    ApiFacts {
        key: 41,
        name: "DescribeDelegationToken",
        versions: (1, 3),
        flexible_from: 2,
        unstable_last: false,
    },
    ApiFacts { key: 42, name: "DeleteGroups", versions: (0, 2), flexible_from: 2, unstable_last: false },
    ApiFacts { key: 43, name: "ElectLeaders", versions: (0, 2), flexible_from: 2, unstable_last: false },
    ApiFacts {
        key: 44,
        name: "IncrementalAlterConfigs",
        versions: (0, 1),
        flexible_from: 1,
        unstable_last: false,
    },
    ApiFacts {
        key: 45,
        name: "AlterPartitionReassignments",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 46,
        name: "ListPartitionReassignments",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 47,
        name: "OffsetDelete",
        versions: (0, 0),
        flexible_from: i16::MAX,
        unstable_last: false,
    },
    ApiFacts {
        key: 48,
        name: "DescribeClientQuotas",
        versions: (0, 1),
        flexible_from: 1,
        unstable_last: false,
    },
    ApiFacts { key: 49, name: "AlterClientQuotas", versions: (0, 1), flexible_from: 1, unstable_last: false },
    ApiFacts {
        key: 50,
        name: "DescribeUserScramCredentials",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 51,
        name: "AlterUserScramCredentials",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts { key: 55, name: "DescribeQuorum", versions: (0, 2), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 57, name: "UpdateFeatures", versions: (0, 2), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 60, name: "DescribeCluster", versions: (0, 2), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 61, name: "DescribeProducers", versions: (0, 0), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 64, name: "UnregisterBroker", versions: (0, 0), flexible_from: 0, unstable_last: false },
    ApiFacts {
        key: 65,
        name: "DescribeTransactions",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts { key: 66, name: "ListTransactions", versions: (0, 2), flexible_from: 0, unstable_last: false },
    ApiFacts {
        key: 68,
        name: "ConsumerGroupHeartbeat",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 69,
        name: "ConsumerGroupDescribe",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 71,
        name: "GetTelemetrySubscriptions",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts { key: 72, name: "PushTelemetry", versions: (0, 0), flexible_from: 0, unstable_last: false },
    ApiFacts {
        key: 74,
        name: "ListConfigResources",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 75,
        name: "DescribeTopicPartitions",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 76,
        name: "ShareGroupHeartbeat",
        versions: (1, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 77,
        name: "ShareGroupDescribe",
        versions: (1, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts { key: 78, name: "ShareFetch", versions: (1, 2), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 79, name: "ShareAcknowledge", versions: (1, 2), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 80, name: "AddRaftVoter", versions: (0, 1), flexible_from: 0, unstable_last: false },
    ApiFacts { key: 81, name: "RemoveRaftVoter", versions: (0, 0), flexible_from: 0, unstable_last: false },
    ApiFacts {
        key: 83,
        name: "InitializeShareGroupState",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 84,
        name: "ReadShareGroupState",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 85,
        name: "WriteShareGroupState",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 86,
        name: "DeleteShareGroupState",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 87,
        name: "ReadShareGroupStateSummary",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 88,
        name: "StreamsGroupHeartbeat",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 89,
        name: "StreamsGroupDescribe",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 90,
        name: "DescribeShareGroupOffsets",
        versions: (0, 1),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 91,
        name: "AlterShareGroupOffsets",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
    ApiFacts {
        key: 92,
        name: "DeleteShareGroupOffsets",
        versions: (0, 0),
        flexible_from: 0,
        unstable_last: false,
    },
];

/// Decodes and encodes one message again; for tests and fuzzing.
pub struct Codec {
    pub name: &'static str,
    pub versions: (i16, i16),
    pub round_trip: fn(&Bytes, i16) -> Result<(BytesMut, usize), DecodeError>,
}

fn round_trip<M: Message>(src: &Bytes, version: i16) -> Result<(BytesMut, usize), DecodeError> {
    let mut r = Reader::new(src);
    let m = M::decode(&mut r, version)?;
    let mut out = BytesMut::new();
    let mut gaps = Vec::new();
    m.encode(&mut Writer::new(&mut out, &mut gaps), version);
    Ok((out, r.remaining()))
}

pub static CODECS: &[Codec] = &[
    Codec { name: "ProduceRequest", versions: (3, 13), round_trip: round_trip::<k00_produce::request::ProduceRequest> },
    Codec { name: "ProduceResponse", versions: (3, 13), round_trip: round_trip::<k00_produce::response::ProduceResponse> },
    Codec { name: "FetchRequest", versions: (4, 18), round_trip: round_trip::<k01_fetch::request::FetchRequest> },
    Codec { name: "FetchResponse", versions: (4, 18), round_trip: round_trip::<k01_fetch::response::FetchResponse> },
    Codec { name: "ListOffsetsRequest", versions: (1, 11), round_trip: round_trip::<k02_list_offsets::request::ListOffsetsRequest> },
    Codec { name: "ListOffsetsResponse", versions: (1, 11), round_trip: round_trip::<k02_list_offsets::response::ListOffsetsResponse> },
    Codec { name: "MetadataRequest", versions: (0, 13), round_trip: round_trip::<k03_metadata::request::MetadataRequest> },
    Codec { name: "MetadataResponse", versions: (0, 13), round_trip: round_trip::<k03_metadata::response::MetadataResponse> },
    Codec { name: "OffsetCommitRequest", versions: (2, 10), round_trip: round_trip::<k08_offset_commit::request::OffsetCommitRequest> },
    Codec { name: "OffsetCommitResponse", versions: (2, 10), round_trip: round_trip::<k08_offset_commit::response::OffsetCommitResponse> },
    Codec { name: "OffsetFetchRequest", versions: (1, 10), round_trip: round_trip::<k09_offset_fetch::request::OffsetFetchRequest> },
    Codec { name: "OffsetFetchResponse", versions: (1, 10), round_trip: round_trip::<k09_offset_fetch::response::OffsetFetchResponse> },
    Codec { name: "FindCoordinatorRequest", versions: (0, 6), round_trip: round_trip::<k10_find_coordinator::request::FindCoordinatorRequest> },
    Codec { name: "FindCoordinatorResponse", versions: (0, 6), round_trip: round_trip::<k10_find_coordinator::response::FindCoordinatorResponse> },
    Codec { name: "JoinGroupRequest", versions: (0, 9), round_trip: round_trip::<k11_join_group::request::JoinGroupRequest> },
    Codec { name: "JoinGroupResponse", versions: (0, 9), round_trip: round_trip::<k11_join_group::response::JoinGroupResponse> },
    Codec { name: "HeartbeatRequest", versions: (0, 4), round_trip: round_trip::<k12_heartbeat::request::HeartbeatRequest> },
    Codec { name: "HeartbeatResponse", versions: (0, 4), round_trip: round_trip::<k12_heartbeat::response::HeartbeatResponse> },
    Codec { name: "LeaveGroupRequest", versions: (0, 5), round_trip: round_trip::<k13_leave_group::request::LeaveGroupRequest> },
    Codec { name: "LeaveGroupResponse", versions: (0, 5), round_trip: round_trip::<k13_leave_group::response::LeaveGroupResponse> },
    Codec { name: "SyncGroupRequest", versions: (0, 5), round_trip: round_trip::<k14_sync_group::request::SyncGroupRequest> },
    Codec { name: "SyncGroupResponse", versions: (0, 5), round_trip: round_trip::<k14_sync_group::response::SyncGroupResponse> },
    Codec { name: "DescribeGroupsRequest", versions: (0, 6), round_trip: round_trip::<k15_describe_groups::request::DescribeGroupsRequest> },
    Codec { name: "DescribeGroupsResponse", versions: (0, 6), round_trip: round_trip::<k15_describe_groups::response::DescribeGroupsResponse> },
    Codec { name: "ListGroupsRequest", versions: (0, 5), round_trip: round_trip::<k16_list_groups::request::ListGroupsRequest> },
    Codec { name: "ListGroupsResponse", versions: (0, 5), round_trip: round_trip::<k16_list_groups::response::ListGroupsResponse> },
    Codec { name: "SaslHandshakeRequest", versions: (0, 1), round_trip: round_trip::<k17_sasl_handshake::request::SaslHandshakeRequest> },
    Codec { name: "SaslHandshakeResponse", versions: (0, 1), round_trip: round_trip::<k17_sasl_handshake::response::SaslHandshakeResponse> },
    Codec { name: "ApiVersionsRequest", versions: (0, 4), round_trip: round_trip::<k18_api_versions::request::ApiVersionsRequest> },
    Codec { name: "ApiVersionsResponse", versions: (0, 4), round_trip: round_trip::<k18_api_versions::response::ApiVersionsResponse> },
    Codec { name: "CreateTopicsRequest", versions: (2, 7), round_trip: round_trip::<k19_create_topics::request::CreateTopicsRequest> },
    Codec { name: "CreateTopicsResponse", versions: (2, 7), round_trip: round_trip::<k19_create_topics::response::CreateTopicsResponse> },
    Codec { name: "DeleteTopicsRequest", versions: (1, 6), round_trip: round_trip::<k20_delete_topics::request::DeleteTopicsRequest> },
    Codec { name: "DeleteTopicsResponse", versions: (1, 6), round_trip: round_trip::<k20_delete_topics::response::DeleteTopicsResponse> },
    Codec { name: "DeleteRecordsRequest", versions: (0, 2), round_trip: round_trip::<k21_delete_records::request::DeleteRecordsRequest> },
    Codec { name: "DeleteRecordsResponse", versions: (0, 2), round_trip: round_trip::<k21_delete_records::response::DeleteRecordsResponse> },
    Codec { name: "InitProducerIdRequest", versions: (0, 6), round_trip: round_trip::<k22_init_producer_id::request::InitProducerIdRequest> },
    Codec { name: "InitProducerIdResponse", versions: (0, 6), round_trip: round_trip::<k22_init_producer_id::response::InitProducerIdResponse> },
    Codec { name: "OffsetForLeaderEpochRequest", versions: (2, 4), round_trip: round_trip::<k23_offset_for_leader_epoch::request::OffsetForLeaderEpochRequest> },
    Codec { name: "OffsetForLeaderEpochResponse", versions: (2, 4), round_trip: round_trip::<k23_offset_for_leader_epoch::response::OffsetForLeaderEpochResponse> },
    Codec { name: "AddPartitionsToTxnRequest", versions: (0, 5), round_trip: round_trip::<k24_add_partitions_to_txn::request::AddPartitionsToTxnRequest> },
    Codec { name: "AddPartitionsToTxnResponse", versions: (0, 5), round_trip: round_trip::<k24_add_partitions_to_txn::response::AddPartitionsToTxnResponse> },
    Codec { name: "AddOffsetsToTxnRequest", versions: (0, 4), round_trip: round_trip::<k25_add_offsets_to_txn::request::AddOffsetsToTxnRequest> },
    Codec { name: "AddOffsetsToTxnResponse", versions: (0, 4), round_trip: round_trip::<k25_add_offsets_to_txn::response::AddOffsetsToTxnResponse> },
    Codec { name: "EndTxnRequest", versions: (0, 5), round_trip: round_trip::<k26_end_txn::request::EndTxnRequest> },
    Codec { name: "EndTxnResponse", versions: (0, 5), round_trip: round_trip::<k26_end_txn::response::EndTxnResponse> },
    Codec { name: "WriteTxnMarkersRequest", versions: (1, 2), round_trip: round_trip::<k27_write_txn_markers::request::WriteTxnMarkersRequest> },
    Codec { name: "WriteTxnMarkersResponse", versions: (1, 2), round_trip: round_trip::<k27_write_txn_markers::response::WriteTxnMarkersResponse> },
    Codec { name: "TxnOffsetCommitRequest", versions: (0, 5), round_trip: round_trip::<k28_txn_offset_commit::request::TxnOffsetCommitRequest> },
    Codec { name: "TxnOffsetCommitResponse", versions: (0, 5), round_trip: round_trip::<k28_txn_offset_commit::response::TxnOffsetCommitResponse> },
    Codec { name: "DescribeAclsRequest", versions: (1, 3), round_trip: round_trip::<k29_describe_acls::request::DescribeAclsRequest> },
    Codec { name: "DescribeAclsResponse", versions: (1, 3), round_trip: round_trip::<k29_describe_acls::response::DescribeAclsResponse> },
    Codec { name: "CreateAclsRequest", versions: (1, 3), round_trip: round_trip::<k30_create_acls::request::CreateAclsRequest> },
    Codec { name: "CreateAclsResponse", versions: (1, 3), round_trip: round_trip::<k30_create_acls::response::CreateAclsResponse> },
    Codec { name: "DeleteAclsRequest", versions: (1, 3), round_trip: round_trip::<k31_delete_acls::request::DeleteAclsRequest> },
    Codec { name: "DeleteAclsResponse", versions: (1, 3), round_trip: round_trip::<k31_delete_acls::response::DeleteAclsResponse> },
    Codec { name: "DescribeConfigsRequest", versions: (1, 4), round_trip: round_trip::<k32_describe_configs::request::DescribeConfigsRequest> },
    Codec { name: "DescribeConfigsResponse", versions: (1, 4), round_trip: round_trip::<k32_describe_configs::response::DescribeConfigsResponse> },
    Codec { name: "AlterConfigsRequest", versions: (0, 2), round_trip: round_trip::<k33_alter_configs::request::AlterConfigsRequest> },
    Codec { name: "AlterConfigsResponse", versions: (0, 2), round_trip: round_trip::<k33_alter_configs::response::AlterConfigsResponse> },
    Codec { name: "AlterReplicaLogDirsRequest", versions: (1, 2), round_trip: round_trip::<k34_alter_replica_log_dirs::request::AlterReplicaLogDirsRequest> },
    Codec { name: "AlterReplicaLogDirsResponse", versions: (1, 2), round_trip: round_trip::<k34_alter_replica_log_dirs::response::AlterReplicaLogDirsResponse> },
    Codec { name: "DescribeLogDirsRequest", versions: (1, 5), round_trip: round_trip::<k35_describe_log_dirs::request::DescribeLogDirsRequest> },
    Codec { name: "DescribeLogDirsResponse", versions: (1, 5), round_trip: round_trip::<k35_describe_log_dirs::response::DescribeLogDirsResponse> },
    Codec { name: "SaslAuthenticateRequest", versions: (0, 2), round_trip: round_trip::<k36_sasl_authenticate::request::SaslAuthenticateRequest> },
    Codec { name: "SaslAuthenticateResponse", versions: (0, 2), round_trip: round_trip::<k36_sasl_authenticate::response::SaslAuthenticateResponse> },
    Codec { name: "CreatePartitionsRequest", versions: (0, 3), round_trip: round_trip::<k37_create_partitions::request::CreatePartitionsRequest> },
    Codec { name: "CreatePartitionsResponse", versions: (0, 3), round_trip: round_trip::<k37_create_partitions::response::CreatePartitionsResponse> },
    Codec { name: "CreateDelegationTokenRequest", versions: (1, 3), round_trip: round_trip::<k38_create_delegation_token::request::CreateDelegationTokenRequest> },
    Codec { name: "CreateDelegationTokenResponse", versions: (1, 3), round_trip: round_trip::<k38_create_delegation_token::response::CreateDelegationTokenResponse> },
    Codec { name: "RenewDelegationTokenRequest", versions: (1, 2), round_trip: round_trip::<k39_renew_delegation_token::request::RenewDelegationTokenRequest> },
    Codec { name: "RenewDelegationTokenResponse", versions: (1, 2), round_trip: round_trip::<k39_renew_delegation_token::response::RenewDelegationTokenResponse> },
    Codec { name: "ExpireDelegationTokenRequest", versions: (1, 2), round_trip: round_trip::<k40_expire_delegation_token::request::ExpireDelegationTokenRequest> },
    Codec { name: "ExpireDelegationTokenResponse", versions: (1, 2), round_trip: round_trip::<k40_expire_delegation_token::response::ExpireDelegationTokenResponse> },
    Codec { name: "DescribeDelegationTokenRequest", versions: (1, 3), round_trip: round_trip::<k41_describe_delegation_token::request::DescribeDelegationTokenRequest> },
    Codec { name: "DescribeDelegationTokenResponse", versions: (1, 3), round_trip: round_trip::<k41_describe_delegation_token::response::DescribeDelegationTokenResponse> },
    Codec { name: "DeleteGroupsRequest", versions: (0, 2), round_trip: round_trip::<k42_delete_groups::request::DeleteGroupsRequest> },
    Codec { name: "DeleteGroupsResponse", versions: (0, 2), round_trip: round_trip::<k42_delete_groups::response::DeleteGroupsResponse> },
    Codec { name: "ElectLeadersRequest", versions: (0, 2), round_trip: round_trip::<k43_elect_leaders::request::ElectLeadersRequest> },
    Codec { name: "ElectLeadersResponse", versions: (0, 2), round_trip: round_trip::<k43_elect_leaders::response::ElectLeadersResponse> },
    Codec { name: "IncrementalAlterConfigsRequest", versions: (0, 1), round_trip: round_trip::<k44_incremental_alter_configs::request::IncrementalAlterConfigsRequest> },
    Codec { name: "IncrementalAlterConfigsResponse", versions: (0, 1), round_trip: round_trip::<k44_incremental_alter_configs::response::IncrementalAlterConfigsResponse> },
    Codec { name: "AlterPartitionReassignmentsRequest", versions: (0, 1), round_trip: round_trip::<k45_alter_partition_reassignments::request::AlterPartitionReassignmentsRequest> },
    Codec { name: "AlterPartitionReassignmentsResponse", versions: (0, 1), round_trip: round_trip::<k45_alter_partition_reassignments::response::AlterPartitionReassignmentsResponse> },
    Codec { name: "ListPartitionReassignmentsRequest", versions: (0, 0), round_trip: round_trip::<k46_list_partition_reassignments::request::ListPartitionReassignmentsRequest> },
    Codec { name: "ListPartitionReassignmentsResponse", versions: (0, 0), round_trip: round_trip::<k46_list_partition_reassignments::response::ListPartitionReassignmentsResponse> },
    Codec { name: "OffsetDeleteRequest", versions: (0, 0), round_trip: round_trip::<k47_offset_delete::request::OffsetDeleteRequest> },
    Codec { name: "OffsetDeleteResponse", versions: (0, 0), round_trip: round_trip::<k47_offset_delete::response::OffsetDeleteResponse> },
    Codec { name: "DescribeClientQuotasRequest", versions: (0, 1), round_trip: round_trip::<k48_describe_client_quotas::request::DescribeClientQuotasRequest> },
    Codec { name: "DescribeClientQuotasResponse", versions: (0, 1), round_trip: round_trip::<k48_describe_client_quotas::response::DescribeClientQuotasResponse> },
    Codec { name: "AlterClientQuotasRequest", versions: (0, 1), round_trip: round_trip::<k49_alter_client_quotas::request::AlterClientQuotasRequest> },
    Codec { name: "AlterClientQuotasResponse", versions: (0, 1), round_trip: round_trip::<k49_alter_client_quotas::response::AlterClientQuotasResponse> },
    Codec { name: "DescribeUserScramCredentialsRequest", versions: (0, 0), round_trip: round_trip::<k50_describe_user_scram_credentials::request::DescribeUserScramCredentialsRequest> },
    Codec { name: "DescribeUserScramCredentialsResponse", versions: (0, 0), round_trip: round_trip::<k50_describe_user_scram_credentials::response::DescribeUserScramCredentialsResponse> },
    Codec { name: "AlterUserScramCredentialsRequest", versions: (0, 0), round_trip: round_trip::<k51_alter_user_scram_credentials::request::AlterUserScramCredentialsRequest> },
    Codec { name: "AlterUserScramCredentialsResponse", versions: (0, 0), round_trip: round_trip::<k51_alter_user_scram_credentials::response::AlterUserScramCredentialsResponse> },
    Codec { name: "DescribeQuorumRequest", versions: (0, 2), round_trip: round_trip::<k55_describe_quorum::request::DescribeQuorumRequest> },
    Codec { name: "DescribeQuorumResponse", versions: (0, 2), round_trip: round_trip::<k55_describe_quorum::response::DescribeQuorumResponse> },
    Codec { name: "UpdateFeaturesRequest", versions: (0, 2), round_trip: round_trip::<k57_update_features::request::UpdateFeaturesRequest> },
    Codec { name: "UpdateFeaturesResponse", versions: (0, 2), round_trip: round_trip::<k57_update_features::response::UpdateFeaturesResponse> },
    Codec { name: "DescribeClusterRequest", versions: (0, 2), round_trip: round_trip::<k60_describe_cluster::request::DescribeClusterRequest> },
    Codec { name: "DescribeClusterResponse", versions: (0, 2), round_trip: round_trip::<k60_describe_cluster::response::DescribeClusterResponse> },
    Codec { name: "DescribeProducersRequest", versions: (0, 0), round_trip: round_trip::<k61_describe_producers::request::DescribeProducersRequest> },
    Codec { name: "DescribeProducersResponse", versions: (0, 0), round_trip: round_trip::<k61_describe_producers::response::DescribeProducersResponse> },
    Codec { name: "UnregisterBrokerRequest", versions: (0, 0), round_trip: round_trip::<k64_unregister_broker::request::UnregisterBrokerRequest> },
    Codec { name: "UnregisterBrokerResponse", versions: (0, 0), round_trip: round_trip::<k64_unregister_broker::response::UnregisterBrokerResponse> },
    Codec { name: "DescribeTransactionsRequest", versions: (0, 0), round_trip: round_trip::<k65_describe_transactions::request::DescribeTransactionsRequest> },
    Codec { name: "DescribeTransactionsResponse", versions: (0, 0), round_trip: round_trip::<k65_describe_transactions::response::DescribeTransactionsResponse> },
    Codec { name: "ListTransactionsRequest", versions: (0, 2), round_trip: round_trip::<k66_list_transactions::request::ListTransactionsRequest> },
    Codec { name: "ListTransactionsResponse", versions: (0, 2), round_trip: round_trip::<k66_list_transactions::response::ListTransactionsResponse> },
    Codec { name: "ConsumerGroupHeartbeatRequest", versions: (0, 1), round_trip: round_trip::<k68_consumer_group_heartbeat::request::ConsumerGroupHeartbeatRequest> },
    Codec { name: "ConsumerGroupHeartbeatResponse", versions: (0, 1), round_trip: round_trip::<k68_consumer_group_heartbeat::response::ConsumerGroupHeartbeatResponse> },
    Codec { name: "ConsumerGroupDescribeRequest", versions: (0, 1), round_trip: round_trip::<k69_consumer_group_describe::request::ConsumerGroupDescribeRequest> },
    Codec { name: "ConsumerGroupDescribeResponse", versions: (0, 1), round_trip: round_trip::<k69_consumer_group_describe::response::ConsumerGroupDescribeResponse> },
    Codec { name: "GetTelemetrySubscriptionsRequest", versions: (0, 0), round_trip: round_trip::<k71_get_telemetry_subscriptions::request::GetTelemetrySubscriptionsRequest> },
    Codec { name: "GetTelemetrySubscriptionsResponse", versions: (0, 0), round_trip: round_trip::<k71_get_telemetry_subscriptions::response::GetTelemetrySubscriptionsResponse> },
    Codec { name: "PushTelemetryRequest", versions: (0, 0), round_trip: round_trip::<k72_push_telemetry::request::PushTelemetryRequest> },
    Codec { name: "PushTelemetryResponse", versions: (0, 0), round_trip: round_trip::<k72_push_telemetry::response::PushTelemetryResponse> },
    Codec { name: "ListConfigResourcesRequest", versions: (0, 1), round_trip: round_trip::<k74_list_config_resources::request::ListConfigResourcesRequest> },
    Codec { name: "ListConfigResourcesResponse", versions: (0, 1), round_trip: round_trip::<k74_list_config_resources::response::ListConfigResourcesResponse> },
    Codec { name: "DescribeTopicPartitionsRequest", versions: (0, 0), round_trip: round_trip::<k75_describe_topic_partitions::request::DescribeTopicPartitionsRequest> },
    Codec { name: "DescribeTopicPartitionsResponse", versions: (0, 0), round_trip: round_trip::<k75_describe_topic_partitions::response::DescribeTopicPartitionsResponse> },
    Codec { name: "ShareGroupHeartbeatRequest", versions: (1, 1), round_trip: round_trip::<k76_share_group_heartbeat::request::ShareGroupHeartbeatRequest> },
    Codec { name: "ShareGroupHeartbeatResponse", versions: (1, 1), round_trip: round_trip::<k76_share_group_heartbeat::response::ShareGroupHeartbeatResponse> },
    Codec { name: "ShareGroupDescribeRequest", versions: (1, 1), round_trip: round_trip::<k77_share_group_describe::request::ShareGroupDescribeRequest> },
    Codec { name: "ShareGroupDescribeResponse", versions: (1, 1), round_trip: round_trip::<k77_share_group_describe::response::ShareGroupDescribeResponse> },
    Codec { name: "ShareFetchRequest", versions: (1, 2), round_trip: round_trip::<k78_share_fetch::request::ShareFetchRequest> },
    Codec { name: "ShareFetchResponse", versions: (1, 2), round_trip: round_trip::<k78_share_fetch::response::ShareFetchResponse> },
    Codec { name: "ShareAcknowledgeRequest", versions: (1, 2), round_trip: round_trip::<k79_share_acknowledge::request::ShareAcknowledgeRequest> },
    Codec { name: "ShareAcknowledgeResponse", versions: (1, 2), round_trip: round_trip::<k79_share_acknowledge::response::ShareAcknowledgeResponse> },
    Codec { name: "AddRaftVoterRequest", versions: (0, 1), round_trip: round_trip::<k80_add_raft_voter::request::AddRaftVoterRequest> },
    Codec { name: "AddRaftVoterResponse", versions: (0, 1), round_trip: round_trip::<k80_add_raft_voter::response::AddRaftVoterResponse> },
    Codec { name: "RemoveRaftVoterRequest", versions: (0, 0), round_trip: round_trip::<k81_remove_raft_voter::request::RemoveRaftVoterRequest> },
    Codec { name: "RemoveRaftVoterResponse", versions: (0, 0), round_trip: round_trip::<k81_remove_raft_voter::response::RemoveRaftVoterResponse> },
    Codec { name: "InitializeShareGroupStateRequest", versions: (0, 0), round_trip: round_trip::<k83_initialize_share_group_state::request::InitializeShareGroupStateRequest> },
    Codec { name: "InitializeShareGroupStateResponse", versions: (0, 0), round_trip: round_trip::<k83_initialize_share_group_state::response::InitializeShareGroupStateResponse> },
    Codec { name: "ReadShareGroupStateRequest", versions: (0, 0), round_trip: round_trip::<k84_read_share_group_state::request::ReadShareGroupStateRequest> },
    Codec { name: "ReadShareGroupStateResponse", versions: (0, 0), round_trip: round_trip::<k84_read_share_group_state::response::ReadShareGroupStateResponse> },
    Codec { name: "WriteShareGroupStateRequest", versions: (0, 1), round_trip: round_trip::<k85_write_share_group_state::request::WriteShareGroupStateRequest> },
    Codec { name: "WriteShareGroupStateResponse", versions: (0, 1), round_trip: round_trip::<k85_write_share_group_state::response::WriteShareGroupStateResponse> },
    Codec { name: "DeleteShareGroupStateRequest", versions: (0, 0), round_trip: round_trip::<k86_delete_share_group_state::request::DeleteShareGroupStateRequest> },
    Codec { name: "DeleteShareGroupStateResponse", versions: (0, 0), round_trip: round_trip::<k86_delete_share_group_state::response::DeleteShareGroupStateResponse> },
    Codec { name: "ReadShareGroupStateSummaryRequest", versions: (0, 1), round_trip: round_trip::<k87_read_share_group_state_summary::request::ReadShareGroupStateSummaryRequest> },
    Codec { name: "ReadShareGroupStateSummaryResponse", versions: (0, 1), round_trip: round_trip::<k87_read_share_group_state_summary::response::ReadShareGroupStateSummaryResponse> },
    Codec { name: "StreamsGroupHeartbeatRequest", versions: (0, 0), round_trip: round_trip::<k88_streams_group_heartbeat::request::StreamsGroupHeartbeatRequest> },
    Codec { name: "StreamsGroupHeartbeatResponse", versions: (0, 0), round_trip: round_trip::<k88_streams_group_heartbeat::response::StreamsGroupHeartbeatResponse> },
    Codec { name: "StreamsGroupDescribeRequest", versions: (0, 0), round_trip: round_trip::<k89_streams_group_describe::request::StreamsGroupDescribeRequest> },
    Codec { name: "StreamsGroupDescribeResponse", versions: (0, 0), round_trip: round_trip::<k89_streams_group_describe::response::StreamsGroupDescribeResponse> },
    Codec { name: "DescribeShareGroupOffsetsRequest", versions: (0, 1), round_trip: round_trip::<k90_describe_share_group_offsets::request::DescribeShareGroupOffsetsRequest> },
    Codec { name: "DescribeShareGroupOffsetsResponse", versions: (0, 1), round_trip: round_trip::<k90_describe_share_group_offsets::response::DescribeShareGroupOffsetsResponse> },
    Codec { name: "AlterShareGroupOffsetsRequest", versions: (0, 0), round_trip: round_trip::<k91_alter_share_group_offsets::request::AlterShareGroupOffsetsRequest> },
    Codec { name: "AlterShareGroupOffsetsResponse", versions: (0, 0), round_trip: round_trip::<k91_alter_share_group_offsets::response::AlterShareGroupOffsetsResponse> },
    Codec { name: "DeleteShareGroupOffsetsRequest", versions: (0, 0), round_trip: round_trip::<k92_delete_share_group_offsets::request::DeleteShareGroupOffsetsRequest> },
    Codec { name: "DeleteShareGroupOffsetsResponse", versions: (0, 0), round_trip: round_trip::<k92_delete_share_group_offsets::response::DeleteShareGroupOffsetsResponse> },
    Codec { name: "RequestHeader", versions: (1, 2), round_trip: round_trip::<header::request_header::RequestHeader> },
    Codec { name: "ResponseHeader", versions: (0, 1), round_trip: round_trip::<header::response_header::ResponseHeader> },
    Codec { name: "LegacyOffsetCommitKey", versions: (0, 0), round_trip: round_trip::<group_log::legacy_offset_commit_key::LegacyOffsetCommitKey> },
    Codec { name: "LegacyOffsetCommitValue", versions: (0, 0), round_trip: round_trip::<group_log::legacy_offset_commit_value::LegacyOffsetCommitValue> },
    Codec { name: "OffsetCommitKey", versions: (0, 0), round_trip: round_trip::<group_log::offset_commit_key::OffsetCommitKey> },
    Codec { name: "OffsetCommitValue", versions: (0, 4), round_trip: round_trip::<group_log::offset_commit_value::OffsetCommitValue> },
    Codec { name: "GroupMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::group_metadata_key::GroupMetadataKey> },
    Codec { name: "GroupMetadataValue", versions: (0, 4), round_trip: round_trip::<group_log::group_metadata_value::GroupMetadataValue> },
    Codec { name: "ConsumerGroupMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_metadata_key::ConsumerGroupMetadataKey> },
    Codec { name: "ConsumerGroupMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_metadata_value::ConsumerGroupMetadataValue> },
    Codec { name: "ConsumerGroupPartitionMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey> },
    Codec { name: "ConsumerGroupPartitionMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue> },
    Codec { name: "ConsumerGroupMemberMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey> },
    Codec { name: "ConsumerGroupMemberMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue> },
    Codec { name: "ConsumerGroupTargetAssignmentMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey> },
    Codec { name: "ConsumerGroupTargetAssignmentMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue> },
    Codec { name: "ConsumerGroupTargetAssignmentMemberKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey> },
    Codec { name: "ConsumerGroupTargetAssignmentMemberValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue> },
    Codec { name: "ConsumerGroupCurrentMemberAssignmentKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey> },
    Codec { name: "ConsumerGroupCurrentMemberAssignmentValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue> },
    Codec { name: "ShareGroupMemberMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::share_group_member_metadata_key::ShareGroupMemberMetadataKey> },
    Codec { name: "ShareGroupMemberMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::share_group_member_metadata_value::ShareGroupMemberMetadataValue> },
    Codec { name: "ShareGroupMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::share_group_metadata_key::ShareGroupMetadataKey> },
    Codec { name: "ShareGroupMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::share_group_metadata_value::ShareGroupMetadataValue> },
    Codec { name: "ShareGroupTargetAssignmentMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey> },
    Codec { name: "ShareGroupTargetAssignmentMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue> },
    Codec { name: "ShareGroupTargetAssignmentMemberKey", versions: (0, 0), round_trip: round_trip::<group_log::share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey> },
    Codec { name: "ShareGroupTargetAssignmentMemberValue", versions: (0, 0), round_trip: round_trip::<group_log::share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue> },
    Codec { name: "ShareGroupCurrentMemberAssignmentKey", versions: (0, 0), round_trip: round_trip::<group_log::share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey> },
    Codec { name: "ShareGroupCurrentMemberAssignmentValue", versions: (0, 0), round_trip: round_trip::<group_log::share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue> },
    Codec { name: "ShareGroupStatePartitionMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey> },
    Codec { name: "ShareGroupStatePartitionMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue> },
    Codec { name: "ConsumerGroupRegularExpressionKey", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey> },
    Codec { name: "ConsumerGroupRegularExpressionValue", versions: (0, 0), round_trip: round_trip::<group_log::consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue> },
    Codec { name: "StreamsGroupMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_metadata_key::StreamsGroupMetadataKey> },
    Codec { name: "StreamsGroupMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_metadata_value::StreamsGroupMetadataValue> },
    Codec { name: "StreamsGroupMemberMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_member_metadata_key::StreamsGroupMemberMetadataKey> },
    Codec { name: "StreamsGroupMemberMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_member_metadata_value::StreamsGroupMemberMetadataValue> },
    Codec { name: "StreamsGroupTargetAssignmentMetadataKey", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey> },
    Codec { name: "StreamsGroupTargetAssignmentMetadataValue", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue> },
    Codec { name: "StreamsGroupTargetAssignmentMemberKey", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey> },
    Codec { name: "StreamsGroupTargetAssignmentMemberValue", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue> },
    Codec { name: "StreamsGroupCurrentMemberAssignmentKey", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey> },
    Codec { name: "StreamsGroupCurrentMemberAssignmentValue", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue> },
    Codec { name: "StreamsGroupTopologyKey", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_topology_key::StreamsGroupTopologyKey> },
    Codec { name: "StreamsGroupTopologyValue", versions: (0, 0), round_trip: round_trip::<group_log::streams_group_topology_value::StreamsGroupTopologyValue> },
    Codec { name: "TransactionLogKey", versions: (0, 0), round_trip: round_trip::<transaction_log::transaction_log_key::TransactionLogKey> },
    Codec { name: "TransactionLogValue", versions: (0, 1), round_trip: round_trip::<transaction_log::transaction_log_value::TransactionLogValue> },
    Codec { name: "ShareSnapshotKey", versions: (0, 0), round_trip: round_trip::<share_log::share_snapshot_key::ShareSnapshotKey> },
    Codec { name: "ShareSnapshotValue", versions: (0, 0), round_trip: round_trip::<share_log::share_snapshot_value::ShareSnapshotValue> },
    Codec { name: "ShareUpdateKey", versions: (0, 0), round_trip: round_trip::<share_log::share_update_key::ShareUpdateKey> },
    Codec { name: "ShareUpdateValue", versions: (0, 0), round_trip: round_trip::<share_log::share_update_value::ShareUpdateValue> },
    Codec { name: "ConsumerProtocolAssignment", versions: (0, 3), round_trip: round_trip::<data::consumer_protocol_assignment::ConsumerProtocolAssignment> },
    Codec { name: "ConsumerProtocolSubscription", versions: (0, 3), round_trip: round_trip::<data::consumer_protocol_subscription::ConsumerProtocolSubscription> },
    Codec { name: "ControlRecordTypeSchema", versions: (0, 0), round_trip: round_trip::<data::control_record_type_schema::ControlRecordTypeSchema> },
    Codec { name: "DefaultPrincipalData", versions: (0, 0), round_trip: round_trip::<data::default_principal_data::DefaultPrincipalData> },
    Codec { name: "EndTxnMarker", versions: (0, 0), round_trip: round_trip::<data::end_txn_marker::EndTxnMarker> },
];
