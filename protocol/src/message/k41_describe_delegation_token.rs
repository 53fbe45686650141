//! DescribeDelegationToken (api key 41), versions 1-3, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeDelegationTokenRequest;
pub use response::DescribeDelegationTokenResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeDelegationTokenRequest {
        pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
    }

    impl Default for DescribeDelegationTokenRequest {
        fn default() -> Self {
            Self { owners: Some(Default::default()) }
        }
    }

    impl Message for DescribeDelegationTokenRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.owners = r.array(flex, 2, |r| Ok(DescribeDelegationTokenOwner::decode(r, v)?))?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.array(flex, self.owners.as_deref(), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeDelegationTokenOwner {
        pub principal_type: Str,
        pub principal_name: Str,
    }

    impl Default for DescribeDelegationTokenOwner {
        fn default() -> Self {
            Self { principal_type: Str::default(), principal_name: Str::default() }
        }
    }

    impl Message for DescribeDelegationTokenOwner {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.principal_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.principal_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.principal_type));
            w.string(flex, Some(&self.principal_name));
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
    pub struct DescribeDelegationTokenResponse {
        pub error_code: i16,
        pub tokens: Vec<DescribedDelegationToken>,
        pub throttle_time_ms: i32,
    }

    impl Default for DescribeDelegationTokenResponse {
        fn default() -> Self {
            Self { error_code: 0, tokens: Default::default(), throttle_time_ms: 0 }
        }
    }

    impl Message for DescribeDelegationTokenResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.tokens = r
                .array(flex, 29, |r| Ok(DescribedDelegationToken::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.throttle_time_ms = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.array(flex, Some(&self.tokens), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.throttle_time_ms);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribedDelegationToken {
        pub principal_type: Str,
        pub principal_name: Str,
        pub token_requester_principal_type: Str,
        pub token_requester_principal_name: Str,
        pub issue_timestamp: i64,
        pub expiry_timestamp: i64,
        pub max_timestamp: i64,
        pub token_id: Str,
        pub hmac: Bytes,
        pub renewers: Vec<DescribedDelegationTokenRenewer>,
    }

    impl Default for DescribedDelegationToken {
        fn default() -> Self {
            Self {
                principal_type: Str::default(),
                principal_name: Str::default(),
                token_requester_principal_type: Str::default(),
                token_requester_principal_name: Str::default(),
                issue_timestamp: 0,
                expiry_timestamp: 0,
                max_timestamp: 0,
                token_id: Str::default(),
                hmac: Default::default(),
                renewers: Default::default(),
            }
        }
    }

    impl Message for DescribedDelegationToken {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.principal_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.principal_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.token_requester_principal_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.token_requester_principal_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            m.issue_timestamp = r.i64()?;
            m.expiry_timestamp = r.i64()?;
            m.max_timestamp = r.i64()?;
            m.token_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.hmac = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.renewers = r
                .array(flex, 2, |r| Ok(DescribedDelegationTokenRenewer::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.principal_type));
            w.string(flex, Some(&self.principal_name));
            if v >= 3 {
                w.string(flex, Some(&self.token_requester_principal_type));
            }
            if v >= 3 {
                w.string(flex, Some(&self.token_requester_principal_name));
            }
            w.i64(self.issue_timestamp);
            w.i64(self.expiry_timestamp);
            w.i64(self.max_timestamp);
            w.string(flex, Some(&self.token_id));
            w.bytes(flex, Some(&self.hmac));
            w.array(flex, Some(&self.renewers), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribedDelegationTokenRenewer {
        pub principal_type: Str,
        pub principal_name: Str,
    }

    impl Default for DescribedDelegationTokenRenewer {
        fn default() -> Self {
            Self { principal_type: Str::default(), principal_name: Str::default() }
        }
    }

    impl Message for DescribedDelegationTokenRenewer {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.principal_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.principal_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.string(flex, Some(&self.principal_type));
            w.string(flex, Some(&self.principal_name));
            if flex {
                w.no_tags();
            }
        }
    }
}
