//! LeaveGroup (api key 13), versions 0-5, flexible from 4. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::LeaveGroupRequest;
pub use response::LeaveGroupResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct LeaveGroupRequest {
        pub group_id: Str,
        pub member_id: Str,
        pub members: Vec<MemberIdentity>,
    }

    impl Default for LeaveGroupRequest {
        fn default() -> Self {
            Self { group_id: Str::default(), member_id: Str::default(), members: Default::default() }
        }
    }

    impl Message for LeaveGroupRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v <= 2 {
                m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.members = r
                    .array(flex, 1, |r| Ok(MemberIdentity::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.group_id));
            if v <= 2 {
                w.string(flex, Some(&self.member_id));
            }
            if v >= 3 {
                w.array(flex, Some(&self.members), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MemberIdentity {
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub reason: Option<Str>,
    }

    impl Default for MemberIdentity {
        fn default() -> Self {
            Self { member_id: Str::default(), group_instance_id: None, reason: None }
        }
    }

    impl Message for MemberIdentity {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 3 {
                m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.group_instance_id = r.string(flex)?;
            }
            if v >= 5 {
                m.reason = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            if v >= 3 {
                w.string(flex, Some(&self.member_id));
            }
            if v >= 3 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            if v >= 5 {
                w.string(flex, self.reason.as_ref());
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
    pub struct LeaveGroupResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub members: Vec<MemberResponse>,
    }

    impl Default for LeaveGroupResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, members: Default::default() }
        }
    }

    impl Message for LeaveGroupResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            m.error_code = r.i16()?;
            if v >= 3 {
                m.members = r
                    .array(flex, 1, |r| Ok(MemberResponse::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            if v >= 1 {
                w.i32(self.throttle_time_ms);
            }
            w.i16(self.error_code);
            if v >= 3 {
                w.array(flex, Some(&self.members), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct MemberResponse {
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub error_code: i16,
    }

    impl Default for MemberResponse {
        fn default() -> Self {
            Self { member_id: Str::default(), group_instance_id: Some(Str::default()), error_code: 0 }
        }
    }

    impl Message for MemberResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 3 {
                m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.group_instance_id = r.string(flex)?;
            }
            if v >= 3 {
                m.error_code = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            if v >= 3 {
                w.string(flex, Some(&self.member_id));
            }
            if v >= 3 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            if v >= 3 {
                w.i16(self.error_code);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
