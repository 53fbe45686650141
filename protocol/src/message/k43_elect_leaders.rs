//! ElectLeaders (api key 43), versions 0-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ElectLeadersRequest;
pub use response::ElectLeadersResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ElectLeadersRequest {
        pub election_type: i8,
        pub topic_partitions: Option<Vec<TopicPartitions>>,
        pub timeout_ms: i32,
    }

    impl Default for ElectLeadersRequest {
        fn default() -> Self {
            Self { election_type: 0, topic_partitions: Some(Default::default()), timeout_ms: 60000 }
        }
    }

    impl Message for ElectLeadersRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            if v >= 1 {
                m.election_type = r.i8()?;
            }
            m.topic_partitions = r.array(flex, 2, |r| Ok(TopicPartitions::decode(r, v)?))?;
            m.timeout_ms = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            if v >= 1 {
                w.i8(self.election_type);
            }
            w.array(flex, self.topic_partitions.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.timeout_ms);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicPartitions {
        pub topic: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartitions {
        fn default() -> Self {
            Self { topic: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartitions {
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
    pub struct ElectLeadersResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub replica_election_results: Vec<ReplicaElectionResult>,
    }

    impl Default for ElectLeadersResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, replica_election_results: Default::default() }
        }
    }

    impl Message for ElectLeadersResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            if v >= 1 {
                m.error_code = r.i16()?;
            }
            m.replica_election_results = r
                .array(flex, 2, |r| Ok(ReplicaElectionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            if v >= 1 {
                w.i16(self.error_code);
            }
            w.array(flex, Some(&self.replica_election_results), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReplicaElectionResult {
        pub topic: Str,
        pub partition_result: Vec<PartitionResult>,
    }

    impl Default for ReplicaElectionResult {
        fn default() -> Self {
            Self { topic: Str::default(), partition_result: Default::default() }
        }
    }

    impl Message for ReplicaElectionResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition_result = r
                .array(flex, 7, |r| Ok(PartitionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.topic));
            w.array(flex, Some(&self.partition_result), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionResult {
        pub partition_id: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for PartitionResult {
        fn default() -> Self {
            Self { partition_id: 0, error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for PartitionResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.partition_id = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.partition_id);
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}
