//! OffsetCommit (api key 8), versions 2-10, flexible from 8. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::OffsetCommitRequest;
pub use response::OffsetCommitResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetCommitRequest {
        pub group_id: Str,
        pub generation_id_or_member_epoch: i32,
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub retention_time_ms: i64,
        pub topics: Vec<OffsetCommitRequestTopic>,
    }

    impl Default for OffsetCommitRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                generation_id_or_member_epoch: -1,
                member_id: Str::default(),
                group_instance_id: None,
                retention_time_ms: -1,
                topics: Default::default(),
            }
        }
    }

    impl Message for OffsetCommitRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 8;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.generation_id_or_member_epoch = r.i32()?;
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 7 {
                m.group_instance_id = r.string(flex)?;
            }
            if v <= 4 {
                m.retention_time_ms = r.i64()?;
            }
            m.topics = r
                .array(flex, 2, |r| Ok(OffsetCommitRequestTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 8;
            w.string(flex, Some(&self.group_id));
            w.i32(self.generation_id_or_member_epoch);
            w.string(flex, Some(&self.member_id));
            if v >= 7 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            if v <= 4 {
                w.i64(self.retention_time_ms);
            }
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetCommitRequestTopic {
        pub name: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<OffsetCommitRequestPartition>,
    }

    impl Default for OffsetCommitRequestTopic {
        fn default() -> Self {
            Self { name: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetCommitRequestTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 8;
            let mut m = Self::default();
            if v <= 9 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 10 {
                m.topic_id = r.uuid()?;
            }
            m.partitions = r
                .array(flex, 13, |r| Ok(OffsetCommitRequestPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 8;
            if v <= 9 {
                w.string(flex, Some(&self.name));
            }
            if v >= 10 {
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
    pub struct OffsetCommitRequestPartition {
        pub partition_index: i32,
        pub committed_offset: i64,
        pub committed_leader_epoch: i32,
        pub committed_metadata: Option<Str>,
    }

    impl Default for OffsetCommitRequestPartition {
        fn default() -> Self {
            Self {
                partition_index: 0,
                committed_offset: 0,
                committed_leader_epoch: -1,
                committed_metadata: Some(Str::default()),
            }
        }
    }

    impl Message for OffsetCommitRequestPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 8;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.committed_offset = r.i64()?;
            if v >= 6 {
                m.committed_leader_epoch = r.i32()?;
            }
            m.committed_metadata = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 8;
            w.i32(self.partition_index);
            w.i64(self.committed_offset);
            if v >= 6 {
                w.i32(self.committed_leader_epoch);
            }
            w.string(flex, self.committed_metadata.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetCommitResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<OffsetCommitResponseTopic>,
    }

    impl Default for OffsetCommitResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for OffsetCommitResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 8;
            let mut m = Self::default();
            if v >= 3 {
                m.throttle_time_ms = r.i32()?;
            }
            m.topics = r
                .array(flex, 2, |r| Ok(OffsetCommitResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 8;
            if v >= 3 {
                w.i32(self.throttle_time_ms);
            }
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetCommitResponseTopic {
        pub name: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<OffsetCommitResponsePartition>,
    }

    impl Default for OffsetCommitResponseTopic {
        fn default() -> Self {
            Self { name: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetCommitResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 8;
            let mut m = Self::default();
            if v <= 9 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 10 {
                m.topic_id = r.uuid()?;
            }
            m.partitions = r
                .array(flex, 6, |r| Ok(OffsetCommitResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 8;
            if v <= 9 {
                w.string(flex, Some(&self.name));
            }
            if v >= 10 {
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
    pub struct OffsetCommitResponsePartition {
        pub partition_index: i32,
        pub error_code: i16,
    }

    impl Default for OffsetCommitResponsePartition {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0 }
        }
    }

    impl Message for OffsetCommitResponsePartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 8;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 8;
            w.i32(self.partition_index);
            w.i16(self.error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
