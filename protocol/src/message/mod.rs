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

/// One message of any kind, for tests and fuzzing.
pub struct Codec {
    pub name: &'static str,
    pub versions: (i16, i16),
    /// Decodes and encodes again; also how many bytes were left over.
    pub round_trip: fn(&Bytes, i16) -> Result<(BytesMut, usize), DecodeError>,
    /// Decodes only.
    pub decode: fn(&Bytes, i16) -> Result<(), DecodeError>,
    /// The decoded fields as text, to compare with another implementation's.
    pub describe: fn(&Bytes, i16) -> Result<String, DecodeError>,
}

fn round_trip<M: Message>(src: &Bytes, version: i16) -> Result<(BytesMut, usize), DecodeError> {
    let mut r = Reader::new(src);
    let m = M::decode(&mut r, version)?;
    let mut out = BytesMut::new();
    let mut gaps = Vec::new();
    m.encode(&mut Writer::new(&mut out, &mut gaps), version);
    Ok((out, r.remaining()))
}

fn decode<M: Message>(src: &Bytes, version: i16) -> Result<(), DecodeError> {
    M::decode(&mut Reader::new(src), version).map(drop)
}

fn describe<M: Message + std::fmt::Debug>(src: &Bytes, version: i16) -> Result<String, DecodeError> {
    Ok(format!("{:?}", M::decode(&mut Reader::new(src), version)?))
}

macro_rules! codec {
    ($name:ident, $file:ident :: $module:ident, $versions:expr) => {
        Codec {
            name: stringify!($name),
            versions: $versions,
            round_trip: round_trip::<$file::$module::$name>,
            decode: decode::<$file::$module::$name>,
            describe: describe::<$file::$module::$name>,
        }
    };
}

