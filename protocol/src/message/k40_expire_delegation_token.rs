//! ExpireDelegationToken (api key 40), versions 1-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ExpireDelegationTokenRequest;
pub use response::ExpireDelegationTokenResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct ExpireDelegationTokenRequest {
        pub hmac: Bytes,
        pub expiry_time_period_ms: i64,
    }

    impl Default for ExpireDelegationTokenRequest {
        fn default() -> Self {
            Self { hmac: Default::default(), expiry_time_period_ms: 0 }
        }
    }

    impl Message for ExpireDelegationTokenRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.hmac = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.expiry_time_period_ms = r.i64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.bytes(flex, Some(&self.hmac));
            w.i64(self.expiry_time_period_ms);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ExpireDelegationTokenResponse {
        pub error_code: i16,
        pub expiry_timestamp_ms: i64,
        pub throttle_time_ms: i32,
    }

    impl Default for ExpireDelegationTokenResponse {
        fn default() -> Self {
            Self { error_code: 0, expiry_timestamp_ms: 0, throttle_time_ms: 0 }
        }
    }

    impl Message for ExpireDelegationTokenResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.expiry_timestamp_ms = r.i64()?;
            m.throttle_time_ms = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.i64(self.expiry_timestamp_ms);
            w.i32(self.throttle_time_ms);
            if flex {
                w.no_tags();
            }
        }
    }
}
