//! CreateDelegationToken (api key 38), versions 1-3, flexible from 2. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::CreateDelegationTokenRequest;
pub use response::CreateDelegationTokenResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreateDelegationTokenRequest {
        pub owner_principal_type: Option<Str>,
        pub owner_principal_name: Option<Str>,
        pub renewers: Vec<CreatableRenewers>,
        pub max_lifetime_ms: i64,
    }

    impl Default for CreateDelegationTokenRequest {
        fn default() -> Self {
            Self {
                owner_principal_type: Some(Str::default()),
                owner_principal_name: Some(Str::default()),
                renewers: Default::default(),
                max_lifetime_ms: 0,
            }
        }
    }

    impl Message for CreateDelegationTokenRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            if v >= 3 {
                m.owner_principal_type = r.string(flex)?;
            }
            if v >= 3 {
                m.owner_principal_name = r.string(flex)?;
            }
            m.renewers = r
                .array(flex, 2, |r| Ok(CreatableRenewers::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.max_lifetime_ms = r.i64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            if v >= 3 {
                w.string(flex, self.owner_principal_type.as_ref());
            }
            if v >= 3 {
                w.string(flex, self.owner_principal_name.as_ref());
            }
            w.array(flex, Some(&self.renewers), |w, x| {
                x.encode(w, v);
            });
            w.i64(self.max_lifetime_ms);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct CreatableRenewers {
        pub principal_type: Str,
        pub principal_name: Str,
    }

    impl Default for CreatableRenewers {
        fn default() -> Self {
            Self { principal_type: Str::default(), principal_name: Str::default() }
        }
    }

    impl Message for CreatableRenewers {
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
    pub struct CreateDelegationTokenResponse {
        pub error_code: i16,
        pub principal_type: Str,
        pub principal_name: Str,
        pub token_requester_principal_type: Str,
        pub token_requester_principal_name: Str,
        pub issue_timestamp_ms: i64,
        pub expiry_timestamp_ms: i64,
        pub max_timestamp_ms: i64,
        pub token_id: Str,
        pub hmac: Bytes,
        pub throttle_time_ms: i32,
    }

    impl Default for CreateDelegationTokenResponse {
        fn default() -> Self {
            Self {
                error_code: 0,
                principal_type: Str::default(),
                principal_name: Str::default(),
                token_requester_principal_type: Str::default(),
                token_requester_principal_name: Str::default(),
                issue_timestamp_ms: 0,
                expiry_timestamp_ms: 0,
                max_timestamp_ms: 0,
                token_id: Str::default(),
                hmac: Default::default(),
                throttle_time_ms: 0,
            }
        }
    }

    impl Message for CreateDelegationTokenResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.principal_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.principal_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 3 {
                m.token_requester_principal_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.token_requester_principal_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            m.issue_timestamp_ms = r.i64()?;
            m.expiry_timestamp_ms = r.i64()?;
            m.max_timestamp_ms = r.i64()?;
            m.token_id = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.hmac = r.bytes(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.throttle_time_ms = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.error_code);
            w.string(flex, Some(&self.principal_type));
            w.string(flex, Some(&self.principal_name));
            if v >= 3 {
                w.string(flex, Some(&self.token_requester_principal_type));
            }
            if v >= 3 {
                w.string(flex, Some(&self.token_requester_principal_name));
            }
            w.i64(self.issue_timestamp_ms);
            w.i64(self.expiry_timestamp_ms);
            w.i64(self.max_timestamp_ms);
            w.string(flex, Some(&self.token_id));
            w.bytes(flex, Some(&self.hmac));
            w.i32(self.throttle_time_ms);
            if flex {
                w.no_tags();
            }
        }
    }
}
