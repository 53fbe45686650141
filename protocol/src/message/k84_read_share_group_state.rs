//! ReadShareGroupState (api key 84), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ReadShareGroupStateRequest;
pub use response::ReadShareGroupStateResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ReadShareGroupStateRequest {
        pub group_id: Str,
        pub topics: Vec<ReadStateData>,
    }

    impl Default for ReadShareGroupStateRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default() }
        }
    }

    impl Message for ReadShareGroupStateRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(true, 18, |r| Ok(ReadStateData::decode(r, v)?))?
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
    pub struct ReadStateData {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for ReadStateData {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ReadStateData {
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
    pub struct ReadShareGroupStateResponse {
        pub results: Vec<ReadStateResult>,
    }

    impl Default for ReadShareGroupStateResponse {
        fn default() -> Self {
            Self { results: Default::default() }
        }
    }

    impl Message for ReadShareGroupStateResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.results = r
                .array(true, 18, |r| Ok(ReadStateResult::decode(r, v)?))?
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
    pub struct ReadStateResult {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionResult>,
    }

    impl Default for ReadStateResult {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for ReadStateResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 21, |r| Ok(PartitionResult::decode(r, v)?))?
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
        pub start_offset: i64,
        pub state_batches: Vec<StateBatch>,
    }

    impl Default for PartitionResult {
        fn default() -> Self {
            Self {
                partition: 0,
                error_code: 0,
                error_message: None,
                state_epoch: 0,
                start_offset: 0,
                state_batches: Default::default(),
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
            m.start_offset = r.i64()?;
            m.state_batches =
                r.array(true, 20, |r| Ok(StateBatch::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.partition);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.i32(self.state_epoch);
            w.i64(self.start_offset);
            w.array(true, Some(&self.state_batches), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct StateBatch {
        pub first_offset: i64,
        pub last_offset: i64,
        pub delivery_state: i8,
        pub delivery_count: i16,
    }

    impl Default for StateBatch {
        fn default() -> Self {
            Self { first_offset: 0, last_offset: 0, delivery_state: 0, delivery_count: 0 }
        }
    }

    impl Message for StateBatch {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.first_offset = r.i64()?;
            m.last_offset = r.i64()?;
            m.delivery_state = r.i8()?;
            m.delivery_count = r.i16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.first_offset);
            w.i64(self.last_offset);
            w.i8(self.delivery_state);
            w.i16(self.delivery_count);
            w.no_tags();
        }
    }
}
