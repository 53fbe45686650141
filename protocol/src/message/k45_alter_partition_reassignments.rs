//! AlterPartitionReassignments (api key 45), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AlterPartitionReassignmentsRequest;
pub use response::AlterPartitionReassignmentsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterPartitionReassignmentsRequest {
        pub timeout_ms: i32,
        pub allow_replication_factor_change: bool,
        pub topics: Vec<ReassignableTopic>,
    }

    impl Default for AlterPartitionReassignmentsRequest {
        fn default() -> Self {
            Self { timeout_ms: 60000, allow_replication_factor_change: true, topics: Default::default() }
        }
    }

    impl Message for AlterPartitionReassignmentsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.timeout_ms = r.i32()?;
            if v >= 1 {
                m.allow_replication_factor_change = r.bool()?;
            }
            m.topics = r
                .array(true, 3, |r| Ok(ReassignableTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.timeout_ms);
            if v >= 1 {
                w.bool(self.allow_replication_factor_change);
            }
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReassignableTopic {
        pub name: Str,
        pub partitions: Vec<ReassignablePartition>,
    }

    impl Default for ReassignableTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for ReassignableTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 6, |r| Ok(ReassignablePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.name));
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReassignablePartition {
        pub partition_index: i32,
        pub replicas: Option<Vec<i32>>,
    }

    impl Default for ReassignablePartition {
        fn default() -> Self {
            Self { partition_index: 0, replicas: None }
        }
    }

    impl Message for ReassignablePartition {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.replicas = r.array(true, 4, |r| Ok(r.i32()?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.array(true, self.replicas.as_deref(), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterPartitionReassignmentsResponse {
        pub throttle_time_ms: i32,
        pub allow_replication_factor_change: bool,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub responses: Vec<ReassignableTopicResponse>,
    }

    impl Default for AlterPartitionReassignmentsResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                allow_replication_factor_change: true,
                error_code: 0,
                error_message: Some(Str::default()),
                responses: Default::default(),
            }
        }
    }

    impl Message for AlterPartitionReassignmentsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            if v >= 1 {
                m.allow_replication_factor_change = r.bool()?;
            }
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.responses = r
                .array(true, 3, |r| Ok(ReassignableTopicResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            if v >= 1 {
                w.bool(self.allow_replication_factor_change);
            }
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.array(true, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReassignableTopicResponse {
        pub name: Str,
        pub partitions: Vec<ReassignablePartitionResponse>,
    }

    impl Default for ReassignableTopicResponse {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for ReassignableTopicResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 8, |r| Ok(ReassignablePartitionResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.name));
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReassignablePartitionResponse {
        pub partition_index: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for ReassignablePartitionResponse {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for ReassignablePartitionResponse {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
