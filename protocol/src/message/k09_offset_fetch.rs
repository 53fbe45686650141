//! OffsetFetch (api key 9), versions 1-10, flexible from 6. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::OffsetFetchRequest;
pub use response::OffsetFetchResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchRequest {
        pub group_id: Str,
        pub topics: Option<Vec<OffsetFetchRequestTopic>>,
        pub groups: Vec<OffsetFetchRequestGroup>,
        pub require_stable: bool,
    }

    impl Default for OffsetFetchRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                topics: Some(Default::default()),
                groups: Default::default(),
                require_stable: false,
            }
        }
    }

    impl Message for OffsetFetchRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v <= 7 {
                m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 7 {
                m.topics = {
                    let x = r.array(flex, 1, |r| Ok(OffsetFetchRequestTopic::decode(r, v)?))?;
                    if x.is_none() && !((2..=7).contains(&v)) {
                        return Err(DecodeError::NullNotAllowed);
                    }
                    x
                };
            }
            if v >= 8 {
                m.groups = r
                    .array(flex, 1, |r| Ok(OffsetFetchRequestGroup::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 7 {
                m.require_stable = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v <= 7 {
                w.string(flex, Some(&self.group_id));
            }
            if v <= 7 {
                w.array(
                    flex,
                    Writer::slice_or_empty(self.topics.as_deref(), (2..=7).contains(&v)),
                    |w, x| {
                        x.encode(w, v);
                    },
                );
            }
            if v >= 8 {
                w.array(flex, Some(&self.groups), |w, x| {
                    x.encode(w, v);
                });
            }
            if v >= 7 {
                w.bool(self.require_stable);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchRequestTopic {
        pub name: Str,
        pub partition_indexes: Vec<i32>,
    }

    impl Default for OffsetFetchRequestTopic {
        fn default() -> Self {
            Self { name: Str::default(), partition_indexes: Default::default() }
        }
    }

    impl Message for OffsetFetchRequestTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v <= 7 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 7 {
                m.partition_indexes =
                    r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v <= 7 {
                w.string(flex, Some(&self.name));
            }
            if v <= 7 {
                w.array(flex, Some(&self.partition_indexes), |w, x| {
                    w.i32(*x);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchRequestGroup {
        pub group_id: Str,
        pub member_id: Option<Str>,
        pub member_epoch: i32,
        pub topics: Option<Vec<OffsetFetchRequestTopics>>,
    }

    impl Default for OffsetFetchRequestGroup {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                member_id: None,
                member_epoch: -1,
                topics: Some(Default::default()),
            }
        }
    }

    impl Message for OffsetFetchRequestGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v >= 8 {
                m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 9 {
                m.member_id = r.string(flex)?;
            }
            if v >= 9 {
                m.member_epoch = r.i32()?;
            }
            if v >= 8 {
                m.topics = r.array(flex, 1, |r| Ok(OffsetFetchRequestTopics::decode(r, v)?))?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v >= 8 {
                w.string(flex, Some(&self.group_id));
            }
            if v >= 9 {
                w.string(flex, self.member_id.as_ref());
            }
            if v >= 9 {
                w.i32(self.member_epoch);
            }
            if v >= 8 {
                w.array(flex, self.topics.as_deref(), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchRequestTopics {
        pub name: Str,
        pub topic_id: Uuid,
        pub partition_indexes: Vec<i32>,
    }

    impl Default for OffsetFetchRequestTopics {
        fn default() -> Self {
            Self { name: Str::default(), topic_id: Default::default(), partition_indexes: Default::default() }
        }
    }

    impl Message for OffsetFetchRequestTopics {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if (8..=9).contains(&v) {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 10 {
                m.topic_id = r.uuid()?;
            }
            if v >= 8 {
                m.partition_indexes =
                    r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if (8..=9).contains(&v) {
                w.string(flex, Some(&self.name));
            }
            if v >= 10 {
                w.uuid(&self.topic_id);
            }
            if v >= 8 {
                w.array(flex, Some(&self.partition_indexes), |w, x| {
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
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<OffsetFetchResponseTopic>,
        pub error_code: i16,
        pub groups: Vec<OffsetFetchResponseGroup>,
    }

    impl Default for OffsetFetchResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                topics: Default::default(),
                error_code: 0,
                groups: Default::default(),
            }
        }
    }

    impl Message for OffsetFetchResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v >= 3 {
                m.throttle_time_ms = r.i32()?;
            }
            if v <= 7 {
                m.topics = r
                    .array(flex, 1, |r| Ok(OffsetFetchResponseTopic::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if (2..=7).contains(&v) {
                m.error_code = r.i16()?;
            }
            if v >= 8 {
                m.groups = r
                    .array(flex, 1, |r| Ok(OffsetFetchResponseGroup::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v >= 3 {
                w.i32(self.throttle_time_ms);
            }
            if v <= 7 {
                w.array(flex, Some(&self.topics), |w, x| {
                    x.encode(w, v);
                });
            }
            if (2..=7).contains(&v) {
                w.i16(self.error_code);
            }
            if v >= 8 {
                w.array(flex, Some(&self.groups), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchResponseTopic {
        pub name: Str,
        pub partitions: Vec<OffsetFetchResponsePartition>,
    }

    impl Default for OffsetFetchResponseTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetFetchResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v <= 7 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 7 {
                m.partitions = r
                    .array(flex, 1, |r| Ok(OffsetFetchResponsePartition::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v <= 7 {
                w.string(flex, Some(&self.name));
            }
            if v <= 7 {
                w.array(flex, Some(&self.partitions), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchResponsePartition {
        pub partition_index: i32,
        pub committed_offset: i64,
        pub committed_leader_epoch: i32,
        pub metadata: Option<Str>,
        pub error_code: i16,
    }

    impl Default for OffsetFetchResponsePartition {
        fn default() -> Self {
            Self {
                partition_index: 0,
                committed_offset: 0,
                committed_leader_epoch: -1,
                metadata: Some(Str::default()),
                error_code: 0,
            }
        }
    }

    impl Message for OffsetFetchResponsePartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v <= 7 {
                m.partition_index = r.i32()?;
            }
            if v <= 7 {
                m.committed_offset = r.i64()?;
            }
            if (5..=7).contains(&v) {
                m.committed_leader_epoch = r.i32()?;
            }
            if v <= 7 {
                m.metadata = {
                    let x = r.string(flex)?;
                    if x.is_none() && !(v <= 7) {
                        return Err(DecodeError::NullNotAllowed);
                    }
                    x
                };
            }
            if v <= 7 {
                m.error_code = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v <= 7 {
                w.i32(self.partition_index);
            }
            if v <= 7 {
                w.i64(self.committed_offset);
            }
            if (5..=7).contains(&v) {
                w.i32(self.committed_leader_epoch);
            }
            if v <= 7 {
                w.string_or_empty(flex, self.metadata.as_ref(), v <= 7);
            }
            if v <= 7 {
                w.i16(self.error_code);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchResponseGroup {
        pub group_id: Str,
        pub topics: Vec<OffsetFetchResponseTopics>,
        pub error_code: i16,
    }

    impl Default for OffsetFetchResponseGroup {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default(), error_code: 0 }
        }
    }

    impl Message for OffsetFetchResponseGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v >= 8 {
                m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 8 {
                m.topics = r
                    .array(flex, 1, |r| Ok(OffsetFetchResponseTopics::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 8 {
                m.error_code = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v >= 8 {
                w.string(flex, Some(&self.group_id));
            }
            if v >= 8 {
                w.array(flex, Some(&self.topics), |w, x| {
                    x.encode(w, v);
                });
            }
            if v >= 8 {
                w.i16(self.error_code);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchResponseTopics {
        pub name: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<OffsetFetchResponsePartitions>,
    }

    impl Default for OffsetFetchResponseTopics {
        fn default() -> Self {
            Self { name: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetFetchResponseTopics {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if (8..=9).contains(&v) {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 10 {
                m.topic_id = r.uuid()?;
            }
            if v >= 8 {
                m.partitions = r
                    .array(flex, 1, |r| Ok(OffsetFetchResponsePartitions::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if (8..=9).contains(&v) {
                w.string(flex, Some(&self.name));
            }
            if v >= 10 {
                w.uuid(&self.topic_id);
            }
            if v >= 8 {
                w.array(flex, Some(&self.partitions), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetFetchResponsePartitions {
        pub partition_index: i32,
        pub committed_offset: i64,
        pub committed_leader_epoch: i32,
        pub metadata: Option<Str>,
        pub error_code: i16,
    }

    impl Default for OffsetFetchResponsePartitions {
        fn default() -> Self {
            Self {
                partition_index: 0,
                committed_offset: 0,
                committed_leader_epoch: -1,
                metadata: Some(Str::default()),
                error_code: 0,
            }
        }
    }

    impl Message for OffsetFetchResponsePartitions {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v >= 8 {
                m.partition_index = r.i32()?;
            }
            if v >= 8 {
                m.committed_offset = r.i64()?;
            }
            if v >= 8 {
                m.committed_leader_epoch = r.i32()?;
            }
            if v >= 8 {
                m.metadata = r.string(flex)?;
            }
            if v >= 8 {
                m.error_code = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v >= 8 {
                w.i32(self.partition_index);
            }
            if v >= 8 {
                w.i64(self.committed_offset);
            }
            if v >= 8 {
                w.i32(self.committed_leader_epoch);
            }
            if v >= 8 {
                w.string(flex, self.metadata.as_ref());
            }
            if v >= 8 {
                w.i16(self.error_code);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
