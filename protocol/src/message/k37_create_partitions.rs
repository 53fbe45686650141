//! CreatePartitions (api key 37), versions 0-3, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::CreatePartitionsRequest;
pub use response::CreatePartitionsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatePartitionsRequest {
        pub topics: Vec<CreatePartitionsTopic>,
        pub timeout_ms: i32,
        pub validate_only: bool,
    }

    impl Default for CreatePartitionsRequest {
        fn default() -> Self {
            Self { topics: Default::default(), timeout_ms: 0, validate_only: false }
        }
    }

    impl Message for CreatePartitionsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.topics = r
                .array(flex, 6, |r| Ok(CreatePartitionsTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.timeout_ms = r.i32()?;
            m.validate_only = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.timeout_ms);
            w.bool(self.validate_only);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatePartitionsTopic {
        pub name: Str,
        pub count: i32,
        pub assignments: Option<Vec<CreatePartitionsAssignment>>,
    }

    impl Default for CreatePartitionsTopic {
        fn default() -> Self {
            Self { name: Str::default(), count: 0, assignments: Some(Default::default()) }
        }
    }

    impl Message for CreatePartitionsTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.count = r.i32()?;
            m.assignments = r.array(flex, 1, |r| Ok(CreatePartitionsAssignment::decode(r, v)?))?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.name));
            w.i32(self.count);
            w.array(flex, self.assignments.as_deref(), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatePartitionsAssignment {
        pub broker_ids: Vec<i32>,
    }

    impl Default for CreatePartitionsAssignment {
        fn default() -> Self {
            Self { broker_ids: Default::default() }
        }
    }

    impl Message for CreatePartitionsAssignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.broker_ids = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.broker_ids), |w, x| {
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
    pub struct CreatePartitionsResponse {
        pub throttle_time_ms: i32,
        pub results: Vec<CreatePartitionsTopicResult>,
    }

    impl Default for CreatePartitionsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, results: Default::default() }
        }
    }

    impl Message for CreatePartitionsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.results = r
                .array(flex, 4, |r| Ok(CreatePartitionsTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatePartitionsTopicResult {
        pub name: Str,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for CreatePartitionsTopicResult {
        fn default() -> Self {
            Self { name: Str::default(), error_code: 0, error_message: None }
        }
    }

    impl Message for CreatePartitionsTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.name));
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}
