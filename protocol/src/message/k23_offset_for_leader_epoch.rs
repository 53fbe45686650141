//! OffsetForLeaderEpoch (api key 23), versions 2-4, flexible from 4. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::OffsetForLeaderEpochRequest;
pub use response::OffsetForLeaderEpochResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetForLeaderEpochRequest {
        pub replica_id: i32,
        pub topics: Vec<OffsetForLeaderTopic>,
    }

    impl Default for OffsetForLeaderEpochRequest {
        fn default() -> Self {
            Self { replica_id: -2, topics: Default::default() }
        }
    }

    impl Message for OffsetForLeaderEpochRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 3 {
                m.replica_id = r.i32()?;
            }
            m.topics = r
                .array(flex, 2, |r| Ok(OffsetForLeaderTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            if v >= 3 {
                w.i32(self.replica_id);
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
    pub struct OffsetForLeaderTopic {
        pub topic: Str,
        pub partitions: Vec<OffsetForLeaderPartition>,
    }

    impl Default for OffsetForLeaderTopic {
        fn default() -> Self {
            Self { topic: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetForLeaderTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 12, |r| Ok(OffsetForLeaderPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.topic));
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetForLeaderPartition {
        pub partition: i32,
        pub current_leader_epoch: i32,
        pub leader_epoch: i32,
    }

    impl Default for OffsetForLeaderPartition {
        fn default() -> Self {
            Self { partition: 0, current_leader_epoch: -1, leader_epoch: 0 }
        }
    }

    impl Message for OffsetForLeaderPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.partition = r.i32()?;
            m.current_leader_epoch = r.i32()?;
            m.leader_epoch = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i32(self.partition);
            w.i32(self.current_leader_epoch);
            w.i32(self.leader_epoch);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetForLeaderEpochResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<OffsetForLeaderTopicResult>,
    }

    impl Default for OffsetForLeaderEpochResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for OffsetForLeaderEpochResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.topics = r
                .array(flex, 2, |r| Ok(OffsetForLeaderTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
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
    pub struct OffsetForLeaderTopicResult {
        pub topic: Str,
        pub partitions: Vec<EpochEndOffset>,
    }

    impl Default for OffsetForLeaderTopicResult {
        fn default() -> Self {
            Self { topic: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetForLeaderTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 18, |r| Ok(EpochEndOffset::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.topic));
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EpochEndOffset {
        pub error_code: i16,
        pub partition: i32,
        pub leader_epoch: i32,
        pub end_offset: i64,
    }

    impl Default for EpochEndOffset {
        fn default() -> Self {
            Self { error_code: 0, partition: 0, leader_epoch: -1, end_offset: -1 }
        }
    }

    impl Message for EpochEndOffset {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.partition = r.i32()?;
            m.leader_epoch = r.i32()?;
            m.end_offset = r.i64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i16(self.error_code);
            w.i32(self.partition);
            w.i32(self.leader_epoch);
            w.i64(self.end_offset);
            if flex {
                w.no_tags();
            }
        }
    }
}
