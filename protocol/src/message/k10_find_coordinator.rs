//! FindCoordinator (api key 10), versions 0-6, flexible from 3. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::FindCoordinatorRequest;
pub use response::FindCoordinatorResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct FindCoordinatorRequest {
        pub key: Str,
        pub key_type: i8,
        pub coordinator_keys: Vec<Str>,
    }

    impl Default for FindCoordinatorRequest {
        fn default() -> Self {
            Self { key: Str::default(), key_type: 0, coordinator_keys: Default::default() }
        }
    }

    impl Message for FindCoordinatorRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v <= 3 {
                m.key = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 1 {
                m.key_type = r.i8()?;
            }
            if v >= 4 {
                m.coordinator_keys = r
                    .array(flex, 1, |r| Ok(r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v <= 3 {
                w.string(flex, Some(&self.key));
            }
            if v >= 1 {
                w.i8(self.key_type);
            }
            if v >= 4 {
                w.array(flex, Some(&self.coordinator_keys), |w, x| {
                    w.string(flex, Some(x));
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct FindCoordinatorResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub node_id: i32,
        pub host: Str,
        pub port: i32,
        pub coordinators: Vec<Coordinator>,
    }

    impl Default for FindCoordinatorResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                node_id: 0,
                host: Str::default(),
                port: 0,
                coordinators: Default::default(),
            }
        }
    }

    impl Message for FindCoordinatorResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            if v <= 3 {
                m.error_code = r.i16()?;
            }
            if (1..=3).contains(&v) {
                m.error_message = {
                    let x = r.string(flex)?;
                    if x.is_none() && !(v <= 3) {
                        return Err(DecodeError::NullNotAllowed);
                    }
                    x
                };
            }
            if v <= 3 {
                m.node_id = r.i32()?;
            }
            if v <= 3 {
                m.host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v <= 3 {
                m.port = r.i32()?;
            }
            if v >= 4 {
                m.coordinators = r
                    .array(flex, 1, |r| Ok(Coordinator::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 1 {
                w.i32(self.throttle_time_ms);
            }
            if v <= 3 {
                w.i16(self.error_code);
            }
            if (1..=3).contains(&v) {
                w.string_or_empty(flex, self.error_message.as_ref(), v <= 3);
            }
            if v <= 3 {
                w.i32(self.node_id);
            }
            if v <= 3 {
                w.string(flex, Some(&self.host));
            }
            if v <= 3 {
                w.i32(self.port);
            }
            if v >= 4 {
                w.array(flex, Some(&self.coordinators), |w, x| {
                    x.encode(w, v);
                });
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Coordinator {
        pub key: Str,
        pub node_id: i32,
        pub host: Str,
        pub port: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for Coordinator {
        fn default() -> Self {
            Self {
                key: Str::default(),
                node_id: 0,
                host: Str::default(),
                port: 0,
                error_code: 0,
                error_message: Some(Str::default()),
            }
        }
    }

    impl Message for Coordinator {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 4 {
                m.key = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 4 {
                m.node_id = r.i32()?;
            }
            if v >= 4 {
                m.host = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 4 {
                m.port = r.i32()?;
            }
            if v >= 4 {
                m.error_code = r.i16()?;
            }
            if v >= 4 {
                m.error_message = r.string(flex)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 4 {
                w.string(flex, Some(&self.key));
            }
            if v >= 4 {
                w.i32(self.node_id);
            }
            if v >= 4 {
                w.string(flex, Some(&self.host));
            }
            if v >= 4 {
                w.i32(self.port);
            }
            if v >= 4 {
                w.i16(self.error_code);
            }
            if v >= 4 {
                w.string(flex, self.error_message.as_ref());
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
