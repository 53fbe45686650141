//! RemoveRaftVoter (api key 81), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::RemoveRaftVoterRequest;
pub use response::RemoveRaftVoterResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct RemoveRaftVoterRequest {
        pub cluster_id: Option<Str>,
        pub voter_id: i32,
        pub voter_directory_id: Uuid,
    }

    impl Default for RemoveRaftVoterRequest {
        fn default() -> Self {
            Self { cluster_id: Some(Str::default()), voter_id: 0, voter_directory_id: Default::default() }
        }
    }

    impl Message for RemoveRaftVoterRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.cluster_id = r.string(true)?;
            m.voter_id = r.i32()?;
            m.voter_directory_id = r.uuid()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, self.cluster_id.as_ref());
            w.i32(self.voter_id);
            w.uuid(&self.voter_directory_id);
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct RemoveRaftVoterResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for RemoveRaftVoterResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for RemoveRaftVoterResponse {
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
