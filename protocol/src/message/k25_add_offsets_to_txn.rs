//! AddOffsetsToTxn (api key 25), versions 0-4, flexible from 3. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AddOffsetsToTxnRequest;
pub use response::AddOffsetsToTxnResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddOffsetsToTxnRequest {
        pub transactional_id: Str,
        pub producer_id: i64,
        pub producer_epoch: i16,
        pub group_id: Str,
    }

    impl Default for AddOffsetsToTxnRequest {
        fn default() -> Self {
            Self {
                transactional_id: Str::default(),
                producer_id: 0,
                producer_epoch: 0,
                group_id: Str::default(),
            }
        }
    }

    impl Message for AddOffsetsToTxnRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.transactional_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i16()?;
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.transactional_id));
            w.i64(self.producer_id);
            w.i16(self.producer_epoch);
            w.string(flex, Some(&self.group_id));
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddOffsetsToTxnResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
    }

    impl Default for AddOffsetsToTxnResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0 }
        }
    }

    impl Message for AddOffsetsToTxnResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
