//! DescribeTransactions (api key 65), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeTransactionsRequest;
pub use response::DescribeTransactionsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeTransactionsRequest {
        pub transactional_ids: Vec<Str>,
    }

    impl Default for DescribeTransactionsRequest {
        fn default() -> Self {
            Self { transactional_ids: Default::default() }
        }
    }

    impl Message for DescribeTransactionsRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.transactional_ids = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.array(true, Some(&self.transactional_ids), |w, x| {
                w.string(true, Some(x));
            });
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeTransactionsResponse {
        pub throttle_time_ms: i32,
        pub transaction_states: Vec<TransactionState>,
    }

    impl Default for DescribeTransactionsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, transaction_states: Default::default() }
        }
    }

    impl Message for DescribeTransactionsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.transaction_states = r
                .array(true, 28, |r| Ok(TransactionState::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.array(true, Some(&self.transaction_states), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TransactionState {
        pub error_code: i16,
        pub transactional_id: Str,
        pub transaction_state: Str,
        pub transaction_timeout_ms: i32,
        pub transaction_start_time_ms: i64,
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub topics: Vec<TopicData>,
    }

    impl Default for TransactionState {
        fn default() -> Self {
            Self {
                error_code: 0,
                transactional_id: Str::default(),
                transaction_state: Str::default(),
                transaction_timeout_ms: 0,
                transaction_start_time_ms: 0,
                producer_id: 0,
                producer_epoch: 0,
                topics: Default::default(),
            }
        }
    }

    impl Message for TransactionState {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.transactional_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.transaction_state = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.transaction_timeout_ms = r.i32()?;
            m.transaction_start_time_ms = r.i64()?;
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i16()?;
            m.topics =
                r.array(true, 3, |r| Ok(TopicData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i16(self.error_code);
            w.string(true, Some(&self.transactional_id));
            w.string(true, Some(&self.transaction_state));
            w.i32(self.transaction_timeout_ms);
            w.i64(self.transaction_start_time_ms);
            w.i64(self.producer_id);
            w.i16(self.producer_epoch);
            w.array(true, Some(&self.topics), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TopicData {
        pub topic: Str,
        pub partitions: Vec<i32>,
    }

    impl Default for TopicData {
        fn default() -> Self {
            Self { topic: Str::default(), partitions: Default::default() }
        }
    }

    impl Message for TopicData {
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
}