pub static CODECS: &[Codec] = &[
    codec!(ProduceRequest, k00_produce::request, (3, 13)),
    codec!(ProduceResponse, k00_produce::response, (3, 13)),
    codec!(FetchRequest, k01_fetch::request, (4, 18)),
    codec!(FetchResponse, k01_fetch::response, (4, 18)),
    codec!(ListOffsetsRequest, k02_list_offsets::request, (1, 11)),
    codec!(ListOffsetsResponse, k02_list_offsets::response, (1, 11)),
    codec!(MetadataRequest, k03_metadata::request, (0, 13)),
    codec!(MetadataResponse, k03_metadata::response, (0, 13)),
    codec!(OffsetCommitRequest, k08_offset_commit::request, (2, 10)),
    codec!(OffsetCommitResponse, k08_offset_commit::response, (2, 10)),
    codec!(OffsetFetchRequest, k09_offset_fetch::request, (1, 10)),
    codec!(OffsetFetchResponse, k09_offset_fetch::response, (1, 10)),
    codec!(FindCoordinatorRequest, k10_find_coordinator::request, (0, 6)),
    codec!(FindCoordinatorResponse, k10_find_coordinator::response, (0, 6)),
    codec!(JoinGroupRequest, k11_join_group::request, (0, 9)),
    codec!(JoinGroupResponse, k11_join_group::response, (0, 9)),
    codec!(HeartbeatRequest, k12_heartbeat::request, (0, 4)),
    codec!(HeartbeatResponse, k12_heartbeat::response, (0, 4)),
    codec!(LeaveGroupRequest, k13_leave_group::request, (0, 5)),
    codec!(LeaveGroupResponse, k13_leave_group::response, (0, 5)),
    codec!(SyncGroupRequest, k14_sync_group::request, (0, 5)),
    codec!(SyncGroupResponse, k14_sync_group::response, (0, 5)),
    codec!(DescribeGroupsRequest, k15_describe_groups::request, (0, 6)),
    codec!(DescribeGroupsResponse, k15_describe_groups::response, (0, 6)),
    codec!(ListGroupsRequest, k16_list_groups::request, (0, 5)),
    codec!(ListGroupsResponse, k16_list_groups::response, (0, 5)),
    codec!(SaslHandshakeRequest, k17_sasl_handshake::request, (0, 1)),
    codec!(SaslHandshakeResponse, k17_sasl_handshake::response, (0, 1)),
    codec!(ApiVersionsRequest, k18_api_versions::request, (0, 4)),
    codec!(ApiVersionsResponse, k18_api_versions::response, (0, 4)),
    codec!(CreateTopicsRequest, k19_create_topics::request, (2, 7)),
    codec!(CreateTopicsResponse, k19_create_topics::response, (2, 7)),
    codec!(DeleteTopicsRequest, k20_delete_topics::request, (1, 6)),
    codec!(DeleteTopicsResponse, k20_delete_topics::response, (1, 6)),
    codec!(DeleteRecordsRequest, k21_delete_records::request, (0, 2)),
    codec!(DeleteRecordsResponse, k21_delete_records::response, (0, 2)),
    codec!(InitProducerIdRequest, k22_init_producer_id::request, (0, 6)),
    codec!(InitProducerIdResponse, k22_init_producer_id::response, (0, 6)),
    codec!(OffsetForLeaderEpochRequest, k23_offset_for_leader_epoch::request, (2, 4)),
    codec!(OffsetForLeaderEpochResponse, k23_offset_for_leader_epoch::response, (2, 4)),
    codec!(AddPartitionsToTxnRequest, k24_add_partitions_to_txn::request, (0, 5)),
    codec!(AddPartitionsToTxnResponse, k24_add_partitions_to_txn::response, (0, 5)),
    codec!(AddOffsetsToTxnRequest, k25_add_offsets_to_txn::request, (0, 4)),
    codec!(AddOffsetsToTxnResponse, k25_add_offsets_to_txn::response, (0, 4)),
    codec!(EndTxnRequest, k26_end_txn::request, (0, 5)),
    codec!(EndTxnResponse, k26_end_txn::response, (0, 5)),
    codec!(WriteTxnMarkersRequest, k27_write_txn_markers::request, (1, 2)),
    codec!(WriteTxnMarkersResponse, k27_write_txn_markers::response, (1, 2)),
    codec!(TxnOffsetCommitRequest, k28_txn_offset_commit::request, (0, 5)),
    codec!(TxnOffsetCommitResponse, k28_txn_offset_commit::response, (0, 5)),
    codec!(DescribeAclsRequest, k29_describe_acls::request, (1, 3)),
    codec!(DescribeAclsResponse, k29_describe_acls::response, (1, 3)),
    codec!(CreateAclsRequest, k30_create_acls::request, (1, 3)),
    codec!(CreateAclsResponse, k30_create_acls::response, (1, 3)),
    codec!(DeleteAclsRequest, k31_delete_acls::request, (1, 3)),
    codec!(DeleteAclsResponse, k31_delete_acls::response, (1, 3)),
    codec!(DescribeConfigsRequest, k32_describe_configs::request, (1, 4)),
    codec!(DescribeConfigsResponse, k32_describe_configs::response, (1, 4)),
    codec!(AlterConfigsRequest, k33_alter_configs::request, (0, 2)),
    codec!(AlterConfigsResponse, k33_alter_configs::response, (0, 2)),
    codec!(AlterReplicaLogDirsRequest, k34_alter_replica_log_dirs::request, (1, 2)),
    codec!(AlterReplicaLogDirsResponse, k34_alter_replica_log_dirs::response, (1, 2)),
    codec!(DescribeLogDirsRequest, k35_describe_log_dirs::request, (1, 5)),
    codec!(DescribeLogDirsResponse, k35_describe_log_dirs::response, (1, 5)),
    codec!(SaslAuthenticateRequest, k36_sasl_authenticate::request, (0, 2)),
    codec!(SaslAuthenticateResponse, k36_sasl_authenticate::response, (0, 2)),
    codec!(CreatePartitionsRequest, k37_create_partitions::request, (0, 3)),
    codec!(CreatePartitionsResponse, k37_create_partitions::response, (0, 3)),
    codec!(CreateDelegationTokenRequest, k38_create_delegation_token::request, (1, 3)),
    codec!(CreateDelegationTokenResponse, k38_create_delegation_token::response, (1, 3)),
    codec!(RenewDelegationTokenRequest, k39_renew_delegation_token::request, (1, 2)),
    codec!(RenewDelegationTokenResponse, k39_renew_delegation_token::response, (1, 2)),
    codec!(ExpireDelegationTokenRequest, k40_expire_delegation_token::request, (1, 2)),
    codec!(ExpireDelegationTokenResponse, k40_expire_delegation_token::response, (1, 2)),
    codec!(DescribeDelegationTokenRequest, k41_describe_delegation_token::request, (1, 3)),
    codec!(DescribeDelegationTokenResponse, k41_describe_delegation_token::response, (1, 3)),
    codec!(DeleteGroupsRequest, k42_delete_groups::request, (0, 2)),
    codec!(DeleteGroupsResponse, k42_delete_groups::response, (0, 2)),
    codec!(ElectLeadersRequest, k43_elect_leaders::request, (0, 2)),
    codec!(ElectLeadersResponse, k43_elect_leaders::response, (0, 2)),
    codec!(IncrementalAlterConfigsRequest, k44_incremental_alter_configs::request, (0, 1)),
    codec!(IncrementalAlterConfigsResponse, k44_incremental_alter_configs::response, (0, 1)),
    codec!(AlterPartitionReassignmentsRequest, k45_alter_partition_reassignments::request, (0, 1)),
    codec!(AlterPartitionReassignmentsResponse, k45_alter_partition_reassignments::response, (0, 1)),
    codec!(ListPartitionReassignmentsRequest, k46_list_partition_reassignments::request, (0, 0)),
    codec!(ListPartitionReassignmentsResponse, k46_list_partition_reassignments::response, (0, 0)),
    codec!(OffsetDeleteRequest, k47_offset_delete::request, (0, 0)),
    codec!(OffsetDeleteResponse, k47_offset_delete::response, (0, 0)),
    codec!(DescribeClientQuotasRequest, k48_describe_client_quotas::request, (0, 1)),
    codec!(DescribeClientQuotasResponse, k48_describe_client_quotas::response, (0, 1)),
    codec!(AlterClientQuotasRequest, k49_alter_client_quotas::request, (0, 1)),
    codec!(AlterClientQuotasResponse, k49_alter_client_quotas::response, (0, 1)),
    codec!(DescribeUserScramCredentialsRequest, k50_describe_user_scram_credentials::request, (0, 0)),
    codec!(DescribeUserScramCredentialsResponse, k50_describe_user_scram_credentials::response, (0, 0)),
    codec!(AlterUserScramCredentialsRequest, k51_alter_user_scram_credentials::request, (0, 0)),
    codec!(AlterUserScramCredentialsResponse, k51_alter_user_scram_credentials::response, (0, 0)),
    codec!(DescribeQuorumRequest, k55_describe_quorum::request, (0, 2)),
    codec!(DescribeQuorumResponse, k55_describe_quorum::response, (0, 2)),
    codec!(UpdateFeaturesRequest, k57_update_features::request, (0, 2)),
    codec!(UpdateFeaturesResponse, k57_update_features::response, (0, 2)),
    codec!(DescribeClusterRequest, k60_describe_cluster::request, (0, 2)),
    codec!(DescribeClusterResponse, k60_describe_cluster::response, (0, 2)),
    codec!(DescribeProducersRequest, k61_describe_producers::request, (0, 0)),
    codec!(DescribeProducersResponse, k61_describe_producers::response, (0, 0)),
    codec!(UnregisterBrokerRequest, k64_unregister_broker::request, (0, 0)),
    codec!(UnregisterBrokerResponse, k64_unregister_broker::response, (0, 0)),
    codec!(DescribeTransactionsRequest, k65_describe_transactions::request, (0, 0)),
    codec!(DescribeTransactionsResponse, k65_describe_transactions::response, (0, 0)),
    codec!(ListTransactionsRequest, k66_list_transactions::request, (0, 2)),
    codec!(ListTransactionsResponse, k66_list_transactions::response, (0, 2)),
    codec!(ConsumerGroupHeartbeatRequest, k68_consumer_group_heartbeat::request, (0, 1)),
    codec!(ConsumerGroupHeartbeatResponse, k68_consumer_group_heartbeat::response, (0, 1)),
    codec!(ConsumerGroupDescribeRequest, k69_consumer_group_describe::request, (0, 1)),
    codec!(ConsumerGroupDescribeResponse, k69_consumer_group_describe::response, (0, 1)),
    codec!(GetTelemetrySubscriptionsRequest, k71_get_telemetry_subscriptions::request, (0, 0)),
    codec!(GetTelemetrySubscriptionsResponse, k71_get_telemetry_subscriptions::response, (0, 0)),
    codec!(PushTelemetryRequest, k72_push_telemetry::request, (0, 0)),
    codec!(PushTelemetryResponse, k72_push_telemetry::response, (0, 0)),
    codec!(ListConfigResourcesRequest, k74_list_config_resources::request, (0, 1)),
    codec!(ListConfigResourcesResponse, k74_list_config_resources::response, (0, 1)),
    codec!(DescribeTopicPartitionsRequest, k75_describe_topic_partitions::request, (0, 0)),
    codec!(DescribeTopicPartitionsResponse, k75_describe_topic_partitions::response, (0, 0)),
    codec!(ShareGroupHeartbeatRequest, k76_share_group_heartbeat::request, (1, 1)),
    codec!(ShareGroupHeartbeatResponse, k76_share_group_heartbeat::response, (1, 1)),
    codec!(ShareGroupDescribeRequest, k77_share_group_describe::request, (1, 1)),
    codec!(ShareGroupDescribeResponse, k77_share_group_describe::response, (1, 1)),
    codec!(ShareFetchRequest, k78_share_fetch::request, (1, 2)),
    codec!(ShareFetchResponse, k78_share_fetch::response, (1, 2)),
    codec!(ShareAcknowledgeRequest, k79_share_acknowledge::request, (1, 2)),
    codec!(ShareAcknowledgeResponse, k79_share_acknowledge::response, (1, 2)),
    codec!(AddRaftVoterRequest, k80_add_raft_voter::request, (0, 1)),
    codec!(AddRaftVoterResponse, k80_add_raft_voter::response, (0, 1)),
    codec!(RemoveRaftVoterRequest, k81_remove_raft_voter::request, (0, 0)),
    codec!(RemoveRaftVoterResponse, k81_remove_raft_voter::response, (0, 0)),
    codec!(InitializeShareGroupStateRequest, k83_initialize_share_group_state::request, (0, 0)),
    codec!(InitializeShareGroupStateResponse, k83_initialize_share_group_state::response, (0, 0)),
    codec!(ReadShareGroupStateRequest, k84_read_share_group_state::request, (0, 0)),
    codec!(ReadShareGroupStateResponse, k84_read_share_group_state::response, (0, 0)),
    codec!(WriteShareGroupStateRequest, k85_write_share_group_state::request, (0, 1)),
    codec!(WriteShareGroupStateResponse, k85_write_share_group_state::response, (0, 1)),
    codec!(DeleteShareGroupStateRequest, k86_delete_share_group_state::request, (0, 0)),
    codec!(DeleteShareGroupStateResponse, k86_delete_share_group_state::response, (0, 0)),
    codec!(ReadShareGroupStateSummaryRequest, k87_read_share_group_state_summary::request, (0, 1)),
    codec!(ReadShareGroupStateSummaryResponse, k87_read_share_group_state_summary::response, (0, 1)),
    codec!(StreamsGroupHeartbeatRequest, k88_streams_group_heartbeat::request, (0, 0)),
    codec!(StreamsGroupHeartbeatResponse, k88_streams_group_heartbeat::response, (0, 0)),
    codec!(StreamsGroupDescribeRequest, k89_streams_group_describe::request, (0, 0)),
    codec!(StreamsGroupDescribeResponse, k89_streams_group_describe::response, (0, 0)),
    codec!(DescribeShareGroupOffsetsRequest, k90_describe_share_group_offsets::request, (0, 1)),
    codec!(DescribeShareGroupOffsetsResponse, k90_describe_share_group_offsets::response, (0, 1)),
    codec!(AlterShareGroupOffsetsRequest, k91_alter_share_group_offsets::request, (0, 0)),
    codec!(AlterShareGroupOffsetsResponse, k91_alter_share_group_offsets::response, (0, 0)),
    codec!(DeleteShareGroupOffsetsRequest, k92_delete_share_group_offsets::request, (0, 0)),
    codec!(DeleteShareGroupOffsetsResponse, k92_delete_share_group_offsets::response, (0, 0)),
    codec!(RequestHeader, header::request_header, (1, 2)),
    codec!(ResponseHeader, header::response_header, (0, 1)),
    codec!(LegacyOffsetCommitKey, group_log::legacy_offset_commit_key, (0, 0)),
    codec!(LegacyOffsetCommitValue, group_log::legacy_offset_commit_value, (0, 0)),
    codec!(OffsetCommitKey, group_log::offset_commit_key, (0, 0)),
    codec!(OffsetCommitValue, group_log::offset_commit_value, (0, 4)),
    codec!(GroupMetadataKey, group_log::group_metadata_key, (0, 0)),
    codec!(GroupMetadataValue, group_log::group_metadata_value, (0, 4)),
    codec!(ConsumerGroupMetadataKey, group_log::consumer_group_metadata_key, (0, 0)),
    codec!(ConsumerGroupMetadataValue, group_log::consumer_group_metadata_value, (0, 0)),
    codec!(ConsumerGroupPartitionMetadataKey, group_log::consumer_group_partition_metadata_key, (0, 0)),
    codec!(ConsumerGroupPartitionMetadataValue, group_log::consumer_group_partition_metadata_value, (0, 0)),
    codec!(ConsumerGroupMemberMetadataKey, group_log::consumer_group_member_metadata_key, (0, 0)),
    codec!(ConsumerGroupMemberMetadataValue, group_log::consumer_group_member_metadata_value, (0, 0)),
    codec!(
        ConsumerGroupTargetAssignmentMetadataKey,
        group_log::consumer_group_target_assignment_metadata_key,
        (0, 0)
    ),
    codec!(
        ConsumerGroupTargetAssignmentMetadataValue,
        group_log::consumer_group_target_assignment_metadata_value,
        (0, 0)
    ),
    codec!(
        ConsumerGroupTargetAssignmentMemberKey,
        group_log::consumer_group_target_assignment_member_key,
        (0, 0)
    ),
    codec!(
        ConsumerGroupTargetAssignmentMemberValue,
        group_log::consumer_group_target_assignment_member_value,
        (0, 0)
    ),
    codec!(
        ConsumerGroupCurrentMemberAssignmentKey,
        group_log::consumer_group_current_member_assignment_key,
        (0, 0)
    ),
    codec!(
        ConsumerGroupCurrentMemberAssignmentValue,
        group_log::consumer_group_current_member_assignment_value,
        (0, 0)
    ),
    codec!(ShareGroupMemberMetadataKey, group_log::share_group_member_metadata_key, (0, 0)),
    codec!(ShareGroupMemberMetadataValue, group_log::share_group_member_metadata_value, (0, 0)),
    codec!(ShareGroupMetadataKey, group_log::share_group_metadata_key, (0, 0)),
    codec!(ShareGroupMetadataValue, group_log::share_group_metadata_value, (0, 0)),
    codec!(
        ShareGroupTargetAssignmentMetadataKey,
        group_log::share_group_target_assignment_metadata_key,
        (0, 0)
    ),
    codec!(
        ShareGroupTargetAssignmentMetadataValue,
        group_log::share_group_target_assignment_metadata_value,
        (0, 0)
    ),
    codec!(ShareGroupTargetAssignmentMemberKey, group_log::share_group_target_assignment_member_key, (0, 0)),
    codec!(
        ShareGroupTargetAssignmentMemberValue,
        group_log::share_group_target_assignment_member_value,
        (0, 0)
    ),
    codec!(
        ShareGroupCurrentMemberAssignmentKey,
        group_log::share_group_current_member_assignment_key,
        (0, 0)
    ),
    codec!(
        ShareGroupCurrentMemberAssignmentValue,
        group_log::share_group_current_member_assignment_value,
        (0, 0)
    ),
    codec!(ShareGroupStatePartitionMetadataKey, group_log::share_group_state_partition_metadata_key, (0, 0)),
    codec!(
        ShareGroupStatePartitionMetadataValue,
        group_log::share_group_state_partition_metadata_value,
        (0, 0)
    ),
    codec!(ConsumerGroupRegularExpressionKey, group_log::consumer_group_regular_expression_key, (0, 0)),
    codec!(ConsumerGroupRegularExpressionValue, group_log::consumer_group_regular_expression_value, (0, 0)),
    codec!(StreamsGroupMetadataKey, group_log::streams_group_metadata_key, (0, 0)),
    codec!(StreamsGroupMetadataValue, group_log::streams_group_metadata_value, (0, 0)),
    codec!(StreamsGroupMemberMetadataKey, group_log::streams_group_member_metadata_key, (0, 0)),
    codec!(StreamsGroupMemberMetadataValue, group_log::streams_group_member_metadata_value, (0, 0)),
    codec!(
        StreamsGroupTargetAssignmentMetadataKey,
        group_log::streams_group_target_assignment_metadata_key,
        (0, 0)
    ),
    codec!(
        StreamsGroupTargetAssignmentMetadataValue,
        group_log::streams_group_target_assignment_metadata_value,
        (0, 0)
    ),
    codec!(
        StreamsGroupTargetAssignmentMemberKey,
        group_log::streams_group_target_assignment_member_key,
        (0, 0)
    ),
    codec!(
        StreamsGroupTargetAssignmentMemberValue,
        group_log::streams_group_target_assignment_member_value,
        (0, 0)
    ),
    codec!(
        StreamsGroupCurrentMemberAssignmentKey,
        group_log::streams_group_current_member_assignment_key,
        (0, 0)
    ),
    codec!(
        StreamsGroupCurrentMemberAssignmentValue,
        group_log::streams_group_current_member_assignment_value,
        (0, 0)
    ),
    codec!(StreamsGroupTopologyKey, group_log::streams_group_topology_key, (0, 0)),
    codec!(StreamsGroupTopologyValue, group_log::streams_group_topology_value, (0, 0)),
    codec!(TransactionLogKey, transaction_log::transaction_log_key, (0, 0)),
    codec!(TransactionLogValue, transaction_log::transaction_log_value, (0, 1)),
    codec!(ShareSnapshotKey, share_log::share_snapshot_key, (0, 0)),
    codec!(ShareSnapshotValue, share_log::share_snapshot_value, (0, 0)),
    codec!(ShareUpdateKey, share_log::share_update_key, (0, 0)),
    codec!(ShareUpdateValue, share_log::share_update_value, (0, 0)),
    codec!(ConsumerProtocolAssignment, data::consumer_protocol_assignment, (0, 3)),
    codec!(ConsumerProtocolSubscription, data::consumer_protocol_subscription, (0, 3)),
    codec!(ControlRecordTypeSchema, data::control_record_type_schema, (0, 0)),
    codec!(DefaultPrincipalData, data::default_principal_data, (0, 0)),
    codec!(EndTxnMarker, data::end_txn_marker, (0, 0)),
];
