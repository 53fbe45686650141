//! Keys and values of `__consumer_offsets`. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the coordinators and by tools that read their logs.

pub use consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey;
pub use consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
pub use consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey;
pub use consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue;
pub use consumer_group_metadata_key::ConsumerGroupMetadataKey;
pub use consumer_group_metadata_value::ConsumerGroupMetadataValue;
pub use consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey;
pub use consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue;
pub use consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey;
pub use consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
pub use consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey;
pub use consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
pub use consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey;
pub use consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
pub use group_metadata_key::GroupMetadataKey;
pub use group_metadata_value::GroupMetadataValue;
pub use legacy_offset_commit_key::LegacyOffsetCommitKey;
pub use legacy_offset_commit_value::LegacyOffsetCommitValue;
pub use offset_commit_key::OffsetCommitKey;
pub use offset_commit_value::OffsetCommitValue;
pub use share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey;
pub use share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue;
pub use share_group_member_metadata_key::ShareGroupMemberMetadataKey;
pub use share_group_member_metadata_value::ShareGroupMemberMetadataValue;
pub use share_group_metadata_key::ShareGroupMetadataKey;
pub use share_group_metadata_value::ShareGroupMetadataValue;
pub use share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey;
pub use share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue;
pub use share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey;
pub use share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue;
pub use share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey;
pub use share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue;
pub use streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey;
pub use streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue;
pub use streams_group_member_metadata_key::StreamsGroupMemberMetadataKey;
pub use streams_group_member_metadata_value::StreamsGroupMemberMetadataValue;
pub use streams_group_metadata_key::StreamsGroupMetadataKey;
pub use streams_group_metadata_value::StreamsGroupMetadataValue;
pub use streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey;
pub use streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue;
pub use streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey;
pub use streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue;
pub use streams_group_topology_key::StreamsGroupTopologyKey;
pub use streams_group_topology_value::StreamsGroupTopologyValue;

pub mod legacy_offset_commit_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct LegacyOffsetCommitKey {
        pub group: Str,
        pub topic: Str,
        pub partition: i32,
    }

    impl Default for LegacyOffsetCommitKey {
        fn default() -> Self {
            Self { group: Str::default(), topic: Str::default(), partition: 0 }
        }
    }

    impl Message for LegacyOffsetCommitKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition = r.i32()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group));
            w.string(false, Some(&self.topic));
            w.i32(self.partition);
        }
    }
}

pub mod legacy_offset_commit_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct LegacyOffsetCommitValue {
        pub offset: i64,
        pub metadata: Str,
        pub commit_timestamp: i64,
    }

    impl Default for LegacyOffsetCommitValue {
        fn default() -> Self {
            Self { offset: 0, metadata: Str::default(), commit_timestamp: 0 }
        }
    }

    impl Message for LegacyOffsetCommitValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.offset = r.i64()?;
            m.metadata = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.commit_timestamp = r.i64()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.offset);
            w.string(false, Some(&self.metadata));
            w.i64(self.commit_timestamp);
        }
    }
}

pub mod offset_commit_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetCommitKey {
        pub group: Str,
        pub topic: Str,
        pub partition: i32,
    }

    impl Default for OffsetCommitKey {
        fn default() -> Self {
            Self { group: Str::default(), topic: Str::default(), partition: 0 }
        }
    }

    impl Message for OffsetCommitKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition = r.i32()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group));
            w.string(false, Some(&self.topic));
            w.i32(self.partition);
        }
    }
}

