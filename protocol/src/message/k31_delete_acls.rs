//! DeleteAcls (api key 31), versions 1-3, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DeleteAclsRequest;
pub use response::DeleteAclsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteAclsRequest {
        pub filters: Vec<DeleteAclsFilter>,
    }

    impl Default for DeleteAclsRequest {
        fn default() -> Self {
            Self { filters: Default::default() }
        }
    }

    impl Message for DeleteAclsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.filters = r
                .array(flex, 7, |r| Ok(DeleteAclsFilter::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.filters), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteAclsFilter {
        pub resource_type_filter: i8,
        pub resource_name_filter: Option<Str>,
        pub pattern_type_filter: i8,
        pub principal_filter: Option<Str>,
        pub host_filter: Option<Str>,
        pub operation: i8,
        pub permission_type: i8,
    }

    impl Default for DeleteAclsFilter {
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

    impl Message for DeleteAclsFilter {
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
    pub struct DeleteAclsResponse {
        pub throttle_time_ms: i32,
        pub filter_results: Vec<DeleteAclsFilterResult>,
    }

    impl Default for DeleteAclsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, filter_results: Default::default() }
        }
    }

    impl Message for DeleteAclsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.filter_results = r
                .array(flex, 4, |r| Ok(DeleteAclsFilterResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.filter_results), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteAclsFilterResult {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub matching_acls: Vec<DeleteAclsMatchingAcl>,
    }

    impl Default for DeleteAclsFilterResult {
        fn default() -> Self {
            Self { error_code: 0, error_message: Some(Str::default()), matching_acls: Default::default() }
        }
    }

    impl Message for DeleteAclsFilterResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.matching_acls = r
                .array(flex, 10, |r| Ok(DeleteAclsMatchingAcl::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.array(flex, Some(&self.matching_acls), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteAclsMatchingAcl {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub resource_type: i8,
        pub resource_name: Str,
        pub pattern_type: i8,
        pub principal: Str,
        pub host: Str,
        pub operation: i8,
        pub permission_type: i8,
    }

    impl Default for DeleteAclsMatchingAcl {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: Some(Str::default()),
                resource_type: 0,
                resource_name: Str::default(),
                pattern_type: 3,
                principal: Str::default(),
                host: Str::default(),
                operation: 0,
                permission_type: 0,
            }
        }
    }

    impl Message for DeleteAclsMatchingAcl {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.resource_type = r.i8()?;
            m.resource_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.pattern_type = r.i8()?;
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
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.i8(self.resource_type);
            w.string(flex, Some(&self.resource_name));
            w.i8(self.pattern_type);
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
