//! DescribeAcls (api key 29), versions 1-3, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeAclsRequest;
pub use response::DescribeAclsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeAclsRequest {
        pub resource_type_filter: i8,
        pub resource_name_filter: Option<Str>,
        pub pattern_type_filter: i8,
        pub principal_filter: Option<Str>,
        pub host_filter: Option<Str>,
        pub operation: i8,
        pub permission_type: i8,
    }

    impl Default for DescribeAclsRequest {
        fn default() -> Self {
            Self {
                resource_type_filter: 0,
                resource_name_filter: Some(Str::default()),
                pattern_type_filter: 3,
                principal_filter: Some(Str::default()),
                host_filter: Some(Str::default()),
                operation: 0,
                permission_type: 0,
            }
        }
    }

    impl Message for DescribeAclsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.resource_type_filter = r.i8()?;
            m.resource_name_filter = r.string(flex)?;
            m.pattern_type_filter = r.i8()?;
            m.principal_filter = r.string(flex)?;
            m.host_filter = r.string(flex)?;
            m.operation = r.i8()?;
            m.permission_type = r.i8()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i8(self.resource_type_filter);
            w.string(flex, self.resource_name_filter.as_ref());
            w.i8(self.pattern_type_filter);
            w.string(flex, self.principal_filter.as_ref());
            w.string(flex, self.host_filter.as_ref());
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
    pub struct DescribeAclsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub resources: Vec<DescribeAclsResource>,
    }

    impl Default for DescribeAclsResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                resources: Default::default(),
            }
        }
    }

    impl Message for DescribeAclsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.resources = r
                .array(flex, 4, |r| Ok(DescribeAclsResource::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.array(flex, Some(&self.resources), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeAclsResource {
        pub resource_type: i8,
        pub resource_name: Str,
        pub pattern_type: i8,
        pub acls: Vec<AclDescription>,
    }

    impl Default for DescribeAclsResource {
        fn default() -> Self {
            Self {
                resource_type: 0,
                resource_name: Str::default(),
                pattern_type: 3,
                acls: Default::default(),
            }
        }
    }

    impl Message for DescribeAclsResource {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.pattern_type = r.i8()?;
            m.acls = r
                .array(flex, 4, |r| Ok(AclDescription::decode(r, v)?))?
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
            w.i8(self.pattern_type);
            w.array(flex, Some(&self.acls), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AclDescription {
        pub principal: Str,
        pub host: Str,
        pub operation: i8,
        pub permission_type: i8,
    }

    impl Default for AclDescription {
        fn default() -> Self {
            Self { principal: Str::default(), host: Str::default(), operation: 0, permission_type: 0 }
        }
    }

    impl Message for AclDescription {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
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
