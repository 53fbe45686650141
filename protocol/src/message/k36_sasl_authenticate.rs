//! SaslAuthenticate (api key 36), versions 0-2, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::SaslAuthenticateRequest;
pub use response::SaslAuthenticateResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct SaslAuthenticateRequest {
        pub auth_bytes: Bytes,
    }

    impl Default for SaslAuthenticateRequest {
        fn default() -> Self {
            Self { auth_bytes: Default::default() }
        }
    }

    impl Message for SaslAuthenticateRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.auth_bytes = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.bytes(flex, Some(&self.auth_bytes));
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
    pub struct SaslAuthenticateResponse {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub auth_bytes: Bytes,
        pub session_lifetime_ms: i64,
    }

    impl Default for SaslAuthenticateResponse {
        fn default() -> Self {
            Self {
                error_code: 0,
                error_message: Some(Str::default()),
                auth_bytes: Default::default(),
                session_lifetime_ms: 0,
            }
        }
    }

    impl Message for SaslAuthenticateResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.auth_bytes = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.session_lifetime_ms = r.i64()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.bytes(flex, Some(&self.auth_bytes));
            if v >= 1 {
                w.i64(self.session_lifetime_ms);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
