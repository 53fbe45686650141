//! DescribeShareGroupOffsets (api key 90), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeShareGroupOffsetsRequest;
pub use response::DescribeShareGroupOffsetsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsRequest {
        pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
    }

    impl Default for DescribeShareGroupOffsetsRequest {
        fn default() -> Self {
            Self { groups: Default::default() }
        }
    }

    impl Message for DescribeShareGroupOffsetsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.groups = r
                .array(true, 3, |r| Ok(DescribeShareGroupOffsetsRequestGroup::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.groups), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsRequestGroup {
        pub group_id: Str,
        pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
    }

    impl Default for DescribeShareGroupOffsetsRequestGroup {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Some(Default::default()) }
        }
    }

    impl Message for DescribeShareGroupOffsetsRequestGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r.array(true, 3, |r| Ok(DescribeShareGroupOffsetsRequestTopic::decode(r, v)?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.group_id));
            w.array(true, self.topics.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsRequestTopic {
        pub topic_name: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for DescribeShareGroupOffsetsRequestTopic {
        fn default() -> Self {
            Self { topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for DescribeShareGroupOffsetsRequestTopic {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.topic_name));
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsResponse {
        pub throttle_time_ms: i32,
        pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
    }

    impl Default for DescribeShareGroupOffsetsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, groups: Default::default() }
        }
    }

    impl Message for DescribeShareGroupOffsetsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.groups = r
                .array(true, 6, |r| Ok(DescribeShareGroupOffsetsResponseGroup::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.array(true, Some(&self.groups), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsResponseGroup {
        pub group_id: Str,
        pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for DescribeShareGroupOffsetsResponseGroup {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default(), error_code: 0, error_message: None }
        }
    }

    impl Message for DescribeShareGroupOffsetsResponseGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(true, 19, |r| Ok(DescribeShareGroupOffsetsResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.group_id));
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsResponseTopic {
        pub topic_name: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
    }

    impl Default for DescribeShareGroupOffsetsResponseTopic {
        fn default() -> Self {
            Self { topic_name: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for DescribeShareGroupOffsetsResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 20, |r| Ok(DescribeShareGroupOffsetsResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.topic_name));
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeShareGroupOffsetsResponsePartition {
        pub partition_index: i32,
        pub start_offset: i64,
        pub leader_epoch: i32,
        pub lag: i64,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for DescribeShareGroupOffsetsResponsePartition {
        fn default() -> Self {
            Self {
                partition_index: 0,
                start_offset: 0,
                leader_epoch: 0,
                lag: -1,
                error_code: 0,
                error_message: None,
            }
        }
    }

    impl Message for DescribeShareGroupOffsetsResponsePartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.start_offset = r.i64()?;
            m.leader_epoch = r.i32()?;
            if v >= 1 {
                m.lag = r.i64()?;
            }
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition_index);
            w.i64(self.start_offset);
            w.i32(self.leader_epoch);
            if v >= 1 {
                w.i64(self.lag);
            }
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
