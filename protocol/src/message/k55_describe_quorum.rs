//! DescribeQuorum (api key 55), versions 0-2, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeQuorumRequest;
pub use response::DescribeQuorumResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeQuorumRequest {
        pub topics: Vec<TopicData>,
    }

    impl Default for DescribeQuorumRequest {
        fn default() -> Self {
            Self { topics: Default::default() }
        }
    }

    impl Message for DescribeQuorumRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topics =
                r.array(true, 3, |r| Ok(TopicData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicData {
        pub topic_name: Str,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for TopicData {
        fn default() -> Self {
            Self { topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions =
                r.array(true, 5, |r| Ok(PartitionData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.topic_name));
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionData {
        pub partition_index: i32,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self { partition_index: 0 }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeQuorumResponse {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub topics: Vec<TopicData>,
        pub nodes: Vec<Node>,
    }

    impl Default for DescribeQuorumResponse {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: Some(Str::default()),
                topics: Default::default(),
                nodes: Default::default(),
            }
        }
    }

    impl Message for DescribeQuorumResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            if v >= 2 {
                m.error_message = r.string(true)?;
            }
            m.topics =
                r.array(true, 3, |r| Ok(TopicData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 2 {
                m.nodes =
                    r.array(true, 1, |r| Ok(Node::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i16(self.error_code);
            if v >= 2 {
                w.string(true, self.error_message.as_ref());
            }
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if v >= 2 {
                w.array(true, Some(&self.nodes), |w, x| {
                    x.encode(w, v);
                });
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicData {
        pub topic_name: Str,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for TopicData {
        fn default() -> Self {
            Self { topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 25, |r| Ok(PartitionData::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.topic_name));
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
        pub leader_id: i32,
        pub leader_epoch: i32,
        pub high_watermark: i64,
        pub current_voters: Vec<ReplicaState>,
        pub observers: Vec<ReplicaState>,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self {
                partition_index: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                leader_id: 0,
                leader_epoch: 0,
                high_watermark: 0,
                current_voters: Default::default(),
                observers: Default::default(),
            }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            if v >= 2 {
                m.error_message = r.string(true)?;
            }
            m.leader_id = r.i32()?;
            m.leader_epoch = r.i32()?;
            m.high_watermark = r.i64()?;
            m.current_voters =
                r.array(true, 13, |r| Ok(ReplicaState::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.observers =
                r.array(true, 13, |r| Ok(ReplicaState::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
            if v >= 2 {
                w.string(true, self.error_message.as_ref());
            }
            w.i32(self.leader_id);
            w.i32(self.leader_epoch);
            w.i64(self.high_watermark);
            w.array(true, Some(&self.current_voters), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.observers), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Node {
        pub node_id: i32,
        pub listeners: Vec<Listener>,
    }

    impl Default for Node {
        fn default() -> Self {
            Self { node_id: 0, listeners: Default::default() }
        }
    }

    impl Message for Node {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            if v >= 2 {
                m.node_id = r.i32()?;
            }
            if v >= 2 {
                m.listeners =
                    r.array(true, 1, |r| Ok(Listener::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            if v >= 2 {
                w.i32(self.node_id);
            }
            if v >= 2 {
                w.array(true, Some(&self.listeners), |w, x| {
                    x.encode(w, v);
                });
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Listener {
        pub name: Str,
        pub host: Str,
        pub port: u16,
    }

    impl Default for Listener {
        fn default() -> Self {
            Self { name: Str::default(), host: Str::default(), port: 0 }
        }
    }

    impl Message for Listener {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            if v >= 2 {
                m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 2 {
                m.host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 2 {
                m.port = r.u16()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            if v >= 2 {
                w.string(true, Some(&self.name));
            }
            if v >= 2 {
                w.string(true, Some(&self.host));
            }
            if v >= 2 {
                w.u16(self.port);
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReplicaState {
        pub replica_id: i32,
        pub replica_directory_id: Uuid,
        pub log_end_offset: i64,
        pub last_fetch_timestamp: i64,
        pub last_caught_up_timestamp: i64,
    }

    impl Default for ReplicaState {
        fn default() -> Self {
            Self {
                replica_id: 0,
                replica_directory_id: Default::default(),
                log_end_offset: 0,
                last_fetch_timestamp: -1,
                last_caught_up_timestamp: -1,
            }
        }
    }

    impl Message for ReplicaState {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.replica_id = r.i32()?;
            if v >= 2 {
                m.replica_directory_id = r.uuid()?;
            }
            m.log_end_offset = r.i64()?;
            if v >= 1 {
                m.last_fetch_timestamp = r.i64()?;
            }
            if v >= 1 {
                m.last_caught_up_timestamp = r.i64()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.replica_id);
            if v >= 2 {
                w.uuid(&self.replica_directory_id);
            }
            w.i64(self.log_end_offset);
            if v >= 1 {
                w.i64(self.last_fetch_timestamp);
            }
            if v >= 1 {
                w.i64(self.last_caught_up_timestamp);
            }
            w.no_tags();
        }
    }
}
