//! JoinGroup (api key 11), versions 0-9, flexible from 6. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::JoinGroupRequest;
pub use response::JoinGroupResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct JoinGroupRequest {
        pub group_id: Str,
        pub session_timeout_ms: i32,
        pub rebalance_timeout_ms: i32,
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub protocol_type: Str,
        pub protocols: Vec<JoinGroupRequestProtocol>,
        pub reason: Option<Str>,
    }

    impl Default for JoinGroupRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                session_timeout_ms: 0,
                rebalance_timeout_ms: -1,
                member_id: Str::default(),
                group_instance_id: None,
                protocol_type: Str::default(),
                protocols: Default::default(),
                reason: None,
            }
        }
    }

    impl Message for JoinGroupRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.session_timeout_ms = r.i32()?;
            if v >= 1 {
                m.rebalance_timeout_ms = r.i32()?;
            }
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 5 {
                m.group_instance_id = r.string(flex)?;
            }
            m.protocol_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.protocols = r
                .array(flex, 2, |r| Ok(JoinGroupRequestProtocol::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 8 {
                m.reason = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            w.string(flex, Some(&self.group_id));
            w.i32(self.session_timeout_ms);
            if v >= 1 {
                w.i32(self.rebalance_timeout_ms);
            }
            w.string(flex, Some(&self.member_id));
            if v >= 5 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            w.string(flex, Some(&self.protocol_type));
            w.array(flex, Some(&self.protocols), |w, x| {
                x.encode(w, v);
            });
            if v >= 8 {
                w.string(flex, self.reason.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct JoinGroupRequestProtocol {
        pub name: Str,
        pub metadata: Bytes,
    }

    impl Default for JoinGroupRequestProtocol {
        fn default() -> Self {
            Self { name: Str::default(), metadata: Default::default() }
        }
    }

    impl Message for JoinGroupRequestProtocol {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.metadata = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            w.string(flex, Some(&self.name));
            w.bytes(flex, Some(&self.metadata));
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
    pub struct JoinGroupResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub generation_id: i32,
        pub protocol_type: Option<Str>,
        pub protocol_name: Option<Str>,
        pub leader: Str,
        pub skip_assignment: bool,
        pub member_id: Str,
        pub members: Vec<JoinGroupResponseMember>,
    }

    impl Default for JoinGroupResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                generation_id: -1,
                protocol_type: None,
                protocol_name: Some(Str::default()),
                leader: Str::default(),
                skip_assignment: false,
                member_id: Str::default(),
                members: Default::default(),
            }
        }
    }

    impl Message for JoinGroupResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            if v >= 2 {
                m.throttle_time_ms = r.i32()?;
            }
            m.error_code = r.i16()?;
            m.generation_id = r.i32()?;
            if v >= 7 {
                m.protocol_type = r.string(flex)?;
            }
            m.protocol_name = {
                let x = r.string(flex)?;
                if x.is_none() && !(v >= 7) {
                    return Err(DecodeError::NullNotAllowed);
                }
                x
            };
            m.leader = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 9 {
                m.skip_assignment = r.bool()?;
            }
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.members = r
                .array(flex, 2, |r| Ok(JoinGroupResponseMember::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            if v >= 2 {
                w.i32(self.throttle_time_ms);
            }
            w.i16(self.error_code);
            w.i32(self.generation_id);
            if v >= 7 {
                w.string(flex, self.protocol_type.as_ref());
            }
            w.string_or_empty(flex, self.protocol_name.as_ref(), v >= 7);
            w.string(flex, Some(&self.leader));
            if v >= 9 {
                w.bool(self.skip_assignment);
            }
            w.string(flex, Some(&self.member_id));
            w.array(flex, Some(&self.members), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct JoinGroupResponseMember {
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub metadata: Bytes,
    }

    impl Default for JoinGroupResponseMember {
        fn default() -> Self {
            Self { member_id: Str::default(), group_instance_id: None, metadata: Default::default() }
        }
    }

    impl Message for JoinGroupResponseMember {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 6;
            let mut m = Self::default();
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 5 {
                m.group_instance_id = r.string(flex)?;
            }
            m.metadata = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 6;
            w.string(flex, Some(&self.member_id));
            if v >= 5 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            w.bytes(flex, Some(&self.metadata));
            if flex {
                w.no_tags();
            }
        }
    }
}
