//! Produce (api key 0), versions 3-13, flexible from 9. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ProduceRequest;
pub use response::ProduceResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Records, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ProduceRequest {
        pub transactional_id: Option<Str>,
        pub acks: i16,
        pub timeout_ms: i32,
        pub topic_data: Vec<TopicProduceData>,
    }

    impl Default for ProduceRequest {
        fn default() -> Self {
            Self { transactional_id: None, acks: 0, timeout_ms: 0, topic_data: Default::default() }
        }
    }

    impl Message for ProduceRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.transactional_id = r.string(flex)?;
            m.acks = r.i16()?;
            m.timeout_ms = r.i32()?;
            m.topic_data = r
                .array(flex, 2, |r| Ok(TopicProduceData::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.string(flex, self.transactional_id.as_ref());
            w.i16(self.acks);
            w.i32(self.timeout_ms);
            w.array(flex, Some(&self.topic_data), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicProduceData {
        pub name: Str,
        pub topic_id: Uuid,
        pub partition_data: Vec<PartitionProduceData>,
    }

    impl Default for TopicProduceData {
        fn default() -> Self {
            Self { name: Str::default(), topic_id: Default::default(), partition_data: Default::default() }
        }
    }

    impl Message for TopicProduceData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            if v <= 12 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 13 {
                m.topic_id = r.uuid()?;
            }
            m.partition_data = r
                .array(flex, 5, |r| Ok(PartitionProduceData::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v <= 12 {
                w.string(flex, Some(&self.name));
            }
            if v >= 13 {
                w.uuid(&self.topic_id);
            }
            w.array(flex, Some(&self.partition_data), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionProduceData {
        pub index: i32,
        pub records: Option<Records>,
    }

    impl Default for PartitionProduceData {
        fn default() -> Self {
            Self { index: 0, records: None }
        }
    }

    impl Message for PartitionProduceData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.index = r.i32()?;
            m.records = r.records(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.i32(self.index);
            w.records(flex, self.records.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ProduceResponse {
        pub responses: Vec<TopicProduceResponse>,
        pub throttle_time_ms: i32,
        pub node_endpoints: Vec<NodeEndpoint>,
    }

    impl Default for ProduceResponse {
        fn default() -> Self {
            Self { responses: Default::default(), throttle_time_ms: 0, node_endpoints: Default::default() }
        }
    }

    impl Message for ProduceResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.responses = r
                .array(flex, 2, |r| Ok(TopicProduceResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.throttle_time_ms = r.i32()?;
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 10 => {
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
            let flex = v >= 9;
            w.array(flex, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.throttle_time_ms);
            if flex {
                w.uvarint(0 + u32::from(v >= 10 && !self.node_endpoints.is_empty()));
                if v >= 10 && !self.node_endpoints.is_empty() {
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
    pub struct TopicProduceResponse {
        pub name: Str,
        pub topic_id: Uuid,
        pub partition_responses: Vec<PartitionProduceResponse>,
    }

    impl Default for TopicProduceResponse {
        fn default() -> Self {
            Self {
                name: Str::default(),
                topic_id: Default::default(),
                partition_responses: Default::default(),
            }
        }
    }

    impl Message for TopicProduceResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            if v <= 12 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 13 {
                m.topic_id = r.uuid()?;
            }
            m.partition_responses = r
                .array(flex, 22, |r| Ok(PartitionProduceResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v <= 12 {
                w.string(flex, Some(&self.name));
            }
            if v >= 13 {
                w.uuid(&self.topic_id);
            }
            w.array(flex, Some(&self.partition_responses), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionProduceResponse {
        pub index: i32,
        pub error_code: i16,
        pub base_offset: i64,
        pub log_append_time_ms: i64,
        pub log_start_offset: i64,
        pub record_errors: Vec<BatchIndexAndErrorMessage>,
        pub error_message: Option<Str>,
        pub current_leader: LeaderIdAndEpoch,
    }

    impl Default for PartitionProduceResponse {
        fn default() -> Self {
            Self {
                index: 0,
                error_code: 0,
                base_offset: 0,
                log_append_time_ms: -1,
                log_start_offset: -1,
                record_errors: Default::default(),
                error_message: None,
                current_leader: Default::default(),
            }
        }
    }

    impl Message for PartitionProduceResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.index = r.i32()?;
            m.error_code = r.i16()?;
            m.base_offset = r.i64()?;
            m.log_append_time_ms = r.i64()?;
            if v >= 5 {
                m.log_start_offset = r.i64()?;
            }
            if v >= 8 {
                m.record_errors = r
                    .array(flex, 1, |r| Ok(BatchIndexAndErrorMessage::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 8 {
                m.error_message = r.string(flex)?;
            }
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 10 => m.current_leader = LeaderIdAndEpoch::decode(r, v)?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.i32(self.index);
            w.i16(self.error_code);
            w.i64(self.base_offset);
            w.i64(self.log_append_time_ms);
            if v >= 5 {
                w.i64(self.log_start_offset);
            }
            if v >= 8 {
                w.array(flex, Some(&self.record_errors), |w, x| {
                    x.encode(w, v);
                });
            }
            if v >= 8 {
                w.string(flex, self.error_message.as_ref());
            }
            if flex {
                w.uvarint(0 + u32::from(v >= 10 && self.current_leader != LeaderIdAndEpoch::default()));
                if v >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                    w.tag(0, |w| {
                        self.current_leader.encode(w, v);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct BatchIndexAndErrorMessage {
        pub batch_index: i32,
        pub batch_index_error_message: Option<Str>,
    }

    impl Default for BatchIndexAndErrorMessage {
        fn default() -> Self {
            Self { batch_index: 0, batch_index_error_message: None }
        }
    }

    impl Message for BatchIndexAndErrorMessage {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            if v >= 8 {
                m.batch_index = r.i32()?;
            }
            if v >= 8 {
                m.batch_index_error_message = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v >= 8 {
                w.i32(self.batch_index);
            }
            if v >= 8 {
                w.string(flex, self.batch_index_error_message.as_ref());
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
            let flex = v >= 9;
            let mut m = Self::default();
            if v >= 10 {
                m.leader_id = r.i32()?;
            }
            if v >= 10 {
                m.leader_epoch = r.i32()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v >= 10 {
                w.i32(self.leader_id);
            }
            if v >= 10 {
                w.i32(self.leader_epoch);
            }
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
            let flex = v >= 9;
            let mut m = Self::default();
            if v >= 10 {
                m.node_id = r.i32()?;
            }
            if v >= 10 {
                m.host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 10 {
                m.port = r.i32()?;
            }
            if v >= 10 {
                m.rack = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v >= 10 {
                w.i32(self.node_id);
            }
            if v >= 10 {
                w.string(flex, Some(&self.host));
            }
            if v >= 10 {
                w.i32(self.port);
            }
            if v >= 10 {
                w.string(flex, self.rack.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
