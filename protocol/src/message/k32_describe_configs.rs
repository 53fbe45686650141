//! DescribeConfigs (api key 32), versions 1-4, flexible from 4. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeConfigsRequest;
pub use response::DescribeConfigsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeConfigsRequest {
        pub resources: Vec<DescribeConfigsResource>,
        pub include_synonyms: bool,
        pub include_documentation: bool,
    }

    impl Default for DescribeConfigsRequest {
        fn default() -> Self {
            Self { resources: Default::default(), include_synonyms: false, include_documentation: false }
        }
    }

    impl Message for DescribeConfigsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.resources = r
                .array(flex, 3, |r| Ok(DescribeConfigsResource::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.include_synonyms = r.bool()?;
            if v >= 3 {
                m.include_documentation = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.array(flex, Some(&self.resources), |w, x| {
                x.encode(w, v);
            });
            w.bool(self.include_synonyms);
            if v >= 3 {
                w.bool(self.include_documentation);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeConfigsResource {
        pub resource_type: i8,
        pub resource_name: Str,
        pub configuration_keys: Option<Vec<Str>>,
    }

    impl Default for DescribeConfigsResource {
        fn default() -> Self {
            Self {
                resource_type: 0,
                resource_name: Str::default(),
                configuration_keys: Some(Default::default()),
            }
        }
    }

    impl Message for DescribeConfigsResource {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.configuration_keys =
                r.array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i8(self.resource_type);
            w.string(flex, Some(&self.resource_name));
            w.array(flex, self.configuration_keys.as_deref(), |w, x| {
                w.string(flex, Some(x));
            });
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeConfigsResponse {
        pub throttle_time_ms: i32,
        pub results: Vec<DescribeConfigsResult>,
    }

    impl Default for DescribeConfigsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, results: Default::default() }
        }
    }

    impl Message for DescribeConfigsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.results = r
                .array(flex, 6, |r| Ok(DescribeConfigsResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeConfigsResult {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub resource_type: i8,
        pub resource_name: Str,
        pub configs: Vec<DescribeConfigsResourceResult>,
    }

    impl Default for DescribeConfigsResult {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: Some(Str::default()),
                resource_type: 0,
                resource_name: Str::default(),
                configs: Default::default(),
            }
        }
    }

    impl Message for DescribeConfigsResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.configs = r
                .array(flex, 6, |r| Ok(DescribeConfigsResourceResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
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
    pub struct DescribeConfigsResourceResult {
        pub name: Str,
        pub value: Option<Str>,
        pub read_only: bool,
        pub config_source: i8,
        pub is_sensitive: bool,
        pub synonyms: Vec<DescribeConfigsSynonym>,
        pub config_type: i8,
        pub documentation: Option<Str>,
    }

    impl Default for DescribeConfigsResourceResult {
        fn default() -> Self {
            Self {
                name: Str::default(),
                value: Some(Str::default()),
                read_only: false,
                config_source: -1,
                is_sensitive: false,
                synonyms: Default::default(),
                config_type: 0,
                documentation: Some(Str::default()),
            }
        }
    }

    impl Message for DescribeConfigsResourceResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.string(flex)?;
            m.read_only = r.bool()?;
            m.config_source = r.i8()?;
            m.is_sensitive = r.bool()?;
            m.synonyms = r
                .array(flex, 3, |r| Ok(DescribeConfigsSynonym::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.config_type = r.i8()?;
            }
            if v >= 3 {
                m.documentation = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.name));
            w.string(flex, self.value.as_ref());
            w.bool(self.read_only);
            w.i8(self.config_source);
            w.bool(self.is_sensitive);
            w.array(flex, Some(&self.synonyms), |w, x| {
                x.encode(w, v);
            });
            if v >= 3 {
                w.i8(self.config_type);
            }
            if v >= 3 {
                w.string(flex, self.documentation.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeConfigsSynonym {
        pub name: Str,
        pub value: Option<Str>,
        pub source: i8,
    }

    impl Default for DescribeConfigsSynonym {
        fn default() -> Self {
            Self { name: Str::default(), value: Some(Str::default()), source: 0 }
        }
    }

    impl Message for DescribeConfigsSynonym {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.string(flex)?;
            m.source = r.i8()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.name));
            w.string(flex, self.value.as_ref());
            w.i8(self.source);
            if flex {
                w.no_tags();
            }
        }
    }
}
