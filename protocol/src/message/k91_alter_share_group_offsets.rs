//! AlterShareGroupOffsets (api key 91), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AlterShareGroupOffsetsRequest;
pub use response::AlterShareGroupOffsetsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterShareGroupOffsetsRequest {
        pub group_id: Str,
        pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
    }

    impl Default for AlterShareGroupOffsetsRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default() }
        }
    }

    impl Message for AlterShareGroupOffsetsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(true, 3, |r| Ok(AlterShareGroupOffsetsRequestTopic::decode(r, v)?))?
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
    pub struct AlterShareGroupOffsetsRequestTopic {
        pub topic_name: Str,
        pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
    }

    impl Default for AlterShareGroupOffsetsRequestTopic {
        fn default() -> Self {
            Self { topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for AlterShareGroupOffsetsRequestTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 13, |r| Ok(AlterShareGroupOffsetsRequestPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.topic_name));
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterShareGroupOffsetsRequestPartition {
        pub partition_index: i32,
        pub start_offset: i64,
    }

    impl Default for AlterShareGroupOffsetsRequestPartition {
        fn default() -> Self {
            Self { partition_index: 0, start_offset: 0 }
        }
    }

    impl Message for AlterShareGroupOffsetsRequestPartition {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.start_offset = r.i64()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.i64(self.start_offset);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterShareGroupOffsetsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub responses: Vec<AlterShareGroupOffsetsResponseTopic>,
    }

    impl Default for AlterShareGroupOffsetsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, error_message: None, responses: Default::default() }
        }
    }

    impl Message for AlterShareGroupOffsetsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.responses = r
                .array(true, 19, |r| Ok(AlterShareGroupOffsetsResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.array(true, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterShareGroupOffsetsResponseTopic {
        pub topic_name: Str,
        pub topic_id: Uuid,
        pub partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
    }

    impl Default for AlterShareGroupOffsetsResponseTopic {
        fn default() -> Self {
            Self { topic_name: Str::default(), topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for AlterShareGroupOffsetsResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic_id = r.uuid()?;
            m.partitions = r
                .array(true, 8, |r| Ok(AlterShareGroupOffsetsResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.topic_name));
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterShareGroupOffsetsResponsePartition {
        pub partition_index: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for AlterShareGroupOffsetsResponsePartition {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0, error_message: None }
        }
    }

    impl Message for AlterShareGroupOffsetsResponsePartition {
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
