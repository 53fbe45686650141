//! ShareFetch (api key 78), versions 1-2, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ShareFetchRequest;
pub use response::ShareFetchResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareFetchRequest {
        pub group_id: Option<Str>,
        pub member_id: Option<Str>,
        pub share_session_epoch: i32,
        pub max_wait_ms: i32,
        pub min_bytes: i32,
        pub max_bytes: i32,
        pub max_records: i32,
        pub batch_size: i32,
        pub share_acquire_mode: i8,
        pub is_renew_ack: bool,
        pub topics: Vec<FetchTopic>,
        pub forgotten_topics_data: Vec<ForgottenTopic>,
    }

    impl Default for ShareFetchRequest {
        fn default() -> Self {
            Self {
                group_id: None,
                member_id: Some(Str::default()),
                share_session_epoch: 0,
                max_wait_ms: 0,
                min_bytes: 0,
                max_bytes: 2147483647,
                max_records: 0,
                batch_size: 0,
                share_acquire_mode: 0,
                is_renew_ack: false,
                topics: Default::default(),
                forgotten_topics_data: Default::default(),
            }
        }
    }

    impl Message for ShareFetchRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?;
            m.member_id = r.string(true)?;
            m.share_session_epoch = r.i32()?;
            m.max_wait_ms = r.i32()?;
            m.min_bytes = r.i32()?;
            m.max_bytes = r.i32()?;
            m.max_records = r.i32()?;
            m.batch_size = r.i32()?;
            if v >= 2 {
                m.share_acquire_mode = r.i8()?;
            }
            if v >= 2 {
                m.is_renew_ack = r.bool()?;
            }
            m.topics =
                r.array(true, 18, |r| Ok(FetchTopic::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.forgotten_topics_data = r
                .array(true, 18, |r| Ok(ForgottenTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, self.group_id.as_ref());
            w.string(true, self.member_id.as_ref());
            w.i32(self.share_session_epoch);
            w.i32(self.max_wait_ms);
            w.i32(self.min_bytes);
            w.i32(self.max_bytes);
            w.i32(self.max_records);
            w.i32(self.batch_size);
            if v >= 2 {
                w.i8(self.share_acquire_mode);
            }
            if v >= 2 {
                w.bool(self.is_renew_ack);
            }
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.forgotten_topics_data), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchTopic {
        pub topic_id: Uuid,
        pub partitions: Vec<FetchPartition>,
    }

    impl Default for FetchTopic {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for FetchTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 6, |r| Ok(FetchPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FetchPartition {
        pub partition_index: i32,
        pub partition_max_bytes: i32,
        pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    }

    impl Default for FetchPartition {
        fn default() -> Self {
            Self { partition_index: 0, partition_max_bytes: 0, acknowledgement_batches: Default::default() }
        }
    }

    impl Message for FetchPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.acknowledgement_batches = r
                .array(true, 18, |r| Ok(AcknowledgementBatch::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition_index);
            w.array(true, Some(&self.acknowledgement_batches), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AcknowledgementBatch {
        pub first_offset: i64,
        pub last_offset: i64,
        pub acknowledge_types: Vec<i8>,
    }

    impl Default for AcknowledgementBatch {
        fn default() -> Self {
            Self { first_offset: 0, last_offset: 0, acknowledge_types: Default::default() }
        }
    }

    impl Message for AcknowledgementBatch {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.first_offset = r.i64()?;
            m.last_offset = r.i64()?;
            m.acknowledge_types = r.array(true, 1, |r| Ok(r.i8()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.first_offset);
            w.i64(self.last_offset);
            w.array(true, Some(&self.acknowledge_types), |w, x| {
                w.i8(*x);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ForgottenTopic {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }

    impl Default for ForgottenTopic {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ForgottenTopic {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Records, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareFetchResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub acquisition_lock_timeout_ms: i32,
        pub responses: Vec<ShareFetchableTopicResponse>,
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    impl Default for ShareFetchResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: None,
                acquisition_lock_timeout_ms: 0,
                responses: Default::default(),
                node_endpoints: Default::default(),
            }
        }
    }

    impl Message for ShareFetchResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.acquisition_lock_timeout_ms = r.i32()?;
            m.responses = r
                .array(true, 18, |r| Ok(ShareFetchableTopicResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.node_endpoints =
                r.array(true, 11, |r| Ok(NodeEndpoint::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.i32(self.acquisition_lock_timeout_ms);
            w.array(true, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.node_endpoints), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareFetchableTopicResponse {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for ShareFetchableTopicResponse {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ShareFetchableTopicResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 22, |r| Ok(PartitionData::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionData {
        pub partition_index: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub acknowledge_error_code: i16,
        pub acknowledge_error_message: Option<Str>,
        pub current_leader: LeaderIdAndEpoch,
        pub records: Option<Records>,
        pub acquired_records: Vec<AcquiredRecords>,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self {
                partition_index: 0,
                error_code: 0,
                error_message: None,
                acknowledge_error_code: 0,
                acknowledge_error_message: None,
                current_leader: Default::default(),
                records: None,
                acquired_records: Default::default(),
            }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.acknowledge_error_code = r.i16()?;
            m.acknowledge_error_message = r.string(true)?;
            m.current_leader = LeaderIdAndEpoch::decode(r, v)?;
            m.records = Some(r.records(true)?.ok_or(DecodeError::NullNotAllowed)?);
            m.acquired_records = r
                .array(true, 19, |r| Ok(AcquiredRecords::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.i16(self.acknowledge_error_code);
            w.string(true, self.acknowledge_error_message.as_ref());
            self.current_leader.encode(w, v);
            w.records(true, self.records.as_ref());
            w.array(true, Some(&self.acquired_records), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct LeaderIdAndEpoch {
        pub leader_id: i32,
        pub leader_epoch: i32,
    }

    impl Default for LeaderIdAndEpoch {
        fn default() -> Self {
            Self { leader_id: 0, leader_epoch: 0 }
        }
    }

    impl Message for LeaderIdAndEpoch {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.leader_id = r.i32()?;
            m.leader_epoch = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.leader_id);
            w.i32(self.leader_epoch);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AcquiredRecords {
        pub first_offset: i64,
        pub last_offset: i64,
        pub delivery_count: i16,
    }

    impl Default for AcquiredRecords {
        fn default() -> Self {
            Self { first_offset: 0, last_offset: 0, delivery_count: 0 }
        }
    }

    impl Message for AcquiredRecords {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.first_offset = r.i64()?;
            m.last_offset = r.i64()?;
            m.delivery_count = r.i16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.first_offset);
            w.i64(self.last_offset);
            w.i16(self.delivery_count);
            w.no_tags();
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
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.node_id = r.i32()?;
            m.host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.port = r.i32()?;
            m.rack = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.node_id);
            w.string(true, Some(&self.host));
            w.i32(self.port);
            w.string(true, self.rack.as_ref());
            w.no_tags();
        }
    }
}
