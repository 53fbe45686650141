//! DescribeUserScramCredentials (api key 50), versions 0-0, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeUserScramCredentialsRequest;
pub use response::DescribeUserScramCredentialsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeUserScramCredentialsRequest {
        pub users: Option<Vec<UserName>>,
    }

    impl Default for DescribeUserScramCredentialsRequest {
        fn default() -> Self {
            Self { users: Some(Default::default()) }
        }
    }

    impl Message for DescribeUserScramCredentialsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.users = r.array(true, 2, |r| Ok(UserName::decode(r, v)?))?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.array(true, self.users.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct UserName {
        pub name: Str,
    }

    impl Default for UserName {
        fn default() -> Self {
            Self { name: Str::default() }
        }
    }

    impl Message for UserName {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.name = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.name));
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeUserScramCredentialsResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub results: Vec<DescribeUserScramCredentialsResult>,
    }

    impl Default for DescribeUserScramCredentialsResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                results: Default::default(),
            }
        }
    }

    impl Message for DescribeUserScramCredentialsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.results = r
                .array(true, 6, |r| Ok(DescribeUserScramCredentialsResult::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.array(true, Some(&self.results), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeUserScramCredentialsResult {
        pub user: Str,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub credential_infos: Vec<CredentialInfo>,
    }

    impl Default for DescribeUserScramCredentialsResult {
        fn default() -> Self {
            Self {
                user: Str::default(),
                error_code: 0,
                error_message: Some(Str::default()),
                credential_infos: Default::default(),
            }
        }
    }

    impl Message for DescribeUserScramCredentialsResult {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.user = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            m.credential_infos = r
                .array(true, 6, |r| Ok(CredentialInfo::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.user));
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.array(true, Some(&self.credential_infos), |w, x| {
                x.encode(w, v);
            });
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CredentialInfo {
        pub mechanism: i8,
        pub iterations: i32,
    }

    impl Default for CredentialInfo {
        fn default() -> Self {
            Self { mechanism: 0, iterations: 0 }
        }
    }

    impl Message for CredentialInfo {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.mechanism = r.i8()?;
            m.iterations = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i8(self.mechanism);
            w.i32(self.iterations);
            w.no_tags();
        }
    }
}