pub mod offset_commit_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetCommitValue {
        pub offset: i64,
        pub leader_epoch: i32,
        pub metadata: Str,
        pub commit_timestamp: i64,
        pub expire_timestamp: i64,
        pub topic_id: Uuid,
    }

    impl Default for OffsetCommitValue {
        fn default() -> Self {
            Self {
                offset: 0,
                leader_epoch: -1,
                metadata: Str::default(),
                commit_timestamp: 0,
                expire_timestamp: -1,
                topic_id: Default::default(),
            }
        }
    }

    impl Message for OffsetCommitValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.offset = r.i64()?;
            if v >= 3 {
                m.leader_epoch = r.i32()?;
            }
            m.metadata = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.commit_timestamp = r.i64()?;
            if v == 1 {
                m.expire_timestamp = r.i64()?;
            }
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 4 => m.topic_id = r.uuid()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i64(self.offset);
            if v >= 3 {
                w.i32(self.leader_epoch);
            }
            w.string(flex, Some(&self.metadata));
            w.i64(self.commit_timestamp);
            if v == 1 {
                w.i64(self.expire_timestamp);
            }
            if flex {
                w.uvarint(0 + u32::from(v >= 4 && self.topic_id != Uuid::ZERO));
                if v >= 4 && self.topic_id != Uuid::ZERO {
                    w.tag(0, |w| {
                        w.uuid(&self.topic_id);
                    });
                }
            }
        }
    }
}

pub mod group_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct GroupMetadataKey {
        pub group: Str,
    }

    impl Default for GroupMetadataKey {
        fn default() -> Self {
            Self { group: Str::default() }
        }
    }

    impl Message for GroupMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group));
        }
    }
}

pub mod group_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct GroupMetadataValue {
        pub protocol_type: Str,
        pub generation: i32,
        pub protocol: Option<Str>,
        pub leader: Option<Str>,
        pub current_state_timestamp: i64,
        pub members: Vec<MemberMetadata>,
    }

    impl Default for GroupMetadataValue {
        fn default() -> Self {
            Self {
                protocol_type: Str::default(),
                generation: 0,
                protocol: Some(Str::default()),
                leader: Some(Str::default()),
                current_state_timestamp: -1,
                members: Default::default(),
            }
        }
    }

    impl Message for GroupMetadataValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.protocol_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.generation = r.i32()?;
            m.protocol = r.string(flex)?;
            m.leader = r.string(flex)?;
            if v >= 2 {
                m.current_state_timestamp = r.i64()?;
            }
            m.members = r
                .array(flex, 9, |r| Ok(MemberMetadata::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.protocol_type));
            w.i32(self.generation);
            w.string(flex, self.protocol.as_ref());
            w.string(flex, self.leader.as_ref());
            if v >= 2 {
                w.i64(self.current_state_timestamp);
            }
            w.array(flex, Some(&self.members), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MemberMetadata {
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub client_id: Str,
        pub client_host: Str,
        pub rebalance_timeout: i32,
        pub session_timeout: i32,
        pub subscription: Bytes,
        pub assignment: Bytes,
    }

    impl Default for MemberMetadata {
        fn default() -> Self {
            Self {
                member_id: Str::default(),
                group_instance_id: None,
                client_id: Str::default(),
                client_host: Str::default(),
                rebalance_timeout: -1,
                session_timeout: 0,
                subscription: Default::default(),
                assignment: Default::default(),
            }
        }
    }

    impl Message for MemberMetadata {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.group_instance_id = r.string(flex)?;
            }
            m.client_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.rebalance_timeout = r.i32()?;
            }
            m.session_timeout = r.i32()?;
            m.subscription = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.assignment = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.member_id));
            if v >= 3 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            w.string(flex, Some(&self.client_id));
            w.string(flex, Some(&self.client_host));
            if v >= 1 {
                w.i32(self.rebalance_timeout);
            }
            w.i32(self.session_timeout);
            w.bytes(flex, Some(&self.subscription));
            w.bytes(flex, Some(&self.assignment));
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod consumer_group_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupMetadataKey {
        pub group_id: Str,
    }

    impl Default for ConsumerGroupMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for ConsumerGroupMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod consumer_group_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupMetadataValue {
        pub epoch: i32,
        pub metadata_hash: i64,
    }

    impl Default for ConsumerGroupMetadataValue {
        fn default() -> Self {
            Self { epoch: 0, metadata_hash: 0 }
        }
    }

    impl Message for ConsumerGroupMetadataValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.epoch = r.i32()?;
            r.tags(|r, tag| {
                match tag {
                    0 => m.metadata_hash = r.i64()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.epoch);
            w.uvarint(0 + u32::from(self.metadata_hash != 0));
            if self.metadata_hash != 0 {
                w.tag(0, |w| {
                    w.i64(self.metadata_hash);
                });
            }
        }
    }
}

