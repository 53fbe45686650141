//! CreateTopics (api key 19), versions 2-7, flexible from 5. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::CreateTopicsRequest;
pub use response::CreateTopicsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateTopicsRequest {
        pub topics: Vec<CreatableTopic>,
        pub timeout_ms: i32,
        pub validate_only: bool,
    }

    impl Default for CreateTopicsRequest {
        fn default() -> Self {
            Self { topics: Default::default(), timeout_ms: 60000, validate_only: false }
        }
    }

    impl Message for CreateTopicsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.topics = r
                .array(flex, 9, |r| Ok(CreatableTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.timeout_ms = r.i32()?;
            m.validate_only = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
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
    pub struct CreatableTopic {
        pub name: Str,
        pub num_partitions: i32,
        pub replication_factor: i16,
        pub assignments: Vec<CreatableReplicaAssignment>,
        pub configs: Vec<CreatableTopicConfig>,
    }

    impl Default for CreatableTopic {
        fn default() -> Self {
            Self {
                name: Str::default(),
                num_partitions: 0,
                replication_factor: 0,
                assignments: Default::default(),
                configs: Default::default(),
            }
        }
    }

    impl Message for CreatableTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.num_partitions = r.i32()?;
            m.replication_factor = r.i16()?;
            m.assignments = r
                .array(flex, 5, |r| Ok(CreatableReplicaAssignment::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.configs = r
                .array(flex, 2, |r| Ok(CreatableTopicConfig::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.string(flex, Some(&self.name));
            w.i32(self.num_partitions);
            w.i16(self.replication_factor);
            w.array(flex, Some(&self.assignments), |w, x| {
                x.encode(w, v);
            });
            w.array(flex, Some(&self.configs), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatableReplicaAssignment {
        pub partition_index: i32,
        pub broker_ids: Vec<i32>,
    }

    impl Default for CreatableReplicaAssignment {
        fn default() -> Self {
            Self { partition_index: 0, broker_ids: Default::default() }
        }
    }

    impl Message for CreatableReplicaAssignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.broker_ids = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.i32(self.partition_index);
            w.array(flex, Some(&self.broker_ids), |w, x| {
                w.i32(*x);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatableTopicConfig {
        pub name: Str,
        pub value: Option<Str>,
    }

    impl Default for CreatableTopicConfig {
        fn default() -> Self {
            Self { name: Str::default(), value: Some(Str::default()) }
        }
    }

    impl Message for CreatableTopicConfig {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.string(flex, Some(&self.name));
            w.string(flex, self.value.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateTopicsResponse {
        pub throttle_time_ms: i32,
        pub topics: Vec<CreatableTopicResult>,
    }

    impl Default for CreateTopicsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for CreateTopicsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.topics = r
                .array(flex, 4, |r| Ok(CreatableTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatableTopicResult {
        pub name: Str,
        pub topic_id: Uuid,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub topic_config_error_code: i16,
        pub num_partitions: i32,
        pub replication_factor: i16,
        pub configs: Option<Vec<CreatableTopicConfigs>>,
    }

    impl Default for CreatableTopicResult {
        fn default() -> Self {
            Self {
                name: Str::default(),
                topic_id: Default::default(),
                error_code: 0,
                error_message: Some(Str::default()),
                topic_config_error_code: 0,
                num_partitions: -1,
                replication_factor: -1,
                configs: Some(Default::default()),
            }
        }
    }

    impl Message for CreatableTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 7 {
                m.topic_id = r.uuid()?;
            }
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            if v >= 5 {
                m.num_partitions = r.i32()?;
            }
            if v >= 5 {
                m.replication_factor = r.i16()?;
            }
            if v >= 5 {
                m.configs = r.array(flex, 1, |r| Ok(CreatableTopicConfigs::decode(r, v)?))?;
            }
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 5 => m.topic_config_error_code = r.i16()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.string(flex, Some(&self.name));
            if v >= 7 {
                w.uuid(&self.topic_id);
            }
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            if v >= 5 {
                w.i32(self.num_partitions);
            }
            if v >= 5 {
                w.i16(self.replication_factor);
            }
            if v >= 5 {
                w.array(flex, self.configs.as_deref(), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.uvarint(0 + u32::from(v >= 5 && self.topic_config_error_code != 0));
                if v >= 5 && self.topic_config_error_code != 0 {
                    w.tag(0, |w| {
                        w.i16(self.topic_config_error_code);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatableTopicConfigs {
        pub name: Str,
        pub value: Option<Str>,
        pub read_only: bool,
        pub config_source: i8,
        pub is_sensitive: bool,
    }

    impl Default for CreatableTopicConfigs {
        fn default() -> Self {
            Self {
                name: Str::default(),
                value: Some(Str::default()),
                read_only: false,
                config_source: -1,
                is_sensitive: false,
            }
        }
    }

    impl Message for CreatableTopicConfigs {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            if v >= 5 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 5 {
                m.value = r.string(flex)?;
            }
            if v >= 5 {
                m.read_only = r.bool()?;
            }
            if v >= 5 {
                m.config_source = r.i8()?;
            }
            if v >= 5 {
                m.is_sensitive = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            if v >= 5 {
                w.string(flex, Some(&self.name));
            }
            if v >= 5 {
                w.string(flex, self.value.as_ref());
            }
            if v >= 5 {
                w.bool(self.read_only);
            }
            if v >= 5 {
                w.i8(self.config_source);
            }
            if v >= 5 {
                w.bool(self.is_sensitive);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
