//! DescribeLogDirs (api key 35), versions 1-5, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeLogDirsRequest;
pub use response::DescribeLogDirsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeLogDirsRequest {
        pub topics: Option<Vec<DescribableLogDirTopic>>,
    }

    impl Default for DescribeLogDirsRequest {
        fn default() -> Self {
            Self { topics: Some(Default::default()) }
        }
    }

    impl Message for DescribeLogDirsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.topics = r.array(flex, 2, |r| Ok(DescribableLogDirTopic::decode(r, v)?))?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, self.topics.as_deref(), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribableLogDirTopic {
        pub topic: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for DescribableLogDirTopic {
        fn default() -> Self {
            Self { topic: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for DescribableLogDirTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.topic));
            w.array(flex, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeLogDirsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub results: Vec<DescribeLogDirsResult>,
    }

    impl Default for DescribeLogDirsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, results: Default::default() }
        }
    }

    impl Message for DescribeLogDirsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            if v >= 3 {
                m.error_code = r.i16()?;
            }
            m.results = r
                .array(flex, 4, |r| Ok(DescribeLogDirsResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            if v >= 3 {
                w.i16(self.error_code);
            }
            w.array(flex, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeLogDirsResult {
        pub error_code: i16,
        pub log_dir: Str,
        pub topics: Vec<DescribeLogDirsTopic>,
        pub total_bytes: i64,
        pub usable_bytes: i64,
        pub is_cordoned: bool,
    }

    impl Default for DescribeLogDirsResult {
        fn default() -> Self {
            Self {
                error_code: 0,
                log_dir: Str::default(),
                topics: Default::default(),
                total_bytes: -1,
                usable_bytes: -1,
                is_cordoned: false,
            }
        }
    }

    impl Message for DescribeLogDirsResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.log_dir = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(flex, 2, |r| Ok(DescribeLogDirsTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 4 {
                m.total_bytes = r.i64()?;
            }
            if v >= 4 {
                m.usable_bytes = r.i64()?;
            }
            if v >= 5 {
                m.is_cordoned = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.string(flex, Some(&self.log_dir));
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if v >= 4 {
                w.i64(self.total_bytes);
            }
            if v >= 4 {
                w.i64(self.usable_bytes);
            }
            if v >= 5 {
                w.bool(self.is_cordoned);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeLogDirsTopic {
        pub name: Str,
        pub partitions: Vec<DescribeLogDirsPartition>,
    }

    impl Default for DescribeLogDirsTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for DescribeLogDirsTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 21, |r| Ok(DescribeLogDirsPartition::decode(r, v)?))?
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
    pub struct DescribeLogDirsPartition {
        pub partition_index: i32,
        pub partition_size: i64,
        pub offset_lag: i64,
        pub is_future_key: bool,
    }

    impl Default for DescribeLogDirsPartition {
        fn default() -> Self {
            Self { partition_index: 0, partition_size: 0, offset_lag: 0, is_future_key: false }
        }
    }

    impl Message for DescribeLogDirsPartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.partition_size = r.i64()?;
            m.offset_lag = r.i64()?;
            m.is_future_key = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.partition_index);
            w.i64(self.partition_size);
            w.i64(self.offset_lag);
            w.bool(self.is_future_key);
            if flex {
                w.no_tags();
            }
        }
    }
}
