//! InitProducerId (api key 22), versions 0-6, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::InitProducerIdRequest;
pub use response::InitProducerIdResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct InitProducerIdRequest {
        pub transactional_id: Option<Str>,
        pub transaction_timeout_ms: i32,
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub enable2_pc: bool,
        pub keep_prepared_txn: bool,
    }

    impl Default for InitProducerIdRequest {
        fn default() -> Self {
            Self {
                transactional_id: Some(Str::default()),
                transaction_timeout_ms: 0,
                producer_id: -1,
                producer_epoch: -1,
                enable2_pc: false,
                keep_prepared_txn: false,
            }
        }
    }

    impl Message for InitProducerIdRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.transactional_id = r.string(flex)?;
            m.transaction_timeout_ms = r.i32()?;
            if v >= 3 {
                m.producer_id = r.i64()?;
            }
            if v >= 3 {
                m.producer_epoch = r.i16()?;
            }
            if v >= 6 {
                m.enable2_pc = r.bool()?;
            }
            if v >= 6 {
                m.keep_prepared_txn = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, self.transactional_id.as_ref());
            w.i32(self.transaction_timeout_ms);
            if v >= 3 {
                w.i64(self.producer_id);
            }
            if v >= 3 {
                w.i16(self.producer_epoch);
            }
            if v >= 6 {
                w.bool(self.enable2_pc);
            }
            if v >= 6 {
                w.bool(self.keep_prepared_txn);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct InitProducerIdResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub ongoing_txn_producer_id: i64,
        pub ongoing_txn_producer_epoch: i16,
    }

    impl Default for InitProducerIdResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                producer_id: -1,
                producer_epoch: 0,
                ongoing_txn_producer_id: -1,
                ongoing_txn_producer_epoch: -1,
            }
        }
    }

    impl Message for InitProducerIdResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i16()?;
            if v >= 6 {
                m.ongoing_txn_producer_id = r.i64()?;
            }
            if v >= 6 {
                m.ongoing_txn_producer_epoch = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.i64(self.producer_id);
            w.i16(self.producer_epoch);
            if v >= 6 {
                w.i64(self.ongoing_txn_producer_id);
            }
            if v >= 6 {
                w.i16(self.ongoing_txn_producer_epoch);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
