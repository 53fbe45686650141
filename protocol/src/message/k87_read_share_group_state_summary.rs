//! ReadShareGroupStateSummary (api key 87), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ReadShareGroupStateSummaryRequest;
pub use response::ReadShareGroupStateSummaryResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReadShareGroupStateSummaryRequest {
        pub group_id: Str,
        pub topics: Vec<ReadStateSummaryData>,
    }

    impl Default for ReadShareGroupStateSummaryRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default() }
        }
    }

    impl Message for ReadShareGroupStateSummaryRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(true, 18, |r| Ok(ReadStateSummaryData::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.group_id));
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReadStateSummaryData {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for ReadStateSummaryData {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ReadStateSummaryData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions =
                r.array(true, 9, |r| Ok(PartitionData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionData {
        pub partition: i32,
        pub leader_epoch: i32,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self { partition: 0, leader_epoch: 0 }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition = r.i32()?;
            m.leader_epoch = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition);
            w.i32(self.leader_epoch);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReadShareGroupStateSummaryResponse {
        pub results: Vec<ReadStateSummaryResult>,
    }

    impl Default for ReadShareGroupStateSummaryResponse {
        fn default() -> Self {
            Self { results: Default::default() }
        }
    }

    impl Message for ReadShareGroupStateSummaryResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.results = r
                .array(true, 18, |r| Ok(ReadStateSummaryResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReadStateSummaryResult {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionResult>,
    }

    impl Default for ReadStateSummaryResult {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ReadStateSummaryResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 24, |r| Ok(PartitionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionResult {
        pub partition: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub state_epoch: i32,
        pub leader_epoch: i32,
        pub start_offset: i64,
        pub delivery_complete_count: i32,
    }

    impl Default for PartitionResult {
        fn default() -> Self {
            Self {
                partition: 0,
                error_code: 0,
                error_message: None,
                state_epoch: 0,
                leader_epoch: 0,
                start_offset: 0,
                delivery_complete_count: -1,
            }
        }
    }

    impl Message for PartitionResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.state_epoch = r.i32()?;
            m.leader_epoch = r.i32()?;
            m.start_offset = r.i64()?;
            if v >= 1 {
                m.delivery_complete_count = r.i32()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.i32(self.state_epoch);
            w.i32(self.leader_epoch);
            w.i64(self.start_offset);
            if v >= 1 {
                w.i32(self.delivery_complete_count);
            }
            w.no_tags();
        }
    }
}
