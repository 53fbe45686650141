//! UpdateFeatures (api key 57), versions 0-2, flexible from 0. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::UpdateFeaturesRequest;
pub use response::UpdateFeaturesResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct UpdateFeaturesRequest {
        pub timeout_ms: i32,
        pub feature_updates: Vec<FeatureUpdateKey>,
        pub validate_only: bool,
    }

    impl Default for UpdateFeaturesRequest {
        fn default() -> Self {
            Self { timeout_ms: 60000, feature_updates: Default::default(), validate_only: false }
        }
    }

    impl Message for UpdateFeaturesRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.timeout_ms = r.i32()?;
            m.feature_updates = r
                .array(true, 5, |r| Ok(FeatureUpdateKey::decode(r, v)?))?
                .ok_or(DecodeError::NullNotAllowed)?;
            if v >= 1 {
                m.validate_only = r.bool()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.timeout_ms);
            w.array(true, Some(&self.feature_updates), |w, x| {
                x.encode(w, v);
            });
            if v >= 1 {
                w.bool(self.validate_only);
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct FeatureUpdateKey {
        pub feature: Str,
        pub max_version_level: i16,
        pub allow_downgrade: bool,
        pub upgrade_type: i8,
    }

    impl Default for FeatureUpdateKey {
        fn default() -> Self {
            Self { feature: Str::default(), max_version_level: 0, allow_downgrade: false, upgrade_type: 1 }
        }
    }

    impl Message for FeatureUpdateKey {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.feature = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.max_version_level = r.i16()?;
            if v <= 0 {
                m.allow_downgrade = r.bool()?;
            }
            if v >= 1 {
                m.upgrade_type = r.i8()?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.string(true, Some(&self.feature));
            w.i16(self.max_version_level);
            if v <= 0 {
                w.bool(self.allow_downgrade);
            }
            if v >= 1 {
                w.i8(self.upgrade_type);
            }
            w.no_tags();
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct UpdateFeaturesResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub results: Vec<UpdatableFeatureResult>,
    }

    impl Default for UpdateFeaturesResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                results: Default::default(),
            }
        }
    }

    impl Message for UpdateFeaturesResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            if v <= 1 {
                m.results = r
                    .array(true, 5, |r| Ok(UpdatableFeatureResult::decode(r, v)?))?
                    .ok_or(DecodeError::NullNotAllowed)?;
            }
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            if v <= 1 {
                w.array(true, Some(&self.results), |w, x| {
                    x.encode(w, v);
                });
            }
            w.no_tags();
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct UpdatableFeatureResult {
        pub feature: Str,
        pub error_code: i16,
        pub error_message: Option<Str>,
    }

    impl Default for UpdatableFeatureResult {
        fn default() -> Self {
            Self { feature: Str::default(), error_code: 0, error_message: Some(Str::default()) }
        }
    }

    impl Message for UpdatableFeatureResult {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.feature = r.string(true)?.ok_or(DecodeError::NullNotAllowed)?;
            m.error_code = r.i16()?;
            m.error_message = r.string(true)?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(true, Some(&self.feature));
            w.i16(self.error_code);
            w.string(true, self.error_message.as_ref());
            w.no_tags();
        }
    }
}
