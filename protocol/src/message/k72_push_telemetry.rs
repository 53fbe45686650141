//! PushTelemetry (api key 72), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::PushTelemetryRequest;
pub use response::PushTelemetryResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Uuid, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct PushTelemetryRequest {
        pub client_instance_id: Uuid,
        pub subscription_id: i32,
        pub terminating: bool,
        pub compression_type: i8,
        pub metrics: Bytes,
    }

    impl Default for PushTelemetryRequest {
        fn default() -> Self {
            Self {
                client_instance_id: Default::default(),
                subscription_id: 0,
                terminating: false,
                compression_type: 0,
                metrics: Default::default(),
            }
        }
    }

    impl Message for PushTelemetryRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.client_instance_id = r.uuid()?;
            m.subscription_id = r.i32()?;
            m.terminating = r.bool()?;
            m.compression_type = r.i8()?;
            m.metrics = r.bytes(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.client_instance_id);
            w.i32(self.subscription_id);
            w.bool(self.terminating);
            w.i8(self.compression_type);
            w.bytes(true, Some(&self.metrics));
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct PushTelemetryResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
    }

    impl Default for PushTelemetryResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0 }
        }
    }

    impl Message for PushTelemetryResponse {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.no_tags();
        }
    }
}
