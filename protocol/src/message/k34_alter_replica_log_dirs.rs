//! AlterReplicaLogDirs (api key 34), versions 1-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AlterReplicaLogDirsRequest;
pub use response::AlterReplicaLogDirsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterReplicaLogDirsRequest {
        pub dirs: Vec<AlterReplicaLogDir>,
    }

    impl Default for AlterReplicaLogDirsRequest {
        fn default() -> Self {
            Self { dirs: Default::default() }
        }
    }

    impl Message for AlterReplicaLogDirsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.dirs = r
                .array(flex, 2, |r| Ok(AlterReplicaLogDir::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.dirs), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterReplicaLogDir {
        pub path: Str,
        pub topics: Vec<AlterReplicaLogDirTopic>,
    }

    impl Default for AlterReplicaLogDir {
        fn default() -> Self {
            Self { path: Str::default(), topics: Default::default() }
        }
    }

    impl Message for AlterReplicaLogDir {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.path = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(flex, 2, |r| Ok(AlterReplicaLogDirTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.path));
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterReplicaLogDirTopic {
        pub name: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for AlterReplicaLogDirTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for AlterReplicaLogDirTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.name));
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
    pub struct AlterReplicaLogDirsResponse {
        pub throttle_time_ms: i32,
        pub results: Vec<AlterReplicaLogDirTopicResult>,
    }

    impl Default for AlterReplicaLogDirsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, results: Default::default() }
        }
    }

    impl Message for AlterReplicaLogDirsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.results = r
                .array(flex, 2, |r| Ok(AlterReplicaLogDirTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterReplicaLogDirTopicResult {
        pub topic_name: Str,
        pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
    }

    impl Default for AlterReplicaLogDirTopicResult {
        fn default() -> Self {
            Self { topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for AlterReplicaLogDirTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.topic_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(flex, 6, |r| Ok(AlterReplicaLogDirPartitionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.topic_name));
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterReplicaLogDirPartitionResult {
        pub partition_index: i32,
        pub error_code: i16,
    }

    impl Default for AlterReplicaLogDirPartitionResult {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0 }
        }
    }

    impl Message for AlterReplicaLogDirPartitionResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.partition_index);
            w.i16(self.error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
