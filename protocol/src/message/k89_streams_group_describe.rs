//! StreamsGroupDescribe (api key 89), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::StreamsGroupDescribeRequest;
pub use response::StreamsGroupDescribeResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupDescribeRequest {
        pub group_ids: Vec<Str>,
        pub include_authorized_operations: bool,
    }

    impl Default for StreamsGroupDescribeRequest {
        fn default() -> Self {
            Self { group_ids: Default::default(), include_authorized_operations: false }
        }
    }

    impl Message for StreamsGroupDescribeRequest {
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
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupDescribeResponse {
        pub throttle_time_ms: i32,
        pub groups: Vec<DescribedGroup>,
    }

    impl Default for StreamsGroupDescribeResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, groups: Default::default() }
        }
    }

    impl Message for StreamsGroupDescribeResponse {
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
        pub topology: Option<Topology>,
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
                topology: None,
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
            m.topology = if r.i8()? < 0 { None } else { Some(Topology::decode(r, v)?) };
            m.members =
                r.array(true, 28, |r| Ok(Member::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
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
            match &self.topology {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.array(true, Some(&self.members), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.authorized_operations);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Topology {
        pub epoch: i32,
        pub subtopologies: Option<Vec<Subtopology>>,
    }

    impl Default for Topology {
        fn default() -> Self {
            Self { epoch: 0, subtopologies: None }
        }
    }

    impl Message for Topology {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.epoch = r.i32()?;
            m.subtopologies = r.array(true, 6, |r| Ok(Subtopology::decode(r, v)?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.epoch);
            w.array(true, self.subtopologies.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Subtopology {
        pub subtopology_id: Str,
        pub source_topics: Vec<Str>,
        pub repartition_sink_topics: Vec<Str>,
        pub state_changelog_topics: Vec<TopicInfo>,
        pub repartition_source_topics: Vec<TopicInfo>,
    }

    impl Default for Subtopology {
        fn default() -> Self {
            Self {
                subtopology_id: Str::default(),
                source_topics: Default::default(),
                repartition_sink_topics: Default::default(),
                state_changelog_topics: Default::default(),
                repartition_source_topics: Default::default(),
            }
        }
    }

    impl Message for Subtopology {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.subtopology_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.source_topics = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.repartition_sink_topics = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.state_changelog_topics =
                r.array(true, 9, |r| Ok(TopicInfo::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.repartition_source_topics =
                r.array(true, 9, |r| Ok(TopicInfo::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.subtopology_id));
            w.array(true, Some(&self.source_topics), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.repartition_sink_topics), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.state_changelog_topics), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.repartition_source_topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Member {
        pub member_id: Str,
        pub member_epoch: i32,
        pub instance_id: Option<Str>,
        pub rack_id: Option<Str>,
        pub client_id: Str,
        pub client_host: Str,
        pub topology_epoch: i32,
        pub process_id: Str,
        pub user_endpoint: Option<Endpoint>,
        pub client_tags: Vec<KeyValue>,
        pub task_offsets: Vec<TaskOffset>,
        pub task_end_offsets: Vec<TaskOffset>,
        pub assignment: Assignment,
        pub target_assignment: Assignment,
        pub is_classic: bool,
    }

    impl Default for Member {
        fn default() -> Self {
            Self {
                member_id: Str::default(),
                member_epoch: 0,
                instance_id: None,
                rack_id: None,
                client_id: Str::default(),
                client_host: Str::default(),
                topology_epoch: 0,
                process_id: Str::default(),
                user_endpoint: None,
                client_tags: Default::default(),
                task_offsets: Default::default(),
                task_end_offsets: Default::default(),
                assignment: Default::default(),
                target_assignment: Default::default(),
                is_classic: false,
            }
        }
    }

    impl Message for Member {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.member_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_epoch = r.i32()?;
            m.instance_id = r.string(true)?;
            m.rack_id = r.string(true)?;
            m.client_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topology_epoch = r.i32()?;
            m.process_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.user_endpoint = if r.i8()? < 0 { None } else { Some(Endpoint::decode(r, v)?) };
            m.client_tags =
                r.array(true, 3, |r| Ok(KeyValue::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.task_offsets =
                r.array(true, 14, |r| Ok(TaskOffset::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.task_end_offsets =
                r.array(true, 14, |r| Ok(TaskOffset::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.assignment = Assignment::decode(r, v)?;
            m.target_assignment = Assignment::decode(r, v)?;
            m.is_classic = r.bool()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.member_id));
            w.i32(self.member_epoch);
            w.string(true, self.instance_id.as_ref());
            w.string(true, self.rack_id.as_ref());
            w.string(true, Some(&self.client_id));
            w.string(true, Some(&self.client_host));
            w.i32(self.topology_epoch);
            w.string(true, Some(&self.process_id));
            match &self.user_endpoint {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.array(true, Some(&self.client_tags), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.task_offsets), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.task_end_offsets), |w, x| {
                x.encode(w, v);
            });
            self.assignment.encode(w, v);
            self.target_assignment.encode(w, v);
            w.bool(self.is_classic);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Endpoint {
        pub host: Str,
        pub port: u16,
    }

    impl Default for Endpoint {
        fn default() -> Self {
            Self { host: Str::default(), port: 0 }
        }
    }

    impl Message for Endpoint {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.port = r.u16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.host));
            w.u16(self.port);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TaskOffset {
        pub subtopology_id: Str,
        pub partition: i32,
        pub offset: i64,
    }

    impl Default for TaskOffset {
        fn default() -> Self {
            Self { subtopology_id: Str::default(), partition: 0, offset: 0 }
        }
    }

    impl Message for TaskOffset {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.subtopology_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition = r.i32()?;
            m.offset = r.i64()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.subtopology_id));
            w.i32(self.partition);
            w.i64(self.offset);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Assignment {
        pub active_tasks: Vec<TaskIds>,
        pub standby_tasks: Vec<TaskIds>,
        pub warmup_tasks: Vec<TaskIds>,
    }

    impl Default for Assignment {
        fn default() -> Self {
            Self {
                active_tasks: Default::default(),
                standby_tasks: Default::default(),
                warmup_tasks: Default::default(),
            }
        }
    }

    impl Message for Assignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.active_tasks =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.standby_tasks =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.warmup_tasks =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.active_tasks), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.standby_tasks), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.warmup_tasks), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TaskIds {
        pub subtopology_id: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for TaskIds {
        fn default() -> Self {
            Self { subtopology_id: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TaskIds {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.subtopology_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.subtopology_id));
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct KeyValue {
        pub key: Str,
        pub value: Str,
    }

    impl Default for KeyValue {
        fn default() -> Self {
            Self { key: Str::default(), value: Str::default() }
        }
    }

    impl Message for KeyValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.key = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.key));
            w.string(true, Some(&self.value));
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicInfo {
        pub name: Str,
        pub partitions: i32,
        pub replication_factor: i16,
        pub topic_configs: Vec<KeyValue>,
    }

    impl Default for TopicInfo {
        fn default() -> Self {
            Self {
                name: Str::default(),
                partitions: 0,
                replication_factor: 0,
                topic_configs: Default::default(),
            }
        }
    }

    impl Message for TopicInfo {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.i32()?;
            m.replication_factor = r.i16()?;
            m.topic_configs =
                r.array(true, 3, |r| Ok(KeyValue::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.name));
            w.i32(self.partitions);
            w.i16(self.replication_factor);
            w.array(true, Some(&self.topic_configs), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }
}
