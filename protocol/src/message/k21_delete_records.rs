//! DeleteRecords (api key 21), versions 0-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DeleteRecordsRequest;
pub use response::DeleteRecordsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteRecordsRequest {
        pub topics: Vec<DeleteRecordsTopic>,
        pub timeout_ms: i32,
    }

    impl Default for DeleteRecordsRequest {
        fn default() -> Self {
            Self { topics: Default::default(), timeout_ms: 0 }
        }
    }

    impl Message for DeleteRecordsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.topics = r
                .array(flex, 2, |r| Ok(DeleteRecordsTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.timeout_ms = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.timeout_ms);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteRecordsTopic {
        pub name: Str,
        pub partitions: Vec<DeleteRecordsPartition>,
    }

    impl Default for DeleteRecordsTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for DeleteRecordsTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 12, |r| Ok(DeleteRecordsPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
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
    pub struct DeleteRecordsPartition {
        pub partition_index: i32,
        pub offset: i64,
    }

    impl Default for DeleteRecordsPartition {
        fn default() -> Self {
            Self { partition_index: 0, offset: 0 }
        }
    }

    impl Message for DeleteRecordsPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.offset = r.i64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.partition_index);
            w.i64(self.offset);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteRecordsResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<DeleteRecordsTopicResult>,
    }

    impl Default for DeleteRecordsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for DeleteRecordsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.topics = r
                .array(flex, 2, |r| Ok(DeleteRecordsTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
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
    pub struct DeleteRecordsTopicResult {
        pub name: Str,
        pub partitions: Vec<DeleteRecordsPartitionResult>,
    }

    impl Default for DeleteRecordsTopicResult {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for DeleteRecordsTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 14, |r| Ok(DeleteRecordsPartitionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
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
    pub struct DeleteRecordsPartitionResult {
        pub partition_index: i32,
        pub low_watermark: i64,
        pub error_code: i16,
    }

    impl Default for DeleteRecordsPartitionResult {
        fn default() -> Self {
            Self { partition_index: 0, low_watermark: 0, error_code: 0 }
        }
    }

    impl Message for DeleteRecordsPartitionResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.low_watermark = r.i64()?;
            m.error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.partition_index);
            w.i64(self.low_watermark);
            w.i16(self.error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
