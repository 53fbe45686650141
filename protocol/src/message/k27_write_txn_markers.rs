//! WriteTxnMarkers (api key 27), versions 1-2, flexible from 1. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::WriteTxnMarkersRequest;
pub use response::WriteTxnMarkersResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct WriteTxnMarkersRequest {
        pub markers: Vec<WritableTxnMarker>,
    }

    impl Default for WriteTxnMarkersRequest {
        fn default() -> Self {
            Self { markers: Default::default() }
        }
    }

    impl Message for WriteTxnMarkersRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.markers = r
                .array(true, 17, |r| Ok(WritableTxnMarker::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.markers), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct WritableTxnMarker {
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub transaction_result: bool,
        pub topics: Vec<WritableTxnMarkerTopic>,
        pub coordinator_epoch: i32,
        pub transaction_version: i8,
    }

    impl Default for WritableTxnMarker {
        fn default() -> Self {
            Self {
                producer_id: 0,
                producer_epoch: 0,
                transaction_result: false,
                topics: Default::default(),
                coordinator_epoch: 0,
                transaction_version: 0,
            }
        }
    }

    impl Message for WritableTxnMarker {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i16()?;
            m.transaction_result = r.bool()?;
            m.topics = r
                .array(true, 3, |r| Ok(WritableTxnMarkerTopic::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.coordinator_epoch = r.i32()?;
            if v >= 2 {
                m.transaction_version = r.i8()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i64(self.producer_id);
            w.i16(self.producer_epoch);
            w.bool(self.transaction_result);
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.coordinator_epoch);
            if v >= 2 {
                w.i8(self.transaction_version);
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct WritableTxnMarkerTopic {
        pub name: Str,
        pub partition_indexes: Vec<i32>,
    }

    impl Default for WritableTxnMarkerTopic {
        fn default() -> Self {
            Self { name: Str::default(), partition_indexes: Default::default() }
        }
    }

    impl Message for WritableTxnMarkerTopic {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition_indexes = r.array(true, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.array(true, Some(&self.partition_indexes), |w, x| {
                w.i32(*x);
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct WriteTxnMarkersResponse {
        pub markers: Vec<WritableTxnMarkerResult>,
    }

    impl Default for WriteTxnMarkersResponse {
        fn default() -> Self {
            Self { markers: Default::default() }
        }
    }

    impl Message for WriteTxnMarkersResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.markers = r
                .array(true, 10, |r| Ok(WritableTxnMarkerResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.markers), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct WritableTxnMarkerResult {
        pub producer_id: i64,
        pub topics: Vec<WritableTxnMarkerTopicResult>,
    }

    impl Default for WritableTxnMarkerResult {
        fn default() -> Self {
            Self { producer_id: 0, topics: Default::default() }
        }
    }

    impl Message for WritableTxnMarkerResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.producer_id = r.i64()?;
            m.topics = r
                .array(true, 3, |r| Ok(WritableTxnMarkerTopicResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i64(self.producer_id);
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct WritableTxnMarkerTopicResult {
        pub name: Str,
        pub partitions: Vec<WritableTxnMarkerPartitionResult>,
    }

    impl Default for WritableTxnMarkerTopicResult {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for WritableTxnMarkerTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r
                .array(true, 7, |r| Ok(WritableTxnMarkerPartitionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.name));
            w.array(true, Some(&self.partitions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct WritableTxnMarkerPartitionResult {
        pub partition_index: i32,
        pub error_code: i16,
    }

    impl Default for WritableTxnMarkerPartitionResult {
        fn default() -> Self {
            Self { partition_index: 0, error_code: 0 }
        }
    }

    impl Message for WritableTxnMarkerPartitionResult {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.error_code = r.i16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.partition_index);
            w.i16(self.error_code);
            w.no_tags();
        }
    }
}
