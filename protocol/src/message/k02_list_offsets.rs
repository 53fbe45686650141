//! ListOffsets (api key 2), versions 1-11, flexible from 6. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ListOffsetsRequest;
pub use response::ListOffsetsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListOffsetsRequest {
        pub replica_id: i32,
        pub isolation_level: i8,
        pub topics: Vec<ListOffsetsTopic>,
        pub timeout_ms: i32,
    }

    impl Default for ListOffsetsRequest {
        fn default() -> Self {
            Self { replica_id: 0, isolation_level: 0, topics: Default::default(), timeout_ms: 0 }
        }
    }

    impl Message for ListOffsetsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.replica_id = r.i32()?;
            if v >= 2 {
                m.isolation_level = r.i8()?;
            }
            m.topics = r
                .array(flex, 2, |r| Ok(ListOffsetsTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 10 {
                m.timeout_ms = r.i32()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            w.i32(self.replica_id);
            if v >= 2 {
                w.i8(self.isolation_level);
            }
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if v >= 10 {
                w.i32(self.timeout_ms);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListOffsetsTopic {
        pub name: Str,
        pub partitions: Vec<ListOffsetsPartition>,
    }

    impl Default for ListOffsetsTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for ListOffsetsTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 12, |r| Ok(ListOffsetsPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
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
    pub struct ListOffsetsPartition {
        pub partition_index: i32,
        pub current_leader_epoch: i32,
        pub timestamp: i64,
    }

    impl Default for ListOffsetsPartition {
        fn default() -> Self {
            Self { partition_index: 0, current_leader_epoch: -1, timestamp: 0 }
        }
    }

    impl Message for ListOffsetsPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            if v >= 4 {
                m.current_leader_epoch = r.i32()?;
            }
            m.timestamp = r.i64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            w.i32(self.partition_index);
            if v >= 4 {
                w.i32(self.current_leader_epoch);
            }
            w.i64(self.timestamp);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListOffsetsResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<ListOffsetsTopicResponse>,
    }

    impl Default for ListOffsetsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for ListOffsetsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v >= 2 {
                m.throttle_time_ms = r.i32()?;
            }
            m.topics = r
                .array(flex, 2, |r| Ok(ListOffsetsTopicResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v >= 2 {
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
    pub struct ListOffsetsTopicResponse {
        pub name: Str,
        pub partitions: Vec<ListOffsetsPartitionResponse>,
    }

    impl Default for ListOffsetsTopicResponse {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for ListOffsetsTopicResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 22, |r| Ok(ListOffsetsPartitionResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
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
    pub struct ListOffsetsPartitionResponse {
        pub partition_index: i32,
        pub error_code: i16,
        pub timestamp: i64,
        pub offset: i64,
        pub leader_epoch: i32,
    }

    impl Default for ListOffsetsPartitionResponse {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0, timestamp: -1, offset: -1, leader_epoch: -1 }
        }
    }

    impl Message for ListOffsetsPartitionResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            m.timestamp = r.i64()?;
            m.offset = r.i64()?;
            if v >= 4 {
                m.leader_epoch = r.i32()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.i64(self.timestamp);
            w.i64(self.offset);
            if v >= 4 {
                w.i32(self.leader_epoch);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
