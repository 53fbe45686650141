//! CreateAcls (api key 30), versions 1-3, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::CreateAclsRequest;
pub use response::CreateAclsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateAclsRequest {
        pub creations: Vec<AclCreation>,
    }

    impl Default for CreateAclsRequest {
        fn default() -> Self {
            Self { creations: Default::default() }
        }
    }

    impl Message for CreateAclsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.creations =
                r.array(flex, 7, |r| Ok(AclCreation::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.creations), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AclCreation {
        pub resource_type: i8,
        pub resource_name: Str,
        pub resource_pattern_type: i8,
        pub principal: Str,
        pub host: Str,
        pub operation: i8,
        pub permission_type: i8,
    }

    impl Default for AclCreation {
        fn default() -> Self {
            Self {
                resource_type: 0,
                resource_name: Str::default(),
                resource_pattern_type: 3,
                principal: Str::default(),
                host: Str::default(),
                operation: 0,
                permission_type: 0,
            }
        }
    }

    impl Message for AclCreation {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.resource_pattern_type = r.i8()?;
            m.principal = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.operation = r.i8()?;
            m.permission_type = r.i8()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i8(self.resource_type);
            w.string(flex, Some(&self.resource_name));
            w.i8(self.resource_pattern_type);
            w.string(flex, Some(&self.principal));
            w.string(flex, Some(&self.host));
            w.i8(self.operation);
            w.i8(self.permission_type);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateAclsResponse {
        pub throttle_time_ms: i32,
        pub results: Vec<AclCreationResult>,
    }

    impl Default for CreateAclsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, results: Default::default() }
        }
    }

    impl Message for CreateAclsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.results = r
                .array(flex, 3, |r| Ok(AclCreationResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
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
    pub struct AclCreationResult {
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for AclCreationResult {
        fn default() -> Self {
            Self { error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for AclCreationResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}
