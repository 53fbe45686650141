//! DescribeClientQuotas (api key 48), versions 0-1, flexible from 1. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the handler of the same number.

pub use request::DescribeClientQuotasRequest;
pub use response::DescribeClientQuotasResponse;

pub mod request {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeClientQuotasRequest {
        pub components: Vec<ComponentData>,
        pub strict: bool,
    }

    impl Default for DescribeClientQuotasRequest {
        fn default() -> Self {
            Self { components: Default::default(), strict: false }
        }
    }

    impl Message for DescribeClientQuotasRequest {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.components =
                r.array(flex, 3, |r| Ok(ComponentData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.strict = r.bool()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.array(flex, Some(&self.components), |w, x| {
                x.encode(w, v);
            });
            w.bool(self.strict);
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct ComponentData {
        pub entity_type: Str,
        pub match_type: i8,
        pub match_: Option<Str>,
    }

    impl Default for ComponentData {
        fn default() -> Self {
            Self { entity_type: Str::default(), match_type: 0, match_: Some(Str::default()) }
        }
    }

    impl Message for ComponentData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.entity_type = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.match_type = r.i8()?;
            m.match_ = r.string(flex)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.string(flex, Some(&self.entity_type));
            w.i8(self.match_type);
            w.string(flex, self.match_.as_ref());
            if flex {
                w.no_tags();
            }
        }
    }
}

pub mod response {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct DescribeClientQuotasResponse {
        pub throttle_time_ms: i32,
        pub error_code: i16,
        pub error_message: Option<Str>,
        pub entries: Option<Vec<EntryData>>,
    }

    impl Default for DescribeClientQuotasResponse {
        fn default() -> Self {
            Self {
                throttle_time_ms: 0,
                error_code: 0,
                error_message: Some(Str::default()),
                entries: Some(Default::default()),
            }
        }
    }

    impl Message for DescribeClientQuotasResponse {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.throttle_time_ms = r.i32()?;
            m.error_code = r.i16()?;
            m.error_message = r.string(flex)?;
            m.entries = r.array(flex, 2, |r| Ok(EntryData::decode(r, v)?))?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.i32(self.throttle_time_ms);
            w.i16(self.error_code);
            w.string(flex, self.error_message.as_ref());
            w.array(flex, self.entries.as_deref(), |w, x| {
                x.encode(w, v);
            });
            if flex {
                w.no_tags();
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct EntryData {
        pub entity: Vec<EntityData>,
        pub values: Vec<ValueData>,
    }

    impl Default for EntryData {
        fn default() -> Self {
            Self { entity: Default::default(), values: Default::default() }
        }
    }

    impl Message for EntryData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.entity =
                r.array(flex, 2, |r| Ok(EntityData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            m.values =
                r.array(flex, 9, |r| Ok(ValueData::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
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
            w.array(flex, Some(&self.values), |w, x| {
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
    pub struct ValueData {
        pub key: Str,
        pub value: f64,
    }

    impl Default for ValueData {
        fn default() -> Self {
            Self { key: Str::default(), value: 0.0 }
        }
    }

    impl Message for ValueData {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.key = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.value = r.f64()?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.string(flex, Some(&self.key));
            w.f64(self.value);
            if flex {
                w.no_tags();
            }
        }
    }
}
