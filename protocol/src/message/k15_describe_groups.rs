//! DescribeGroups (api key 15), versions 0-6, flexible from 5. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeGroupsRequest;
pub use response::DescribeGroupsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeGroupsRequest {
        pub groups: Vec<Str>,
        pub include_authorized_operations: bool,
    }

    impl Default for DescribeGroupsRequest {
        fn default() -> Self {
            Self { groups: Default::default(), include_authorized_operations: false }
        }
    }

    impl Message for DescribeGroupsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.groups = r
                .array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.include_authorized_operations = r.bool()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.array(flex, Some(&self.groups), |w, x| {
                w.string(flex, Some(x));
            });
            if v >= 3 {
                w.bool(self.include_authorized_operations);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeGroupsResponse {
        pub throttle_time_ms: i32,
        pub groups: Vec<DescribedGroup>,
    }

    impl Default for DescribeGroupsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, groups: Default::default() }
        }
    }

    impl Message for DescribeGroupsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            m.groups = r
                .array(flex, 7, |r| Ok(DescribedGroup::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            if v >= 1 {
                w.i32(self.throttle_time_ms);
            }
            w.array(flex, Some(&self.groups), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribedGroup {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub group_id: Str,
        pub group_state: Str,
        pub protocol_type: Str,
        pub protocol_data: Str,
        pub members: Vec<DescribedGroupMember>,
        pub authorized_operations: i32,
    }

    impl Default for DescribedGroup {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: None,
                group_id: Str::default(),
                group_state: Str::default(),
                protocol_type: Str::default(),
                protocol_data: Str::default(),
                members: Default::default(),
                authorized_operations: -2147483648,
            }
        }
    }

    impl Message for DescribedGroup {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            if v >= 6 {
                m.error_message = r.string(flex)?;
            }
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.group_state = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.protocol_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.protocol_data = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.members = r
                .array(flex, 5, |r| Ok(DescribedGroupMember::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.authorized_operations = r.i32()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.i16(self.error_code);
            if v >= 6 {
                w.string(flex, self.error_message.as_ref());
            }
            w.string(flex, Some(&self.group_id));
            w.string(flex, Some(&self.group_state));
            w.string(flex, Some(&self.protocol_type));
            w.string(flex, Some(&self.protocol_data));
            w.array(flex, Some(&self.members), |w, x| {
                x.encode(w, v);
            });
            if v >= 3 {
                w.i32(self.authorized_operations);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribedGroupMember {
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub client_id: Str,
        pub client_host: Str,
        pub member_metadata: Bytes,
        pub member_assignment: Bytes,
    }

    impl Default for DescribedGroupMember {
        fn default() -> Self {
            Self {
                member_id: Str::default(),
                group_instance_id: None,
                client_id: Str::default(),
                client_host: Str::default(),
                member_metadata: Default::default(),
                member_assignment: Default::default(),
            }
        }
    }

    impl Message for DescribedGroupMember {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 5;
            let mut m = Self::default();
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 4 {
                m.group_instance_id = r.string(flex)?;
            }
            m.client_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.client_host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_metadata = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.member_assignment = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 5;
            w.string(flex, Some(&self.member_id));
            if v >= 4 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            w.string(flex, Some(&self.client_id));
            w.string(flex, Some(&self.client_host));
            w.bytes(flex, Some(&self.member_metadata));
            w.bytes(flex, Some(&self.member_assignment));
            if flex {
                w.no_tags();
            }
        }
    }
}
