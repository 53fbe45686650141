//! AlterClientQuotas (api key 49), versions 0-1, flexible from 1. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::AlterClientQuotasRequest;
pub use response::AlterClientQuotasResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterClientQuotasRequest {
        pub entries: Vec<EntryData>,
        pub validate_only: bool,
    }

    impl Default for AlterClientQuotasRequest {
        fn default() -> Self {
            Self { entries: Default::default(), validate_only: false }
        }
    }

    impl Message for AlterClientQuotasRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.entries =
                r.array(flex, 2, |r| Ok(EntryData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.validate_only = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.array(flex, Some(&self.entries), |w, x| {
                x.encode(w, v);
            });
            w.bool(self.validate_only);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EntryData {
        pub entity: Vec<EntityData>,
        pub ops: Vec<OpData>,
    }

    impl Default for EntryData {
        fn default() -> Self {
            Self { entity: Default::default(), ops: Default::default() }
        }
    }

    impl Message for EntryData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.entity =
                r.array(flex, 2, |r| Ok(EntityData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.ops = r.array(flex, 10, |r| Ok(OpData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.array(flex, Some(&self.entity), |w, x| {
                x.encode(w, v);
            });
            w.array(flex, Some(&self.ops), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EntityData {
        pub entity_type: Str,
        pub entity_name: Option<Str>,
    }

    impl Default for EntityData {
        fn default() -> Self {
            Self { entity_type: Str::default(), entity_name: Some(Str::default()) }
        }
    }

    impl Message for EntityData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.entity_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.entity_name = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.string(flex, Some(&self.entity_type));
            w.string(flex, self.entity_name.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct OpData {
        pub key: Str,
        pub value: f64,
        pub remove: bool,
    }

    impl Default for OpData {
        fn default() -> Self {
            Self { key: Str::default(), value: 0.0, remove: false }
        }
    }

    impl Message for OpData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.key = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.f64()?;
            m.remove = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.string(flex, Some(&self.key));
            w.f64(self.value);
            w.bool(self.remove);
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct AlterClientQuotasResponse {
        pub throttle_time_ms: i32,
        pub entries: Vec<EntryData>,
    }

    impl Default for AlterClientQuotasResponse {
        fn default() -> Self {
            Self { throttle_time_ms: 0, entries: Default::default() }
        }
    }

    impl Message for AlterClientQuotasResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.entries =
                r.array(flex, 4, |r| Ok(EntryData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.i32(self.throttle_time_ms);
            w.array(flex, Some(&self.entries), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EntryData {
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub entity: Vec<EntityData>,
    }

    impl Default for EntryData {
        fn default() -> Self {
            Self { error_code: 0, error_message: Some(Str::default()), entity: Default::default() }
        }
    }

    impl Message for EntryData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.entity =
                r.array(flex, 2, |r| Ok(EntityData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.array(flex, Some(&self.entity), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EntityData {
        pub entity_type: Str,
        pub entity_name: Option<Str>,
    }

    impl Default for EntityData {
        fn default() -> Self {
            Self { entity_type: Str::default(), entity_name: Some(Str::default()) }
        }
    }

    impl Message for EntityData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.entity_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.entity_name = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.string(flex, Some(&self.entity_type));
            w.string(flex, self.entity_name.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}
