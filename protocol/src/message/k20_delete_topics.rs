//! DeleteTopics (api key 20), versions 1-6, flexible from 4. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DeleteTopicsRequest;
pub use response::DeleteTopicsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteTopicsRequest {
        pub topics: Vec<DeleteTopicState>,
        pub topic_names: Vec<Str>,
        pub timeout_ms: i32,
    }

    impl Default for DeleteTopicsRequest {
        fn default() -> Self {
            Self { topics: Default::default(), topic_names: Default::default(), timeout_ms: 0 }
        }
    }

    impl Message for DeleteTopicsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 6 {
                m.topics = r
                    .array(flex, 1, |r| Ok(DeleteTopicState::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 5 {
                m.topic_names = r
                    .array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            m.timeout_ms = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            if v >= 6 {
                w.array(flex, Some(&self.topics), |w, x| {
                    x.encode(w, v);
                });
            }
            if v <= 5 {
                w.array(flex, Some(&self.topic_names), |w, x| {
                    w.string(flex, Some(x));
                });
            }
            w.i32(self.timeout_ms);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteTopicState {
        pub name: Option<Str>,
        pub topic_id: Uuid,
    }

    impl Default for DeleteTopicState {
        fn default() -> Self {
            Self { name: None, topic_id: Default::default() }
        }
    }

    impl Message for DeleteTopicState {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 6 {
                m.name = r.string(flex)?;
            }
            if v >= 6 {
                m.topic_id = r.uuid()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            if v >= 6 {
                w.string(flex, self.name.as_ref());
            }
            if v >= 6 {
                w.uuid(&self.topic_id);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteTopicsResponse {
        pub throttle_time_ms: i32,
        pub responses: Vec<DeletableTopicResult>,
    }

    impl Default for DeleteTopicsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, responses: Default::default() }
        }
    }

    impl Message for DeleteTopicsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.responses = r
                .array(flex, 3, |r| Ok(DeletableTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeletableTopicResult {
        pub name: Option<Str>,
        pub topic_id: Uuid,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for DeletableTopicResult {
        fn default() -> Self {
            Self {
                name: Some(Str::default()),
                topic_id: Default::default(),
                error_code: 0,
                error_message: None,
            }
        }
    }

    impl Message for DeletableTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.name = {
                let x = r.string(flex)?;
                if x.is_none() && !(v >= 6) {
                    return Err(DecodeError::NullNotAllowed);
                }
                x
            };
            if v >= 6 {
                m.topic_id = r.uuid()?;
            }
            m.error_code = r.i16()?;
            if v >= 5 {
                m.error_message = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string_or_empty(flex, self.name.as_ref(), v >= 6);
            if v >= 6 {
                w.uuid(&self.topic_id);
            }
            w.i16(self.error_code);
            if v >= 5 {
                w.string(flex, self.error_message.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
