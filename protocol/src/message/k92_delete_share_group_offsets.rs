//! DeleteShareGroupOffsets (api key 92), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DeleteShareGroupOffsetsRequest;
pub use response::DeleteShareGroupOffsetsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteShareGroupOffsetsRequest {
        pub group_id: Str,
        pub topics: Vec<DeleteShareGroupOffsetsRequestTopic>,
    }

    impl Default for DeleteShareGroupOffsetsRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default() }
        }
    }

    impl Message for DeleteShareGroupOffsetsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(true, 2, |r| Ok(DeleteShareGroupOffsetsRequestTopic::decode(r, v)?))?
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
    pub struct DeleteShareGroupOffsetsRequestTopic {
        pub topic_name: Str,
    }

    impl Default for DeleteShareGroupOffsetsRequestTopic {
        fn default() -> Self {
            Self { topic_name: Str::default() }
        }
    }

    impl Message for DeleteShareGroupOffsetsRequestTopic {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.topic_name));
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteShareGroupOffsetsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
    }

    impl Default for DeleteShareGroupOffsetsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, error_message: None, responses: Default::default() }
        }
    }

    impl Message for DeleteShareGroupOffsetsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.responses = r
                .array(true, 21, |r| Ok(DeleteShareGroupOffsetsResponseTopic::decode(r, v)?))?
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
    pub struct DeleteShareGroupOffsetsResponseTopic {
        pub topic_name: Str,
        pub topic_id: Uuid,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for DeleteShareGroupOffsetsResponseTopic {
        fn default() -> Self {
            Self {
                topic_name: Str::default(),
                topic_id: Default::default(),
                error_code: 0,
                error_message: None,
            }
        }
    }

    impl Message for DeleteShareGroupOffsetsResponseTopic {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic_id = r.uuid()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.topic_name));
            w.uuid(&self.topic_id);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
