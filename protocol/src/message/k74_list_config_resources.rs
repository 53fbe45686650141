//! ListConfigResources (api key 74), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ListConfigResourcesRequest;
pub use response::ListConfigResourcesResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListConfigResourcesRequest {
        pub resource_types: Vec<i8>,
    }

    impl Default for ListConfigResourcesRequest {
        fn default() -> Self {
            Self { resource_types: Default::default() }
        }
    }

    impl Message for ListConfigResourcesRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            if v >= 1 {
                m.resource_types = r.array(true, 1, |r| Ok(r.i8()?))?.ok_or(DecodeError::NullNotAllowed)?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            if v >= 1 {
                w.array(true, Some(&self.resource_types), |w, x| {
                    w.i8(*x);
                });
            }
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListConfigResourcesResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub config_resources: Vec<ConfigResource>,
    }

    impl Default for ListConfigResourcesResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, config_resources: Default::default() }
        }
    }

    impl Message for ListConfigResourcesResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.config_resources = r
                .array(true, 2, |r| Ok(ConfigResource::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.array(true, Some(&self.config_resources), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ConfigResource {
        pub resource_name: Str,
        pub resource_type: i8,
    }

    impl Default for ConfigResource {
        fn default() -> Self {
            Self { resource_name: Str::default(), resource_type: 16 }
        }
    }

    impl Message for ConfigResource {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.resource_name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.resource_type = r.i8()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.resource_name));
            if v >= 1 {
                w.i8(self.resource_type);
            }
            w.no_tags();
        }
    }
}
