//! Heartbeat (api key 12), versions 0-4, flexible from 4. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::HeartbeatRequest;
pub use response::HeartbeatResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct HeartbeatRequest {
        pub group_id: Str,
        pub generation_id: i32,
        pub member_id: Str,
        pub group_instance_id: Option<Str>,
    }

    impl Default for HeartbeatRequest {
        fn default() -> Self {
            Self {
                group_id: Str::default(),
                generation_id: 0,
                member_id: Str::default(),
                group_instance_id: None,
            }
        }
    }

    impl Message for HeartbeatRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            m.group_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.generation_id = r.i32()?;
            m.member_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.group_instance_id = r.string(flex)?;
            }
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
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct HeartbeatResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
    }

    impl Default for HeartbeatResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0 }
        }
    }

    impl Message for HeartbeatResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 4;
            let mut m = Self::default();
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            m.error_code = r.i16()?;
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
            if flex {
                w.no_tags();
            }
        }
    }
}
