//! ConsumerGroupDescribe (api key 69), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ConsumerGroupDescribeRequest;
pub use response::ConsumerGroupDescribeResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupDescribeRequest {
        pub group_ids: Vec<Str>,
        pub include_authorized_operations: bool,
    }

    impl Default for ConsumerGroupDescribeRequest {
        fn default() -> Self {
            Self { group_ids: Default::default(), include_authorized_operations: false }
        }
    }

    impl Message for ConsumerGroupDescribeRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_ids = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.include_authorized_operations = r.bool()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.array(true, Some(&self.group_ids), |w, x| {
                w.string(true, Some(x));
            });
            w.bool(self.include_authorized_operations);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupDescribeResponse {
        pub throttle_time_ms: i32,
        pub groups: Vec<DescribedGroup>,
    }

    impl Default for ConsumerGroupDescribeResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, groups: Default::default() }
        }
    }

    impl Message for ConsumerGroupDescribeResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.groups = r
                .array(true, 20, |r| Ok(DescribedGroup::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.array(true, Some(&self.groups), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribedGroup {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub group_id: Str,
        pub group_state: Str,
        pub group_epoch: i32,
        pub assignment_epoch: i32,
        pub assignor_name: Str,
        pub members: Vec<Member>,
        pub authorized_operations: i32,
    }

    impl Default for DescribedGroup {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: None,
                group_id: Str::default(),
                group_state: Str::default(),
                group_epoch: 0,
                assignment_epoch: 0,
                assignor_name: Str::default(),
                members: Default::default(),
                authorized_operations: -2147483648,
            }
        }
    }

    impl Message for DescribedGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.group_state = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.group_epoch = r.i32()?;
            m.assignment_epoch = r.i32()?;
            m.assignor_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.members =
                r.array(true, 16, |r| Ok(Member::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.authorized_operations = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.string(true, Some(&self.group_id));
            w.string(true, Some(&self.group_state));
            w.i32(self.group_epoch);
            w.i32(self.assignment_epoch);
            w.string(true, Some(&self.assignor_name));
            w.array(true, Some(&self.members), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.authorized_operations);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Member {
        pub member_id: Str,
        pub instance_id: Option<Str>,
        pub rack_id: Option<Str>,
        pub member_epoch: i32,
        pub client_id: Str,
        pub client_host: Str,
        pub subscribed_topic_names: Vec<Str>,
        pub subscribed_topic_regex: Option<Str>,
        pub assignment: Assignment,
        pub target_assignment: Assignment,
        pub member_type: i8,
    }

    impl Default for Member {
        fn default() -> Self {
            Self {
                member_id: Str::default(),
                instance_id: None,
                rack_id: None,
                member_epoch: 0,
                client_id: Str::default(),
                client_host: Str::default(),
                subscribed_topic_names: Default::default(),
                subscribed_topic_regex: None,
                assignment: Default::default(),
                target_assignment: Default::default(),
                member_type: -1,
            }
        }
    }

    impl Message for Member {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.member_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.instance_id = r.string(true)?;
            m.rack_id = r.string(true)?;
            m.member_epoch = r.i32()?;
            m.client_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.subscribed_topic_names = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.subscribed_topic_regex = r.string(true)?;
            m.assignment = Assignment::decode(r, v)?;
            m.target_assignment = Assignment::decode(r, v)?;
            if v >= 1 {
                m.member_type = r.i8()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.member_id));
            w.string(true, self.instance_id.as_ref());
            w.string(true, self.rack_id.as_ref());
            w.i32(self.member_epoch);
            w.string(true, Some(&self.client_id));
            w.string(true, Some(&self.client_host));
            w.array(true, Some(&self.subscribed_topic_names), |w, x| {
                w.string(true, Some(x));
            });
            w.string(true, self.subscribed_topic_regex.as_ref());
            self.assignment.encode(w, v);
            self.target_assignment.encode(w, v);
            if v >= 1 {
                w.i8(self.member_type);
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicPartitions {
        pub topic_id: Uuid,
        pub topic_name: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartitions {
        fn default() -> Self {
            Self { topic_id: Default::default(), topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartitions {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.topic_id);
            w.string(true, Some(&self.topic_name));
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
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
                .array(true, 19, |r| Ok(TopicPartitions::decode(r, v)?))?
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
}
