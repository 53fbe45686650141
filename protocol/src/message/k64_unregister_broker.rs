//! UnregisterBroker (api key 64), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::UnregisterBrokerRequest;
pub use response::UnregisterBrokerResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct UnregisterBrokerRequest {
        pub broker_id: i32,
    }

    impl Default for UnregisterBrokerRequest {
        fn default() -> Self {
            Self { broker_id: 0 }
        }
    }

    impl Message for UnregisterBrokerRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.broker_id = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.broker_id);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct UnregisterBrokerResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for UnregisterBrokerResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for UnregisterBrokerResponse {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