pub mod consumer_group_partition_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupPartitionMetadataKey {
        pub group_id: Str,
    }

    impl Default for ConsumerGroupPartitionMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for ConsumerGroupPartitionMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod consumer_group_partition_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupPartitionMetadataValue {
        pub topics: Vec<TopicMetadata>,
    }

    impl Default for ConsumerGroupPartitionMetadataValue {
        fn default() -> Self {
            Self { topics: Default::default() }
        }
    }

    impl Message for ConsumerGroupPartitionMetadataValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topics = r
                .array(true, 23, |r| Ok(TopicMetadata::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicMetadata {
        pub topic_id: Uuid,
        pub topic_name: Str,
        pub num_partitions: i32,
        pub partition_metadata: Vec<PartitionMetadata>,
    }

    impl Default for TopicMetadata {
        fn default() -> Self {
            Self {
                topic_id: Default::default(),
                topic_name: Str::default(),
                num_partitions: 0,
                partition_metadata: Default::default(),
            }
        }
    }

    impl Message for TopicMetadata {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.num_partitions = r.i32()?;
            m.partition_metadata = r
                .array(true, 6, |r| Ok(PartitionMetadata::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.uuid(&self.topic_id);
            w.string(true, Some(&self.topic_name));
            w.i32(self.num_partitions);
            w.array(true, Some(&self.partition_metadata), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionMetadata {
        pub partition: i32,
        pub racks: Vec<Str>,
    }

    impl Default for PartitionMetadata {
        fn default() -> Self {
            Self { partition: 0, racks: Default::default() }
        }
    }

    impl Message for PartitionMetadata {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition = r.i32()?;
            m.racks = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition);
            w.array(true, Some(&self.racks), |w, x| {
                w.string(true, Some(x));
            });
            w.no_tags();
        }
    }
}

pub mod consumer_group_member_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupMemberMetadataKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for ConsumerGroupMemberMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for ConsumerGroupMemberMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod consumer_group_member_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupMemberMetadataValue {
        pub instance_id: Option<Str>,
        pub rack_id: Option<Str>,
        pub client_id: Str,
        pub client_host: Str,
        pub subscribed_topic_names: Vec<Str>,
        pub subscribed_topic_regex: Option<Str>,
        pub rebalance_timeout_ms: i32,
        pub server_assignor: Option<Str>,
        pub classic_member_metadata: Option<ClassicMemberMetadata>,
    }

    impl Default for ConsumerGroupMemberMetadataValue {
        fn default() -> Self {
            Self {
                instance_id: Some(Str::default()),
                rack_id: Some(Str::default()),
                client_id: Str::default(),
                client_host: Str::default(),
                subscribed_topic_names: Default::default(),
                subscribed_topic_regex: Some(Str::default()),
                rebalance_timeout_ms: -1,
                server_assignor: Some(Str::default()),
                classic_member_metadata: Some(Default::default()),
            }
        }
    }

    impl Message for ConsumerGroupMemberMetadataValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.instance_id = r.string(true)?;
            m.rack_id = r.string(true)?;
            m.client_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.subscribed_topic_names = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.subscribed_topic_regex = r.string(true)?;
            m.rebalance_timeout_ms = r.i32()?;
            m.server_assignor = r.string(true)?;
            r.tags(|r, tag| {
                match tag {
                    0 => {
                        m.classic_member_metadata =
                            if r.i8()? < 0 { None } else { Some(ClassicMemberMetadata::decode(r, v)?) }
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, self.instance_id.as_ref());
            w.string(true, self.rack_id.as_ref());
            w.string(true, Some(&self.client_id));
            w.string(true, Some(&self.client_host));
            w.array(true, Some(&self.subscribed_topic_names), |w, x| {
                w.string(true, Some(x));
            });
            w.string(true, self.subscribed_topic_regex.as_ref());
            w.i32(self.rebalance_timeout_ms);
            w.string(true, self.server_assignor.as_ref());
            w.uvarint(0 + u32::from(self.classic_member_metadata != Some(Default::default())));
            if self.classic_member_metadata != Some(Default::default()) {
                w.tag(0, |w| match &self.classic_member_metadata {
                    Some(x) => {
                        w.i8(1);
                        x.encode(w, v);
                    }
                    None => w.i8(-1),
                });
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ClassicMemberMetadata {
        pub session_timeout_ms: i32,
        pub supported_protocols: Vec<ClassicProtocol>,
    }

    impl Default for ClassicMemberMetadata {
        fn default() -> Self {
            Self { session_timeout_ms: 0, supported_protocols: Default::default() }
        }
    }

    impl Message for ClassicMemberMetadata {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.session_timeout_ms = r.i32()?;
            m.supported_protocols = r
                .array(true, 3, |r| Ok(ClassicProtocol::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.session_timeout_ms);
            w.array(true, Some(&self.supported_protocols), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ClassicProtocol {
        pub name: Str,
        pub metadata: Bytes,
    }

    impl Default for ClassicProtocol {
        fn default() -> Self {
            Self { name: Str::default(), metadata: Default::default() }
        }
    }

    impl Message for ClassicProtocol {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.metadata = r.bytes(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.bytes(true, Some(&self.metadata));
            w.no_tags();
        }
    }
}

pub mod consumer_group_target_assignment_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupTargetAssignmentMetadataKey {
        pub group_id: Str,
    }

    impl Default for ConsumerGroupTargetAssignmentMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for ConsumerGroupTargetAssignmentMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod consumer_group_target_assignment_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupTargetAssignmentMetadataValue {
        pub assignment_epoch: i32,
    }

    impl Default for ConsumerGroupTargetAssignmentMetadataValue {
        fn default() -> Self {
            Self { assignment_epoch: 0 }
        }
    }

    impl Message for ConsumerGroupTargetAssignmentMetadataValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.assignment_epoch = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.assignment_epoch);
            w.no_tags();
        }
    }
}

pub mod consumer_group_target_assignment_member_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupTargetAssignmentMemberKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for ConsumerGroupTargetAssignmentMemberKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for ConsumerGroupTargetAssignmentMemberKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod consumer_group_target_assignment_member_value {
    use crate::primitive::{DecodeError, Message, Reader, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupTargetAssignmentMemberValue {
        pub topic_partitions: Vec<TopicPartition>,
    }

    impl Default for ConsumerGroupTargetAssignmentMemberValue {
        fn default() -> Self {
            Self { topic_partitions: Default::default() }
        }
    }

    impl Message for ConsumerGroupTargetAssignmentMemberValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_partitions = r
                .array(true, 18, |r| Ok(TopicPartition::decode(r, v)?))?
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
    pub struct TopicPartition {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartition {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartition {
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

pub mod consumer_group_current_member_assignment_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupCurrentMemberAssignmentKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for ConsumerGroupCurrentMemberAssignmentKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for ConsumerGroupCurrentMemberAssignmentKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod consumer_group_current_member_assignment_value {
    use crate::primitive::{DecodeError, Message, Reader, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupCurrentMemberAssignmentValue {
        pub member_epoch: i32,
        pub previous_member_epoch: i32,
        pub state: i8,
        pub assigned_partitions: Vec<TopicPartitions>,
        pub partitions_pending_revocation: Vec<TopicPartitions>,
    }

    impl Default for ConsumerGroupCurrentMemberAssignmentValue {
        fn default() -> Self {
            Self {
                member_epoch: 0,
                previous_member_epoch: 0,
                state: 0,
                assigned_partitions: Default::default(),
                partitions_pending_revocation: Default::default(),
            }
        }
    }

    impl Message for ConsumerGroupCurrentMemberAssignmentValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.member_epoch = r.i32()?;
            m.previous_member_epoch = r.i32()?;
            m.state = r.i8()?;
            m.assigned_partitions = r
                .array(true, 18, |r| Ok(TopicPartitions::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.partitions_pending_revocation = r
                .array(true, 18, |r| Ok(TopicPartitions::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.member_epoch);
            w.i32(self.previous_member_epoch);
            w.i8(self.state);
            w.array(true, Some(&self.assigned_partitions), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.partitions_pending_revocation), |w, x| {
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

pub mod share_group_member_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupMemberMetadataKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for ShareGroupMemberMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for ShareGroupMemberMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod share_group_member_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupMemberMetadataValue {
        pub rack_id: Option<Str>,
        pub client_id: Str,
        pub client_host: Str,
        pub subscribed_topic_names: Vec<Str>,
    }

    impl Default for ShareGroupMemberMetadataValue {
        fn default() -> Self {
            Self {
                rack_id: Some(Str::default()),
                client_id: Str::default(),
                client_host: Str::default(),
                subscribed_topic_names: Default::default(),
            }
        }
    }

    impl Message for ShareGroupMemberMetadataValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.rack_id = r.string(true)?;
            m.client_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.subscribed_topic_names = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, self.rack_id.as_ref());
            w.string(true, Some(&self.client_id));
            w.string(true, Some(&self.client_host));
            w.array(true, Some(&self.subscribed_topic_names), |w, x| {
                w.string(true, Some(x));
            });
            w.no_tags();
        }
    }
}

pub mod share_group_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupMetadataKey {
        pub group_id: Str,
    }

    impl Default for ShareGroupMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for ShareGroupMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod share_group_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupMetadataValue {
        pub epoch: i32,
        pub metadata_hash: i64,
    }

    impl Default for ShareGroupMetadataValue {
        fn default() -> Self {
            Self { epoch: 0, metadata_hash: 0 }
        }
    }

    impl Message for ShareGroupMetadataValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.epoch = r.i32()?;
            m.metadata_hash = r.i64()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.epoch);
            w.i64(self.metadata_hash);
            w.no_tags();
        }
    }
}

pub mod share_group_target_assignment_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupTargetAssignmentMetadataKey {
        pub group_id: Str,
    }

    impl Default for ShareGroupTargetAssignmentMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for ShareGroupTargetAssignmentMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod share_group_target_assignment_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupTargetAssignmentMetadataValue {
        pub assignment_epoch: i32,
    }

    impl Default for ShareGroupTargetAssignmentMetadataValue {
        fn default() -> Self {
            Self { assignment_epoch: 0 }
        }
    }

    impl Message for ShareGroupTargetAssignmentMetadataValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.assignment_epoch = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.assignment_epoch);
            w.no_tags();
        }
    }
}

pub mod share_group_target_assignment_member_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupTargetAssignmentMemberKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for ShareGroupTargetAssignmentMemberKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for ShareGroupTargetAssignmentMemberKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod share_group_target_assignment_member_value {
    use crate::primitive::{DecodeError, Message, Reader, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupTargetAssignmentMemberValue {
        pub topic_partitions: Vec<TopicPartition>,
    }

    impl Default for ShareGroupTargetAssignmentMemberValue {
        fn default() -> Self {
            Self { topic_partitions: Default::default() }
        }
    }

    impl Message for ShareGroupTargetAssignmentMemberValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_partitions = r
                .array(true, 18, |r| Ok(TopicPartition::decode(r, v)?))?
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
    pub struct TopicPartition {
        pub topic_id: Uuid,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartition {
        fn default() -> Self {
            Self { topic_id: Default::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartition {
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

pub mod share_group_current_member_assignment_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupCurrentMemberAssignmentKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for ShareGroupCurrentMemberAssignmentKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for ShareGroupCurrentMemberAssignmentKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod share_group_current_member_assignment_value {
    use crate::primitive::{DecodeError, Message, Reader, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupCurrentMemberAssignmentValue {
        pub member_epoch: i32,
        pub previous_member_epoch: i32,
        pub state: i8,
        pub assigned_partitions: Vec<TopicPartitions>,
    }

    impl Default for ShareGroupCurrentMemberAssignmentValue {
        fn default() -> Self {
            Self {
                member_epoch: 0,
                previous_member_epoch: 0,
                state: 0,
                assigned_partitions: Default::default(),
            }
        }
    }

    impl Message for ShareGroupCurrentMemberAssignmentValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.member_epoch = r.i32()?;
            m.previous_member_epoch = r.i32()?;
            m.state = r.i8()?;
            m.assigned_partitions = r
                .array(true, 18, |r| Ok(TopicPartitions::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.member_epoch);
            w.i32(self.previous_member_epoch);
            w.i8(self.state);
            w.array(true, Some(&self.assigned_partitions), |w, x| {
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

pub mod share_group_state_partition_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupStatePartitionMetadataKey {
        pub group_id: Str,
    }

    impl Default for ShareGroupStatePartitionMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for ShareGroupStatePartitionMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod share_group_state_partition_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareGroupStatePartitionMetadataValue {
        pub initializing_topics: Vec<TopicPartitionsInfo>,
        pub initialized_topics: Vec<TopicPartitionsInfo>,
        pub deleting_topics: Vec<TopicInfo>,
    }

    impl Default for ShareGroupStatePartitionMetadataValue {
        fn default() -> Self {
            Self {
                initializing_topics: Default::default(),
                initialized_topics: Default::default(),
                deleting_topics: Default::default(),
            }
        }
    }

    impl Message for ShareGroupStatePartitionMetadataValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.initializing_topics = r
                .array(true, 19, |r| Ok(TopicPartitionsInfo::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.initialized_topics = r
                .array(true, 19, |r| Ok(TopicPartitionsInfo::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.deleting_topics =
                r.array(true, 18, |r| Ok(TopicInfo::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.initializing_topics), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.initialized_topics), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.deleting_topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicPartitionsInfo {
        pub topic_id: Uuid,
        pub topic_name: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicPartitionsInfo {
        fn default() -> Self {
            Self { topic_id: Default::default(), topic_name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicPartitionsInfo {
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
    pub struct TopicInfo {
        pub topic_id: Uuid,
        pub topic_name: Str,
    }

    impl Default for TopicInfo {
        fn default() -> Self {
            Self { topic_id: Default::default(), topic_name: Str::default() }
        }
    }

    impl Message for TopicInfo {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topic_id = r.uuid()?;
            m.topic_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.topic_id);
            w.string(true, Some(&self.topic_name));
            w.no_tags();
        }
    }
}

pub mod consumer_group_regular_expression_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupRegularExpressionKey {
        pub group_id: Str,
        pub regular_expression: Str,
    }

    impl Default for ConsumerGroupRegularExpressionKey {
        fn default() -> Self {
            Self { group_id: Str::default(), regular_expression: Str::default() }
        }
    }

    impl Message for ConsumerGroupRegularExpressionKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.regular_expression = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.regular_expression));
        }
    }
}

pub mod consumer_group_regular_expression_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerGroupRegularExpressionValue {
        pub topics: Vec<Str>,
        pub version: i64,
        pub timestamp: i64,
    }

    impl Default for ConsumerGroupRegularExpressionValue {
        fn default() -> Self {
            Self { topics: Default::default(), version: 0, timestamp: 0 }
        }
    }

    impl Message for ConsumerGroupRegularExpressionValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topics = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.version = r.i64()?;
            m.timestamp = r.i64()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.array(true, Some(&self.topics), |w, x| {
                w.string(true, Some(x));
            });
            w.i64(self.version);
            w.i64(self.timestamp);
            w.no_tags();
        }
    }
}

pub mod streams_group_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupMetadataKey {
        pub group_id: Str,
    }

    impl Default for StreamsGroupMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for StreamsGroupMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod streams_group_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupMetadataValue {
        pub epoch: i32,
        pub metadata_hash: i64,
        pub validated_topology_epoch: i32,
        pub last_assignment_configs: Option<Vec<LastAssignmentConfig>>,
    }

    impl Default for StreamsGroupMetadataValue {
        fn default() -> Self {
            Self {
                epoch: 0,
                metadata_hash: 0,
                validated_topology_epoch: -1,
                last_assignment_configs: Some(Default::default()),
            }
        }
    }

    impl Message for StreamsGroupMetadataValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.epoch = r.i32()?;
            m.metadata_hash = r.i64()?;
            r.tags(|r, tag| {
                match tag {
                    0 => m.validated_topology_epoch = r.i32()?,
                    1 => {
                        m.last_assignment_configs =
                            r.array(true, 3, |r| Ok(LastAssignmentConfig::decode(r, v)?))?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.epoch);
            w.i64(self.metadata_hash);
            w.uvarint(
                0 + u32::from(self.validated_topology_epoch != -1)
                    + u32::from(self.last_assignment_configs != Some(Default::default())),
            );
            if self.validated_topology_epoch != -1 {
                w.tag(0, |w| {
                    w.i32(self.validated_topology_epoch);
                });
            }
            if self.last_assignment_configs != Some(Default::default()) {
                w.tag(1, |w| {
                    w.array(true, self.last_assignment_configs.as_deref(), |w, x| {
                        x.encode(w, v);
                    });
                });
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct LastAssignmentConfig {
        pub key: Str,
        pub value: Str,
    }

    impl Default for LastAssignmentConfig {
        fn default() -> Self {
            Self { key: Str::default(), value: Str::default() }
        }
    }

    impl Message for LastAssignmentConfig {
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
}

pub mod streams_group_member_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupMemberMetadataKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for StreamsGroupMemberMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for StreamsGroupMemberMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod streams_group_member_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupMemberMetadataValue {
        pub instance_id: Option<Str>,
        pub rack_id: Option<Str>,
        pub client_id: Str,
        pub client_host: Str,
        pub rebalance_timeout_ms: i32,
        pub topology_epoch: i32,
        pub process_id: Str,
        pub user_endpoint: Option<Endpoint>,
        pub client_tags: Vec<KeyValue>,
    }

    impl Default for StreamsGroupMemberMetadataValue {
        fn default() -> Self {
            Self {
                instance_id: Some(Str::default()),
                rack_id: Some(Str::default()),
                client_id: Str::default(),
                client_host: Str::default(),
                rebalance_timeout_ms: -1,
                topology_epoch: 0,
                process_id: Str::default(),
                user_endpoint: None,
                client_tags: Default::default(),
            }
        }
    }

    impl Message for StreamsGroupMemberMetadataValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.instance_id = r.string(true)?;
            m.rack_id = r.string(true)?;
            m.client_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.rebalance_timeout_ms = r.i32()?;
            m.topology_epoch = r.i32()?;
            m.process_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.user_endpoint = if r.i8()? < 0 { None } else { Some(Endpoint::decode(r, v)?) };
            m.client_tags =
                r.array(true, 3, |r| Ok(KeyValue::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, self.instance_id.as_ref());
            w.string(true, self.rack_id.as_ref());
            w.string(true, Some(&self.client_id));
            w.string(true, Some(&self.client_host));
            w.i32(self.rebalance_timeout_ms);
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
}

pub mod streams_group_target_assignment_metadata_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupTargetAssignmentMetadataKey {
        pub group_id: Str,
    }

    impl Default for StreamsGroupTargetAssignmentMetadataKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for StreamsGroupTargetAssignmentMetadataKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod streams_group_target_assignment_metadata_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupTargetAssignmentMetadataValue {
        pub assignment_epoch: i32,
    }

    impl Default for StreamsGroupTargetAssignmentMetadataValue {
        fn default() -> Self {
            Self { assignment_epoch: 0 }
        }
    }

    impl Message for StreamsGroupTargetAssignmentMetadataValue {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.assignment_epoch = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.assignment_epoch);
            w.no_tags();
        }
    }
}

pub mod streams_group_target_assignment_member_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupTargetAssignmentMemberKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for StreamsGroupTargetAssignmentMemberKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for StreamsGroupTargetAssignmentMemberKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod streams_group_target_assignment_member_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupTargetAssignmentMemberValue {
        pub active_tasks: Vec<TaskIds>,
        pub standby_tasks: Vec<TaskIds>,
        pub warmup_tasks: Vec<TaskIds>,
    }

    impl Default for StreamsGroupTargetAssignmentMemberValue {
        fn default() -> Self {
            Self {
                active_tasks: Default::default(),
                standby_tasks: Default::default(),
                warmup_tasks: Default::default(),
            }
        }
    }

    impl Message for StreamsGroupTargetAssignmentMemberValue {
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
}

pub mod streams_group_current_member_assignment_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupCurrentMemberAssignmentKey {
        pub group_id: Str,
        pub member_id: Str,
    }

    impl Default for StreamsGroupCurrentMemberAssignmentKey {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default() }
        }
    }

    impl Message for StreamsGroupCurrentMemberAssignmentKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.string(false, Some(&self.member_id));
        }
    }
}

pub mod streams_group_current_member_assignment_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupCurrentMemberAssignmentValue {
        pub member_epoch: i32,
        pub previous_member_epoch: i32,
        pub state: i8,
        pub active_tasks: Vec<TaskIds>,
        pub standby_tasks: Vec<TaskIds>,
        pub warmup_tasks: Vec<TaskIds>,
        pub active_tasks_pending_revocation: Vec<TaskIds>,
        pub standby_tasks_pending_revocation: Vec<TaskIds>,
        pub warmup_tasks_pending_revocation: Vec<TaskIds>,
    }

    impl Default for StreamsGroupCurrentMemberAssignmentValue {
        fn default() -> Self {
            Self {
                member_epoch: 0,
                previous_member_epoch: 0,
                state: 0,
                active_tasks: Default::default(),
                standby_tasks: Default::default(),
                warmup_tasks: Default::default(),
                active_tasks_pending_revocation: Default::default(),
                standby_tasks_pending_revocation: Default::default(),
                warmup_tasks_pending_revocation: Default::default(),
            }
        }
    }

    impl Message for StreamsGroupCurrentMemberAssignmentValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.member_epoch = r.i32()?;
            m.previous_member_epoch = r.i32()?;
            m.state = r.i8()?;
            m.active_tasks =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.standby_tasks =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.warmup_tasks =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.active_tasks_pending_revocation =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.standby_tasks_pending_revocation =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.warmup_tasks_pending_revocation =
                r.array(true, 3, |r| Ok(TaskIds::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.member_epoch);
            w.i32(self.previous_member_epoch);
            w.i8(self.state);
            w.array(true, Some(&self.active_tasks), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.standby_tasks), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.warmup_tasks), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.active_tasks_pending_revocation), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.standby_tasks_pending_revocation), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.warmup_tasks_pending_revocation), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TaskIds {
        pub subtopology_id: Str,
        pub partitions: Vec<i32>,
        pub assignment_epochs: Option<Vec<i32>>,
    }

    impl Default for TaskIds {
        fn default() -> Self {
            Self {
                subtopology_id: Str::default(),
                partitions: Default::default(),
                assignment_epochs: Some(Default::default()),
            }
        }
    }

    impl Message for TaskIds {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.subtopology_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.tags(|r, tag| {
                match tag {
                    0 => m.assignment_epochs = r.array(true, 4, |r| Ok(r.i32()?))?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.subtopology_id));
            w.array(true, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            w.uvarint(0 + u32::from(self.assignment_epochs != Some(Default::default())));
            if self.assignment_epochs != Some(Default::default()) {
                w.tag(0, |w| {
                    w.array(true, self.assignment_epochs.as_deref(), |w, x| {
                        w.i32(*x);
                    });
                });
            }
        }
    }
}

pub mod streams_group_topology_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupTopologyKey {
        pub group_id: Str,
    }

    impl Default for StreamsGroupTopologyKey {
        fn default() -> Self {
            Self { group_id: Str::default() }
        }
    }

    impl Message for StreamsGroupTopologyKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
        }
    }
}

pub mod streams_group_topology_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct StreamsGroupTopologyValue {
        pub epoch: i32,
        pub subtopologies: Vec<Subtopology>,
    }

    impl Default for StreamsGroupTopologyValue {
        fn default() -> Self {
            Self { epoch: 0, subtopologies: Default::default() }
        }
    }

    impl Message for StreamsGroupTopologyValue {
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
    pub struct TopicConfig {
        pub key: Str,
        pub value: Str,
    }

    impl Default for TopicConfig {
        fn default() -> Self {
            Self { key: Str::default(), value: Str::default() }
        }
    }

    impl Message for TopicConfig {
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
        pub topic_configs: Vec<TopicConfig>,
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
                r.array(true, 3, |r| Ok(TopicConfig::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
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
