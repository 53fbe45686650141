//! SyncGroup (api key 14), versions 0-5, flexible from 4. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::SyncGroupRequest;
pub use response::SyncGroupResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct SyncGroupRequest {
        pub group_id: Str,
        pub generation_id: i32,
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
        pub protocol_type: Option<Str>,
        pub protocol_name: Option<Str>,
        pub assignments: Vec<SyncGroupRequestAssignment>,
    }

    impl Default for SyncGroupRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                generation_id: 0,
                member_id: Str::default(),
                group_instance_id: None,
                protocol_type: None,
                protocol_name: None,
                assignments: Default::default(),
            }
        }
    }

    impl Message for SyncGroupRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.generation_id = r.i32()?;
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.group_instance_id = r.string(flex)?;
            }
            if v >= 5 {
                m.protocol_type = r.string(flex)?;
            }
            if v >= 5 {
                m.protocol_name = r.string(flex)?;
            }
            m.assignments = r
                .array(flex, 2, |r| Ok(SyncGroupRequestAssignment::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.group_id));
            w.i32(self.generation_id);
            w.string(flex, Some(&self.member_id));
            if v >= 3 {
                w.string(flex, self.group_instance_id.as_ref());
            }
            if v >= 5 {
                w.string(flex, self.protocol_type.as_ref());
            }
            if v >= 5 {
                w.string(flex, self.protocol_name.as_ref());
            }
            w.array(flex, Some(&self.assignments), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct SyncGroupRequestAssignment {
        pub member_id: Str,
        pub assignment: Bytes,
    }

    impl Default for SyncGroupRequestAssignment {
        fn default() -> Self {
            Self { member_id: Str::default(), assignment: Default::default() }
        }
    }

    impl Message for SyncGroupRequestAssignment {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.assignment = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 4;
            w.string(flex, Some(&self.member_id));
            w.bytes(flex, Some(&self.assignment));
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
    pub struct SyncGroupResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub protocol_type: Option<Str>,
        pub protocol_name: Option<Str>,
        pub assignment: Bytes,
    }

    impl Default for SyncGroupResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                protocol_type: None,
                protocol_name: None,
                assignment: Default::default(),
            }
        }
    }

    impl Message for SyncGroupResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            m.error_code = r.i16()?;
            if v >= 5 {
                m.protocol_type = r.string(flex)?;
            }
            if v >= 5 {
                m.protocol_name = r.string(flex)?;
            }
            m.assignment = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
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
            if v >= 5 {
                w.string(flex, self.protocol_type.as_ref());
            }
            if v >= 5 {
                w.string(flex, self.protocol_name.as_ref());
            }
            w.bytes(flex, Some(&self.assignment));
            if flex {
                w.no_tags();
            }
        }
    }
}
