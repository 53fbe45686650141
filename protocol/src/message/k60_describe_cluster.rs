//! DescribeCluster (api key 60), versions 0-2, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeClusterRequest;
pub use response::DescribeClusterResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeClusterRequest {
        pub include_cluster_authorized_operations: bool,
        pub endpoint_type: i8,
        pub include_fenced_brokers: bool,
    }

    impl Default for DescribeClusterRequest {
        fn default() -> Self {
            Self {
                include_cluster_authorized_operations: false,
                endpoint_type: 1,
                include_fenced_brokers: false,
            }
        }
    }

    impl Message for DescribeClusterRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.include_cluster_authorized_operations = r.bool()?;
            if v >= 1 {
                m.endpoint_type = r.i8()?;
            }
            if v >= 2 {
                m.include_fenced_brokers = r.bool()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.bool(self.include_cluster_authorized_operations);
            if v >= 1 {
                w.i8(self.endpoint_type);
            }
            if v >= 2 {
                w.bool(self.include_fenced_brokers);
            }
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeClusterResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub endpoint_type: i8,
        pub cluster_id: Str,
        pub controller_id: i32,
        pub brokers: Vec<DescribeClusterBroker>,
        pub cluster_authorized_operations: i32,
    }

    impl Default for DescribeClusterResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: None,
                endpoint_type: 1,
                cluster_id: Str::default(),
                controller_id: -1,
                brokers: Default::default(),
                cluster_authorized_operations: -2147483648,
            }
        }
    }

    impl Message for DescribeClusterResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            if v >= 1 {
                m.endpoint_type = r.i8()?;
            }
            m.cluster_id = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.controller_id = r.i32()?;
            m.brokers = r
                .array(true, 11, |r| Ok(DescribeClusterBroker::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            m.cluster_authorized_operations = r.i32()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            if v >= 1 {
                w.i8(self.endpoint_type);
            }
            w.string(true, Some(&self.cluster_id));
            w.i32(self.controller_id);
            w.array(true, Some(&self.brokers), |w, x| {
                x.encode(w, v);
            });
            w.i32(self.cluster_authorized_operations);
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeClusterBroker {
        pub broker_id: i32,
        pub host: Str,
        pub port: i32,
        pub rack: Option<Str>,
        pub is_fenced: bool,
    }

    impl Default for DescribeClusterBroker {
        fn default() -> Self {
            Self { broker_id: 0, host: Str::default(), port: 0, rack: None, is_fenced: false }
        }
    }

    impl Message for DescribeClusterBroker {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.broker_id = r.i32()?;
            m.host = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.port = r.i32()?;
            m.rack = r.string(true)?;
            if v >= 2 {
                m.is_fenced = r.bool()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.broker_id);
            w.string(true, Some(&self.host));
            w.i32(self.port);
            w.string(true, self.rack.as_ref());
            if v >= 2 {
                w.bool(self.is_fenced);
            }
            w.no_tags();
        }
    }
}
