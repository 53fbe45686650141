//! ConsumerGroupHeartbeat (api key 68), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ConsumerGroupHeartbeatRequest;
pub use response::ConsumerGroupHeartbeatResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupHeartbeatRequest {
        pub group_id: Str,
        pub member_id: Str,
        pub member_epoch: i32,
        pub instance_id: Option<Str>,
        pub rack_id: Option<Str>,
        pub rebalance_timeout_ms: i32,
        pub subscribed_topic_names: Option<Vec<Str>>,
        pub subscribed_topic_regex: Option<Str>,
        pub server_assignor: Option<Str>,
        pub topic_partitions: Option<Vec<TopicPartitions>>,
    }

    impl Default for ConsumerGroupHeartbeatRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                member_id: Str::default(),
                member_epoch: 0,
                instance_id: None,
                rack_id: None,
                rebalance_timeout_ms: -1,
                subscribed_topic_names: None,
                subscribed_topic_regex: None,
                server_assignor: None,
                topic_partitions: None,
            }
        }
    }

    impl Message for ConsumerGroupHeartbeatRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_epoch = r.i32()?;
            m.instance_id = r.string(true)?;
            m.rack_id = r.string(true)?;
            m.rebalance_timeout_ms = r.i32()?;
            m.subscribed_topic_names =
                r.array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?;
            if v >= 1 {
                m.subscribed_topic_regex = r.string(true)?;
            }
            m.server_assignor = r.string(true)?;
            m.topic_partitions = r.array(true, 18, |r| Ok(TopicPartitions::decode(r, v)?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.group_id));
            w.string(true, Some(&self.member_id));
            w.i32(self.member_epoch);
            w.string(true, self.instance_id.as_ref());
            w.string(true, self.rack_id.as_ref());
            w.i32(self.rebalance_timeout_ms);
            w.array(true, self.subscribed_topic_names.as_deref(), |w, x| {
                w.string(true, Some(x));
            });
            if v >= 1 {
                w.string(true, self.subscribed_topic_regex.as_ref());
            }
            w.string(true, self.server_assignor.as_ref());
            w.array(true, self.topic_partitions.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicPartitions {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartitions {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartitions {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupHeartbeatResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub member_id: Option<Str>,
        pub member_epoch: i32,
        pub heartbeat_interval_ms: i32,
        pub assignment: Option<Assignment>,
    }

    impl Default for ConsumerGroupHeartbeatResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: None,
                member_id: None,
                member_epoch: 0,
                heartbeat_interval_ms: 0,
                assignment: None,
            }
        }
    }

    impl Message for ConsumerGroupHeartbeatResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.member_id = r.string(true)?;
            m.member_epoch = r.i32()?;
            m.heartbeat_interval_ms = r.i32()?;
            m.assignment = if r.i8()? < 0 { None } else { Some(Assignment::decode(r, v)?) };
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.string(true, self.member_id.as_ref());
            w.i32(self.member_epoch);
            w.i32(self.heartbeat_interval_ms);
            match &self.assignment {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Assignment {
        pub topic_partitions: Vec<TopicPartitions>,
    }

    impl Default for Assignment {
        fn default() -> Self {
            Self { topic_partitions: Default::default() }
        }
    }

    impl Message for Assignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_partitions = r
                .array(true, 18, |r| Ok(TopicPartitions::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.topic_partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicPartitions {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartitions {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartitions {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.topic_id);
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}
