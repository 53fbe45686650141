//! AddRaftVoter (api key 80), versions 0-1, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AddRaftVoterRequest;
pub use response::AddRaftVoterResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddRaftVoterRequest {
        pub cluster_id: Option<Str>,
        pub timeout_ms: i32,
        pub voter_id: i32,
        pub voter_directory_id: Uuid,
        pub listeners: Vec<Listener>,
        pub ack_when_committed: bool,
    }

    impl Default for AddRaftVoterRequest {
        fn default() -> Self {
            Self {
                cluster_id: Some(Str::default()),
                timeout_ms: 0,
                voter_id: 0,
                voter_directory_id: Default::default(),
                listeners: Default::default(),
                ack_when_committed: true,
            }
        }
    }

    impl Message for AddRaftVoterRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.cluster_id = r.string(true)?;
            m.timeout_ms = r.i32()?;
            m.voter_id = r.i32()?;
            m.voter_directory_id = r.uuid()?;
            m.listeners =
                r.array(true, 5, |r| Ok(Listener::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.ack_when_committed = r.bool()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, self.cluster_id.as_ref());
            w.i32(self.timeout_ms);
            w.i32(self.voter_id);
            w.uuid(&self.voter_directory_id);
            w.array(true, Some(&self.listeners), |w, x| {
                x.encode(w, v);
            });
            if v >= 1 {
                w.bool(self.ack_when_committed);
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Listener {
        pub name: Str,
        pub host: Str,
        pub port: u16,
    }

    impl Default for Listener {
        fn default() -> Self {
            Self { name: Str::default(), host: Str::default(), port: 0 }
        }
    }

    impl Message for Listener {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.port = r.u16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.string(true, Some(&self.host));
            w.u16(self.port);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AddRaftVoterResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for AddRaftVoterResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for AddRaftVoterResponse {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
