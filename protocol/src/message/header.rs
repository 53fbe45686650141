//! Request and response headers. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the coordinators and by tools that read their logs.

pub use request_header::RequestHeader;
pub use response_header::ResponseHeader;

pub mod request_header {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct RequestHeader {
        pub request_api_key: i16,
        pub request_api_version: i16,
        pub correlation_id: i32,
        pub client_id: Option<Str>,
    }

    impl Default for RequestHeader {
        fn default() -> Self {
            Self {
                request_api_key: 0,
                request_api_version: 0,
                correlation_id: 0,
                client_id: Some(Str::default()),
            }
        }
    }

    impl Message for RequestHeader {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 2;
            let mut m = Self::default();
            m.request_api_key = r.i16()?;
            m.request_api_version = r.i16()?;
            m.correlation_id = r.i32()?;
            m.client_id = r.string(false)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 2;
            w.i16(self.request_api_key);
            w.i16(self.request_api_version);
            w.i32(self.correlation_id);
            w.string(false, self.client_id.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response_header {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ResponseHeader {
        pub correlation_id: i32,
    }

    impl Default for ResponseHeader {
        fn default() -> Self {
            Self { correlation_id: 0 }
        }
    }

    impl Message for ResponseHeader {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.correlation_id = r.i32()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.i32(self.correlation_id);
            if flex {
                w.no_tags();
            }
        }
    }
}
