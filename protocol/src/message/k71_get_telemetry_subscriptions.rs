//! GetTelemetrySubscriptions (api key 71), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::GetTelemetrySubscriptionsRequest;
pub use response::GetTelemetrySubscriptionsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct GetTelemetrySubscriptionsRequest {
        pub client_instance_id: Uuid,
    }

    impl Default for GetTelemetrySubscriptionsRequest {
        fn default() -> Self {
            Self { client_instance_id: Default::default() }
        }
    }

    impl Message for GetTelemetrySubscriptionsRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.client_instance_id = r.uuid()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.uuid(&self.client_instance_id);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct GetTelemetrySubscriptionsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub client_instance_id: Uuid,
        pub subscription_id: i32,
        pub accepted_compression_types: Vec<i8>,
        pub push_interval_ms: i32,
        pub telemetry_max_bytes: i32,
        pub delta_temporality: bool,
        pub requested_metrics: Vec<Str>,
    }

    impl Default for GetTelemetrySubscriptionsResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                client_instance_id: Default::default(),
                subscription_id: 0,
                accepted_compression_types: Default::default(),
                push_interval_ms: 0,
                telemetry_max_bytes: 0,
                delta_temporality: false,
                requested_metrics: Default::default(),
            }
        }
    }

    impl Message for GetTelemetrySubscriptionsResponse {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.client_instance_id = r.uuid()?;
            m.subscription_id = r.i32()?;
            m.accepted_compression_types =
                r.array(true, 1, |r| Ok(r.i8()?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.push_interval_ms = r.i32()?;
            m.telemetry_max_bytes = r.i32()?;
            m.delta_temporality = r.bool()?;
            m.requested_metrics = r
                .array(true, 1, |r| Ok(r.string(true)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.uuid(&self.client_instance_id);
            w.i32(self.subscription_id);
            w.array(true, Some(&self.accepted_compression_types), |w, x| {
                w.i8(*x);
            });
            w.i32(self.push_interval_ms);
            w.i32(self.telemetry_max_bytes);
            w.bool(self.delta_temporality);
            w.array(true, Some(&self.requested_metrics), |w, x| {
                w.string(true, Some(x));
            });
            w.no_tags();
        }
    }
}
