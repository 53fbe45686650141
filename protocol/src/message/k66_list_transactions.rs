//! ListTransactions (api key 66), versions 0-2, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ListTransactionsRequest;
pub use response::ListTransactionsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListTransactionsRequest {
        pub state_filters: Vec<Str>,
        pub producer_id_filters: Vec<i64>,
        pub duration_filter: i64,
        pub transactional_id_pattern: Option<Str>,
    }

    impl Default for ListTransactionsRequest {
        fn default() -> Self {
            Self {
                state_filters: Default::default(),
                producer_id_filters: Default::default(),
                duration_filter: -1,
                transactional_id_pattern: None,
            }
        }
    }

    impl Message for ListTransactionsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.state_filters = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.producer_id_filters = r.array(true, 8, |r| Ok(r.i64()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.duration_filter = r.i64()?;
            }
            if v >= 2 {
                m.transactional_id_pattern = r.string(true)?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.state_filters), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.producer_id_filters), |w, x| {
                w.i64(*x);
            });
            if v >= 1 {
                w.i64(self.duration_filter);
            }
            if v >= 2 {
                w.string(true, self.transactional_id_pattern.as_ref());
            }
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListTransactionsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub unknown_state_filters: Vec<Str>,
        pub transaction_states: Vec<TransactionState>,
    }

    impl Default for ListTransactionsResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                unknown_state_filters: Default::default(),
                transaction_states: Default::default(),
            }
        }
    }

    impl Message for ListTransactionsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.unknown_state_filters = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.transaction_states = r
                .array(true, 11, |r| Ok(TransactionState::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.array(true, Some(&self.unknown_state_filters), |w, x| {
                w.string(true, Some(x));
            });
            w.array(true, Some(&self.transaction_states), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct TransactionState {
        pub transactional_id: Str,
        pub producer_id: i64,
        pub transaction_state: Str,
    }

    impl Default for TransactionState {
        fn default() -> Self {
            Self { transactional_id: Str::default(), producer_id: 0, transaction_state: Str::default() }
        }
    }

    impl Message for TransactionState {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.transactional_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.producer_id = r.i64()?;
            m.transaction_state = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.transactional_id));
            w.i64(self.producer_id);
            w.string(true, Some(&self.transaction_state));
            w.no_tags();
        }
    }
}
