//! ApiVersions (api key 18), versions 0-4, flexible from 3. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::ApiVersionsRequest;
pub use response::ApiVersionsResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ApiVersionsRequest {
        pub client_software_name: Str,
        pub client_software_version: Str,
    }

    impl Default for ApiVersionsRequest {
        fn default() -> Self {
            Self { client_software_name: Str::default(), client_software_version: Str::default() }
        }
    }

    impl Message for ApiVersionsRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 3 {
                m.client_software_name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.client_software_version = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 3 {
                w.string(flex, Some(&self.client_software_name));
            }
            if v >= 3 {
                w.string(flex, Some(&self.client_software_version));
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
    pub struct ApiVersionsResponse {
        pub error_code: i16,
        pub api_keys: Vec<ApiVersion>,
        pub throttle_time_ms: i32,
        pub supported_features: Vec<SupportedFeatureKey>,
        pub finalized_features_epoch: i64,
        pub finalized_features: Vec<FinalizedFeatureKey>,
        pub zk_migration_ready: bool,
    }

    impl Default for ApiVersionsResponse {
        fn default() -> Self {
            Self {
                error_code: 0,
                api_keys: Default::default(),
                throttle_time_ms: 0,
                supported_features: Default::default(),
                finalized_features_epoch: -1,
                finalized_features: Default::default(),
                zk_migration_ready: false,
            }
        }
    }

    impl Message for ApiVersionsResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.api_keys =
                r.array(flex, 6, |r| Ok(ApiVersion::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.throttle_time_ms = r.i32()?;
            }
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 3 => {
                            m.supported_features = r
                                .array(flex, 1, |r| Ok(SupportedFeatureKey::decode(r, v)?))?
                                .ok_or(DecodeError::NullNotAllowed)?
                        }
                        1 if v >= 3 => m.finalized_features_epoch = r.i64()?,
                        2 if v >= 3 => {
                            m.finalized_features = r
                                .array(flex, 1, |r| Ok(FinalizedFeatureKey::decode(r, v)?))?
                                .ok_or(DecodeError::NullNotAllowed)?
                        }
                        3 if v >= 3 => m.zk_migration_ready = r.bool()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i16(self.error_code);
            w.array(flex, Some(&self.api_keys), |w, x| {
                x.encode(w, v);
            });
            if v >= 1 {
                w.i32(self.throttle_time_ms);
            }
            if flex {
                w.uvarint(
                    0 + u32::from(v >= 3 && !self.supported_features.is_empty())
                        + u32::from(v >= 3 && self.finalized_features_epoch != -1)
                        + u32::from(v >= 3 && !self.finalized_features.is_empty())
                        + u32::from(v >= 3 && self.zk_migration_ready),
                );
                if v >= 3 && !self.supported_features.is_empty() {
                    w.tag(0, |w| {
                        w.array(flex, Some(&self.supported_features), |w, x| {
                            x.encode(w, v);
                        });
                    });
                }
                if v >= 3 && self.finalized_features_epoch != -1 {
                    w.tag(1, |w| {
                        w.i64(self.finalized_features_epoch);
                    });
                }
                if v >= 3 && !self.finalized_features.is_empty() {
                    w.tag(2, |w| {
                        w.array(flex, Some(&self.finalized_features), |w, x| {
                            x.encode(w, v);
                        });
                    });
                }
                if v >= 3 && self.zk_migration_ready {
                    w.tag(3, |w| {
                        w.bool(self.zk_migration_ready);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ApiVersion {
        pub api_key: i16,
        pub min_version: i16,
        pub max_version: i16,
    }

    impl Default for ApiVersion {
        fn default() -> Self {
            Self { api_key: 0, min_version: 0, max_version: 0 }
        }
    }

    impl Message for ApiVersion {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            m.api_key = r.i16()?;
            m.min_version = r.i16()?;
            m.max_version = r.i16()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            w.i16(self.api_key);
            w.i16(self.min_version);
            w.i16(self.max_version);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct SupportedFeatureKey {
        pub name: Str,
        pub min_version: i16,
        pub max_version: i16,
    }

    impl Default for SupportedFeatureKey {
        fn default() -> Self {
            Self { name: Str::default(), min_version: 0, max_version: 0 }
        }
    }

    impl Message for SupportedFeatureKey {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 3 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.min_version = r.i16()?;
            }
            if v >= 3 {
                m.max_version = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 3 {
                w.string(flex, Some(&self.name));
            }
            if v >= 3 {
                w.i16(self.min_version);
            }
            if v >= 3 {
                w.i16(self.max_version);
            }
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FinalizedFeatureKey {
        pub name: Str,
        pub max_version_level: i16,
        pub min_version_level: i16,
    }

    impl Default for FinalizedFeatureKey {
        fn default() -> Self {
            Self { name: Str::default(), max_version_level: 0, min_version_level: 0 }
        }
    }

    impl Message for FinalizedFeatureKey {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 3;
            let mut m = Self::default();
            if v >= 3 {
                m.name = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            }
            if v >= 3 {
                m.max_version_level = r.i16()?;
            }
            if v >= 3 {
                m.min_version_level = r.i16()?;
            }
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 3;
            if v >= 3 {
                w.string(flex, Some(&self.name));
            }
            if v >= 3 {
                w.i16(self.max_version_level);
            }
            if v >= 3 {
                w.i16(self.min_version_level);
            }
            if flex {
                w.no_tags();
            }
        }
    }
}
