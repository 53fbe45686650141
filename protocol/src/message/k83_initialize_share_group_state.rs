//! InitializeShareGroupState (api key 83), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::InitializeShareGroupStateRequest;
pub use response::InitializeShareGroupStateResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct InitializeShareGroupStateRequest {
        pub group_id: Str,
        pub topics: Vec<InitializeStateData>,
    }

    impl Default for InitializeShareGroupStateRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default() }
        }
    }

    impl Message for InitializeShareGroupStateRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(true, 18, |r| Ok(InitializeStateData::decode(r, v)?))?
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
    pub struct InitializeStateData {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionData>,
    }

    impl Default for InitializeStateData {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for InitializeStateData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 17, |r| Ok(PartitionData::decode(r, v)?))?
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
    pub struct PartitionData {
        pub partition: i32,
        pub state_epoch: i32,
        pub start_offset: i64,
    }

    impl Default for PartitionData {
        fn default() -> Self {
            Self { partition: 0, state_epoch: 0, start_offset: 0 }
        }
    }

    impl Message for PartitionData {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition = r.i32()?;
            m.state_epoch = r.i32()?;
            m.start_offset = r.i64()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition);
            w.i32(self.state_epoch);
            w.i64(self.start_offset);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct InitializeShareGroupStateResponse {
        pub results: Vec<InitializeStateResult>,
    }

    impl Default for InitializeShareGroupStateResponse {
        fn default() -> Self {
            Self { results: Default::default() }
        }
    }

    impl Message for InitializeShareGroupStateResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.results = r
                .array(true, 18, |r| Ok(InitializeStateResult::decode(r, v)?))?
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
    pub struct InitializeStateResult {
        pub topic_id: Uuid,
        pub partitions: Vec<PartitionResult>,
    }

    impl Default for InitializeStateResult {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for InitializeStateResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 8, |r| Ok(PartitionResult::decode(r, v)?))?
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
    }

    impl Default for PartitionResult {
        fn default() -> Self {
            Self { partition: 0, error_code: 0, error_message: None }
        }
    }

    impl Message for PartitionResult {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
