//! AlterConfigs (api key 33), versions 0-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AlterConfigsRequest;
pub use response::AlterConfigsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterConfigsRequest {
        pub resources: Vec<AlterConfigsResource>,
        pub validate_only: bool,
    }

    impl Default for AlterConfigsRequest {
        fn default() -> Self {
            Self { resources: Default::default(), validate_only: false }
        }
    }

    impl Message for AlterConfigsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.resources = r
                .array(flex, 3, |r| Ok(AlterConfigsResource::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.validate_only = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.resources), |w, x| {
                x.encode(w, v);
            });
            w.bool(self.validate_only);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterConfigsResource {
        pub resource_type: i8,
        pub resource_name: Str,
        pub configs: Vec<AlterableConfig>,
    }

    impl Default for AlterConfigsResource {
        fn default() -> Self {
            Self { resource_type: 0, resource_name: Str::default(), configs: Default::default() }
        }
    }

    impl Message for AlterConfigsResource {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.configs = r
                .array(flex, 2, |r| Ok(AlterableConfig::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i8(self.resource_type);
            w.string(flex, Some(&self.resource_name));
            w.array(flex, Some(&self.configs), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterableConfig {
        pub name: Str,
        pub value: Option<Str>,
    }

    impl Default for AlterableConfig {
        fn default() -> Self {
            Self { name: Str::default(), value: Some(Str::default()) }
        }
    }

    impl Message for AlterableConfig {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.name));
            w.string(flex, self.value.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterConfigsResponse {
        pub throttle_time_ms: i32,
        pub responses: Vec<AlterConfigsResourceResponse>,
    }

    impl Default for AlterConfigsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, responses: Default::default() }
        }
    }

    impl Message for AlterConfigsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.responses = r
                .array(flex, 5, |r| Ok(AlterConfigsResourceResponse::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.responses), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterConfigsResourceResponse {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub resource_type: i8,
        pub resource_name: Str,
    }

    impl Default for AlterConfigsResourceResponse {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: Some(Str::default()),
                resource_type: 0,
                resource_name: Str::default(),
            }
        }
    }

    impl Message for AlterConfigsResourceResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.i8(self.resource_type);
            w.string(flex, Some(&self.resource_name));
            if flex {
                w.no_tags();
            }
        }
    }
}
