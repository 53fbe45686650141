//! What clients put inside other messages: consumer protocol blobs, control records, principals. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the coordinators and by tools that read their logs.

pub use consumer_protocol_assignment::ConsumerProtocolAssignment;
pub use consumer_protocol_subscription::ConsumerProtocolSubscription;
pub use control_record_type_schema::ControlRecordTypeSchema;
pub use default_principal_data::DefaultPrincipalData;
pub use end_txn_marker::EndTxnMarker;

pub mod consumer_protocol_assignment {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerProtocolAssignment {
        pub assigned_partitions: Vec<TopicPartition>,
        pub user_data: Option<Bytes>,
    }

    impl Default for ConsumerProtocolAssignment {
        fn default() -> Self {
            Self { assigned_partitions: Default::default(), user_data: None }
        }
    }

    impl Message for ConsumerProtocolAssignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.assigned_partitions = r
                .array(false, 2, |r| Ok(TopicPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.user_data = r.bytes(false)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(false, Some(&self.assigned_partitions), |w, x| {
                x.encode(w, v);
            });
            w.bytes(false, self.user_data.as_ref());
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
            m.topic = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(false, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.topic));
            w.array(false, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
        }
    }
}

pub mod consumer_protocol_subscription {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConsumerProtocolSubscription {
        pub topics: Vec<Str>,
        pub user_data: Option<Bytes>,
        pub owned_partitions: Vec<TopicPartition>,
        pub generation_id: i32,
        pub rack_id: Option<Str>,
    }

    impl Default for ConsumerProtocolSubscription {
        fn default() -> Self {
            Self {
                topics: Default::default(),
                user_data: None,
                owned_partitions: Default::default(),
                generation_id: -1,
                rack_id: None,
            }
        }
    }

    impl Message for ConsumerProtocolSubscription {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.topics = r
                .array(false, 1, |r| Ok(r.string(false)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.user_data = r.bytes(false)?;
            if v >= 1 {
                m.owned_partitions = r
                    .array(false, 1, |r| Ok(TopicPartition::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 2 {
                m.generation_id = r.i32()?;
            }
            if v >= 3 {
                m.rack_id = r.string(false)?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(false, Some(&self.topics), |w, x| {
                w.string(false, Some(x));
            });
            w.bytes(false, self.user_data.as_ref());
            if v >= 1 {
                w.array(false, Some(&self.owned_partitions), |w, x| {
                    x.encode(w, v);
                });
            }
            if v >= 2 {
                w.i32(self.generation_id);
            }
            if v >= 3 {
                w.string(false, self.rack_id.as_ref());
            }
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
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            if v >= 1 {
                m.topic = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 1 {
                m.partitions = r.array(false, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            if v >= 1 {
                w.string(false, Some(&self.topic));
            }
            if v >= 1 {
                w.array(false, Some(&self.partitions), |w, x| {
                    w.i32(*x);
                });
            }
        }
    }
}

pub mod control_record_type_schema {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ControlRecordTypeSchema {
        pub type_: i16,
    }

    impl Default for ControlRecordTypeSchema {
        fn default() -> Self {
            Self { type_: 0 }
        }
    }

    impl Message for ControlRecordTypeSchema {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.type_ = r.i16()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i16(self.type_);
        }
    }
}

pub mod default_principal_data {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DefaultPrincipalData {
        pub type_: Str,
        pub name: Str,
        pub token_authenticated: bool,
    }

    impl Default for DefaultPrincipalData {
        fn default() -> Self {
            Self { type_: Str::default(), name: Str::default(), token_authenticated: false }
        }
    }

    impl Message for DefaultPrincipalData {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.type_ = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.token_authenticated = r.bool()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.type_));
            w.string(true, Some(&self.name));
            w.bool(self.token_authenticated);
            w.no_tags();
        }
    }
}

pub mod end_txn_marker {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct EndTxnMarker {
        pub coordinator_epoch: i32,
    }

    impl Default for EndTxnMarker {
        fn default() -> Self {
            Self { coordinator_epoch: 0 }
        }
    }

    impl Message for EndTxnMarker {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.coordinator_epoch = r.i32()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.coordinator_epoch);
        }
    }
}
