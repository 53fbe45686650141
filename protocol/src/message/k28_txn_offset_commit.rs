//! TxnOffsetCommit (api key 28), versions 0-5, flexible from 3. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::TxnOffsetCommitRequest;
pub use response::TxnOffsetCommitResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct TxnOffsetCommitRequest {
        pub transactional_id: Str,
        pub group_id: Str,
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub generation_id: i32,
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub topics: Vec<TxnOffsetCommitRequestTopic>,
    }

    impl Default for TxnOffsetCommitRequest {
        fn default() -> Self {
            Self {
                transactional_id: Str::default(),
                group_id: Str::default(),
                producer_id: 0,
                producer_epoch: 0,
                generation_id: -1,
                member_id: Str::default(),
                group_instance_id: None,
                topics: Default::default(),
            }
        }
    }

    impl Message for TxnOffsetCommitRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.transactional_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i16()?;
            if v >= 3 {
                m.generation_id = r.i32()?;
            }
            if v >= 3 {
                m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.group_instance_id = r.string(flex)?;
            }
            m.topics = r
                .array(flex, 2, |r| Ok(TxnOffsetCommitRequestTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.transactional_id));
            w.string(flex, Some(&self.group_id));
            w.i64(self.producer_id);
            w.i16(self.producer_epoch);
            if v >= 3 {
                w.i32(self.generation_id);
            }
            if v >= 3 {
                w.string(flex, Some(&self.member_id));
            }
            if v >= 3 {
                w.string(flex, self.group_instance_id.as_ref());
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
    pub struct TxnOffsetCommitRequestTopic {
        pub name: Str,
        pub partitions: Vec<TxnOffsetCommitRequestPartition>,
    }

    impl Default for TxnOffsetCommitRequestTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TxnOffsetCommitRequestTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 13, |r| Ok(TxnOffsetCommitRequestPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.name));
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TxnOffsetCommitRequestPartition {
        pub partition_index: i32,
        pub committed_offset: i64,
        pub committed_leader_epoch: i32,
        pub committed_metadata: Option<Str>,
    }

    impl Default for TxnOffsetCommitRequestPartition {
        fn default() -> Self {
            Self {
                partition_index: 0,
                committed_offset: 0,
                committed_leader_epoch: -1,
                committed_metadata: Some(Str::default()),
            }
        }
    }

    impl Message for TxnOffsetCommitRequestPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.committed_offset = r.i64()?;
            if v >= 2 {
                m.committed_leader_epoch = r.i32()?;
            }
            m.committed_metadata = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i32(self.partition_index);
            w.i64(self.committed_offset);
            if v >= 2 {
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
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct TxnOffsetCommitResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<TxnOffsetCommitResponseTopic>,
    }

    impl Default for TxnOffsetCommitResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for TxnOffsetCommitResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.topics = r
                .array(flex, 2, |r| Ok(TxnOffsetCommitResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TxnOffsetCommitResponseTopic {
        pub name: Str,
        pub partitions: Vec<TxnOffsetCommitResponsePartition>,
    }

    impl Default for TxnOffsetCommitResponseTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TxnOffsetCommitResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 6, |r| Ok(TxnOffsetCommitResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.name));
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TxnOffsetCommitResponsePartition {
        pub partition_index: i32,
        pub error_code: i16,
    }

    impl Default for TxnOffsetCommitResponsePartition {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0 }
        }
    }

    impl Message for TxnOffsetCommitResponsePartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i32(self.partition_index);
            w.i16(self.error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
