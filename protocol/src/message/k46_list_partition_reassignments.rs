//! ListPartitionReassignments (api key 46), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ListPartitionReassignmentsRequest;
pub use response::ListPartitionReassignmentsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListPartitionReassignmentsRequest {
        pub timeout_ms: i32,
        pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
    }

    impl Default for ListPartitionReassignmentsRequest {
        fn default() -> Self {
            Self { timeout_ms: 60000, topics: None }
        }
    }

    impl Message for ListPartitionReassignmentsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.timeout_ms = r.i32()?;
            m.topics = r.array(true, 3, |r| Ok(ListPartitionReassignmentsTopics::decode(r, v)?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.timeout_ms);
            w.array(true, self.topics.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListPartitionReassignmentsTopics {
        pub name: Str,
        pub partition_indexes: Vec<i32>,
    }

    impl Default for ListPartitionReassignmentsTopics {
        fn default() -> Self {
            Self { name: Str::default(), partition_indexes: Default::default() }
        }
    }

    impl Message for ListPartitionReassignmentsTopics {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition_indexes = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.array(true, Some(&self.partition_indexes), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListPartitionReassignmentsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub topics: Vec<OngoingTopicReassignment>,
    }

    impl Default for ListPartitionReassignmentsResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                topics: Default::default(),
            }
        }
    }

    impl Message for ListPartitionReassignmentsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.topics = r
                .array(true, 3, |r| Ok(OngoingTopicReassignment::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OngoingTopicReassignment {
        pub name: Str,
        pub partitions: Vec<OngoingPartitionReassignment>,
    }

    impl Default for OngoingTopicReassignment {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for OngoingTopicReassignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 8, |r| Ok(OngoingPartitionReassignment::decode(r, v)?))?
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
    pub struct OngoingPartitionReassignment {
        pub partition_index: i32,
        pub replicas: Vec<i32>,
        pub adding_replicas: Vec<i32>,
        pub removing_replicas: Vec<i32>,
    }

    impl Default for OngoingPartitionReassignment {
        fn default() -> Self {
            Self {
                partition_index: 0,
                replicas: Default::default(),
                adding_replicas: Default::default(),
                removing_replicas: Default::default(),
            }
        }
    }

    impl Message for OngoingPartitionReassignment {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.replicas = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.adding_replicas = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.removing_replicas = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.array(true, Some(&self.replicas), |w, x| {
                w.i32(*x);
            });
            w.array(true, Some(&self.adding_replicas), |w, x| {
                w.i32(*x);
            });
            w.array(true, Some(&self.removing_replicas), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}
