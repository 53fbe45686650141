//! SaslHandshake (api key 17), versions 0-1, flexible from i16::MAX. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::SaslHandshakeRequest;
pub use response::SaslHandshakeResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct SaslHandshakeRequest {
        pub mechanism: Str,
    }

    impl Default for SaslHandshakeRequest {
        fn default() -> Self {
            Self { mechanism: Str::default() }
        }
    }

    impl Message for SaslHandshakeRequest {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.mechanism = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.mechanism));
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct SaslHandshakeResponse {
        pub error_code: i16,
        pub mechanisms: Vec<Str>,
    }

    impl Default for SaslHandshakeResponse {
        fn default() -> Self {
            Self { error_code: 0, mechanisms: Default::default() }
        }
    }

    impl Message for SaslHandshakeResponse {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.mechanisms = r
                .array(false, 1, |r| Ok(r.string(false)?.ok_or(DecodeError::NullNotAllowed)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i16(self.error_code);
            w.array(false, Some(&self.mechanisms), |w, x| {
                w.string(false, Some(x));
            });
        }
    }
}
