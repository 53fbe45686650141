//! Metadata (api key 3), versions 0-13, flexible from 9. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::MetadataRequest;
pub use response::MetadataResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct MetadataRequest {
        pub topics: Option<Vec<MetadataRequestTopic>>,
        pub allow_auto_topic_creation: bool,
        pub include_cluster_authorized_operations: bool,
        pub include_topic_authorized_operations: bool,
    }

    impl Default for MetadataRequest {
        fn default() -> Self {
            Self {
                topics: Some(Default::default()),
                allow_auto_topic_creation: true,
                include_cluster_authorized_operations: false,
                include_topic_authorized_operations: false,
            }
        }
    }

    impl Message for MetadataRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.topics = {
                let x = r.array(flex, 1, |r| Ok(MetadataRequestTopic::decode(r, v)?))?;
                if x.is_none() && !(v >= 1) {
                    return Err(DecodeError::NullNotAllowed);
                }
                x
            };
            if v >= 4 {
                m.allow_auto_topic_creation = r.bool()?;
            }
            if (8..=10).contains(&v) {
                m.include_cluster_authorized_operations = r.bool()?;
            }
            if v >= 8 {
                m.include_topic_authorized_operations = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.array(flex, Writer::slice_or_empty(self.topics.as_deref(), v >= 1), |w, x| {
                x.encode(w, v);
            });
            if v >= 4 {
                w.bool(self.allow_auto_topic_creation);
            }
            if (8..=10).contains(&v) {
                w.bool(self.include_cluster_authorized_operations);
            }
            if v >= 8 {
                w.bool(self.include_topic_authorized_operations);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MetadataRequestTopic {
        pub topic_id: Uuid,
        pub name: Option<Str>,
    }

    impl Default for MetadataRequestTopic {
        fn default() -> Self {
            Self { topic_id: Default::default(), name: Some(Str::default()) }
        }
    }

    impl Message for MetadataRequestTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            if v >= 10 {
                m.topic_id = r.uuid()?;
            }
            m.name = {
                let x = r.string(flex)?;
                if x.is_none() && !(v >= 10) {
                    return Err(DecodeError::NullNotAllowed);
                }
                x
            };
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v >= 10 {
                w.uuid(&self.topic_id);
            }
            w.string_or_empty(flex, self.name.as_ref(), v >= 10);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct MetadataResponse {
        pub throttle_time_ms: i32,
        pub brokers: Vec<MetadataResponseBroker>,
        pub cluster_id: Option<Str>,
        pub controller_id: i32,
        pub topics: Vec<MetadataResponseTopic>,
        pub cluster_authorized_operations: i32,
        pub error_code: i16,
    }

    impl Default for MetadataResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                brokers: Default::default(),
                cluster_id: None,
                controller_id: -1,
                topics: Default::default(),
                cluster_authorized_operations: -2147483648,
                error_code: 0,
            }
        }
    }

    impl Message for MetadataResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            if v >= 3 {
                m.throttle_time_ms = r.i32()?;
            }
            m.brokers = r
                .array(flex, 9, |r| Ok(MetadataResponseBroker::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 2 {
                m.cluster_id = r.string(flex)?;
            }
            if v >= 1 {
                m.controller_id = r.i32()?;
            }
            m.topics = r
                .array(flex, 4, |r| Ok(MetadataResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if (8..=10).contains(&v) {
                m.cluster_authorized_operations = r.i32()?;
            }
            if v >= 13 {
                m.error_code = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            if v >= 3 {
                w.i32(self.throttle_time_ms);
            }
            w.array(flex, Some(&self.brokers), |w, x| {
                x.encode(w, v);
            });
            if v >= 2 {
                w.string(flex, self.cluster_id.as_ref());
            }
            if v >= 1 {
                w.i32(self.controller_id);
            }
            w.array(flex, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            if (8..=10).contains(&v) {
                w.i32(self.cluster_authorized_operations);
            }
            if v >= 13 {
                w.i16(self.error_code);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MetadataResponseBroker {
        pub node_id: i32,
        pub host: Str,
        pub port: i32,
        pub rack: Option<Str>,
    }

    impl Default for MetadataResponseBroker {
        fn default() -> Self {
            Self { node_id: 0, host: Str::default(), port: 0, rack: None }
        }
    }

    impl Message for MetadataResponseBroker {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.node_id = r.i32()?;
            m.host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.port = r.i32()?;
            if v >= 1 {
                m.rack = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.i32(self.node_id);
            w.string(flex, Some(&self.host));
            w.i32(self.port);
            if v >= 1 {
                w.string(flex, self.rack.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MetadataResponseTopic {
        pub error_code: i16,
        pub name: Option<Str>,
        pub topic_id: Uuid,
        pub is_internal: bool,
        pub partitions: Vec<MetadataResponsePartition>,
        pub topic_authorized_operations: i32,
    }

    impl Default for MetadataResponseTopic {
        fn default() -> Self {
            Self {
                error_code: 0,
                name: Some(Str::default()),
                topic_id: Default::default(),
                is_internal: false,
                partitions: Default::default(),
                topic_authorized_operations: -2147483648,
            }
        }
    }

    impl Message for MetadataResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.name = {
                let x = r.string(flex)?;
                if x.is_none() && !(v >= 12) {
                    return Err(DecodeError::NullNotAllowed);
                }
                x
            };
            if v >= 10 {
                m.topic_id = r.uuid()?;
            }
            if v >= 1 {
                m.is_internal = r.bool()?;
            }
            m.partitions = r
                .array(flex, 12, |r| Ok(MetadataResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 8 {
                m.topic_authorized_operations = r.i32()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.i16(self.error_code);
            w.string_or_empty(flex, self.name.as_ref(), v >= 12);
            if v >= 10 {
                w.uuid(&self.topic_id);
            }
            if v >= 1 {
                w.bool(self.is_internal);
            }
            w.array(flex, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            if v >= 8 {
                w.i32(self.topic_authorized_operations);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MetadataResponsePartition {
        pub error_code: i16,
        pub partition_index: i32,
        pub leader_id: i32,
        pub leader_epoch: i32,
        pub replica_nodes: Vec<i32>,
        pub isr_nodes: Vec<i32>,
        pub offline_replicas: Vec<i32>,
    }

    impl Default for MetadataResponsePartition {
        fn default() -> Self {
            Self {
                error_code: 0,
                partition_index: 0,
                leader_id: 0,
                leader_epoch: -1,
                replica_nodes: Default::default(),
                isr_nodes: Default::default(),
                offline_replicas: Default::default(),
            }
        }
    }

    impl Message for MetadataResponsePartition {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 9;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.partition_index = r.i32()?;
            m.leader_id = r.i32()?;
            if v >= 7 {
                m.leader_epoch = r.i32()?;
            }
            m.replica_nodes = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.isr_nodes = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 5 {
                m.offline_replicas =
                    r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 9;
            w.i16(self.error_code);
            w.i32(self.partition_index);
            w.i32(self.leader_id);
            if v >= 7 {
                w.i32(self.leader_epoch);
            }
            w.array(flex, Some(&self.replica_nodes), |w, x| {
                w.i32(*x);
            });
            w.array(flex, Some(&self.isr_nodes), |w, x| {
                w.i32(*x);
            });
            if v >= 5 {
                w.array(flex, Some(&self.offline_replicas), |w, x| {
                    w.i32(*x);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
