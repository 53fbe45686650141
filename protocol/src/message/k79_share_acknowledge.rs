//! ShareAcknowledge (api key 79), versions 1-2, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ShareAcknowledgeRequest;
pub use response::ShareAcknowledgeResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareAcknowledgeRequest {
        pub group_id: Option<Str>,
        pub member_id: Option<Str>,
        pub share_session_epoch: i32,
        pub is_renew_ack: bool,
        pub topics: Vec<AcknowledgeTopic>,
    }

    impl Default for ShareAcknowledgeRequest {
        fn default() -> Self {
            Self {
                group_id: None,
                member_id: Some(Str::default()),
                share_session_epoch: 0,
                is_renew_ack: false,
                topics: Default::default(),
            }
        }
    }

    impl Message for ShareAcknowledgeRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?;
            m.member_id = r.string(true)?;
            m.share_session_epoch = r.i32()?;
            if v >= 2 {
                m.is_renew_ack = r.bool()?;
            }
            m.topics = r
                .array(true, 18, |r| Ok(AcknowledgeTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, self.group_id.as_ref());
            w.string(true, self.member_id.as_ref());
            w.i32(self.share_session_epoch);
            if v >= 2 {
                w.bool(self.is_renew_ack);
            }
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AcknowledgeTopic {
        pub topic_id: Uuid,
        pub partitions: Vec<AcknowledgePartition>,
    }

    impl Default for AcknowledgeTopic {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for AcknowledgeTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 6, |r| Ok(AcknowledgePartition::decode(r, v)?))?
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
    pub struct AcknowledgePartition {
        pub partition_index: i32,
        pub acknowledgement_batches: Vec<AcknowledgementBatch>,
    }

    impl Default for AcknowledgePartition {
        fn default() -> Self {
            Self { partition_index: 0, acknowledgement_batches: Default::default() }
        }
    }

    impl Message for AcknowledgePartition {
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
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareAcknowledgeResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub acquisition_lock_timeout_ms: i32,
        pub responses: Vec<ShareAcknowledgeTopicResponse>,
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    impl Default for ShareAcknowledgeResponse {
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

    impl Message for ShareAcknowledgeResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            if v >= 2 {
                m.acquisition_lock_timeout_ms = r.i32()?;
            }
            m.responses = r
                .array(true, 18, |r| Ok(ShareAcknowledgeTopicResponse::decode(r, v)?))?
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
            if v >= 2 {
                w.i32(self.acquisition_lock_timeout_ms);
            }
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
    pub struct ShareAcknowledgeTopicResponse {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for ShareAcknowledgeTopicResponse {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ShareAcknowledgeTopicResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 17, |r| Ok(PartitionData::decode(r, v)?))?
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
        pub current_leader: LeaderIdAndEpoch,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self {
                partition_index: 0,
                error_code: 0,
                error_message: None,
                current_leader: Default::default(),
            }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.current_leader = LeaderIdAndEpoch::decode(r, v)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            self.current_leader.encode(w, v);
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
