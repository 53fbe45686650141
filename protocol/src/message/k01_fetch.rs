//! Fetch (api key 1), versions 4-18, flexible from 12. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::FetchRequest;
pub use response::FetchResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchRequest {
        pub cluster_id: Option<Str>,
        pub replica_id: i32,
        pub replica_state: ReplicaState,
        pub max_wait_ms: i32,
        pub min_bytes: i32,
        pub max_bytes: i32,
        pub isolation_level: i8,
        pub session_id: i32,
        pub session_epoch: i32,
        pub topics: Vec<FetchTopic>,
        pub forgotten_topics_data: Vec<ForgottenTopic>,
        pub rack_id: Str,
    }

    impl Default for FetchRequest {
        fn default() -> Self {
            Self {
                cluster_id: None,
                replica_id: -1,
                replica_state: Default::default(),
                max_wait_ms: 0,
                min_bytes: 0,
                max_bytes: 2147483647,
                isolation_level: 0,
                session_id: 0,
                session_epoch: -1,
                topics: Default::default(),
                forgotten_topics_data: Default::default(),
                rack_id: Str::default(),
            }
        }
    }

    impl Message for FetchRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v <= 14 {
                m.replica_id = r.i32()?;
            }
            m.max_wait_ms = r.i32()?;
            m.min_bytes = r.i32()?;
            m.max_bytes = r.i32()?;
            m.isolation_level = r.i8()?;
            if v >= 7 {
                m.session_id = r.i32()?;
            }
            if v >= 7 {
                m.session_epoch = r.i32()?;
            }
            m.topics =
                r.array(flex, 2, |r| Ok(FetchTopic::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 7 {
                m.forgotten_topics_data = r
                    .array(flex, 1, |r| Ok(ForgottenTopic::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 11 {
                m.rack_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 12 => m.cluster_id = r.string(flex)?,
                        1 if v >= 15 => m.replica_state = ReplicaState::decode(r, v)?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v <= 14 {
                w.i32(self.replica_id);
            }
            w.i32(self.max_wait_ms);
            w.i32(self.min_bytes);
            w.i32(self.max_bytes);
            w.i8(self.isolation_level);
            if v >= 7 {
                w.i32(self.session_id);
            }
            if v >= 7 {
                w.i32(self.session_epoch);
            }
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if v >= 7 {
                w.array(flex, Some(&self.forgotten_topics_data), |w, x| {
                    x.encode(w, v);
                });
            }
            if v >= 11 {
                w.string(flex, Some(&self.rack_id));
            }
            if flex {
                w.uvarint(
                    0 + u32::from(v >= 12 && self.cluster_id.is_some())
                        + u32::from(v >= 15 && self.replica_state != ReplicaState::default()),
                );
                if v >= 12 && self.cluster_id.is_some() {
                    w.tag(0, |w| {
                        w.string(flex, self.cluster_id.as_ref());
                    });
                }
                if v >= 15 && self.replica_state != ReplicaState::default() {
                    w.tag(1, |w| {
                        self.replica_state.encode(w, v);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReplicaState {
        pub replica_id: i32,
        pub replica_epoch: i64,
    }

    impl Default for ReplicaState {
        fn default() -> Self {
            Self { replica_id: -1, replica_epoch: -1 }
        }
    }

    impl Message for ReplicaState {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v >= 15 {
                m.replica_id = r.i32()?;
            }
            if v >= 15 {
                m.replica_epoch = r.i64()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v >= 15 {
                w.i32(self.replica_id);
            }
            if v >= 15 {
                w.i64(self.replica_epoch);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchTopic {
        pub topic: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<FetchPartition>,
    }

    impl Default for FetchTopic {
        fn default() -> Self {
            Self { topic: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for FetchTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v <= 12 {
                m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 13 {
                m.topic_id = r.uuid()?;
            }
            m.partitions = r
                .array(flex, 16, |r| Ok(FetchPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v <= 12 {
                w.string(flex, Some(&self.topic));
            }
            if v >= 13 {
                w.uuid(&self.topic_id);
            }
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchPartition {
        pub partition: i32,
        pub current_leader_epoch: i32,
        pub fetch_offset: i64,
        pub last_fetched_epoch: i32,
        pub log_start_offset: i64,
        pub partition_max_bytes: i32,
        pub replica_directory_id: Uuid,
        pub high_watermark: i64,
    }

    impl Default for FetchPartition {
        fn default() -> Self {
            Self {
                partition: 0,
                current_leader_epoch: -1,
                fetch_offset: 0,
                last_fetched_epoch: -1,
                log_start_offset: -1,
                partition_max_bytes: 0,
                replica_directory_id: Default::default(),
                high_watermark: 9223372036854775807,
            }
        }
    }

    impl Message for FetchPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            m.partition = r.i32()?;
            if v >= 9 {
                m.current_leader_epoch = r.i32()?;
            }
            m.fetch_offset = r.i64()?;
            if v >= 12 {
                m.last_fetched_epoch = r.i32()?;
            }
            if v >= 5 {
                m.log_start_offset = r.i64()?;
            }
            m.partition_max_bytes = r.i32()?;
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 17 => m.replica_directory_id = r.uuid()?,
                        1 if v >= 18 => m.high_watermark = r.i64()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            w.i32(self.partition);
            if v >= 9 {
                w.i32(self.current_leader_epoch);
            }
            w.i64(self.fetch_offset);
            if v >= 12 {
                w.i32(self.last_fetched_epoch);
            }
            if v >= 5 {
                w.i64(self.log_start_offset);
            }
            w.i32(self.partition_max_bytes);
            if flex {
                w.uvarint(
                    0 + u32::from(v >= 17 && self.replica_directory_id != Uuid::ZERO)
                        + u32::from(v >= 18 && self.high_watermark != 9223372036854775807),
                );
                if v >= 17 && self.replica_directory_id != Uuid::ZERO {
                    w.tag(0, |w| {
                        w.uuid(&self.replica_directory_id);
                    });
                }
                if v >= 18 && self.high_watermark != 9223372036854775807 {
                    w.tag(1, |w| {
                        w.i64(self.high_watermark);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ForgottenTopic {
        pub topic: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }

    impl Default for ForgottenTopic {
        fn default() -> Self {
            Self { topic: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ForgottenTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if (7..=12).contains(&v) {
                m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 13 {
                m.topic_id = r.uuid()?;
            }
            if v >= 7 {
                m.partitions = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if (7..=12).contains(&v) {
                w.string(flex, Some(&self.topic));
            }
            if v >= 13 {
                w.uuid(&self.topic_id);
            }
            if v >= 7 {
                w.array(flex, Some(&self.partitions), |w, x| {
                    w.i32(*x);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Records, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub session_id: i32,
        pub responses: Vec<FetchableTopicResponse>,
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    impl Default for FetchResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                session_id: 0,
                responses: Default::default(),
                node_endpoints: Default::default(),
            }
        }
    }

    impl Message for FetchResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            if v >= 7 {
                m.error_code = r.i16()?;
            }
            if v >= 7 {
                m.session_id = r.i32()?;
            }
            m.responses = r
                .array(flex, 2, |r| Ok(FetchableTopicResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 16 => {
                            m.node_endpoints = r
                                .array(flex, 1, |r| Ok(NodeEndpoint::decode(r, v)?))?
                                .ok_or(DecodeError::NullNotAllowed)?
                        }
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            w.i32(self.throttle_time_ms);
            if v >= 7 {
                w.i16(self.error_code);
            }
            if v >= 7 {
                w.i32(self.session_id);
            }
            w.array(flex, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.uvarint(0 + u32::from(v >= 16 && !self.node_endpoints.is_empty()));
                if v >= 16 && !self.node_endpoints.is_empty() {
                    w.tag(0, |w| {
                        w.array(flex, Some(&self.node_endpoints), |w, x| {
                            x.encode(w, v);
                        });
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchableTopicResponse {
        pub topic: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for FetchableTopicResponse {
        fn default() -> Self {
            Self { topic: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for FetchableTopicResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v <= 12 {
                m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 13 {
                m.topic_id = r.uuid()?;
            }
            m.partitions = r
                .array(flex, 24, |r| Ok(PartitionData::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v <= 12 {
                w.string(flex, Some(&self.topic));
            }
            if v >= 13 {
                w.uuid(&self.topic_id);
            }
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionData {
        pub partition_index: i32,
        pub error_code: i16,
        pub high_watermark: i64,
        pub last_stable_offset: i64,
        pub log_start_offset: i64,
        pub diverging_epoch: EpochEndOffset,
        pub current_leader: LeaderIdAndEpoch,
        pub snapshot_id: SnapshotId,
        pub aborted_transactions: Option<Vec<AbortedTransaction>>,
        pub preferred_read_replica: i32,
        pub records: Option<Records>,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self {
                partition_index: 0,
                error_code: 0,
                high_watermark: 0,
                last_stable_offset: -1,
                log_start_offset: -1,
                diverging_epoch: Default::default(),
                current_leader: Default::default(),
                snapshot_id: Default::default(),
                aborted_transactions: Some(Default::default()),
                preferred_read_replica: -1,
                records: None,
            }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            m.high_watermark = r.i64()?;
            m.last_stable_offset = r.i64()?;
            if v >= 5 {
                m.log_start_offset = r.i64()?;
            }
            m.aborted_transactions = r.array(flex, 16, |r| Ok(AbortedTransaction::decode(r, v)?))?;
            if v >= 11 {
                m.preferred_read_replica = r.i32()?;
            }
            m.records = r.records(flex)?;
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 12 => m.diverging_epoch = EpochEndOffset::decode(r, v)?,
                        1 if v >= 12 => m.current_leader = LeaderIdAndEpoch::decode(r, v)?,
                        2 if v >= 12 => m.snapshot_id = SnapshotId::decode(r, v)?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.i64(self.high_watermark);
            w.i64(self.last_stable_offset);
            if v >= 5 {
                w.i64(self.log_start_offset);
            }
            w.array(flex, self.aborted_transactions.as_deref(), |w, x| {
                x.encode(w, v);
            });
            if v >= 11 {
                w.i32(self.preferred_read_replica);
            }
            w.records(flex, self.records.as_ref());
            if flex {
                w.uvarint(
                    0 + u32::from(v >= 12 && self.diverging_epoch != EpochEndOffset::default())
                        + u32::from(v >= 12 && self.current_leader != LeaderIdAndEpoch::default())
                        + u32::from(v >= 12 && self.snapshot_id != SnapshotId::default()),
                );
                if v >= 12 && self.diverging_epoch != EpochEndOffset::default() {
                    w.tag(0, |w| {
                        self.diverging_epoch.encode(w, v);
                    });
                }
                if v >= 12 && self.current_leader != LeaderIdAndEpoch::default() {
                    w.tag(1, |w| {
                        self.current_leader.encode(w, v);
                    });
                }
                if v >= 12 && self.snapshot_id != SnapshotId::default() {
                    w.tag(2, |w| {
                        self.snapshot_id.encode(w, v);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EpochEndOffset {
        pub epoch: i32,
        pub end_offset: i64,
    }

    impl Default for EpochEndOffset {
        fn default() -> Self {
            Self { epoch: -1, end_offset: -1 }
        }
    }

    impl Message for EpochEndOffset {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v >= 12 {
                m.epoch = r.i32()?;
            }
            if v >= 12 {
                m.end_offset = r.i64()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v >= 12 {
                w.i32(self.epoch);
            }
            if v >= 12 {
                w.i64(self.end_offset);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct LeaderIdAndEpoch {
        pub leader_id: i32,
        pub leader_epoch: i32,
    }

    impl Default for LeaderIdAndEpoch {
        fn default() -> Self {
            Self { leader_id: -1, leader_epoch: -1 }
        }
    }

    impl Message for LeaderIdAndEpoch {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v >= 12 {
                m.leader_id = r.i32()?;
            }
            if v >= 12 {
                m.leader_epoch = r.i32()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v >= 12 {
                w.i32(self.leader_id);
            }
            if v >= 12 {
                w.i32(self.leader_epoch);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct SnapshotId {
        pub end_offset: i64,
        pub epoch: i32,
    }

    impl Default for SnapshotId {
        fn default() -> Self {
            Self { end_offset: -1, epoch: -1 }
        }
    }

    impl Message for SnapshotId {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            m.end_offset = r.i64()?;
            m.epoch = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            w.i64(self.end_offset);
            w.i32(self.epoch);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AbortedTransaction {
        pub producer_id: i64,
        pub first_offset: i64,
    }

    impl Default for AbortedTransaction {
        fn default() -> Self {
            Self { producer_id: 0, first_offset: 0 }
        }
    }

    impl Message for AbortedTransaction {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            m.producer_id = r.i64()?;
            m.first_offset = r.i64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            w.i64(self.producer_id);
            w.i64(self.first_offset);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct NodeEndpoint {
        pub node_id: i32,
        pub host: Str,
        pub port: i32,
        pub rack: Option<Str>,
    }

    impl Default for NodeEndpoint {
        fn default() -> Self {
            Self { node_id: 0, host: Str::default(), port: 0, rack: None }
        }
    }

    impl Message for NodeEndpoint {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 12;
            let mut m = Self::default();
            if v >= 16 {
                m.node_id = r.i32()?;
            }
            if v >= 16 {
                m.host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 16 {
                m.port = r.i32()?;
            }
            if v >= 16 {
                m.rack = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 12;
            if v >= 16 {
                w.i32(self.node_id);
            }
            if v >= 16 {
                w.string(flex, Some(&self.host));
            }
            if v >= 16 {
                w.i32(self.port);
            }
            if v >= 16 {
                w.string(flex, self.rack.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
