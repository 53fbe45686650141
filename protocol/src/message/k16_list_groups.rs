//! ListGroups (api key 16), versions 0-5, flexible from 3. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ListGroupsRequest;
pub use response::ListGroupsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListGroupsRequest {
        pub states_filter: Vec<Str>,
        pub types_filter: Vec<Str>,
    }

    impl Default for ListGroupsRequest {
        fn default() -> Self {
            Self { states_filter: Default::default(), types_filter: Default::default() }
        }
    }

    impl Message for ListGroupsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 4 {
                m.states_filter = r
                    .array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 5 {
                m.types_filter = r
                    .array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 4 {
                w.array(flex, Some(&self.states_filter), |w, x| {
                    w.string(flex, Some(x));
                });
            }
            if v >= 5 {
                w.array(flex, Some(&self.types_filter), |w, x| {
                    w.string(flex, Some(x));
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListGroupsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub groups: Vec<ListedGroup>,
    }

    impl Default for ListGroupsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, groups: Default::default() }
        }
    }

    impl Message for ListGroupsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            m.error_code = r.i16()?;
            m.groups =
                r.array(flex, 2, |r| Ok(ListedGroup::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 1 {
                w.i32(self.throttle_time_ms);
            }
            w.i16(self.error_code);
            w.array(flex, Some(&self.groups), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ListedGroup {
        pub group_id: Str,
        pub protocol_type: Str,
        pub group_state: Str,
        pub group_type: Str,
    }

    impl Default for ListedGroup {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                protocol_type: Str::default(),
                group_state: Str::default(),
                group_type: Str::default(),
            }
        }
    }

    impl Message for ListedGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.protocol_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 4 {
                m.group_state = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 5 {
                m.group_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.string(flex, Some(&self.group_id));
            w.string(flex, Some(&self.protocol_type));
            if v >= 4 {
                w.string(flex, Some(&self.group_state));
            }
            if v >= 5 {
                w.string(flex, Some(&self.group_type));
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
