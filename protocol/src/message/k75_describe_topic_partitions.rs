//! DescribeTopicPartitions (api key 75), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeTopicPartitionsRequest;
pub use response::DescribeTopicPartitionsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeTopicPartitionsRequest {
        pub topics: Vec<TopicRequest>,
        pub response_partition_limit: i32,
        pub cursor: Option<Cursor>,
    }

    impl Default for DescribeTopicPartitionsRequest {
        fn default() -> Self {
            Self { topics: Default::default(), response_partition_limit: 2000, cursor: None }
        }
    }

    impl Message for DescribeTopicPartitionsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topics =
                r.array(true, 2, |r| Ok(TopicRequest::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.response_partition_limit = r.i32()?;
            m.cursor = if r.i8()? < 0 { None } else { Some(Cursor::decode(r, v)?) };
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.response_partition_limit);
            match &self.cursor {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicRequest {
        pub name: Str,
    }

    impl Default for TopicRequest {
        fn default() -> Self {
            Self { name: Str::default() }
        }
    }

    impl Message for TopicRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Cursor {
        pub topic_name: Str,
        pub partition_index: i32,
    }

    impl Default for Cursor {
        fn default() -> Self {
            Self { topic_name: Str::default(), partition_index: 0 }
        }
    }

    impl Message for Cursor {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition_index = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.topic_name));
            w.i32(self.partition_index);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeTopicPartitionsResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
        pub next_cursor: Option<Cursor>,
    }

    impl Default for DescribeTopicPartitionsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default(), next_cursor: None }
        }
    }

    impl Message for DescribeTopicPartitionsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.topics = r
                .array(true, 26, |r| Ok(DescribeTopicPartitionsResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.next_cursor = if r.i8()? < 0 { None } else { Some(Cursor::decode(r, v)?) };
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            match &self.next_cursor {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeTopicPartitionsResponseTopic {
        pub error_code: i16,
        pub name: Option<Str>,
        pub topic_id: Uuid,
        pub is_internal: bool,
        pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
        pub topic_authorized_operations: i32,
    }

    impl Default for DescribeTopicPartitionsResponseTopic {
        fn default() -> Self {
            Self {
                error_code: 0,
                name: Some(Str::default()),
                topic_id: Default::default(),
                is_internal: false,
                partitions: Default::default(),
                topic_authorized_operations: -2147483648,
            }
        }
    }

    impl Message for DescribeTopicPartitionsResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.name = r.string(true)?;
            m.topic_id = r.uuid()?;
            m.is_internal = r.bool()?;
            m.partitions = r
                .array(true, 20, |r| Ok(DescribeTopicPartitionsResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.topic_authorized_operations = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i16(self.error_code);
            w.string(true, self.name.as_ref());
            w.uuid(&self.topic_id);
            w.bool(self.is_internal);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.topic_authorized_operations);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeTopicPartitionsResponsePartition {
        pub error_code: i16,
        pub partition_index: i32,
        pub leader_id: i32,
        pub leader_epoch: i32,
        pub replica_nodes: Vec<i32>,
        pub isr_nodes: Vec<i32>,
        pub eligible_leader_replicas: Option<Vec<i32>>,
        pub last_known_elr: Option<Vec<i32>>,
        pub offline_replicas: Vec<i32>,
    }

    impl Default for DescribeTopicPartitionsResponsePartition {
        fn default() -> Self {
            Self {
                error_code: 0,
                partition_index: 0,
                leader_id: 0,
                leader_epoch: -1,
                replica_nodes: Default::default(),
                isr_nodes: Default::default(),
                eligible_leader_replicas: None,
                last_known_elr: None,
                offline_replicas: Default::default(),
            }
        }
    }

    impl Message for DescribeTopicPartitionsResponsePartition {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.partition_index = r.i32()?;
            m.leader_id = r.i32()?;
            m.leader_epoch = r.i32()?;
            m.replica_nodes = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.isr_nodes = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.eligible_leader_replicas = r.array(true, 4, |r| Ok(r.i32()?))?;
            m.last_known_elr = r.array(true, 4, |r| Ok(r.i32()?))?;
            m.offline_replicas = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i16(self.error_code);
            w.i32(self.partition_index);
            w.i32(self.leader_id);
            w.i32(self.leader_epoch);
            w.array(true, Some(&self.replica_nodes), |w, x| {
                w.i32(*x);
            });
            w.array(true, Some(&self.isr_nodes), |w, x| {
                w.i32(*x);
            });
            w.array(true, self.eligible_leader_replicas.as_deref(), |w, x| {
                w.i32(*x);
            });
            w.array(true, self.last_known_elr.as_deref(), |w, x| {
                w.i32(*x);
            });
            w.array(true, Some(&self.offline_replicas), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Cursor {
        pub topic_name: Str,
        pub partition_index: i32,
    }

    impl Default for Cursor {
        fn default() -> Self {
            Self { topic_name: Str::default(), partition_index: 0 }
        }
    }

    impl Message for Cursor {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition_index = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.topic_name));
            w.i32(self.partition_index);
            w.no_tags();
        }
    }
}
