//! OffsetDelete (api key 47), versions 0-0, flexible from i16::MAX. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::OffsetDeleteRequest;
pub use response::OffsetDeleteResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetDeleteRequest {
        pub group_id: Str,
        pub topics: Vec<OffsetDeleteRequestTopic>,
    }

    impl Default for OffsetDeleteRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), topics: Default::default() }
        }
    }

    impl Message for OffsetDeleteRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topics = r
                .array(false, 2, |r| Ok(OffsetDeleteRequestTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(false, Some(&self.group_id));
            w.array(false, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetDeleteRequestTopic {
        pub name: Str,
        pub partitions: Vec<OffsetDeleteRequestPartition>,
    }

    impl Default for OffsetDeleteRequestTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetDeleteRequestTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(false, 4, |r| Ok(OffsetDeleteRequestPartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(false, Some(&self.name));
            w.array(false, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetDeleteRequestPartition {
        pub partition_index: i32,
    }

    impl Default for OffsetDeleteRequestPartition {
        fn default() -> Self {
            Self { partition_index: 0 }
        }
    }

    impl Message for OffsetDeleteRequestPartition {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetDeleteResponse {
        pub error_code: i16,
        pub throttle_time_ms: i32,
        pub topics: Vec<OffsetDeleteResponseTopic>,
    }

    impl Default for OffsetDeleteResponse {
        fn default() -> Self {
            Self { error_code: 0, throttle_time_ms: 0, topics: Default::default() }
        }
    }

    impl Message for OffsetDeleteResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.throttle_time_ms = r.i32()?;
            m.topics = r
                .array(false, 2, |r| Ok(OffsetDeleteResponseTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i16(self.error_code);
            w.i32(self.throttle_time_ms);
            w.array(false, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetDeleteResponseTopic {
        pub name: Str,
        pub partitions: Vec<OffsetDeleteResponsePartition>,
    }

    impl Default for OffsetDeleteResponseTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for OffsetDeleteResponseTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(false, 6, |r| Ok(OffsetDeleteResponsePartition::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(false, Some(&self.name));
            w.array(false, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OffsetDeleteResponsePartition {
        pub partition_index: i32,
        pub error_code: i16,
    }

    impl Default for OffsetDeleteResponsePartition {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0 }
        }
    }

    impl Message for OffsetDeleteResponsePartition {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
        }
    }
}
