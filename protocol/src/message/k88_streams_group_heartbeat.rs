//! StreamsGroupHeartbeat (api key 88), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::StreamsGroupHeartbeatRequest;
pub use response::StreamsGroupHeartbeatResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupHeartbeatRequest {
        pub group_id: Str,
        pub member_id: Str,
        pub member_epoch: i32,
        pub endpoint_information_epoch: i32,
        pub instance_id: Option<Str>,
        pub rack_id: Option<Str>,
        pub rebalance_timeout_ms: i32,
        pub topology: Option<Topology>,
        pub active_tasks: Option<Vec<TaskIds>>,
        pub standby_tasks: Option<Vec<TaskIds>>,
        pub warmup_tasks: Option<Vec<TaskIds>>,
        pub process_id: Option<Str>,
        pub user_endpoint: Option<Endpoint>,
        pub client_tags: Option<Vec<KeyValue>>,
        pub task_offsets: Option<Vec<TaskOffset>>,
        pub task_end_offsets: Option<Vec<TaskOffset>>,
        pub shutdown_application: bool,
    }

    impl Default for StreamsGroupHeartbeatRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                member_id: Str::default(),
                member_epoch: 0,
                endpoint_information_epoch: 0,
                instance_id: None,
                rack_id: None,
                rebalance_timeout_ms: -1,
                topology: None,
                active_tasks: None,
                standby_tasks: None,
                warmup_tasks: None,
                process_id: None,
                user_endpoint: None,
                client_tags: None,
                task_offsets: None,
                task_end_offsets: None,
                shutdown_application: false,
            }
        }
    }

    impl Message for StreamsGroupHeartbeatRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_epoch = r.i32()?;
            m.endpoint_information_epoch = r.i32()?;
            m.instance_id = r.string(true)?;
            m.rack_id = r.string(true)?;
            m.rebalance_timeout_ms = r.i32()?;
            m.topology = if r.i8()? < 0 { None } else { Some(Topology::decode(r, v)?) };
            m.active_tasks = r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?;
            m.standby_tasks = r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?;
            m.warmup_tasks = r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?;
            m.process_id = r.string(true)?;
            m.user_endpoint = if r.i8()? < 0 { None } else { Some(Endpoint::decode(r, v)?) };
            m.client_tags = r.array(true, 3, |r| Ok(KeyValue::decode(r, v)?))?;
            m.task_offsets = r.array(true, 14, |r| Ok(TaskOffset::decode(r, v)?))?;
            m.task_end_offsets = r.array(true, 14, |r| Ok(TaskOffset::decode(r, v)?))?;
            m.shutdown_application = r.bool()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.group_id));
            w.string(true, Some(&self.member_id));
            w.i32(self.member_epoch);
            w.i32(self.endpoint_information_epoch);
            w.string(true, self.instance_id.as_ref());
            w.string(true, self.rack_id.as_ref());
            w.i32(self.rebalance_timeout_ms);
            match &self.topology {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.array(true, self.active_tasks.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.standby_tasks.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.warmup_tasks.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.string(true, self.process_id.as_ref());
            match &self.user_endpoint {
                Some(x) => {
                    w.i8(1);
                    x.encode(w, v);
                }
                None => w.i8(-1),
            }
            w.array(true, self.client_tags.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.task_offsets.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.task_end_offsets.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.bool(self.shutdown_application);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Topology {
        pub epoch: i32,
        pub subtopologies: Vec<Subtopology>,
    }

    impl Default for Topology {
        fn default() -> Self {
            Self { epoch: 0, subtopologies: Default::default() }
        }
    }

    impl Message for Topology {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.epoch = r.i32()?;
            m.subtopologies =
                r.array(true, 8, |r| Ok(Subtopology::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.epoch);
            w.array(true, Some(&self.subtopologies), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Subtopology {
        pub subtopology_id: Str,
        pub source_topics: Vec<Str>,
        pub source_topic_regex: Vec<Str>,
        pub state_changelog_topics: Vec<TopicInfo>,
        pub repartition_sink_topics: Vec<Str>,
        pub repartition_source_topics: Vec<TopicInfo>,
        pub copartition_groups: Vec<CopartitionGroup>,
    }

    impl Default for Subtopology {
        fn default() -> Self {
            Self {
                subtopology_id: Str::default(),
                source_topics: Default::default(),
                source_topic_regex: Default::default(),
                state_changelog_topics: Default::default(),
                repartition_sink_topics: Default::default(),
                repartition_source_topics: Default::default(),
                copartition_groups: Default::default(),
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
            m.source_topic_regex = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.state_changelog_topics =
                r.array(true, 9, |r| Ok(TopicInfo::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.repartition_sink_topics = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.repartition_source_topics =
                r.array(true, 9, |r| Ok(TopicInfo::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.copartition_groups = r
                .array(true, 4, |r| Ok(CopartitionGroup::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.subtopology_id));
            w.array(true, Some(&self.source_topics), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.source_topic_regex), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.state_changelog_topics), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.repartition_sink_topics), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.repartition_source_topics), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.copartition_groups), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CopartitionGroup {
        pub source_topics: Vec<i16>,
        pub source_topic_regex: Vec<i16>,
        pub repartition_source_topics: Vec<i16>,
    }

    impl Default for CopartitionGroup {
        fn default() -> Self {
            Self {
                source_topics: Default::default(),
                source_topic_regex: Default::default(),
                repartition_source_topics: Default::default(),
            }
        }
    }

    impl Message for CopartitionGroup {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.source_topics = r.array(true, 2, |r| Ok(r.i16()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.source_topic_regex = r.array(true, 2, |r| Ok(r.i16()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.repartition_source_topics =
                r.array(true, 2, |r| Ok(r.i16()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.array(true, Some(&self.source_topics), |w, x| {
                w.i16(*x);
            });
            w.array(true, Some(&self.source_topic_regex), |w, x| {
                w.i16(*x);
            });
            w.array(true, Some(&self.repartition_source_topics), |w, x| {
                w.i16(*x);
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
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupHeartbeatResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub member_id: Str,
        pub member_epoch: i32,
        pub heartbeat_interval_ms: i32,
        pub acceptable_recovery_lag: i32,
        pub task_offset_interval_ms: i32,
        pub status: Option<Vec<Status>>,
        pub active_tasks: Option<Vec<TaskIds>>,
        pub standby_tasks: Option<Vec<TaskIds>>,
        pub warmup_tasks: Option<Vec<TaskIds>>,
        pub endpoint_information_epoch: i32,
        pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
    }

    impl Default for StreamsGroupHeartbeatResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: None,
                member_id: Str::default(),
                member_epoch: 0,
                heartbeat_interval_ms: 0,
                acceptable_recovery_lag: 0,
                task_offset_interval_ms: 0,
                status: Some(Default::default()),
                active_tasks: None,
                standby_tasks: None,
                warmup_tasks: None,
                endpoint_information_epoch: 0,
                partitions_by_user_endpoint: None,
            }
        }
    }

    impl Message for StreamsGroupHeartbeatResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.member_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_epoch = r.i32()?;
            m.heartbeat_interval_ms = r.i32()?;
            m.acceptable_recovery_lag = r.i32()?;
            m.task_offset_interval_ms = r.i32()?;
            m.status = r.array(true, 3, |r| Ok(Status::decode(r, v)?))?;
            m.active_tasks = r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?;
            m.standby_tasks = r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?;
            m.warmup_tasks = r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?;
            m.endpoint_information_epoch = r.i32()?;
            m.partitions_by_user_endpoint = r.array(true, 7, |r| Ok(EndpointToPartitions::decode(r, v)?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.string(true, Some(&self.member_id));
            w.i32(self.member_epoch);
            w.i32(self.heartbeat_interval_ms);
            w.i32(self.acceptable_recovery_lag);
            w.i32(self.task_offset_interval_ms);
            w.array(true, self.status.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.active_tasks.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.standby_tasks.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.array(true, self.warmup_tasks.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.endpoint_information_epoch);
            w.array(true, self.partitions_by_user_endpoint.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EndpointToPartitions {
        pub user_endpoint: Endpoint,
        pub active_partitions: Vec<TopicPartition>,
        pub standby_partitions: Vec<TopicPartition>,
    }

    impl Default for EndpointToPartitions {
        fn default() -> Self {
            Self {
                user_endpoint: Default::default(),
                active_partitions: Default::default(),
                standby_partitions: Default::default(),
            }
        }
    }

    impl Message for EndpointToPartitions {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.user_endpoint = Endpoint::decode(r, v)?;
            m.active_partitions = r
                .array(true, 3, |r| Ok(TopicPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.standby_partitions = r
                .array(true, 3, |r| Ok(TopicPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            self.user_endpoint.encode(w, v);
            w.array(true, Some(&self.active_partitions), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.standby_partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Status {
        pub status_code: i8,
        pub status_detail: Str,
    }

    impl Default for Status {
        fn default() -> Self {
            Self { status_code: 0, status_detail: Str::default() }
        }
    }

    impl Message for Status {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.status_code = r.i8()?;
            m.status_detail = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i8(self.status_code);
            w.string(true, Some(&self.status_detail));
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicPartition {
        pub topic: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartition {
        fn default() -> Self {
            Self { topic: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartition {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.topic));
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
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
}
