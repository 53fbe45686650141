//! AlterUserScramCredentials (api key 51), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AlterUserScramCredentialsRequest;
pub use response::AlterUserScramCredentialsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};
    use bytes::Bytes;

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterUserScramCredentialsRequest {
        pub deletions: Vec<ScramCredentialDeletion>,
        pub upsertions: Vec<ScramCredentialUpsertion>,
    }

    impl Default for AlterUserScramCredentialsRequest {
        fn default() -> Self {
            Self { deletions: Default::default(), upsertions: Default::default() }
        }
    }

    impl Message for AlterUserScramCredentialsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.deletions = r
                .array(true, 3, |r| Ok(ScramCredentialDeletion::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.upsertions = r
                .array(true, 9, |r| Ok(ScramCredentialUpsertion::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, Some(&self.deletions), |w, x| {
                x.encode(w, v);
            });
            w.array(true, Some(&self.upsertions), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ScramCredentialDeletion {
        pub name: Str,
        pub mechanism: i8,
    }

    impl Default for ScramCredentialDeletion {
        fn default() -> Self {
            Self { name: Str::default(), mechanism: 0 }
        }
    }

    impl Message for ScramCredentialDeletion {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.mechanism = r.i8()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.i8(self.mechanism);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ScramCredentialUpsertion {
        pub name: Str,
        pub mechanism: i8,
        pub iterations: i32,
        pub salt: Bytes,
        pub salted_password: Bytes,
    }

    impl Default for ScramCredentialUpsertion {
        fn default() -> Self {
            Self {
                name: Str::default(),
                mechanism: 0,
                iterations: 0,
                salt: Default::default(),
                salted_password: Default::default(),
            }
        }
    }

    impl Message for ScramCredentialUpsertion {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.mechanism = r.i8()?;
            m.iterations = r.i32()?;
            m.salt = r.bytes(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.salted_password = r.bytes(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.i8(self.mechanism);
            w.i32(self.iterations);
            w.bytes(true, Some(&self.salt));
            w.bytes(true, Some(&self.salted_password));
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterUserScramCredentialsResponse {
        pub throttle_time_ms: i32,
        pub results: Vec<AlterUserScramCredentialsResult>,
    }

    impl Default for AlterUserScramCredentialsResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, results: Default::default() }
        }
    }

    impl Message for AlterUserScramCredentialsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.results = r
                .array(true, 5, |r| Ok(AlterUserScramCredentialsResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.array(true, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterUserScramCredentialsResult {
        pub user: Str,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for AlterUserScramCredentialsResult {
        fn default() -> Self {
            Self { user: Str::default(), error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for AlterUserScramCredentialsResult {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.user = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.user));
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
