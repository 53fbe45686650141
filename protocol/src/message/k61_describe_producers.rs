//! DescribeProducers (api key 61), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeProducersRequest;
pub use response::DescribeProducersResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeProducersRequest {
        pub topics: Vec<TopicRequest>,
    }

    impl Default for DescribeProducersRequest {
        fn default() -> Self {
            Self { topics: Default::default() }
        }
    }

    impl Message for DescribeProducersRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topics =
                r.array(true, 3, |r| Ok(TopicRequest::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicRequest {
        pub name: Str,
        pub partition_indexes: Vec<i32>,
    }

    impl Default for TopicRequest {
        fn default() -> Self {
            Self { name: Str::default(), partition_indexes: Default::default() }
        }
    }

    impl Message for TopicRequest {
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
    pub struct DescribeProducersResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<TopicResponse>,
    }

    impl Default for DescribeProducersResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for DescribeProducersResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.topics =
                r.array(true, 3, |r| Ok(TopicResponse::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicResponse {
        pub name: Str,
        pub partitions: Vec<PartitionResponse>,
    }

    impl Default for TopicResponse {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 9, |r| Ok(PartitionResponse::decode(r, v)?))?
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
    pub struct PartitionResponse {
        pub partition_index: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub active_producers: Vec<ProducerState>,
    }

    impl Default for PartitionResponse {
        fn default() -> Self {
            Self {
                partition_index: 0,
                error_code: 0,
                error_message: None,
                active_producers: Default::default(),
            }
        }
    }

    impl Message for PartitionResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.active_producers = r
                .array(true, 37, |r| Ok(ProducerState::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.array(true, Some(&self.active_producers), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ProducerState {
        pub producer_id: i64,
        pub producer_epoch: i32,
        pub last_sequence: i32,
        pub last_timestamp: i64,
        pub coordinator_epoch: i32,
        pub current_txn_start_offset: i64,
    }

    impl Default for ProducerState {
        fn default() -> Self {
            Self {
                producer_id: 0,
                producer_epoch: 0,
                last_sequence: -1,
                last_timestamp: -1,
                coordinator_epoch: 0,
                current_txn_start_offset: -1,
            }
        }
    }

    impl Message for ProducerState {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i32()?;
            m.last_sequence = r.i32()?;
            m.last_timestamp = r.i64()?;
            m.coordinator_epoch = r.i32()?;
            m.current_txn_start_offset = r.i64()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.producer_id);
            w.i32(self.producer_epoch);
            w.i32(self.last_sequence);
            w.i64(self.last_timestamp);
            w.i32(self.coordinator_epoch);
            w.i64(self.current_txn_start_offset);
            w.no_tags();
        }
    }
}
