//! AddPartitionsToTxn (api key 24), versions 0-5, flexible from 3. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AddPartitionsToTxnRequest;
pub use response::AddPartitionsToTxnResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnRequest {
        pub transactions: Vec<AddPartitionsToTxnTransaction>,
        pub v3_and_below_transactional_id: Str,
        pub v3_and_below_producer_id: i64,
        pub v3_and_below_producer_epoch: i16,
        pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
    }

    impl Default for AddPartitionsToTxnRequest {
        fn default() -> Self {
            Self {
                transactions: Default::default(),
                v3_and_below_transactional_id: Str::default(),
                v3_and_below_producer_id: 0,
                v3_and_below_producer_epoch: 0,
                v3_and_below_topics: Default::default(),
            }
        }
    }

    impl Message for AddPartitionsToTxnRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 4 {
                m.transactions = r
                    .array(flex, 1, |r| Ok(AddPartitionsToTxnTransaction::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 3 {
                m.v3_and_below_transactional_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 3 {
                m.v3_and_below_producer_id = r.i64()?;
            }
            if v <= 3 {
                m.v3_and_below_producer_epoch = r.i16()?;
            }
            if v <= 3 {
                m.v3_and_below_topics = r
                    .array(flex, 2, |r| Ok(AddPartitionsToTxnTopic::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 4 {
                w.array(flex, Some(&self.transactions), |w, x| {
                    x.encode(w, v);
                });
            }
            if v <= 3 {
                w.string(flex, Some(&self.v3_and_below_transactional_id));
            }
            if v <= 3 {
                w.i64(self.v3_and_below_producer_id);
            }
            if v <= 3 {
                w.i16(self.v3_and_below_producer_epoch);
            }
            if v <= 3 {
                w.array(flex, Some(&self.v3_and_below_topics), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnTransaction {
        pub transactional_id: Str,
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub verify_only: bool,
        pub topics: Vec<AddPartitionsToTxnTopic>,
    }

    impl Default for AddPartitionsToTxnTransaction {
        fn default() -> Self {
            Self {
                transactional_id: Str::default(),
                producer_id: 0,
                producer_epoch: 0,
                verify_only: false,
                topics: Default::default(),
            }
        }
    }

    impl Message for AddPartitionsToTxnTransaction {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 4 {
                m.transactional_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 4 {
                m.producer_id = r.i64()?;
            }
            if v >= 4 {
                m.producer_epoch = r.i16()?;
            }
            if v >= 4 {
                m.verify_only = r.bool()?;
            }
            if v >= 4 {
                m.topics = r
                    .array(flex, 2, |r| Ok(AddPartitionsToTxnTopic::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 4 {
                w.string(flex, Some(&self.transactional_id));
            }
            if v >= 4 {
                w.i64(self.producer_id);
            }
            if v >= 4 {
                w.i16(self.producer_epoch);
            }
            if v >= 4 {
                w.bool(self.verify_only);
            }
            if v >= 4 {
                w.array(flex, Some(&self.topics), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnTopic {
        pub name: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for AddPartitionsToTxnTopic {
        fn default() -> Self {
            Self { name: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for AddPartitionsToTxnTopic {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partitions = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.name));
            w.array(flex, Some(&self.partitions), |w, x| {
                w.i32(*x);
            });
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
        pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
    }

    impl Default for AddPartitionsToTxnResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                results_by_transaction: Default::default(),
                results_by_topic_v3_and_below: Default::default(),
            }
        }
    }

    impl Message for AddPartitionsToTxnResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            if v >= 4 {
                m.error_code = r.i16()?;
            }
            if v >= 4 {
                m.results_by_transaction = r
                    .array(flex, 1, |r| Ok(AddPartitionsToTxnResult::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 3 {
                m.results_by_topic_v3_and_below = r
                    .array(flex, 2, |r| Ok(AddPartitionsToTxnTopicResult::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i32(self.throttle_time_ms);
            if v >= 4 {
                w.i16(self.error_code);
            }
            if v >= 4 {
                w.array(flex, Some(&self.results_by_transaction), |w, x| {
                    x.encode(w, v);
                });
            }
            if v <= 3 {
                w.array(flex, Some(&self.results_by_topic_v3_and_below), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnResult {
        pub transactional_id: Str,
        pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
    }

    impl Default for AddPartitionsToTxnResult {
        fn default() -> Self {
            Self { transactional_id: Str::default(), topic_results: Default::default() }
        }
    }

    impl Message for AddPartitionsToTxnResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 4 {
                m.transactional_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 4 {
                m.topic_results = r
                    .array(flex, 2, |r| Ok(AddPartitionsToTxnTopicResult::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 4 {
                w.string(flex, Some(&self.transactional_id));
            }
            if v >= 4 {
                w.array(flex, Some(&self.topic_results), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnTopicResult {
        pub name: Str,
        pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
    }

    impl Default for AddPartitionsToTxnTopicResult {
        fn default() -> Self {
            Self { name: Str::default(), results_by_partition: Default::default() }
        }
    }

    impl Message for AddPartitionsToTxnTopicResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.results_by_partition = r
                .array(flex, 6, |r| Ok(AddPartitionsToTxnPartitionResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.name));
            w.array(flex, Some(&self.results_by_partition), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddPartitionsToTxnPartitionResult {
        pub partition_index: i32,
        pub partition_error_code: i16,
    }

    impl Default for AddPartitionsToTxnPartitionResult {
        fn default() -> Self {
            Self { partition_index: 0, partition_error_code: 0 }
        }
    }

    impl Message for AddPartitionsToTxnPartitionResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.partition_index = r.i32()?;
            m.partition_error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i32(self.partition_index);
            w.i16(self.partition_error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
