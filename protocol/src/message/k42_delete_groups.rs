//! DeleteGroups (api key 42), versions 0-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DeleteGroupsRequest;
pub use response::DeleteGroupsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteGroupsRequest {
        pub groups_names: Vec<Str>,
    }

    impl Default for DeleteGroupsRequest {
        fn default() -> Self {
            Self { groups_names: Default::default() }
        }
    }

    impl Message for DeleteGroupsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.groups_names = r
                .array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, Some(&self.groups_names), |w, x| {
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
    pub struct DeleteGroupsResponse {
        pub throttle_time_ms: i32,
        pub results: Vec<DeletableGroupResult>,
    }

    impl Default for DeleteGroupsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, results: Default::default() }
        }
    }

    impl Message for DeleteGroupsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.results = r
                .array(flex, 3, |r| Ok(DeletableGroupResult::decode(r, v)?))?
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
    pub struct DeletableGroupResult {
        pub group_id: Str,
        pub error_code: i16,
    }

    impl Default for DeletableGroupResult {
        fn default() -> Self {
            Self { group_id: Str::default(), error_code: 0 }
        }
    }

    impl Message for DeletableGroupResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.error_code = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.group_id));
            w.i16(self.error_code);
            if flex {
                w.no_tags();
            }
        }
    }
}
